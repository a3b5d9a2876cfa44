import assert from "node:assert/strict";
import { compileGuard } from "../../../components/guard/compile";
import { GUARD_RULE_LABEL } from "../../../components/guard/policy";
import { type GuardPolicyId, policyName } from "../../../components/guard/rules";
import { type Resource, UNKNOWN } from "../../../containment/resource";
import { schedulingClaims } from "../../../containment/scheduling/claims";
import { type Claim } from "../../../containment/verdict";
import { catalogueSettings } from "../../../attacks";
import { type KubernetesManifest, declaration, resourceOf, SURROUNDINGS } from "../mesh/fixture";
import { readWorld } from "../../../containment/world/world";

type Inputs = Record<string, unknown>;

const COMPONENT = "urn:pulumi:dev::egress-gateway::egress-gateway:node-pool:GatewayNodePool::gateway-pool";
const KEY = catalogueSettings.nodeKey;
const guard = (compileGuard(catalogueSettings) as unknown as readonly KubernetesManifest[]).map(resourceOf);
/** Whom the guard says it exempts. */
const declaredGuard: Resource = {
    urn: "urn:pulumi:dev::egress-gateway::egress-gateway:guard:Guard::guard",
    type: "egress-gateway:guard:Guard",
    name: "guard",
    inputs: { ...catalogueSettings },
    dependsOn: [],
};

function nodePool(name: string, nodeConfig: Inputs, parent?: string): Resource {
    return {
        urn: `urn:pool:${name}`,
        type: "gcp:container/nodePool:NodePool",
        name,
        inputs: { nodeConfig },
        dependsOn: [],
        ...(parent === undefined ? {} : { parent }),
    };
}

const gatewayConfig = {
    serviceAccount: catalogueSettings.gatewayNodeAccount,
    tags: [catalogueSettings.networkTag],
    labels: { [KEY]: "true" },
    taints: [{ key: KEY, value: "true", effect: "NO_EXECUTE" }],
};

const component: Resource = {
    urn: COMPONENT,
    type: "egress-gateway:node-pool:GatewayNodePool",
    name: "gateway-pool",
    inputs: { nodeAccount: catalogueSettings.gatewayNodeAccount, networkTag: catalogueSettings.networkTag },
    dependsOn: [],
};

const exceptLabelled = (key: string): object => ({ matchExpressions: [{ key, operator: "DoesNotExist" }] });

function world(
    gateway: Inputs = gatewayConfig,
    others: readonly Resource[] = [],
    rules: readonly Resource[] = guard,
): Resource[] {
    return [
        component,
        nodePool("gateway", gateway, COMPONENT),
        nodePool("app", { serviceAccount: "app@acme-dev.iam.gserviceaccount.com" }),
        declaration("mutual-tls"),
        ...SURROUNDINGS.map(resourceOf),
        ...(rules.length > 0 ? [declaredGuard] : []),
        ...rules,
        ...others,
    ];
}

describe("schedulingClaims", () => {
    it("holds for a tainted pool behind the guard", () => {
        const claim = claimOf(world());

        assert.deepEqual([claim.result, claim.witnesses, claim.reasons], ["holds", [], []]);
    });

    it("needs both locks", () => {
        const matrix = Object.fromEntries(
            schedulingClaims(readWorld(world())).locks.map(({ lock, without }) => [lock, without.C2]),
        );

        assert.deepEqual(matrix, { "taint of the gateway nodes": "violated", "admission guard": "violated" });
    });

    it("lists what the system runs there as a residual risk, with the namespaces that the guard leaves to it", () => {
        assert.match(
            schedulingClaims(readWorld(world())).residualRisks.join(),
            /DaemonSets of GKE.*kube-system.*gke-managed-system/,
        );
    });

    describe("says who gets onto the nodes", () => {
        it("without a guard: a pod that tolerates the taint, and a shell in a gateway pod", () => {
            const claim = claimOf(world(gatewayConfig, [], []));

            assert.ok(
                claim.witnesses.some(({ source }) =>
                    source.startsWith('a pod that tolerates the taint (tolerations: [{"key":"egress-gateway/node"'),
                ),
            );
            assert.deepEqual(
                claim.witnesses[0]!.hops.map(({ at }) => at),
                ["taint", "admission", "node pool"],
            );
            assert.equal(claim.witnesses[0]!.hops.at(-1)!.resource, "urn:pool:gateway");
        });

        it("without a guard, but with NO_EXECUTE: no pod that only names its node", () => {
            assert.ok(
                !sources(claimOf(world(gatewayConfig, [], []))).some(source => source.includes("tolerates nothing")),
            );
        });

        it("without a taint: a pod that asks for nothing", () => {
            assert.ok(
                sources(claimOf(world({ ...gatewayConfig, taints: [] }))).some(source =>
                    source.startsWith("a pod that asks for nothing"),
                ),
            );
        });

        it("with NO_SCHEDULE and no rule on node names: a pod that names its node and tolerates nothing", () => {
            const claim = claimOf(world(effect("NO_SCHEDULE"), [], withoutRule("gateway-node-name")));

            assert.ok(
                sources(claim).some(source => source.startsWith("a pod that names its node and tolerates nothing")),
            );
            assert.match(claim.witnesses[0]!.remedy, /NO_EXECUTE/);
        });

        it("with NO_EXECUTE and no rule on node names: nobody, since the kubelet asks for that effect", () => {
            assert.equal(claimOf(world(gatewayConfig, [], withoutRule("gateway-node-name"))).result, "holds");
        });

        it("with PREFER_NO_SCHEDULE: anybody, since it is a preference", () => {
            assert.ok(
                sources(claimOf(world(effect("PREFER_NO_SCHEDULE")))).some(source =>
                    source.startsWith("a pod that asks for nothing"),
                ),
            );
        });
    });

    describe("follows the guard rule by rule", () => {
        for (const [rule, ways] of [
            ["gateway-node-toleration", /tolerates|tolerations: /],
            ["gateway-namespace-pods", /in the gateway's namespace|gateway's service account/],
            ["gateway-pod-access", /a user starts in a gateway pod|debug container|has a node's kubelet start/],
            [
                "gateway-node-mark",
                /the taint (of|off) a gateway node|in place of a gateway node's|given it to the taint/,
            ],
            ["gateway-node-compute-class", /ComputeClass/],
        ] as const) {
            it(`without ${rule} exactly its ways are open`, () => {
                const claim = claimOf(world(gatewayConfig, [], withoutRule(rule)));

                assert.equal(claim.result, "violated");
                assert.deepEqual(
                    sources(claim).filter(source => !ways.test(source)),
                    [],
                );
            });
        }

        it("who tells the gateway's pods by what they say of themselves lets in whoever says the same", () => {
            const without = (...policies: readonly GuardPolicyId[]) =>
                guard.filter(({ name }) => !policies.map(policyName).includes(name));
            const senders = ["gateway-namespace-pods.maker", "gateway-namespace-owner"] as const;
            const claim = claimOf(world(gatewayConfig, [], without(...senders)));

            assert.equal(claim.result, "violated");
            for (const way of ["namespace (tolerations", "by a Deployment that a user changes", "by a DaemonSet"]) {
                assert.ok(
                    sources(claim).some(source => source.includes(way)),
                    way,
                );
            }

            const exact = edited(
                "ValidatingAdmissionPolicy",
                spec => ({
                    ...spec,
                    validations: [{ expression: 'variables.containers.all(c, c.image == "a@sha256:1")' }],
                }),
                "gateway-namespace-pods",
                without(...senders),
            );
            const undecided = claimOf(world(gatewayConfig, [], exact));
            assert.equal(undecided.result, "unknown");
            assert.match(undecided.reasons.join(), /looks at object.*image, which whoever asks may choose/);
        });

        it("who watches only for the taint's absence lets it be weakened or replaced", () => {
            const watches = (expression: string): readonly Resource[] =>
                edited(
                    "ValidatingAdmissionPolicy",
                    spec => ({ ...spec, variables: [], matchConditions: [], validations: [{ expression }] }),
                    "gateway-node-mark",
                );
            const some = claimOf(world(gatewayConfig, [], watches("size(object.spec.?taints.orValue([])) > 0")));
            assert.deepEqual(
                sources(some).filter(source => !/taint of a gateway node|in place of a gateway node's/.test(source)),
                [],
            );
            assert.ok(sources(some).some(source => source.includes("a preference")));

            const key = `object.spec.?taints.orValue([]).exists(t, t.key == "${KEY}" && t.effect == "NoExecute")`;
            assert.equal(claimOf(world(gatewayConfig, [], watches(key))).result, "holds");
            // The guard's own rule asks for the key alone, so that another value needs the same toleration.
            const open = edited(
                "ValidatingAdmissionPolicy",
                spec => ({
                    ...spec,
                    variables: [],
                    validations: [
                        {
                            expression: `object.spec.?tolerations.orValue([]).all(t, t.?key.orValue("") != "" && !(t.key == "${KEY}" && (t.?operator.orValue("Equal") != "Equal" || t.?value.orValue("") == "true")))`,
                        },
                    ],
                    matchConstraints: {
                        resourceRules: [
                            { apiGroups: [""], apiVersions: ["*"], operations: ["*"], resources: ["pods"] },
                        ],
                    },
                }),
                "gateway-node-toleration",
                watches(key),
            );
            assert.ok(
                sources(claimOf(world(gatewayConfig, [], open))).every(source => source.includes("another value")),
            );
        });

        it("who reads one place of a ComputeClass lets another one through", () => {
            const first = edited(
                "ValidatingAdmissionPolicy",
                spec => ({
                    ...spec,
                    variables: [],
                    validations: [
                        {
                            expression: `dyn(object).?spec.?nodePoolConfig.?serviceAccount.orValue("").trim().lowerAscii() != "${catalogueSettings.gatewayNodeAccount}"`,
                        },
                    ],
                }),
                "gateway-node-compute-class",
            );
            assert.deepEqual(
                sources(claimOf(world(gatewayConfig, [], first))).map(source => source.split(" with ").at(-1)),
                ["the gateway's service account", "the gateway's network tag"],
            );
        });

        it("who compares the beginning of a kubelet's path lets a doubled slash through", () => {
            const prefix = edited(
                "ValidatingAdmissionPolicy",
                spec => ({
                    ...spec,
                    variables: [],
                    validations: [{ expression: 'object.?path.orValue("").matches("^/(exec|run|attach)/") == false' }],
                }),
                "gateway-pod-access.kubelet",
            );
            assert.deepEqual(
                sources(claimOf(world(gatewayConfig, [], prefix))).map(source => /\((.*?)\)/.exec(source)?.[1]),
                ["//exec"],
            );
        });

        it("with NO_SCHEDULE, who lets controllers name nodes and never looks at templates lets a template name one", () => {
            const pods = edited(
                "ValidatingAdmissionPolicy",
                spec => ({
                    ...spec,
                    variables: [],
                    matchConditions: [
                        {
                            name: "tenants",
                            expression: '!request.userInfo.username.startsWith("system:serviceaccount:kube-system:")',
                        },
                    ],
                    matchConstraints: {
                        resourceRules: [
                            { apiGroups: [""], apiVersions: ["*"], operations: ["*"], resources: ["pods"] },
                        ],
                    },
                    validations: [{ expression: "!has(object.spec.nodeName)" }],
                }),
                "gateway-node-name",
                (
                    compileGuard({
                        ...catalogueSettings,
                        taintEffect: "NoSchedule",
                        placers: [],
                    }) as unknown as readonly KubernetesManifest[]
                ).map(resourceOf),
            );
            const claim = claimOf(world(effect("NO_SCHEDULE"), [], pods));
            assert.equal(claim.result, "violated");
            assert.deepEqual(
                sources(claim).filter(
                    source => !source.startsWith("a pod whose template names its node and tolerates nothing"),
                ),
                [],
            );
        });

        it("a rule about something else changes nothing", () => {
            assert.equal(claimOf(world(gatewayConfig, [], withoutRule("service-external-ips"))).result, "holds");
        });

        it("a policy without its binding guards nothing", () => {
            const rules = guard.filter(
                ({ type, name }) => !(type.endsWith("Binding") && name === "egress-gateway.gateway-node-toleration"),
            );

            assert.equal(claimOf(world(gatewayConfig, [], rules)).result, "violated");
        });

        it("a binding that only warns guards nothing", () => {
            const rules = edited("ValidatingAdmissionPolicyBinding", spec => ({
                ...spec,
                validationActions: ["Warn", "Audit"],
            }));

            assert.equal(claimOf(world(gatewayConfig, [], rules)).result, "violated");
        });

        it("an exemption for a namespace is a way in, named in the witness", () => {
            const rules = edited("ValidatingAdmissionPolicyBinding", spec => ({
                ...spec,
                matchResources: {
                    namespaceSelector: {
                        matchExpressions: [
                            {
                                key: "kubernetes.io/metadata.name",
                                operator: "NotIn",
                                values: ["kube-system", "istio-egress", "batch"],
                            },
                        ],
                    },
                },
            }));
            const claim = claimOf(world(gatewayConfig, [], rules));

            assert.equal(claim.result, "violated");
            assert.ok(sources(claim).every(source => source.endsWith("in namespace batch")));
        });

        for (const [where, matchResources] of [
            ["object", { objectSelector: exceptLabelled("example.com/exempt") }],
            ["namespace", { namespaceSelector: exceptLabelled("example.com/exempt") }],
        ] as const) {
            it(`an exemption by a label of the ${where}, which anybody may write, is a way in`, () => {
                const rules = edited("ValidatingAdmissionPolicyBinding", spec => ({ ...spec, matchResources }));
                const claim = claimOf(world(gatewayConfig, [], rules));

                assert.equal(claim.result, "violated");
                assert.match(JSON.stringify(claim.witnesses), /example\.com\/exempt/);
            });
        }

        it("an exemption for every namespace of a prefix is a way in, whether or not one of that name is known", () => {
            const rules = edited("ValidatingAdmissionPolicy", spec => ({
                ...spec,
                matchConditions: [{ name: "batch", expression: '!request.namespace.startsWith("batch-")' }],
            }));
            const claim = claimOf(world(gatewayConfig, [], rules));

            assert.equal(claim.result, "violated");
            assert.ok(sources(claim).every(source => source.endsWith("in namespace batch-x")));
        });

        it("a match condition that leaves an identity out is a way in", () => {
            const rules = edited("ValidatingAdmissionPolicy", spec => ({
                ...spec,
                matchConditions: [
                    { name: "friends", expression: '!request.userInfo.username.endsWith("@example.com")' },
                ],
            }));

            assert.equal(claimOf(world(gatewayConfig, [], rules)).result, "violated");
        });

        it("failurePolicy decides what an expression that fails is worth", () => {
            const failing = (failurePolicy: string): readonly Resource[] =>
                edited("ValidatingAdmissionPolicy", spec => ({
                    ...spec,
                    failurePolicy,
                    variables: [],
                    validations: [{ expression: "object.metadata.uid.never == 1" }],
                }));

            assert.equal(claimOf(world(gatewayConfig, [], failing("Fail"))).result, "holds");
            assert.equal(claimOf(world(gatewayConfig, [], failing("Ignore"))).result, "violated");
        });

        it("an expression that cannot be read leaves the claim undecided", () => {
            const rules = edited("ValidatingAdmissionPolicy", spec => ({
                ...spec,
                variables: [],
                validations: [{ expression: 'authorizer.group("").resource("pods").check("get").allowed()' }],
            }));
            const claim = claimOf(world(gatewayConfig, [], rules));

            assert.equal(claim.result, "unknown");
            assert.match(claim.reasons.join(), /gateway-node-toleration.*authorizer/);
        });

        it("a value that is not known before up leaves it undecided", () => {
            const rules = edited("ValidatingAdmissionPolicy", spec => ({ ...spec, validations: UNKNOWN }));

            assert.equal(claimOf(world(gatewayConfig, [], rules)).result, "unknown");
        });

        it("a webhook might refuse what no policy refuses, so it leaves it undecided", () => {
            const webhook = resourceOf({
                apiVersion: "admissionregistration.k8s.io/v1",
                kind: "ValidatingWebhookConfiguration",
                metadata: { name: "gatekeeper" },
                webhooks: [
                    { rules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"] }] },
                ],
            });

            assert.equal(claimOf(world(gatewayConfig, [webhook], [])).result, "unknown");
        });
    });

    describe("finds the gateway's nodes", () => {
        it("in a shared pool that the gateway's workload selects: others tolerate its well-known taint", () => {
            const system = nodePool("system", {
                serviceAccount: "system@acme-dev.iam.gserviceaccount.com",
                tags: [catalogueSettings.networkTag],
                labels: { "resource-type": "system" },
                taints: [{ key: "components.gke.io/gke-managed-components", value: "true", effect: "NO_SCHEDULE" }],
            });
            const gateway = resourceOf({
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: "egress-gateway", namespace: "istio-egress" },
                spec: {
                    template: {
                        metadata: { labels: { istio: "egressgateway" } },
                        spec: {
                            tolerations: [{ key: "components.gke.io/gke-managed-components", operator: "Exists" }],
                            affinity: {
                                nodeAffinity: {
                                    requiredDuringSchedulingIgnoredDuringExecution: {
                                        nodeSelectorTerms: [
                                            {
                                                matchExpressions: [
                                                    { key: "resource-type", operator: "In", values: ["system"] },
                                                ],
                                            },
                                        ],
                                    },
                                },
                            },
                        },
                    },
                },
            });
            const shared = [
                ...world().filter(({ name, type }) => name !== "gateway" && !type.endsWith(":Deployment")),
                system,
                gateway,
            ];
            const claim = claimOf(shared);

            assert.equal(claim.result, "violated");
            assert.ok(
                sources(claim).some(source => source.includes('"key":"components.gke.io/gke-managed-components"')),
            );
            assert.ok(claim.witnesses.every(({ hops }) => hops.at(-1)!.resource === "urn:pool:system"));
        });

        it("in every pool that shares the service account, tainted or not", () => {
            const twin = nodePool("twin", { serviceAccount: catalogueSettings.gatewayNodeAccount });
            const claim = claimOf(world(gatewayConfig, [twin]));

            assert.equal(claim.result, "violated");
            assert.match(claim.witnesses[0]!.hops.at(-1)!.decision, /run as the gateway's service account/);
        });

        it("and not in a pool of its own identity", () => {
            assert.equal(
                claimOf(
                    world(gatewayConfig, [
                        nodePool("batch", { serviceAccount: "batch@acme-dev.iam.gserviceaccount.com" }),
                    ]),
                ).result,
                "holds",
            );
        });

        it("but not while the identity of some pool is unknown", () => {
            const claim = claimOf(world(gatewayConfig, [nodePool("other", { serviceAccount: UNKNOWN })]));

            assert.equal(claim.result, "unknown");
            assert.match(claim.reasons.join(), /nodeConfig\.serviceAccount is not known before up/);
        });

        it("nor where the gateway runs on nodes that nobody shows", () => {
            assert.equal(
                claimOf(world().filter(({ type }) => type !== "gcp:container/nodePool:NodePool")).result,
                "unknown",
            );
        });
    });

    it("names what installs objects that are not shown, and not what has shown them", () => {
        const installer = (type: string, inputs: Inputs): Resource => ({
            urn: `urn:${type}`,
            type,
            name: "installer",
            inputs,
            dependsOn: [],
        });
        const installers = [
            installer("kubernetes:helm.sh/v3:Release", { chart: "datadog" }),
            installer("kubernetes:helm.sh/v4:Chart", { chart: "argo-cd" }),
            installer("kubernetes:yaml/v2:ConfigFile", { file: "all.yaml" }),
            installer("kubernetes:yaml:ConfigGroup", { files: ["more.yaml"] }),
            installer("kubernetes:kustomize/v2:Directory", { directory: "./overlay" }),
        ];
        const told = (others: readonly Resource[]) =>
            schedulingClaims(readWorld(world(gatewayConfig, others))).assumptions.flatMap(
                text => /installs \((.*?)\)/.exec(text)?.[1] ?? [],
            );
        assert.deepEqual(told(installers), ["datadog", "argo-cd", "all.yaml", "more.yaml", "./overlay"]);

        const child = {
            ...nodePool("child", {}, "urn:kubernetes:helm.sh/v4:Chart"),
            type: "kubernetes:core/v1:Service",
        };
        assert.ok(!told([...installers, child]).includes("argo-cd"));
    });

    it("cannot tell of a world without a gateway, since there is nothing to judge", () => {
        const claim = claimOf([nodePool("app", { serviceAccount: "app@acme-dev.iam.gserviceaccount.com" })]);

        assert.equal(claim.result, "unknown");
        assert.match(claim.reasons.join(), /no pool of the gateway/);
    });
});

function effect(name: string): Inputs {
    return { ...gatewayConfig, taints: [{ key: KEY, value: "true", effect: name }] };
}

function withoutRule(rule: string): Resource[] {
    return guard.filter(
        ({ inputs }) => (inputs.metadata as { labels: Record<string, string> }).labels[GUARD_RULE_LABEL] !== rule,
    );
}

/** The guard with the specs of one policy changed. */
function edited(
    kind: string,
    change: (spec: Inputs) => Inputs,
    policy: GuardPolicyId = "gateway-node-toleration",
    rules: readonly Resource[] = guard,
): Resource[] {
    return rules.map(resource =>
        resource.type.endsWith(`:${kind}`) && resource.name === policyName(policy)
            ? { ...resource, inputs: { ...resource.inputs, spec: change(resource.inputs.spec as Inputs) } }
            : resource,
    );
}

function claimOf(resources: readonly Resource[]): Claim {
    const [claim] = schedulingClaims(readWorld(resources)).claims;
    assert.equal(claim?.id, "C2");
    return claim!;
}

function sources({ witnesses }: Claim): string[] {
    return witnesses.map(({ source }) => source);
}
