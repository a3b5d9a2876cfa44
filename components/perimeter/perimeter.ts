import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { googleNames, type GoogleNames, type GoogleSettings } from "../../settings/googleNames";
import { type GooglePlatform } from "../../contract/platform";
import { type Settings } from "../../settings/settings";
import { firewallRules } from "./firewallRules";

/** The settings of a stack on Google Cloud that the perimeter follows from. */
export type PerimeterSettings = Pick<
    GoogleSettings,
    "google" | "platform" | "gateway" | "nat" | "perimeter" | "googleApis" | "clients" | "destinations"
>;

/**
 * The three locks of the network: a firewall that lets only the gateway nodes' identity out, NAT for the gateway's subnet
 * alone, and a default route for the gateway's network tag alone. None of them trusts the mesh, and none trusts another.
 */
export class Perimeter extends pulumi.ComponentResource {
    /** The public addresses that the gateway's traffic comes from. */
    public readonly natAddresses: pulumi.Output<string[]>;

    constructor(name: string, settings: PerimeterSettings, opts?: pulumi.ComponentResourceOptions) {
        const { platform } = settings;
        const names = googleNames(settings);
        const rules = firewallRules(settings, names.gatewayNodeAccount);
        super(
            "egress-gateway:perimeter:Perimeter",
            name,
            {
                network: names.network,
                mode: settings.perimeter.mode,
                scope: settings.perimeter.scope,
                gatewayNodeAccount: names.gatewayNodeAccount,
                networkTag: settings.gateway.networkTag,
            },
            opts,
        );

        const policy = new gcp.compute.NetworkFirewallPolicyWithRules(
            `${name}-firewall`,
            {
                project: names.project,
                name: names.prefix,
                description: "Only the egress gateway leaves.",
                rules: rules as gcp.types.input.compute.NetworkFirewallPolicyWithRulesRule[],
            },
            { parent: this },
        );
        const enforced = new gcp.compute.NetworkFirewallPolicyAssociation(
            `${name}-firewall`,
            {
                project: names.project,
                name: names.prefix,
                firewallPolicy: names.prefix,
                attachmentTarget: names.network,
            },
            { parent: this, dependsOn: [policy] },
        );
        // Whatever lets traffic out comes after the deny and goes before it: Pulumi deletes in the reverse order.
        const afterDeny = { parent: this, dependsOn: [enforced] };

        if (beltHolds(settings)) {
            belt(name, names, afterDeny);
        }
        const addresses = natAddresses(name, names, settings.nat.addresses, this);
        nat(name, names, settings.nat, platform, addresses, afterDeny);
        new gcp.compute.Route(
            `${name}-default-route`,
            {
                project: names.project,
                name: names.defaultRoute,
                description: "The network's only default route; it exists for instances with the gateway's tag.",
                network: names.network,
                destRange: "0.0.0.0/0",
                nextHopGateway: "default-internet-gateway",
                priority: 1000,
                tags: [settings.gateway.networkTag],
            },
            afterDeny,
        );

        this.natAddresses = pulumi.all(addresses.map(({ address }) => address));
        this.registerOutputs({ natAddresses: this.natAddresses });
    }
}

/**
 * The classic belt is evaluated after the policy only in the order BEFORE_CLASSIC_FIREWALL; in the other order it would cut
 * off the cluster's own traffic and the gateway's. It has no target, so it is not for a shared network.
 */
function beltHolds({ perimeter, platform }: PerimeterSettings): boolean {
    return (
        platform.firewallOrder === "BEFORE_CLASSIC_FIREWALL" &&
        perimeter.scope === "network" &&
        perimeter.mode === "enforce"
    );
}

function belt(name: string, names: GoogleNames, opts: pulumi.CustomResourceOptions): void {
    for (const [family, range] of [
        ["ipv4", "0.0.0.0/0"],
        ["ipv6", "::/0"],
    ] as const) {
        new gcp.compute.Firewall(
            `${name}-belt-${family}`,
            {
                project: names.project,
                name: names.belt(family),
                description: "Denies what the firewall policy left undecided.",
                network: names.network,
                direction: "EGRESS",
                priority: 65534,
                denies: [{ protocol: "all" }],
                destinationRanges: [range],
                logConfig: { metadata: "INCLUDE_ALL_METADATA" },
            },
            opts,
        );
    }
}

function natAddresses(name: string, names: GoogleNames, count: number, parent: pulumi.Resource): gcp.compute.Address[] {
    return Array.from({ length: count }, (_, index) => index + 1).map(
        number =>
            new gcp.compute.Address(
                `${name}-nat-${number}`,
                {
                    project: names.project,
                    region: names.region,
                    name: names.natAddress(number),
                    description: "Source address of the egress gateway; partners have it on their allow-lists.",
                    addressType: "EXTERNAL",
                    networkTier: "PREMIUM",
                },
                // A released address cannot be claimed back, and partners would have to change their allow-lists.
                { parent, protect: true },
            ),
    );
}

function nat(
    name: string,
    names: GoogleNames,
    settings: Settings["nat"],
    platform: GooglePlatform,
    addresses: readonly gcp.compute.Address[],
    opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): void {
    const router = new gcp.compute.Router(
        `${name}-router`,
        { project: names.project, region: names.region, name: names.prefix, network: names.network },
        opts,
    );
    new gcp.compute.RouterNat(
        `${name}-nat`,
        {
            project: names.project,
            region: names.region,
            name: names.prefix,
            router: names.prefix,
            natIpAllocateOption: "MANUAL_ONLY",
            natIps: addresses.map(
                (_, index) =>
                    `projects/${names.project}/regions/${names.region}/addresses/${names.natAddress(index + 1)}`,
            ),
            sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
            subnetworks: [{ name: names.egressSubnet, ...natRanges(platform) }],
            // Google's API refuses endpoint-independent mapping beside dynamic allocation; its provider does not.
            enableDynamicPortAllocation: true,
            enableEndpointIndependentMapping: false,
            minPortsPerVm: settings.minPortsPerNode,
            maxPortsPerVm: settings.maxPortsPerNode,
            endpointTypes: ["ENDPOINT_TYPE_VM"],
            logConfig: { enable: true, filter: "ERRORS_ONLY" },
        },
        { ...opts, dependsOn: [...opts.dependsOn, router, ...addresses] },
    );
}

/**
 * With default SNAT a pod leaves with its node's address, so the primary range is what NAT serves. Without it pods keep their
 * addresses, and serving the pod range alone leaves host processes on gateway nodes without NAT.
 */
function natRanges({ cluster, egressSubnet }: GooglePlatform) {
    return cluster.defaultSnat
        ? { sourceIpRangesToNats: ["PRIMARY_IP_RANGE"] }
        : { sourceIpRangesToNats: ["LIST_OF_SECONDARY_IP_RANGES"], secondaryIpRangeNames: [egressSubnet.podRange] };
}
