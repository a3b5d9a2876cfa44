import { type Rule } from "../rule";
import { type PackSettings } from "../settings";
import { openAuthorization, passthroughPrincipals } from "./authorization";
import { passthrough, serverCollisions, serverHosts } from "./gatewayServers";
import { duplicateHosts, hostWildcards } from "./serviceEntries";
import { certificateFiles, originationNames, portLevelSettings, subsetNames } from "./trafficPolicies";
import { gatewayVisibility, shadowedRules } from "./visibility";

/** The mesh, as far as no analyzer of Istio's looks: traffic takes the route that was meant, and the gateway knows its callers. */
export function meshRules(settings: PackSettings): Rule[] {
    return [
        serverHosts(),
        serverCollisions(settings),
        passthrough(settings),
        passthroughPrincipals(settings),
        openAuthorization(settings),
        certificateFiles(),
        originationNames(),
        portLevelSettings(),
        subsetNames(settings),
        shadowedRules(settings),
        gatewayVisibility(settings),
        hostWildcards(settings),
        duplicateHosts(),
    ];
}
