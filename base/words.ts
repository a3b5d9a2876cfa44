/** The plural of an English noun, as Kubernetes and Pulumi form it: `policies`, `classes`, `routes`. */
export function plural(name: string): string {
    return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : /(?:s|x|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** The first few, and how many more there are: what a person reads at once. */
export function firstOf(names: readonly string[], most: number): string {
    const more = names.length - most;
    return `${names.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
