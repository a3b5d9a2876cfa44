import { UserError } from "../base/problem";
import { UNKNOWN } from "../base/resource";

/** The text is no evidence that a reader knows, or not a whole one. The message says what to give instead. */
export class ReaderError extends UserError {
    override readonly name = "ReaderError";
}

export type Json = Readonly<Record<string, unknown>>;

/** Something that a file has and that is no resource to the proof. */
export interface LeftOut {
    /** What it is, for example its type. */
    readonly what: string;
    readonly why: string;
}

export function isObject(value: unknown): value is Json {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The elements of a list that are objects. */
export function objects(value: unknown): readonly Json[] {
    return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Google's provider leaves these alone, or cannot delete them; what is not known may be either. */
export function isAbandoned(values: Json): boolean {
    const policy = values["deletionPolicy"];
    return (
        (typeof policy === "string" && !/^(delete|force)/i.test(policy)) ||
        [values["skipDelete"], values["deletionProtection"]].includes(true)
    );
}

/** JSON within a document. */
export function knownJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return UNKNOWN;
    }
}
