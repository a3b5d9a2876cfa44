import { kubernetesObjects } from "./kubernetes";
import { INVENTORY, type Resource } from "./resource";
import { type ClaimId, type ClaimSet, type Result } from "./verdict";

/** Something that is there, or may be, and that could not be read. */
export interface Unread {
    /** What it is, for example `routes of project acme`. */
    readonly what: string;
    /** Why it was not read, and what to do about it. */
    readonly why: string;
    /** The claims that it decides about. */
    readonly claims: readonly ClaimId[];
}

const TYPE = "unread";

/** As a resource among the others: who judges those that were read has to know what is missing. */
export function unreadResource({ what, why, claims }: Unread): Resource {
    return {
        urn: `${INVENTORY}${TYPE}:live:Thing::${what}`,
        type: `${TYPE}:live:Thing`,
        name: what,
        inputs: { why, claims },
        dependsOn: [],
    };
}

export function isUnread({ type }: Pick<Resource, "type">): boolean {
    return type.startsWith(`${TYPE}:`);
}

/**
 * What the evidence itself says that it lacks. An inventory shows no admission policy and nothing of the mesh: where it is all there is,
 * that they are missing says nothing of the cluster.
 */
export function unreadIn(resources: readonly Resource[]): Unread[] {
    const told = resources.filter(isUnread).map(({ name, inputs }): Unread => ({
        what: name,
        why: String(inputs["why"]),
        claims: inputs["claims"] as readonly ClaimId[],
    }));
    const fromInventory = resources.some(({ urn, type }) => urn.startsWith(INVENTORY) && !isUnread({ type }));
    const isShown = kubernetesObjects(resources).some(({ urn }) => !urn.startsWith(INVENTORY));
    return fromInventory && !isShown
        ? [
              ...told,
              {
                  what: "the cluster's admission policies and Istio objects",
                  why: "an inventory does not show them; give them too, as `kubectl get … --output yaml` shows them (--with)",
                  claims: ["C2", "C4", "C6"],
              },
          ]
        : told;
}

/** No claim is decided while something that decides about it was not read: it could have opened what seems closed, or closed what seems open. */
export function undecidedWithout(unread: readonly Unread[], set: ClaimSet): ClaimSet {
    const concerning = (id: ClaimId): readonly Unread[] => unread.filter(({ claims }) => claims.includes(id));
    if (unread.length === 0) {
        return set;
    }
    const { claims, assumptions, residualRisks } = set;
    return {
        claims: claims.map(claim => {
            const missing = concerning(claim.id);
            return missing.length === 0
                ? claim
                : {
                      ...claim,
                      result: "unknown",
                      witnesses: [],
                      reasons: [...missing.map(({ what, why }) => `${what}: ${why}.`), ...claim.reasons],
                  };
        }),
        get locks() {
            return set.locks.map(lock => ({
                ...lock,
                without: Object.fromEntries(
                    Object.entries(lock.without).map(([id, result]): [string, Result] => [
                        id,
                        concerning(id as ClaimId).length === 0 ? result : "unknown",
                    ]),
                ),
                ...(lock.alone === undefined || concerning("C1").length === 0 ? {} : { alone: "unknown" as const }),
            }));
        },
        assumptions,
        residualRisks,
    };
}
