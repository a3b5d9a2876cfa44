import assert from "node:assert/strict";
import { type KubernetesObject } from "../../components/kubernetesObject";
import { type Sender } from "../../attacks";
import { developer } from "../../attacks/surroundings";
import { ensureTool } from "../../dev/tools";
import { succeeded } from "./harness/api";
import { type Cluster, installDefinitions, startCluster } from "./harness/cluster";
import { until } from "./harness/processes";
import { deployerOf, rendered } from "./harness/rendered";
import { refusedBy } from "./harness/send";

const COLLECTORS = [
    { collector: "google-managed-prometheus", kinds: ["PodMonitoring", "Rules"], statusIsApart: true },
    {
        collector: "prometheus-operator",
        labels: { release: "kube-prometheus-stack" },
        kinds: ["PodMonitor", "PrometheusRule"],
        statusIsApart: false,
    },
] as const;

describe("what monitoring makes, in a real API server with the real definitions", function () {
    this.timeout(120_000);
    const deployer: Sender = { user: deployerOf("dev") };
    /** Who writes status: no identity of the control plane, and none that the guard knows. */
    const operator: Sender = { user: "system:serviceaccount:monitoring:prometheus-operator" };
    let cluster: Cluster;

    before(async function () {
        this.timeout(1_800_000);
        cluster = await startCluster(
            [deployer, operator, developer],
            ["default", "istio-egress", "payments", "orders"],
        );
        const definitions = [await ensureTool("podmonitor-crd"), await ensureTool("prometheusrule-crd")];
        await installDefinitions(
            cluster.api,
            definitions.map(({ path }) => path),
        );
        const objects = await rendered("dev");
        for (const object of objects.filter(({ apiVersion }) => apiVersion.startsWith("admissionregistration"))) {
            succeeded(await cluster.api.create(object), object.metadata.name);
        }
        const stranger = {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "stranger", namespace: "istio-egress" },
        };
        await until("the guard to hold", 30, async () =>
            refusedBy(await cluster.api.create(stranger, { as: developer, dryRun: true })) === "gateway-namespace-owner"
                ? true
                : undefined,
        );
    });
    after(() => cluster?.stop());

    for (const { kinds, statusIsApart, ...monitoring } of COLLECTORS) {
        describe(`for ${monitoring.collector}`, () => {
            let objects: readonly KubernetesObject[];

            before(async () => {
                const all = await rendered("dev", config => ({ ...config, "egress-gateway:monitoring": monitoring }));
                objects = all.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
                assert.deepEqual(objects.map(({ kind }) => kind).sort(), kinds);
            });

            it("is accepted from the deployer, with no field that the definitions do not know", async () => {
                for (const object of objects) {
                    const answer = await cluster.api.apply(object, { as: deployer });
                    succeeded(answer, object.kind);
                    assert.deepEqual(answer.warnings, [], object.kind);
                }
            });

            it("would be told of a field that they do not know", async () => {
                for (const object of objects) {
                    const wrong = { ...object, spec: { ...(object as { spec?: object }).spec, podSelectors: {} } };
                    const answer = await cluster.api.apply(wrong as KubernetesObject, { as: deployer, dryRun: true });
                    assert.match([...answer.warnings, answer.body.message].join(), /podSelectors/, object.kind);
                }
            });

            it("is refused from anybody else in the gateway's namespace, but for the status, which its operator writes", async () => {
                for (const object of objects) {
                    const metadata = { ...object.metadata, name: "somebody-elses" };
                    const written = await cluster.api.create({ ...object, metadata }, { as: developer, dryRun: true });
                    assert.equal(refusedBy(written), "gateway-namespace-owner", object.kind);
                    if (!statusIsApart) {
                        continue;
                    }
                    const path = await cluster.api.path(object, "status");
                    const told = await cluster.api.request(
                        "PATCH",
                        `${path}?dryRun=All`,
                        { status: {} },
                        { as: operator, contentType: "application/merge-patch+json" },
                    );
                    assert.equal(refusedBy(told), undefined, object.kind);
                    assert.equal(told.status, 200, JSON.stringify(told.body));
                }
            });
        });
    }
});
