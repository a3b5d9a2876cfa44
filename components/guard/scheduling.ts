import {
    anyOf,
    controller,
    eitherOf,
    exempt,
    KUBELET,
    list,
    map,
    namedExempt,
    namedUser,
    RESERVED_NAME,
    text,
    USER,
    when,
} from "./cel";
import { policyWithBinding, type GuardObject, type MatchRule } from "./policy";
import { IS_POD, POD_BEARING, POD_VARIABLES, SAME_POD_SPEC } from "./podTemplates";
import { type GuardedGateway } from "../../declared/guard";
import { ADDED_LABELS, gatewayNamespaces, gatewaysOf, type GuardSettings } from "./settings";

/** Who gets onto a gateway node: tolerations, node names and bindings, selection, and classes that add tolerations. */
export function schedulingRules(settings: GuardSettings): GuardObject[] {
    const elsewhere = { except: [...settings.exemptNamespaces, ...gatewayNamespaces(settings)] };
    return [
        ...policyWithBinding(
            {
                policy: "gateway-node-toleration",
                matches: POD_BEARING,
                namespaces: elsewhere,
                unless: { "same-pod-spec": SAME_POD_SPEC, mirror: IS_MIRROR },
                variables: POD_VARIABLES,
                checks: tolerationChecks("variables.spec.?tolerations.orValue([])", settings),
            },
            settings,
        ),
        ...nodeName(settings, elsewhere),
        ...policyWithBinding(
            {
                policy: "gateway-node-selection",
                matches: POD_BEARING,
                namespaces: elsewhere,
                unless: { "same-pod-spec": SAME_POD_SPEC, mirror: IS_MIRROR },
                variables: { ...POD_VARIABLES, ...AFFINITY_VARIABLES },
                checks: selectionChecks(settings),
            },
            settings,
        ),
        ...runtimeClass(settings),
    ];
}

/**
 * The image in the API of a static pod, which its kubelet runs in any case; NodeRestriction holds kubelets to their own
 * node. Kubelets let every static pod tolerate `NoExecute` (Kubernetes, pkg/kubelet/config/common.go).
 */
const IS_MIRROR = `${IS_POD} && (${KUBELET}) && "kubernetes.io/config.mirror" in object.metadata.?annotations.orValue({})`;

/**
 * A toleration with the taint's key, whatever its value and effect; and one without a key, which matches every taint of
 * its effect. Without a key and for another effect it does not reach a gateway node, and monitoring agents use that.
 */
function tolerationChecks(tolerations: string, settings: GuardSettings) {
    return [
        {
            name: "byKey",
            finding: "tolerates the taint of the gateway's nodes",
            offenders: `${tolerations}.filter(t, t.?key.orValue("") == ${text(settings.nodeKey)}).map(t, "toleration of " + t.key)`,
        },
        {
            name: "everything",
            finding: "tolerates every taint, the one of the gateway's nodes included",
            offenders:
                `${tolerations}.filter(t, t.?key.orValue("") == "" && t.?effect.orValue("") in ["", ${text(settings.taintEffect)}])` +
                `.map(t, "operator Exists without a key")`,
        },
    ];
}

/**
 * On a pod the field is immutable, and the scheduler sets it by a binding; so only creation matters, and only kubelets
 * create pods that have it (the mirrors of static pods).
 */
function nodeName(settings: GuardSettings, elsewhere: { except: string[] }): GuardObject[] {
    const placers = namedUser(settings.placers ?? []);
    const placer = `(${RESERVED_NAME}) || (${KUBELET}) || ${anyOf([namedExempt(settings), placers])}`;
    return [
        ...policyWithBinding(
            {
                policy: "gateway-node-name",
                matches: POD_BEARING,
                namespaces: elsewhere,
                unless: { "same-pod-spec": SAME_POD_SPEC },
                variables: POD_VARIABLES,
                checks: [
                    {
                        name: "named",
                        finding: "names the node that it wants to run on",
                        offenders: when(
                            `variables.spec.?nodeName.orValue("") != "" && !(${IS_POD} && (request.operation == "UPDATE" || ${placer}))`,
                            `"nodeName " + variables.spec.nodeName`,
                        ),
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                policy: "gateway-node-name.binding",
                matches: [
                    {
                        apiGroups: [""],
                        apiVersions: ["v1"],
                        operations: ["CREATE"],
                        resources: ["pods/binding", "bindings"],
                    },
                ],
                namespaces: elsewhere,
                checks: [
                    {
                        name: "bound",
                        finding: "binds a pod to a node, which only a scheduler does",
                        offenders: when(
                            `!(${anyOf([exempt(settings), `(${RESERVED_NAME})`, placers])})`,
                            `"by " + ${USER}`,
                        ),
                    },
                ],
            },
            settings,
        ),
    ];
}

const NODE_AFFINITY = "variables.spec.?affinity.?nodeAffinity";
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

const AFFINITY_VARIABLES: Readonly<Record<string, string>> = {
    nodeTerms:
        `${NODE_AFFINITY}.?${REQUIRED}.?nodeSelectorTerms.orValue([])` +
        ` + ${NODE_AFFINITY}.?${PREFERRED}.orValue([]).map(p, p.preference)`,
    podTerms:
        `variables.spec.?affinity.?podAffinity.?${REQUIRED}.orValue([])` +
        ` + variables.spec.?affinity.?podAffinity.?${PREFERRED}.orValue([]).map(p, p.podAffinityTerm)`,
};

/** A pod may mention the label to stay away from gateway nodes, and in no other way. */
function selectionChecks(settings: GuardSettings) {
    const key = text(settings.nodeKey);
    // One that is enough for one gateway stays good when another is added: the taint keeps the pod off that one's nodes.
    const ownValue = gatewaysOf(settings).map(({ nodeValue }) => `${text(nodeValue)} in e.?values.orValue([])`);
    const stayingAway = `e.operator == "DoesNotExist" || e.operator == "NotIn" && ${eitherOf(ownValue)}`;
    const placer = anyOf([controller("daemon-set-controller"), namedUser(settings.placers ?? [])]);
    return [
        {
            name: "selector",
            finding: "selects gateway nodes",
            offenders: when(`${key} in variables.spec.?nodeSelector.orValue({})`, `"nodeSelector " + ${key}`),
        },
        {
            name: "affinity",
            finding: "selects or prefers gateway nodes",
            offenders:
                `variables.nodeTerms.filter(term, term.?matchExpressions.orValue([])` +
                `.exists(e, e.key == ${key} && !(${stayingAway}))).map(term, "nodeAffinity on " + ${key})`,
        },
        {
            // The only field that exists is metadata.name. The DaemonSet controller pins each of its pods in this way.
            name: "fields",
            finding: "selects nodes by name",
            offenders: when(
                `!(${IS_POD} && (${placer})) && variables.nodeTerms.exists(term, term.?matchFields.orValue([])` +
                    `.exists(f, f.operator != "NotIn"))`,
                `"nodeAffinity with matchFields"`,
            ),
        },
        {
            // Nodes without the topology's label are left out, so this is a selection too.
            name: "topology",
            finding: "spreads over gateway nodes, or wants to be near the gateway's pods",
            offenders:
                `variables.spec.?topologySpreadConstraints.orValue([]).filter(c, c.topologyKey == ${key})` +
                `.map(c, "topologySpreadConstraint on " + ${key}) + variables.podTerms.filter(term, term.topologyKey == ${key}` +
                ` || ${anyOf(gatewaysOf(settings).map(nearGateway))})` +
                `.map(term, "podAffinity")`,
        },
    ];
}

function nearGateway(gateway: GuardedGateway): string {
    return `${text(gateway.namespace)} in term.?namespaces.orValue([]) || ${seeksGateway(gateway)}`;
}

/**
 * A term that finds namespaces by their labels, the gateway's among them, and by labels the gateway's pods. The API server
 * keeps the name label, the program writes the other, and nobody else adds any.
 */
function seeksGateway({ namespace, podLabels }: GuardedGateway): string {
    const labels = map({
        "kubernetes.io/metadata.name": namespace,
        "pod-security.kubernetes.io/enforce": "restricted",
    });
    const value = `${labels}[?e.key].orValue("")`;
    const finds = [
        `term.namespaceSelector.?matchLabels.orValue({}).all(k, ${labels}[?k].orValue("") == term.namespaceSelector.matchLabels[k])`,
        `term.namespaceSelector.?matchExpressions.orValue([]).all(e, e.operator == "In" ? ${value} in e.values : ` +
            `e.operator == "NotIn" ? !(${value} in e.values) : (e.operator == "Exists") == (e.key in ${labels}))`,
        `term.?labelSelector.?matchLabels.orValue({}).all(k, k in ${map(podLabels)}` +
            ` ? ${map(podLabels)}[k] == term.labelSelector.matchLabels[k] : k in ${list(ADDED_LABELS)})`,
    ];
    return `has(term.namespaceSelector) && ${finds.join(" && ")}`;
}

function runtimeClass(settings: GuardSettings): GuardObject[] {
    const matches: MatchRule[] = [
        {
            apiGroups: ["node.k8s.io"],
            apiVersions: ["v1"],
            operations: ["CREATE", "UPDATE"],
            resources: ["runtimeclasses"],
        },
    ];
    return policyWithBinding(
        {
            policy: "gateway-node-runtime-class",
            matches,
            variables: { scheduling: "dyn(object).?scheduling.orValue({})" },
            checks: [
                ...tolerationChecks("variables.scheduling.?tolerations.orValue([])", settings),
                {
                    name: "selector",
                    finding: "selects gateway nodes",
                    offenders: when(
                        `${text(settings.nodeKey)} in variables.scheduling.?nodeSelector.orValue({})`,
                        `"nodeSelector " + ${text(settings.nodeKey)}`,
                    ),
                },
            ],
        },
        settings,
    );
}
