import { distance } from "fastest-levenshtein";

/** The plural of an English noun, as Kubernetes and Pulumi form it: `policies`, `classes`, `routes`. */
export function plural(name: string): string {
    return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : /(?:s|x|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** @example counted(1, "policy") // "1 policy" */
export function counted(number: number, noun: string): string {
    return `${number} ${number === 1 ? noun : plural(noun)}`;
}

/** The first few, and how many more there are: what a person reads at once. */
export function firstOf(names: readonly string[], most: number): string {
    const more = names.length - most;
    return `${names.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The one that somebody meant who wrote the word, when that is near enough to be a slip of the pen. */
export function closest(word: string, known: readonly string[]): string | undefined {
    const [nearest] = [...known].sort((a, b) => distance(word, a) - distance(word, b));
    return nearest !== undefined && distance(word, nearest) <= Math.max(2, word.length / 3) ? nearest : undefined;
}
