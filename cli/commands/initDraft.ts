import { componentProblems } from "../../components/problems";
import { InputError, type Problem } from "../../base/problem";
import { type NewGrant } from "../../plan/destinationsEdit";
import { type NewStack } from "../../plan/newStack";
import { type RawSettings, readSettings } from "../../settings/read";
import { isAddress } from "../../base/cidr";
import { grantOf } from "../grant";
import { type Answers, optionOf, type Question, wordsOf } from "./initQuestions";

/** A platform that another stack owns: what the settings say of it, and what it is. */
export interface OtherStack {
    readonly stack: string;
    readonly value: unknown;
}

/** A stack out of answers, with everything that is wrong with them, under the names of the options. */
export function draft(
    questions: readonly Question[],
    answers: Answers,
    other: OtherStack | undefined,
): { readonly stack: NewStack; readonly problems: readonly Problem[] } {
    const missing = questions
        .filter(({ name, otherwise }) => answers[name] === undefined && otherwise === undefined)
        .map(question => ({
            path: optionOf(question),
            given: undefined,
            expected: question.text,
            remedy: question.how,
        }));
    const { grants, problems: ungranted } = grantsOf(answers);
    const written = valuesOf(questions, answers);
    const platform = other === undefined ? (written["platform"] ?? {}) : { stack: other.stack };
    const raw: RawSettings = {
        values: { guard: written["guard"], destinations: grants.length === 0 ? undefined : [entryOf(grants)] },
        google: { project: answers["project"], region: answers["region"] },
        platform:
            other === undefined
                ? { path: "egress-gateway:platform", value: platform }
                : { path: `outputs of stack ${other.stack}`, value: other.value },
        files: [],
    };
    const refused = settingsProblems(raw)
        // What is missing is told once, by what asks for it.
        .filter(({ given, path }) => given !== undefined || (missing.length + ungranted.length === 0 && path !== ""))
        .map(problem => underOption(problem, questions));
    return {
        stack: {
            project: answers["project"] ?? "",
            region: answers["region"] ?? "",
            platform: platform as Record<string, unknown>,
            deployers: wordsOf(answers["deployer"] ?? ""),
            grants,
        },
        problems: [...missing, ...ungranted, ...refused],
    };
}

function settingsProblems(raw: RawSettings): readonly Problem[] {
    try {
        readSettings(raw, componentProblems);
        return [];
    } catch (error) {
        if (error instanceof InputError) {
            return error.problems;
        }
        throw error;
    }
}

function underOption(problem: Problem, questions: readonly Question[]): Problem {
    const question = questions.find(({ path }) => problem.path === path || problem.path.startsWith(`${path}[`));
    return question === undefined ? problem : { ...problem, path: `${optionOf(question)} (${problem.path})` };
}

function grantsOf({ for: workloads, to }: Answers): { grants: NewGrant[]; problems: readonly Problem[] } {
    const problems = new Map<string, Problem>();
    const grants = wordsOf(workloads ?? "").flatMap(workload => {
        try {
            return [grantOf({ where: to ?? "", workload, reason: "the first destination of this stack" })];
        } catch (error) {
            for (const problem of (error as InputError).problems) {
                const path = problem.path === "destination" ? "--to" : problem.path;
                problems.set(`${path} ${String(problem.given)}`, { ...problem, path });
            }
            return [];
        }
    });
    return { grants: problems.size === 0 ? grants : [], problems: [...problems.values()] };
}

/** All of them are about one place. */
function entryOf(grants: readonly NewGrant[]): object {
    const { host, port, protocol } = grants[0]!;
    return {
        ...(isAddress(host) ? { addresses: [host] } : { host }),
        ports: [{ number: port, protocol }],
        allow: grants.map(({ namespace, serviceAccount }) => ({ namespace, serviceAccount })),
    };
}

/** The answers where they stand in the settings, below `egress-gateway:`. */
function valuesOf(questions: readonly Question[], answers: Answers): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const { name, path, list } of questions) {
        const answer = answers[name];
        const keys = /^egress-gateway:(.+)$/.exec(path)?.[1]?.split(".") ?? [];
        const last = keys.pop();
        if (answer !== undefined && last !== undefined) {
            const inner = keys.reduce((map, key) => (map[key] ??= {}) as Record<string, unknown>, values);
            inner[last] = list === true ? wordsOf(answer) : answer;
        }
    }
    return values;
}
