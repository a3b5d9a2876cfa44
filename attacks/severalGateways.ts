import { type GuardSettings } from "../components/guard/settings";
import { type HostileCase, type SentObject } from "./case";
import {
    computeClass,
    GATEWAY_TOLERATION,
    gatewayDeployment,
    gatewayPod,
    node,
    pod,
    type PodFields,
    type PodMetadata,
} from "./objects";
import {
    administrator,
    catalogueSettings,
    deployer,
    developer,
    ELSEWHERE,
    GATEWAY_LABELS,
    kubelet,
    NODE_KEY,
    replicaSetController,
} from "./surroundings";

const PARTNERS = "istio-egress-partners";
const PARTNER_LABELS = { app: "egress-gateway", istio: "egressgateway-partners" } as const;
const PARTNER_ACCOUNT = "egress-gateway-partners@acme-dev.iam.gserviceaccount.com";
const PARTNER_TOLERATION = { ...GATEWAY_TOLERATION, value: "partners" } as const;
const PARTNER_TAINT = { key: NODE_KEY, value: "partners", effect: "NoExecute" } as const;

const THERE = { namespace: ELSEWHERE } as const;

/** The cluster of the catalogue with a second gateway. Every other case holds there as well. */
export const severalGatewaySettings: GuardSettings = {
    ...catalogueSettings,
    furtherGateways: [
        {
            namespace: PARTNERS,
            podLabels: PARTNER_LABELS,
            host: `egress-gateway.${PARTNERS}.svc.cluster.local`,
            nodeValue: "partners",
            nodeAccount: PARTNER_ACCOUNT,
            networkTag: "egress-gateway-partners",
        },
    ],
};

/** Namespaces that these cases need besides those of the catalogue. */
export const SEVERAL_GATEWAY_NAMESPACES = [PARTNERS] as const;

function partnerPod(name: string, fields: PodFields = {}, metadata: PodMetadata = {}): SentObject {
    return gatewayPod(
        name,
        { nodeSelector: { [NODE_KEY]: "partners" }, tolerations: [PARTNER_TOLERATION], ...fields },
        { namespace: PARTNERS, labels: PARTNER_LABELS, ...metadata },
    );
}

/** What one gateway would get of another's, and what a stranger would get of the second as of the first. */
export const severalGatewayCases: readonly HostileCase[] = [
    ...(
        [
            [
                "another-value",
                "A pod of one gateway tolerates the other's taint.",
                { tolerations: [PARTNER_TOLERATION] },
            ],
            [
                "any-value",
                "A pod of one gateway tolerates the taint whatever its value.",
                { tolerations: [{ key: NODE_KEY, operator: "Exists", effect: "NoExecute" }] },
            ],
            ["everything", "A pod of one gateway tolerates every taint.", { tolerations: [{ operator: "Exists" }] }],
            [
                "both",
                "A pod of one gateway tolerates its own taint and the other's.",
                { tolerations: [GATEWAY_TOLERATION, PARTNER_TOLERATION] },
            ],
        ] as const
    ).map(([name, title, fields]) =>
        elsewhere(name, title, gatewayPod(`elsewhere-${name}`, fields), gatewayPod(`at-home-${name}`)),
    ),
    elsewhere(
        "partners",
        "A pod of the second gateway tolerates the first one's taint.",
        partnerPod("elsewhere-partners", { tolerations: [GATEWAY_TOLERATION] }),
        partnerPod("at-home-partners"),
    ),
    {
        ...elsewhere(
            "deployment",
            "The deployer's own Deployment of one gateway tolerates the other's taint.",
            gatewayDeployment("elsewhere-deployment", { tolerations: [PARTNER_TOLERATION] }),
            gatewayDeployment("at-home-deployment"),
        ),
        as: deployer,
    },
    {
        ...elsewhere(
            "labels",
            "A pod of the second gateway with the labels of the first, whose servers it would take over.",
            partnerPod("labels-of-default", {}, { labels: GATEWAY_LABELS }),
            partnerPod("labels-of-partners"),
        ),
        message: "does not carry the gateway's labels",
    },
    {
        id: "several-gateways/toleration",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "A stranger's pod tolerates the taint of the second gateway's nodes.",
        as: developer,
        message: "tolerates the taint of the gateway's nodes",
        request: { operation: "create", object: pod("guest", { tolerations: [PARTNER_TOLERATION] }, THERE) },
        twin: {
            title: "It tolerates another taint.",
            request: {
                operation: "create",
                object: pod("no-guest", { tolerations: [{ key: "acme/batch", operator: "Exists" }] }, THERE),
            },
        },
    },
    {
        id: "several-gateways/node-claimed-with-another-taint",
        rule: "gateway-node-mark",
        bypass: 19,
        title: "A node registers with one gateway's label and the other's taint.",
        as: kubelet("mixed-node"),
        message: "registers a node as a gateway node",
        request: {
            operation: "create",
            object: node("mixed-node", { [NODE_KEY]: "true" }, [PARTNER_TAINT]),
        },
        twin: {
            title: "A node of the second gateway registers.",
            as: kubelet("partner-node"),
            request: { operation: "create", object: node("partner-node", { [NODE_KEY]: "partners" }, [PARTNER_TAINT]) },
        },
    },
    {
        id: "several-gateways/node-handed-over",
        rule: "gateway-node-mark",
        bypass: 19,
        title: "A node of one gateway gets the taint of the other instead of its own.",
        as: administrator,
        message: "removes the taint of gateway nodes",
        request: {
            operation: "update",
            before: node("handed-over", { [NODE_KEY]: "partners" }, [PARTNER_TAINT]),
            object: node("handed-over", { [NODE_KEY]: "partners" }, [{ ...PARTNER_TAINT, value: "true" }]),
        },
        twin: {
            title: "It gets a taint of somebody else's besides.",
            request: {
                operation: "update",
                before: node("kept", { [NODE_KEY]: "partners" }, [PARTNER_TAINT]),
                object: node("kept", { [NODE_KEY]: "partners" }, [
                    PARTNER_TAINT,
                    { key: "acme/maintenance", value: "true", effect: "NoSchedule" },
                ]),
            },
        },
    },
    ...(
        [
            ["account", { serviceAccount: PARTNER_ACCOUNT }, "runs nodes as the gateway nodes' service account"],
            ["tag", { networkTags: ["egress-gateway-partners"] }, "gives nodes the gateway's network tag"],
        ] as const
    ).map(([name, config, message]): HostileCase => ({
        id: `several-gateways/compute-class-${name}`,
        rule: "gateway-node-compute-class",
        bypass: 19,
        title: `A ComputeClass with the ${name} of the second gateway's nodes.`,
        as: developer,
        message,
        request: { operation: "create", object: computeClass(`partner-${name}`, { priorityDefaults: config }) },
        twin: {
            title: "One without.",
            request: { operation: "create", object: computeClass(`own-${name}`, { priorityDefaults: {} }) },
        },
    })),
    {
        id: "several-gateways/selected-from-outside",
        rule: "mesh-gateway-selector",
        bypass: 30,
        title: "A Gateway of a stranger selects the second gateway's pods.",
        as: developer,
        message: "selects the egress gateway's pods",
        request: {
            operation: "create",
            object: mesh("Gateway", "taken", { selector: { istio: PARTNER_LABELS.istio } }),
        },
        twin: {
            title: "It selects those of an ingress gateway.",
            request: {
                operation: "create",
                object: mesh("Gateway", "ingress", { selector: { istio: "ingressgateway" } }),
            },
        },
    },
    {
        id: "several-gateways/host-captured",
        rule: "mesh-gateway-host",
        bypass: 30,
        title: "A DestinationRule of a stranger is for the second gateway's Service.",
        as: developer,
        message: "takes over the egress gateway's host",
        request: {
            operation: "create",
            object: mesh("DestinationRule", "captured", { host: `egress-gateway.${PARTNERS}.svc.cluster.local` }),
        },
        twin: {
            title: "It is for a Service of its own.",
            request: {
                operation: "create",
                object: mesh("DestinationRule", "own", { host: `web.${ELSEWHERE}.svc.cluster.local` }),
            },
        },
    },
    {
        id: "several-gateways/exec",
        rule: "gateway-pod-access",
        bypass: 19,
        title: "A developer executes a command in a pod of the second gateway.",
        as: developer,
        message: "looks into a pod that has a way out",
        request: { operation: "connect", to: partnerPod("exec"), subresource: "exec" },
        twin: {
            title: "In a pod of an application.",
            request: { operation: "connect", to: pod("exec-app", {}, THERE), subresource: "exec" },
        },
    },
    {
        id: "several-gateways/written-by-a-stranger",
        rule: "gateway-namespace-owner",
        title: "A developer writes a ConfigMap into the second gateway's namespace.",
        as: developer,
        message: "writes what only the deployer writes",
        request: { operation: "create", object: configMap("foreign", PARTNERS) },
        twin: {
            title: "Into another namespace.",
            request: { operation: "create", object: configMap("foreign", ELSEWHERE) },
        },
    },
];

function elsewhere(name: string, title: string, hostile: SentObject, benign: SentObject): HostileCase {
    return {
        id: `several-gateways/${name}`,
        rule: "gateway-namespace-pods",
        bypass: 19,
        title,
        as: replicaSetController,
        message: "tolerates the taint of another gateway's nodes",
        request: { operation: "create", object: hostile },
        twin: { title: "It tolerates its own alone.", request: { operation: "create", object: benign } },
    };
}

function mesh(kind: string, name: string, spec: PodFields): SentObject {
    return {
        apiVersion: "networking.istio.io/v1",
        kind,
        metadata: { name, namespace: ELSEWHERE },
        spec,
    };
}

function configMap(name: string, namespace: string): SentObject {
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: {} };
}
