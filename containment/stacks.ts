import { DEFAULT_GATEWAY } from "../base/conventions";
import { stackUrn } from "../base/resource";
import { registeredAs } from "../declared/component";
import { GATEWAY_NODE_POOL } from "../declared/nodePool";
import { GATEWAY_EXIT, PERIMETER } from "../declared/perimeter";
import { PLATFORM } from "../declared/platform";
import { type Resource } from "./resource";
import { type Claim, type GatewayFound, type Verdict } from "./verdict";
import { type GatewaySaid } from "./world/gateway";
import { WorldError } from "./world/inputs";
import { agreementOf, parseReference } from "./world/references";
import { type Neighbour } from "./world/neighbours";
import { readWorld, type World } from "./world/world";
import { sharedLocks, worstClaim } from "./worst";

/** A stack with an egress gateway of its own, as the proof of it sees everything that is given. */
export interface StackView {
    readonly resources: readonly Resource[];
    /** Gateways of other stacks: what they let out is judged in the views of their own. */
    readonly neighbours: readonly Neighbour[];
}

/**
 * One view for each stack that registers a platform on Google Cloud. In a view the other stacks' firewall rules, routes and NATs count, and
 * what they have inside their clusters does not.
 *
 * @param cluster the cluster that a person named, where only that one is asked about
 * @throws WorldError when two of them are in one cluster
 */
export function stackViews(resources: readonly Resource[], cluster?: string): StackView[] {
    const platforms = resources.filter(({ type, inputs }) => type === PLATFORM.type && inputs["kind"] !== "kubernetes");
    if (new Set(platforms.map(({ urn }) => stackUrn(urn))).size < 2) {
        return [{ resources, neighbours: [] }];
    }
    refuseOneCluster(platforms);
    const asked = platforms.filter(
        platform => cluster === undefined || agreementOf(parseReference(cluster), clusterOf(platform)) !== "no",
    );
    return (asked.length > 0 ? asked : platforms).map(platform => {
        const others = new Set(
            platforms.map(({ urn }) => stackUrn(urn)).filter(stack => stack !== stackUrn(platform.urn)),
        );
        const ofOthers = resources.filter(resource => others.has(stackUrn(resource.urn)));
        const inside = new Set(ofOthers.filter(resource => isInside(resource, ofOthers)));
        return { resources: resources.filter(resource => !inside.has(resource)), neighbours: neighboursIn(ofOthers) };
    });
}

/** The world of the first of them: what a question about one packet is about, with the others beside it. */
export function firstWorld(resources: readonly Resource[], said: GatewaySaid = {}): World {
    const [view] = stackViews(resources, said.cluster);
    return readWorld(view!.resources, said, view!.neighbours);
}

function clusterOf({ inputs }: Resource) {
    const { name, location } = (inputs["cluster"] ?? {}) as { name?: unknown; location?: unknown };
    return {
        ...(typeof inputs["project"] === "string" ? { project: inputs["project"] } : {}),
        ...(typeof location === "string" ? { location } : {}),
        name: String(name),
    };
}

function refuseOneCluster(platforms: readonly Resource[]): void {
    const problems = platforms.flatMap((platform, index) => {
        const earlier = platforms
            .slice(0, index)
            .find(other => agreementOf(clusterOf(other), clusterOf(platform)) !== "no");
        return earlier === undefined
            ? []
            : [
                  {
                      resource: platform.urn,
                      path: "cluster",
                      reason: `got ${clusterOf(platform).name}, which is the cluster of ${earlier.urn} too, expected one stack for each cluster: two would write the same guard. Describe the second gateway under egress-gateway:gateways of one stack`,
                  },
              ];
    });
    if (problems.length > 0) {
        throw new WorldError(problems);
    }
}

/** What another stack has in its cluster; its accounts, rules, routes and NATs are in the network and its project. */
function isInside({ type, parent }: Resource, ofOthers: readonly Resource[]): boolean {
    const maker = ofOthers.find(({ urn }) => urn === parent);
    return (
        type.startsWith("kubernetes:") ||
        type === "pulumi:providers:kubernetes" ||
        maker?.type === GATEWAY_NODE_POOL.type ||
        (type.startsWith("egress-gateway:") && ![PERIMETER.type, GATEWAY_EXIT.type].includes(type))
    );
}

function neighboursIn(resources: readonly Resource[]): Neighbour[] {
    const keys = ["network", "gatewayNodeAccount", "retiringNodeAccount", "networkTag", "gatewaySubnets"] as const;
    const facts = [
        ...registeredAs(PERIMETER, resources).map(component => component.readAll(...keys)),
        ...registeredAs(GATEWAY_EXIT, resources).map(component => component.readAll(...keys)),
    ];
    // What is not told is nobody's: it stays open to any machine, and that is a witness or a doubt.
    return facts.flatMap(fact => (fact.known ? [fact.value] : []));
}

/** The verdict about several stacks together: each claim is worth what it is worth in the worst of them. */
export function together(verdicts: readonly Verdict[]): Verdict {
    const [first] = verdicts as readonly [Verdict, ...Verdict[]];
    if (verdicts.length === 1) {
        return first;
    }
    const all = <T>(of: (verdict: Verdict) => readonly T[]): T[] => [...new Set(verdicts.flatMap(of))];
    const rank = ["contained", "unknown", "violated"] as const;
    return {
        verdict: rank[Math.max(...verdicts.map(({ verdict }) => rank.indexOf(verdict)))]!,
        ...(first.asked === undefined ? {} : { asked: first.asked }),
        gateway: gatewaysOf(verdicts),
        claims: all(({ claims }) => claims.map(({ id }) => id))
            .sort()
            .map(id => claimOf(verdicts.flatMap(({ claims }) => claims.filter(claim => claim.id === id)))),
        get locks() {
            return sharedLocks(verdicts.flatMap(({ locks }) => locks));
        },
        get exemptions() {
            return distinct(verdicts.flatMap(({ exemptions }) => exemptions));
        },
        assumptions: all(({ assumptions }) => assumptions),
        residualRisks: all(({ residualRisks }) => residualRisks),
    };
}

function claimOf(claims: readonly Claim[]): Claim {
    const worst = worstClaim(claims);
    return { ...worst, witnesses: distinct(worst.witnesses) };
}

/** What is wrong in the network shows in the view of every stack. */
function distinct<T>(values: readonly T[]): T[] {
    return [...new Map(values.map(value => [JSON.stringify(value), value])).values()];
}

function gatewaysOf(verdicts: readonly Verdict[]): GatewayFound {
    const found = verdicts.map(({ gateway }) => gateway);
    const [namespace, ...others] = found.flatMap(({ namespace }) => namespace ?? []);
    const several = found.some(({ gateways }) => gateways !== undefined);
    const leftOut = [...new Set(found.flatMap(({ networksLeftOut }) => networksLeftOut ?? []))];
    return {
        pools: found.flatMap(({ pools }) => pools),
        alike: distinct(found.flatMap(({ alike }) => alike)),
        possible: [...new Set(found.flatMap(({ possible }) => possible))],
        ...(namespace !== undefined && others.every(({ name }) => name === namespace.name) ? { namespace } : {}),
        reasons: [...new Set(found.flatMap(({ reasons }) => reasons))],
        ...(several ? { gateways: found.flatMap(each => each.gateways ?? theOne(each)) } : {}),
        elsewhere: [...new Set(found.flatMap(({ elsewhere }) => elsewhere))],
        ...(leftOut.length === 0 ? {} : { networksLeftOut: leftOut }),
    };
}

/** The gateway of a stack that has one, beside another stack's several. */
function theOne({ namespace, pools }: GatewayFound): NonNullable<GatewayFound["gateways"]>[number] {
    return {
        name: DEFAULT_GATEWAY,
        ...(namespace === undefined ? {} : { namespace: namespace.name }),
        pools: pools.map(({ name }) => name),
    };
}
