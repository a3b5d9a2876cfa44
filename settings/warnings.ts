import { counted } from "../base/words";
import { gatewayViews } from "./gateways";
import { zoneCount } from "./consistency";
import { destinationWarnings, pastTheGateway } from "./destinationWarnings";
import { servingAddresses } from "./natAddresses";
import { expiryWarnings } from "./expiry";
import { natCapacity, processorCount } from "./natCapacity";
import { type ComponentName } from "./schema";
import { type Settings } from "./settings";

/** What is lost when a group of resources is left out by name. */
export const LOST_WITHOUT: Readonly<Record<ComponentName, string>> = {
    perimeter:
        "nothing outside the mesh stops a workload from leaving directly, and the gateway has no addresses of its own",
    "node-pool":
        "the gateway has no nodes of its own: whoever shares its nodes shares its way out, unless another stack makes such nodes",
    gateway:
        "no gateway is deployed: destinations are unreachable until another stack deploys one with the same labels",
    mesh: "no destination has a route, and the gateway's identity checks are gone",
    "network-policies":
        "pods are held back by the perimeter alone, and gateway pods reach private addresses of the cluster",
    guard: "whoever may create pods can place one on a gateway node and leave from there",
};

/** What is allowed and yet worth a second look, in the order of weight. */
export function settingsWarnings(settings: Settings): string[] {
    return [
        ...enclosureWarnings(settings),
        ...dnsWarnings(settings),
        ...identityWarnings(settings),
        ...expiryWarnings(settings.expired),
        ...destinationWarnings(settings),
        ...pastTheGateway(settings),
        ...gatewayViews(settings).flatMap(view =>
            [...natWarnings(view), ...availabilityWarnings(view)].map(warning =>
                view.gateway.name === undefined ? warning : `Gateway ${view.gateway.name}: ${warning}`,
            ),
        ),
    ];
}

function enclosureWarnings({ platform, perimeter, disabledComponents }: Settings): string[] {
    const warnings = [...disabledComponents]
        .filter(component => perimeter.mode === "enforce" || component !== "network-policies")
        .sort()
        .map(component => `\`${component}\` is switched off: ${LOST_WITHOUT[component]}.`);
    if (platform.kind === "kubernetes") {
        return [
            "This cluster has no Google network around it: nothing here encloses the mesh, and every pod may leave directly.",
            ...warnings,
        ];
    }
    if (perimeter.mode === "observe") {
        warnings.push(
            "perimeter.mode is `observe`: nothing is denied yet. The firewall logs what it would deny, the guard warns, sidecars let undeclared traffic through.",
        );
        if (platform.firewallOrder === "BEFORE_CLASSIC_FIREWALL") {
            warnings.push(
                "While observing, the policy's logging rules allow before classic rules are asked: a classic egress deny of yours does not act.",
            );
        }
    }
    if (perimeter.scope === "cluster") {
        warnings.push(
            "perimeter.scope is `cluster`: other VMs of the network, and node pools with an account that is not listed, are not held back.",
        );
    }
    if (platform.firewallOrder === "AFTER_CLASSIC_FIREWALL") {
        warnings.push(
            "The network evaluates classic rules first: any classic allow outranks this stack's deny, and the classic belt is left out. " +
                `Set it with \`gcloud compute networks update ${platform.network} --network-firewall-policy-enforcement-order=BEFORE_CLASSIC_FIREWALL\`.`,
        );
    }
    return warnings;
}

function dnsWarnings({ dns }: Settings): string[] {
    const asked = dns.zones.filter(({ nameservers }) => nameservers.length === 0).map(({ name }) => name);
    return [
        ...(dns.lock === "observe"
            ? ["dns.lock is `observe`: every name is answered, and the resolver logs what it would refuse."]
            : []),
        ...(dns.lock === "enforce" && asked.length > 0
            ? [
                  `Any text in front of ${asked.join(", ")} is asked of whoever has that domain: name its servers (\`nameservers\`) where they are the company's own.`,
              ]
            : []),
    ];
}

function identityWarnings({ mesh }: Settings): string[] {
    return mesh.mutualTls
        ? []
        : [
              "mesh.mutualTls is false: the gateway does not know who calls, so every pod that reaches it may use every destination.",
          ];
}

function natWarnings({ platform, nat, gateway }: Settings): string[] {
    if (platform.kind !== "gke") {
        return [];
    }
    const addresses = servingAddresses(nat);
    const { nodes, addressesForMaximum, connectionRatePerNodeAndDestination } = natCapacity({
        ...nat,
        addresses,
        maxNodes: gateway.maxNodes,
    });
    const none =
        connectionRatePerNodeAndDestination.guaranteed > 0
            ? []
            : [
                  `nat.minPortsPerNode is ${nat.minPortsPerNode}: at that a node keeps up less than one new connection a second to one destination, since a closed one holds its port for two minutes. 2048 is the default here.`,
              ];
    return addresses >= addressesForMaximum
        ? none
        : [
              ...none,
              `${counted(addresses, "NAT address")} ${addresses === 1 ? "gives" : "give"} ${counted(nodes, "node")} their first ${nat.minPortsPerNode} ports each, but not all of them ` +
                  `${nat.maxPortsPerNode} at once; ${addressesForMaximum} addresses would.`,
          ];
}

function availabilityWarnings({ platform, gateway }: Settings): string[] {
    const zones = platform.kind === "gke" ? zoneCount(platform) : 1;
    const processors = platform.kind === "gke" ? processorCount(gateway.machineType) : undefined;
    return [
        ...(gateway.minNodes >= zones
            ? []
            : [
                  `gateway.minNodes is ${gateway.minNodes} and the cluster has ${zones} zones: one that has no gateway node cannot take over at once.`,
              ]),
        ...(gateway.minReplicas > 1
            ? []
            : ["gateway.minReplicas is 1: while that pod is moved or replaced, nothing gets out of the cluster."]),
        ...(processors === undefined || gateway.cpuRequestMillicores < processors * 1000
            ? []
            : [
                  `gateway.cpuRequestMillicores is ${gateway.cpuRequestMillicores}, and ${gateway.machineType} has ${processors} processors, of which GKE keeps a part: no gateway pod will fit a node.`,
              ]),
    ];
}
