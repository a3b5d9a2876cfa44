import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { diff } from "../../cli/commands/diff";
import { prove } from "../../cli/commands/prove";
import { sayInto } from "../../cli/output";
import { GoogleApi } from "../../live/google/api";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { Rig, type Stack, stackOf } from "../live/deployed/rig";

describe("commands about what is deployed", function () {
    this.timeout(120_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "live-"));
    const file = (name: string): string => path.join(folder, name);
    // Where Google is, only a test says.
    const connect = GoogleApi.connect;
    let rig: Rig;
    let stack: Stack;

    before(async () => {
        stack = await stackOf("dev");
        rig = await Rig.start();
        GoogleApi.connect = () => connect.call(GoogleApi, rig.google.options());
        fs.writeFileSync(file("kubeconfig"), rig.cluster.kubeconfig());
    });
    after(() => {
        GoogleApi.connect = connect;
        process.exitCode = 0;
        sayInto(undefined);
        rig.stop();
        fs.rmSync(folder, { recursive: true });
    });

    /** What a command told machines, and its exit code. */
    async function told(run: () => Promise<void>) {
        const out = file("out");
        sayInto(out);
        const before = fs.existsSync(out) ? fs.readFileSync(out, "utf8").length : 0;
        await run();
        const code = process.exitCode;
        process.exitCode = 0;
        return { code, ...(JSON.parse(fs.readFileSync(out, "utf8").slice(before)) as Record<string, unknown>) };
    }
    const live = () => ({ stack: "dev", google: true, kubeconfig: file("kubeconfig"), json: true });

    it("exit with 0 where all is as it was registered, by the settings or by the state", async () => {
        rig.deploy(stack);
        const proof: Record<string, unknown> = await told(() => prove({ ...live(), live: true }));
        assert.deepEqual([proof["code"], proof["verdict"]], [0, "contained"]);
        assert.deepEqual((proof["provenance"] as { sources: string[] }).sources, [
            "project acme-dev",
            "cluster acme-dev",
        ]);
        const plan = await planOffline(PROJECT_DIRECTORY, "dev");
        fs.writeFileSync(file("plan.json"), JSON.stringify({ resources: plan.resources }));
        const drift: Record<string, unknown> = await told(() =>
            diff({ ...live(), against: "live", from: file("plan.json") }),
        );
        assert.deepEqual([drift["code"], drift["since"]], [0, "the last `up`"]);
        assert.deepEqual(
            ["opened", "closed", "changed", "unknown"].map(key => drift[key]),
            [[], [], [], []],
        );
    });

    it("exit with 1 where it is violated, and with 2 where it cannot be told", async () => {
        rig.deploy(stack, ({ objects }) => {
            const binding = objects.findIndex(
                ({ kind, metadata }) =>
                    kind === "ValidatingAdmissionPolicyBinding" && /toleration/.test(metadata.name as string),
            );
            objects.splice(binding, 1);
        });
        assert.equal((await told(() => prove({ ...live(), live: true }))).code, 1);
        assert.equal((await told(() => diff({ ...live(), against: "live" }))).code, 1);
        rig.google.granted.delete("compute.firewalls.list");
        rig.cluster.rules = [];
        assert.equal((await told(() => prove({ ...live(), live: true }))).code, 2);
    });
});
