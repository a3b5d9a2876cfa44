import assert from "node:assert/strict";
import { stringify } from "yaml";
import { meshClaims } from "../../../containment/mesh/claims";
import { type Resource, UNKNOWN } from "../../../containment/resource";
import { type Claim } from "../../../containment/verdict";
import { type KubernetesManifest, declaration, resourceOf, verifiedResources } from "./fixture";
import { meshGuard } from "./guardFixture";
import { largeMesh } from "./largeMesh";
import { readWorld } from "../../../containment/world/world";

const contained = (): Resource[] => [...verifiedResources("mutual-tls"), ...meshGuard()];

describe("meshClaims", () => {
    it("holds for the verified objects behind a guard", () => {
        assert.deepEqual(decide(contained()), { result: "holds", sources: [], reasons: [] });
    });

    it("shows what each lock is worth when it alone is taken away", () => {
        const matrix = Object.fromEntries(
            meshClaims(readWorld(contained())).locks.map(({ lock, resources, without }) => [
                lock,
                [resources.length, without.C4],
            ]),
        );

        assert.deepEqual(matrix, {
            "caller identity in the handshake": [5, "violated"],
            "authorization policies": [4, "violated"],
            "admission guard": [12, "violated"],
        });
    });

    it("decides a thousand destinations", () => {
        assert.equal(decide([...largeMesh(1_000), ...meshGuard()]).result, "holds");
    });

    describe("without mutual TLS", () => {
        const claim = claimOf([...verifiedResources("no-mutual-tls"), ...meshGuard()]);

        it("is violated by any pod that reaches the gateway", () => {
            assert.equal(claim.result, "violated");
            assert.ok(
                claim.witnesses.every(
                    ({ source }) =>
                        source === "any pod that reaches the gateway, with or without an identity of the mesh",
                ),
            );
        });

        it("says which setting closes it", () => {
            assert.match(claim.witnesses[0]!.remedy, /mutualTls/);
        });

        it("tells the hops with the resources that decide", () => {
            assert.deepEqual(
                claim.witnesses[0]!.hops.map(({ at, resource }) => [at, resource?.split("::").at(-1)]),
                [
                    ["Gateway server", "istio-egress/http"],
                    ["AuthorizationPolicy", "istio-egress/tls-leg"],
                    ["VirtualService", "istio-egress/istio-io-http"],
                    ["ServiceEntry", "istio-egress/istio-io"],
                ],
            );
        });
    });

    describe("when the gateway authorizes everyone", () => {
        const withPolicy = (spec: Record<string, unknown>): Resource[] => [
            ...contained().filter(({ type }) => !type.endsWith(":AuthorizationPolicy")),
            object("security.istio.io/v1", "AuthorizationPolicy", "only", "istio-egress", spec),
        ];

        it("is violated for the hosts that policies alone protect", () => {
            const claim = claimOf(withPolicy({ rules: [{}] }));

            assert.equal(claim.result, "violated");
            assert.deepEqual(connections(claim), [
                "the gateway connects to hooks.example.com:443",
                "the gateway connects to istio.io:80",
            ]);
        });

        it("adds no destination", () => {
            assert.ok(
                !connections(claimOf(withPolicy({ rules: [{}] }))).some(decision =>
                    /undeclared|8443|5432/.test(decision),
                ),
            );
        });

        for (const [words, spec] of [
            ["no rule at all", {}],
            ["an empty list of rules", { rules: [] }],
            ["a DENY of everything", { action: "DENY", rules: [{}] }],
        ] as const) {
            it(`knows that ${words} lets nobody through`, () => {
                const claim = claimOf(withPolicy(spec));

                assert.equal(claim.result, "violated");
                assert.match(claim.witnesses[0]!.hops[0]!.decision, /no chain of the gateway leads this caller to/);
            });
        }
    });

    describe("compares the accepted certificates with the declaration", () => {
        it("an additional name is a violation that names it", () => {
            const resources = edit(contained(), "Gateway", "istio-egress/api-stripe-com-443", spec => {
                spec.servers[0].tls.subjectAltNames.push("spiffe://cluster.local/ns/orders/sa/web");
            });

            assert.deepEqual(decide(resources).sources, ["the workload cluster.local/ns/orders/sa/web"]);
        });

        it("a name of another form is no identity of the mesh and admits nobody", () => {
            const resources = edit(contained(), "Gateway", "istio-egress/api-stripe-com-443", spec => {
                spec.servers[0].tls.subjectAltNames.push("api.payments.svc");
            });

            assert.equal(decide(resources).result, "holds");
        });

        it("no names at all let every workload of the mesh in", () => {
            const resources = edit(contained(), "Gateway", "istio-egress/api-stripe-com-443", spec => {
                delete spec.servers[0].tls.subjectAltNames;
            });

            assert.deepEqual(decide(resources).sources, [
                "any workload of the mesh, for example cluster.local/ns/orders/sa/web",
            ]);
        });

        it("a missing name refuses a declared caller", () => {
            const resources = edit(contained(), "Gateway", "istio-egress/istio-io-443", spec => {
                spec.servers[0].tls.subjectAltNames.pop();
            });

            assert.deepEqual(decide(resources).sources, ["cluster.local/ns/orders/sa/web"]);
        });

        it("certificates of another authority cannot be judged", () => {
            const resources = edit(contained(), "Gateway", "istio-egress/api-stripe-com-443", spec => {
                spec.servers[0].tls = { mode: "MUTUAL", credentialName: "partner" };
            });

            assert.equal(decide(resources).result, "unknown");
            assert.match(decide(resources).reasons.join(), /another authority/);
        });
    });

    describe("follows both legs as Istio does", () => {
        it("a subset whose server name is another server's leads elsewhere", () => {
            const resources = edit(contained(), "DestinationRule", "payments/egress-gateway", spec => {
                subset(spec, "api-stripe-com").trafficPolicy.portLevelSettings[0].tls.sni = "istio.io";
            });

            assert.deepEqual(decide(resources).sources, [
                "a workload of namespace payments that may use api.stripe.com:443",
            ]);
        });

        it("settings of a port do not inherit what stands beside them", () => {
            const resources = edit(contained(), "DestinationRule", "payments/egress-gateway", spec => {
                const { trafficPolicy } = subset(spec, "api-stripe-com");
                trafficPolicy.tls = trafficPolicy.portLevelSettings[0].tls;
                delete trafficPolicy.portLevelSettings[0].tls;
            });

            assert.equal(decide(resources).result, "violated");
        });

        it("any rule of the client's namespace hides a central one", () => {
            const central = {
                ...find(contained(), "DestinationRule", "payments/egress-gateway").inputs,
            } as unknown as KubernetesManifest;
            const withoutOwn = contained().filter(
                ({ name, type }) => !(type.endsWith(":DestinationRule") && name === "payments/egress-gateway"),
            );
            const spec = { ...(central.spec as object), exportTo: ["*"] };
            const moved = object("networking.istio.io/v1", "DestinationRule", "egress-gateway", "istio-egress", spec);
            const shadow = object("networking.istio.io/v1", "DestinationRule", "tls", "payments", {
                host: "*.local",
                trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } },
            });

            assert.equal(decide([...withoutOwn, moved]).result, "holds");
            assert.equal(decide([...withoutOwn, moved, shadow]).result, "violated");
        });

        it("one server with two hosts sends both to one destination", () => {
            const merged = edit(contained(), "Gateway", "istio-egress/istio-io-443", spec => {
                spec.servers[0].hosts.push("api.stripe.com");
                spec.servers[0].tls.subjectAltNames = ["spiffe://cluster.local/ns/payments/sa/api"];
            });
            const bound = edit(merged, "VirtualService", "istio-egress/api-stripe-com-443", spec => {
                spec.gateways = ["istio-io-443"];
            });
            const resources = bound.filter(
                ({ name, type }) => !(type.endsWith(":Gateway") && name === "istio-egress/api-stripe-com-443"),
            );

            assert.notEqual(decide(resources).result, "holds");
        });

        it("a host on two servers depends on their age", () => {
            const twin = find(contained(), "Gateway", "istio-egress/istio-io-443")
                .inputs as unknown as KubernetesManifest;
            const resources = [
                ...contained(),
                object(
                    "networking.istio.io/v1",
                    "Gateway",
                    "twin",
                    "istio-egress",
                    twin.spec as Record<string, unknown>,
                ),
            ];

            assert.equal(decide(resources).result, "unknown");
        });

        it("a gateway without endpoints for the host refuses the declared callers", () => {
            const resources = edit(contained(), "ServiceEntry", "istio-egress/api-stripe-com", spec => {
                spec.resolution = "NONE";
            });

            assert.deepEqual(decide(resources).sources, ["cluster.local/ns/payments/sa/api"]);
        });

        it("another port behind a declared one is an undeclared destination", () => {
            const resources = edit(contained(), "ServiceEntry", "istio-egress/api-stripe-com", spec => {
                spec.ports[0].targetPort = 22;
            });

            assert.ok(connections(claimOf(resources)).includes("the gateway connects to api.stripe.com:22"));
        });

        it("a client namespace that does not see its destination is a broken path", () => {
            const resources = edit(contained(), "ServiceEntry", "istio-egress/api-stripe-com-clients", spec => {
                spec.exportTo = ["orders"];
            });

            assert.deepEqual(decide(resources).sources, [
                "a workload of namespace payments that may use api.stripe.com:443",
            ]);
        });

        it("letting undeclared traffic pass the sidecar changes nothing at the gateway", () => {
            const resources = edit(contained(), "Sidecar", "payments/default", spec => {
                spec.outboundTrafficPolicy.mode = "ALLOW_ANY";
            });

            assert.equal(decide(resources).result, "holds");
        });
    });

    describe("knows other shapes than its own program's", () => {
        const destinations = [
            {
                host: "a.example",
                ports: [{ number: 443, protocol: "tls" }],
                allow: [{ namespace: "payments", serviceAccount: "api" }],
            },
        ];

        it("identities by policies on the outer server name, instead of names in the handshake", () => {
            const policy = (sni: string, principal: string): Resource =>
                object("security.istio.io/v1", "AuthorizationPolicy", sni.replaceAll(".", "-"), "istio-egress", {
                    rules: [
                        {
                            from: [{ source: { principals: [principal] } }],
                            to: [{ operation: { ports: ["8443"] } }],
                            when: [{ key: "connection.sni", values: [sni] }],
                        },
                    ],
                });
            const open = edit(contained(), "Gateway", "istio-egress/api-stripe-com-443", spec => {
                delete spec.servers[0].tls.subjectAltNames;
            }).filter(({ name, type }) => !(type.endsWith(":AuthorizationPolicy") && name === "istio-egress/tls-leg"));
            const others = ["istio.io", "p8443.alt.example.com", "p5432.db.example.com", "p5432.db2.example.com"].map(
                sni => policy(sni, "*"),
            );

            assert.equal(
                decide([...open, ...others, policy("api.stripe.com", "cluster.local/ns/payments/sa/api")]).result,
                "holds",
            );
            assert.deepEqual(
                decide([...open, ...others, policy("api.stripe.com", "cluster.local/ns/orders/*")]).result,
                "violated",
            );
        });

        it("one VirtualService for all Hosts, with a match on the authority for each", () => {
            const merged = (hosts: readonly string[]): Resource[] => [
                ...contained().filter(
                    ({ name }) => !["istio-egress/istio-io-http", "istio-egress/hooks-example-com-http"].includes(name),
                ),
                ...contained().filter(({ name, type }) => type.endsWith(":AuthorizationPolicy") && /-http$/.test(name)),
                object("networking.istio.io/v1", "VirtualService", "all-http", "istio-egress", {
                    hosts: ["*"],
                    gateways: ["http"],
                    http: hosts.map(host => ({
                        match: [{ authority: { exact: host } }],
                        route: [{ destination: { host, port: { number: host === "istio.io" ? 80 : 443 } } }],
                    })),
                }),
            ];

            assert.deepEqual(decide(merged(["istio.io", "hooks.example.com"])), {
                result: "holds",
                sources: [],
                reasons: [],
            });
            assert.equal(decide(merged(["istio.io"])).result, "violated");
        });

        it("a single server in plaintext, of which the policies can tell nobody's identity", () => {
            const plaintext = edit(contained(), "Gateway", "istio-egress/http", spec => {
                spec.servers[0].port.protocol = "HTTP";
                delete spec.servers[0].tls;
            });

            assert.equal(decide(plaintext).result, "violated");
        });

        it("a server whose hosts are of another namespace's virtual services", () => {
            const reserved = (hosts: string): Resource[] =>
                edit(contained(), "Gateway", "istio-egress/http", spec => {
                    spec.servers[0].hosts = [hosts];
                });

            assert.equal(decide(reserved("./*")).result, "holds");
            assert.equal(decide(reserved("team-a/*")).result, "violated");
        });

        it("a virtual service that the gateway's namespace does not see is not bound", () => {
            const hidden = edit(contained(), "VirtualService", "istio-egress/istio-io-http", spec => {
                spec.exportTo = ["payments"];
            });

            assert.match(decide(hidden).sources.join(), /cluster\.local\/ns\/(?:payments|orders)/);
        });

        it("destinations of a declaration without any object", () => {
            assert.equal(
                decide([
                    declaration("mutual-tls", destinations),
                    ...contained().filter(({ type }) => !/istio\.io|egress-gateway:/.test(type)),
                ]).result,
                "violated",
            );
        });
    });

    describe("follows a route as far as its caller can steer it", () => {
        const withRoutes = (http: readonly unknown[]): Resource[] =>
            edit(contained(), "VirtualService", "istio-egress/istio-io-http", spec => {
                spec.http = http;
            });
        const to = (host: string, port: number): unknown => ({ destination: { host, port: { number: port } } });
        const usual = { route: [to("istio.io", 80)] };
        const byHeader = { match: [{ headers: { "x-to": { exact: "stripe" } } }], route: [to("api.stripe.com", 443)] };

        it("a header that leads elsewhere is a way there", () => {
            assert.equal(decide(withRoutes([byHeader, usual])).result, "violated");
        });

        it("behind a route that takes everything it is none", () => {
            assert.equal(decide(withRoutes([usual, byHeader])).result, "holds");
        });

        it("a mirror is a destination too", () => {
            const { sources } = decide(
                withRoutes([{ ...usual, mirror: { host: "api.stripe.com", port: { number: 443 } } }]),
            );

            assert.deepEqual(sources, ["the workload cluster.local/ns/orders/sa/web"]);
        });

        it("and so is each of several weighted ones, but none of weight 0", () => {
            const weighted = (weight: number): Resource[] =>
                withRoutes([
                    {
                        route: [
                            { ...(usual.route[0] as object), weight: 100 - weight },
                            { ...(to("api.stripe.com", 443) as object), weight },
                        ],
                    },
                ]);

            assert.deepEqual([decide(weighted(1)).result, decide(weighted(0)).result], ["violated", "holds"]);
        });

        describe("and compares the Host header as Envoy does", () => {
            const first = (authority: object): Resource[] =>
                withRoutes([{ match: [{ authority }], ...usual }, { route: [to("api.stripe.com", 443)] }]);
            const byHost = (authority: object): Resource[] =>
                withRoutes([{ match: [{ authority }], route: [to("api.stripe.com", 443)] }, usual]);

            for (const [words, authority] of [
                ["one port", { exact: "istio.io:9999" }],
                ["no port", { exact: "istio.io" }],
                ["capitals", { exact: "ISTIO.IO" }],
                ["small letters", { prefix: "istio.io" }],
                ["a beginning of the name", { prefix: "istio" }],
                ["any port", { prefix: "istio.io:" }],
                ["some ports", { prefix: "istio.io:6" }],
                ["an expression", { regex: "istio\\.io(:80)?" }],
            ] as const) {
                it(`a route for ${words} leaves the others to the next one`, () => {
                    const { result, sources } = decide(first(authority));

                    assert.equal(result, "violated");
                    assert.ok(sources.includes("the workload cluster.local/ns/orders/sa/web"));
                });

                it(`a route for ${words} leads whoever writes that`, () => {
                    assert.equal(decide(byHost(authority)).result, "violated");
                });
            }

            for (const authority of [{ prefix: "" }, { regex: ".*" }]) {
                it(`a route for ${JSON.stringify(authority)} leaves nothing`, () => {
                    assert.equal(decide(first(authority)).result, "holds");
                });
            }

            it("a name that only a route mentions is one that callers can write", () => {
                const everyHost = edit(contained(), "VirtualService", "istio-egress/istio-io-http", spec => {
                    spec.hosts = ["*"];
                    spec.http = [
                        { match: [{ authority: { exact: "secret.example" } }], route: [to("api.stripe.com", 443)] },
                        { match: [{ authority: { exact: "istio.io" } }], ...usual },
                    ];
                });
                const forAll = object("security.istio.io/v1", "AuthorizationPolicy", "all", "istio-egress", {
                    rules: [{ to: [{ operation: { ports: ["8080"], notHosts: ["other.example"] } }] }],
                });

                assert.ok(
                    connections(claimOf([...everyHost, forAll])).includes("the gateway connects to api.stripe.com:443"),
                );
            });

            it("a policy that denies one spelling denies no other", () => {
                const denied = object("security.istio.io/v1", "AuthorizationPolicy", "no-stripe", "istio-egress", {
                    action: "DENY",
                    rules: [
                        {
                            from: [{ source: { notPrincipals: ["cluster.local/ns/payments/sa/api"] } }],
                            to: [{ operation: { ports: ["8080"], hosts: ["istio.io", "istio.io:*"] } }],
                        },
                    ],
                });
                const open = object("security.istio.io/v1", "AuthorizationPolicy", "open", "istio-egress", {
                    rules: [{ to: [{ operation: { ports: ["8080"] } }] }],
                });
                const claim = claimOf([...contained(), denied, open]);

                assert.ok(
                    claim.witnesses.some(({ hops }) =>
                        hops.some(({ decision }) => decision.includes("Host istio.io.")),
                    ),
                );
            });
        });

        it("a delegate is not followed", () => {
            assert.equal(decide(withRoutes([{ delegate: { name: "elsewhere" } }])).result, "unknown");
        });
    });

    describe("objects that a tenant has registered", () => {
        const tenantEntry = (host: string): Resource =>
            object("networking.istio.io/v1", "ServiceEntry", "mine", "team-a", {
                hosts: [host],
                resolution: "STATIC",
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
                endpoints: [{ address: "1.1.1.1" }],
            });

        it("give an allowed host other endpoints", () => {
            const claim = claimOf([...contained(), tenantEntry("api.stripe.com")]);

            assert.equal(claim.result, "violated");
            assert.deepEqual(claim.witnesses[0]!.packet, { protocol: "tcp", destination: "1.1.1.1", port: 443 });
        });

        it("do no harm with a host of their own: no route of the gateway leads there", () => {
            assert.equal(decide([...contained(), tenantEntry("new.example")]).result, "holds");
        });

        it("open a server on the gateway's pods, wherever the Gateway lives", () => {
            const gateway = (labels: Record<string, string>): Resource[] => [
                object("networking.istio.io/v1", "Gateway", "mine", "team-a", {
                    selector: labels,
                    servers: [
                        {
                            port: { number: 443, name: "tls", protocol: "TLS" },
                            hosts: ["mine.example"],
                            tls: { mode: "ISTIO_MUTUAL" },
                        },
                    ],
                }),
                object("networking.istio.io/v1", "VirtualService", "mine", "team-a", {
                    hosts: ["mine.example"],
                    gateways: ["mine"],
                    tcp: [{ route: [{ destination: { host: "istio.io", port: { number: 443 } } }] }],
                }),
            ];

            assert.equal(decide([...contained(), ...gateway({ istio: "egressgateway" })]).result, "violated");
            assert.equal(decide([...contained(), ...gateway({ istio: "ingressgateway" })]).result, "holds");
        });

        it("are beyond the model, if they rewrite the gateway's proxies", () => {
            const filter = (namespace: string): Resource =>
                object("networking.istio.io/v1alpha3", "EnvoyFilter", "patch", namespace, { configPatches: [] });

            assert.equal(decide([...contained(), filter("istio-system")]).result, "unknown");
            assert.equal(decide([...contained(), filter("istio-egress")]).result, "unknown");
            assert.equal(decide([...contained(), filter("team-a")]).result, "holds");
        });
    });

    describe("objects that nothing keeps a tenant from adding", () => {
        const without = (policy: string): Resource[] => contained().filter(({ name }) => name !== policy);

        it("a ServiceEntry re-points a declared host", () => {
            const claim = claimOf(without("registry"));

            assert.equal(claim.result, "violated");
            const [move, admission] = claim.witnesses[0]!.hops;
            assert.match(move!.decision, /^writes a ServiceEntry/);
            assert.match(admission!.decision, /no policy that is bound with Deny refuses CREATE serviceentries/);
            assert.deepEqual(claim.witnesses[0]!.packet?.destination, "1.1.1.1");
        });

        it("a Gateway elsewhere opens a server on the gateway's pods", () => {
            const moves = claimOf(without("gateways")).witnesses.map(({ hops }) => hops[0]!.decision);

            assert.ok(moves.some(decision => decision.includes('a Gateway with selector {"istio":"egressgateway"}')));
            assert.ok(moves.some(decision => decision.includes("a Gateway with selector {}")));
        });

        it("a VirtualService elsewhere leads the gateway's traffic to a Service of the tenant's", () => {
            const claim = claimOf(without("routes"));

            assert.equal(claim.result, "violated");
            assert.match(
                claim.witnesses[0]!.hops.at(-1)!.decision,
                /^the gateway connects to workloads behind Service .*\/relay, if this is the oldest of/,
            );
        });

        it("a Service claims addresses, which leaves the claim undecided", () => {
            const { result, reasons } = decide(without("addresses"));
            assert.equal(result, "unknown");
            assert.match(reasons.join(), /a tenant's Service with externalIPs/);
        });

        it("but for those who fill a namespace that the guard's declaration leaves alone", () => {
            const except = '|| object.metadata.namespace == "storage"';
            const spared = contained().map(resource => {
                const { spec } = resource.inputs as { spec?: { validations?: { expression: string }[] } };
                return resource.name !== "addresses" || spec?.validations === undefined
                    ? resource
                    : {
                          ...resource,
                          inputs: {
                              ...resource.inputs,
                              spec: {
                                  ...spec,
                                  validations: spec.validations.map(each => ({
                                      ...each,
                                      expression: `${each.expression} ${except}`,
                                  })),
                              },
                          },
                      };
            });
            const declared = (exemptNamespaces: readonly string[]): Resource => ({
                urn: "urn:guard",
                type: "egress-gateway:guard:Guard",
                name: "guard",
                inputs: { exemptNamespaces },
                dependsOn: [],
            });
            assert.equal(decide([...spared, declared([])]).result, "unknown");
            assert.equal(decide([...spared, declared(["storage"])]).result, "holds");
        });

        describe("because the guard lets pass", () => {
            // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as below
            const registry = (kind: string, change: (spec: any) => void): Resource[] =>
                contained().map(resource => {
                    if (resource.name !== "registry" || !resource.type.endsWith(`:${kind}`)) {
                        return resource;
                    }
                    const inputs = structuredClone(resource.inputs);
                    change(inputs["spec"]);
                    return { ...resource, inputs };
                });

            it("whoever is in a group that a tenant can be in", () => {
                const exempt = registry("ValidatingAdmissionPolicy", spec => {
                    spec.matchConditions = [
                        { name: "others", expression: '!("developers" in request.userInfo.groups)' },
                    ];
                });
                assert.equal(decide(exempt).result, "violated");
                assert.match(claimOf(exempt).witnesses[0]!.hops[1]!.decision, /of group developers/);
                const trusted = registry("ValidatingAdmissionPolicy", spec => {
                    spec.matchConditions = [
                        { name: "others", expression: '!("system:masters" in request.userInfo.groups)' },
                    ];
                });
                assert.equal(decide(trusted).result, "holds");
            });

            it("namespaces and objects with a label that the tenant writes", () => {
                const off = { matchExpressions: [{ key: "guard", operator: "NotIn", values: ["off"] }] };
                for (const selector of ["namespaceSelector", "objectSelector"]) {
                    const exempt = registry("ValidatingAdmissionPolicyBinding", spec => {
                        spec.matchResources = { [selector]: off };
                    });
                    assert.equal(decide(exempt).result, "violated", selector);
                }
            });
        });

        it("an EnvoyFilter or WasmPlugin leaves the claim undecided, and never held by silence", () => {
            for (const policy of ["extensions", "plugins"]) {
                const { result, reasons } = decide(without(policy));
                assert.equal(result, "unknown");
                assert.match(reasons.join(), /EnvoyFilter|WasmPlugin/);
            }
        });

        it("a policy without its binding guards nothing", () => {
            const resources = contained().filter(
                ({ name, type }) => !(name === "registry" && type.endsWith("Binding")),
            );

            assert.equal(decide(resources).result, "violated");
        });
    });

    describe("says which Istio it is about", () => {
        const withVersion = (version: unknown): Resource[] =>
            contained().map(resource =>
                resource.type.startsWith("egress-gateway:")
                    ? { ...resource, inputs: { ...resource.inputs, version } }
                    : resource,
            );
        const said = (version: string): string =>
            meshClaims(readWorld(withVersion(version))).assumptions.find(assumption =>
                assumption.startsWith("Routing follows"),
            )!;

        it("and whether the mesh is declared to be another", () => {
            assert.doesNotMatch(said("1.30.3"), /declared/);
            assert.match(said("1.27"), /the mesh is declared to be 1\.27/);
        });

        it("and cannot tell of a mesh that registers none", () => {
            const { result, reasons } = decide(withVersion(undefined));
            assert.equal(result, "unknown");
            assert.match(reasons.join(), /does not register version/);
        });
    });

    describe("what the gateway opens itself", () => {
        // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as below
        const opened = (change: (spec: any) => void): Resource[] =>
            edit(contained(), "DestinationRule", "istio-egress/hooks-example-com", change);
        const withTls = (tls: object): Resource[] =>
            opened(spec => {
                spec.trafficPolicy = { portLevelSettings: [{ port: { number: 443 }, tls }] };
            });

        for (const [words, tls] of [
            ["in the clear", { mode: "DISABLE" }],
            ["with the mesh's own certificate", { mode: "ISTIO_MUTUAL" }],
            ["for whoever answers", { mode: "SIMPLE", insecureSkipVerify: true }],
            ["without a look at the name", { mode: "SIMPLE", sni: "hooks.example.com" }],
            [
                "for another name as well",
                { mode: "SIMPLE", sni: "hooks.example.com", subjectAltNames: ["hooks.example.com", "evil.example"] },
            ],
            [
                "under another server name",
                { mode: "SIMPLE", sni: "evil.example", subjectAltNames: ["hooks.example.com"] },
            ],
        ] as const) {
            it(`is not to leave ${words}`, () => {
                const claim = claimOf(withTls(tls));

                assert.equal(claim.result, "violated");
                assert.match(claim.witnesses[0]!.source, /whoever may use hooks\.example\.com:443/);
            });
        }

        it("needs a rule that says so", () => {
            const without = contained().filter(
                ({ type, name }) => !(type.endsWith(":DestinationRule") && name === "istio-egress/hooks-example-com"),
            );

            assert.equal(decide(without).result, "violated");
            assert.equal(decide(opened(spec => void delete spec.trafficPolicy)).result, "violated");
        });

        it("may leave the choice of the name to Istio, which then checks it, or to the ServiceEntry", () => {
            assert.equal(decide(withTls({ mode: "SIMPLE" })).result, "holds");
            const named = edit(
                withTls({ mode: "SIMPLE", sni: "hooks.example.com" }),
                "ServiceEntry",
                "istio-egress/hooks-example-com",
                spec => {
                    spec.subjectAltNames = ["hooks.example.com"];
                },
            );
            assert.equal(decide(named).result, "holds");
        });

        it("is nothing where the application opens TLS itself", () => {
            const rule = object("networking.istio.io/v1", "DestinationRule", "stripe", "istio-egress", {
                host: "api.stripe.com",
                trafficPolicy: { tls: { mode: "SIMPLE" } },
            });

            assert.equal(decide([...contained(), rule]).result, "violated");
        });
    });

    describe("objects that the model does not follow", () => {
        const added = (apiVersion: string, kind: string, namespace: string, spec = {}): string =>
            decide([...contained(), object(apiVersion, kind, "added", namespace, spec)]).result;

        for (const [apiVersion, kind] of [
            ["extensions.istio.io/v1alpha1", "TrafficExtension"],
            ["extensions.istio.io/v1alpha1", "WasmPlugin"],
            ["networking.istio.io/v1beta1", "ProxyConfig"],
            ["networking.istio.io/v1", "WorkloadEntry"],
            ["security.istio.io/v1", "RequestAuthentication"],
        ] as const) {
            it(`a ${kind} matters where it changes the gateway's proxies`, () => {
                assert.equal(added(apiVersion, kind, "istio-egress"), "unknown");
                assert.equal(added(apiVersion, kind, "istio-system"), "unknown");
                assert.equal(added(apiVersion, kind, "payments"), "holds");
            });
        }

        for (const [apiVersion, kind] of [
            ["networking.istio.io/v2", "EgressRoute"],
            ["install.istio.io/v1alpha1", "IstioOperator"],
            ["sailoperator.io/v1", "Istio"],
            ["gateway.networking.x-k8s.io/v1alpha1", "XBackend"],
        ] as const) {
            it(`a ${kind} may do anything, wherever it is`, () => {
                assert.equal(added(apiVersion, kind, "team-a"), "unknown");
            });
        }

        it("objects of the Gateway API matter where they refer to the gateway's namespace", () => {
            const api = "gateway.networking.k8s.io/v1";
            const parent = (namespace?: string) => ({
                parentRefs: [{ name: "http", ...(namespace === undefined ? {} : { namespace }) }],
            });

            assert.equal(added(api, "HTTPRoute", "team-a", parent("istio-egress")), "unknown");
            assert.equal(added(api, "HTTPRoute", "istio-egress", parent()), "unknown");
            assert.equal(added(api, "HTTPRoute", "team-a", parent()), "holds");
            assert.equal(added(api, "Gateway", "team-a", { gatewayClassName: "istio-waypoint" }), "holds");
            assert.equal(added(api, "Gateway", "team-a", { addresses: [{ value: "egress-gateway" }] }), "unknown");
            assert.equal(
                added(api, "BackendTLSPolicy", "istio-egress", { targetRefs: [{ name: "hooks-example-com" }] }),
                "unknown",
            );
        });
    });

    describe("the mesh's own configuration", () => {
        const MESH: readonly (readonly [string, Record<string, unknown>, string])[] = [
            ["another trust domain", { trustDomain: "prod.example" }, "unknown"],
            ["the declared one", { trustDomain: "cluster.local", accessLogFile: "/dev/stdout" }, "holds"],
            ["aliases", { trustDomainAliases: ["old.example"] }, "unknown"],
            ["other authorities", { caCertificates: [{ pem: "…" }] }, "unknown"],
            ["another root namespace", { rootNamespace: "mesh-root" }, "unknown"],
            ["certificates that nobody checks", { verifyCertificateAtClient: false }, "unknown"],
            ["objects that are seen by their own namespace", { defaultVirtualServiceExportTo: ["."] }, "holds"],
            ["objects that are seen by some", { defaultServiceExportTo: ["team-a"] }, "unknown"],
            ["a bootstrap of one's own", { defaultConfig: { customConfigFile: "/etc/x.json" } }, "unknown"],
            [
                "what is no secret to the model",
                { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } } },
                "holds",
            ],
        ];
        const configMap = (mesh: unknown): Resource =>
            resourceOf({
                apiVersion: "v1",
                kind: "ConfigMap",
                metadata: { name: "istio", namespace: "istio-system" },
                data: { mesh },
            });
        const chart = (values: unknown): Resource => ({
            urn: "urn:istiod",
            type: "kubernetes:helm.sh/v3:Release",
            name: "istiod",
            inputs: { chart: "istiod", values },
            dependsOn: [],
        });

        for (const [words, mesh, expected] of MESH) {
            it(`with ${words} is read from its ConfigMap and from its chart`, () => {
                assert.equal(decide([...contained(), configMap(stringify(mesh))]).result, expected);
                assert.equal(decide([...contained(), chart({ meshConfig: mesh })]).result, expected);
            });
        }

        it("cannot be read before it is known, or from a file", () => {
            assert.equal(decide([...contained(), configMap(UNKNOWN)]).result, "unknown");
            assert.equal(decide([...contained(), configMap("{")]).result, "unknown");
            assert.equal(decide([...contained(), chart(UNKNOWN)]).result, "unknown");
            assert.equal(decide([...contained(), chart({ meshConfig: { trustDomain: UNKNOWN } })]).result, "unknown");
        });

        it("has switches that change what the model follows", () => {
            const flag = (value: string): Resource =>
                chart({ pilot: { env: { PILOT_SKIP_VALIDATE_TRUST_DOMAIN: value } } });

            assert.equal(decide([...contained(), flag("true")]).result, "unknown");
            assert.equal(decide([...contained(), flag("false")]).result, "holds");
        });
    });

    describe("cannot tell", () => {
        it("while a value is not known", () => {
            const resources = edit(contained(), "Gateway", "istio-egress/istio-io-443", spec => {
                spec.servers[0].tls.credentialName = UNKNOWN;
            });

            assert.equal(decide(resources).result, "unknown");
            assert.match(decide(resources).reasons.join(), /servers\[0\]\.tls\.credentialName is not known before up/);
        });

        it("without a declaration, if there are Istio objects", () => {
            assert.equal(
                decide(contained().filter(({ type }) => !type.startsWith("egress-gateway:"))).result,
                "unknown",
            );
        });

        it("when a chart installs objects out of sight, unless it is the mesh's own", () => {
            const chart = (name: string): Resource => ({
                urn: `urn:${name}`,
                type: "kubernetes:helm.sh/v3:Release",
                name,
                inputs: { chart: name },
                dependsOn: [],
            });

            assert.equal(decide([...contained(), chart("my-gateway")]).result, "unknown");
            assert.equal(decide([...contained(), chart("istiod")]).result, "holds");
        });
    });

    it("has nothing to say about a world without a mesh", () => {
        assert.deepEqual(
            decide([{ urn: "u", type: "gcp:storage/bucket:Bucket", name: "b", inputs: {}, dependsOn: [] }]),
            { result: "holds", sources: [], reasons: [] },
        );
    });

    it("is violated when a destination is declared that no chain serves", () => {
        const resources = [
            ...contained().filter(({ type }) => !type.startsWith("egress-gateway:")),
            declaration("mutual-tls", [
                {
                    host: "new.example",
                    ports: [{ number: 443, protocol: "tls" }],
                    allow: [{ namespace: "payments", serviceAccount: "api" }],
                },
            ]),
        ];

        assert.equal(decide(resources).result, "violated");
    });
});

function claimOf(resources: readonly Resource[]): Claim {
    const [claim] = meshClaims(readWorld(resources)).claims;
    assert.equal(claim?.id, "C4");
    return claim!;
}

function decide(resources: readonly Resource[]): {
    readonly result: string;
    readonly sources: readonly string[];
    readonly reasons: readonly string[];
} {
    const { result, witnesses, reasons } = claimOf(resources);
    return { result, sources: witnesses.map(({ source }) => source), reasons };
}

/** The last hops of the witnesses, each once. */
function connections({ witnesses }: Claim): string[] {
    return [...new Set(witnesses.map(({ hops }) => hops.at(-1)!.decision))].sort();
}

function object(
    apiVersion: string,
    kind: string,
    name: string,
    namespace: string,
    spec: Record<string, unknown>,
): Resource {
    return resourceOf({ apiVersion, kind, metadata: { name, namespace }, spec });
}

function find(resources: readonly Resource[], kind: string, name: string): Resource {
    const found = resources.find(resource => resource.type.endsWith(`:${kind}`) && resource.name === name);
    assert.ok(found, `${kind} ${name}`);
    return found;
}

/** A copy of the resources with the spec of one object changed. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests reach into specs of many kinds
function edit(resources: readonly Resource[], kind: string, name: string, change: (spec: any) => void): Resource[] {
    const original = find(resources, kind, name);
    const copy = structuredClone(original.inputs) as { spec: unknown };
    change(copy.spec);
    return resources.map(resource =>
        resource === original ? { ...resource, inputs: copy as Resource["inputs"] } : resource,
    );
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
function subset(spec: any, name: string): any {
    return spec.subsets.find((candidate: { readonly name: string }) => candidate.name === name);
}
