import { addressClaims } from "./addresses/claims";
import { assumptions, residualRisks } from "./claims/caveats";
import { Enclosure } from "./claims/enclosure";
import { GatewayScope } from "./claims/gatewayScope";
import { depthClaim, networkLocks } from "./claims/locks";
import { ofEachGateway } from "./eachGateway";
import { Possibilities, whateverIsInDoubt } from "./doubt";
import { meshClaims } from "./mesh/claims";
import { networkPolicyClaims } from "./network-policies/facts";
import { Reach } from "./reach/reach";
import { type Resource } from "./resource";
import { locksDns, resolverClaims } from "./resolver/claims";
import { schedulingClaims } from "./scheduling/claims";
import { exemptionsIn } from "./scheduling/exemptions";
import { undecidedWithout, unreadIn } from "./unread";
import {
    type Claim,
    type ClaimId,
    type ClaimModule,
    type ClaimSet,
    type Exemption,
    type GatewayFound,
    type Lock,
    type Result,
    type Verdict,
} from "./verdict";
import { type StackView, stackViews, together } from "./stacks";
import { type GatewayPool, type GatewaySaid, pathOf } from "./world/gateway";
import { hasSeveralGateways } from "./world/gateways";
import { type World } from "./world/world";

export interface ProofOptions {
    /** What decides C2, C4, C6, C7 and their locks. @default scheduling, the mesh, network policies, the resolver and the gateways' addresses */
    readonly modules?: readonly ClaimModule[];
    /** The claims to judge; the verdict is about these alone. @default all that the resources claim */
    readonly claims?: readonly ClaimId[];
    /** What a person says of the gateway. @default what the resources show */
    readonly gateway?: GatewaySaid;
}

const UNASKED: ClaimSet = { claims: [], locks: [], assumptions: [], residualRisks: [] };

const NETWORK: ClaimModule = { claims: ["C1", "C3", "C5"], judge: judgeNetwork };

const MODULES: readonly ClaimModule[] = [
    { claims: ["C2"], judge: ofEachGateway(schedulingClaims) },
    { claims: ["C4"], judge: ofEachGateway(meshClaims) },
    // A lock of C3.
    { claims: ["C3"], judge: ofEachGateway(networkPolicyClaims) },
    // Where there is no lock, a residual risk of C1.
    { claims: ["C1", "C6"], judge: resolverClaims },
    { claims: ["C7"], judge: addressClaims },
];

/**
 * Containment is made of these but C5, which tells how deep it is. C6 is the claim of stacks with the DNS lock, C7 of those with several
 * gateways.
 */
export const CLAIMS: readonly ClaimId[] = ["C1", "C2", "C3", "C4", "C5", "C6", "C7"];

/** What the resources claim by what they register. */
function claimsOf({ resources, neighbours }: StackView): readonly ClaimId[] {
    const further: Partial<Record<ClaimId, boolean>> = {
        C6: locksDns(resources),
        C7: hasSeveralGateways(resources) || neighbours.length > 0,
    };
    return CLAIMS.filter(id => further[id] ?? true);
}

/**
 * Decides containment over registered resources: of one stack, or of several together (the stack that owns the network beside
 * this one), which then need fewer assumptions. Stacks with a gateway of their own are judged each, beside the others.
 *
 * @throws WorldError when the resources describe no world: an unreadable range, contradictory targets, nothing at all
 */
export function prove(resources: readonly Resource[], options: ProofOptions = {}): Verdict {
    return together(stackViews(resources, options.gateway?.cluster).map(view => proveOne(view, options)));
}

function proveOne(
    view: StackView,
    { modules = MODULES, claims: asked = claimsOf(view), gateway = {} }: ProofOptions,
): Verdict {
    const { resources, neighbours } = view;
    const partly = !claimsOf(view).every(id => asked.includes(id));
    const possibilities = new Possibilities(resources, gateway, neighbours);
    const unread = unreadIn(resources);
    const sets = [NETWORK, ...modules].map(module =>
        module.claims.some(id => asked.includes(id))
            ? undecidedWithout(unread, judged(possibilities, module))
            : UNASKED,
    );
    const claims = sets.flatMap(set => set.claims);
    const results = resultsOf(claims);
    const fullest = possibilities.fullest();
    // The depth is that of the network, whose locks come first.
    const depth = depthClaim(sets[0]!.locks, results.C1 ?? "unknown");
    let locks: readonly Lock[] | undefined;
    let exemptions: readonly Exemption[] | undefined;
    const told = [...claims, depth].filter(({ id }) => asked.includes(id));
    return {
        verdict: verdictOf(
            told,
            decidingClaims(partly ? asked : undefined).filter(id => asked.includes(id)),
        ),
        ...(partly ? { asked } : {}),
        gateway: describeGateway(fullest),
        claims: told.sort((a, b) => a.id.localeCompare(b.id)),
        get locks() {
            return (locks ??= merged(sets.flatMap(set => set.locks)).map(lock => ({
                ...lock,
                without: only({ ...results, ...lock.without }, asked),
            })));
        },
        // Found by asking the guard again, and only some reports list them.
        get exemptions() {
            return (exemptions ??= asked.some(id => id === "C2" || id === "C4") ? exemptionsIn(fullest) : []);
        },
        assumptions: [...new Set(sets.flatMap(set => set.assumptions))],
        residualRisks: [...new Set(sets.flatMap(set => set.residualRisks))],
    };
}

/** C1 and C3 with the locks of the network. */
export function networkClaims(resources: readonly Resource[]): ClaimSet {
    return judged(new Possibilities(resources), NETWORK);
}

function judged(possibilities: Possibilities, module: ClaimModule): ClaimSet {
    return whateverIsInDoubt(possibilities, module.judge, module === NETWORK ? undefined : isOfCluster);
}

/** Of the network around the cluster the claims about its inside read nothing. */
function isOfCluster({ type }: Resource): boolean {
    return !type.startsWith("gcp:compute/");
}

function judgeNetwork(world: World): ClaimSet {
    const reach = new Reach(world);
    const enclosure = new Enclosure(reach);
    const scope = new GatewayScope(reach);
    const c1 = enclosure.claim();
    const c3 = scope.claim();
    const locks = networkLocks(reach, enclosure, scope);
    return { claims: [c1, c3], locks, assumptions: assumptions(reach, locks), residualRisks: residualRisks(reach, c1) };
}

function resultsOf(claims: readonly Claim[]): Partial<Record<ClaimId, Result>> {
    return Object.fromEntries(claims.map(({ id, result }) => [id, result]));
}

function only(results: Lock["without"], asked: readonly ClaimId[]): Lock["without"] {
    return Object.fromEntries(Object.entries(results).filter(([id]) => asked.includes(id as ClaimId)));
}

/**
 * The claims that make a verdict: depth counts where it is asked for and not all is.
 *
 * @param asked as a verdict tells it: absent where nothing was left out
 */
export function decidingClaims(asked?: readonly ClaimId[]): readonly ClaimId[] {
    return asked ?? CLAIMS.filter(id => id !== "C5");
}

function verdictOf(claims: readonly Claim[], deciding: readonly ClaimId[]): Verdict["verdict"] {
    const results = resultsOf(claims);
    return deciding.some(id => results[id] === "violated")
        ? "violated"
        : deciding.every(id => results[id] === "holds")
          ? "contained"
          : "unknown";
}

/** Locks of the same name are one lock: it is made of the resources of all, and fails wherever one of them fails. */
function merged(locks: readonly Lock[]): Lock[] {
    const byName = new Map<string, Lock>();
    for (const lock of locks) {
        const before = byName.get(lock.lock);
        byName.set(
            lock.lock,
            before === undefined
                ? lock
                : {
                      ...before,
                      description: [
                          ...new Set([before.description, lock.description].filter(text => text !== "")),
                      ].join("; "),
                      resources: [...new Set([...before.resources, ...lock.resources])],
                      without: { ...before.without, ...lock.without },
                  },
        );
    }
    return [...byName.values()];
}

/** What was taken for the gateway, and why: the first thing to check where an answer surprises. */
function describeGateway({ gateway, gateways, elsewhere, leftOut }: World): GatewayFound {
    const { pools, possible, alike, namespace, reasons } = gateway;
    const told = ({ pool, because, shared }: GatewayPool) => ({
        name: pathOf(pool),
        ...(pool.resource === undefined ? {} : { resource: pool.resource }),
        because,
        ...(shared === undefined ? {} : { shared }),
    });
    return {
        pools: pools.map(told),
        alike: alike.map(told),
        possible: possible.map(pathOf),
        ...(namespace === undefined ? {} : { namespace }),
        ...(gateways.length < 2
            ? {}
            : {
                  gateways: gateways.map(each => ({
                      name: each.name ?? "",
                      ...(each.namespace === undefined ? {} : { namespace: each.namespace.name }),
                      pools: each.pools.map(({ pool }) => pathOf(pool)),
                  })),
              }),
        reasons,
        elsewhere: elsewhere.map(({ urn }) => urn),
        ...(leftOut.length === 0 ? {} : { networksLeftOut: leftOut.map(({ name }) => name) }),
    };
}
