import { type GooglePlatform, type PlatformFacts } from "../contract/platform";
import { servingAddresses } from "./natAddresses";
import { natCapacity } from "./natCapacity";
import { poolsAtOnce } from "./retiring";
import { type Destination, type Sections } from "./schema";
import { ipv4Range, isPrivate, size } from "../base/cidr";
import { PRIVATE_CIDRS } from "../base/addresses";
import { SIDECAR_PORTS } from "../base/conventions";
import { type Problem } from "../base/problem";
import { nodeAccountAddress } from "./googleNames";

/**
 * What several values have to agree on. Each function takes the parts that passed the schema and stays silent about parts
 * that did not, so that all problems can be told at once.
 */

/** The four addresses of every primary range that Google keeps for itself (VPC documentation, "Unusable addresses"). */
const RESERVED_ADDRESSES = 4;

/** Pods a gateway node may hold; GKE gives a node twice as many addresses, rounded up to a power of two. */
export const MAX_PODS_PER_NODE = 32;
const POD_ADDRESSES_PER_NODE = 64;

/** The gateway's greatest size against the egress subnet and against the NAT addresses. */
export function capacityProblems(parts: {
    readonly gateway?: Sections["gateway"];
    readonly nat?: Sections["nat"];
    readonly platform?: GooglePlatform;
}): Problem[] {
    const { gateway, nat, platform } = parts;
    const problems: Problem[] = [];
    if (gateway !== undefined) {
        problems.push(
            ...ordered("egress-gateway:gateway", gateway, "minNodes", "maxNodes"),
            ...ordered("egress-gateway:gateway", gateway, "minReplicas", "maxReplicas"),
        );
    }
    if (nat !== undefined) {
        problems.push(
            ...ordered("egress-gateway:nat", nat, "minPortsPerNode", "maxPortsPerNode", {
                // Dynamic allocation wants a greater maximum (Compute Engine API, `routers.nats.maxPortsPerVm`).
                strictly: true,
            }),
        );
    }
    if (gateway !== undefined && nat !== undefined) {
        const pools = poolsAtOnce(gateway);
        const addresses = servingAddresses(nat);
        const capacity = natCapacity({ ...nat, addresses, maxNodes: pools * gateway.maxNodes });
        if (addresses < capacity.addressesNeeded) {
            problems.push({
                path: "egress-gateway:nat.addresses",
                given: nat.addresses,
                expected: `at least ${capacity.addressesNeeded}: ${capacity.nodes} nodes (${pools === 1 ? "" : "the old pool's and the new one's "}maxNodes and one for upgrades) with ${nat.minPortsPerNode} ports each`,
                remedy: `Write ${capacity.addressesNeeded}, or lower nat.minPortsPerNode or gateway.maxNodes.`,
            });
        }
    }
    if (gateway !== undefined && platform !== undefined) {
        problems.push(...subnetProblems(gateway, platform), ...zoneProblems(gateway, platform));
    }
    return problems;
}

/** What the proxies keep must be known to NAT still: it tells nobody when it forgets a connection. */
export function idleProblems(mesh: Sections["mesh"], { establishedIdleSeconds }: Sections["nat"]): Problem[] {
    return (["keepAliveSeconds", "httpIdleSeconds"] as const)
        .filter(key => mesh[key] >= establishedIdleSeconds)
        .map(key => ({
            path: `egress-gateway:mesh.${key}`,
            given: mesh[key],
            expected: `less than nat.establishedIdleSeconds, which is ${establishedIdleSeconds}`,
            remedy: `Lower ${key} or raise nat.establishedIdleSeconds.`,
        }));
}

/** Google's collectors and channels exist on Google Cloud alone, and what only one collector reads is not for the other. */
export function monitoringProblems(monitoring: Sections["monitoring"], { kind }: PlatformFacts): Problem[] {
    const { collector, labels, notificationChannels } = monitoring;
    const problem = (key: keyof Sections["monitoring"], expected: string, remedy: string): Problem => ({
        path: `egress-gateway:monitoring.${key}`,
        given: monitoring[key],
        expected,
        remedy,
    });
    return [
        ...(collector === "google-managed-prometheus" && kind !== "gke"
            ? [
                  problem(
                      "collector",
                      "`prometheus-operator` on a cluster that is not GKE's",
                      "Write `prometheus-operator` and where its Prometheus runs (`collectorNamespace`), or `none`.",
                  ),
              ]
            : []),
        ...(notificationChannels.length > 0 && (collector === "none" || kind !== "gke")
            ? [
                  problem(
                      "notificationChannels",
                      "none, since no alert policy of Google's is made",
                      "Remove them; on GKE `monitoring.collector` makes the policies.",
                  ),
              ]
            : []),
        ...(Object.keys(labels).length > 0 && collector !== "prometheus-operator"
            ? [
                  problem(
                      "labels",
                      "none, since only a Prometheus of `prometheus-operator` looks for its objects by label",
                      "Remove them, or set `monitoring.collector: prometheus-operator`.",
                  ),
              ]
            : []),
    ];
}

function subnetProblems(gateway: Sections["gateway"], { egressSubnet }: GooglePlatform): Problem[] {
    const nodes = natCapacity({
        addresses: 1,
        maxNodes: gateway.maxNodes,
        minPortsPerNode: 1,
        maxPortsPerNode: 1,
    }).nodes;
    const nodeRoom = size(ipv4Range(egressSubnet.nodeCidr)) - RESERVED_ADDRESSES;
    const podRoom = Math.floor(size(ipv4Range(egressSubnet.podCidr)) / POD_ADDRESSES_PER_NODE);
    const remedy = "Enlarge the range in the platform, or lower gateway.maxNodes.";
    const problems: Problem[] = [];
    if (nodeRoom < nodes) {
        problems.push({
            path: "egress-gateway:platform.egressSubnet.nodeCidr",
            given: egressSubnet.nodeCidr,
            expected: `room for ${nodes} nodes (gateway.maxNodes and one for upgrades); it has room for ${Math.max(0, nodeRoom)}`,
            remedy,
        });
    }
    if (podRoom < nodes) {
        problems.push({
            path: "egress-gateway:platform.egressSubnet.podCidr",
            given: egressSubnet.podCidr,
            expected: `${POD_ADDRESSES_PER_NODE} addresses for each of ${nodes} nodes; it is enough for ${podRoom}`,
            remedy,
        });
    }
    return problems;
}

function ordered<K extends string>(
    path: string,
    section: Readonly<Record<K, unknown>>,
    low: K,
    high: K,
    { strictly = false } = {},
): Problem[] {
    const [lowest, highest] = [section[low] as number, section[high] as number];
    return lowest < highest || (lowest === highest && !strictly)
        ? []
        : [
              {
                  path: `${path}.${low}`,
                  given: lowest,
                  expected: `${strictly ? "less than" : "at most"} ${high}, which is ${highest}`,
                  remedy: `Lower ${low} or raise ${high}.`,
              },
          ];
}

/** Zones that the gateway's nodes are spread over; GKE takes three of a region when none are named. */
export function zoneCount({ cluster }: GooglePlatform): number {
    const isZone = /-[a-z]$/.test(cluster.location);
    return cluster.zones.length > 0 ? cluster.zones.length : isZone ? 1 : 3;
}

/** A pool starts with one node in each zone, whatever its maximum is. */
function zoneProblems({ maxNodes }: Sections["gateway"], platform: GooglePlatform): Problem[] {
    const zones = zoneCount(platform);
    return maxNodes >= zones
        ? []
        : [
              {
                  path: "egress-gateway:gateway.maxNodes",
                  given: maxNodes,
                  expected: `at least ${zones}, the zones of the cluster: the pool begins with a node in each of them`,
                  remedy: `Write ${zones} or more, or name fewer zones in egress-gateway:platform.cluster.zones.`,
              },
          ];
}

/** Private destinations lie in private ranges and are given to namespaces that are clients. */
export function privateDestinationProblems(
    clients: Sections["clients"],
    clientNamespaces: readonly string[],
): Problem[] {
    const names = new Map<string, number>();
    return clients.privateDestinations.flatMap((destination, index): Problem[] => {
        const path = `egress-gateway:clients.privateDestinations[${index}]`;
        const earlier = names.get(destination.name);
        names.set(destination.name, earlier ?? index);
        return [
            ...destination.cidrs.flatMap((cidr, position) =>
                isPrivate(ipv4Range(cidr))
                    ? []
                    : [
                          {
                              path: `${path}.cidrs[${position}]`,
                              given: cidr,
                              expected: `a range inside ${PRIVATE_CIDRS.join(", ")}`,
                              remedy: "It contains public addresses, and those are reached through the gateway only: list the host under `destinations`.",
                          },
                      ],
            ),
            ...destination.ports.flatMap(({ number }, position) =>
                SIDECAR_PORTS.includes(number)
                    ? [
                          {
                              path: `${path}.ports[${position}].number`,
                              given: number,
                              expected: `a port other than ${SIDECAR_PORTS.join(", ")}, on which every sidecar listens itself`,
                              remedy: "Remove it: new pods of the namespaces would be left without a way out.",
                          },
                      ]
                    : [],
            ),
            ...destination.namespaces.flatMap((namespace, position) =>
                clientNamespaces.includes(namespace)
                    ? []
                    : [
                          {
                              path: `${path}.namespaces[${position}]`,
                              given: namespace,
                              expected: `a client namespace, one that a destination's \`allow\` names: ${clientNamespaces.join(", ") || "there is none"}`,
                              remedy: "This stack restricts client namespaces only; a namespace that is no client needs no entry.",
                          },
                      ],
            ),
            ...(earlier === undefined
                ? []
                : [
                      {
                          path: `${path}.name`,
                          given: destination.name,
                          expected: `a name that privateDestinations[${earlier}] does not have`,
                          remedy: "Rename one, or put the ranges of both into one entry.",
                      },
                  ]),
        ];
    });
}

/** The perimeter's reach against the identities that it would have to name. */
export function perimeterProblems(
    perimeter: Sections["perimeter"],
    gateway: Sections["gateway"],
    google: { project: string },
    platform: GooglePlatform,
): Problem[] {
    const accounts = platform.cluster.nodeServiceAccounts;
    const own = [gateway.nodeAccountId, gateway.retiring.nodeAccountId].flatMap(id =>
        id === undefined ? [] : [nodeAccountAddress(id, google.project)],
    );
    const path = "egress-gateway:platform.cluster.nodeServiceAccounts";
    return [
        ...(perimeter.scope === "cluster" && accounts.length === 0
            ? [
                  {
                      path,
                      given: accounts,
                      expected:
                          "the service account of every node pool of the cluster, because perimeter.scope is `cluster`",
                      remedy: "List them, or set perimeter.scope to `network`, which denies for every VM and needs no list.",
                  },
              ]
            : []),
        ...accounts.flatMap((account, index) =>
            own.includes(account)
                ? [
                      {
                          path: `${path}[${index}]`,
                          given: account,
                          expected: "accounts other than the gateway nodes'",
                          remedy: "Application nodes with the gateway's identity would have its way out; give them another account, or choose another gateway.nodeAccountId.",
                      },
                  ]
                : [],
        ),
    ];
}

/** Namespaces with a role of their own cannot be clients. */
export function namespaceProblems(
    destinations: readonly Destination[],
    mesh?: Sections["mesh"],
    gateway?: Sections["gateway"],
): Problem[] {
    const roles = new Map<string, string>([
        ...(mesh === undefined ? [] : [[mesh.controlPlaneNamespace, "the control plane"] as const]),
        ...(gateway === undefined ? [] : [[gateway.namespace, "the gateway"] as const]),
    ]);
    const same: Problem[] =
        mesh !== undefined && gateway !== undefined && mesh.controlPlaneNamespace === gateway.namespace
            ? [
                  {
                      path: "egress-gateway:gateway.namespace",
                      given: gateway.namespace,
                      expected: "a namespace other than the control plane's",
                      remedy: "Istio treats its root namespace specially when it looks for DestinationRules; keep the gateway in a namespace of its own.",
                  },
              ]
            : [];
    return [
        ...same,
        ...destinations.flatMap(destination =>
            destination.allow.flatMap(({ namespace }, index) => {
                const role = roles.get(namespace);
                return role === undefined
                    ? []
                    : [
                          {
                              path: `${destination.source}.allow[${index}].namespace`,
                              given: namespace,
                              expected: `a namespace other than that of ${role}`,
                              remedy: "Run the application in a namespace of its own.",
                          },
                      ];
            }),
        ),
    ];
}
