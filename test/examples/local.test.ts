import assert from "node:assert/strict";
import { type Plan } from "../../plan/offline";
import { kubernetesObjects } from "../../components/kubernetesObject";
import { plannedIn } from "./planned";

describe("the local stack", () => {
    let plan: Plan;

    before(async () => {
        plan = await plannedIn({ folder: ".", stack: "local" });
    });

    it("asks nothing of Google, and reaches the cluster by its own context", () => {
        assert.deepEqual(
            plan.resources.filter(({ type }) => type.startsWith("gcp:") || type === "pulumi:providers:gcp"),
            [],
        );
        const provider = plan.resources.find(({ type }) => type === "pulumi:providers:kubernetes");
        assert.equal(provider?.inputs["context"], "kind-egress");
    });

    it("says first and plainly that nothing encloses the mesh", () => {
        assert.match(plan.warnings[0] ?? "", /nothing here encloses the mesh, and every pod may leave directly/);
    });

    it("has everything that a cluster can hold: gateway, mesh, network policies and guard", () => {
        const kinds = new Set(kubernetesObjects(plan.resources).map(({ kind }) => kind));
        for (const kind of [
            "Deployment",
            "Service",
            "ServiceEntry",
            "Gateway",
            "VirtualService",
            "DestinationRule",
            "Sidecar",
            "AuthorizationPolicy",
            "NetworkPolicy",
            "ValidatingAdmissionPolicy",
        ]) {
            assert.ok(kinds.has(kind), kind);
        }
    });

    it("runs the gateway on labelled nodes, whether or not they have zones", () => {
        const deployment = plan.resources.find(({ type }) => type === "kubernetes:apps/v1:Deployment");
        const { template } = deployment?.inputs["spec"] as {
            template: { spec: { nodeSelector: object; topologySpreadConstraints: { whenUnsatisfiable: string }[] } };
        };
        assert.deepEqual(template.spec.nodeSelector, { "egress-gateway/node": "true" });
        assert.deepEqual(
            template.spec.topologySpreadConstraints.filter(
                ({ whenUnsatisfiable }) => whenUnsatisfiable !== "ScheduleAnyway",
            ),
            [],
        );
    });

    it("gives applications the same contract, without addresses of its own", () => {
        assert.deepEqual(plan.outputs["natAddresses"], []);
        assert.equal((plan.outputs["destinations"] as unknown[]).length, 3);
    });

    it("is refused without the context of a cluster", async () => {
        const refused = plannedIn({
            folder: ".",
            stack: "local",
            configure: config => {
                delete config["egress-gateway:kubernetes"];
            },
        });
        await assert.rejects(refused, /egress-gateway:kubernetes\.context/);
    });
});
