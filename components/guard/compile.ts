import { clientCaptureRules } from "./clientCapture";
import { clientPodRules } from "./clientPods";
import { clientPolicyRules } from "./clientPolicies";
import { clusterDnsRules } from "./clusterDns";
import { gatewayAccessRules } from "./gatewayAccess";
import { gatewayNamespaceRules } from "./gatewayNamespace";
import { meshRules } from "./meshObjects";
import { namespaceRules } from "./namespaces";
import { nodeRules } from "./nodes";
import { type GuardObject } from "./policy";
import { schedulingRules } from "./scheduling";
import { clientServiceRules, serviceRules } from "./services";
import { type GuardSettings } from "./settings";

/** The guard: a policy and a binding for every rule (some rules have several). Needs settings without problems. */
export function compileGuard(settings: GuardSettings): GuardObject[] {
    return [
        ...schedulingRules(settings),
        ...nodeRules(settings),
        ...gatewayNamespaceRules(settings),
        ...gatewayAccessRules(settings),
        ...(settings.clientNamespaces.length > 0
            ? [...clientPodRules(settings), ...clientCaptureRules(settings), ...clientServiceRules(settings)]
            : []),
        ...namespaceRules(settings),
        ...(settings.resolverNamespace === undefined
            ? []
            : [
                  ...clusterDnsRules(settings),
                  ...(settings.clientNamespaces.length > 0 ? clientPolicyRules(settings) : []),
              ]),
        ...serviceRules(settings),
        ...meshRules(settings),
    ];
}
