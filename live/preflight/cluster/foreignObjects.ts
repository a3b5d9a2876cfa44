import { GATEWAY_NAME, gatewayPodLabels, ofGateway } from "../../../base/conventions";
import { isSince } from "../../../base/istioVersion";
import { hasLabels } from "../../../containment/kubernetes";
import { isWithin } from "../../../containment/mesh/hosts";
import { isExportedTo } from "../../../containment/mesh/model";
import { gatewayHost } from "../../../settings/contract";
import { gatewayViews, type OfGateways } from "../../../settings/gateways";
import { type Settings } from "../../../settings/settings";
import { agrees, attention, contradicts, type PreflightCheck } from "../check";
import { type IstiodFacts, type MeshFacts, type Named } from "./facts";

type KubernetesSettings = OfGateways & Pick<Settings, "mesh">;

/** Where the stack's own objects are. */
function ownNamespaces(settings: KubernetesSettings): readonly string[] {
    return gatewayViews(settings).map(({ gateway }) => gateway.namespace);
}

/** Objects of others for the same hosts: the older one wins, silently. */
export function meshChecks(settings: KubernetesSettings, mesh: MeshFacts): PreflightCheck[] {
    const { destinations, gateway } = settings;
    const inOwn = ownNamespaces(settings);
    const hosts = new Set(destinations.map(({ host }) => host));
    const foreign = <T extends Named>(objects: readonly T[]): T[] =>
        objects.filter(({ namespace }) => !inOwn.includes(namespace));
    const covers = (pattern: string): string[] => [...hosts].filter(host => isWithin(host, pattern));
    const service = gatewayHost(settings);
    const checks = [
        ...foreignEntryChecks(settings, mesh, covers),
        ...foreign(mesh.virtualServices).flatMap(object =>
            clash(
                "VirtualService",
                object,
                object.hosts.filter(host => host !== "*").flatMap(covers),
                "The older VirtualService for a host decides in every sidecar: remove it.",
            ),
        ),
        ...foreign(mesh.destinationRules)
            .filter(
                ({ name, namespace }) =>
                    !(settings.clientNamespaces.includes(namespace) && name === ofGateway(GATEWAY_NAME, gateway.name)),
            )
            .flatMap(object =>
                clash(
                    "DestinationRule",
                    object,
                    object.hosts.filter(host => host !== "*" && isWithin(service, host)),
                    "A rule for the gateway's host in a client namespace hides this stack's subsets, and its clients get 503: remove it.",
                ),
            ),
        ...foreign(mesh.gateways)
            .filter(({ selector }) => hasLabels({ ...gatewayPodLabels(gateway.name) }, selector))
            .map(({ name, namespace }) =>
                contradicts(
                    {
                        id: `mesh/Gateway/${namespace}/${name}`,
                        subject: `Gateway ${namespace}/${name}`,
                        expected: "selects other pods than the egress gateway's",
                    },
                    "it binds to the egress gateway's pods",
                    "It opens ports there and can take over hosts: give its own gateway other labels.",
                ),
            ),
        ...mesh.envoyFilters
            .filter(({ namespace }) => namespace === settings.mesh.controlPlaneNamespace)
            .map(({ name, namespace }) =>
                attention(
                    {
                        id: `mesh/EnvoyFilter/${namespace}/${name}`,
                        subject: `EnvoyFilter ${namespace}/${name}`,
                        expected: "none in the root namespace",
                    },
                    "it rewrites every proxy of the mesh",
                    "Nothing here models what it does: check that it leaves the gateway's listeners and clusters alone.",
                ),
            ),
    ];
    return checks.length === 0
        ? [
              agrees(
                  {
                      id: "mesh/objects",
                      subject: "Istio objects of others",
                      expected: "none for the declared hosts or the gateway's pods",
                  },
                  "there is none",
              ),
          ]
        : checks;
}

const OLDEST_WINS_SINCE = 30;

/**
 * Of several ServiceEntries for one host a sidecar takes the oldest that its namespace sees (Istio 1.30, `sidecar.go`,
 * `PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE`).
 */
function foreignEntryChecks(
    settings: KubernetesSettings,
    { serviceEntries }: MeshFacts,
    covers: (pattern: string) => readonly string[],
): PreflightCheck[] {
    const inOwn = ownNamespaces(settings);
    const seers = [...settings.clientNamespaces, ...inOwn];
    const own = serviceEntries.filter(({ namespace }) => inOwn.includes(namespace));
    return serviceEntries
        .filter(entry => !own.includes(entry))
        .flatMap(entry => {
            const { created, exportTo, hosts, namespace } = entry;
            const meant = hosts.flatMap(covers);
            const seen = seers.filter(seer => isExportedTo({ spec: { exportTo }, namespace }, seer));
            // Whoever is to be there first is older than what has still to be made.
            const younger = own.filter(one => one.hosts.some(host => meant.includes(host))).map(one => one.created);
            const wins = younger.length === 0 || younger.some(moment => created < moment);
            const who = `${[...new Set(seen)].join(", ")} ${seen.length === 1 ? "sees" : "see"} it`;
            return clash(
                "ServiceEntry",
                entry,
                seen.length === 0 ? [] : meant,
                `${who}, and ${
                    isSince(settings.mesh.version, OLDEST_WINS_SINCE)
                        ? `the oldest entry for a host wins since Istio 1.30: ${wins ? "this one is older and wins" : "ours is older and wins, until it is made anew"}`
                        : "which of several entries for a host wins is not settled before Istio 1.30"
                }. Declare its destination (\`npm run import\`), then remove it.`,
            );
        });
}

/** The lock against entries that are made for declared hosts elsewhere (mesh/v1alpha1/config.proto, `serviceEntryVisibility`). */
export function visibilityChecks(settings: KubernetesSettings, istiod: IstiodFacts | undefined): PreflightCheck[] {
    const own = ownNamespaces(settings).join(", ");
    if (!isSince(settings.mesh.version, 31) || istiod?.meshConfig === undefined) {
        return [];
    }
    const { serviceEntryVisibility: found } = istiod.meshConfig;
    const subject = {
        id: "istio/service-entry-visibility",
        subject: "meshConfig.serviceEntryVisibility",
        expected: `defaultVisibility NAMESPACE or NONE, applyToSidecars, and PUBLIC for ${own} alone`,
    };
    const told = `defaultVisibility ${found?.defaultVisibility ?? "PUBLIC"}${found?.applyToSidecars === true ? ", applied to sidecars" : ""}`;
    return found?.applyToSidecars === true && found.defaultVisibility !== "PUBLIC"
        ? [agrees(subject, told)]
        : [
              attention(
                  subject,
                  told,
                  "With it a ServiceEntry of another namespace is nobody's but its own: no older one can take a declared host over. " +
                      `Allow ${own} by a policy with visibility PUBLIC first, then set the default and applyToSidecars.`,
              ),
          ];
}

function clash(kind: string, { name, namespace }: Named, hosts: readonly string[], remedy: string): PreflightCheck[] {
    return hosts.length === 0
        ? []
        : [
              contradicts(
                  {
                      id: `mesh/${kind}/${namespace}/${name}`,
                      subject: `${kind} ${namespace}/${name}`,
                      expected: "no declared host",
                  },
                  `it is for ${[...new Set(hosts)].join(", ")}`,
                  remedy,
              ),
          ];
}
