import { isObject } from "../containment/document";

/** One part of an object, which remembers what of it was read: the rest is told, and never dropped. */
export class Part {
    private constructor(
        private readonly value: unknown,
        readonly path: string,
        private readonly read: Set<string>,
    ) {}

    static of(value: unknown): Part {
        return new Part(value, "", new Set());
    }

    at(key: string): Part {
        const value = isObject(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined;
        return new Part(value, this.path === "" ? key : `${this.path}.${key}`, this.read);
    }

    get isThere(): boolean {
        return this.value !== undefined && this.value !== null;
    }

    list(): readonly Part[] {
        return Array.isArray(this.value)
            ? this.value.map((item: unknown, index) => new Part(item, `${this.path}[${index}]`, this.read))
            : [];
    }

    text(): string | undefined {
        this.note();
        return typeof this.value === "string" ? this.value : undefined;
    }

    number(): number | undefined {
        this.note();
        return typeof this.value === "number" && Number.isInteger(this.value) ? this.value : undefined;
    }

    /** The texts of a list. */
    texts(): readonly string[] {
        return this.list().flatMap(item => item.text() ?? []);
    }

    /** Keys and values of a map; none of them counts as read. */
    entries(): readonly (readonly [string, unknown])[] {
        return Object.entries((this.value ?? {}) as object);
    }

    /** Everything below counts as read. @returns whether there is anything */
    whole(): boolean {
        this.note();
        return this.isThere;
    }

    /** The value itself, for reports. */
    shown(): unknown {
        return this.value;
    }

    /** Leaves that nobody has read, the lists and maps that are empty among them. */
    unread(): readonly Part[] {
        if (!this.isThere || this.read.has(this.path)) {
            return [];
        }
        const children = Array.isArray(this.value)
            ? this.list()
            : isObject(this.value)
              ? Object.keys(this.value).map(key => this.at(key))
              : [];
        return children.length === 0 ? [this] : children.flatMap(child => child.unread());
    }

    private note(): void {
        this.read.add(this.path);
    }
}
