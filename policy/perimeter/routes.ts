import { EVERY_ADDRESS } from "../../containment/kernel/address";
import { Inputs, knownOf, NOT_KNOWN, someUnknown, type WorldProblem } from "../../containment/world/inputs";
import { type Finding, ofTypes, type ResourceRule, undecided } from "../rule";
import { type PackSettings } from "../settings";
import { common, describeAddresses, guardedAddresses } from "./publicAddresses";

const ROUTE = "gcp:compute/route:Route";
const NETWORK = "gcp:compute/network:Network";

const OTHER_HOPS = ["nextHopInstance", "nextHopIp", "nextHopIlb", "nextHopVpnTunnel"] as const;

export function internetRoute(settings: PackSettings): ResourceRule {
    const guarded = guardedAddresses(settings);
    return {
        scope: "resource",
        name: "internet-route",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description:
            "Routes to public addresses exist for the gateway's network tag only, and lead to the internet gateway.",
        stops: "A default route for every machine, or one through another machine, a load balancer or a tunnel.",
        remedy: `Give the route the tag ${settings.gatewayTags.join(" or ")} and nextHopGateway default-internet-gateway, or limit destRange to private addresses and ${settings.allowedEgress.join(", ")}.`,
        concerns: ofTypes(ROUTE),
        judge: resource => {
            const problems: WorldProblem[] = [];
            const inputs = Inputs.of(resource, problems);
            const destination = inputs.range("destRange");
            if (destination === undefined) {
                return problems.map(({ path, reason }) => ({ found: `${path}: ${reason}.` }));
            }
            const reached = common(destination === NOT_KNOWN ? EVERY_ADDRESS : [destination], guarded);
            const tags = inputs.texts("tags");
            const forGateway =
                !someUnknown(tags) &&
                knownOf(tags).length > 0 &&
                knownOf(tags).every(tag => settings.gatewayTags.includes(tag));
            const hop = OTHER_HOPS.find(key => inputs.name(key) !== undefined);
            if (reached.length === 0 || (forGateway && hop === undefined)) {
                return [];
            }
            const where = `destRange leads to ${describeAddresses(reached, guarded)}`;
            if (destination === NOT_KNOWN) {
                return [undecided("destRange", "whether the route leads to public addresses")];
            }
            if (hop !== undefined) {
                return [{ found: `${where} through ${hop}, which is another way out.` }];
            }
            return someUnknown(tags)
                ? [undecided("tags", `what machines the route to ${describeAddresses(reached, guarded)} is for`)]
                : [
                      {
                          found: `${where} for ${knownOf(tags).length === 0 ? "every machine of the network, since the route has no tags" : `the tags ${knownOf(tags).join(", ")}`}.`,
                      },
                  ];
        },
    };
}

export function defaultRoutes(): ResourceRule {
    return {
        scope: "resource",
        name: "default-routes",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Networks are created without Google's default route.",
        stops: "The untagged default route that every new network has.",
        remedy: "Set deleteDefaultRoutesOnCreate to true; on a network that exists already, delete the default route as well.",
        concerns: ofTypes(NETWORK),
        judge: resource => {
            const deleted = Inputs.of(resource, []).flag("deleteDefaultRoutesOnCreate");
            return deleted === true
                ? []
                : deleted === NOT_KNOWN
                  ? [undecided("deleteDefaultRoutesOnCreate", "whether every machine gets a default route")]
                  : [{ found: `deleteDefaultRoutesOnCreate is ${deleted === false ? "false" : "absent"}.` }];
        },
    };
}

export function importedRoutes(): ResourceRule {
    return {
        scope: "resource",
        name: "imported-routes",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "Peered networks bring no routes to public addresses.",
        stops: "A default route that a peer announces: its exit then serves this network too.",
        remedy: "Set importCustomRoutes and importSubnetRoutesWithPublicIp to false; reach single hosts of the peer by its subnet routes.",
        concerns: ofTypes(
            "gcp:compute/networkPeering:NetworkPeering",
            "gcp:compute/networkPeeringRoutesConfig:NetworkPeeringRoutesConfig",
        ),
        judge: resource =>
            ["importCustomRoutes", "importSubnetRoutesWithPublicIp"].flatMap((key): Finding[] => {
                const imported = Inputs.of(resource, []).flag(key);
                return imported === true
                    ? [{ found: `${key} is true: whatever the peer announces becomes a route here.` }]
                    : imported === NOT_KNOWN
                      ? [undecided(key, "whether the peer's routes are taken over")]
                      : [];
            }),
    };
}
