import { exemptions, exemptionsOfReserved, list, oneOf, text, USER, when } from "./cel";
import { type GuardObject, policyWithBinding } from "./policy";
import { closedNamespaces, type GuardSettings } from "./settings";

/** Namespaces themselves: their labels decide about injection, their names about exemption. */
export function namespaceRules(settings: GuardSettings): GuardObject[] {
    return [...injectionLabels(settings), ...exemptNames(settings)];
}

/** Labels that decide which pods are injected, by which control plane, whether a waypoint takes over, what pods may be. */
const DECISIVE_LABELS = "^(istio-injection|(.*\\.)?istio\\.io/.*|pod-security\\.kubernetes\\.io/.*)$";

/**
 * Created with the label that injects, this program's by nobody but the exempt; relabelled and deleted by them alone. What
 * else is written on a client's namespace is its owner's affair, on this program's it is not.
 */
function injectionLabels(settings: GuardSettings): GuardObject[] {
    return policyWithBinding(
        {
            policy: "client-namespace-labels",
            matches: [
                {
                    apiGroups: [""],
                    apiVersions: ["v1"],
                    operations: ["CREATE", "UPDATE", "DELETE"],
                    resources: ["namespaces", "namespaces/status", "namespaces/finalize"],
                },
            ],
            namespaces: { only: [...settings.clientNamespaces, ...closedNamespaces(settings)] },
            unless: exemptions(settings),
            variables: {
                before: 'request.operation == "UPDATE" ? oldObject.metadata.?labels.orValue({}) : {}',
                after: 'request.operation == "DELETE" ? {} : object.metadata.?labels.orValue({})',
                closed: `request.?name.orValue("") in ${list(closedNamespaces(settings))}`,
            },
            checks: [
                {
                    name: "relabelled",
                    finding: "changes labels that decide about the namespace's pods",
                    offenders:
                        'request.operation != "UPDATE" ? [] : ' +
                        `(variables.before.map(key, key) + variables.after.filter(key, !(key in variables.before))).filter(key, ` +
                        `variables.before[?key] != variables.after[?key] && (variables.closed || key.matches(${text(DECISIVE_LABELS)})))`,
                },
                {
                    name: "uninjected",
                    finding: "creates the namespace without the label that injects sidecars",
                    offenders: when(
                        'request.operation == "CREATE" && !variables.closed && variables.after[?"istio-injection"].orValue("") != "enabled"' +
                            ' && (variables.after[?"istio.io/rev"].orValue("") == "" || "istio-injection" in variables.after)',
                        '"namespace " + request.?name.orValue("")',
                    ),
                },
                {
                    name: "taken",
                    finding: "creates a namespace that is this program's to create",
                    offenders: when('request.operation == "CREATE" && variables.closed', `"by " + ${USER}`),
                },
                {
                    name: "removed",
                    finding: "deletes the namespace with everything in it",
                    offenders: when('request.operation == "DELETE"', '"namespace " + request.?name.orValue("")'),
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
            policy: "exempt-namespace-creation",
            matches: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["namespaces"] }],
            // Which component of Google's creates them is not documented.
            unless: exemptionsOfReserved(settings),
            checks: [
                {
                    name: "exempted",
                    finding: "has a name that the guard exempts",
                    offenders: when(
                        `[object.?metadata.?name.orValue("")].exists(name, ${oneOf("name", [...settings.exemptNamespaces].sort())})`,
                        '"namespace " + object.metadata.name',
                    ),
                },
            ],
        },
        settings,
    );
}
