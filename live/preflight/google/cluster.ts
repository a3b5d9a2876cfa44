import { type GooglePlatform } from "../../../contract/platform";
import { GATEWAY_NODE_KEY } from "../../../base/conventions";
import { contains, ipv4Range } from "../../../base/cidr";
import { agrees, attention, contradicts, kubernetesVersion, type PreflightCheck, same } from "../check";
import { type ClusterFacts, type PoolFacts } from "./facts";
import { type OwnNames } from "./network";

export function clusterChecks(
    platform: GooglePlatform,
    cluster: ClusterFacts | undefined,
    own: OwnNames,
    scope: "network" | "cluster",
    guarded: boolean,
): PreflightCheck[] {
    const { cluster: said } = platform;
    if (cluster === undefined) {
        return [
            contradicts(
                { id: "cluster/exists", subject: `cluster ${said.name} in ${said.location}`, expected: "it exists" },
                "there is no such cluster",
                "Correct egress-gateway:platform.cluster.name and location, or gcp:project.",
            ),
        ];
    }
    const path = "egress-gateway:platform.cluster";
    return [
        same(
            "cluster/network",
            `network of cluster ${said.name}`,
            platform.network,
            cluster.network,
            "Correct egress-gateway:platform.network.",
        ),
        kubernetesVersion("cluster/version", said.kubernetesVersion, cluster.version, guarded),
        registration(platform, cluster),
        said.podCidrs.includes(cluster.podCidr)
            ? agrees({ id: "cluster/pods", subject: "pod range", expected: said.podCidrs.join(", ") }, cluster.podCidr)
            : contradicts(
                  { id: "cluster/pods", subject: "pod range", expected: said.podCidrs.join(", ") },
                  cluster.podCidr,
                  `Correct ${path}.podCidrs: the firewall denies ranges that it does not know, the cluster's own included.`,
              ),
        same(
            "cluster/services",
            "Service range",
            said.serviceCidr,
            cluster.serviceCidr,
            `Correct ${path}.serviceCidr.`,
        ),
        controlPlane(said.controlPlaneCidr, cluster.controlPlaneAddresses),
        same(
            "cluster/dataplane",
            "data plane",
            said.dataplane,
            cluster.dataplaneV2 ? "v2" : "legacy",
            `Correct ${path}.dataplane: it decides at which address pods find the metadata server.`,
        ),
        cluster.networkPoliciesEnforced
            ? agrees({ id: "cluster/network-policies", subject: "network policies", expected: "enforced" }, "enforced")
            : contradicts(
                  { id: "cluster/network-policies", subject: "network policies", expected: "enforced" },
                  "accepted, and enforced by nothing",
                  "Switch enforcement on for the cluster (`gcloud container clusters update NAME --update-addons=NetworkPolicy=ENABLED`, then `--enable-network-policy`), or use Dataplane V2.",
              ),
        dnsCheck(said.dns, cluster, path),
        same(
            "cluster/snat",
            "default SNAT",
            said.defaultSnat ? "on" : "off",
            cluster.defaultSnat ? "on" : "off",
            `Correct ${path}.defaultSnat: it decides which range NAT serves.`,
        ),
        cluster.workloadIdentityPool === undefined
            ? contradicts(
                  { id: "cluster/workload-identity", subject: "workload identity", expected: "on" },
                  "off",
                  "Without it every pod has its node's token: switch it on for the cluster and its pools.",
              )
            : agrees(
                  { id: "cluster/workload-identity", subject: "workload identity", expected: "on" },
                  cluster.workloadIdentityPool,
              ),
        ...(cluster.autoProvisioning
            ? [
                  attention(
                      { id: "cluster/auto-provisioning", subject: "node auto-provisioning", expected: "off" },
                      "on",
                      "Pools that it makes have whatever account a ComputeClass names; the guard keeps the gateway's out of those, so leave the guard on.",
                  ),
              ]
            : []),
        ...(cluster.controlPlaneCallsOut
            ? [
                  attention(
                      {
                          id: "cluster/control-plane-egress",
                          subject: "egress of the control plane",
                          expected: "NONE",
                      },
                      "the API server can be made to call out, by webhooks with URLs or aggregated APIs",
                      "From GKE 1.35.1 on it can be switched off (control plane egress NONE); until then restrict who may create those.",
                  ),
              ]
            : []),
        ...poolChecks(platform, cluster, own, scope),
    ];
}

/** Where the settings say kube-dns, policies leave NodeLocal DNSCache open as well: GKE switches it on by itself. */
function dnsCheck(said: GooglePlatform["cluster"]["dns"], cluster: ClusterFacts, path: string): PreflightCheck {
    const live = cluster.cloudDns ? "cloud-dns" : cluster.nodeLocalDns ? "node-local-dns" : "kube-dns";
    const either = live !== "cloud-dns" && said !== "cloud-dns";
    return either
        ? agrees({ id: "cluster/dns", subject: "DNS of the cluster", expected: said }, live)
        : same(
              "cluster/dns",
              "DNS of the cluster",
              said,
              live,
              `Correct ${path}.dns: network policies open DNS to this resolver only.`,
          );
}

/** Without the registration GKE refuses a pool in that subnet (GKE documentation, "Add subnets to clusters"). */
function registration({ cluster, egressSubnet }: GooglePlatform, { additionalSubnets }: ClusterFacts): PreflightCheck {
    const subject = {
        id: "cluster/egress-subnet",
        subject: `subnet ${egressSubnet.name} in the cluster`,
        expected: `registered as an additional subnet with pod range ${egressSubnet.podRange}`,
    };
    const found = additionalSubnets.find(({ name }) => name === egressSubnet.name);
    const remedy = `Register it: ipAllocationPolicy.additionalIpRangesConfigs of the cluster, or \`gcloud container clusters update ${cluster.name} --location ${cluster.location} --additional-ip-ranges=subnetwork=${egressSubnet.name},pod-ipv4-range=${egressSubnet.podRange}\`.`;
    if (found === undefined) {
        return contradicts(
            subject,
            additionalSubnets.length === 0
                ? "no additional subnet is registered"
                : `registered are ${additionalSubnets.map(({ name }) => name).join(", ")}`,
            remedy,
        );
    }
    if (!found.podRanges.includes(egressSubnet.podRange)) {
        return contradicts(subject, `registered with ${found.podRanges.join(", ")}`, remedy);
    }
    return found.draining
        ? contradicts(subject, "registered, but draining: GKE puts no new pool there", "Set its status to ACTIVE.")
        : agrees(subject, "registered");
}

function controlPlane(cidr: string, addresses: readonly string[]): PreflightCheck {
    const subject = { id: "cluster/control-plane", subject: "control plane's endpoints", expected: `inside ${cidr}` };
    const outside = addresses.filter(
        address => !contains(ipv4Range(cidr), ipv4Range(address.includes("/") ? address : `${address}/32`)),
    );
    return outside.length === 0
        ? agrees(subject, addresses.join(", ") || "no private endpoint is told")
        : contradicts(
              subject,
              outside.join(", "),
              "Correct egress-gateway:platform.cluster.controlPlaneCidr: nodes that cannot reach the control plane are lost.",
          );
}

/** Nobody else may have what makes a gateway node a gateway node. */
function poolChecks(
    { cluster: said, egressSubnet }: GooglePlatform,
    { pools, privateNodes }: ClusterFacts,
    own: OwnNames,
    scope: "network" | "cluster",
): PreflightCheck[] {
    const others = pools.filter(pool => !isGatewayPool(pool));
    return [
        ...others.flatMap(({ name, gkeMetadata, privateNodes: poolPrivate, serviceAccount, subnet, tags }) => {
            const of = (what: string, expected: string) => ({
                id: `cluster/pool/${name}/${what}`,
                subject: `node pool ${name}`,
                expected,
            });
            return [
                ...(serviceAccount === own.nodeAccount
                    ? [
                          contradicts(
                              of("account", "another service account than the gateway nodes'"),
                              serviceAccount,
                              "The firewall lets that identity out: give the pool an account of its own.",
                          ),
                      ]
                    : []),
                ...(tags.includes(own.networkTag)
                    ? [
                          contradicts(
                              of("tag", `without network tag ${own.networkTag}`),
                              tags.join(", "),
                              "The only default route is for that tag: take it off the pool.",
                          ),
                      ]
                    : []),
                ...(subnet === egressSubnet.name
                    ? [
                          contradicts(
                              of("subnet", `in another subnet than ${egressSubnet.name}`),
                              subnet,
                              "NAT serves that subnet: recreate the pool in another, and name the subnet of every pool.",
                          ),
                      ]
                    : []),
                ...(poolPrivate || privateNodes
                    ? []
                    : [
                          contradicts(
                              of("private", "nodes without public addresses"),
                              "its nodes have public addresses",
                              "An address of its own needs no NAT: recreate the pool with private nodes.",
                          ),
                      ]),
                ...(gkeMetadata
                    ? []
                    : [
                          attention(
                              of("metadata", "GKE_METADATA"),
                              "pods can read the node's own token",
                              "Set workloadMetadataConfig.mode to GKE_METADATA.",
                          ),
                      ]),
                ...(scope === "cluster" && !said.nodeServiceAccounts.includes(serviceAccount)
                    ? [
                          contradicts(
                              of(
                                  "scope",
                                  "a service account in nodeServiceAccounts, because perimeter.scope is `cluster`",
                              ),
                              serviceAccount,
                              "The perimeter denies for listed accounts only: add it to egress-gateway:platform.cluster.nodeServiceAccounts.",
                          ),
                      ]
                    : []),
            ];
        }),
        ...(others.length === 0
            ? []
            : [
                  agrees(
                      { id: "cluster/pools", subject: "node pools", expected: "application pools" },
                      others.map(({ name }) => name).join(", "),
                  ),
              ]),
    ];
}

/** @param value of one gateway's nodes @default any gateway's */
export function isGatewayPool({ labels }: PoolFacts, value?: string): boolean {
    const marked = labels[GATEWAY_NODE_KEY];
    return value === undefined ? marked !== undefined : marked === value;
}
