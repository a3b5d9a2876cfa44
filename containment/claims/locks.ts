import { AS_IT_IS, type Conditions } from "../reach/conditions";
import { type Reach } from "../reach/reach";
import { type Claim, type Lock, type Result } from "../verdict";
import { type LayerKind } from "../world/layers";
import { serves } from "../world/nat";
import { type World } from "../world/world";
import { type Enclosure } from "./enclosure";
import { type GatewayScope } from "./gatewayScope";

const C5 = "C1 still holds with any one lock taken away.";

/** A lock of the network: what it is made of, and the world without it. */
interface NetworkLock extends Pick<Lock, "lock" | "description" | "resources"> {
    readonly removed: Partial<Conditions>;
}

const POLICIES: readonly LayerKind[] = ["hierarchical policy", "network policy", "regional policy"];
const ALL_LAYERS: readonly LayerKind[] = [...POLICIES, "classic rules"];

/**
 * The locks of the network that are there, and `C1` without each of them and with each of them alone.
 *
 * The firewall is the denies of all layers together: without it nothing but the implied rule decides. Where classic rules stand
 * behind a policy they are a lock of their own as well, the belt.
 */
export function networkLocks(reach: Reach, enclosure: Enclosure, scope: GatewayScope): Lock[] {
    const locks = locksOf(reach.world);
    return locks.map(({ lock, description, resources, removed }) => ({
        lock,
        description,
        resources,
        without: {
            C1: enclosure.result({ ...AS_IT_IS, ...removed }),
            C3: scope.claim({ ...AS_IT_IS, ...removed }).result,
        },
        // It holds back IPv6 only, of which the others say nothing.
        ...(lock === "no external IPv6"
            ? {}
            : { alone: enclosure.result(aloneConditions(lock, locks), "IPv4 internet") }),
    }));
}

/** Every other lock is taken away. The belt stands behind the policies' allows, which stay: an allow ends the evaluation before it. */
function aloneConditions(lock: string, locks: readonly NetworkLock[]): Conditions {
    const kept: Partial<Record<string, Partial<Conditions>>> = {
        firewall: { denialsRemoved: new Set(locks.some(({ lock: name }) => name === "belt") ? ["classic rules"] : []) },
        belt: { denialsRemoved: new Set(POLICIES) },
        nat: { natEverywhere: false },
        route: { routeForAll: false },
    };
    const nothing: Conditions = {
        denialsRemoved: new Set(ALL_LAYERS),
        natEverywhere: true,
        routeForAll: true,
        externalIpv6: false,
        withoutGoogleAccess: true,
    };
    return { ...nothing, ...kept[lock] };
}

function locksOf(world: World): NetworkLock[] {
    const layers = world.networks.flatMap(network => network.layers(network.orders[0]!));
    const denying = layers.filter(({ rules }) => rules.some(({ action }) => action === "deny"));
    const resourcesOf = (kinds: readonly LayerKind[]): string[] => [
        ...new Set(
            denying
                .filter(({ kind }) => kinds.includes(kind))
                .flatMap(({ resources, rules }) => [
                    ...rules.filter(({ action }) => action === "deny").map(({ resource }) => resource),
                    ...resources,
                ]),
        ),
    ];
    const policies = resourcesOf(POLICIES);
    const classic = resourcesOf(["classic rules"]);
    const belt = policies.length > 0 && classic.length > 0;
    return [
        {
            lock: "firewall",
            description: "egress denies: a packet that no allow names is dropped at the machine's interface",
            resources: belt ? policies : [...policies, ...classic],
            removed: { denialsRemoved: new Set(ALL_LAYERS) },
        },
        ...(belt
            ? [
                  {
                      lock: "belt",
                      description: "classic egress denies behind the firewall policy",
                      resources: classic,
                      removed: { denialsRemoved: new Set<LayerKind>(["classic rules"]) },
                  },
              ]
            : []),
        {
            lock: "nat",
            description: "machines have no external address, and NAT serves the gateway's ranges only",
            resources: selectiveNats(world),
            removed: { natEverywhere: true },
        },
        {
            lock: "route",
            description: "the default route exists for the gateway's network tag only",
            resources: taggedRoutes(world),
            removed: { routeForAll: true },
        },
        {
            lock: "no external IPv6",
            description: "no subnet has external IPv6, which would need no NAT",
            resources: subnetsWithoutExternalIpv6(world),
            removed: { externalIpv6: true },
        },
    ];
}

/** What says that no subnet has external IPv6: the subnets themselves, or the platform for those that it stands for. */
function subnetsWithoutExternalIpv6({ networks, platform }: World): string[] {
    const subnets = networks.flatMap(network => network.subnets);
    return subnets.some(({ ipv6 }) => ipv6 === "external")
        ? []
        : [...new Set(subnets.flatMap(({ resource }) => resource ?? platform?.resource ?? []))];
}

/** NATs that leave out somebody: a NAT for every subnet is no lock, and beside one no other is. */
function selectiveNats({ networks, sources, gateway }: World): string[] {
    const nats = networks.flatMap(({ nats: list }) => list);
    const servesOthers = nats.some(
        nat =>
            typeof nat.ipv4 === "string" ||
            sources.some(
                source =>
                    !source.gateway &&
                    source.subnets.some(
                        subnet =>
                            !gateway.identity.subnets.includes(subnet) && serves(nat, subnet, source.range) !== "no",
                    ),
            ),
    );
    return servesOthers ? [] : nats.map(({ resource }) => resource);
}

/** Tagged default routes, as long as no other default route stands beside them. */
function taggedRoutes({ networks }: World): string[] {
    const defaults = networks.flatMap(({ routes }) =>
        routes.filter(
            ({ destination, nextHop }) =>
                nextHop === "internet" && destination.first === 0n && destination.last >= (1n << 32n) - 1n,
        ),
    );
    return defaults.some(({ tags }) => tags === undefined) ? [] : defaults.flatMap(({ resource }) => resource ?? []);
}

/** Locks of other claims do not stand behind a lock of the network. */
function isMissing({ alone, lock, resources }: Lock): boolean {
    return lock === "no external IPv6" ? resources.length === 0 : alone !== undefined && alone !== "holds";
}

/** Depth: what stands and falls with one lock. */
export function depthClaim(locks: readonly Lock[], enclosure: Result): Claim {
    if (enclosure !== "holds") {
        return {
            id: "C5",
            statement: C5,
            result: enclosure,
            witnesses: [],
            reasons: ["C1 does not hold with every lock in place."],
        };
    }
    const fallen = locks.filter(({ without }) => without.C1 === "violated");
    const open = locks.filter(({ without }) => without.C1 === "unknown");
    return {
        id: "C5",
        statement: C5,
        result: fallen.length > 0 ? "violated" : open.length > 0 ? "unknown" : "holds",
        witnesses: fallen.map(({ lock, description }) => ({
            source: `the network without its lock "${lock}"`,
            hops: [{ at: "lock", decision: `${lock}: ${description}. Nothing stands behind it.`, decides: true }],
            remedy: `Add a second lock: ${locks
                .filter(other => other.lock !== lock && isMissing(other))
                .map(({ lock: name, description: words }) => `${name} (${words})`)
                .join(", or ")}.`,
        })),
        reasons: open.map(({ lock }) => `without the lock "${lock}" C1 cannot be decided.`),
    };
}
