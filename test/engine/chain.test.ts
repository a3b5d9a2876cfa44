import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";
import { type EgressOutputs } from "../../contract/egress";
import { type Configuration, Engine, EngineFailure, type Preview, type StackUnderTest } from "./harness";
import { assertShown, shownAs } from "./walkthrough";

const WORKLOAD = { namespace: "payments", serviceAccount: "api" };
const PLATFORM = "organization/platform/dev";

interface Destination {
    readonly host: string;
    allow: { readonly namespace: string; readonly serviceAccount: string }[];
}

function allowed(config: Configuration, host: string): Destination {
    const destination = (config["egress-gateway:destinations"] as Destination[]).find(entry => entry.host === host);
    assert.ok(destination);
    return destination;
}

/** What the engine printed when it refused an operation. */
async function refusal(operation: Promise<unknown>): Promise<string> {
    try {
        await operation;
    } catch (error) {
        assert.ok(error instanceof EngineFailure, String(error));
        return error.output;
    }
    return assert.fail("expected the engine to refuse this");
}

/** Each test is the next step: the stacks live on one backend from the first platform to the last destroy. */
describe("platform, egress gateway and application on one backend", function () {
    this.timeout(600_000);
    this.bail(true);

    let engine: Engine;
    let platform: StackUnderTest;
    let egress: StackUnderTest;
    let application: StackUnderTest;

    before(async () => {
        execFileSync(process.execPath, ["policy/build.cjs"], { cwd: path.resolve(__dirname, "..", "..") });
        engine = await Engine.start();
        egress = await engine.stack({
            configure: config => {
                config["egress-gateway:platform"] = { stack: PLATFORM };
            },
        });
        application = await engine.stack({ folder: "examples/application" });
    });

    after(() => engine.remove());

    const objects = (...types: string[]): number => engine.objects().filter(({ type }) => types.includes(type)).length;

    it("refuses the egress gateway on a platform that the backend does not know", async () => {
        assertShown("unknown stack", await refusal(egress.preview()));
    });

    it("refuses it on a platform that was never deployed, and says so", async () => {
        platform = await engine.stack({ folder: "examples/platform" });
        assertShown("no platform", await refusal(egress.preview()));
    });

    it("refuses the application on an egress gateway that was never deployed, and says so", async () => {
        assert.match(
            await refusal(application.preview()),
            /The stack exists but was never deployed, or was destroyed: run `pulumi up -s organization\/egress-gateway\/dev` first/,
        );
    });

    it("finds nothing in the platform that the policies refuse", async () => {
        const { violations } = await platform.preview({
            policyPacks: ["policy"],
            policyPackConfigs: ["examples/platform/policy.json"],
        });
        assert.deepEqual(
            violations.filter(({ policy }) => policy !== "waived"),
            [],
        );
    });

    it("brings up the platform, nodes included, while nothing denies and nothing leads out", async () => {
        const { counts } = await platform.up();
        assert.ok((counts["create"] ?? 0) > 25, JSON.stringify(counts));
        assert.equal(objects("gcp:container/nodePool:NodePool"), 1);
        assert.equal(objects("gcp:compute/routerNat:RouterNat", "gcp:compute/address:Address"), 0);
        assert.deepEqual((await platform.outputs())["platform"], JSON.parse(shownAs("platform")));
        await unchanged(platform);
    });

    it("brings up the egress gateway on the platform's outputs, and then finds nothing to do", async () => {
        await egress.up({ policyPacks: ["policy"] });
        const outputs = (await egress.outputs()) as unknown as EgressOutputs;
        assert.deepEqual(outputs.natAddresses, JSON.parse(shownAs("addresses")));
        assert.equal(objects("gcp:container/nodePool:NodePool"), 2);
        await unchanged(egress);
    });

    it("refuses the application at preview for a destination that is not allowed, with what to write where and whom to ask", async () => {
        const output = await refusal(application.preview());
        assertShown("refused", output);
        assert.doesNotMatch(output, /istio\.io|hooks\.example\.com|\.ts:\d+/);
        assert.equal(objects("kubernetes:apps/v1:Deployment"), await deployments(egress));
    });

    it("takes it once the egress gateway allows the destination", async () => {
        egress.configure(config => allowed(config, "db.example.com").allow.push(WORKLOAD));
        await egress.up();
        const preview = await application.preview({
            policyPacks: ["policy"],
            policyPackConfigs: ["examples/application/policy.json"],
        });
        assert.deepEqual(preview.violations, []);
        assert.deepEqual(
            changesIn(preview)
                .map(({ op, newState }) => `${op} ${newState?.type}`)
                .sort(),
            [
                "create application:workload:Workload",
                "create kubernetes:apps/v1:Deployment",
                "create kubernetes:core/v1:ServiceAccount",
                "create pulumi:providers:kubernetes",
            ],
        );
        await application.up();
        assertShown("application", await application.cli(["stack", "output"]));
        await unchanged(application);
    });

    it("brings a new NAT address to the application, which tells its partners", async () => {
        const before = (await application.outputs())["sourceAddresses"] as string[];
        egress.configure(config => (config["egress-gateway:nat"].addresses = 3));
        await egress.up();
        await application.up();
        const after = (await application.outputs())["sourceAddresses"] as string[];
        assert.equal(after.length, 3);
        assert.deepEqual(
            after.filter(address => before.includes(address)),
            before,
        );
    });

    it("refuses the application's next preview when the egress gateway takes a destination away from it", async () => {
        egress.configure(
            config =>
                (allowed(config, "hooks.example.com").allow = [{ namespace: "payments", serviceAccount: "ledger" }]),
        );
        await egress.up();
        assert.match(
            await refusal(application.preview()),
            /In namespace payments it is open to the service account ledger, not to api\./,
        );
        egress.configure(config => (allowed(config, "hooks.example.com").allow = [WORKLOAD]));
        await egress.up();
        assert.deepEqual(changesIn(await application.preview()), []);
    });

    it("refuses to destroy the platform by mistake, and leaves everything as it was", async () => {
        const before = engine.objects();
        assertShown("protected", await refusal(platform.previewDestroy()));
        assert.match(await refusal(platform.destroy()), /cannot be deleted\s+because it is protected/);
        assert.deepEqual(engine.objects(), before);
    });

    it("refuses to destroy the egress gateway by mistake, and keeps its addresses even from a destroy without preview", async () => {
        const { natAddresses } = (await egress.outputs()) as unknown as EgressOutputs;
        assert.match(await refusal(egress.previewDestroy()), /cannot be deleted\s+because it is protected/);
        assert.match(await refusal(egress.destroy()), /perimeter-nat-\d.* cannot be deleted\s+because it is protected/);
        assert.equal(objects("gcp:compute/routerNat:RouterNat"), 0);
        assert.equal(objects("gcp:compute/address:Address"), natAddresses.length);
        await egress.up();
        assert.deepEqual((await egress.outputs())["natAddresses"], natAddresses);
        assert.deepEqual(changesIn(await application.preview()), []);
    });

    it("is refused by Google when the platform goes first, even with nothing protected", async () => {
        await application.destroy();
        platform.configure(config => (config["platform:protect"] = false));
        await platform.up();
        assert.match(await refusal(platform.destroy()), /400: .*(Network|Subnetwork) .* is in use by gcp:/);
        assert.equal(objects("gcp:compute/network:Network"), 1);
    });

    it("destroys the egress gateway next, and then tells an application what is gone", async () => {
        await egress.unprotect();
        await egress.destroy();
        assert.equal(objects("gcp:compute/routerNat:RouterNat", "gcp:compute/address:Address"), 0);
        assert.match(await refusal(application.preview()), /was never deployed, or was destroyed/);
    });

    it("destroys the platform last, and nothing is left", async () => {
        await platform.destroy();
        assert.deepEqual(engine.objects(), []);
    });
});

/** A second `up`. Another stack's outputs are read every time. */
async function unchanged(stack: StackUnderTest): Promise<void> {
    const { read: _, ...changes } = (await stack.up()).changes;
    assert.deepEqual(changes, {});
}

function changesIn({ changes }: Preview): Preview["changes"] {
    return changes.filter(({ op }) => op !== "read");
}

async function deployments(stack: StackUnderTest): Promise<number> {
    return (await stack.resources()).filter(({ type }) => type === "kubernetes:apps/v1:Deployment").length;
}
