import { GATEWAY_NODE_KEY, GATEWAY_TAINT_EFFECT, gatewayNodeValue } from "../../../base/conventions";
import { type KubernetesManifest, type NetworkProbe, type ProbeSource, sourceName } from "../probe";
import { RUN_LABEL } from "./made";
import { probeScript, probesPerPod, type Patience } from "../script";

/** Name of the container that probes; whatever else is in the pod was injected. */
export const PROBE_CONTAINER = "probe";

/** Label with what a pod stands for. */
const SOURCE_LABEL = "egress-gateway/verify-source";

/** User of the probes: not root, and not 1337, whose traffic a sidecar's redirection leaves alone. */
const PROBE_USER = 65532;
const PROXY_USER = 1337;

/** One pod that has to run. */
export interface ProbePod {
    readonly manifest: KubernetesManifest;
    readonly source: ProbeSource;
    readonly probes: readonly NetworkProbe[];
}

export interface PodSettings extends Patience {
    readonly run: string;
    readonly image: string;
    readonly imagePullSecret?: string;
    /** Namespace that the run has made for strangers. */
    readonly strangerNamespace: string;
    /** Account that the run has made, there and in the client namespaces: nobody allows it anything. */
    readonly strangerAccount: string;
    /** Control plane's revision, where it is not `default`. */
    readonly revision?: string;
    /** A node of each gateway, by the name that probes have for it. */
    readonly gatewayNodes: ReadonlyMap<string | undefined, string>;
    /** Strangers try from so many nodes. */
    readonly nodes: number;
    /** After so long a pod is ended by the cluster itself, should this program be gone. */
    readonly secondsToLive: number;
}

export function hasSidecar({ kind }: ProbeSource): boolean {
    return kind === "client" || kind === "other-account" || kind === "mesh-stranger" || kind === "proxy-user";
}

/** The namespace that a source's pods are in. */
function namespaceOf(source: ProbeSource, { strangerNamespace }: Pick<PodSettings, "strangerNamespace">): string {
    return source.kind === "client" || source.kind === "other-account" || source.kind === "gateway-node"
        ? source.namespace
        : strangerNamespace;
}

/**
 * The pods of one step: for each source one, or more where a message would not hold all results or where a denial has to be
 * seen from several nodes. A control goes into every pod whose probes name it.
 *
 * @param step Number of the step, for the pods' names.
 */
export function podsFor(probes: readonly NetworkProbe[], step: number, settings: PodSettings): ProbePod[] {
    const bySource = new Map<string, NetworkProbe[]>();
    for (const probe of probes) {
        const key = sourceName(probe.source);
        bySource.set(key, [...(bySource.get(key) ?? []), probe]);
    }
    let number = 0;
    return [...bySource.values()].flatMap(group =>
        portions(group, probesPerPod(settings)).flatMap(portion => {
            const { source } = portion[0]!;
            const copies = source.kind === "no-sidecar" || source.kind === "host-network" ? settings.nodes : 1;
            return Array.from({ length: copies }, () => ({
                manifest: pod(`egress-verify-${settings.run}-${step}-${++number}`, source, portion, settings),
                source,
                probes: portion,
            }));
        }),
    );
}

/** Splits so that each portion fits, with the controls that its probes name. */
function portions(group: readonly NetworkProbe[], size: number): NetworkProbe[][] {
    const controls = new Map(group.filter(({ claim }) => claim === undefined).map(probe => [probe.id, probe]));
    const result: NetworkProbe[][] = [];
    let open = new Set<NetworkProbe>();
    for (const probe of group.filter(({ claim }) => claim !== undefined)) {
        const control = controls.get(probe.control ?? "");
        const needed = control === undefined ? [probe] : [control, probe];
        if (open.size > 0 && new Set([...open, ...needed]).size > size) {
            result.push([...open]);
            open = new Set();
        }
        needed.forEach(one => open.add(one));
    }
    return open.size === 0 ? result : [...result, [...open]];
}

function pod(
    name: string,
    source: ProbeSource,
    probes: readonly NetworkProbe[],
    settings: PodSettings,
): KubernetesManifest {
    const { image, imagePullSecret, revision, secondsToLive } = settings;
    const sidecar = hasSidecar(source);
    const onHost = source.kind === "host-network";
    const user = source.kind === "proxy-user" ? PROXY_USER : PROBE_USER;
    const capture =
        probes.some(({ attempt }) => attempt.action === "tcp") &&
        (source.kind === "client" || source.kind === "other-account");
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            name,
            namespace: namespaceOf(source, settings),
            labels: {
                "app.kubernetes.io/name": "egress-gateway-verify",
                [SOURCE_LABEL]: source.kind,
                ...(source.kind === "mesh-stranger" || source.kind === "proxy-user"
                    ? {
                          "sidecar.istio.io/inject": "true",
                          ...(revision === undefined || revision === "default" ? {} : { "istio.io/rev": revision }),
                      }
                    : {}),
                ...(sidecar ? {} : { "sidecar.istio.io/inject": "false" }),
            },
            // A `tcp` destination has a virtual address, which only the sidecar's resolver knows.
            ...(capture
                ? { annotations: { "proxy.istio.io/config": '{"proxyMetadata": {"ISTIO_META_DNS_CAPTURE": "true"}}' } }
                : {}),
        },
        spec: {
            restartPolicy: "Never",
            activeDeadlineSeconds: secondsToLive,
            serviceAccountName:
                source.kind === "client"
                    ? source.serviceAccount
                    : source.kind === "gateway-node"
                      ? "default"
                      : settings.strangerAccount,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            ...(imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
            ...(onHost ? { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" } : {}),
            ...placement(source, settings),
            securityContext: {
                runAsNonRoot: true,
                runAsUser: user,
                runAsGroup: user,
                fsGroup: PROBE_USER,
                seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
                {
                    name: PROBE_CONTAINER,
                    image,
                    imagePullPolicy: "IfNotPresent",
                    command: [
                        "sh",
                        "-c",
                        probeScript(
                            probes.map(({ attempt }) => attempt),
                            { ...settings, sidecar },
                        ),
                    ],
                    // When the script cannot even start, the last lines of the log say why.
                    terminationMessagePolicy: "FallbackToLogsOnError",
                    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
                    securityContext: {
                        allowPrivilegeEscalation: false,
                        readOnlyRootFilesystem: true,
                        capabilities: { drop: ["ALL"] },
                    },
                    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                },
            ],
            volumes: [{ name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }],
        },
    };
}

function placement(source: ProbeSource, { gatewayNodes, run }: PodSettings): object {
    if (source.kind !== "gateway-node" && source.kind !== "intruder") {
        return { affinity: onOrdinaryNodes(run, source) };
    }
    if (source.kind === "intruder" && source.how === "node-name") {
        return { nodeName: gatewayNodes.get(source.gateway) };
    }
    const value = gatewayNodeValue(source.gateway);
    return {
        nodeSelector: { [GATEWAY_NODE_KEY]: value },
        tolerations: [{ key: GATEWAY_NODE_KEY, operator: "Equal", value, effect: GATEWAY_TAINT_EFFECT }],
    };
}

/** Off the gateway nodes, which have a way out; and where there are several nodes, not on that of the same source's other pods. */
function onOrdinaryNodes(run: string, source: ProbeSource): object {
    return {
        nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: GATEWAY_NODE_KEY, operator: "DoesNotExist" }] }],
            },
        },
        podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
                {
                    weight: 100,
                    podAffinityTerm: {
                        topologyKey: "kubernetes.io/hostname",
                        labelSelector: { matchLabels: { [RUN_LABEL]: run, [SOURCE_LABEL]: source.kind } },
                    },
                },
            ],
        },
    };
}
