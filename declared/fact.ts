import { UNKNOWN } from "../base/resource";

/** What was registered, or why it cannot be told. */
export type Fact<T> = Known<T> | Untold;

export interface Known<T> {
    readonly known: true;
    readonly value: T;
}

export interface Untold {
    readonly known: false;
    /** Sentences that each name the resource and the key. */
    readonly reasons: readonly string[];
}

export function known<T>(value: T): Known<T> {
    return { known: true, value };
}

export function untold(...reasons: readonly string[]): Untold {
    return { known: false, reasons };
}

/** Where a value stands, and what is wrong with it or with values inside it. */
class FactPlace {
    constructor(
        private readonly path: string,
        private readonly problems: string[],
    ) {}

    at(step: string | number): FactPlace {
        return new FactPlace(
            typeof step === "number" ? `${this.path}[${step}]` : `${this.path}.${step}`,
            this.problems,
        );
    }

    /** Notes that the value is not what was expected. */
    refuse(value: unknown, expected: string): undefined {
        this.problems.push(
            value === UNKNOWN
                ? `${this.path} is not known before up; make it plain data`
                : value === undefined
                  ? `${this.path} is missing, expected ${expected}`
                  : `${this.path} is ${JSON.stringify(value)}, expected ${expected}`,
        );
        return undefined;
    }
}

/** Reads a value; one that it cannot read it refuses at its place, and what it returns then is not used. */
export type Shape<T> = (value: unknown, place: FactPlace) => T | undefined;

export const text: Shape<string> = (value, place) =>
    typeof value === "string" && value !== UNKNOWN && value !== "" ? value : place.refuse(value, "a text");

export const flag: Shape<boolean> = (value, place) =>
    typeof value === "boolean" ? value : place.refuse(value, "true or false");

export const wholeNumber: Shape<number> = (value, place) =>
    Number.isInteger(value) ? (value as number) : place.refuse(value, "a whole number");

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
    return (value, place) =>
        values.includes(value as T) ? (value as T) : place.refuse(value, `one of ${values.join(", ")}`);
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
    return (value, place) => (value === undefined ? undefined : shape(value, place));
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
    return (value, place) =>
        Array.isArray(value)
            ? value.map((item, index) => shape(item, place.at(index)) as T)
            : place.refuse(value, "a list");
}

export function mapOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
    return (value, place) =>
        isObject(value)
            ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item, place.at(key)) as T]))
            : place.refuse(value, "an object");
}

export type Shapes<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

/** The keys that are listed; others are left alone. */
export function objectOf<T>(shapes: Shapes<T>): Shape<T> {
    return (value, place) =>
        isObject(value)
            ? (Object.fromEntries(
                  (Object.keys(shapes) as (keyof T & string)[]).map(key => [
                      key,
                      shapes[key](value[key], place.at(key)),
                  ]),
              ) as T)
            : place.refuse(value, "an object");
}

/** Reads at `path`, a key of the inputs of `urn`. */
export function factOf<T>(value: unknown, path: string, urn: string, shape: Shape<T>): Fact<T> {
    const problems: string[] = [];
    const read = shape(value, new FactPlace(path, problems));
    return problems.length > 0 ? untold(...problems.map(problem => `${urn}: ${problem}`)) : known(read as T);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
