import { createHash } from "node:crypto";
import * as path from "node:path";
import { type Resource } from "../../base/resource";
import { type Provenance } from "../../plan/provenance";

/** What evidence is about: it says the same on every machine and at any time. */
export interface Subject {
    readonly name: string;
    /** SHA-256 of what was judged, whatever the order of resources and of keys. */
    readonly sha256: string;
    readonly urns: readonly string[];
    /** Where the resources come from; of a file its name alone, since folders differ. */
    readonly sources: readonly string[];
    /** Absent where the tree was no commit. */
    readonly commit?: string;
}

export function subjectOf(resources: readonly Resource[], { stacks, sources, commit }: Provenance): Subject {
    const sorted = resources.toSorted((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
    return {
        name: `resources of stack ${stacks.join(", ")}`,
        sha256: createHash("sha256")
            .update(JSON.stringify(sorted.map(inOrder)))
            .digest("hex"),
        urns: sorted.map(({ urn }) => urn),
        sources: sources.map(source => (path.isAbsolute(source) ? path.basename(source) : source)),
        // A tree with changes is no commit.
        ...(commit === undefined || commit.endsWith("-dirty") ? {} : { commit }),
    };
}

function inOrder(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(inOrder);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(
              Object.entries(value)
                  .toSorted(([a], [b]) => (a < b ? -1 : 1))
                  .map(([key, inner]) => [key, inOrder(inner)]),
          )
        : value;
}
