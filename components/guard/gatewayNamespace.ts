import { anyOf, controller, exempt, inGroup, KUBELET, map, RESERVED_NAME, text, USER, when } from "./cel";
import { IS_INJECTION_PLACEHOLDER, isProxyImage } from "./injectedProxy";
import { type GuardCheck, type GuardObject, type MatchRule, policyWithBinding } from "./policy";
import { IS_POD, POD_BEARING, POD_VARIABLES, SAME_POD_METADATA, SAME_POD_SPEC } from "./podTemplates";
import { type GuardedGateway } from "../../declared/guard";
import { closedNamespaces, gatewayNamespaces, gatewaysOf, type GuardSettings } from "./settings";

const CHANGES = ["CREATE", "UPDATE", "DELETE"] as const;

/** The gateway's namespace, and the resolver's: what runs there, who makes it, and who writes anything else. */
export function gatewayNamespaceRules(settings: GuardSettings): GuardObject[] {
    const closed = { only: closedNamespaces(settings) };
    return [
        ...policyWithBinding(
            {
                policy: "gateway-namespace-pods",
                matches: [
                    ...POD_BEARING,
                    // Labels can be changed through it, and labels are what authorization policies select.
                    { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/status"] },
                ],
                namespaces: { only: gatewayNamespaces(settings) },
                unless: { "same-pod": `(${SAME_POD_SPEC}) && (${SAME_POD_METADATA})` },
                variables: POD_VARIABLES,
                checks: gatewayPodChecks(settings),
            },
            settings,
        ),
        ...makers(settings, closed),
        ...owner(settings, closed),
    ];
}

/** Pods and what makes pods, but for the Deployment, which the owner writes. */
const MADE: readonly MatchRule[] = [
    {
        apiGroups: [""],
        apiVersions: ["v1"],
        operations: CHANGES,
        resources: ["pods", "pods/status", "replicationcontrollers", "podtemplates"],
    },
    {
        apiGroups: ["apps"],
        apiVersions: ["v1"],
        operations: CHANGES,
        resources: ["daemonsets", "replicasets", "statefulsets"],
    },
    { apiGroups: ["batch"], apiVersions: ["v1"], operations: CHANGES, resources: ["cronjobs", "jobs"] },
];

/**
 * A pod is what it is made to be, whatever it says of itself: by the ReplicaSet controller from a ReplicaSet that the
 * Deployment controller made from the Deployment. The labels of pods change by controllers alone, because a Gateway
 * anywhere selects pods by their labels; the kubelet, which reports their status, is held to that by NodeRestriction.
 */
function makers(settings: GuardSettings, closed: { only: string[] }): GuardObject[] {
    const breakGlass = inGroup(settings.breakGlassGroup);
    const kind = "request.resource.resource";
    const made = [
        `${kind} == "pods" && ${controller("replicaset-controller")}`,
        `${kind} == "replicasets" && ${controller("deployment-controller")}`,
    ];
    const deletes = (settings.operatorGroups ?? []).map(inGroup);
    const pods = [KUBELET, ...(deletes.length === 0 ? [] : [`request.operation == "DELETE" && (${anyOf(deletes)})`])];
    return policyWithBinding(
        {
            policy: "gateway-namespace-pods.maker",
            matches: MADE,
            namespaces: closed,
            checks: [
                {
                    name: "made",
                    finding: "is not made by a Deployment of this program and its controllers",
                    offenders: when(
                        `request.operation == "CREATE" && !(${made.map(one => `(${one})`).join(" || ")})`,
                        `request.kind.kind + " by " + ${USER}`,
                    ),
                },
                {
                    name: "changed",
                    finding: "is changed or deleted by somebody else than a controller",
                    offenders: when(
                        `request.operation != "CREATE" && !(${exempt(settings)} || ${breakGlass} || ${kind} == "pods" && (${pods.join(" || ")}))`,
                        `request.kind.kind + " by " + ${USER}`,
                    ),
                },
            ],
            audit: { "break-glass": breakGlassAudit(breakGlass) },
        },
        settings,
    );
}

/**
 * Not judged by who owns the namespace: what the rules about pods, access and tokens judge, what everybody has to write
 * (leases, events, questions about one's own rights), and status, which controllers of every sort report.
 */
const OTHERS_JUDGE: readonly MatchRule[] = [
    ...MADE,
    {
        apiGroups: [""],
        apiVersions: ["*"],
        operations: CHANGES,
        resources: ["events", "pods/ephemeralcontainers", "serviceaccounts/token"],
    },
    { apiGroups: ["*"], apiVersions: ["*"], operations: CHANGES, resources: ["*/status"] },
    { apiGroups: ["events.k8s.io"], apiVersions: ["*"], operations: CHANGES, resources: ["events"] },
    { apiGroups: ["coordination.k8s.io"], apiVersions: ["*"], operations: CHANGES, resources: ["leases"] },
    { apiGroups: ["authorization.k8s.io"], apiVersions: ["*"], operations: CHANGES, resources: ["*"] },
];

/**
 * Denied by default: every kind of object there could route, admit, re-point, scale or starve the gateway, kinds that do
 * not exist yet included. An eviction is what a drain asks for, and the disruption budget, which is the owner's, answers.
 */
function owner(settings: GuardSettings, closed: { only: string[] }): GuardObject[] {
    const breakGlass = inGroup(settings.breakGlassGroup);
    const operators = anyOf((settings.operatorGroups ?? []).map(inGroup));
    const passing = {
        // istiod writes the mesh's root certificate into every namespace.
        istiod:
            `request.resource.resource == "configmaps" && request.?name.orValue("") == "istio-ca-root-cert" && ` +
            `${USER}.startsWith(${text(`system:serviceaccount:${settings.controlPlaneNamespace}:istiod`)})`,
        // Upgrades and scale-down of nodes; that of people is an operator's.
        eviction: `request.resource.resource == "pods" && request.?subResource.orValue("") == "eviction" && (${RESERVED_NAME} || ${operators})`,
        operator: `request.resource.resource == "deployments" && (${operators}) && (request.?subResource.orValue("") == "scale" || ${RESTARTS})`,
    };
    return policyWithBinding(
        {
            policy: "gateway-namespace-owner",
            matches: [
                { apiGroups: ["*"], apiVersions: ["*"], operations: CHANGES, resources: ["*/*"], scope: "Namespaced" },
            ],
            leavesOut: OTHERS_JUDGE,
            namespaces: closed,
            checks: [
                {
                    name: "stranger",
                    finding: "writes what only the deployer writes",
                    offenders: when(
                        `!(${[exempt(settings), breakGlass, ...Object.values(passing).map(one => `(${one})`)].join(" || ")})`,
                        `request.kind.kind + " by " + ${USER}`,
                    ),
                },
            ],
            audit: { "break-glass": breakGlassAudit(breakGlass) },
        },
        settings,
    );
}

/** `kubectl rollout restart`: one annotation of the template, and nothing else but the number of replicas. */
const RESTARTED_AT = '"kubectl.kubernetes.io/restartedAt"';
const RESTARTS = [
    'request.operation == "UPDATE" && request.?subResource.orValue("") == ""',
    ...["metadata.?labels", "metadata.?annotations", "metadata.?finalizers", "metadata.?ownerReferences"].map(same),
    ...["selector", "strategy", "minReadySeconds", "revisionHistoryLimit", "paused", "progressDeadlineSeconds"].map(
        field => same(`spec.?${field}`),
    ),
    ...["spec", "metadata.?labels"].map(field => same(`spec.template.?${field}`)),
    `[object, oldObject].all(o, o.spec.template.?metadata.?annotations.orValue({}).all(key, key == ${RESTARTED_AT}` +
        ` || object.spec.template.?metadata.?annotations[?key] == oldObject.spec.template.?metadata.?annotations[?key]))`,
].join(" && ");

function same(path: string): string {
    return `object.${path} == oldObject.${path}`;
}

/**
 * "Runs as the gateway": its account, its labels, the injector's proxy as the only container and nothing that reaches the
 * node. A template may leave the container to the injector (`image: auto`); a pod may not, it comes after injection.
 */
function gatewayPodChecks(settings: GuardSettings): readonly GuardCheck[] {
    const labels = byNamespace(settings, ({ podLabels }) => map(podLabels));
    const account = text(settings.gatewayServiceAccount);
    const router = `${isProxyImage(settings)} && c.?args.orValue([]).size() >= 2 && c.args[0] == "proxy" && c.args[1] == "router"`;
    // Not an attack but the first thing that goes wrong in a new cluster, so it is told by its cause.
    const notInjected = `${IS_POD} && c.name == "istio-proxy" && c.?image.orValue("") == "auto"`;
    return [
        {
            name: "account",
            finding: `does not run as service account ${settings.gatewayServiceAccount}`,
            offenders: when(
                `variables.spec.?serviceAccountName.orValue("default") != ${account}`,
                `"serviceAccountName " + variables.spec.?serviceAccountName.orValue("default")`,
            ),
        },
        {
            name: "labelled",
            finding: "does not carry the gateway's labels",
            offenders: `${labels}.filter(key, variables.labels[?key].orValue("") != ${labels}[key]).map(key, "label " + key)`,
        },
        ...(gatewaysOf(settings).length === 1 ? [] : [elsewhere(settings)]),
        {
            name: "injected",
            finding:
                "was not injected by Istio (is that revision installed, and does the API server reach its webhook on port 15017?)",
            offenders:
                `variables.containers.filter(c, ${notInjected}).map(c, "container " + c.name + " has image auto, revision "` +
                ` + variables.labels[?"istio.io/rev"].orValue("default"))`,
        },
        {
            name: "strangers",
            finding: "has a container that is not the injector's proxy",
            offenders:
                `variables.containers.filter(c, !(${notInjected}) && !(c.name == "istio-proxy" && c.?command.orValue([]).size() == 0` +
                ` && (${router} || !(${IS_POD}) && ${IS_INJECTION_PLACEHOLDER}))).map(c, "container " + c.name)`,
        },
        {
            name: "host",
            finding: "reaches the node",
            offenders: [
                ...["hostNetwork", "hostPID", "hostIPC"].map(
                    field => `(variables.spec.?${field}.orValue(false) ? ["${field}"] : [])`,
                ),
                'variables.spec.?volumes.orValue([]).filter(v, has(v.hostPath)).map(v, "volume " + v.name)',
                "variables.containers.filter(c, !variables.spec.?hostNetwork.orValue(false) && c.?ports.orValue([])" +
                    '.exists(p, p.?hostPort.orValue(0) != 0)).map(c, "host port of container " + c.name)',
            ].join(" + "),
        },
        {
            name: "privileges",
            finding: "has more privileges than a proxy needs",
            offenders:
                `variables.containers.filter(c, c.?securityContext.?privileged.orValue(false)` +
                ` || c.?securityContext.?capabilities.?add.orValue([]).exists(name, name != "NET_BIND_SERVICE"))` +
                '.map(c, "container " + c.name)',
        },
    ];
}

/** A value that each gateway has for itself, by the namespace of the request. */
function byNamespace(settings: GuardSettings, of: (gateway: GuardedGateway) => string): string {
    const gateways = gatewaysOf(settings);
    const values = gateways.map(gateway => `${text(gateway.namespace)}: ${of(gateway)}`);
    return gateways.length === 1 ? of(gateways[0]!) : `{${values.join(", ")}}[request.namespace]`;
}

/** What leaves from another gateway's nodes has that one's addresses, so each tolerates its own taint and no other. */
function elsewhere(settings: GuardSettings): GuardCheck {
    const own = byNamespace(settings, ({ nodeValue }) => text(nodeValue));
    const key = 't.?key.orValue("")';
    return {
        name: "elsewhere",
        finding: "tolerates the taint of another gateway's nodes",
        offenders:
            `variables.spec.?tolerations.orValue([]).filter(t, ${key} == ${text(settings.nodeKey)}` +
            ` ? t.?operator.orValue("Equal") != "Equal" || t.?value.orValue("") != ${own}` +
            ` : ${key} == "" && t.?effect.orValue("") in ["", ${text(settings.taintEffect)}])` +
            `.map(t, ${key} == "" ? "operator Exists without a key" : "toleration of " + t.key + " " + t.?operator.orValue("Equal") + " " + t.?value.orValue(""))`,
    };
}

/** Written for requests that pass as well: who broke the glass is in the audit log. */
export function breakGlassAudit(breakGlass: string): string {
    return `${breakGlass} ? ${USER} + " " + request.operation + " " + request.resource.resource : ""`;
}
