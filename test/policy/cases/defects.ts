import { type Resource } from "../../../containment/resource";
import { added, all, changed, type Mutation, resource } from "../../containment/worlds/build";
import { B1, B3, MUTATIONS, SWITCHES } from "../../containment/worlds/threeLocks";

/** The pack's settings for the worlds of the public blueprint, whose names are not this project's. */
export const FOREIGN_SETTINGS = {
    gatewayAccounts: ["fl-exit-nodes"],
    gatewayTags: ["fl-exit"],
    gatewaySubnets: ["fl-exit"],
    gatewayNodeKey: "fl/exit",
    gatewayNodeValue: "yes",
    gatewayProjects: ["landing-zone"],
    gatewayNamespace: "mesh-exit",
    gatewayServiceAccount: "istio-egressgateway",
    gatewayService: "istio-egressgateway",
    gatewayPodLabels: { app: "istio-egressgateway", istio: "egressgateway" },
    clientNamespaces: ["team-*"],
};

function object(apiVersion: string, kind: string, namespace: string, fields: object): Resource {
    const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
    const name = `${kind.toLowerCase()}-${namespace}`;
    return resource(type, name, { apiVersion, kind, metadata: { name, namespace }, ...fields });
}

/** The blueprint's own strengths, which the worlds of the proof leave out because no packet meets them. */
const STRENGTHS: Mutation = all(
    ...["pool-apps", "pool-system", "pool-gateway"].map(
        (name): Mutation =>
            world =>
                changed(world, name, inputs => ({
                    ...inputs,
                    nodeConfig: { ...(inputs.nodeConfig as object), workloadMetadataConfig: { mode: "GKE_METADATA" } },
                })),
    ),
    world =>
        changed(world, "exit-gateway", inputs => {
            const { template } = inputs.spec as { template: { metadata: object; spec: object } };
            const spec = {
                ...template.spec,
                serviceAccountName: "istio-egressgateway",
                containers: [{ name: "istio-proxy", image: "auto" }],
            };
            return { ...inputs, spec: { template: { ...template, spec } } };
        }),
    world =>
        added(
            world,
            object("networking.k8s.io/v1", "NetworkPolicy", "mesh-exit", {
                spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
            }),
        ),
);

/** Contained, and clean for the pack: by three locks, and by the firewall alone. */
export const CLEAN: readonly Resource[] = STRENGTHS(B3);
export const FIREWALL_ALONE: readonly Resource[] = STRENGTHS(B1);

const pod = (namespace: string, spec: object): Mutation => {
    const containers = [{ name: "app", image: "registry.acme.example/app:1" }];
    return world => added(world, object("v1", "Pod", namespace, { spec: { containers, ...spec } }));
};

export interface Defect {
    readonly mutation: Mutation;
    /** Rules that refuse it where three locks stand, and only those. */
    readonly rules: readonly string[];
    /** Rules that refuse it besides where the firewall alone stands. */
    readonly alone?: readonly string[];
}

/** The defects of the public blueprint, as changes of a clean stack; `c7`, that nothing measures the result, is no resource. */
export const DEFECTS: Readonly<Record<string, Defect>> = {
    "c1a, the gateway in a shared pool": {
        mutation: MUTATIONS.c1a,
        // The Deployment that comes with it is no gateway's either: it runs as the default account.
        rules: [
            "containment",
            "egress-allow",
            "gateway-namespace-pods",
            "gateway-reserved",
            "gateway-taint",
            "nat-subnets",
        ],
    },
    "c1b, a taint that the scheduler alone obeys": {
        mutation: MUTATIONS.c1b,
        rules: ["gateway-reserved", "gateway-taint"],
    },
    "c2, a deny for some pools": {
        mutation: MUTATIONS.c2,
        rules: ["deny-for-everyone"],
        alone: ["containment"],
    },
    "c2 with auto-provisioned pools": {
        mutation: MUTATIONS.c2AutoProvisioning,
        rules: ["deny-for-everyone", "node-pool-subnet"],
        alone: ["containment"],
    },
    "c3, a deny for IPv4 alone": { mutation: MUTATIONS.c3, rules: ["deny-for-everyone"] },
    "c3 on subnets with external IPv6": {
        mutation: all(MUTATIONS.c3, SWITCHES.stack),
        rules: ["containment", "deny-for-everyone", "ipv4-only"],
    },
    "c3b, an untargeted allow and its route": {
        mutation: MUTATIONS.c3b,
        rules: ["egress-allow", "internet-route"],
    },
    "c3b in Google's default order": {
        mutation: all(MUTATIONS.c3b, SWITCHES.order),
        rules: ["containment", "egress-allow", "firewall-order", "internet-route"],
    },
    "c3c, an allow without a destination": {
        mutation: MUTATIONS.c3c,
        rules: ["egress-allow"],
        alone: ["containment"],
    },
    "c3c with an empty list": { mutation: MUTATIONS.c3cEmptyList, rules: ["egress-allow"], alone: ["containment"] },
    "c3c with the internet in two halves": {
        mutation: MUTATIONS.c3cHalves,
        rules: ["egress-allow"],
        alone: ["containment"],
    },
    "c4, a gateway that authorises everyone": {
        mutation: world =>
            added(world, object("security.istio.io/v1", "AuthorizationPolicy", "mesh-exit", { spec: { rules: [{}] } })),
        rules: ["gateway-authorization"],
    },
    "c5a, names as a channel": {
        mutation: world =>
            added(
                world,
                object("networking.k8s.io/v1", "NetworkPolicy", "team-a", {
                    spec: {
                        podSelector: {},
                        policyTypes: ["Egress"],
                        egress: [
                            {
                                to: [{ ipBlock: { cidr: "169.254.169.254/32" } }],
                                ports: [{ protocol: "UDP", port: 53 }],
                            },
                        ],
                    },
                }),
            ),
        rules: ["resolver-access"],
    },
    "c5b, the private range of Google's APIs": {
        mutation: all(MUTATIONS.c5b, world =>
            added(
                world,
                object("networking.k8s.io/v1", "NetworkPolicy", "team-a", {
                    spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: "199.36.153.8/30" } }] }] },
                }),
            ),
        ),
        rules: ["containment", "egress-allow", "internet-route", "network-policy-egress"],
    },
    "c6a, a pod on the host's network": {
        mutation: pod("team-a", { hostNetwork: true }),
        rules: ["client-host-network"],
    },
    "c6b, a pod that tolerates the gateway's taint": {
        mutation: pod("team-a", {
            tolerations: [{ key: "fl/exit", operator: "Exists" }],
            nodeSelector: { "fl/exit": "yes" },
        }),
        rules: ["gateway-node-selection", "gateway-node-toleration"],
    },
    "env.nat, a NAT for all subnets": { mutation: SWITCHES.nat, rules: ["nat-addresses", "nat-subnets"] },
    "env.route, a default route for everybody": {
        mutation: SWITCHES.route,
        rules: ["default-routes", "internet-route"],
    },
    "env.order, Google's default order": { mutation: SWITCHES.order, rules: ["firewall-order"] },
    "env.stack, external IPv6": { mutation: SWITCHES.stack, rules: ["ipv4-only"] },
};

/** What a team adds beside the gateway: refused in a project that does not own it. */
export const TEAM_DEFECTS: Readonly<
    Record<string, { readonly resource: Resource; readonly rules: readonly string[] }>
> = {
    "c6b, a team's pod that names its node": {
        resource: object("v1", "Pod", "team-a", {
            spec: { nodeName: "gke-fl-gateway-1", containers: [{ name: "app", image: "registry.acme.example/app:1" }] },
        }),
        rules: ["gateway-node-name"],
    },
    "c6c, a team's ServiceEntry": {
        resource: object("networking.istio.io/v1", "ServiceEntry", "team-a", {
            spec: { hosts: ["api.stripe.com"], endpoints: [{ address: "1.1.1.1" }] },
        }),
        rules: ["mesh-registry"],
    },
    "c6d, a team's EnvoyFilter": {
        resource: object("networking.istio.io/v1alpha3", "EnvoyFilter", "team-a", { spec: {} }),
        rules: ["mesh-proxy-extension"],
    },
};
