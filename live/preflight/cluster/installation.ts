import { podLabels } from "../../../components/gateway/gatewayObject";
import { selectorMatches } from "../../../containment/kubernetes";
import { isOneOf } from "../../../declared/guard";
import { type Settings } from "../../../settings/settings";
import { agrees, type PreflightCheck, contradicts } from "../check";
import { type Identity, type InjectorFacts, type KubernetesFacts } from "./facts";

type Kinds = KubernetesFacts["kinds"];

/** Kinds of somebody's that this stack writes. */
interface Definitions {
    readonly id: string;
    readonly subject: string;
    /** By group and version. */
    readonly kinds: Kinds;
    /** How they come to be there. */
    readonly remedy: string;
}

/** `registerObject.ts` and the components. */
const ISTIO: Definitions = {
    id: "istio/definitions",
    subject: "Istio's definitions",
    kinds: {
        "networking.istio.io/v1": ["DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "VirtualService"],
        "security.istio.io/v1": ["AuthorizationPolicy", "PeerAuthentication"],
        "telemetry.istio.io/v1": ["Telemetry"],
    },
    remedy: "Install the definitions of the mesh's version (chart `base`), 1.22 or newer",
};

/** What the settings' collector reads (`components/monitoring/compile.ts`). */
const COLLECTORS: Readonly<Record<Exclude<Settings["monitoring"]["collector"], "none">, Definitions>> = {
    "google-managed-prometheus": {
        id: "monitoring/definitions",
        subject: "definitions of google-managed-prometheus",
        kinds: { "monitoring.googleapis.com/v1": ["PodMonitoring", "Rules"] },
        remedy: "Switch managed collection on (`gcloud container clusters update NAME --enable-managed-prometheus`), or egress-gateway:monitoring off",
    },
    "prometheus-operator": {
        id: "monitoring/definitions",
        subject: "definitions of prometheus-operator",
        kinds: { "monitoring.coreos.com/v1": ["PodMonitor", "PrometheusRule"] },
        remedy: "Install the Prometheus operator's definitions, or switch egress-gateway:monitoring off",
    },
};

/** All kinds that a stack may write of others, by group and version. */
export const WRITTEN_KINDS: Kinds = Object.assign(
    {},
    ...[ISTIO, ...Object.values(COLLECTORS)].map(({ kinds }) => kinds),
);

/** The kinds are served in the version that this stack writes: a preview does not ask, and `up` would fail half-way. */
export function definitionChecks(
    { monitoring: { collector } }: Pick<Settings, "monitoring">,
    served: Kinds,
): PreflightCheck[] {
    return [ISTIO, ...(collector === "none" ? [] : [COLLECTORS[collector]])].map(({ id, subject, kinds, remedy }) => {
        const missing = Object.entries(kinds).flatMap(([version, wanted]) =>
            wanted.filter(kind => !(served[version] ?? []).includes(kind)).map(kind => `${version} ${kind}`),
        );
        const about = { id, subject, expected: Object.keys(kinds).join(", ") };
        return missing.length === 0
            ? agrees(about, "all are served")
            : contradicts(
                  about,
                  `not served: ${missing.join(", ")}`,
                  `${remedy}: \`up\` would fail when half of it is made.`,
              );
    });
}

/**
 * An injector answers for a gateway's pods. Without one their image stays `auto`, the guard refuses them, and `up` waits
 * until its time is over.
 */
export function injectionCheck(
    { gateway, mesh }: Pick<Settings, "gateway" | "mesh">,
    injectors: readonly InjectorFacts[],
): PreflightCheck {
    const subject = {
        id: `istio/injection${gateway.name === undefined ? "" : `/${gateway.name}`}`,
        subject: `injection of the gateway's pods in ${gateway.namespace}`,
        expected: `a webhook of revision ${mesh.revision} that takes them`,
    };
    const labels = podLabels({ gateway, mesh });
    const namespaceLabels = { "kubernetes.io/metadata.name": gateway.namespace };
    const taking = injectors.filter(
        ({ namespaceSelector, objectSelector }) =>
            selectorMatches(namespaceSelector, namespaceLabels) && selectorMatches(objectSelector, labels),
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
