import { counted } from "./words";
import { printable } from "./printable";

/** One thing that is wrong with what a person wrote. */
export interface Problem {
    /** Where: a configuration key such as `egress-gateway:nat.addresses`, or a file and a place in it. */
    readonly path: string;
    /** The value as it was written; `undefined` when it is missing. */
    readonly given: unknown;
    /** What would have been accepted, as the end of the sentence "expected …". */
    readonly expected: string;
    /** What to do about it. */
    readonly remedy: string;
}

/** A check on one value: `undefined` when the value is good. */
export type Check<T> = (value: T) => Omit<Problem, "path" | "given"> | undefined;

/** Something that a person can mend: told by its message alone, without the stack of calls that found it. */
export class UserError extends Error {
    override readonly name: string = "UserError";
    /** Tells Pulumi's runner that the message says it all: it prints no stack of calls then (pulumi/pulumi, `errors.ts`). */
    public readonly __pulumiRunError = true;
}

/** Bad input. Carries every problem that was found, not only the first. */
export class InputError extends UserError {
    override readonly name = "InputError";
    public readonly problems: readonly Problem[];

    constructor(subject: string, problems: readonly Problem[]) {
        super(`${printable(subject)}: ${counted(problems.length, "problem")}\n${problems.map(text).join("\n")}`);
        this.problems = problems;
    }
}

function text(problem: Problem): string {
    const given = problem.given === undefined ? "nothing is given" : `got ${shown(problem.given)}`;
    return `  ${printable(problem.path)}\n    ${given}, expected ${printable(problem.expected)}\n    ${lines(problem.remedy)}`;
}

function shown(value: unknown): string {
    const json = printable(JSON.stringify(value) ?? String(value));
    return json.length > 120 ? `${json.slice(0, 117)}...` : json;
}

/** Remedies of ours may have several lines. Each stays below its problem, so that none looks like an answer of its own. */
function lines(text: string): string {
    return text.split("\n").map(printable).join("\n    ");
}
