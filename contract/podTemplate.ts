import { type AllowedDestination } from "./destinationRequest";

/** As much of a Kubernetes PodTemplateSpec as is read or completed here; everything else passes through. */
export interface PodTemplate {
    readonly metadata?: {
        readonly labels?: Readonly<Record<string, unknown>>;
        readonly annotations?: Readonly<Record<string, unknown>>;
    };
    readonly spec: {
        readonly containers: unknown;
        readonly serviceAccountName?: unknown;
        readonly hostNetwork?: unknown;
    };
}

/** The template with what was added to it. */
export type CompletedPodTemplate<T extends PodTemplate> = Omit<T, "metadata" | "spec"> & {
    readonly metadata: Omit<NonNullable<T["metadata"]>, "labels" | "annotations"> & {
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: T["spec"] & { readonly serviceAccountName: string };
};

const INJECT = "sidecar.istio.io/inject";
const REVISION = "istio.io/rev";
const PROXY_CONFIG = "proxy.istio.io/config";
const DNS_CAPTURE = "ISTIO_META_DNS_CAPTURE";
const EXCLUDES = ["excludeOutboundPorts", "excludeOutboundIPRanges", "excludeInterfaces"].map(
    name => `traffic.sidecar.istio.io/${name}`,
);

/**
 * Completes a workload's pod template with what the destinations ask of it, and with nothing else: the service account that
 * they are open to, the label by which a sidecar is injected, and DNS capture when a `tcp` destination is among them, because
 * such a destination is known by a virtual address that only the sidecar can tell (Istio documentation, "DNS Proxying").
 *
 * @param revision Revision of the control plane that injects sidecars.
 * @returns the completed template, or what in it contradicts the destinations.
 */
export function completed<T extends PodTemplate>(
    template: T,
    destinations: readonly AllowedDestination[],
    revision = "default",
): { readonly template: CompletedPodTemplate<T> } | { readonly problems: readonly string[] } {
    const problems = contradictions(template, destinations);
    const capture = destinations.some(({ needsDnsCapture }) => needsDnsCapture)
        ? withDnsCapture(template.metadata?.annotations?.[PROXY_CONFIG])
        : {};
    if (capture.problem !== undefined) {
        problems.push(capture.problem);
    }
    const [workload] = destinations;
    if (problems.length > 0 || workload === undefined) {
        return { problems };
    }
    const label = revision === "default" ? { [INJECT]: "true" } : { [REVISION]: revision };
    const annotations = {
        ...template.metadata?.annotations,
        ...(capture.value === undefined ? {} : { [PROXY_CONFIG]: capture.value }),
    };
    return {
        template: {
            ...template,
            metadata: {
                ...template.metadata,
                labels: { ...template.metadata?.labels, ...label },
                ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
            },
            spec: { serviceAccountName: workload.serviceAccount, ...template.spec },
        } as unknown as CompletedPodTemplate<T>,
    };
}

function contradictions({ metadata, spec }: PodTemplate, destinations: readonly AllowedDestination[]): string[] {
    const workloads = [
        ...new Set(destinations.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`)),
    ];
    const [account] = destinations.map(({ serviceAccount }) => serviceAccount);
    const problems: string[] = [];
    if (workloads.length !== 1) {
        problems.push(
            workloads.length === 0
                ? "no destination is given, so there is nothing that the template would need"
                : `the destinations are open to different workloads: ${workloads.join(", ")}; a pod runs as one of them`,
        );
    }
    // An Output is not known here; the gateway would refuse another identity in the handshake.
    if (typeof spec.serviceAccountName === "string" && account !== undefined && spec.serviceAccountName !== account) {
        problems.push(
            `spec.serviceAccountName is "${spec.serviceAccountName}", but the destinations are open to "${account}": the gateway would refuse the handshake`,
        );
    }
    if (spec.hostNetwork === true) {
        problems.push(
            "spec.hostNetwork is true: such a pod has no sidecar, and nothing that it sends reaches the gateway",
        );
    }
    for (const [where, values] of [
        ["labels", metadata?.labels],
        ["annotations", metadata?.annotations],
    ] as const) {
        if (values?.[INJECT] === "false") {
            problems.push(
                `metadata.${where} has ${INJECT}: "false": without a sidecar the gateway does not know the workload`,
            );
        }
    }
    for (const key of EXCLUDES.filter(name => (metadata?.annotations?.[name] ?? "") !== "")) {
        problems.push(
            `metadata.annotations has ${key}: what it leaves out bypasses the sidecar, and the perimeter drops it`,
        );
    }
    return problems;
}

/** Adds the capture to a proxy configuration that the template may have already; JSON is also YAML. */
function withDnsCapture(given: unknown): { readonly value?: string; readonly problem?: string } {
    if (given === undefined) {
        return { value: JSON.stringify({ proxyMetadata: { [DNS_CAPTURE]: "true" } }) };
    }
    const config = parsedObject(given);
    if (config !== undefined) {
        const metadata = config["proxyMetadata"] as Record<string, unknown> | undefined;
        return { value: JSON.stringify({ ...config, proxyMetadata: { ...metadata, [DNS_CAPTURE]: "true" } }) };
    }
    return typeof given === "string" && new RegExp(`${DNS_CAPTURE}: *["']true["']`).test(given)
        ? { value: given }
        : {
              problem: `metadata.annotations has ${PROXY_CONFIG} in a form that cannot be extended: write it as JSON, or add proxyMetadata.${DNS_CAPTURE}: "true" to it`,
          };
}

function parsedObject(value: unknown): Record<string, unknown> | undefined {
    try {
        const parsed: unknown = JSON.parse(String(value));
        return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
            ? (parsed as Record<string, unknown>)
            : undefined;
    } catch {
        return undefined;
    }
}
