import { type HostileCase, type PermittedRequest, type Request, type Sender, type SentObject } from "./case";
import {
    container,
    type PodFields,
    POD_KINDS,
    RESOLVER_LABELS,
    resolverPod,
    resolverWorkload,
    RESTRICTED,
} from "./objects";
import {
    administrator,
    deployer,
    deploymentController,
    developer,
    onCall,
    operator,
    replicaSetController,
    RESOLVER,
    workload,
} from "./surroundings";

/** Another resolver in that namespace, or the resolver with another list, asks Google's servers for any name. */
const TUNNEL = 6;
const NOT_MADE = "is not made by a Deployment of this program";
const WRITES = "writes what only the deployer writes";

/** The namespace of the DNS lock's resolver: what runs there, what it is told, and who looks in. */
export const resolverCases: readonly HostileCase[] = [
    ...makers(),
    ...owned().map(([name, object]): HostileCase => {
        const request: Request = { operation: "create", object };
        return ownerCase(name, `creates a ${object.kind} beside the resolver`, developer, request, {
            title: "The deployer creates it.",
            as: deployer,
            request,
        });
    }),
    ...changed().map(([name, what, before, object]): HostileCase => {
        const request: Request = { operation: "update", before, object };
        return ownerCase(name, what, administrator, request, { title: "The deployer does.", as: deployer, request });
    }),
    ownerCase(
        "policy-deleted",
        "deletes the network policy that keeps clients from asking the resolver's servers themselves",
        developer,
        { operation: "delete", before: networkPolicy("deleted") },
        {
            title: "The deployer deletes it.",
            as: deployer,
            request: { operation: "delete", before: networkPolicy("deleted-twin") },
        },
    ),
    ownerCase("scaled-away", "scales the resolver away", developer, scaled("scaled", 0), {
        title: "An operator scales it.",
        as: operator,
        request: scaled("scaled-twin", 4),
    }),
    ...(["exec", "attach", "portforward", "proxy"] as const).map((subresource): HostileCase => {
        const request: Request = { operation: "connect", to: resolverPod(`resolver-${subresource}`), subresource };
        return accessCase(subresource, `opens ${subresource} to a pod of the resolver`, request);
    }),
    accessCase("debug-container", "adds a debug container to a pod of the resolver", {
        operation: "update",
        subresource: "ephemeralcontainers",
        before: resolverPod("resolver-debug"),
        object: resolverPod("resolver-debug", {
            ephemeralContainers: [
                container("debugger", { targetContainerName: "coredns", securityContext: RESTRICTED }),
            ],
        }),
    }),
    {
        id: "resolver-token/requested",
        rule: "gateway-service-account-token",
        title: "A workload asks for a token of the resolver's service account.",
        as: workload,
        message: "asks for a token of a service account in a namespace of this program",
        request: tokenRequest(),
        twin: { title: "The deployer does.", as: deployer, request: tokenRequest() },
    },
];

function makers(): HostileCase[] {
    const made = (name: string, title: string, as: Sender, request: Request, twin: PermittedRequest): HostileCase => ({
        id: `resolver-maker/${name}`,
        rule: "gateway-namespace-pods",
        bypass: TUNNEL,
        title,
        as,
        message: NOT_MADE,
        request,
        twin,
    });
    const create = (object: SentObject): Request => ({ operation: "create", object });
    return [
        made("pod", "An administrator runs a pod beside the resolver.", administrator, create(resolverPod("tunnel")), {
            title: "The ReplicaSet controller makes the resolver's.",
            as: replicaSetController,
            request: create(resolverPod("made")),
        }),
        made(
            "pod-by-workload",
            "The resolver's own service account creates a pod.",
            { user: `system:serviceaccount:${RESOLVER}:egress-dns`, groups: ["system:serviceaccounts"] },
            create(resolverPod("by-itself")),
            {
                title: "The ReplicaSet controller does.",
                as: replicaSetController,
                request: create(resolverPod("not-by-itself")),
            },
        ),
        ...POD_KINDS.filter(kind => kind !== "Pod" && kind !== "Deployment").map(kind =>
            made(
                kind.toLowerCase(),
                `A ${kind} of the resolver's shape, by the deployer itself.`,
                deployer,
                create(resolverWorkload(kind, `shaped-${kind.toLowerCase()}`)),
                {
                    title: "The deployer writes a Deployment of that shape.",
                    request: create(resolverWorkload("Deployment", `shaped-${kind.toLowerCase()}`)),
                },
            ),
        ),
        made(
            "replicaset-by-stranger",
            "A ReplicaSet of the resolver's shape with another image.",
            developer,
            create(resolverWorkload("ReplicaSet", "strangers")),
            {
                title: "The Deployment controller makes one.",
                as: deploymentController,
                request: create(resolverWorkload("ReplicaSet", "made-by-controller")),
            },
        ),
    ];
}

/** Kinds that re-point, open or starve the resolver. */
function owned(): [string, SentObject][] {
    return [
        ["deployment", resolverWorkload("Deployment", "one-more")],
        ["network-policy", networkPolicy("one-more", { egress: [{}] })],
        ["service", service("one-more", { selector: { app: "mine" } })],
        ["config-map", configMap("one-more", ".:53 {\n    forward . 8.8.8.8\n}\n")],
        ["service-account", { apiVersion: "v1", kind: "ServiceAccount", metadata: named("one-more") }],
        [
            "endpoint-slice",
            {
                apiVersion: "discovery.k8s.io/v1",
                kind: "EndpointSlice",
                metadata: { ...named("one-more"), labels: { "kubernetes.io/service-name": "egress-dns" } },
                addressType: "IPv4",
                endpoints: [{ addresses: ["10.4.7.7"] }],
                ports: [{ port: 5353 }],
            },
        ],
        [
            "role-binding",
            {
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind: "RoleBinding",
                metadata: named("one-more"),
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
                subjects: [],
            },
        ],
    ];
}

/** Name, what an administrator does, before, after. */
function changed(): [string, string, SentObject, SentObject][] {
    const image = [{ name: "coredns", image: "registry.stranger.example/coredns:1" }];
    return [
        [
            "list",
            "writes another list of names",
            configMap("list", ".:5353 {\n    template IN ANY . {\n        rcode NXDOMAIN\n    }\n}\n"),
            configMap("list", ".:5353 {\n    forward . 169.254.169.254\n}\n"),
        ],
        [
            "image",
            "has the resolver run another image",
            resolverWorkload("Deployment", "image"),
            resolverWorkload("Deployment", "image", { containers: image }),
        ],
        [
            "re-pointed",
            "points the resolver's Service at pods of their own",
            service("re-pointed"),
            service("re-pointed", { selector: { app: "mine" } }),
        ],
        [
            "policy-opened",
            "opens the resolver's network policy to everybody",
            networkPolicy("opened"),
            networkPolicy("opened", { ingress: [{}] }),
        ],
    ];
}

function ownerCase(name: string, what: string, as: Sender, request: Request, twin: PermittedRequest): HostileCase {
    const who = as === administrator ? "An administrator" : "A developer";
    return {
        id: `resolver-owner/${name}`,
        rule: "gateway-namespace-owner",
        bypass: TUNNEL,
        title: `${who} ${what}.`,
        as,
        message: WRITES,
        request,
        twin,
    };
}

function accessCase(name: string, what: string, request: Request): HostileCase {
    return {
        id: `resolver-access/${name}`,
        rule: "gateway-pod-access",
        bypass: TUNNEL,
        title: `An administrator ${what}.`,
        as: administrator,
        message: "looks into a pod that has a way out",
        request,
        twin: { title: "The break-glass group does the same.", as: onCall, request },
    };
}

function named(name: string) {
    return { name, namespace: RESOLVER };
}

function scaled(name: string, replicas: number): Request {
    return {
        operation: "update",
        subresource: "scale",
        before: resolverWorkload("Deployment", name),
        object: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: named(name), spec: { replicas } },
    };
}

function configMap(name: string, corefile: string): SentObject {
    return { apiVersion: "v1", kind: "ConfigMap", metadata: named(name), data: { Corefile: corefile } };
}

function service(name: string, spec: PodFields = {}): SentObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: named(name),
        spec: { selector: RESOLVER_LABELS, ports: [{ port: 53, protocol: "UDP" }], ...spec },
    };
}

function networkPolicy(name: string, spec: PodFields = {}): SentObject {
    return {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: named(name),
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], ...spec },
    };
}

function tokenRequest(): Request {
    return {
        operation: "create",
        object: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: {}, spec: { audiences: [] } },
        below: {
            object: { apiVersion: "v1", kind: "ServiceAccount", metadata: named("egress-dns") },
            subresource: "token",
        },
    };
}
