import { z } from "zod";
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

/** A whole number within bounds, both included. */
export function wholeNumber(minimum: number, maximum: number) {
    return z.int().min(minimum).max(maximum);
}
