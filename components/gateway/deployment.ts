import {
    GATEWAY_COUNTERS,
    GATEWAY_NAME,
    GATEWAY_NODE_KEY,
    GATEWAY_PORTS,
    GATEWAY_TAINT_EFFECT,
    gatewayNodeValue,
} from "../../base/conventions";
import { type Settings } from "../../settings/settings";
import { type Deployment, OBJECT_LABELS, podLabels, podSelector } from "./gatewayObject";
import { proxyConfig } from "./proxyConfig";

type DeploymentSettings = Pick<Settings, "gateway" | "mesh" | "platform">;
type PodSpec = NonNullable<NonNullable<Deployment["spec"]>["template"]["spec"]>;

/** How long a pod that ends still gets new connections, because clients learn late that it is gone. */
const SECONDS_UNTIL_CLIENTS_KNOW = 10;
/** What is left for the proxy to end by itself before it is killed. */
const SECONDS_TO_EXIT = 5;

/** How long an ending pod is left alone: until every connection has ended, or the time that connections are given is up. */
export function terminationGraceSeconds({ drainSeconds }: Settings["gateway"]): number {
    return SECONDS_UNTIL_CLIENTS_KNOW + drainSeconds + SECONDS_TO_EXIT;
}

/** Without `replicas`: the autoscaler owns that number, and two owners would undo each other. */
export function deployment(settings: DeploymentSettings): Deployment {
    const { gateway } = settings;
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: GATEWAY_NAME, namespace: gateway.namespace, labels: OBJECT_LABELS },
        spec: {
            selector: { matchLabels: podSelector(gateway) },
            strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
            // Clients learn late that it is there; the next pod goes when they do.
            minReadySeconds: 10,
            template: {
                metadata: {
                    labels: podLabels(settings),
                    annotations: {
                        "inject.istio.io/templates": "gateway",
                        "proxy.istio.io/config": proxyConfig(gateway),
                    },
                },
                spec: podSpec(settings),
            },
        },
    };
}

function podSpec(settings: DeploymentSettings): PodSpec {
    const { gateway } = settings;
    return {
        serviceAccountName: GATEWAY_NAME,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        nodeSelector: { [GATEWAY_NODE_KEY]: gatewayNodeValue(gateway.name) },
        tolerations: [
            {
                key: GATEWAY_NODE_KEY,
                operator: "Equal",
                value: gatewayNodeValue(gateway.name),
                effect: GATEWAY_TAINT_EFFECT,
            },
        ],
        topologySpreadConstraints: topologySpread(settings),
        // A declared host is complete as it stands. With the cluster's own five dots, `api.example.com` would first be looked
        // up among the Services of a namespace `com`, which somebody might create.
        dnsConfig: { options: [{ name: "ndots", value: "1" }] },
        terminationGracePeriodSeconds: terminationGraceSeconds(gateway),
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
        containers: [proxyContainer(gateway)],
    };
}

/** Everything that is not here comes from Istio's template when the pod is created. */
function proxyContainer({ cpuRequestMillicores, memoryMebibytes }: Settings["gateway"]): PodSpec["containers"][number] {
    const memory = `${memoryMebibytes}Mi`;
    return {
        name: "istio-proxy",
        image: "auto",
        ports: [
            { name: "http", containerPort: GATEWAY_PORTS.http.targetPort, protocol: "TCP" },
            { name: "tls", containerPort: GATEWAY_PORTS.tls.targetPort, protocol: "TCP" },
            { name: GATEWAY_COUNTERS.portName, containerPort: GATEWAY_COUNTERS.port, protocol: "TCP" },
        ],
        env: [
            // The pod ends when its last connection has, and not a fixed time after it was asked to.
            { name: "EXIT_ON_ZERO_ACTIVE_CONNECTIONS", value: "true" },
            { name: "MINIMUM_DRAIN_DURATION", value: `${SECONDS_UNTIL_CLIENTS_KNOW}s` },
            // The proxy would look for a metadata server, which it may not reach, and wait five seconds for an answer.
            { name: "CLOUD_PLATFORM", value: "none" },
        ],
        // No limit on CPU: the nodes have no other work, and a throttled gateway throttles everybody.
        resources: { requests: { cpu: `${cpuRequestMillicores}m`, memory }, limits: { memory } },
        securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            privileged: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            runAsUser: 1337,
            runAsGroup: 1337,
        },
    };
}

/**
 * Over zones first, then over nodes, each version of the Deployment for itself. On GKE the zones are binding, and a zone
 * whose nodes have failed does not count, so that its pods may move. Elsewhere nodes may have no zone at all, and a binding
 * rule would then leave every pod pending.
 */
function topologySpread({ gateway, platform }: DeploymentSettings): PodSpec["topologySpreadConstraints"] {
    const common = {
        maxSkew: 1,
        labelSelector: { matchLabels: podSelector(gateway) },
        matchLabelKeys: ["pod-template-hash"],
    };
    return [
        {
            ...common,
            topologyKey: "topology.kubernetes.io/zone",
            whenUnsatisfiable: platform.kind === "gke" ? "DoNotSchedule" : "ScheduleAnyway",
            nodeTaintsPolicy: "Honor",
        },
        { ...common, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
    ];
}
