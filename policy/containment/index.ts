import { shortUrn } from "../../base/resource";
import { networkClaims, prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Claim, packetText, type Witness } from "../../containment/verdict";
import { WorldError } from "../../containment/world/inputs";
import { NAMING_COMPONENTS } from "../names";
import { type Finding, type Rule, type StackRule } from "../rule";

/** Ways that a finding tells of each claim; the rest is counted. `npm run prove` tells of all. */
const TOLD = 3;

/** The proof itself, over whatever the stack shows. */
export function containmentRules(): Rule[] {
    return [containment(), depth()];
}

function containment(): StackRule {
    return {
        scope: "stack",
        name: "containment",
        concern: "containment",
        severity: "critical",
        enforcement: "mandatory",
        description: "The egress gateway is the only way out, and the resources of the stack prove it.",
        stops: "Whatever opens a way out in combination: it comes with a witness, the packet and every resource that lets it through.",
        remedy: "Close the way that is shown, or give what is missing; npm run prove, with the network's stack beside it, tells of all.",
        judge: resources => judged(resources, claims => claims.filter(({ id }) => id !== "C5")),
    };
}

/** A stack may be contained by its last lock alone. */
function depth(): StackRule {
    return {
        scope: "stack",
        name: "containment-depth",
        concern: "containment",
        severity: "medium",
        enforcement: "advisory",
        description: "Containment still holds when any one lock is taken away.",
        stops: "A stack that is enclosed by one lock: the next mistake opens it.",
        remedy: "npm run prove shows what each claim becomes without each lock.",
        judge: resources =>
            // What does not hold with every lock in place, the other rule tells of.
            hasGateway(resources)
                ? judged(resources, claims =>
                      claims.some(({ id, result }) => id === "C1" && result === "holds")
                          ? claims.filter(({ id }) => id === "C5")
                          : [],
                  )
                : [],
    };
}

function judged(resources: readonly Resource[], wanted: (claims: readonly Claim[]) => readonly Claim[]): Finding[] {
    try {
        return wanted(claimsOf(resources)).flatMap(findings);
    } catch (error) {
        if (error instanceof WorldError) {
            return error.problems.map(({ resource, path, reason }) => ({
                resource,
                found: `The stack cannot be judged: ${path === "" ? "" : `${path}: `}${reason}.`,
            }));
        }
        throw error;
    }
}

const CLAIMS = new WeakMap<readonly Resource[], readonly Claim[]>();

/**
 * What the stack can be held to. With the gateway in it, every claim. A stack that only owns a network is asked whether
 * anything gets out of it; a stack that owns neither has nothing to say: what it adds to somebody else's network or cluster, the
 * rules about single resources judge.
 */
function claimsOf(resources: readonly Resource[]): readonly Claim[] {
    const known = CLAIMS.get(resources);
    if (known !== undefined) {
        return known;
    }
    const claims = hasGateway(resources)
        ? prove(resources).claims
        : ownsNetwork(resources)
          ? networkClaims(resources).claims.filter(({ id }) => id === "C1")
          : [];
    CLAIMS.set(resources, claims);
    return claims;
}

/** This project's stack, or what is left of it: its components carry the declaration that the claims are about. */
function hasGateway(resources: readonly Resource[]): boolean {
    return resources.some(({ type }) => NAMING_COMPONENTS.has(type));
}

function ownsNetwork(resources: readonly Resource[]): boolean {
    return resources.some(({ type }) => type === "gcp:compute/network:Network");
}

function findings({ id, statement, result, witnesses, reasons }: Claim): Finding[] {
    switch (result) {
        case "holds":
            return [];
        case "violated":
            return witnesses.slice(0, TOLD).map((witness, index) => {
                const further = index === TOLD - 1 ? witnesses.length - TOLD : 0;
                return {
                    found: `${id} is violated ("${statement}"): ${wayOf(witness)}.${further > 0 ? ` Further ways: ${further}.` : ""}`,
                    remedy: witness.remedy,
                };
            });
        case "unknown":
            return [
                {
                    found: `${id} cannot be decided ("${statement}"): ${reasons.slice(0, TOLD).map(sentence).join(" ")}${
                        reasons.length > TOLD ? ` Further reasons: ${reasons.length - TOLD}.` : ""
                    }`,
                },
            ];
    }
}

function sentence(text: string): string {
    return /[.!?]$/.test(text) ? text : `${text}.`;
}

function wayOf({ source, packet, hops }: Witness): string {
    const stations = hops.map(
        ({ at, decision, resource }) => `${at}: ${decision}${resource === undefined ? "" : ` [${shortUrn(resource)}]`}`,
    );
    return `${source}${packet === undefined ? "" : ` reaches ${packetText(packet)}`} (${stations.join("; ")})`;
}
