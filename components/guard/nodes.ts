import { eitherOf, exemptions, list, text, USER, when } from "./cel";
import { type GuardObject, policyWithBinding } from "./policy";
import { gatewaysOf, type GuardSettings } from "./settings";

/** What marks a gateway node, on nodes and on the classes that GKE makes nodes from. */
export function nodeRules(settings: GuardSettings): GuardObject[] {
    return [...nodeMark(settings), ...computeClass(settings)];
}

/**
 * Kubelets send label and taint when they register their node, and the node pool is the source of both. Afterwards the
 * label stays, and a taint that is there stays. Everything else on nodes is free: status, other labels, other taints.
 */
function nodeMark(settings: GuardSettings): GuardObject[] {
    const key = text(settings.nodeKey);
    const values = gatewaysOf(settings).map(({ nodeValue }) => nodeValue);
    const taint = (object: string, value: string) =>
        `${object}.?spec.?taints.orValue([]).exists(t, t.key == ${key} && t.?value.orValue("") == ${value}` +
        ` && t.effect == ${text(settings.taintEffect)})`;
    const untainted = values.map(text).map(value => `${taint("oldObject", value)} && !(${taint("object", value)})`);
    const label = (object: string) => `${object}.metadata.?labels[?${key}].orValue("")`;
    return policyWithBinding(
        {
            policy: "gateway-node-mark",
            matches: [
                {
                    apiGroups: [""],
                    apiVersions: ["v1"],
                    operations: ["CREATE", "UPDATE"],
                    resources: ["nodes", "nodes/status"],
                },
            ],
            unless: exemptions(settings),
            checks: [
                {
                    name: "relabelled",
                    finding: "changes the label of gateway nodes",
                    offenders: when(
                        `request.operation == "UPDATE" && ${label("object")} != ${label("oldObject")}`,
                        `"label " + ${key}`,
                    ),
                },
                {
                    name: "untainted",
                    finding: "removes the taint of gateway nodes",
                    offenders: when(`request.operation == "UPDATE" && ${eitherOf(untainted)}`, `"taint " + ${key}`),
                },
                {
                    name: "claimed",
                    finding: "registers a node as a gateway node",
                    offenders: when(
                        `request.operation == "CREATE" && ${label("object")} != "" && !(${USER} == "system:node:" + object.metadata.name` +
                            ` && ${
                                values.length === 1
                                    ? taint("object", text(values[0]!))
                                    : `${label("object")} in ${list(values)} && ${taint("object", label("object"))}`
                            })`,
                        `"label " + ${key} + " by " + ${USER}`,
                    ),
                },
            ],
        },
        settings,
    );
}

/**
 * GKE creates node pools from a ComputeClass. Its settings stand under `nodePoolConfig`, `priorityDefaults` or one of
 * `priorities` (GKE documentation, ComputeClass reference). On clusters without this resource the policy matches nothing.
 */
function computeClass(settings: GuardSettings): GuardObject[] {
    const gateways = gatewaysOf(settings);
    const key = text(settings.nodeKey);
    const groups =
        "[dyn(object).?spec.?nodePoolConfig.orValue({}), dyn(object).?spec.?priorityDefaults.orValue({})]" +
        " + dyn(object).?spec.?priorities.orValue([])";
    const found = (condition: string, what: string) => `variables.groups.filter(g, ${condition}).map(g, ${text(what)})`;
    return policyWithBinding(
        {
            policy: "gateway-node-compute-class",
            matches: [
                {
                    apiGroups: ["cloud.google.com"],
                    apiVersions: ["*"],
                    operations: ["CREATE", "UPDATE"],
                    resources: ["computeclasses"],
                },
            ],
            variables: { groups },
            checks: [
                {
                    name: "account",
                    finding: "runs nodes as the gateway nodes' service account",
                    offenders: gateways
                        .flatMap(({ nodeAccount, retiringNodeAccount }) => [
                            nodeAccount,
                            ...(retiringNodeAccount === undefined ? [] : [retiringNodeAccount]),
                        ])
                        .map(account =>
                            found(
                                `g.?serviceAccount.orValue("").trim().lowerAscii() == ${text(account.toLowerCase())}`,
                                `serviceAccount ${account}`,
                            ),
                        )
                        .join(" + "),
                },
                {
                    name: "marked",
                    finding: "marks nodes as gateway nodes",
                    offenders: found(
                        `g.?taints.orValue([]).exists(t, t.?key.orValue("") == ${key}) || ${["nodeLabels", "labels"]
                            .map(field => `${key} in g.?${field}.orValue({})`)
                            .join(" || ")}`,
                        `label or taint ${settings.nodeKey}`,
                    ),
                },
                {
                    name: "tagged",
                    finding: "gives nodes the gateway's network tag",
                    offenders: gateways
                        .map(({ networkTag }) =>
                            found(
                                ["networkTags", "tags"]
                                    .map(field => `${text(networkTag)} in dyn(g).?${field}.orValue(${list([])})`)
                                    .join(" || "),
                                `network tag ${networkTag}`,
                            ),
                        )
                        .join(" + "),
                },
            ],
        },
        settings,
    );
}
