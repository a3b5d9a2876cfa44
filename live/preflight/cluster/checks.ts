import { gatewayViews, type OfGateways } from "../../../settings/gateways";
import { GATEWAY_NODE_KEY } from "../../../base/conventions";
import { type Settings } from "../../../settings/settings";
import { agrees, attention, contradicts, kubernetesVersion, minorOf, type PreflightCheck, same } from "../check";
import { definitionChecks, identityCheck, injectionCheck } from "./installation";
import { type IstiodFacts, type KubernetesFacts } from "./facts";
import { meshChecks, visibilityChecks } from "./foreignObjects";

type KubernetesSettings = OfGateways & Pick<Settings, "mesh" | "guard" | "disabledComponents" | "monitoring">;

export function kubernetesChecks(settings: KubernetesSettings, facts: KubernetesFacts): PreflightCheck[] {
    return [
        kubernetesVersion(
            "kubernetes/version",
            settings.platform.cluster.kubernetesVersion,
            facts.version,
            !settings.disabledComponents.has("guard"),
        ),
        ...namespaceChecks(settings, facts),
        ...(settings.disabledComponents.has("guard") ? [] : [identityCheck(settings, facts.caller)]),
        ...definitionChecks(settings, facts.kinds),
        ...istioChecks(settings, facts),
        ...visibilityChecks(settings, facts.istiod),
        ...once(gatewayViews(settings).flatMap(view => (facts.mesh === undefined ? [] : meshChecks(view, facts.mesh)))),
    ];
}

/** What is found for several gateways is told once. */
function once(checks: readonly PreflightCheck[]): PreflightCheck[] {
    return [...new Map(checks.map(check => [`${check.id} ${check.found}`, check])).values()];
}

function namespaceChecks(
    settings: KubernetesSettings,
    { namespaces, serviceAccounts }: KubernetesFacts,
): PreflightCheck[] {
    const { clientNamespaces, destinations, mesh } = settings;
    const clients = clientNamespaces.map(name => {
        const found = namespaces.find(namespace => namespace.name === name);
        const subject = {
            id: `namespace/${name}`,
            subject: `client namespace ${name}`,
            expected: `it exists and its pods get sidecars of revision ${mesh.revision}`,
        };
        if (found === undefined) {
            return contradicts(
                subject,
                "there is none",
                "Create it: this stack writes a Sidecar, a DestinationRule and network policies into it, and does not own it.",
            );
        }
        const { labels } = found;
        const injected = labels["istio.io/rev"] ?? (labels["istio-injection"] === "enabled" ? "default" : undefined);
        return injected === mesh.revision || (injected !== undefined && mesh.revision === "default")
            ? agrees(subject, `injected by revision ${injected}`)
            : contradicts(
                  subject,
                  injected === undefined ? "it is not labelled for injection" : `injected by revision ${injected}`,
                  `Without a sidecar a pod has no identity that the gateway accepts: label it (\`kubectl label namespace ${name} ${mesh.revision === "default" ? "istio-injection=enabled" : `istio.io/rev=${mesh.revision}`}\`).`,
              );
    });
    const wanted = [
        ...new Set(
            destinations.flatMap(({ allow }) =>
                allow.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`),
            ),
        ),
    ].sort();
    const missing = wanted.filter(account => !serviceAccounts.includes(account));
    return [
        ...clients,
        missing.length === 0
            ? agrees(
                  { id: "accounts", subject: "service accounts that destinations allow", expected: "they exist" },
                  wanted.join(", "),
              )
            : attention(
                  { id: "accounts", subject: "service accounts that destinations allow", expected: "they exist" },
                  `missing: ${missing.join(", ")}`,
                  "Correct the names, or create them before the workloads.",
              ),
        ...gatewayViews(settings)
            .filter(view => namespaces.some(({ name }) => name === view.gateway.namespace))
            .map(({ gateway: { namespace, name } }) =>
                attention(
                    {
                        id: `namespace/${namespace}`,
                        subject: `namespace ${namespace}`,
                        expected: "not there before the first `up`",
                    },
                    "it is there",
                    `Fine after the first \`up\`; before it, import it or choose another egress-gateway:${name === undefined ? "gateway" : `gateways.${name}`}.namespace.`,
                ),
            ),
    ];
}

/** Switches of istiod that this stack's promises touch, and what they should be (istio/istio, pilot/pkg/features). */
const FLAGS: readonly {
    readonly name: string;
    readonly fallback: string;
    readonly wanted: string;
    readonly severe: boolean;
    readonly why: string;
}[] = [
    {
        name: "PILOT_SCOPE_GATEWAY_TO_NAMESPACE",
        fallback: "false",
        wanted: "true",
        severe: false,
        why: "A Gateway elsewhere can then not select the gateway's pods; without it the admission guard alone stops that.",
    },
    {
        name: "PILOT_FILTER_GATEWAY_CLUSTER_CONFIG",
        fallback: "false",
        wanted: "true",
        severe: false,
        why: "Without it the gateway gets a cluster for every Service of the mesh, which costs memory and start-up time.",
    },
    {
        name: "ENABLE_DEBUG_ON_HTTP",
        fallback: "true",
        wanted: "false",
        severe: false,
        why: "istiod's debug endpoints show every proxy's configuration to whoever reaches port 8080.",
    },
    {
        name: "ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS",
        fallback: "false",
        wanted: "false",
        severe: true,
        why: "With it a wildcard ServiceEntry lets a client choose the host by a server name that it can forge.",
    },
    {
        name: "ENABLE_ENHANCED_DESTINATIONRULE_MERGE",
        fallback: "true",
        wanted: "true",
        severe: false,
        why: "Without it a DestinationRule of another export scope can swallow the subsets that lead to the gateway.",
    },
];

function istioChecks(settings: KubernetesSettings, { injectors, istiod }: KubernetesFacts): PreflightCheck[] {
    const { mesh } = settings;
    if (istiod === undefined) {
        return [
            contradicts(
                {
                    id: "istio/control-plane",
                    subject: `Istio of revision ${mesh.revision}`,
                    expected: `istiod in ${mesh.controlPlaneNamespace}`,
                },
                "no Deployment with app=istiod and that istio.io/rev",
                "Install Istio, or correct egress-gateway:mesh.controlPlaneNamespace and revision.",
            ),
        ];
    }
    const usesTcp = settings.destinations.some(({ ports }) => ports.some(({ protocol }) => protocol === "tcp"));
    return [
        ...(settings.disabledComponents.has("gateway")
            ? []
            : gatewayViews(settings).map(view => injectionCheck(view, injectors))),
        minorOf(istiod.version) === minorOf(mesh.version)
            ? agrees({ id: "istio/version", subject: "Istio version", expected: mesh.version }, istiod.version)
            : contradicts(
                  { id: "istio/version", subject: "Istio version", expected: mesh.version },
                  istiod.version,
                  "Correct egress-gateway:mesh.version: what is generated follows from it.",
              ),
        istiod.meshConfig === undefined
            ? attention(
                  { id: "istio/trust-domain", subject: "trust domain", expected: mesh.trustDomain },
                  "the mesh's ConfigMap is not there",
                  "Compare meshConfig.trustDomain by hand: every identity begins with it.",
              )
            : same(
                  "istio/trust-domain",
                  "trust domain",
                  mesh.trustDomain,
                  istiod.meshConfig.trustDomain,
                  "Correct egress-gateway:mesh.trustDomain: the gateway would refuse every client.",
              ),
        ...FLAGS.flatMap(flag => flagCheck(flag, istiod)),
        ...(usesTcp && istiod.environment["PILOT_ENABLE_IP_AUTOALLOCATE"] === "false"
            ? [
                  attention(
                      {
                          id: "istio/flag/PILOT_ENABLE_IP_AUTOALLOCATE",
                          subject: "istiod's PILOT_ENABLE_IP_AUTOALLOCATE",
                          expected: "true",
                      },
                      "false",
                      "`tcp` destinations bring their own addresses and do without; other ServiceEntries of the mesh may not.",
                  ),
              ]
            : []),
        ...(GATEWAY_NODE_KEY in istiod.nodeSelector
            ? [
                  contradicts(
                      { id: "istio/placement", subject: "istiod's nodes", expected: "not the gateway's" },
                      `it selects ${GATEWAY_NODE_KEY}`,
                      "istiod fetches keys and modules by URL: on a gateway node it would have a way out.",
                  ),
              ]
            : []),
    ];
}

function flagCheck(
    { fallback, name, severe, wanted, why }: (typeof FLAGS)[number],
    { environment }: IstiodFacts,
): PreflightCheck[] {
    const value = environment[name] ?? fallback;
    const subject = { id: `istio/flag/${name}`, subject: `istiod's ${name}`, expected: wanted };
    const found = `${value}${environment[name] === undefined ? " (default)" : ""}`;
    return value === wanted ? [agrees(subject, found)] : [(severe ? contradicts : attention)(subject, found, why)];
}
