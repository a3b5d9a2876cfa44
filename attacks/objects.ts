import { type SentObject } from "./case";
import { CLIENT, GATEWAY, GATEWAY_LABELS, NODE_KEY, RESOLVER } from "./surroundings";

/** Fields of a pod spec, as far as the catalogue varies them. */
export type PodFields = Readonly<Record<string, unknown>>;
export type PodMetadata = SentObject["metadata"];

export const app = { name: "app", image: "registry.acme.example/app:1" } as const;

/** A container beside the application's. */
export function container(name: string, fields: PodFields = {}): PodFields {
    return { name, image: "registry.acme.example/tool:1", ...fields };
}

function podSpec(fields: PodFields): PodFields {
    // No token volume, so that what is sent is what is stored.
    return { automountServiceAccountToken: false, containers: [app], ...fields };
}

export function pod(name: string, fields: PodFields = {}, metadata: PodMetadata = {}): SentObject {
    return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: CLIENT, ...metadata }, spec: podSpec(fields) };
}

/** Every kind that carries pods; the first is the pod itself. */
export const POD_KINDS = [
    "Pod",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "ReplicationController",
    "PodTemplate",
] as const;
export type PodKind = (typeof POD_KINDS)[number];

/** The same pod in a workload of that kind; `pod` describes the pod, not the workload. */
export function workloadOf(
    kind: PodKind,
    name: string,
    fields: PodFields = {},
    metadata: PodMetadata = {},
): SentObject {
    const { namespace = CLIENT, labels, annotations } = metadata;
    const own = { name, namespace };
    const matchLabels = { workload: "catalogued" };
    const batch = kind === "Job" || kind === "CronJob";
    const template = {
        metadata: {
            labels: { ...matchLabels, ...labels },
            ...(annotations === undefined ? {} : { annotations }),
        },
        spec: podSpec(batch ? { restartPolicy: "Never", ...fields } : fields),
    };
    const selected = { selector: { matchLabels }, template };
    switch (kind) {
        case "Pod":
            return pod(name, fields, metadata);
        case "Deployment":
        case "ReplicaSet":
        case "DaemonSet":
            return { apiVersion: "apps/v1", kind, metadata: own, spec: selected };
        case "StatefulSet":
            return { apiVersion: "apps/v1", kind, metadata: own, spec: { serviceName: name, ...selected } };
        case "Job":
            return { apiVersion: "batch/v1", kind, metadata: own, spec: { template } };
        case "CronJob":
            return {
                apiVersion: "batch/v1",
                kind,
                metadata: own,
                spec: { schedule: "0 4 * * *", jobTemplate: { spec: { template } } },
            };
        case "ReplicationController":
            return { apiVersion: "v1", kind, metadata: own, spec: { selector: matchLabels, template } };
        case "PodTemplate":
            return { apiVersion: "v1", kind, metadata: own, template };
    }
}

/** Tolerations that the API server adds by itself; spelled out where a pod is compared before and after. */
export const DEFAULT_TOLERATIONS = ["not-ready", "unreachable"].map(condition => ({
    key: `node.kubernetes.io/${condition}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 300,
}));

export const GATEWAY_TOLERATION = { key: NODE_KEY, operator: "Equal", value: "true", effect: "NoExecute" } as const;
export const GATEWAY_TAINT = { key: NODE_KEY, value: "true", effect: "NoExecute" } as const;

const PROXY_IMAGE = "registry.acme.example/istio/proxyv2:1.30.3";

/** What Istio's `sidecar` template writes (istiod chart, files/injection-template.yaml), as far as the guard reads it. */
export const injectedInit = {
    name: "istio-init",
    image: PROXY_IMAGE,
    args: [
        ...["istio-iptables", "-p", "15001", "-z", "15006", "-u", "1337", "-m", "REDIRECT", "-i", "*", "-x", ""],
        ...["-b", "*", "-d", "15090,15021,15020", "--log_output_level=default:info"],
    ],
    securityContext: {
        allowPrivilegeEscalation: false,
        privileged: false,
        capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] },
        runAsGroup: 0,
        runAsNonRoot: false,
        runAsUser: 0,
    },
} as const;

/** The same with the CNI plugin: it checks that the redirection works, and writes nothing. */
export const injectedValidation = {
    ...injectedInit,
    name: "istio-validation",
    args: [...injectedInit.args, "--run-validation", "--skip-rule-apply"],
    securityContext: { capabilities: { drop: ["ALL"] }, runAsGroup: 1337, runAsNonRoot: true, runAsUser: 1337 },
} as const;

export const injectedProxy = {
    name: "istio-proxy",
    image: PROXY_IMAGE,
    args: ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local", "--proxyLogLevel=warning"],
    env: [{ name: "ISTIO_META_INTERCEPTION_MODE", value: "REDIRECT" }],
    securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsGroup: 1337,
        runAsNonRoot: true,
        runAsUser: 1337,
    },
} as const;

/** Annotations that the injector adds where the CNI plugin is in use. */
export const injectedAnnotations = {
    "sidecar.istio.io/interceptionMode": "REDIRECT",
    "sidecar.istio.io/status": '{"initContainers":["istio-validation","istio-proxy"]}',
    "traffic.sidecar.istio.io/includeOutboundIPRanges": "*",
    "traffic.sidecar.istio.io/includeInboundPorts": "*",
    "traffic.sidecar.istio.io/excludeInboundPorts": "15020",
} as const;

/** A gateway pod after injection with the `gateway` template. */
export function gatewayPod(name: string, fields: PodFields = {}, metadata: PodMetadata = {}): SentObject {
    return pod(
        name,
        {
            serviceAccountName: "egress-gateway",
            nodeSelector: { [NODE_KEY]: "true" },
            tolerations: [GATEWAY_TOLERATION, ...DEFAULT_TOLERATIONS],
            containers: [gatewayProxy],
            ...fields,
        },
        { namespace: GATEWAY, labels: GATEWAY_LABELS, ...metadata },
    );
}

export const gatewayProxy = {
    name: "istio-proxy",
    image: PROXY_IMAGE,
    args: ["proxy", "router", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
    securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        runAsUser: 1337,
        runAsGroup: 1337,
    },
} as const;

/** The gateway's Deployment before injection. */
export function gatewayDeployment(
    name: string,
    fields: PodFields = {},
    labels: Readonly<Record<string, string>> = GATEWAY_LABELS,
): SentObject {
    return workloadOf(
        "Deployment",
        name,
        {
            serviceAccountName: "egress-gateway",
            nodeSelector: { [NODE_KEY]: "true" },
            tolerations: [GATEWAY_TOLERATION],
            containers: [{ name: "istio-proxy", image: "auto" }],
            ...fields,
        },
        { namespace: GATEWAY, labels, annotations: { "inject.istio.io/templates": "gateway" } },
    );
}

export const RESOLVER_LABELS = { app: "egress-dns" } as const;

/** The namespace is held to Kubernetes' `restricted` standard, wherever that is asked for. */
export const RESTRICTED = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
} as const;

const RESOLVER_SPEC: PodFields = {
    serviceAccountName: "egress-dns",
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [{ name: "coredns", image: "registry.acme.example/coredns:1.14.0", securityContext: RESTRICTED }],
};

/** A pod of the DNS lock's resolver. */
export function resolverPod(name: string, fields: PodFields = {}): SentObject {
    return pod(name, { ...RESOLVER_SPEC, ...fields }, { namespace: RESOLVER, labels: RESOLVER_LABELS });
}

export function resolverWorkload(kind: PodKind, name: string, fields: PodFields = {}): SentObject {
    return workloadOf(kind, name, { ...RESOLVER_SPEC, ...fields }, { namespace: RESOLVER, labels: RESOLVER_LABELS });
}

export function computeClass(name: string, spec: PodFields): SentObject {
    return { apiVersion: "cloud.google.com/v1", kind: "ComputeClass", metadata: { name }, spec };
}

export function node(name: string, labels: Readonly<Record<string, string>>, taints: readonly PodFields[]): SentObject {
    return { apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec: { taints } };
}

export function gatewayNode(
    name: string,
    taints: readonly PodFields[] = [],
    labels: Readonly<Record<string, string>> = {},
): SentObject {
    return node(name, { [NODE_KEY]: "true", ...labels }, [GATEWAY_TAINT, ...taints]);
}
