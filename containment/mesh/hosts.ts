import { serviceHost } from "../../base/conventions";

/** Host names as Istio compares them: exact, `*`, or `*.suffix` (`pkg/config/host`). */

/** A name without a dot is a Service of the object's own namespace (Istio: short names). */
export function qualified(host: string, namespace: string): string {
    return host.includes(".") || host.startsWith("*") ? host.toLowerCase() : serviceHost(host.toLowerCase(), namespace);
}

/** Is every name of `inner` a name of `outer`? Both may be wildcards. */
export function isWithin(inner: string, outer: string): boolean {
    if (!outer.startsWith("*")) {
        return inner === outer;
    }
    const suffix = outer.slice(1);
    const rest = inner.startsWith("*") ? inner.slice(1) : inner;
    return rest.endsWith(suffix) && (inner.startsWith("*") || rest.length > suffix.length || suffix === "");
}

/** The more specific of two overlapping patterns; undefined where they have no name in common. */
export function intersection(left: string, right: string): string | undefined {
    if (isWithin(left, right)) {
        return left;
    }
    return isWithin(right, left) ? right : undefined;
}

/**
 * Values filed under host patterns. Looking one up costs a map access, plus the wildcards: a catalogue has thousands of
 * exact names and a handful of wildcards.
 */
export class ByHost<T> {
    private readonly exact = new Map<string, T[]>();
    private readonly wildcards: { readonly pattern: string; readonly value: T }[] = [];

    add(pattern: string, value: T): void {
        if (pattern.startsWith("*")) {
            this.wildcards.push({ pattern, value });
            // Longest first; equally long ones keep their order.
            this.wildcards.sort((left, right) => right.pattern.length - left.pattern.length);
            return;
        }
        const values = this.exact.get(pattern);
        if (values === undefined) {
            this.exact.set(pattern, [value]);
        } else {
            values.push(value);
        }
    }

    /** Everything whose pattern covers the host, exact names before wildcards, longer wildcards before shorter. */
    all(host: string): readonly T[] {
        const exact = this.exact.get(host) ?? [];
        return this.wildcards.length === 0
            ? exact
            : [...exact, ...this.wildcards.filter(({ pattern }) => isWithin(host, pattern)).map(({ value }) => value)];
    }

    /** Everything under the most specific pattern that covers the host, as Envoy chooses virtual hosts and filter chains. */
    mostSpecific(host: string): readonly T[] {
        const exact = this.exact.get(host);
        if (exact !== undefined) {
            return exact;
        }
        const best = this.wildcards.find(({ pattern }) => isWithin(host, pattern))?.pattern;
        return best === undefined
            ? []
            : this.wildcards.filter(({ pattern }) => pattern === best).map(({ value }) => value);
    }

    get isEmpty(): boolean {
        return this.exact.size === 0 && this.wildcards.length === 0;
    }

    patterns(): string[] {
        return [...this.exact.keys(), ...new Set(this.wildcards.map(({ pattern }) => pattern))];
    }

    values(): T[] {
        return [...[...this.exact.values()].flat(), ...this.wildcards.map(({ value }) => value)];
    }
}
