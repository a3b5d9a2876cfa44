import { createHash } from "node:crypto";
import { RESOLVER_NAME, RESOLVER_PORTS } from "../../base/conventions";
import { type Settings } from "../../settings/settings";
import { onePodAtATime } from "../disruptionBudget";
import { CONFIGURATION_FILE } from "./configuration";
import { LAMEDUCK_SECONDS } from "./corefile";
import { type Deployment, type PodDisruptionBudget } from "./resolverObject";
import { OBJECT_LABELS, POD_SELECTOR } from "./labels";

type PodSpec = NonNullable<NonNullable<Deployment["spec"]>["template"]["spec"]>;

/** As many pods as are asked for, never one fewer while they change: what asks them has no other way to a name. */
export function deployment({ dns }: Pick<Settings, "dns">, corefile: string): Deployment {
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: RESOLVER_NAME, namespace: dns.namespace, labels: OBJECT_LABELS },
        spec: {
            replicas: dns.replicas,
            selector: { matchLabels: POD_SELECTOR },
            strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
            minReadySeconds: 5,
            template: {
                metadata: {
                    // Not of the mesh: a sidecar would catch what it asks.
                    labels: { ...OBJECT_LABELS, "sidecar.istio.io/inject": "false", "istio.io/dataplane-mode": "none" },
                    // Another list is another Deployment: `up` goes on to the routes when the new names are known.
                    annotations: { "egress-gateway/corefile": createHash("sha256").update(corefile).digest("hex") },
                },
                spec: podSpec(dns),
            },
        },
    };
}

export function disruptionBudget({ dns }: Pick<Settings, "dns">): PodDisruptionBudget {
    return onePodAtATime({ name: RESOLVER_NAME, namespace: dns.namespace, labels: OBJECT_LABELS }, POD_SELECTOR);
}

function podSpec(dns: Settings["dns"]): PodSpec {
    const spread = { maxSkew: 1, labelSelector: { matchLabels: POD_SELECTOR }, matchLabelKeys: ["pod-template-hash"] };
    return {
        serviceAccountName: RESOLVER_NAME,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // Not by way of the cluster's DNS, which asks these pods.
        dnsPolicy: "Default",
        priorityClassName: "system-cluster-critical",
        topologySpreadConstraints: [
            { ...spread, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
            { ...spread, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
        ],
        terminationGracePeriodSeconds: LAMEDUCK_SECONDS + 5,
        securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [container(dns)],
        volumes: [{ name: "corefile", configMap: { name: RESOLVER_NAME } }],
    };
}

function container({ image, cpuRequestMillicores, memoryMebibytes }: Settings["dns"]): PodSpec["containers"][number] {
    const memory = `${memoryMebibytes}Mi`;
    return {
        name: "coredns",
        image,
        args: ["-conf", `/etc/coredns/${CONFIGURATION_FILE}`],
        ports: [
            { name: "dns", containerPort: RESOLVER_PORTS.dns, protocol: "UDP" },
            { name: "dns-tcp", containerPort: RESOLVER_PORTS.dns, protocol: "TCP" },
            { name: "metrics", containerPort: RESOLVER_PORTS.metrics, protocol: "TCP" },
        ],
        livenessProbe: {
            httpGet: { path: "/health", port: RESOLVER_PORTS.health },
            timeoutSeconds: 5,
            failureThreshold: 5,
        },
        readinessProbe: { httpGet: { path: "/ready", port: RESOLVER_PORTS.ready }, timeoutSeconds: 5 },
        resources: { requests: { cpu: `${cpuRequestMillicores}m`, memory }, limits: { memory } },
        securityContext: {
            allowPrivilegeEscalation: false,
            // The image's binary carries this one, and does not start where it may not have it.
            capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
            privileged: false,
            readOnlyRootFilesystem: true,
        },
        volumeMounts: [{ name: "corefile", mountPath: "/etc/coredns", readOnly: true }],
    };
}
