import { type Rule } from "../rule";
import { type PackSettings } from "../settings";
import { foreignPatches } from "./foreignPatches";
import { guardRules } from "./guard";
import { gatewayNetworkPolicy } from "./gatewayNetworkPolicy";
import { networkPolicyEgress, resolverAccess } from "./networkPolicies";
import { opaqueReleases } from "./opaqueReleases";

/** What runs in a cluster, and what it may do there: the guard's refusals at preview, and network policies. */
export function workloadRules(settings: PackSettings): Rule[] {
    return [
        ...guardRules(settings),
        foreignPatches(settings),
        networkPolicyEgress(settings),
        gatewayNetworkPolicy(settings),
        resolverAccess(),
        opaqueReleases(),
    ];
}
