import assert from "node:assert/strict";
import { compileGuard } from "../../components/guard/compile";
import { type GuardObject } from "../../components/guard/policy";
import { type GuardSettings } from "../../components/guard/settings";
import { catalogueSettings, type Sender, type SentObject } from "../../attacks";
import { app, gatewayPod, GATEWAY_TOLERATION, pod, workloadOf } from "../../attacks/objects";
import {
    administrator,
    CLIENT,
    controller,
    deployer,
    developer,
    ELSEWHERE,
    GATEWAY,
    onCall,
    RESOLVER,
    serviceAccount,
    SYSTEM,
} from "../../attacks/surroundings";
import { type Api, succeeded } from "./harness/api";
import { type Cluster } from "./harness/cluster";
import { guardedCluster, withoutRule, withRulesOf } from "./harness/guarded";
import { until } from "./harness/processes";
import { refusedBy, send } from "./harness/send";

/** Every right, which exempts from authorization and from nothing else. */
const RIGHTS = ["system:masters"];
const SAFE = { as: { user: "system:kube-controller-manager", groups: RIGHTS } };

describe("the guard at its limits", function () {
    this.timeout(120_000);
    let cluster: Cluster;
    let api: Api;
    before(async function () {
        this.timeout(1_800_000);
        cluster = await guardedCluster();
        ({ api } = cluster);
    });

    it("is not what refuses somebody without permission: RBAC is", async () => {
        const answer = await api.create(pod("nobody"), { as: { user: "nobody@acme.example" } });
        assert.equal(answer.status, 403);
        assert.equal(refusedBy(answer), undefined);
        assert.match(answer.body.message, /cannot create resource "pods"/);
    });

    describe("with objects from before it", () => {
        const deployment = workloadOf("Deployment", "from-before", { tolerations: [GATEWAY_TOLERATION] });
        const running = pod("from-before", { tolerations: [GATEWAY_TOLERATION], terminationGracePeriodSeconds: 0 });
        before(() =>
            withoutRule(api, "gateway-node-toleration", async () => {
                await until("the rule to be gone", 30, async () => {
                    const { status } = await api.create(deployment, { dryRun: true });
                    return status === 201 ? true : undefined;
                });
                succeeded(await api.create(deployment), "a Deployment from before");
                succeeded(await api.create(withFinalizer(running)), "a pod from before");
            }),
        );
        after(async () => {
            await api.delete(deployment, SAFE);
            await api.delete(running, SAFE);
        });

        it("lets them be scaled, labelled and annotated", async () => {
            await patched(api, deployment, { spec: { replicas: 0 } });
            await patched(api, deployment, { metadata: { labels: { touched: "yes" } } });
            await patched(api, running, { metadata: { annotations: { touched: "yes" } } });
        });

        it("refuses their next revision as long as the toleration is in it, and takes it without", async () => {
            const container = { ...app, image: "registry.acme.example/app:2" };
            const kept = await patch(api, deployment, { spec: { template: { spec: { containers: [container] } } } });
            assert.equal(refusedBy(kept), "gateway-node-toleration");
            await patched(api, deployment, {
                spec: { template: { spec: { containers: [container], tolerations: [] } } },
            });
        });

        it("refuses the pods that their controllers create anew", async () => {
            const answer = await api.create(running, { as: controller("replicaset-controller"), dryRun: true });
            assert.equal(refusedBy(answer), "gateway-node-toleration");
        });

        it("lets them be finalized and deleted", async () => {
            succeeded(await api.delete(running, { as: developer }), "deleting");
            await patched(api, running, { metadata: { finalizers: null } }, controller("job-controller").user);
            assert.equal((await api.get(running)).status, 404);
        });
    });

    it("judges large harmless objects within the API server's budget", async () => {
        const many = <T>(count: number, make: (index: number) => T) =>
            Array.from({ length: count }, (_, index) => make(index));
        const containers = many(150, index => ({
            ...app,
            name: `app-${index}`,
            env: many(40, variable => ({ name: `V_${variable}`, value: "x".repeat(40) })),
            securityContext: { capabilities: { add: many(20, capability => `SYS_${capability}`) } },
        }));
        const terms = many(50, index => ({
            matchExpressions: many(10, key => ({ key: `acme/${key}`, operator: "In", values: [`${index}`] })),
        }));
        const annotations = Object.fromEntries(many(200, index => [`acme/note-${index}`, "x".repeat(500)]));
        const large: SentObject[] = [
            workloadOf(
                "CronJob",
                "large",
                {
                    containers,
                    tolerations: many(300, index => ({ key: `acme/${index}`, operator: "Exists" })),
                    affinity: {
                        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
                    },
                },
                {
                    annotations: {
                        ...annotations,
                        "proxy.istio.io/config": `# ${"tuning ".repeat(10_000)}\nconcurrency: 2`,
                    },
                },
            ),
            {
                apiVersion: "discovery.k8s.io/v1",
                kind: "EndpointSlice",
                metadata: { name: "large", namespace: CLIENT },
                addressType: "IPv4",
                endpoints: many(1000, index => ({ addresses: [`10.20.${Math.floor(index / 250)}.${index % 250}`] })),
                ports: [{ port: 443 }],
            },
            {
                apiVersion: "networking.istio.io/v1",
                kind: "VirtualService",
                metadata: { name: "large", namespace: CLIENT },
                spec: {
                    hosts: many(1000, index => `shop-${index}.example.com`),
                    http: [{ route: [{ destination: { host: "shop" } }] }],
                },
            },
        ];
        for (const object of large) {
            const began = performance.now();
            const answer = await api.create(object, { as: developer, dryRun: true });
            assert.equal(answer.status, 201, `${object.kind}: ${JSON.stringify(answer.body).slice(0, 500)}`);
            console.log(
                `      ${object.kind}, ${JSON.stringify(object).length} bytes: ${Math.round(performance.now() - began)} ms`,
            );
        }
    });

    it("cannot be evaded by another value of the label that it knows namespaces by", async () => {
        const namespace: SentObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: ELSEWHERE } };
        const label = "kubernetes.io/metadata.name";
        const answer = await patch(
            api,
            namespace,
            { metadata: { labels: { [label]: "kube-system" } } },
            administrator.user,
        );
        assert.equal(succeeded(answer, "relabelling").body.metadata.labels[label], ELSEWHERE);
    });

    it("sees what steers the cluster's DNS in a collection that is deleted, where the request has no name", async () => {
        const inSystem = (name: string): SentObject => ({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name, namespace: SYSTEM, labels: { collection: name } },
        });
        const deleted = async (name: string) => {
            succeeded(await api.create(inSystem(name), SAFE), `ConfigMap ${name}`);
            try {
                const path = `/api/v1/namespaces/${SYSTEM}/configmaps?labelSelector=collection%3D${name}`;
                const answer = await api.request("DELETE", path, undefined, { as: administrator });
                const after = await api.get(inSystem(name));
                return { rule: refusedBy(answer), there: after.status === 200 };
            } finally {
                await api.delete(inSystem(name), SAFE);
            }
        };
        assert.deepEqual(await deleted("kube-dns"), { rule: "cluster-dns", there: true });
        assert.deepEqual(await deleted("another"), { rule: undefined, there: false });
    });

    it("writes into the audit log who broke the glass, and what was refused", async () => {
        const to = gatewayPod("watched");
        await send(api, { operation: "connect", to, subresource: "exec" }, onCall);
        await send(api, { operation: "connect", to, subresource: "exec" }, developer);
        const annotations = await until("the audit log", 30, async () => {
            const events = cluster.auditEvents().filter(({ requestURI }) => requestURI.includes("/pods/watched/exec"));
            return events.length >= 2 ? events.map(event => event.annotations ?? {}) : undefined;
        });
        const [broken, refused] = annotations;
        assert.equal(broken["egress-gateway.gateway-pod-access/break-glass"], "on-call@acme.example CONNECT pods");
        assert.match(refused["validation.policy.admission.k8s.io/validation_failure"], /\[gateway-pod-access\]/);
        assert.equal(refused["egress-gateway.gateway-pod-access/break-glass"], undefined);
    });

    it("only warns while it observes", async () => {
        await withRulesOf(api, { ...catalogueSettings, mode: "observe" }, "gateway-node-toleration", async () => {
            const hostile = pod("observed", { tolerations: [{ operator: "Exists" }] });
            const answer = await until("the binding to observe", 30, async () => {
                const observed = await api.create(hostile, { as: developer, dryRun: true });
                return observed.status === 201 && observed.warnings.length > 0 ? observed : undefined;
            });
            assert.match(answer.warnings.join(" "), /\[gateway-node-toleration\] tolerates every taint/);
        });
    });

    it("cannot judge changes of itself: admission configuration is exempt from admission policies", async () => {
        // Kubernetes exempts them, so that a policy cannot lock everybody out. RBAC has to protect the guard.
        const selfDefence: GuardObject = {
            ...compileGuard(catalogueSettings)[0],
            metadata: { name: "self-defence" },
            spec: {
                failurePolicy: "Fail",
                matchConstraints: {
                    matchPolicy: "Equivalent",
                    resourceRules: [
                        {
                            apiGroups: ["admissionregistration.k8s.io", ""],
                            apiVersions: ["*"],
                            operations: ["CREATE", "UPDATE", "DELETE"],
                            resources: [
                                "validatingadmissionpolicies",
                                "validatingadmissionpolicybindings",
                                "configmaps",
                            ],
                        },
                    ],
                },
                variables: [],
                validations: [
                    {
                        expression: "false",
                        message: "[self-defence] no",
                        messageExpression: '"[self-defence] no"',
                        reason: "Forbidden",
                    },
                ],
            },
        } as GuardObject;
        const binding = {
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingAdmissionPolicyBinding",
            metadata: { name: "self-defence" },
            spec: { policyName: "self-defence", validationActions: ["Deny"] },
        } as GuardObject;
        succeeded(await api.create(selfDefence), "self-defence");
        succeeded(await api.create(binding), "its binding");
        const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "any", namespace: ELSEWHERE } };
        await until("it to take effect", 30, async () =>
            refusedBy(await api.create(configMap, { as: administrator, dryRun: true })) === "self-defence"
                ? true
                : undefined,
        );
        succeeded(await api.delete(binding, { as: administrator }), "an administrator removes the binding");
        succeeded(await api.delete(selfDefence, { as: administrator }), "and the policy");
    });

    describe("follows its settings", () => {
        it("lets an annotation through that the mesh's own injector writes, with that value only", async () => {
            const key = "traffic.sidecar.istio.io/excludeOutboundIPRanges";
            const settings = { ...catalogueSettings, injectedAnnotations: { [key]: "169.254.169.254/32" } };
            await withRulesOf(api, settings, "client-traffic-capture", async () => {
                await becomes(api, pod("injected", {}, { annotations: { [key]: "169.254.169.254/32" } }), undefined);
                await becomes(
                    api,
                    pod("injected", {}, { annotations: { [key]: "169.254.169.254/31" } }),
                    "client-traffic-capture",
                );
            });
        });

        it("knows the proxy by a mirror of its own, and by nothing else then", async () => {
            const mirror = "europe-docker.pkg.dev/acme/istio/proxyv2";
            const proxy = { name: "istio-proxy", args: ["proxy", "sidecar"], securityContext: { runAsUser: 1337 } };
            await withRulesOf(
                api,
                { ...catalogueSettings, proxyImages: [mirror] },
                "client-proxy-impostor",
                async () => {
                    await becomes(
                        api,
                        pod("mirrored", { containers: [{ ...proxy, image: "docker.io/istio/proxyv2:1.30.3" }] }),
                        "client-proxy-impostor",
                    );
                    for (const image of [`${mirror}:1.30.3-distroless`, `${mirror}@sha256:${"0".repeat(64)}`]) {
                        await becomes(api, pod("mirrored", { containers: [{ ...proxy, image }] }), undefined);
                    }
                    await becomes(
                        api,
                        pod("mirrored", { containers: [{ ...proxy, image: `${mirror.replace(".", "x")}:1` }] }),
                        "client-proxy-impostor",
                    );
                },
            );
        });

        it("exempts by prefix, and names with quotes in them are names", async () => {
            const odd: Sender = { user: 'o"brien\\ ${x}@acme.example', groups: RIGHTS };
            const exemptUsers = [odd.user, `system:serviceaccount:${ELSEWHERE}:mesh-*`];
            const settings: GuardSettings = { ...catalogueSettings, exemptUsers };
            const entry: SentObject = {
                apiVersion: "networking.istio.io/v1",
                kind: "ServiceEntry",
                metadata: { name: "any", namespace: ELSEWHERE },
                spec: { hosts: ["ledger.internal"], resolution: "DNS" },
            };
            await withRulesOf(api, settings, "mesh-registry", async () => {
                await becomes(api, entry, "mesh-registry", deployer);
                await becomes(api, entry, undefined, odd);
                await becomes(api, entry, "mesh-registry", { ...odd, user: odd.user.replace("x", "y") });
                await becomes(api, entry, undefined, { ...serviceAccount(ELSEWHERE, "mesh-operator"), groups: RIGHTS });
                await becomes(api, entry, "mesh-registry", {
                    ...serviceAccount(ELSEWHERE, "operator"),
                    groups: RIGHTS,
                });
            });
        });

        it("is valid without clients, and with one", async () => {
            for (const clientNamespaces of [[], [CLIENT]]) {
                for (const object of compileGuard({ ...catalogueSettings, clientNamespaces })) {
                    const answer = await api.create(
                        { ...object, metadata: { ...object.metadata, name: `x-${object.metadata.name}` } },
                        { dryRun: true },
                    );
                    assert.equal(answer.status, 201, JSON.stringify(answer.body));
                }
            }
        });
    });

    it("leaves nothing of these tests behind", async () => {
        for (const namespace of [CLIENT, ELSEWHERE, GATEWAY, RESOLVER]) {
            const { body } = await api.request("GET", `/api/v1/namespaces/${namespace}/pods`);
            assert.deepEqual(body.items, []);
        }
    });
});

/** Waits until the API server answers as expected: policies change a moment after they are written. */
async function becomes(api: Api, object: SentObject, rule: string | undefined, as = developer): Promise<void> {
    await until(`${object.kind} to be ${rule === undefined ? "accepted" : `refused by ${rule}`}`, 20, async () => {
        const answer = await api.create(object, { as, dryRun: true });
        if (refusedBy(answer) !== rule || (rule === undefined && answer.status >= 300)) {
            throw new Error(`answered ${answer.status}: ${answer.body.message}`);
        }
        return true;
    });
}

function withFinalizer(object: SentObject): SentObject {
    return {
        ...object,
        metadata: { ...object.metadata, finalizers: ["acme.example/tracking"] } as SentObject["metadata"],
    };
}

async function patch(api: Api, object: SentObject, change: unknown, user = developer.user) {
    return api.request("PATCH", await api.path(object), change, {
        as: { ...developer, user },
        contentType: "application/merge-patch+json",
    });
}

async function patched(api: Api, object: SentObject, change: unknown, user?: string): Promise<void> {
    succeeded(await patch(api, object, change, user), `changing ${object.kind} ${object.metadata.name}`);
}
