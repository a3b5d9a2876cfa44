import * as compute from "@pulumi/gcp/compute";
import type * as pulumi from "@pulumi/pulumi";
import { gatewaySubnets, type GoogleNames, type GoogleSettings } from "../../settings/googleNames";
import { addressSet, numbers } from "../../settings/natAddresses";
import { type Settings } from "../../settings/settings";

/** A reworded description replaces an address or a route: the way out would be cut, or partners would lose an address. */
export const REPLACED_FOR_A_WORD = ["description"];

/** An address that the gateway leaves by. */
interface NatAddress {
    /** `projects/…/regions/…/addresses/…` */
    readonly link: string;
    readonly address: pulumi.Output<string>;
    /** Absent: it is somebody else's, and only looked up. */
    readonly resource?: compute.Address;
}

export interface NatAddresses {
    readonly serving: readonly NatAddress[];
    readonly draining: readonly NatAddress[];
}

/** The stack's own addresses, those with the highest numbers drain; and those that somebody reserved before it. */
export function natAddresses(
    name: string,
    names: GoogleNames,
    { addresses, drainingAddresses }: Settings["nat"],
    parent: pulumi.Resource,
): NatAddresses {
    const [serving, draining] = [addressSet(addresses), addressSet(drainingAddresses)];
    const { networkProject: project, region } = names;
    const link = (address: string) => `projects/${project}/regions/${region}/addresses/${address}`;
    const own = (number: number): NatAddress => {
        const resource = new compute.Address(
            `${name}-nat-${number}`,
            {
                project,
                region,
                name: names.natAddress(number),
                description: "Source address of the egress gateway; partners have it on their allow-lists.",
                addressType: "EXTERNAL",
                networkTier: "PREMIUM",
            },
            // A released address cannot be claimed back, and partners would have to change their allow-lists. To let it
            // drain is to say that it shall go.
            { parent, protect: number <= serving.made, ignoreChanges: REPLACED_FOR_A_WORD },
        );
        return { link: link(names.natAddress(number)), address: resource.address, resource };
    };
    // Looked up and not managed: nothing that happens to this stack can change or delete it.
    const reserved = (address: string): NatAddress => ({
        link: link(address),
        address: compute.getAddressOutput({ project, region, name: address }, { parent }).address,
    });
    return {
        serving: [...numbers(1, serving.made).map(own), ...serving.reserved.map(reserved)],
        draining: [
            ...numbers(serving.made + 1, serving.made + draining.made).map(own),
            ...draining.reserved.map(reserved),
        ],
    };
}

export function nat(
    name: string,
    names: GoogleNames,
    settings: Pick<GoogleSettings, "platform" | "gateway" | "nat">,
    { serving, draining }: NatAddresses,
    opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): void {
    const limits = settings.nat;
    const own = [...serving, ...draining].flatMap(({ resource }) => resource ?? []);
    const router = new compute.Router(
        `${name}-router`,
        { project: names.networkProject, region: names.region, name: names.nat, network: names.network },
        opts,
    );
    new compute.RouterNat(
        `${name}-nat`,
        {
            project: names.networkProject,
            region: names.region,
            name: names.nat,
            router: names.nat,
            natIpAllocateOption: "MANUAL_ONLY",
            tcpEstablishedIdleTimeoutSec: limits.establishedIdleSeconds,
            natIps: serving.map(({ link }) => link),
            ...(draining.length === 0 ? {} : { drainNatIps: draining.map(({ link }) => link) }),
            sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
            subnetworks: natSubnets(names, settings),
            // Google's API refuses endpoint-independent mapping beside dynamic allocation; its provider does not.
            enableDynamicPortAllocation: true,
            enableEndpointIndependentMapping: false,
            minPortsPerVm: limits.minPortsPerNode,
            maxPortsPerVm: limits.maxPortsPerNode,
            endpointTypes: ["ENDPOINT_TYPE_VM"],
            logConfig: { enable: true, filter: "ERRORS_ONLY" },
        },
        { ...opts, dependsOn: [...opts.dependsOn, router, ...own] },
    );
}

/**
 * With default SNAT a pod leaves with its node's address, so the primary range is what NAT serves. Without it pods keep their
 * addresses, and serving the pod range alone leaves host processes on gateway nodes without NAT.
 */
function natSubnets(names: GoogleNames, settings: Pick<GoogleSettings, "platform" | "gateway">) {
    const subnets = gatewaySubnets(settings);
    return [...new Set(subnets.map(subnet => subnet.name))].map(name => ({
        name: names.subnet(name),
        ...(settings.platform.cluster.defaultSnat
            ? { sourceIpRangesToNats: ["PRIMARY_IP_RANGE"] }
            : {
                  sourceIpRangesToNats: ["LIST_OF_SECONDARY_IP_RANGES"],
                  secondaryIpRangeNames: subnets.filter(subnet => subnet.name === name).map(({ podRange }) => podRange),
              }),
    }));
}
