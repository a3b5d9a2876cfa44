import { type GooglePlatform, type PlatformFacts } from "../contract/platform";
import { natCapacity } from "./natCapacity";
import { type Destination, type Sections } from "./schema";
import { contains, ipv4Range, isPrivate, overlap, PRIVATE_CIDRS, size } from "./values/cidr";
import { type Problem } from "./values/problem";

/**
 * What several values have to agree on. Each function takes the parts that passed the schema and stays silent about parts
 * that did not, so that all problems can be told at once.
 */

/** The four addresses of every primary range that Google keeps for itself (VPC documentation, "Unusable addresses"). */
const RESERVED_ADDRESSES = 4;

/** Pods a gateway node may hold; GKE gives a node twice as many addresses, rounded up to a power of two. */
export const MAX_PODS_PER_NODE = 32;
const POD_ADDRESSES_PER_NODE = 64;

/** Ranges that must not overlap, with the path that each stands at. */
export function rangeProblems(platform: PlatformFacts, path: string): Problem[] {
    const { cluster } = platform;
    const ranges = [
        ...cluster.nodeCidrs.map((cidr, index) => ({ path: `${path}.cluster.nodeCidrs[${index}]`, cidr })),
        ...cluster.podCidrs.map((cidr, index) => ({ path: `${path}.cluster.podCidrs[${index}]`, cidr })),
        { path: `${path}.cluster.serviceCidr`, cidr: cluster.serviceCidr },
        { path: `${path}.cluster.controlPlaneCidr`, cidr: cluster.controlPlaneCidr },
        ...(platform.kind === "gke"
            ? [
                  { path: `${path}.egressSubnet.nodeCidr`, cidr: platform.egressSubnet.nodeCidr },
                  { path: `${path}.egressSubnet.podCidr`, cidr: platform.egressSubnet.podCidr },
              ]
            : []),
    ];
    return ranges.flatMap((later, index) =>
        ranges.slice(0, index).flatMap((earlier): Problem[] => {
            if (!overlap(ipv4Range(earlier.cidr), ipv4Range(later.cidr)) || endpointInNodeRange(earlier, later)) {
                return [];
            }
            const egressInNodes = later.path.endsWith("egressSubnet.nodeCidr") && earlier.path.includes("nodeCidrs");
            return [
                {
                    path: later.path,
                    given: later.cidr,
                    expected: `a range that does not overlap ${earlier.cidr} (${earlier.path})`,
                    remedy: egressInNodes
                        ? "Gateway nodes need a subnet of their own: NAT is given to that subnet alone, and a shared one would give it to every node."
                        : "Write the ranges as the subnets and the cluster have them.",
                },
            ];
        }),
    );
}

/** A private endpoint takes its address from a node subnet (GKE documentation, Private Service Connect clusters). */
function endpointInNodeRange(earlier: { path: string; cidr: string }, later: { path: string; cidr: string }): boolean {
    return (
        later.path.endsWith("controlPlaneCidr") &&
        earlier.path.includes("nodeCidrs") &&
        contains(ipv4Range(earlier.cidr), ipv4Range(later.cidr))
    );
}

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
        problems.push(...ordered("egress-gateway:nat", nat, "minPortsPerNode", "maxPortsPerNode"));
    }
    if (gateway !== undefined && nat !== undefined) {
        const capacity = natCapacity({ ...nat, maxNodes: gateway.maxNodes });
        if (nat.addresses < capacity.addressesNeeded) {
            problems.push({
                path: "egress-gateway:nat.addresses",
                given: nat.addresses,
                expected: `at least ${capacity.addressesNeeded}: ${capacity.nodes} nodes (maxNodes and one for upgrades) with ${nat.minPortsPerNode} ports each`,
                remedy: `Write ${capacity.addressesNeeded}, or lower nat.minPortsPerNode or gateway.maxNodes.`,
            });
        }
    }
    if (gateway !== undefined && platform !== undefined) {
        problems.push(...subnetProblems(gateway, platform));
    }
    return problems;
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

function ordered<K extends string>(path: string, section: Readonly<Record<K, unknown>>, low: K, high: K): Problem[] {
    const [lowest, highest] = [section[low] as number, section[high] as number];
    return lowest <= highest
        ? []
        : [
              {
                  path: `${path}.${low}`,
                  given: lowest,
                  expected: `at most ${high}, which is ${highest}`,
                  remedy: `Lower ${low} or raise ${high}.`,
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
    const own = `${gateway.nodeAccountId}@${google.project}.iam.gserviceaccount.com`;
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
        ...(accounts.includes(own)
            ? [
                  {
                      path: `${path}[${accounts.indexOf(own)}]`,
                      given: own,
                      expected: "accounts other than the gateway nodes'",
                      remedy: "Application nodes with the gateway's identity would have its way out; give them another account, or choose another gateway.nodeAccountId.",
                  },
              ]
            : []),
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
