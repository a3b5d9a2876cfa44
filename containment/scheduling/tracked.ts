import { type Fields } from "../kubernetes";
import { UNKNOWN } from "../resource";
import { UnreadableCel } from "./cel";

/** What was seen at a place: two requests that look alike at every place that was read get the same answer. */
export type Seen = string;

const ABSENT: Seen = "absent";
const UNREADABLE: Seen = "unreadable";

/** What was seen, and how to see the same of other variables. */
export interface Read {
    readonly seen: Seen;
    readonly look: (root: Fields) => Seen;
}

/** What stands at a place of the variables; undefined where nothing does. */
export type Reader = (...place: readonly string[]) => unknown;

/**
 * Notes what the evaluation of a policy reads, by JSON pointer from the root of its variables (`/object/spec/nodeName`). The keys of a
 * map, when all are looked at, are read at `<pointer>/*`.
 */
export class Trace {
    readonly reads = new Map<string, Read>();
    private frames: Set<string>[] = [];
    private readonly values = new Map<string, unknown>();
    private readonly readers = new Map<string, Set<string>>();

    /** What an expression gives, and the places that it read. */
    during<T>(expression: string, evaluate: () => T): { readonly value: T; readonly places: ReadonlySet<string> } {
        const places = new Set<string>();
        this.frames.push(places);
        try {
            return { value: evaluate(), places };
        } finally {
            this.frames.pop();
            this.readBy(expression, places);
        }
    }

    private readBy(expression: string, places: ReadonlySet<string>): void {
        this.also(places);
        for (const place of places) {
            const readers = this.readers.get(place) ?? new Set();
            this.readers.set(place, readers.add(expression));
        }
    }

    /** Expressions that read the place, by themselves or by a variable: what stands there makes no difference to others. */
    readersOf(place: string): readonly string[] {
        return [...(this.readers.get(place) ?? [])];
    }

    /**
     * An answer that stands for what it read: requests look alike for which it comes out alike by reading the same places, whatever they
     * hold there.
     */
    summed<T>(
        name: string,
        variables: Fields,
        answer: (read: Reader) => T,
    ): { readonly value: T; readonly places: ReadonlySet<string> } {
        let seen: Seen = UNREADABLE;
        try {
            const sum = sumOf(variables, answer);
            seen = sum.seen;
            this.readBy(name, sum.places);
            return sum;
        } finally {
            this.reads.set(name, { seen, look: other => seenBy(answer, other) });
        }
    }

    /** What was read before counts for the expression that is evaluated now, too. */
    also(places: ReadonlySet<string>): void {
        const frame = this.frames.at(-1);
        if (frame !== undefined) {
            places.forEach(place => frame.add(place));
        }
    }

    /** The variables as expressions see them. */
    views(variables: Fields): Fields {
        return Object.fromEntries(
            Object.entries(variables).map(([key, part]) => [key, part === null ? null : this.view(part, `/${key}`)]),
        );
    }

    view(value: unknown, pointer: string): unknown {
        this.note(pointer, () => seen(value));
        if (typeof value === "number") {
            return Number.isInteger(value) ? BigInt(value) : value;
        }
        if (value === UNKNOWN) {
            throw notKnown(pointer);
        }
        if (typeof value !== "object" || value === null) {
            return value;
        }
        let view = this.values.get(pointer);
        if (view === undefined) {
            view = Array.isArray(value) ? this.list(value, pointer) : this.map(value as Fields, pointer);
            this.values.set(pointer, view);
        }
        return view;
    }

    private note(pointer: string, what: () => Seen): void {
        this.frames.at(-1)?.add(pointer);
        if (!this.reads.has(pointer)) {
            this.reads.set(pointer, { seen: what(), look: root => seenAt(root, placeOf(pointer)) });
        }
    }

    private list(items: readonly unknown[], pointer: string): unknown[] {
        const view: unknown[] = new Array(items.length);
        items.forEach((item, index) => {
            Object.defineProperty(view, index, {
                get: () => this.view(item, `${pointer}/${index}`),
                enumerable: true,
                configurable: true,
            });
        });
        return view;
    }

    private map(fields: Fields, pointer: string): LazyMap {
        return new LazyMap(
            key => {
                const place = `${pointer}/${escaped(key)}`;
                if (Object.hasOwn(fields, key) && fields[key] !== undefined) {
                    return this.view(fields[key], place);
                }
                this.note(place, () => ABSENT);
                return undefined;
            },
            () => {
                const keys = keysOf(fields);
                this.note(`${pointer}/*`, () => keys.join(" "));
                return keys;
            },
        );
    }
}

function seenBy(answer: (read: Reader) => unknown, variables: Fields): Seen {
    try {
        return sumOf(variables, answer).seen;
    } catch (error) {
        if (error instanceof UnreadableCel) {
            return UNREADABLE;
        }
        throw error;
    }
}

/** Made for every request that is looked up, so that it builds no views. */
function sumOf<T>(
    variables: Fields,
    answer: (read: Reader) => T,
): { readonly value: T; readonly places: ReadonlySet<string>; readonly seen: Seen } {
    const places = new Set<string>();
    const value = answer((root, ...keys) => {
        let at = variables[root!];
        let pointer = `/${root}`;
        for (const key of keys) {
            if (typeof at !== "object" || at === null || Array.isArray(at)) {
                return undefined;
            }
            pointer = `${pointer}/${escaped(key)}`;
            places.add(pointer);
            at = Object.hasOwn(at, key) ? (at as Fields)[key] : undefined;
            if (at === UNKNOWN) {
                throw notKnown(pointer);
            }
        }
        return at;
    });
    return { value, places, seen: [value, ...places].join(" ") };
}

function notKnown(pointer: string): UnreadableCel {
    return new UnreadableCel(`${dotted(pointer)} is not known before up`);
}

/** A map for the CEL library that gives its values when they are asked for. */
export class LazyMap extends Map<string, unknown> {
    constructor(
        private readonly valueOf_: (key: string) => unknown,
        private readonly keysOf_: () => readonly string[],
    ) {
        super();
    }

    override get(key: string): unknown {
        return this.valueOf_(key);
    }

    override has(key: string): boolean {
        return this.valueOf_(key) !== undefined;
    }

    override get size(): number {
        return this.keysOf_().length;
    }

    override keys(): MapIterator<string> {
        return this.keysOf_()[Symbol.iterator]() as MapIterator<string>;
    }

    override *[Symbol.iterator](): MapIterator<[string, unknown]> {
        for (const key of this.keysOf_()) {
            yield [key, this.valueOf_(key)];
        }
    }

    /** The library looks at the first one to guess at types; without one it takes them as they come. */
    override entries(): MapIterator<[string, unknown]> {
        return [][Symbol.iterator]() as MapIterator<[string, unknown]>;
    }
}

// The library takes for a map what has this constructor and no subclass of it.
Object.defineProperty(LazyMap.prototype, "constructor", { value: Map });

/** Whether a trace would see the same at all these places. */
export function looksAlike(pointers: ReadonlySet<string>, one: unknown, other: unknown): boolean {
    return [...pointers].map(placeOf).every(place => seenAt(one, place) === seenAt(other, place));
}

/** What a trace would see at that place. */
function seenAt(root: unknown, pointer: readonly string[]): Seen {
    let value = root;
    for (const key of pointer) {
        if (typeof value !== "object" || value === null) {
            return ABSENT;
        }
        if (key === "*") {
            return keysOf(value as Fields).join(" ");
        }
        value = Object.hasOwn(value, key) ? (value as Fields)[key] : undefined;
    }
    return seen(value);
}

export function placeOf(pointer: string): readonly string[] {
    let place = PLACES.get(pointer);
    if (place === undefined) {
        place = pointer
            .split("/")
            .slice(1)
            .map(key => key.replaceAll("~1", "/").replaceAll("~0", "~"));
        PLACES.set(pointer, place);
    }
    return place;
}

/** Policies look at the same few places again and again. */
const PLACES = new Map<string, readonly string[]>();

function escaped(key: string): string {
    return key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

function keysOf(fields: Fields): string[] {
    return Object.keys(fields)
        .filter(key => fields[key] !== undefined)
        .sort();
}

function seen(value: unknown): Seen {
    if (value === undefined) {
        return ABSENT;
    }
    if (Array.isArray(value)) {
        return `list ${value.length}`;
    }
    return typeof value === "object" && value !== null ? "map" : JSON.stringify(value);
}

/** The path inside the object, as people write it: `spec.containers[0].image`. */
function dotted(pointer: string): string {
    return placeOf(pointer)
        .slice(1)
        .map(key => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
        .join("")
        .replace(/^\./, "");
}
