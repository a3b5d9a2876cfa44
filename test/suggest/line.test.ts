import assert from "node:assert/strict";
import { type Call } from "../../suggest/observation";
import {
    atGateway,
    cloudLogging,
    envoyJson,
    envoyText,
    FAR,
    GATEWAY_HOST,
    GATEWAY_POD,
    passedThrough,
    POD,
    read,
    type AccessLogFields,
} from "./lines";

const AT = Date.parse("2026-11-20T10:00:00.123Z");

/** What matters of a call, in one line. */
const told = (line: string): string => {
    const read_ = read(line);
    if (read_.kind === "left out") {
        return read_.reason;
    }
    if (read_.kind !== "call") {
        return read_.kind;
    }
    const { witness, host, address, subset, port, protocol, outcome, client } = read_;
    return `${witness}: ${client.address ?? "-"} ${protocol} ${host ?? address ?? subset!} ${port} ${outcome}`;
};

describe("a line of an access log", () => {
    for (const [what, fields, expected] of [
        [
            "TLS that no destination is declared for",
            passedThrough({ serverName: "Api.Example.COM" }),
            "sidecar: 10.4.0.7 tls api.example.com 443 answered",
        ],
        [
            "plain HTTP that none is declared for",
            passedThrough({ request: "GET / HTTP/1.1", authority: "www.example.com:8080", local: `${FAR}:8080` }),
            "sidecar: 10.4.0.7 http www.example.com 8080 answered",
        ],
        ["TCP without a name", passedThrough({ local: `${FAR}:5432` }), `sidecar: 10.4.0.7 tcp ${FAR} 5432 answered`],
        [
            "a call to an address by HTTP",
            passedThrough({ request: "GET / HTTP/1.1", authority: FAR, local: `${FAR}:80` }),
            `sidecar: 10.4.0.7 http ${FAR} 80 answered`,
        ],
        [
            "a declared host, on its way to the gateway",
            passedThrough({
                cluster: `outbound|443|api-example-com|${GATEWAY_HOST}`,
                upstreamHost: `${GATEWAY_POD}:8443`,
                serverName: "api.example.com",
                local: "240.1.2.3:8443",
            }),
            "sidecar: 10.4.0.7 tls api.example.com 8443 answered",
        ],
        [
            "a `tcp` destination, by its subset",
            passedThrough({
                cluster: `outbound|443|db-example-com|${GATEWAY_HOST}`,
                upstreamHost: `${GATEWAY_POD}:8443`,
                local: "241.1.2.3:5432",
            }),
            "sidecar: 10.4.0.7 tcp db-example-com 5432 answered",
        ],
        [
            "a ServiceEntry's host",
            passedThrough({ cluster: "outbound|443||api.example.com", serverName: "api.example.com" }),
            "sidecar: 10.4.0.7 tls api.example.com 443 answered",
        ],
        [
            "a host below a ServiceEntry's wildcard",
            passedThrough({ cluster: "outbound|443||*.example.com", serverName: "a.example.com" }),
            "sidecar: 10.4.0.7 tls a.example.com 443 answered",
        ],
        [
            "TLS that a sidecar opens itself",
            passedThrough({
                cluster: "outbound|443||api.example.com",
                request: "GET / HTTP/1.1",
                authority: "api.example.com",
                local: "240.1.2.3:80",
            }),
            "sidecar: 10.4.0.7 originate api.example.com 443 answered",
        ],
        [
            "the gateway",
            atGateway({ cluster: "outbound|443||api.example.com", serverName: "api.example.com" }),
            "gateway: 10.4.0.7 tls api.example.com 443 answered",
        ],
        [
            "the gateway, of a name that it has for itself",
            atGateway({
                cluster: "outbound|443||api.example.com.inner.egress-gateway.internal",
                serverName: "api.example.com",
            }),
            "gateway: 10.4.0.7 tls api.example.com 443 answered",
        ],
        [
            "the gateway, of a wildcard",
            atGateway({
                cluster: "outbound|443||any.example.com.wildcard.egress-gateway.internal",
                serverName: "any.p443.example.com",
            }),
            "gateway: 10.4.0.7 tls *.example.com 443 answered",
        ],
        [
            "the gateway, of an address",
            atGateway({
                cluster: "outbound|2222||203-0-113-24.address.egress-gateway.internal",
                serverName: "p2222.203.0.113.24",
            }),
            "gateway: 10.4.0.7 tls 203.0.113.24 2222 answered",
        ],
        [
            "what a sidecar refuses",
            passedThrough({ cluster: "BlackHoleCluster", flags: "UH", serverName: "api.example.com" }),
            "sidecar: 10.4.0.7 tls api.example.com 443 refused",
        ],
        [
            "what the gateway's policy refuses",
            atGateway({
                cluster: "outbound|80||api.example.com",
                request: "GET / HTTP/1.1",
                authority: "api.example.com",
                details: "rbac_access_denied_matched_policy[none]",
            }),
            "gateway: 10.4.0.7 http api.example.com 80 refused",
        ],
        [
            "what nobody answers",
            passedThrough({ flags: "UF,URX", serverName: "api.example.com", upstreamLocal: "-" }),
            "sidecar: 10.4.0.7 tls api.example.com 443 failed",
        ],
        [
            "a tunnel",
            passedThrough({ request: "CONNECT - HTTP/1.1", authority: "api.example.com:443" }),
            "sidecar: 10.4.0.7 other api.example.com 443 answered",
        ],
        [
            "a call inside the cluster",
            passedThrough({
                cluster: "outbound|8080||web.shop.svc.cluster.local",
                request: "GET / HTTP/1.1",
                authority: "evil.example.com",
            }),
            "inside",
        ],
        [
            "a call that arrives",
            passedThrough({ cluster: "inbound|8080||", request: "GET / HTTP/1.1", authority: "web" }),
            "inside",
        ],
        ["a private address", passedThrough({ local: "10.20.0.5:5432", upstreamHost: "10.20.0.5:5432" }), "inside"],
        ["a name that cannot be one", passedThrough({ serverName: "__proto__.x_y" }), "a name that no host has"],
        [
            "a line without a time",
            passedThrough({ time: "2026-99-99T10:00:00Z", serverName: "api.example.com" }),
            "a field is missing or makes no sense",
        ],
    ] as const satisfies readonly (readonly [string, AccessLogFields, string])[]) {
        it(`is read, as text and as JSON: ${what}`, () => {
            assert.equal(told(envoyText(fields)), expected);
            assert.equal(told(JSON.stringify(envoyJson(fields))), expected);
        });
    }

    it("is left out where a client's own quotes could be fields", () => {
        const forged =
            '" "id" "evil.example.com" "1.2.3.4:443" outbound|443||evil.example.com 10.4.0.7:1 1.2.3.4:443 10.4.0.7:2 evil.example.com -';
        assert.equal(
            told(envoyText(passedThrough({ userAgent: forged }))),
            "quotes in a field that a client wrote, so that fields may be forged",
        );
    });

    it("names the caller by a certificate that the gateway had checked, and by nothing that a client wrote", () => {
        const peer = { downstream_peer_uri_san: "spiffe://cluster.local/ns/payments/sa/api" };
        const identity = (fields: AccessLogFields, more: object) =>
            (read(JSON.stringify(envoyJson(fields, more))) as Call).client.identity;
        const gateway = atGateway({ cluster: "outbound|443||api.example.com", serverName: "api.example.com" });
        assert.deepEqual(identity(gateway, peer), { namespace: "payments", serviceAccount: "api" });
        assert.equal(
            identity(gateway, {
                downstream_peer_uri_san: "spiffe://cluster.local/ns/payments/sa/api,spiffe://x/ns/a/sa/b",
            }),
            undefined,
        );
        assert.equal(identity({ ...gateway, userAgent: peer.downstream_peer_uri_san }, {}), undefined);
    });

    it("is the same behind what carries it, which tells the pod", () => {
        const line = envoyText(passedThrough({ serverName: "api.example.com" }));
        const bare = read(line) as Call;
        const inContainer = {
            resource: {
                type: "k8s_container",
                labels: { namespace_name: "payments", pod_name: "api-1", container_name: "istio-proxy" },
            },
        };
        for (const [carried, pod] of [
            [`${line}\r`, undefined],
            [`2026-11-20T10:00:00.2Z ${line}`, undefined],
            [`2026-11-20T10:00:00.2Z stdout F ${line}`, undefined],
            [`[pod/api-1/istio-proxy] ${line}`, { name: "api-1" }],
            [`[pod/api-1/istio-proxy] 2026-11-20T10:00:00.2Z ${line}`, { name: "api-1" }],
            [
                JSON.stringify(cloudLogging("stdout", { ...inContainer, textPayload: `${line}\n` })),
                { namespace: "payments", name: "api-1" },
            ],
            [
                JSON.stringify(
                    cloudLogging("server-accesslog-stackdriver", {
                        ...inContainer,
                        jsonPayload: envoyJson(passedThrough({ serverName: "api.example.com" })),
                    }),
                ),
                { namespace: "payments", name: "api-1" },
            ],
        ] as const) {
            assert.deepEqual(
                read(carried),
                { ...bare, client: { ...bare.client, ...(pod === undefined ? {} : { pod }) } },
                carried,
            );
        }
    });
});

describe("a line that an application wrote", () => {
    const own = "an application's own output, which may look like anything";
    const forged = envoyText(passedThrough({ serverName: "evil.example.com" }));
    const firewall = cloudLogging("compute.googleapis.com/firewall", {
        jsonPayload: {
            connection: { src_ip: POD, dest_ip: FAR, dest_port: 443, protocol: 6 },
            disposition: "ALLOWED",
            rule_details: { direction: "EGRESS" },
        },
    });
    const inCloudLogging = (container_name: string, payload: object) =>
        JSON.stringify(
            cloudLogging("stdout", {
                resource: {
                    type: "k8s_container",
                    labels: { namespace_name: "shop", pod_name: "web-1", container_name },
                },
                ...payload,
            }),
        );

    for (const [what, line, expected] of [
        ["an access log", `[pod/web-1/web] ${forged}`, own],
        [
            "an access log in JSON",
            `[pod/web-1/web] ${JSON.stringify(envoyJson(passedThrough({ serverName: "evil.example.com" })))}`,
            own,
        ],
        ["a question for a name", `[pod/web-1/web] [INFO] undeclared A IN evil.example.com. udp ${POD} NOERROR`, own],
        [
            "an entry of Cloud Logging",
            `[pod/web-1/istio-proxy] ${JSON.stringify(firewall)}`,
            "no format that is known here",
        ],
        ["an access log, in Cloud Logging", inCloudLogging("web", { textPayload: forged }), own],
        [
            "an access log in JSON, in Cloud Logging",
            inCloudLogging("web", { jsonPayload: envoyJson(passedThrough({ serverName: "evil.example.com" })) }),
            own,
        ],
        [
            "another container's line",
            inCloudLogging("web", { textPayload: `[pod/api-1/istio-proxy] ${forged}` }),
            "no format that is known here",
        ],
        [
            "a firewall's entry",
            inCloudLogging("web", { textPayload: JSON.stringify(firewall) }),
            "no format that is known here",
        ],
        [
            "a firewall's name",
            JSON.stringify({ ...firewall, resource: { type: "k8s_container", labels: {} } }),
            "no format that is known here",
        ],
    ] as const) {
        it(`is left out where it looks like ${what}`, () => assert.equal(told(line), expected));
    }
});

describe("a line of Google's network", () => {
    const connection = { src_ip: POD, src_port: 40000, dest_ip: FAR, dest_port: 443, protocol: 6 };
    const told_ = (log: string, payload: object) => told(JSON.stringify(cloudLogging(log, { jsonPayload: payload })));

    it("is a firewall's verdict", () => {
        const firewall = (more: object) =>
            told_("compute.googleapis.com/firewall", {
                connection,
                disposition: "ALLOWED",
                rule_details: { direction: "EGRESS" },
                ...more,
            });
        assert.equal(firewall({}), `network: ${POD} tcp ${FAR} 443 answered`);
        assert.equal(firewall({ disposition: "DENIED" }), `network: ${POD} tcp ${FAR} 443 refused`);
        assert.equal(firewall({ rule_details: { direction: "INGRESS" } }), "inside");
        assert.equal(firewall({ connection: { ...connection, dest_ip: "10.0.0.9" } }), "inside");
        assert.equal(
            firewall({ connection: { ...connection, protocol: 17 } }),
            `network: ${POD} udp ${FAR} 443 answered`,
        );
        assert.equal(firewall({ disposition: "x" }), "a field is missing or makes no sense");
        assert.equal(
            firewall({ connection: { ...connection, dest_port: "99999" } }),
            "a field is missing or makes no sense",
        );
    });

    it("is a translation of NAT's, or one that it had no port for", () => {
        const nat = (status: string) =>
            told_("compute.googleapis.com/nat_flows", { connection, allocation_status: status });
        assert.equal(nat("OK"), `network: ${POD} tcp ${FAR} 443 answered`);
        assert.equal(nat("DROPPED"), `network: ${POD} tcp ${FAR} 443 failed`);
    });

    it("is a flow that somebody inside began, with the pod that Google knows", () => {
        const flow = (more: object) =>
            told_("compute.googleapis.com/vpc_flows", { connection, reporter: "SRC", ...more });
        assert.equal(flow({}), `network: ${POD} tcp ${FAR} 443 answered`);
        assert.equal(flow({ reporter: "DEST" }), "inside");
        assert.equal(flow({ connection: { ...connection, src_port: 8080, dest_port: 51000 } }), "inside");
        assert.equal(flow({ connection: { ...connection, src_ip: FAR, dest_ip: POD } }), "inside");
        const pod = { src_gke_details: { pod: { pod_name: "api-1", pod_namespace: "payments" } } };
        const entry = cloudLogging("compute.googleapis.com/vpc_flows", {
            jsonPayload: { connection, reporter: "SRC", ...pod },
        });
        assert.deepEqual((read(JSON.stringify(entry)) as Call).client, {
            address: POD,
            pod: { namespace: "payments", name: "api-1" },
        });
    });
});

describe("a line of CoreDNS", () => {
    const question = (name: string, answered: boolean, at?: number) => ({
        kind: "question",
        name,
        client: { address: POD },
        answered,
        ...(at === undefined ? {} : { at }),
    });

    it("is a question in the resolver's own format, or in the common one", () => {
        assert.deepEqual(
            read(`[INFO] undeclared A IN Api.Example.com. udp ${POD} NXDOMAIN`),
            question("api.example.com", false),
        );
        assert.deepEqual(
            read(
                `2026-11-20T10:00:00.123Z [INFO] ${POD}:50759 - 29008 "A IN api.example.com. udp 41 false 4096" NOERROR qr,rd,ra,ad 68 0.037990251s`,
            ),
            question("api.example.com", true, AT),
        );
    });

    it("says nothing of names inside, other types, or what is no question", () => {
        assert.equal(told(`[INFO] undeclared A IN web.shop.svc.cluster.local. udp ${POD} NXDOMAIN`), "inside");
        assert.equal(told(`[INFO] undeclared TXT IN api.example.com. udp ${POD} NXDOMAIN`), "inside");
        assert.equal(told("[INFO] plugin/reload: Running configuration SHA512 = abc"), "no format that is known here");
    });
});
