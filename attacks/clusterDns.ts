import { type HostileCase, type PermittedRequest, type Request, type Sender, type SentObject } from "./case";
import {
    addonManager,
    administrator,
    controller,
    deployer,
    developer,
    ELSEWHERE,
    onCall,
    SYSTEM,
} from "./surroundings";

/** What tells the cluster's DNS whom to ask, changed by somebody who may write in kube-system. */
export const clusterDnsCases: readonly HostileCase[] = [
    ...[
        ["upstreams", { upstreamNameservers: '["8.8.8.8"]' }],
        ["stub-domain", { upstreamNameservers: '["10.2.0.14"]', stubDomains: '{"evil.example": ["203.0.113.9"]}' }],
        ["upstreams-removed", {}],
    ].map(([name, data]) =>
        steering(
            `kube-dns-${name as string}`,
            "An administrator has kube-dns ask somebody else.",
            administrator,
            change("kube-dns", { upstreamNameservers: '["10.2.0.14"]' }, data as Data),
            {
                title: "The deployer tells it whom to ask.",
                as: deployer,
                request: change("kube-dns", {}, { upstreamNameservers: '["10.2.0.14"]' }),
            },
        ),
    ),
    steering(
        "coredns",
        "An administrator has CoreDNS forward elsewhere.",
        administrator,
        change("coredns", { Corefile: ".:53 { forward . 10.2.0.14 }" }, { Corefile: ".:53 { forward . 8.8.8.8 }" }),
        {
            title: "An administrator changes another ConfigMap there.",
            request: change("extension-apiserver-authentication-twin", { key: "before" }, { key: "after" }),
        },
    ),
    steering(
        "coredns-through-an-account",
        "An account of a system namespace has CoreDNS forward elsewhere.",
        controller("cluster-operator"),
        change("coredns", { Corefile: ".:53 { forward . 10.2.0.14 }" }, { Corefile: ".:53 { forward . 8.8.8.8 }" }),
        {
            title: "The break-glass group does.",
            as: onCall,
            request: change(
                "coredns",
                { Corefile: ".:53 { forward . 10.2.0.14 }" },
                { Corefile: ".:53 { forward . 8.8.8.8 }" },
            ),
        },
    ),
    steering(
        "imported",
        "A developer adds the ConfigMap that CoreDNS imports, where there is none.",
        developer,
        { operation: "create", object: configMap("coredns-custom", { "evil.server": "evil.example { forward . }" }) },
        {
            title: "In a namespace that no DNS reads it is a ConfigMap like any other.",
            request: { operation: "create", object: configMap("coredns-custom", {}, ELSEWHERE) },
        },
    ),
    steering(
        "applied",
        "A developer applies a ConfigMap for kube-dns, where there is none.",
        developer,
        {
            operation: "create",
            by: "apply",
            object: configMap("kube-dns", { stubDomains: '{"evil.example": ["203.0.113.9"]}' }),
        },
        {
            title: "The addon manager makes the empty one that GKE begins with.",
            as: addonManager,
            request: { operation: "create", by: "apply", object: configMap("kube-dns", {}), dryRun: true },
        },
    ),
    steering(
        "node-local",
        "An administrator gives NodeLocal DNSCache another upstream.",
        administrator,
        change("node-local-dns", { "Corefile.base": ".:53 { forward . }" }, { "Corefile.base": "" }),
        {
            title: "The addon manager updates it.",
            as: addonManager,
            request: change("node-local-dns", { "Corefile.base": ".:53 { forward . }" }, { "Corefile.base": "" }),
        },
    ),
    steering(
        "deleted",
        "An administrator deletes the ConfigMap, and kube-dns asks as it did without the lock.",
        administrator,
        { operation: "delete", before: configMap("kube-dns", {}) },
        {
            title: "The deployer takes the lock away.",
            as: deployer,
            request: { operation: "delete", before: configMap("kube-dns", {}) },
        },
    ),
];

type Data = Readonly<Record<string, string>>;

function steering(name: string, title: string, as: Sender, request: Request, twin: PermittedRequest): HostileCase {
    return {
        id: `cluster-dns/${name}`,
        rule: "cluster-dns",
        bypass: 6,
        title,
        as,
        message: "changes whom the cluster's DNS asks: ConfigMap ",
        request,
        twin,
    };
}

function configMap(name: string, data: Data, namespace: string = SYSTEM): SentObject {
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
}

function change(name: string, before: Data, after: Data): Request {
    return { operation: "update", before: configMap(name, before), object: configMap(name, after) };
}
