import { type Reading } from "./readers";
import { type Resource } from "./resource";
import { isUnread } from "./unread";
import { treatmentOf } from "./world/catalogue";

/** How many there are of a kind, for example `compute/Network`. */
export interface KindCount {
    readonly kind: string;
    readonly count: number;
}

/** What of a source is no resource to the proof, and why. */
interface Omission {
    readonly what: string;
    readonly why: string;
    readonly count: number;
}

/** What was read of a source, and what was not: on the second, no verdict rests. */
export interface Account {
    /** A file, or the stack that was planned. */
    readonly source: string;
    /** What the source is. */
    readonly spelling: string;
    /** The resources that the proof asks. */
    readonly read: readonly KindCount[];
    /** How many resources there are whose kinds move no packets: that they are there is all that is read of them. */
    readonly harmless: number;
    /** Those that could matter and that nobody reads: they leave the verdict unknown. */
    readonly notRead: readonly KindCount[];
    readonly leftOut: readonly Omission[];
    /** What such a source never shows, in words. */
    readonly cannotShow?: string;
}

export function accountOf(source: string, { spelling, resources, leftOut, cannotShow }: Reading): Account {
    const placed = resources.map(resource => ({ kind: kindOf(resource), place: placeOf(resource) }));
    const kinds = (place: ReturnType<typeof placeOf>): KindCount[] =>
        counted(placed.filter(each => each.place === place).map(({ kind }) => ({ kind })));
    return {
        source,
        spelling,
        read: kinds("read"),
        harmless: placed.filter(({ place }) => place === "harmless").length,
        notRead: kinds("not read"),
        leftOut: counted(leftOut),
        ...(cannotShow === undefined ? {} : { cannotShow }),
    };
}

/** Kubernetes objects are read as pods, policies or routes where they are some. */
function placeOf(resource: Resource): "read" | "harmless" | "not read" {
    if (isUnread(resource)) {
        return "not read";
    }
    const { kind } = treatmentOf(resource);
    return kind === "unmodelled"
        ? "not read"
        : kind === "harmless" && !resource.type.startsWith("kubernetes:")
          ? "harmless"
          : "read";
}

/** `compute/Network`, `Deployment`; what could not be read is told by name. */
function kindOf({ type, name: called }: Resource): string {
    if (isUnread({ type })) {
        return called;
    }
    const [name = "", module = "", kind = type] = type.split(":");
    return name === "gcp" ? `${module.split("/")[0]!}/${kind}` : kind;
}

/** Equal ones together, the most frequent first. */
function counted<T extends object>(all: readonly T[]): (T & { readonly count: number })[] {
    const counts = new Map<string, { readonly one: T; readonly count: number }>();
    for (const one of all) {
        const key = JSON.stringify(one);
        counts.set(key, { one, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts]
        .sort(([a, m], [b, n]) => n.count - m.count || a.localeCompare(b))
        .map(([, { one, count }]) => ({ ...one, count }));
}
