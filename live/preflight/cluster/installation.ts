import { selectorMatches } from "../../../containment/kubernetes";
import { isOneOf } from "../../../declared/guard";
import { type Settings } from "../../../settings/settings";
import { agrees, type PreflightCheck, contradicts, type Subject } from "../check";
import { type Identity, type InjectorFacts, type KubernetesFacts } from "./facts";

type Served = KubernetesFacts["kinds"];

/** What this stack creates of Istio's kinds, by group and version (`registerObject.ts` and the components). */
export const NEEDED_KINDS: Readonly<Record<string, readonly string[]>> = {
    "networking.istio.io/v1": ["DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "VirtualService"],
    "security.istio.io/v1": ["AuthorizationPolicy", "PeerAuthentication"],
    "telemetry.istio.io/v1": ["Telemetry"],
};

/** What the settings' collector reads, by group and version (`components/monitoring/compile.ts`). */
export const COLLECTED_KINDS: Readonly<Record<string, readonly string[]>> = {
    "monitoring.googleapis.com/v1": ["PodMonitoring", "Rules"],
    "monitoring.coreos.com/v1": ["PodMonitor", "PrometheusRule"],
};

/** The collector that the settings name is there to read what is made for it. */
export function collectorChecks(
    { monitoring: { collector } }: Pick<Settings, "monitoring">,
    served: Served,
): PreflightCheck[] {
    if (collector === "none") {
        return [];
    }
    const google = collector === "google-managed-prometheus";
    const version = google ? "monitoring.googleapis.com/v1" : "monitoring.coreos.com/v1";
    return [
        servedCheck(
            { id: "monitoring/definitions", subject: `definitions of ${collector}`, expected: version },
            notServed(version, COLLECTED_KINDS[version]!, served),
            google
                ? "Switch managed collection on (`gcloud container clusters update NAME --enable-managed-prometheus`), or egress-gateway:monitoring off."
                : "Install the Prometheus operator's definitions, or switch egress-gateway:monitoring off: `up` would fail when half of it is made.",
        ),
    ];
}

/** The kinds are served in the version that this stack writes: a preview does not ask, and `up` would fail half-way. */
export function definitionChecks(served: Served): PreflightCheck[] {
    return [
        servedCheck(
            { id: "istio/definitions", subject: "Istio's definitions", expected: Object.keys(NEEDED_KINDS).join(", ") },
            Object.entries(NEEDED_KINDS).flatMap(([version, kinds]) =>
                notServed(version, kinds, served).map(kind => `${version} ${kind}`),
            ),
            "Install the definitions of the mesh's version (chart `base`), 1.22 or newer: `up` would fail when half of it is made.",
        ),
    ];
}

function notServed(version: string, kinds: readonly string[], served: Served): string[] {
    return kinds.filter(kind => !(served[version] ?? []).includes(kind));
}

function servedCheck(subject: Subject, missing: readonly string[], remedy: string): PreflightCheck {
    return missing.length === 0
        ? agrees(subject, "all are served")
        : contradicts(subject, `not served: ${missing.join(", ")}`, remedy);
}

/**
 * An injector answers for the gateway's pods. Without one their image stays `auto`, the guard refuses them, and `up` waits
 * until its time is over.
 */
export function injectionCheck(
    { gateway, mesh }: Pick<Settings, "gateway" | "mesh">,
    podLabels: Readonly<Record<string, string>>,
    injectors: readonly InjectorFacts[],
): PreflightCheck {
    const subject = {
        id: "istio/injection",
        subject: `injection of the gateway's pods in ${gateway.namespace}`,
        expected: `a webhook of revision ${mesh.revision} that takes them`,
    };
    const namespaceLabels = { "kubernetes.io/metadata.name": gateway.namespace };
    const taking = injectors.filter(
        ({ namespaceSelector, objectSelector }) =>
            selectorMatches(namespaceSelector, namespaceLabels) && selectorMatches(objectSelector, podLabels),
    );
    return taking.length > 0
        ? agrees(subject, taking.map(({ name }) => name).join(", "))
        : contradicts(
              subject,
              injectors.length === 0 ? "no injector is installed" : "no injector takes pods with their labels there",
              `Install istiod's injector of revision ${mesh.revision} (\`istioctl tag list\` shows what there is), or correct egress-gateway:mesh.revision; the API server reaches it on port 15017.`,
          );
}

/** Whoever runs `up` has to be exempt from the guard, or the guard refuses what comes after it. */
export function identityCheck({ guard }: Pick<Settings, "guard">, { groups, username }: Identity): PreflightCheck {
    const subject = {
        id: "guard/deployer",
        subject: "who runs `up`, as the cluster knows it",
        expected: "named in egress-gateway:guard.exemptUsers or exemptGroups",
    };
    return isOneOf(guard.exemptUsers, username) || groups.some(group => guard.exemptGroups.includes(group))
        ? agrees(subject, username)
        : contradicts(
              subject,
              username,
              `Add ${JSON.stringify(username)} to egress-gateway:guard.exemptUsers if \`up\` runs as it; else ask again as whoever runs \`up\`.`,
          );
}
