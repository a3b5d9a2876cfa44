import assert from "node:assert/strict";
import { type Cluster, startCluster } from "../cluster/harness/cluster";
import { Engine, type EngineFailure, type StackUnderTest } from "./harness";

/** With rights to everything, so that a refusal is the guard's. */
const DEPLOYER = { user: "deployer@acme.example" };

describe("a deployer whom the guard does not know, in a real API server", function () {
    this.timeout(300_000);
    let cluster: Cluster;
    let engine: Engine;
    let stack: StackUnderTest;

    before(async () => {
        const namespaces = ["istio-system", "payments"];
        cluster = await startCluster([DEPLOYER], namespaces);
        engine = await Engine.start({ connection: cluster.connection, user: DEPLOYER.user });
        stack = await engine.stack({ name: "local", namespaces });
    });
    after(async () => {
        engine?.remove();
        await cluster?.stop();
    });

    it("is refused by the guard that it has just made, with the rule, before there is a gateway", async () => {
        stack.configure(config => (config["egress-gateway:guard"].exemptUsers = ["somebody-else"]));
        await assert.rejects(stack.up(), ({ output }: EngineFailure) => {
            assert.match(output, /denied request: \[[a-z-]+\]/);
            return true;
        });
        assert.deepEqual(
            engine.objects().filter(({ inputs }) => inputs.kind === "Deployment"),
            [],
        );
    });

    it("needs one `up` after its setting is mended, and then nothing", async () => {
        stack.configure(config => (config["egress-gateway:guard"].exemptUsers = [DEPLOYER.user]));
        await stack.up();
        await stack.preview({ expectNoChanges: true });
    });

    it("can take everything away again", async () => {
        await stack.destroy();
        const { body } = await cluster.api.get({
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: "egress-gateway", namespace: "istio-egress" },
        });
        assert.equal(body.code, 404);
        assert.deepEqual(engine.objects(), []);
    });
});
