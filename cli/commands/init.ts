import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { InputError, type Problem } from "../../base/problem";
import { prove } from "../../containment/prove";
import { platformProblem } from "../../contract/platformStack";
import { POLICY_CONFIGURATION, stackFileText, withMatrixEntry } from "../../plan/newStack";
import { planOfFiles, type StackFile, textOf, writeAll } from "../../plan/newStackFiles";
import { stackOutputsFile } from "../../plan/offline";
import { SECRET } from "../../plan/registrations";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { readProjectFile } from "../../plan/projectFile";
import { initReport, type Made } from "../initReport";
import { EXIT, answer } from "../output";
import { type Ask, asked, atTerminal } from "./initAsk";
import { draft, type OtherStack } from "./initDraft";
import { type Answers, optionOf, type Question, QUESTIONS } from "./initQuestions";

/** The options that are no question's. */
export interface InitOptions {
    /** What `pulumi stack output --json` wrote of the stack that owns the platform. */
    readonly platformOutputs?: string;
    /** Full name of that stack. */
    readonly platformStack?: string;
    readonly dryRun?: boolean;
    readonly json?: boolean;
}

const WORKFLOW = path.join(".github", "workflows", "deploy.yaml");

/**
 * Writes the files of a new stack, or none of them, and tells what it will be and what is still missing.
 *
 * @param ask Asks for what no option says. Default: the person at the terminal, if there is one.
 */
export async function init(
    stack: string,
    options: InitOptions & Answers,
    ask: Ask | undefined = atTerminal(),
): Promise<void> {
    const file = path.join(readProjectFile(PROJECT_DIRECTORY).stackDirectory, `Pulumi.${stack}.yaml`);
    const { other, outputs, problems } = platformOf(stack, options);
    const questions = QUESTIONS.filter(({ ofPlatform }) => ofPlatform !== true || outputs === undefined);
    const first = [...nameProblems(stack, file), ...problems];
    if (first.length > 0 && ask !== undefined) {
        throw refused(stack, first);
    }
    const judge = (answers: Answers) => draft(questions, answers, other);
    const { answers, assumed } =
        ask === undefined ? completed(questions, options) : await asked(questions, options, judge, ask);
    const drafted = judge(answers);
    // What was taken from an answer that is refused is told once, by that answer.
    const said = drafted.problems.filter(({ path: at }) => !assumed.some(one => at.split(" ")[0] === optionOf(one)));
    const wrong = [...first, ...(said.length > 0 ? said : drafted.problems)];
    if (wrong.length > 0) {
        throw refused(stack, wrong);
    }
    const schema = path.relative(path.dirname(file), path.join("schemas", "settings.json"));
    const files = [
        { path: file, text: stackFileText(drafted.stack, schema) },
        ...(outputs === undefined ? [] : [outputs]),
        ...followers(stack),
    ].filter(({ text, before }: StackFile) => text !== before);
    const { resources, warnings } = await planOfFiles([...files, ...(outputs === undefined ? [] : [outputs])], stack);
    if (options.dryRun !== true) {
        writeAll(files);
    }
    const made: Made = {
        ...{ stack, dryRun: options.dryRun === true, warnings, verdict: prove(resources) },
        files: files.map(({ path: name, text, before }) =>
            before === undefined ? { path: name, change: "new", text } : { path: name, change: "changed" },
        ),
        // The first destination is an example, and told as one.
        assumed: assumed.flatMap(question =>
            question.name === "to" ? [] : [`${optionOf(question)} ${answers[question.name]}`],
        ),
        example: assumed.some(({ name }) => name === "to"),
    };
    answer(options.json, made, initReport);
    process.exitCode = EXIT.holds;
}

/** What has to follow a stack's file: the deployment's matrix, and what it configures the policies with. */
function followers(stack: string): StackFile[] {
    const workflow = textOf(WORKFLOW);
    const configuration = path.join("policy", "config", `${stack}.json`);
    return [
        ...(textOf(configuration) === undefined ? [{ path: configuration, text: POLICY_CONFIGURATION }] : []),
        ...(workflow === undefined
            ? []
            : [{ path: WORKFLOW, text: withMatrixEntry(workflow, stack), before: workflow }]),
    ];
}

/** What no option says, as examples/platform has it. */
function completed(questions: readonly Question[], given: Answers): { answers: Answers; assumed: Question[] } {
    const answers: Record<string, string | undefined> = { ...given };
    const assumed = questions.filter(({ name, otherwise }) => {
        const before = answers[name];
        answers[name] = before ?? otherwise?.(answers);
        return before === undefined && answers[name] !== undefined;
    });
    return { answers, assumed };
}

function nameProblems(stack: string, file: string): Problem[] {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(stack)) {
        // pulumi/pulumi, `sdk/go/common/tokens`: what a stack may be called.
        const expected = "1 to 100 letters, digits, hyphens, underscores or dots, beginning with a letter or digit";
        return [{ path: "stack", given: stack, expected, remedy: "For example `npm run init -- acme`." }];
    }
    return existsSync(path.join(PROJECT_DIRECTORY, file))
        ? [
              {
                  path: file,
                  given: "a file that is there",
                  expected: "a stack that has no file yet: nothing is overwritten",
                  remedy: `Edit it (docs/settings.md), remove it first, or choose another name than ${stack}.`,
              },
          ]
        : [];
}

/** The platform of another stack, where an option names it, with the file that an offline plan reads it from. */
function platformOf(
    stack: string,
    { platformOutputs, platformStack }: InitOptions,
): { readonly other?: OtherStack; readonly outputs?: StackFile; readonly problems: readonly Problem[] } {
    if (platformOutputs === undefined && platformStack === undefined) {
        return { problems: [] };
    }
    const name = platformStack ?? `organization/platform/${stack}`;
    const kept = stackOutputsFile(name);
    const given = platformOutputs ?? path.join(PROJECT_DIRECTORY, kept);
    const how = `\`pulumi stack output --json -s ${name}\` writes them.`;
    const problem = (expected: string, remedy: string): { problems: Problem[]; outputs: StackFile } => ({
        problems: [{ path: "--platform-outputs", given, expected, remedy }],
        outputs: { path: kept, text: "" },
    });
    if (!/^[\w.-]+\/[\w.-]+\/[\w.-]+$/.test(name)) {
        const expected = "the full name of a stack";
        return {
            problems: [
                { path: "--platform-stack", given: name, expected, remedy: "For example organization/platform/dev." },
            ],
        };
    }
    let text: string;
    let values: unknown;
    try {
        text = readFileSync(given, "utf8");
        values = JSON.parse(text);
    } catch (error) {
        return problem(`the outputs of stack ${name}, as a JSON object`, `${(error as Error).message}. ${how}`);
    }
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
        return problem(`the outputs of stack ${name}, as a JSON object`, how);
    }
    const outputs = values as Record<string, unknown>;
    const secret = Object.keys(outputs).filter(key => outputs[key] === SECRET);
    const wrong = platformProblem({ stack: name, names: Object.keys(outputs).sort(), values: outputs, secret });
    const before = textOf(kept);
    if (before !== undefined && before !== text) {
        return problem(
            `what ${kept} holds, which is there already`,
            `Leave out --platform-outputs, or remove ${kept} first.`,
        );
    }
    return {
        other: { stack: name, value: outputs["platform"] },
        outputs: { path: kept, text, ...(before === undefined ? {} : { before }) },
        problems: wrong === undefined ? [] : [wrong],
    };
}

function refused(stack: string, problems: readonly Problem[]): InputError {
    return new InputError(`stack ${stack} cannot be made`, problems);
}
