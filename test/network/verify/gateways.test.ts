import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { prove } from "../../../containment/prove";
import { type Verdict } from "../../../containment/verdict";
import { type KnownOutputs } from "../../../contract/egress";
import { type Plan } from "../../../plan/offline";
import { devSetting, variant } from "../../program/variant";
import { predictedToFail } from "./prediction";
import { OWNERS_RESOURCES, withoutLocks } from "./rig/locks";
import { RemoteRig } from "./rig/remote";
import { type VerifyRun } from "./rig/rig";
import { besides, FLAGS, type Report, reported, results, rigOrSkip } from "./run";

const OF_PAYMENTS = ["api.stripe.com", "hooks.example.com", "bank.example.com"];
const ADDRESS = { default: "198.51.100.11", payments: "198.51.100.12" } as const;

/** The dev stack, whose payments leave by a gateway of their own. */
function settings(): Record<string, unknown> {
    const platform = devSetting<{ egressSubnet: object }>("platform");
    const destinations = devSetting<readonly { host: string }[]>("destinations");
    return {
        nat: { addresses: 1 },
        gateways: { payments: { nat: { addresses: 1 } } },
        platform: {
            ...platform,
            egressSubnet: { ...platform.egressSubnet, nodeCidr: "10.0.8.0/28", podCidr: "10.3.0.0/23" },
            egressSubnets: {
                payments: {
                    name: "acme-dev-egress-payments",
                    nodeCidr: "10.0.8.16/28",
                    podRange: "egress-pods",
                    podCidr: "10.3.2.0/23",
                },
            },
        },
        destinations: destinations.map(one => (OF_PAYMENTS.includes(one.host) ? { ...one, gateway: "payments" } : one)),
    };
}

describe("verify of a stack with two gateways", function () {
    this.timeout(300_000);
    let rig: RemoteRig;
    let plan: Plan;
    let verdict: Verdict;
    const outputs = path.join(os.tmpdir(), `egress-gateway-two-${process.pid}.json`);

    before(async function () {
        await rigOrSkip(this);
        ({ plan, verdict } = await variant(settings()));
        const { gateways, ...known } = plan.outputs as unknown as KnownOutputs;
        const payments = { ...gateways!["payments"], natAddresses: [ADDRESS.payments] };
        fs.writeFileSync(
            outputs,
            JSON.stringify({ ...known, gateways: { payments }, natAddresses: Object.values(ADDRESS) }),
        );
        rig = await RemoteRig.start(settings());
    });
    after(() => rig?.stop());
    after(() => fs.rmSync(outputs, { force: true }));

    const run = async (removed: readonly string[], ...more: string[]): Promise<VerifyRun> => {
        await rig.setLocks(removed);
        return rig.verify([...FLAGS, "--json", "--outputs", outputs, ...more]);
    };
    const ONCE = ["--attempts", "1", "--allowed-needs", "1"];
    const ECHOES = ["--echo", "https://istio.io/", "--echo", "https://api.stripe.com/"];

    const failed = (report: Report): string[] =>
        report.probes.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
    const without = (removed: readonly string[]) => [...withoutLocks(plan.resources, removed), ...OWNERS_RESOURCES];
    const agrees = async (removed: readonly string[]): Promise<Report> => {
        const report = reported(await run(removed, ...ONCE, ...ECHOES));
        const resources = without(removed);
        assert.deepEqual(
            failed(report),
            report.probes.filter(probe => predictedToFail(probe, resources)).map(({ id }) => id),
        );
        assert.deepEqual(besides(report, "failed", "passed"), []);
        return report;
    };
    const claimed = ({ claims }: Pick<Verdict, "claims">): Record<string, string> =>
        Object.fromEntries(claims.flatMap(({ id, result }) => (id === "C5" ? [] : [[id, result]])));

    describe("intact", () => {
        let done: VerifyRun;
        let report: Report;

        before(async () => {
            done = await run([], ...ECHOES);
            report = reported(done);
        });

        it("finds that every claim holds, C7 among them, as the proof says of the plan", () => {
            assert.deepEqual(besides(report, "passed"), []);
            assert.deepEqual(results(report), claimed(verdict));
            assert.equal(results(report)["C7"], "holds");
            assert.equal(done.code, 0);
        });

        it("has each destination seen from its own gateway's address, by far sides of all kinds", () => {
            const hosts = (plan.outputs as unknown as KnownOutputs).destinations;
            const seen = hosts.map(({ gateway = "default" }, index) => {
                const from = done.visitors
                    .map(visitor => visitor.split(" "))
                    .filter(([, to]) => to === `93.184.216.${index + 10}`)
                    .map(([address]) => address);
                return [gateway, [...new Set(from)]];
            });
            assert.deepEqual(
                seen,
                hosts.map(({ gateway = "default" }) => [gateway, [ADDRESS[gateway as keyof typeof ADDRESS]]]),
            );
        });

        it("has the counters of the gateway that refused, whichever the caller's own is", () => {
            const because = (id: string): string => report.probes.find(probe => probe.id === id)!.because;
            assert.match(
                because("refused/payments/ledger/istio.io:443/gateway default"),
                /ssl\.fail_verify_san rose by \d+, and istio\.io was sent no byte/,
            );
            assert.match(
                because("refused/payments/api/bank.example.com:8443/gateway payments"),
                /rbac denied rose by \d+/,
            );
        });

        it("leaves nothing behind", async () => assert.deepEqual(await rig.leftovers(), []));
    });

    it("says that C7 was not tried of a gateway that no echo server is behind", async () => {
        const done = await run([], "--only", "C7", "--echo", "https://istio.io/");
        const report = reported(done);
        assert.deepEqual(besides(report, "passed", "not-run"), []);
        assert.deepEqual(results(report), { C7: "unknown" });
        const untried = report.probes.filter(({ outcome }) => outcome === "not-run");
        assert.deepEqual(
            untried.map(({ id }) => id),
            ["source-address/gateway payments"],
        );
        assert.match(untried[0]!.because, /--echo names a URL .*api\.stripe\.com/);
        assert.equal(done.code, 2);
    });

    it("fails in the probe of the gateway that leaves by the other's address alone", async () => {
        const lock = "NAT of each gateway's own subnet";
        assert.equal(verdict.locks.find(one => one.lock === lock)?.without.C7, "violated");
        const report = await agrees([lock]);
        assert.deepEqual(failed(report), ["source-address/payments/api/api.stripe.com/gateway payments"]);
        assert.match(
            report.probes.find(({ outcome }) => outcome === "failed")!.because,
            /came from 198\.51\.100\.11, which is gateway default's/,
        );
        assert.deepEqual(results(report), claimed(prove(without([lock]))));
    });

    it("fails where one gateway lets in a client of the other, as the proof predicts", async () => {
        assert.deepEqual(failed(await agrees(["identity of another gateway's client"])), [
            "refused/payments/ledger/istio.io:443/gateway default",
        ]);
    });

    it("fails in the probes of each gateway that the proof predicts without taints", async () => {
        const bare = failed(await agrees(["taint of the gateway nodes"]));
        for (const gateway of ["default", "payments"]) {
            assert.ok(bare.includes(`inspection/gateway-node-taint/gateway ${gateway}`), bare.join());
        }
    });

    it("has the counters of each gateway for plaintext, where no policy keeps it away", async () => {
        const report = reported(await run(["network policies"], "--only", "C4"));
        for (const gateway of ["default", "payments"]) {
            const id = `denied/pod without sidecar/gateway-plaintext-8443/gateway ${gateway}`;
            const plaintext = report.probes.find(probe => probe.id === id)!;
            assert.equal(plaintext.outcome, "passed");
            assert.match(plaintext.because, /no_filter_chain_match .* rose by \d+/);
        }
    });
});
