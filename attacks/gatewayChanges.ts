import { type HostileCase, type Request, type Sender, type SentObject } from "./case";
import { gatewayDeployment, gatewayPod, type PodFields } from "./objects";
import {
    CONTROL_PLANE,
    controller,
    deployer,
    developer,
    GATEWAY,
    operator,
    scheduler,
    serviceAccount,
} from "./surroundings";

interface Change {
    readonly name: string;
    /** Continues "A developer …". */
    readonly what: string;
    readonly request: Request;
    /** Who may, as a sentence. */
    readonly title: string;
    readonly as: Sender;
    readonly permitted: Request;
}

/** What is in the gateway's namespace already, changed by a stranger and by somebody whose affair it is. */
export const gatewayChangeCases: readonly HostileCase[] = [
    ...changes().map(({ name, what, request, title, as, permitted }) =>
        changeCase(name, `A developer ${what}.`, developer, request, { title, as, request: permitted }),
    ),
    changeCase(
        "restarted-with-a-change",
        "An operator restarts the gateway, and changes its program on the way.",
        operator,
        update(
            gatewayDeployment("changed"),
            restarted("changed", {
                containers: [{ name: "istio-proxy", image: "auto", env: [{ name: "LD_PRELOAD", value: "/x.so" }] }],
            }),
        ),
        {
            title: "An operator restarts it and changes nothing.",
            request: update(gatewayDeployment("changed-twin"), restarted("changed-twin")),
        },
    ),
];

function changes(): Change[] {
    return [
        {
            name: "autoscaler-lowered",
            what: "lowers the autoscaler's limit, and its controller scales for them",
            request: update(autoscaler("lowered", 12), autoscaler("lowered", 1)),
            title: "The deployer does.",
            as: deployer,
            permitted: update(autoscaler("lowered-twin", 12), autoscaler("lowered-twin", 6)),
        },
        {
            name: "autoscaler-deleted",
            what: "deletes the autoscaler",
            request: { operation: "delete", before: autoscaler("deleted", 12) },
            title: "The namespace controller does, when the namespace goes.",
            as: controller("namespace-controller"),
            permitted: { operation: "delete", before: autoscaler("deleted-twin", 12) },
        },
        {
            name: "root-certificate",
            what: "writes the mesh's root certificate",
            request: { operation: "create", object: configMap("istio-ca-root-cert") },
            title: "istiod does.",
            as: serviceAccount(CONTROL_PLANE, "istiod-canary"),
            permitted: { operation: "create", object: configMap("istio-ca-root-cert") },
        },
        {
            name: "another-config-map",
            what: "writes another ConfigMap",
            request: { operation: "create", object: configMap("bootstrap") },
            title: "The deployer does.",
            as: deployer,
            permitted: { operation: "create", object: configMap("bootstrap-twin") },
        },
        {
            name: "evicted",
            what: "evicts a gateway pod",
            request: below("policy/v1", "Eviction", "gateway-evicted"),
            title: "The cluster autoscaler drains a node.",
            as: { user: "system:cluster-autoscaler" },
            permitted: below("policy/v1", "Eviction", "gateway-evicted-twin"),
        },
        {
            name: "bound",
            what: "binds a waiting gateway pod to a node of their choice",
            request: below("v1", "Binding", "gateway-bound"),
            title: "The scheduler binds it.",
            as: scheduler,
            permitted: below("v1", "Binding", "gateway-bound-twin"),
        },
        {
            name: "restarted",
            what: "restarts the gateway",
            request: update(gatewayDeployment("restarted"), restarted("restarted")),
            title: "An operator of the gateway does.",
            as: operator,
            permitted: update(gatewayDeployment("restarted-twin"), restarted("restarted-twin")),
        },
    ];
}

function changeCase(name: string, title: string, as: Sender, request: Request, twin: HostileCase["twin"]): HostileCase {
    const message = "writes what only the deployer writes";
    return { id: `gateway-change/${name}`, rule: "gateway-namespace-owner", title, as, message, request, twin };
}

function update(before: SentObject, object: SentObject): Request {
    return { operation: "update", before, object };
}

/** As `kubectl rollout restart` writes it. */
function restarted(name: string, fields: PodFields = {}): SentObject {
    const object = gatewayDeployment(name, fields);
    const { template, ...spec } = object.spec as { template: SentObject };
    const annotations = {
        ...template.metadata.annotations,
        "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z",
    };
    return {
        ...object,
        spec: { ...spec, template: { ...template, metadata: { ...template.metadata, annotations } } },
    };
}

function below(apiVersion: string, kind: "Binding" | "Eviction", name: string): Request {
    const target = kind === "Binding" ? { target: { apiVersion: "v1", kind: "Node", name: "app-node-1" } } : {};
    return {
        operation: "create",
        object: { apiVersion, kind, metadata: { name, namespace: GATEWAY }, ...target },
        below: { object: gatewayPod(name), subresource: kind.toLowerCase() },
    };
}

function configMap(name: string): SentObject {
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: GATEWAY }, data: { key: "value" } };
}

export function autoscaler(name: string, maxReplicas: number): SentObject {
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "egress-gateway" };
    return {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: `autoscaler-${name}`, namespace: GATEWAY },
        spec: { scaleTargetRef, minReplicas: 1, maxReplicas },
    };
}
