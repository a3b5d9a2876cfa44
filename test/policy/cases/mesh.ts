import { type RuleCases, type Subject, undecided, UNKNOWN } from "./case";

const GATEWAY_NAMESPACE = "istio-egress";
const GATEWAY_HOST = "egress-gateway.istio-egress.svc.cluster.local";

let count = 0;

/** An object of Istio's, as a program registers it. */
function istio(kind: string, namespace: string, spec: unknown, group = "networking.istio.io"): Subject {
    const apiVersion = `${group}/v1`;
    // Padded, so that the order of names is that of the cases.
    const name = `${kind.toLowerCase()}-${String(++count).padStart(3, "0")}`;
    return {
        type: `kubernetes:${apiVersion}:${kind}`,
        name,
        inputs: { apiVersion, kind, metadata: { name, namespace }, spec },
    };
}

function named(subject: Subject, name: string): Subject {
    return { ...subject, inputs: { ...subject.inputs, metadata: { ...(subject.inputs.metadata as object), name } } };
}

const SELECTOR = { istio: "egressgateway" };
const MUTUAL = { mode: "ISTIO_MUTUAL", subjectAltNames: ["spiffe://cluster.local/ns/payments/sa/api"] };

function server(host: string, more: object = {}) {
    return { port: { number: 443, name: `tls-${host}`, protocol: "TLS" }, hosts: [host], tls: MUTUAL, ...more };
}
const httpLeg = {
    port: { number: 80, name: "http", protocol: "HTTPS" },
    hosts: ["*"],
    tls: { mode: "ISTIO_MUTUAL" },
};

function gateway(...servers: readonly unknown[]): Subject {
    return istio("Gateway", GATEWAY_NAMESPACE, { selector: SELECTOR, servers });
}

function tlsTo(sni: string, mode = "ISTIO_MUTUAL") {
    return { port: { number: 443 }, tls: { mode, sni } };
}
function subset(sni: unknown): Subject {
    return istio("DestinationRule", "payments", {
        host: GATEWAY_HOST,
        exportTo: ["."],
        subsets: [
            {
                name: "istio-io",
                trafficPolicy: {
                    portLevelSettings: [{ port: { number: 443 }, tls: { mode: "ISTIO_MUTUAL", sni } }],
                },
            },
        ],
    });
}
function rule(namespace: string, spec: object): Subject {
    return istio("DestinationRule", namespace, spec);
}
function origination(tls: unknown): Subject {
    return rule(GATEWAY_NAMESPACE, {
        host: "hooks.example.com",
        trafficPolicy: { portLevelSettings: [{ port: { number: 443 }, tls }] },
    });
}
function entry(namespace: string, spec: object): Subject {
    return istio("ServiceEntry", namespace, {
        location: "MESH_EXTERNAL",
        resolution: "DNS",
        ports: [{ number: 443, name: "tls", protocol: "TLS" }],
        ...spec,
    });
}
function policy(spec: object, namespace = GATEWAY_NAMESPACE): Subject {
    return istio("AuthorizationPolicy", namespace, spec, "security.istio.io");
}
const forGateway = { selector: { matchLabels: SELECTOR }, action: "ALLOW" };

const tlsGateway = named(gateway(server("istio.io")), "istio-io");
function route(spec: object): Subject {
    return istio("VirtualService", GATEWAY_NAMESPACE, {
        hosts: ["istio.io"],
        gateways: ["istio-egress/istio-io"],
        exportTo: ["."],
        tcp: [{ match: [{ port: 443 }], route: [{ destination: { host: "istio.io", port: { number: 443 } } }] }],
        ...spec,
    });
}
const declared = entry(GATEWAY_NAMESPACE, { hosts: ["istio.io"], exportTo: ["."] });

export const meshCases: readonly RuleCases[] = [
    {
        rule: "gateway-server-hosts",
        passes: {
            "one host each": [gateway(server("istio.io"), server("api.stripe.com"))],
            "the HTTP leg, which tells hosts apart by itself": [gateway(httpLeg)],
            "TLS that passes through, where routes see the name": [
                gateway(server("*.example.com", { tls: { mode: "PASSTHROUGH" } })),
            ],
        },
        fails: {
            "two hosts": {
                resources: [gateway(server("istio.io", { hosts: ["istio.io", "payments/api.stripe.com"] }))],
                messages: ["spec.servers[0] ends TLS for istio.io, api.stripe.com."],
            },
            "every host": {
                resources: [gateway(httpLeg, server("*"))],
                messages: ["spec.servers[1] ends TLS for *."],
            },
        },
        unknown: {
            "the hosts": {
                resources: [gateway(server("istio.io", { hosts: ["istio.io", UNKNOWN] }))],
                messages: [
                    "spec.servers[0] ends TLS for istio.io, (not known before deployment).",
                    undecided("spec.servers[0].hosts[1]", "whether a server ends TLS for several hosts"),
                ],
            },
        },
    },
    {
        rule: "gateway-server-collision",
        passes: {
            "a server for each host": [
                gateway(server("istio.io")),
                gateway(server("api.stripe.com")),
                gateway(httpLeg),
            ],
            "the same host at another gateway's pods": [
                gateway(server("istio.io")),
                istio("Gateway", "ingress", { selector: { istio: "ingressgateway" }, servers: [server("istio.io")] }),
            ],
        },
        fails: {
            "the same host twice": {
                resources: [named(gateway(server("istio.io")), "first"), gateway(server("istio.io"))],
                messages: [
                    "spec.servers[0] claims port 443 and istio.io, as spec.servers[0] of istio-egress/first does.",
                ],
            },
            "plain TCP on the port of TLS": {
                resources: [
                    named(gateway(server("istio.io")), "first"),
                    gateway({ port: { number: 443, name: "tcp", protocol: "TCP" }, hosts: ["*"] }),
                ],
                messages: [
                    "spec.servers[0] claims port 443 for plain TCP, as spec.servers[0] of istio-egress/first does.",
                ],
            },
            "two destinations on one TCP port": {
                resources: [
                    named(gateway({ port: { number: 5432, name: "tcp", protocol: "TCP" }, hosts: ["*"] }), "db"),
                    named(route({ gateways: ["db"] }), "one"),
                    named(route({ gateways: ["istio-egress/db"] }), "two"),
                ],
                messages: ["2 VirtualServices (istio-egress/one, istio-egress/two) route plain TCP of one port."],
            },
        },
        unknown: {
            "a port": {
                resources: [gateway(server("istio.io", { port: { number: UNKNOWN, name: "tls", protocol: "TLS" } }))],
                messages: [undecided("spec.servers[0].port.number", "whether two servers of the gateway collide")],
            },
        },
    },
    {
        rule: "gateway-passthrough",
        passes: {
            "mutual TLS": [gateway(server("istio.io"))],
            "PASSTHROUGH at another gateway": [
                istio("Gateway", "ingress", {
                    selector: { istio: "ingressgateway" },
                    servers: [server("shop.example.com", { tls: { mode: "PASSTHROUGH" } })],
                }),
            ],
        },
        fails: {
            PASSTHROUGH: {
                resources: [gateway(server("istio.io", { tls: { mode: "PASSTHROUGH" } }))],
                messages: ["spec.servers[0].tls.mode is PASSTHROUGH for istio.io."],
            },
            "every pod's gateway": {
                resources: [
                    istio("Gateway", "tools", { servers: [server("istio.io", { tls: { mode: "AUTO_PASSTHROUGH" } })] }),
                ],
                messages: ["spec.servers[0].tls.mode is AUTO_PASSTHROUGH for istio.io."],
            },
        },
        unknown: {
            "the mode": {
                resources: [gateway(server("istio.io", { tls: { mode: UNKNOWN } }))],
                messages: [undecided("spec.servers[0].tls.mode", "whether the gateway asks for an identity")],
            },
        },
    },
    {
        rule: "passthrough-principals",
        passes: {
            "mutual TLS with principals": [
                gateway(server("istio.io")),
                policy({ ...forGateway, rules: [{ from: [{ source: { principals: ["*"] } }] }] }),
            ],
            "PASSTHROUGH with names": [
                gateway(server("istio.io", { tls: { mode: "PASSTHROUGH" } })),
                policy({ ...forGateway, rules: [{ when: [{ key: "connection.sni", values: ["istio.io"] }] }] }),
            ],
        },
        fails: {
            "PASSTHROUGH with principals": {
                resources: [
                    gateway(server("istio.io", { tls: { mode: "PASSTHROUGH" } })),
                    policy({
                        ...forGateway,
                        rules: [{ from: [{ source: { principals: ["cluster.local/ns/payments/sa/api"] } }] }],
                    }),
                ],
                messages: ["spec.rules[0] asks for principals, and port 443 of the gateway passes TLS through."],
            },
        },
        unknown: {
            "whom it asks for": {
                resources: [
                    gateway(server("istio.io", { tls: { mode: "PASSTHROUGH" } })),
                    policy({ ...forGateway, rules: [{ from: UNKNOWN }] }),
                ],
                messages: [undecided("spec.rules[0].from", "whether the rule asks for identities")],
            },
        },
    },
    {
        rule: "gateway-authorization",
        passes: {
            "any identity of the mesh": [
                policy({ ...forGateway, rules: [{ from: [{ source: { principals: ["*"] } }] }] }),
            ],
            "no rules, which allows nobody": [policy({ selector: { matchLabels: SELECTOR } })],
            "an empty rule that denies everybody": [policy({ ...forGateway, action: "DENY", rules: [{}] })],
            "an open policy for other pods": [policy({ action: "ALLOW", rules: [{}] }, "payments")],
        },
        fails: {
            everybody: {
                resources: [policy({ rules: [{}] })],
                messages: ["spec.rules[0] allows callers without an identity."],
            },
            "everybody, in the root namespace": {
                resources: [policy({ rules: [{ to: [{ operation: { ports: ["8443"] } }] }] }, "istio-system")],
                messages: ["spec.rules[0] allows callers without an identity."],
            },
            "a source by address": {
                resources: [policy({ ...forGateway, rules: [{ from: [{ source: { ipBlocks: ["10.4.0.0/14"] } }] }] })],
                messages: ["spec.rules[0] allows callers without an identity."],
            },
        },
        unknown: {
            "the rules": {
                resources: [policy({ ...forGateway, rules: UNKNOWN })],
                messages: [undecided("spec.rules", "whether the rule asks for an identity")],
            },
        },
    },
    {
        rule: "certificate-files",
        passes: {
            "the mesh's own certificates": [gateway(server("istio.io")), subset("istio.io")],
            "a file that is mounted": [
                origination({
                    mode: "MUTUAL",
                    clientCertificate: "/var/run/bank/tls.crt",
                    privateKey: "/var/run/bank/tls.key",
                }),
            ],
        },
        fails: {
            "a server of 2019": {
                resources: [
                    gateway(
                        server("istio.io", {
                            tls: {
                                mode: "MUTUAL",
                                serverCertificate: "/etc/certs/cert-chain.pem",
                                privateKey: "/etc/certs/key.pem",
                                caCertificates: "/etc/certs/root-cert.pem",
                            },
                        }),
                    ),
                ],
                messages: [
                    "spec.servers[0].tls reads serverCertificate /etc/certs/cert-chain.pem, privateKey /etc/certs/key.pem, caCertificates /etc/certs/root-cert.pem.",
                ],
            },
            "a client of 2019": {
                resources: [origination({ mode: "MUTUAL", clientCertificate: "/etc/certs/cert-chain.pem" })],
                messages: [
                    "spec.trafficPolicy.portLevelSettings[0].tls reads clientCertificate /etc/certs/cert-chain.pem.",
                ],
            },
        },
        unknown: {
            "a file name": {
                resources: [origination({ mode: "MUTUAL", clientCertificate: UNKNOWN })],
                messages: [
                    undecided(
                        "spec.trafficPolicy.portLevelSettings[0].tls.clientCertificate",
                        "whether certificates are read from /etc/certs",
                    ),
                ],
            },
        },
    },
    {
        rule: "origination-names",
        passes: {
            "the name beside sni": [
                origination({ mode: "SIMPLE", sni: "hooks.example.com", subjectAltNames: ["hooks.example.com"] }),
            ],
            "neither, where Istio checks by itself": [origination({ mode: "SIMPLE" })],
            "the mesh's own TLS": [subset("istio.io")],
        },
        fails: {
            "sni without names": {
                resources: [origination({ mode: "MUTUAL", credentialName: "bank", sni: "bank.example.com" })],
                messages: [
                    "spec.trafficPolicy.portLevelSettings[0].tls has sni bank.example.com and no subjectAltNames.",
                ],
            },
            "no check at all": {
                resources: [origination({ mode: "SIMPLE", insecureSkipVerify: true })],
                messages: ["spec.trafficPolicy.portLevelSettings[0].tls.insecureSkipVerify is true."],
            },
        },
        unknown: {
            "the names": {
                resources: [origination({ mode: "SIMPLE", sni: "hooks.example.com", subjectAltNames: UNKNOWN })],
                messages: [
                    undecided(
                        "spec.trafficPolicy.portLevelSettings[0].tls.subjectAltNames",
                        "whether the certificate's name is checked",
                    ),
                ],
            },
            "the server name, where there are no names": {
                resources: [origination({ mode: "SIMPLE", sni: UNKNOWN })],
                messages: [
                    "spec.trafficPolicy.portLevelSettings[0].tls has sni (not known before deployment) and no subjectAltNames.",
                ],
            },
        },
    },
    {
        rule: "port-level-settings",
        passes: {
            "all of it in the port's block": [origination({ mode: "SIMPLE" })],
            "no ports": [
                rule("payments", { host: "shop", trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } } }),
            ],
        },
        fails: {
            "a load balancer beside": {
                resources: [
                    rule(GATEWAY_NAMESPACE, {
                        host: "istio.io",
                        trafficPolicy: {
                            loadBalancer: { simple: "ROUND_ROBIN" },
                            portLevelSettings: [tlsTo("istio.io")],
                        },
                    }),
                ],
                messages: ["spec.trafficPolicy sets loadBalancer, and portLevelSettings[0] (port 443) does not."],
            },
            "TLS beside, in a subset": {
                resources: [
                    rule("payments", {
                        host: GATEWAY_HOST,
                        subsets: [
                            {
                                name: "istio-io",
                                trafficPolicy: {
                                    tls: { mode: "ISTIO_MUTUAL" },
                                    portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "RANDOM" } }],
                                },
                            },
                        ],
                    }),
                ],
                messages: ["spec.subsets[0].trafficPolicy sets tls, and portLevelSettings[0] (port 80) does not."],
            },
        },
        unknown: {
            "the ports": {
                resources: [
                    rule("payments", {
                        host: "shop",
                        trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" }, portLevelSettings: UNKNOWN },
                    }),
                ],
                messages: [undecided("spec.trafficPolicy.portLevelSettings", "whether settings reach the ports")],
            },
        },
    },
    {
        rule: "gateway-server-names",
        passes: {
            "a server for the name": [tlsGateway, subset("istio.io")],
            "a stack without the gateway": [subset("elsewhere.example.com")],
        },
        fails: {
            "no server for the name": {
                resources: [tlsGateway, subset("www.istio.io")],
                messages: [
                    "spec.subsets[0].trafficPolicy.portLevelSettings[0].tls.sni is www.istio.io, and no server of the gateway has that host.",
                ],
            },
        },
        unknown: {
            "the name": {
                resources: [tlsGateway, subset(UNKNOWN)],
                messages: [
                    undecided(
                        "spec.subsets[0].trafficPolicy.portLevelSettings[0].tls.sni",
                        "which server of the gateway is meant",
                    ),
                ],
            },
        },
    },
    {
        rule: "destination-rule-shadowing",
        passes: {
            "each in its own namespace": [
                rule("payments", { host: GATEWAY_HOST, exportTo: ["."] }),
                rule("orders", { host: GATEWAY_HOST, exportTo: ["."] }),
            ],
            "two of one namespace that are merged": [
                rule("istio-egress", { host: GATEWAY_HOST, exportTo: ["*"] }),
                rule("istio-egress", { host: "egress-gateway" }),
            ],
            "different hosts": [
                rule("payments", { host: "a.example.com" }),
                rule("payments", { host: "b.example.com", exportTo: ["."] }),
            ],
        },
        fails: {
            "a tenant's rule above the central one": {
                resources: [
                    named(rule("istio-egress", { host: GATEWAY_HOST }), "central"),
                    rule("payments", { host: "*.svc.cluster.local", exportTo: ["."] }),
                ],
                messages: ["In namespace payments it hides istio-egress/central for *.svc.cluster.local."],
            },
            "different exportTo in one namespace": {
                resources: [
                    named(rule("istio-egress", { host: "istio.io", exportTo: ["."] }), "one"),
                    rule("istio-egress", { host: "istio.io", exportTo: ["payments"] }),
                ],
                messages: [
                    "spec.exportTo differs from that of istio-egress/one for the same host istio.io: of the two only the younger counts.",
                ],
            },
        },
        unknown: {
            "who sees it": {
                resources: [rule("payments", { host: GATEWAY_HOST, exportTo: [UNKNOWN] })],
                messages: [undecided("spec.exportTo[0]", "whether another DestinationRule is hidden")],
            },
        },
    },
    {
        rule: "gateway-visibility",
        passes: {
            "both visible": [tlsGateway, route({}), declared],
            "a route of another gateway": [route({ gateways: ["ingress/shop"], exportTo: ["ingress"] })],
            "the mesh leg, which the gateway need not see the host of": [
                tlsGateway,
                declared,
                route({
                    exportTo: ["*"],
                    gateways: ["mesh", "istio-egress/istio-io"],
                    tcp: [
                        { match: [{ gateways: ["mesh"] }], route: [{ destination: { host: "ledger.private" } }] },
                        {
                            match: [{ gateways: ["istio-egress/istio-io"] }],
                            route: [{ destination: { host: "istio.io" } }],
                        },
                    ],
                }),
            ],
        },
        fails: {
            "a route that it does not see": {
                resources: [tlsGateway, route({ exportTo: ["payments"] }), declared],
                messages: ["spec.exportTo has payments, without the gateway's namespace."],
            },
            "a host that it does not see": {
                resources: [tlsGateway, route({}), entry("payments", { hosts: ["istio.io"], exportTo: ["."] })],
                messages: [
                    {
                        whole: "it leads to istio.io, and no ServiceEntry for that host is visible to the gateway's namespace. Declare the host with a ServiceEntry whose exportTo has istio-egress.",
                    },
                ],
            },
        },
        unknown: {
            "who sees the route": {
                resources: [tlsGateway, route({ exportTo: [".", UNKNOWN] }), declared],
                messages: [undecided("spec.exportTo[1]", "whether the gateway sees the route")],
            },
        },
    },
    {
        rule: "host-wildcards",
        passes: {
            "an exact name": [declared],
            "Google's APIs": [
                entry(GATEWAY_NAMESPACE, { hosts: ["*.googleapis.com", "*.pkg.dev"], resolution: "NONE" }),
            ],
            "a domain that leads nowhere by itself": [
                entry(GATEWAY_NAMESPACE, {
                    hosts: ["*.my.salesforce.com"],
                    resolution: "STATIC",
                    endpoints: undefined,
                }),
            ],
        },
        fails: {
            "a domain": {
                resources: [entry(GATEWAY_NAMESPACE, { hosts: ["istio.io", "*.wikipedia.org"] })],
                messages: ["spec.hosts has *.wikipedia.org."],
            },
            "a domain with endpoints": {
                resources: [
                    entry(GATEWAY_NAMESPACE, {
                        hosts: ["*.wikipedia.org"],
                        resolution: "STATIC",
                        endpoints: [{ address: "8.8.8.8" }],
                    }),
                ],
                messages: ["spec.hosts has *.wikipedia.org."],
            },
        },
        unknown: {
            "a host": {
                resources: [entry(GATEWAY_NAMESPACE, { hosts: [UNKNOWN] })],
                messages: [undecided("spec.hosts[0]", "whether a host is a wildcard")],
            },
        },
    },
    {
        rule: "service-entry-hosts",
        passes: {
            "the two sides of a destination": [
                declared,
                entry(GATEWAY_NAMESPACE, {
                    hosts: ["istio.io"],
                    resolution: "STATIC",
                    exportTo: ["payments", "orders"],
                }),
            ],
            "two that are merged": [
                entry(GATEWAY_NAMESPACE, { hosts: ["istio.io"] }),
                entry(GATEWAY_NAMESPACE, {
                    hosts: ["istio.io"],
                    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
                }),
            ],
        },
        fails: {
            "a tenant's entry for an allowed host": {
                resources: [
                    named(
                        entry(GATEWAY_NAMESPACE, { hosts: ["api.stripe.com"], exportTo: [".", "payments"] }),
                        "stripe",
                    ),
                    entry("payments", { hosts: ["api.stripe.com"] }),
                ],
                messages: ["spec.hosts has api.stripe.com, as istio-egress/stripe has, and istio-egress sees both."],
            },
        },
        unknown: {
            "who sees it": {
                resources: [entry(GATEWAY_NAMESPACE, { hosts: ["istio.io"], exportTo: UNKNOWN })],
                messages: [undecided("spec.exportTo", "whether another ServiceEntry has the same host")],
            },
        },
    },
];
