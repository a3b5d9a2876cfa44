import { z } from "zod";
import { HOSTILE } from "./printable";
import { type Check } from "./problem";

/** A string that has to pass the checks, in order; the first that fails is reported. */
export function text(...checks: Check<string>[]) {
    return z.string().superRefine((value, context) => {
        for (const check of checks) {
            const problem = check(value);
            if (problem !== undefined) {
                context.addIssue({ code: "custom", message: problem.expected, params: { problem }, input: value });
                return;
            }
        }
    });
}

/** What people read as one line: reasons, users, images. Characters that draw something else than they are have no place in it. */
const lineCheck: Check<string> = value => {
    if (value === "") {
        return { expected: "at least one character", remedy: "Write it, or remove the key." };
    }
    const hostile = [...new Set(value.match(HOSTILE) ?? [])];
    return hostile.length === 0
        ? undefined
        : {
              expected: "one line of plain text, without control characters and marks that turn the direction of text",
              remedy: `${value.includes("\n") ? "Write it on one line (in YAML, `>-` joins lines). " : ""}Remove ${hostile.map(character => `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(", ")}.`,
          };
};

/** One line of plain text. */
export function line() {
    return text(lineCheck);
}

/** A whole number within bounds, both included. */
export function wholeNumber(minimum: number, maximum: number) {
    return z.int().min(minimum).max(maximum);
}
