import { isObject, type Json } from "../document";
import { plural } from "../../base/words";

/**
 * Data as `@pulumi/gcp` names it, as far as that is a rule: lists have names in the plural, in the inventory of Compute Engine too, which
 * has had `networkInterface` and `sourceRange` for lists. Numbers and flags may stand there as text, which the proof reads.
 */
export function pluralized(data: Json): Json {
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [nameOf(key, value), within(value)]));
}

function within(value: unknown): unknown {
    return Array.isArray(value) ? value.map(within) : isObject(value) ? pluralized(value) : value;
}

/** Lists that other words are used for. */
const OTHERWISE: Readonly<Record<string, string>> = { allowed: "allows", denied: "denies" };

function nameOf(key: string, value: unknown): string {
    return !Array.isArray(value) || /s$/.test(key) ? key : (OTHERWISE[key] ?? plural(key));
}

/** An object without what is absent. */
export function present(values: Json): Json {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}
