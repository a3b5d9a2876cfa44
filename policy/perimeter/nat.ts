import { Inputs, known, NOT_KNOWN } from "../../containment/world/inputs";
import { parseReference } from "../../containment/world/references";
import { type Finding, ofTypes, type ResourceRule, undecided } from "../rule";
import { fitsAny } from "../patterns";
import { type PackSettings } from "../settings";
import { elements } from "./machines";

const ROUTER_NAT = "gcp:compute/routerNat:RouterNat";

export function natSubnets(settings: PackSettings): ResourceRule {
    return {
        scope: "resource",
        name: "nat-subnets",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description: "Cloud NAT serves the gateway's subnet and no other.",
        stops: "A second NAT, or one for all subnets: every machine that it serves has its own way out.",
        remedy: "Set sourceSubnetworkIpRangesToNat to LIST_OF_SUBNETWORKS and list the gateway's subnet only, which gatewaySubnets names; name a NAT that may serve others in allowedNats.",
        concerns: ofTypes(ROUTER_NAT),
        judge: resource => {
            const inputs = Inputs.of(resource, []);
            const name = known(inputs.name("name")) ?? resource.name;
            if (inputs.name("type") === "PRIVATE" || fitsAny(settings.allowedNats, name)) {
                return [];
            }
            return [
                ...served(inputs, settings, "sourceSubnetworkIpRangesToNat", "LIST_OF_SUBNETWORKS", "subnetworks"),
                // Absent: no NAT64.
                ...(inputs.name("sourceSubnetworkIpRangesToNat64") === undefined
                    ? []
                    : served(
                          inputs,
                          settings,
                          "sourceSubnetworkIpRangesToNat64",
                          "LIST_OF_IPV6_SUBNETWORKS",
                          "nat64Subnetworks",
                      )),
            ];
        },
    };
}

function served(inputs: Inputs, settings: PackSettings, modeKey: string, listed: string, listKey: string): Finding[] {
    const question = "which subnets the NAT serves";
    const mode = inputs.name(modeKey);
    if (mode === NOT_KNOWN) {
        return [undecided(modeKey, question)];
    }
    if (mode !== listed) {
        return [{ found: `${modeKey} is ${mode ?? "absent"}: the NAT serves every subnet of the region.` }];
    }
    const { known: entries, unclear } = elements(inputs, listKey, question);
    return [
        ...entries.flatMap(([path, entry]): Finding[] => {
            const subnet = entry.name("name");
            if (subnet === NOT_KNOWN || subnet === undefined) {
                return [undecided(`${path}.name`, question)];
            }
            return fitsAny(settings.gatewaySubnets, parseReference(subnet).name)
                ? []
                : [
                      {
                          found: `${path}.name is ${parseReference(subnet).name}, and ${settings.gatewaySubnets.length === 0 ? "no subnet is named as the gateway's" : `the gateway's subnet is ${settings.gatewaySubnets.join(" or ")}`}.`,
                      },
                  ];
        }),
        ...unclear,
    ];
}

/** Google's API refuses the pair only when the NAT is created, after everything it depends on. */
export function natMapping(): ResourceRule {
    return {
        scope: "resource",
        name: "nat-mapping",
        concern: "perimeter",
        severity: "medium",
        enforcement: "mandatory",
        description: "A Cloud NAT with dynamic port allocation has no endpoint-independent mapping.",
        stops: "A deployment that fails half-way: the API refuses the pair, and a preview does not notice.",
        remedy: "Set enableEndpointIndependentMapping to false, or allocate ports statically.",
        concerns: ofTypes(ROUTER_NAT),
        judge: resource => {
            const inputs = Inputs.of(resource, []);
            const flags = ["enableDynamicPortAllocation", "enableEndpointIndependentMapping"] as const;
            const values = flags.map(key => inputs.flag(key));
            if (values.some(value => value === false || value === undefined)) {
                return [];
            }
            const unknown = flags.find((_, index) => values[index] === NOT_KNOWN);
            return unknown === undefined
                ? [{ found: `${flags.join(" and ")} are both true.` }]
                : [undecided(unknown, "whether the NAT combines dynamic ports with endpoint-independent mapping")];
        },
    };
}

export function natAddresses(): ResourceRule {
    return {
        scope: "resource",
        name: "nat-addresses",
        concern: "perimeter",
        severity: "medium",
        enforcement: "mandatory",
        description: "Cloud NAT uses reserved addresses.",
        stops: "Source addresses that change by themselves: no partner and no log can tell whose traffic it is.",
        remedy: "Set natIpAllocateOption to MANUAL_ONLY and list reserved addresses in natIps.",
        concerns: ofTypes(ROUTER_NAT),
        judge: resource => {
            const inputs = Inputs.of(resource, []);
            if (inputs.name("type") === "PRIVATE") {
                return [];
            }
            const option = inputs.name("natIpAllocateOption");
            return option === "MANUAL_ONLY"
                ? []
                : option === NOT_KNOWN
                  ? [undecided("natIpAllocateOption", "whether Google chooses the addresses")]
                  : [{ found: `natIpAllocateOption is ${option ?? "absent"}: Google chooses the addresses.` }];
        },
    };
}
