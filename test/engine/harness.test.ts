import assert from "node:assert/strict";
import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import { type Configuration, type EngineFailure, type StackOptions, withStack } from "./harness";
import { UNKNOWN } from "../../containment/resource";

/** A few resources of both providers, small enough to say exactly what the engine must do with them. */
async function smallProgram() {
    const google = new gcp.Provider("google", { project: "acme", region: "europe-west1" });
    const account = new gcp.serviceaccount.Account("nodes", { accountId: "nodes" }, { provider: google });
    const address = new gcp.compute.Address("exit", { addressType: "EXTERNAL" }, { provider: google, protect: true });
    const router = new gcp.compute.Router(
        "router",
        { name: "router", network: "acme", description: account.email },
        { provider: google },
    );
    new gcp.compute.RouterNat(
        "nat",
        {
            router: router.name,
            natIps: [address.id],
            natIpAllocateOption: "MANUAL_ONLY",
            sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        },
        { provider: google },
    );
    const cluster = new k8s.Provider("cluster", { kubeconfig: "{}", clusterIdentifier: "acme" });
    const namespace = new k8s.core.v1.Namespace(
        "istio-egress",
        { metadata: { name: "istio-egress" } },
        { provider: cluster },
    );
    new k8s.apiextensions.CustomResource(
        "istio.io",
        {
            apiVersion: "networking.istio.io/v1",
            kind: "ServiceEntry",
            metadata: { name: "istio-io", namespace: namespace.metadata.name },
            spec: { hosts: ["istio.io"] },
        },
        { provider: cluster },
    );
    return { email: account.email, address: address.address };
}

const OPTIONS: StackOptions = {
    program: smallProgram,
    projectName: "small",
    configure: (config: Configuration) => {
        config["pulumi:disable-default-providers"] = ["gcp", "kubernetes"];
    },
};

describe("the engine with the test providers", () => {
    it("leaves unknown in a preview what only the cloud can know, and knows the rest", () =>
        withStack(OPTIONS, async (stack, engine) => {
            const { document } = await stack.preview();
            const find = (type: string) => document.steps.find(step => step.newState?.type === type)?.newState;

            assert.equal(find("gcp:compute/routerNat:RouterNat")?.inputs?.router, "router");
            assert.deepEqual(find("gcp:compute/routerNat:RouterNat")?.inputs?.natIps, [UNKNOWN]);
            assert.equal(find("gcp:compute/router:Router")?.inputs?.description, UNKNOWN);
            assert.equal(find("gcp:compute/address:Address")?.protect, true);
            assert.equal(
                (find("kubernetes:networking.istio.io/v1:ServiceEntry")?.inputs?.metadata as { namespace: string })
                    .namespace,
                "istio-egress",
            );
            assert.deepEqual(engine.objects(), []);
        }));

    it("creates everything once, then finds nothing to do, then refuses to destroy what is protected", () =>
        withStack(OPTIONS, async (stack, engine) => {
            const { counts } = await stack.up();
            assert.equal(counts.create, 9);
            assert.equal(engine.objects().length, 6);
            const { email } = await stack.outputs();
            assert.equal(email, "nodes@acme.iam.gserviceaccount.com");

            await stack.preview({ expectNoChanges: true });
            assert.deepEqual((await stack.up()).changes, {});
            assert.deepEqual((await stack.refresh({ expectNoChanges: true })).changes, {});

            await assert.rejects(stack.destroy(), (error: EngineFailure) => /protect/.test(error.output));
            await stack.unprotect();
            await stack.destroy();
            assert.deepEqual(engine.objects(), []);
        }));

    it("meets a fault that a test asked for, once", () =>
        withStack(OPTIONS, async (stack, engine) => {
            engine.failOnce("create", "nat");
            await assert.rejects(stack.up(), (error: EngineFailure) => /the create of nat failed/.test(error.output));
            const before = engine.objects().length;
            assert.ok(before > 0 && before < 6, `${before} objects`);
            await stack.up();
            assert.equal(engine.objects().length, 6);
        }));

    describe("with a policy pack", () => {
        const PACK = "test/engine/fixtures/pack";

        it("previews and deploys what the pack allows", () =>
            withStack(OPTIONS, async (stack, engine) => {
                assert.deepEqual((await stack.preview({ policyPacks: [PACK] })).violations, []);
                await stack.up({ policyPacks: [PACK] });
                assert.equal(engine.objects().length, 6);
            }));

        it("fails a preview on a resource rule, with its message", () =>
            withStack(OPTIONS, async stack => {
                const configured = { policyPacks: [PACK], policyPackConfigs: [`${PACK}/refuse-istio.json`] };
                await assert.rejects(stack.preview(configured), (error: EngineFailure) => {
                    const [{ policy, level, message, urn }, ...others] = error.violations;
                    assert.deepEqual([policy, level, others], ["host-is-not-refused", "mandatory", []]);
                    assert.match(message, /istio\.io is refused/);
                    assert.match(urn ?? "", /::istio\.io$/);
                    return true;
                });
            }));

        it("fails a preview on a stack rule, with its message", () =>
            withStack(OPTIONS, async stack => {
                const configured = { policyPacks: [PACK], policyPackConfigs: [`${PACK}/want-a-network.json`] };
                await assert.rejects(stack.preview(configured), (error: EngineFailure) => {
                    assert.match(error.violations[0].message, /there is no gcp:compute\/network:Network/);
                    return true;
                });
            }));
    });

    it("refuses to create what exists already", () =>
        withStack(OPTIONS, async (stack, engine) => {
            engine.drift(world => {
                const type = "gcp:compute/router:Router";
                world.add({ type, id: "projects/acme/regions/europe-west1/routers/router", inputs: {}, outputs: {} });
            });
            await assert.rejects(stack.up(), (error: EngineFailure) =>
                /409: .*Router .* already exists/.test(error.output),
            );
        }));

    it("refuses an object in a namespace that does not exist, and takes it once it does", async () => {
        const program = async () => {
            const cluster = new k8s.Provider("cluster", { kubeconfig: "{}" });
            new k8s.core.v1.ConfigMap("c", { metadata: { name: "c", namespace: "elsewhere" } }, { provider: cluster });
        };
        const up = (namespaces: string[]) =>
            withStack({ program, projectName: "small", namespaces }, async stack => (await stack.up()).counts.create);
        await assert.rejects(up([]), (error: EngineFailure) =>
            /404: .*ConfigMap c needs .*Namespace elsewhere/.test(error.output),
        );
        assert.equal(await up(["elsewhere"]), 3);
    });
});
