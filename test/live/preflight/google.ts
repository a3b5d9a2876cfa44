import { GoogleApi } from "../../../live/google/api";
import { type PreflightCheck } from "../../../live/preflight/check";
import { preflight } from "../../../live/preflight/preflight";
import { type Settings } from "../../../settings/settings";
import { emptyProject, FakeProject } from "../deployed/google";
import { PERMISSIONS } from "../deployed/rig";
import { type Said } from "../loopback";

/** Google's answers, as its REST APIs give them, for the platform of the dev stack. Tests change what they are about. */
export interface World {
    network: Record<string, unknown> | undefined;
    effectiveFirewalls: Record<string, unknown>;
    subnetworks: Record<string, unknown>[];
    routes: Record<string, unknown>[];
    routers: Record<string, unknown>[];
    cluster: Record<string, unknown> | undefined;
    /** Reserved addresses, by name. */
    addresses: Record<string, Record<string, unknown>>;
    quotas: { metric: string; limit: number; usage: number }[];
    /** Project of the network, where it is another than that of the cluster. */
    networkProject?: string;
    /** Paths that answer 403. */
    forbidden: RegExp | undefined;
}

const COMPUTE = "https://www.googleapis.com/compute/v1/projects/acme-dev";
export const NETWORK = `${COMPUTE}/global/networks/acme-dev`;
const subnetLink = (name: string): string => `${COMPUTE}/regions/europe-west1/subnetworks/${name}`;

export function devWorld(): World {
    return {
        network: {
            name: "acme-dev",
            selfLink: NETWORK,
            autoCreateSubnetworks: false,
            networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
        },
        effectiveFirewalls: {
            firewallPolicys: [
                {
                    name: "123",
                    shortName: "acme-dev-egress",
                    type: "NETWORK",
                    rules: [egress(60000, "deny", ["0.0.0.0/0"])],
                },
            ],
            firewalls: [
                {
                    name: "acme-dev-egress-belt-ipv4",
                    direction: "EGRESS",
                    priority: 65534,
                    denied: [{ IPProtocol: "all" }],
                    destinationRanges: ["0.0.0.0/0"],
                    network: NETWORK,
                },
                {
                    name: "gke-acme-dev-all",
                    direction: "INGRESS",
                    priority: 1000,
                    allowed: [{ IPProtocol: "tcp" }],
                    network: NETWORK,
                },
            ],
        },
        subnetworks: [
            {
                name: "acme-dev",
                network: NETWORK,
                ipCidrRange: "10.0.0.0/22",
                stackType: "IPV4_ONLY",
                privateIpGoogleAccess: true,
            },
            {
                name: "acme-dev-egress",
                network: NETWORK,
                ipCidrRange: "10.0.8.0/27",
                stackType: "IPV4_ONLY",
                privateIpGoogleAccess: true,
                secondaryIpRanges: [{ rangeName: "egress-pods", ipCidrRange: "10.3.0.0/22" }],
            },
            {
                name: "default",
                network: `${COMPUTE}/global/networks/default`,
                ipCidrRange: "10.132.0.0/20",
                stackType: "IPV4_IPV6",
                ipv6AccessType: "EXTERNAL",
            },
        ],
        routes: [
            route("acme-dev-egress-default-egress-gateway", "0.0.0.0/0", {
                nextHopGateway: `${COMPUTE}/global/gateways/default-internet-gateway`,
                tags: ["egress-gateway"],
            }),
            route("default-route-local", "10.0.0.0/22", { nextHopNetwork: NETWORK }),
            {
                ...route("of-another-network", "0.0.0.0/0", { nextHopGateway: "default-internet-gateway" }),
                network: `${COMPUTE}/global/networks/default`,
            },
        ],
        routers: [
            {
                name: "acme-dev-egress",
                network: NETWORK,
                nats: [nat("acme-dev-egress", "LIST_OF_SUBNETWORKS", ["acme-dev-egress"])],
            },
        ],
        cluster: {
            name: "acme-dev",
            currentMasterVersion: "1.34.1-gke.1829001",
            network: "acme-dev",
            clusterIpv4Cidr: "10.4.0.0/14",
            servicesIpv4Cidr: "10.8.0.0/20",
            privateClusterConfig: {
                enablePrivateNodes: true,
                masterIpv4CidrBlock: "172.16.0.0/28",
                privateEndpoint: "172.16.0.2",
            },
            ipAllocationPolicy: {
                additionalIpRangesConfigs: [
                    {
                        subnetwork: "projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-egress",
                        podIpv4RangeNames: ["egress-pods"],
                        status: "ACTIVE",
                    },
                ],
            },
            networkConfig: {
                network: "projects/acme-dev/global/networks/acme-dev",
                datapathProvider: "ADVANCED_DATAPATH",
                defaultSnatStatus: { disabled: false },
                dnsConfig: { clusterDns: "KUBE_DNS" },
            },
            workloadIdentityConfig: { workloadPool: "acme-dev.svc.id.goog" },
            controlPlaneEgress: { mode: "NONE" },
            nodePools: [
                pool("applications", { serviceAccount: "nodes@acme-dev.iam.gserviceaccount.com" }),
                pool(
                    "gateway",
                    {
                        serviceAccount: "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com",
                        tags: ["egress-gateway"],
                        labels: { "egress-gateway/node": "true" },
                    },
                    "acme-dev-egress",
                ),
            ],
        },
        quotas: [
            { metric: "CPUS", limit: 72, usage: 12 },
            { metric: "SSD_TOTAL_GB", limit: 500, usage: 150 },
            { metric: "STATIC_ADDRESSES", limit: 8, usage: 2 },
        ],
        addresses: {},
        forbidden: undefined,
    };
}

export function egress(priority: number, action: string, destIpRanges: readonly string[]): object {
    return {
        priority,
        action,
        direction: "EGRESS",
        ruleName: `rule-${priority}`,
        match: { destIpRanges, layer4Configs: [{ ipProtocol: "all" }] },
    };
}

export function route(name: string, destRange: string, more: object): Record<string, unknown> {
    return { name, destRange, network: NETWORK, priority: 1000, ...more };
}

export function nat(name: string, ranges: string, subnets: readonly string[]): Record<string, unknown> {
    return {
        name,
        sourceSubnetworkIpRangesToNat: ranges,
        subnetworks: subnets.map(subnet => ({ name: subnetLink(subnet), sourceIpRangesToNat: ["PRIMARY_IP_RANGE"] })),
    };
}

export function pool(name: string, config: object, subnetwork?: string): Record<string, unknown> {
    return {
        name,
        config: { workloadMetadataConfig: { mode: "GKE_METADATA" }, ...config },
        networkConfig: {
            enablePrivateNodes: true,
            ...(subnetwork === undefined
                ? {}
                : { subnetwork: `projects/acme-dev/regions/europe-west1/subnetworks/${subnetwork}` }),
        },
    };
}

/** What of it does not agree. */
export function wrong(checks: readonly PreflightCheck[]): string[] {
    return checks.filter(({ result }) => result !== "agrees").map(({ id, result }) => `${result} ${id}`);
}

/** Google with such a world, for whoever has the rights of live/roles.yaml. */
export class FakeGoogle extends FakeProject {
    world = devWorld();
    override granted = new Set(PERMISSIONS);

    /** What preflight says of the dev stack's world after a change. */
    checks(settings: Settings, change: (world: World) => void = () => undefined): Promise<PreflightCheck[]> {
        this.world = devWorld();
        change(this.world);
        return preflight(settings, { google: () => GoogleApi.connect(this.options()) });
    }

    protected override answer(method: string, path: string, query: URLSearchParams): Said {
        const { world } = this;
        if (world.forbidden?.test(path) === true) {
            return this.refusal(403, `Required permission for '${path}'`);
        }
        const { networkProject = "acme-dev" } = world;
        const own = emptyProject("acme-dev");
        const host = networkProject === own.id ? own : emptyProject(networkProject);
        const region = "regions/europe-west1";
        Object.assign(host.compute, {
            "global/networks": world.network === undefined ? [] : [world.network],
            "global/routes": world.routes,
            [`${region}/subnetworks`]: world.subnetworks,
            [`${region}/routers`]: world.routers,
            [`${region}/addresses`]: Object.values(world.addresses),
        });
        own.clusters = world.cluster === undefined ? [] : [{ location: "europe-west1", ...world.cluster }];
        this.projects = [own, host];
        switch (path.replace("/compute/v1/projects/", "")) {
            case `${host.id}/global/networks/acme-dev/getEffectiveFirewalls`:
                return [200, world.effectiveFirewalls];
            case `${host.id}/${region}`:
                return [200, { quotas: world.quotas }];
            // The service project of a shared VPC has quota for machines, and no network.
            case `${own.id}/${region}`:
                return [200, { quotas: world.quotas.filter(({ metric }) => metric !== "STATIC_ADDRESSES") }];
            default:
                return super.answer(method, path, query);
        }
    }
}
