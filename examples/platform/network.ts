import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { GOOGLE_RESTRICTED_CIDR } from "./googleApis";
import { googleNames, type PlatformSettings, RANGES } from "./settings";

/**
 * A network that leads nowhere: no default route, no NAT, no external address. Until the egress stack exists that is what
 * holds everybody back, and it costs nothing: Google's implied rule allows all egress, so nodes reach the control plane and
 * the restricted Google range, register and run. The deny itself is the egress stack's: a network has room for one global
 * firewall policy, and it has to come with the exceptions that it makes.
 */
export class Network extends pulumi.ComponentResource {
    constructor(name: string, settings: PlatformSettings, opts?: pulumi.ComponentResourceOptions) {
        const { project, platform } = settings;
        super("platform:network:Network", name, { network: platform.network }, opts);
        const names = googleNames(settings);

        const network = new gcp.compute.Network(
            name,
            {
                project,
                name: platform.network,
                autoCreateSubnetworks: false,
                // Works at creation only; an adopted network keeps its default route until somebody deletes it.
                deleteDefaultRoutesOnCreate: true,
                routingMode: "REGIONAL",
                networkFirewallPolicyEnforcementOrder: platform.firewallOrder,
            },
            { parent: this },
        );
        const inNetwork = { parent: this, dependsOn: [network] };
        subnetworks(name, settings, inNetwork);
        new gcp.compute.Route(
            `${name}-restricted-google-apis`,
            {
                project,
                name: `${platform.network}-restricted-google-apis`,
                description:
                    "The only way out that is not the egress gateway's: Google's restricted range, without which nodes cannot register.",
                network: names.network,
                destRange: GOOGLE_RESTRICTED_CIDR,
                nextHopGateway: "default-internet-gateway",
                priority: 900,
            },
            inNetwork,
        );
        ingress(name, settings, inNetwork);
        this.registerOutputs();
    }
}

function subnetworks(name: string, settings: PlatformSettings, opts: pulumi.CustomResourceOptions): void {
    const { project, region, platform } = settings;
    const { cluster, egressSubnet } = platform;
    const names = googleNames(settings);
    const common = {
        project,
        region,
        network: names.network,
        // External IPv6 needs no NAT, so a dual-stack subnet would have a way out of its own.
        stackType: "IPV4_ONLY",
        privateIpGoogleAccess: true,
        logConfig: { aggregationInterval: "INTERVAL_10_MIN", flowSampling: 0.5, metadata: "INCLUDE_ALL_METADATA" },
    };
    new gcp.compute.Subnetwork(
        `${name}-nodes`,
        {
            ...common,
            name: `${platform.network}-nodes`,
            description: "Application nodes, their pods and the cluster's Services.",
            ipCidrRange: cluster.nodeCidrs[0]!,
            secondaryIpRanges: [
                { rangeName: RANGES.pods, ipCidrRange: cluster.podCidrs[0]! },
                { rangeName: RANGES.services, ipCidrRange: cluster.serviceCidr },
            ],
        },
        opts,
    );
    new gcp.compute.Subnetwork(
        `${name}-egress`,
        {
            ...common,
            name: egressSubnet.name,
            description: "Gateway nodes alone: the egress stack gives NAT to this subnet and to no other.",
            ipCidrRange: egressSubnet.nodeCidr,
            secondaryIpRanges: [{ rangeName: egressSubnet.podRange, ipCidrRange: egressSubnet.podCidr }],
        },
        opts,
    );
}

function ingress(name: string, settings: PlatformSettings, opts: pulumi.CustomResourceOptions): void {
    const { project, platform } = settings;
    const { cluster, egressSubnet } = platform;
    const common = { project, network: googleNames(settings).network, direction: "INGRESS", priority: 1000 };
    new gcp.compute.Firewall(
        `${name}-allow-cluster`,
        {
            ...common,
            name: `${platform.network}-allow-cluster`,
            // GKE's own rule names the cluster's first pod range only (terraform-google-kubernetes-engine, pull request 1480).
            description: "Nodes and pods of the cluster to each other, those in the egress subnet included.",
            sourceRanges: [...cluster.nodeCidrs, ...cluster.podCidrs, egressSubnet.nodeCidr, egressSubnet.podCidr],
            allows: [{ protocol: "all" }],
        },
        opts,
    );
    new gcp.compute.Firewall(
        `${name}-allow-webhooks`,
        {
            ...common,
            name: `${platform.network}-allow-webhooks`,
            description: "The API server to istiod's injection and validation webhooks; GKE opens 443 and 10250 only.",
            sourceRanges: [cluster.controlPlaneCidr],
            allows: [{ protocol: "tcp", ports: ["15017"] }],
        },
        opts,
    );
}
