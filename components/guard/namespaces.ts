import { exemptions, list, when } from "./cel";
import { type GuardObject, policyWithBinding } from "./policy";
import { type GuardSettings } from "./settings";

/** Namespaces themselves: their labels decide about injection, their names about exemption. */
export function namespaceRules(settings: GuardSettings): GuardObject[] {
    return [...injectionLabels(settings), ...exemptNames(settings)];
}

/** Labels of a namespace that decide whether its pods are injected, and by which control plane. */
const INJECTION_LABELS = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"];

function injectionLabels(settings: GuardSettings): GuardObject[] {
    return policyWithBinding(
        {
            rule: "client-namespace-labels",
            matches: [
                {
                    apiGroups: [""],
                    apiVersions: ["v1"],
                    operations: ["UPDATE"],
                    resources: ["namespaces", "namespaces/status", "namespaces/finalize"],
                },
            ],
            namespaces: { only: [...settings.clientNamespaces, settings.gatewayNamespace] },
            unless: exemptions(settings),
            variables: {
                before: "oldObject.metadata.?labels.orValue({})",
                after: "object.metadata.?labels.orValue({})",
            },
            checks: [
                {
                    name: "relabelled",
                    finding: `changes how the namespace's pods are injected`,
                    offenders: `${list(INJECTION_LABELS)}.filter(key, variables.before[?key] != variables.after[?key])`,
                },
            ],
        },
        settings,
    );
}

/** The system's own exist from the start, or the control plane creates them with the feature that needs them. */
function exemptNames(settings: GuardSettings): GuardObject[] {
    return policyWithBinding(
        {
            rule: "exempt-namespace-creation",
            matches: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["namespaces"] }],
            unless: exemptions(settings),
            checks: [
                {
                    name: "exempted",
                    finding: "has a name that the guard exempts",
                    offenders: when(
                        `object.?metadata.?name.orValue("") in ${list([...settings.exemptNamespaces].sort())}`,
                        '"namespace " + object.metadata.name',
                    ),
                },
            ],
        },
        settings,
    );
}
