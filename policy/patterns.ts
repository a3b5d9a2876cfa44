/**
 * Whether a name fits a pattern in which `*` stands for any text.
 *
 * The parts between stars are looked for one after the other, each where it first occurs: no choice is ever taken back, so
 * that a pattern costs no more than its length times the name's.
 */
export function fits(pattern: string, name: string): boolean {
    const [first, ...rest] = pattern.split("*") as [string, ...string[]];
    const last = rest.pop();
    if (last === undefined) {
        return name === first;
    }
    if (!name.startsWith(first)) {
        return false;
    }
    let from = first.length;
    for (const part of rest) {
        const at = name.indexOf(part, from);
        if (at < 0) {
            return false;
        }
        from = at + part.length;
    }
    return name.length - last.length >= from && name.endsWith(last);
}

export function fitsAny(patterns: readonly string[], name: string): boolean {
    return patterns.some(pattern => fits(pattern, name));
}
