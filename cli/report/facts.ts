import { type Difference } from "../differenceReport";
import { MESH, type RegisteredDestination } from "../../declared/mesh";
import { registeredAs } from "../../declared/component";
import { type Resource } from "../../containment/resource";
import { type Verdict } from "../../containment/verdict";
import { type Provenance } from "../../plan/provenance";

/** Everything that the page shows. */
export interface ReportFacts {
    readonly provenance: Provenance;
    readonly verdict: Verdict;
    /** Sorted by host. */
    readonly destinations: readonly RegisteredDestination[];
    /** Why the destinations cannot be told. */
    readonly reasons: readonly string[];
    readonly difference?: { readonly against: string; readonly told: Difference };
}

/** What the stacks declare as destinations, or why that is not known. */
export function destinationsOf(resources: readonly Resource[]): Pick<ReportFacts, "destinations" | "reasons"> {
    const read = registeredAs(MESH, resources).map(component => component.read("destinations"));
    return {
        destinations: read
            .flatMap(fact => (fact.known ? fact.value : []))
            .toSorted((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0)),
        reasons:
            read.length === 0
                ? ["no component declares destinations"]
                : read.flatMap(fact => (fact.known ? [] : fact.reasons)),
    };
}
