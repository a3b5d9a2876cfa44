import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { adopted, type Adoption } from "../../adopt/adopt";
import { yamlDocuments } from "../../containment/manifests";

const SLEEP = { namespace: "default", serviceAccount: "sleep" };

const fixture = (name: string): unknown[] =>
    yamlDocuments(readFileSync(path.join(__dirname, "fixtures", `${name}.yaml`), "utf8"));

const of = (yaml: string, ...workloads: (typeof SLEEP)[]): Adoption => adopted(yamlDocuments(yaml), workloads);
const list = ({ destinations, unallowed }: Adoption) =>
    [...destinations, ...unallowed].map(
        ({ allow, host, ports }) =>
            `${host}: ${ports
                .map(port =>
                    Object.values(port)
                        .map(value => (typeof value === "object" ? JSON.stringify(value) : value))
                        .join(" "),
                )
                .join(
                    ", ",
                )} for ${allow.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`).join(", ")}`,
    );
const lost = ({ rows }: Adoption): string[] =>
    rows.filter(({ fate }) => fate === "not carried").map(({ field }) => field);

const entry = (spec: string, version = "v1"): string =>
    `apiVersion: networking.istio.io/${version}\nkind: ServiceEntry\nmetadata: { name: outside, namespace: shop }\nspec: ${spec}\n---\n`;

describe("objects that people have", () => {
    for (const version of ["v1alpha3", "v1beta1", "v1"]) {
        it(`are the tutorial's of 2019, as ${version}`, () => {
            const text = readFileSync(path.join(__dirname, "fixtures", "tutorial-2019.yaml"), "utf8");
            const found = of(text.replaceAll("v1alpha3", version), SLEEP);
            assert.deepEqual(list(found), ["istio.io: 80 http, 443 tls for default/sleep"]);
            assert.deepEqual(lost(found), ["spec.subsets[0].trafficPolicy.loadBalancer.simple"]);
            const changed = found.rows.filter(({ fate }) => fate === "changed").map(({ field }) => field);
            for (const field of ["mode", "serverCertificate", "privateKey", "caCertificates"]) {
                assert.ok(changed.includes(`spec.servers[0].tls.${field}`), field);
            }
        });
    }

    it("are the tutorial's of 2019 without mutual TLS, which makes the same destination", () => {
        const found = adopted(fixture("tutorial-2019-plain"), [SLEEP]);
        assert.deepEqual(found.destinations, adopted(fixture("tutorial-2019"), [SLEEP]).destinations);
        assert.deepEqual(lost(found), []);
        const changed = found.rows.filter(({ fate }) => fate === "changed").map(({ field }) => field);
        assert.deepEqual(changed, ["spec.servers[1].tls.mode"]);
    });

    it("are the TLS that a gateway opens, with its certificates", () => {
        const found = of(
            entry(
                "{ hosts: [api.example.com], ports: [{ number: 443, name: tls, protocol: HTTPS }, { number: 80, name: http, protocol: HTTP }], resolution: DNS }",
            ) +
                `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: through, namespace: shop }
spec:
  hosts: [api.example.com]
  gateways: [mesh, egress]
  http:
    - { match: [{ gateways: [mesh], port: 80 }], route: [{ destination: { host: istio-egressgateway.istio-system.svc.cluster.local, port: { number: 80 } } }] }
    - { match: [{ gateways: [egress], port: 80 }], timeout: 3s, route: [{ destination: { host: api.example.com, port: { number: 443 } } }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: tls, namespace: shop }
spec:
  host: api.example.com
  trafficPolicy: { portLevelSettings: [{ port: { number: 443 }, tls: { mode: MUTUAL, credentialName: client, sni: api.example.com } }] }
`,
            SLEEP,
        );
        assert.deepEqual(list(found), ['api.example.com: 443 originate {"secret":"client"} for default/sleep']);
        assert.deepEqual(lost(found), ["spec.ports[0]", "spec.http[1].timeout"]);
    });

    it("are who may use what, where a policy of the gateway says it", () => {
        const policy = (rules: string) =>
            of(
                entry(
                    "{ hosts: [a.example.com, b.example.com], ports: [{ number: 443, name: tls, protocol: TLS }], resolution: DNS }",
                ) +
                    `apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: { name: who, namespace: istio-system }
spec: { selector: { matchLabels: { istio: egressgateway } }, action: ALLOW, rules: ${rules} }
`,
            );
        const api = "from: [{ source: { principals: [cluster.local/ns/shop/sa/api] } }]";
        assert.deepEqual(list(policy(`[{ ${api}, when: [{ key: connection.sni, values: [a.example.com] }] }]`)), [
            "a.example.com: 443 tls for shop/api",
            "b.example.com: 443 tls for ",
        ]);
        assert.deepEqual(list(policy(`[{ ${api} }]`)), [
            "a.example.com: 443 tls for shop/api",
            "b.example.com: 443 tls for shop/api",
        ]);
        for (const [rules, field] of [
            [`[{ ${api}, when: [{ key: 'request.headers[x]', values: [y] }] }]`, "spec.rules[0]"],
            [`[{ ${api}, to: [{ operation: { notHosts: [b.example.com] } }] }]`, "spec.rules[0]"],
            ["[{ from: [{ source: { notPrincipals: [cluster.local/ns/shop/sa/api] } }] }]", "spec.rules[0]"],
            ["[{ from: [{ source: { principals: ['*'] } }] }]", "spec.rules[0].from[0].source.principals[0]"],
            ["[{ from: [{ source: { namespaces: [shop] } }] }]", "spec.rules[0].from[0].source.namespaces"],
            ["[{}]", "spec.rules[0]"],
            [`[{ ${api}, to: [{ operation: { hosts: [c.example.com] } }] }]`, "spec.rules[0]"],
        ] as const) {
            const found = policy(rules);
            assert.deepEqual([found.destinations, lost(found)], [[], [field]], rules);
        }
    });

    it("are told where they have no place in the list", () => {
        for (const [spec, field] of [
            [
                "{ hosts: [web.shop.svc.cluster.local], ports: [{ number: 80, name: http, protocol: HTTP }] }",
                "spec.hosts[0]",
            ],
            [
                "{ hosts: [a.example.com], location: MESH_INTERNAL, ports: [{ number: 80, name: http, protocol: HTTP }] }",
                "spec",
            ],
            ["{ hosts: [a.example.com], ports: [{ number: 53, name: dns, protocol: UDP }] }", "spec.ports[0]"],
            ["{ hosts: ['*.example.com'], ports: [{ number: 80, name: http, protocol: HTTP }] }", "spec.ports[0]"],
            ["{ hosts: [a.example.com], ports: [], endpoints: [{ address: 203.0.113.7 }] }", "spec.endpoints"],
            ["{ hosts: [a.example.com], ports: [], future: { some: [thing] } }", "spec.future.some[0]"],
        ] as const) {
            assert.ok(lost(of(entry(spec))).includes(field), spec);
        }
        assert.deepEqual(lost(of("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: {}\n")), ["spec"]);
        assert.deepEqual(lost(of("apiVersion: __proto__/v1\nkind: constructor\nmetadata: { name: x }\nspec: {}\n")), [
            "spec",
        ]);
    });

    it("are packages of UDS Core, and policies of Cilium's and GKE's", () => {
        const found = of(`apiVersion: uds.dev/v1alpha1
kind: Package
metadata: { name: shop, namespace: shop }
spec:
  network:
    allow:
      - { direction: Egress, selector: { app: web }, remoteHost: api.example.com, remoteProtocol: TLS, port: 443, serviceAccount: web, description: payments }
      - { direction: Egress, remoteGenerated: Anywhere }
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: shop, namespace: shop }
spec:
  endpointSelector: { matchLabels: { io.cilium.k8s.policy.serviceaccount: worker } }
  egress:
    - toFQDNs: [{ matchName: db.example.com }, { matchPattern: "*.shop.example.com" }]
      toPorts: [{ ports: [{ port: "5432", protocol: TCP }] }]
    - toEntities: [cluster]
---
apiVersion: networking.gke.io/v1alpha1
kind: FQDNNetworkPolicy
metadata: { name: shop, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  egress:
    - matches: [{ name: www.example.com }]
      ports: [{ protocol: TCP, port: 443 }]
`);
        assert.deepEqual(list(found), [
            "*.shop.example.com: 443 tls for shop/worker",
            "api.example.com: 443 tls for shop/web",
            "db.example.com: 5432 tcp for shop/worker",
            "www.example.com: 443 tls for ",
        ]);
        assert.deepEqual(lost(found), ["spec.network.allow[1]", "spec.egress[0]", "spec.egress[1]"]);
    });

    it("are told whole: a field that nobody knows is in the report, wherever it stands", () => {
        const objects = [...fixture("tutorial-2019")] as object[];
        fc.assert(
            fc.property(fc.nat(), fc.nat(), (which, place) => {
                const copy = structuredClone(objects);
                const object = copy[which % copy.length] as { spec: object };
                const places = mapsIn(object.spec);
                places[place % places.length]!["fieldOfTomorrow"] = "1";
                const { rows } = adopted(copy, [SLEEP]);
                const above = rows.filter(({ value }) => JSON.stringify(value)?.includes("fieldOfTomorrow") === true);
                assert.ok(
                    above.length > 0 || lost({ rows } as Adoption).some(field => field.endsWith("fieldOfTomorrow")),
                );
            }),
        );
    });
});

function mapsIn(value: unknown): Record<string, unknown>[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return [
        ...(Array.isArray(value) ? [] : [value as Record<string, unknown>]),
        ...Object.values(value).flatMap(mapsIn),
    ];
}
