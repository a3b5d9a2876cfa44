import assert from "node:assert/strict";
import { type KubernetesObject } from "../../components/kubernetesObject";
import { type Sender } from "../../attacks";
import { onCall, replicaSetController } from "../../attacks/surroundings";
import { type Answer, type Api, succeeded } from "./harness/api";
import { type Cluster, startCluster } from "./harness/cluster";
import { until } from "./harness/processes";
import { deployerOf, rendered, withOneMore } from "./harness/rendered";
import { refusedBy } from "./harness/send";

/** What changes of an object when it is written, by identity of the object. */
type Versions = ReadonlyMap<string, string>;

for (const stack of ["dev", "prod", "local"]) {
    describe(`what render prints for ${stack}, in a real API server`, function () {
        this.timeout(120_000);
        const deployer: Sender = { user: deployerOf(stack) };
        let cluster: Cluster;
        let objects: readonly KubernetesObject[];
        let applied: Versions;

        before(async function () {
            this.timeout(1_800_000);
            objects = await rendered(stack);
            const own = objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
            const used = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
            cluster = await startCluster(
                [deployer, replicaSetController, onCall],
                ["default", ...[...used].filter(name => !own.includes(name))],
            );
        });
        after(() => cluster?.stop());

        it("is accepted by server-side apply, sent by the deployer and judged by its own guard", async () => {
            const guard = objects.filter(({ apiVersion }) => apiVersion.startsWith("admissionregistration"));
            await applyAll(cluster.api, guard, deployer);
            await until("the guard to hold", 30, async () => {
                const foreign = { apiVersion: "v1", kind: "Pod", metadata: { name: "foreign", namespace: "default" } };
                const spec = { containers: [{ name: "app", image: "app" }], tolerations: [{ operator: "Exists" }] };
                const answer = await cluster.api.create({ ...foreign, spec } as KubernetesObject, { dryRun: true });
                return refusedBy(answer) === "gateway-node-toleration" ? true : undefined;
            });
            applied = await applyAll(cluster.api, objects, deployer);
            assert.equal(applied.size, objects.length);
        });

        it("describes gateway pods that the guard accepts once they are injected", async () => {
            const deployment = objects.find(({ kind }) => kind === "Deployment") as KubernetesObject & {
                spec: Deployment;
            };
            const pod = injected(deployment);
            const answer = await cluster.api.create(pod, { as: replicaSetController, dryRun: true });
            assert.equal(answer.status, 201, JSON.stringify(answer.body));

            const elsewhere = { ...pod, metadata: { ...pod.metadata, namespace: "default" } };
            const refused = await cluster.api.create(elsewhere, { as: replicaSetController, dryRun: true });
            // It tolerates the taint and selects the nodes: either rule may be the first to say so.
            assert.match(refusedBy(refused) ?? "accepted", /^gateway-node-/, "the same pod in another namespace");
        });

        it("lets the break-glass group debug a gateway pod, in the profile that the namespace's standard admits", async () => {
            const deployment = objects.find(({ kind }) => kind === "Deployment") as KubernetesObject & {
                spec: Deployment;
            };
            const pod = injected(deployment);
            succeeded(await cluster.api.create(pod, { as: replicaSetController }), "a gateway pod");
            const debugged = (securityContext: object) =>
                cluster.api.request("PATCH", `${debugPath(pod)}?dryRun=All`, withDebugger(securityContext), {
                    as: onCall,
                    contentType: "application/strategic-merge-patch+json",
                });
            const restricted = await debugged({
                allowPrivilegeEscalation: false,
                runAsNonRoot: true,
                capabilities: { drop: ["ALL"] },
                seccompProfile: { type: "RuntimeDefault" },
            });
            assert.equal(restricted.status, 200, JSON.stringify(restricted.body));
            const general = await debugged({ capabilities: { add: ["SYS_PTRACE"] } });
            assert.match(general.body.message, /violates PodSecurity "restricted/);
            succeeded(await cluster.api.delete(pod, { as: replicaSetController }), "taking the pod away");
        });

        it("changes nothing when it is applied again", async () => {
            assert.deepEqual(await applyAll(cluster.api, objects, deployer), applied);
        });

        it("leaves other managers' fields alone, and takes none of theirs", async () => {
            for (const { apiVersion, kind, metadata } of objects) {
                const annotated = {
                    apiVersion,
                    kind,
                    metadata: { ...identity(metadata), annotations: { "acme/cost-centre": "42" } },
                };
                succeeded(
                    await cluster.api.apply(annotated, { as: deployer, fieldManager: "cost-centres" }),
                    `annotating ${metadata.name}`,
                );
            }
            applied = await applyAll(cluster.api, objects, deployer);
            for (const object of objects) {
                const { body } = await cluster.api.get(object);
                assert.equal(body.metadata.annotations["acme/cost-centre"], "42", describeObject(object));
                assert.deepEqual(ownersOf(body), ["cost-centres", "program"], describeObject(object));
            }
        });

        it("says so when somebody else wants a field of ours", async () => {
            const service = objects.find(({ kind }) => kind === "Service")!;
            const other = { ...service, spec: { type: "NodePort", ports: [{ name: "tls", port: 443 }] } };
            const answer = await cluster.api.apply(other, { as: deployer, fieldManager: "somebody-else" });
            assert.equal(answer.status, 409);
            assert.match(answer.body.message, /conflict with "program"/);
        });

        it("takes one more destination without touching the others, and gives it back without a trace", async () => {
            const before = await contents(cluster.api, objects);
            const more = await rendered(stack, withOneMore);
            const added = more.filter(object => !objects.some(other => key(other) === key(object)));
            assert.ok(added.length >= 8, `${added.length} objects are new`);

            const versions = await applyAll(cluster.api, more, deployer);
            const touched = objects.filter(object => versions.get(key(object)) !== applied.get(key(object)));
            assert.deepEqual(touched.map(describeObject).sort(), SHARED);

            for (const object of added) {
                succeeded(await cluster.api.delete(object, { as: deployer }), `removing ${describeObject(object)}`);
            }
            await applyAll(cluster.api, objects, deployer);
            assert.deepEqual(await contents(cluster.api, objects), before);
        });
    });
}

interface Deployment {
    readonly template: {
        readonly metadata: { readonly labels: Readonly<Record<string, string>> };
        readonly spec: { readonly containers: readonly Readonly<Record<string, unknown>>[] };
    };
}

/** What the injector makes of the gateway's template (Istio, files/gateway-injection-template.yaml). */
function injected({ metadata, spec: { template } }: KubernetesObject & { spec: Deployment }): KubernetesObject {
    const [proxy] = template.spec.containers;
    const labels = { ...template.metadata.labels, "service.istio.io/canonical-name": metadata.name };
    const args = ["proxy", "router", "--domain", "$(POD_NAMESPACE).svc.cluster.local"];
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...template.metadata, labels, name: `${metadata.name}-injected`, namespace: metadata.namespace },
        spec: { ...template.spec, containers: [{ ...proxy, image: "docker.io/istio/proxyv2:1.30.3", args }] },
    } as KubernetesObject;
}

/** As `kubectl debug` sends it. */
function withDebugger(securityContext: object): object {
    return { spec: { ephemeralContainers: [{ name: "debugger", image: "registry.example/tool:1", securityContext }] } };
}

function debugPath({ metadata }: KubernetesObject): string {
    return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/ephemeralcontainers`;
}

/** What the destinations of a namespace share, and what all share: the ports that leave. */
const SHARED = ["DestinationRule payments/egress-gateway", "NetworkPolicy istio-egress/allow-public"];

/** Applies in order; every answer has to be a success without a warning. */
async function applyAll(api: Api, objects: readonly KubernetesObject[], as: Sender): Promise<Versions> {
    const versions = new Map<string, string>();
    for (const object of objects) {
        const answer: Answer = await api.apply(object, { as, fieldManager: "program" });
        succeeded(answer, describeObject(object));
        assert.deepEqual(answer.warnings, [], describeObject(object));
        versions.set(key(object), answer.body.metadata.resourceVersion);
    }
    return versions;
}

/** Everything that the objects say, without what each write renews. */
async function contents(api: Api, objects: readonly KubernetesObject[]): Promise<unknown[]> {
    return Promise.all(
        objects.map(async object => {
            const { body } = await api.get(object);
            const {
                managedFields: _fields,
                resourceVersion: _version,
                generation: _generation,
                ...metadata
            } = body.metadata;
            return { ...body, metadata };
        }),
    );
}

function ownersOf(body: { metadata: { managedFields: { manager: string; operation: string }[] } }): string[] {
    return [...new Set(body.metadata.managedFields.map(({ manager }) => manager))].sort();
}

function identity({ name, namespace }: KubernetesObject["metadata"]): KubernetesObject["metadata"] {
    return namespace === undefined ? { name } : { name, namespace };
}

function key(object: KubernetesObject): string {
    return `${object.apiVersion} ${describeObject(object)}`;
}

function describeObject({ kind, metadata }: KubernetesObject): string {
    return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}
