import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";
import { gatewaySubnets, type GoogleNames, type GoogleSettings } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";

/** A reworded description replaces an address or a route: the way out would be cut, or partners would lose an address. */
export const REPLACED_FOR_A_WORD = ["description"];

/** The reserved addresses, those that drain last. */
export function natAddresses(
    name: string,
    names: GoogleNames,
    { addresses, drainingAddresses }: Settings["nat"],
    parent: pulumi.Resource,
): gcp.compute.Address[] {
    return numbers(1, addresses + drainingAddresses).map(
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
                // A released address cannot be claimed back, and partners would have to change their allow-lists. To let it
                // drain is to say that it shall go.
                { parent, protect: number <= addresses, ignoreChanges: REPLACED_FOR_A_WORD },
            ),
    );
}

export function nat(
    name: string,
    names: GoogleNames,
    settings: Pick<GoogleSettings, "platform" | "gateway" | "nat">,
    reserved: readonly gcp.compute.Address[],
    opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): void {
    const { addresses, drainingAddresses, ...limits } = settings.nat;
    const address = (number: number) =>
        `projects/${names.project}/regions/${names.region}/addresses/${names.natAddress(number)}`;
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
            tcpEstablishedIdleTimeoutSec: limits.establishedIdleSeconds,
            natIps: numbers(1, addresses).map(address),
            ...(drainingAddresses === 0
                ? {}
                : { drainNatIps: numbers(addresses + 1, addresses + drainingAddresses).map(address) }),
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
        { ...opts, dependsOn: [...opts.dependsOn, router, ...reserved] },
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

function numbers(first: number, last: number): number[] {
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
