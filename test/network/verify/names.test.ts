import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { prove } from "../../../containment/prove";
import { type Plan } from "../../../plan/offline";
import { variant } from "../../program/variant";
import { OWNERS_RESOURCES, withoutLocks } from "./rig/locks";
import { RemoteRig } from "./rig/remote";
import { besides, FLAGS, type Report, reported, results, rigOrSkip } from "./run";

const LOCK = { dns: { lock: "enforce" } };

describe("verify of a stack with the DNS lock, against a real CoreDNS", function () {
    this.timeout(300_000);
    let rig: RemoteRig;
    let plan: Plan;
    const outputs = path.join(os.tmpdir(), `egress-gateway-names-${process.pid}.json`);

    before(async function () {
        await rigOrSkip(this);
        ({ plan } = await variant(LOCK));
        fs.writeFileSync(outputs, JSON.stringify({ ...plan.outputs, natAddresses: [] }));
        rig = await RemoteRig.start(LOCK);
    });
    after(() => rig?.stop());
    after(() => fs.rmSync(outputs, { force: true }));

    const run = async (removed: readonly string[]): Promise<Report> => {
        await rig.setLocks(removed);
        return reported(
            await rig.verify([
                ...FLAGS,
                ...["--attempts", "1", "--allowed-needs", "1", "--json", "--only", "C6", "--outputs", outputs],
            ]),
        );
    };
    const proven = (removed: readonly string[]): string | undefined =>
        prove([...withoutLocks(plan.resources, removed), ...OWNERS_RESOURCES]).claims.find(({ id }) => id === "C6")
            ?.result;
    const failed = (report: Report): string[] =>
        report.probes.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);

    it("finds that it holds, as the proof says of the plan: by each type and each way", async () => {
        const report = await run([]);
        assert.deepEqual(besides(report, "passed"), []);
        assert.deepEqual(results(report), { C6: "holds" });
        assert.equal(proven([]), "holds");
        assert.equal(report.probes.filter(({ id }) => id.startsWith("names/payments/api/")).length, 21);
    });

    it("sees every name resolved by the cluster's DNS when that asks somebody else", async () => {
        const report = await run(["DNS lock"]);
        assert.deepEqual(
            failed(report),
            ["orders/web", "payments/api"].flatMap(client => [`names/${client}/A`, `names/${client}/kube-dns`]),
        );
        assert.deepEqual(results(report), { C6: "violated" });
        assert.equal(proven(["DNS lock"]), "violated");
    });

    it("sees every name resolved by the metadata server when nothing keeps clients from it", async () => {
        const report = await run(["network policies"]);
        assert.deepEqual(failed(report), ["names/orders/web/metadata-udp", "names/payments/api/metadata-udp"]);
        assert.deepEqual(besides(report, "failed", "passed"), []);
        assert.deepEqual(results(report), { C6: "violated" });
        assert.equal(proven(["network policies"]), "violated");
    });
});
