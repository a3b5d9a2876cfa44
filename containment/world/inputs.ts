import { printable } from "../../base/printable";
import { UserError } from "../../base/problem";
import { type AddressRange, AddressError, parseRange } from "../kernel/address";
import { hasUnknown } from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";

/** A value that is not known before `up`. Absent and unknown are different: absence has a meaning in Google's API. */
export const NOT_KNOWN: unique symbol = Symbol("not known before up");
export type Maybe<T> = T | undefined | typeof NOT_KNOWN;

/** Something in the resources that Google's API would refuse: there is no such world to judge. */
export interface WorldProblem {
    /** URN of the resource. */
    readonly resource: string;
    /** Path of the input, for example `rules[3].match.destIpRanges`. */
    readonly path: string;
    readonly reason: string;
}

/** The resources describe no world. Holds every problem, not the first. */
export class WorldError extends UserError {
    override readonly name = "WorldError";

    constructor(readonly problems: readonly WorldProblem[]) {
        super(
            `the resources cannot be judged:\n` +
                problems
                    .map(({ resource, path, reason }) =>
                        printable(`- ${resource}${path === "" ? "" : `, ${path}`}: ${reason}`),
                    )
                    .join("\n"),
        );
    }
}

/**
 * The inputs of one resource, or an object among them, read with care: unknown is not absent, and a wrong type is a problem, and
 * not known for whoever keeps no list of problems.
 */
export class Inputs {
    private constructor(
        readonly urn: string,
        private readonly values: unknown,
        private readonly path: string,
        private readonly problems: WorldProblem[],
    ) {}

    static of(resource: Resource, problems: WorldProblem[]): Inputs {
        return new Inputs(resource.urn, resource.inputs, "", problems);
    }

    /** @param key may lead through objects: `nodeConfig.serviceAccount` */
    text(key: string): Maybe<string> {
        return this.read(key, "text", value => (typeof value === "string" ? value : undefined));
    }

    /** Empty text counts as absent, as it does for the provider. */
    name(key: string): Maybe<string> {
        const value = this.text(key);
        return value === "" ? undefined : value;
    }

    number(key: string): Maybe<number> {
        return this.read(key, "a number", value =>
            typeof value === "number"
                ? value
                : typeof value === "string" && /^\d+$/.test(value)
                  ? Number(value)
                  : undefined,
        );
    }

    flag(key: string): Maybe<boolean> {
        return this.read(key, "true or false", value =>
            typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : undefined,
        );
    }

    object(key: string): Maybe<Inputs> {
        return this.read(key, "an object", value =>
            typeof value === "object" && value !== null && !Array.isArray(value)
                ? new Inputs(this.urn, value, this.pathOf(key), this.problems)
                : undefined,
        );
    }

    /** Elements may be unknown one by one. */
    texts(key: string): Maybe<readonly (string | typeof NOT_KNOWN)[]> {
        return this.list(key, "text", value => (typeof value === "string" ? value : undefined));
    }

    objects(key: string): Maybe<readonly (Inputs | typeof NOT_KNOWN)[]> {
        return this.list(key, "an object", (value, path) =>
            typeof value === "object" && value !== null && !Array.isArray(value)
                ? new Inputs(this.urn, value, path, this.problems)
                : undefined,
        );
    }

    /** Values of a map from text to text, for example labels. */
    map(key: string): Maybe<ReadonlyMap<string, string | typeof NOT_KNOWN>> {
        return this.read(key, "a map of text", value =>
            typeof value === "object" && value !== null && !Array.isArray(value)
                ? new Map(
                      Object.entries(value).map(([name, entry]) => [
                          name,
                          isUnknown(entry) ? NOT_KNOWN : String(entry),
                      ]),
                  )
                : undefined,
        );
    }

    /** The text of `key` as a range; a problem is recorded when it is none, and it is not known then. */
    range(key: string): Maybe<AddressRange> {
        const value = this.name(key);
        return typeof value === "string" ? (this.parsed(key, () => parseRange(value)) ?? NOT_KNOWN) : value;
    }

    /** The texts of `key` as ranges. */
    ranges(key: string): Maybe<readonly (AddressRange | typeof NOT_KNOWN)[]> {
        const values = this.texts(key);
        if (values === undefined || values === NOT_KNOWN) {
            return values;
        }
        return values.map(value =>
            value === NOT_KNOWN ? value : (this.parsed(key, () => parseRange(value)) ?? NOT_KNOWN),
        );
    }

    /** Whether the value of `key`, or anything inside it, is not known before `up`. */
    veils(key: string): boolean {
        const value = key
            .split(".")
            .reduce<unknown>(
                (at, step) => (isUnknown(at) ? at : (at as Record<string, unknown> | undefined)?.[step]),
                this.values,
            );
        return hasUnknown(value);
    }

    /** Runs a parser, and records its complaint as a problem of this input. */
    parsed<T>(key: string, parse: () => T): T | undefined {
        try {
            return parse();
        } catch (error) {
            if (error instanceof AddressError || (error instanceof Error && error.name === "ServiceError")) {
                this.refuse(key, error.message);
                return undefined;
            }
            throw error;
        }
    }

    refuse(key: string, reason: string): void {
        this.problems.push({ resource: this.urn, path: this.pathOf(key), reason });
    }

    private read<T>(key: string, expected: string, convert: (value: unknown) => T | undefined): Maybe<T> {
        let value: unknown = this.values;
        for (const step of key.split(".")) {
            if (typeof value !== "object" || value === null) {
                break;
            }
            // A block of at most one element is a list in some providers' states.
            value = (Array.isArray(value) ? value[0] : value)?.[step as never];
            if (isUnknown(value)) {
                return NOT_KNOWN;
            }
            if (value === undefined || value === null) {
                return undefined;
            }
        }
        const converted = convert(value);
        if (converted === undefined) {
            this.refuse(key, `got ${JSON.stringify(value)}, expected ${expected}`);
            return NOT_KNOWN;
        }
        return converted;
    }

    private list<T>(
        key: string,
        expected: string,
        convert: (value: unknown, path: string) => T | undefined,
    ): Maybe<readonly (T | typeof NOT_KNOWN)[]> {
        const values = this.read(key, `a list of ${expected}`, value =>
            Array.isArray(value) ? (value as unknown[]) : undefined,
        );
        if (values === undefined || values === NOT_KNOWN) {
            return values;
        }
        return values.map((value, index) => {
            const path = `${this.pathOf(key)}[${index}]`;
            const converted = isUnknown(value) ? NOT_KNOWN : convert(value, path);
            if (converted === undefined) {
                this.problems.push({
                    resource: this.urn,
                    path,
                    reason: `got ${JSON.stringify(value)}, expected ${expected}`,
                });
                return NOT_KNOWN;
            }
            return converted;
        });
    }

    private pathOf(key: string): string {
        return this.path === "" ? key : `${this.path}.${key}`;
    }
}

function isUnknown(value: unknown): boolean {
    return value === UNKNOWN;
}

/** Whether anything in the list is not known. An absent list is known: it is empty. */
export function someUnknown(list: Maybe<readonly unknown[]>): boolean {
    return list === NOT_KNOWN || (list ?? []).includes(NOT_KNOWN);
}

/** The values of a map that are known. */
export function valuesOf(map: Maybe<ReadonlyMap<string, string | typeof NOT_KNOWN>>): readonly string[] {
    return map === undefined || map === NOT_KNOWN ? [] : [...map.values()].filter(value => typeof value === "string");
}

/** The elements of the list that are known. */
export function knownOf<T>(list: Maybe<readonly (T | typeof NOT_KNOWN)[]>): T[] {
    return list === undefined || list === NOT_KNOWN ? [] : list.filter((value): value is T => value !== NOT_KNOWN);
}

/** The value, or `undefined` where it is absent or not known. */
export function known<T>(value: Maybe<T>): T | undefined {
    return value === NOT_KNOWN ? undefined : value;
}
