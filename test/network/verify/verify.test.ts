import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { planOffline, type Plan } from "../../../plan/offline";
import { verdictText } from "../../../cli/probeReport";
import { prove } from "../../../containment/prove";
import { type Lock, type Verdict } from "../../../containment/verdict";
import { predictedToFail } from "./prediction";
import { OWNERS_RESOURCES, withoutLocks } from "./rig/locks";
import { RemoteRig } from "./rig/remote";
import { type VerifyRun } from "./rig/rig";
import { besides, FLAGS, type Report, reported, results, rigOrSkip } from "./run";

const ROOT = path.resolve(__dirname, "..", "..", "..");
const STRANGERS = ["1.1.1.1", "8.8.8.8"];
const NAT_ADDRESSES = ["198.51.100.11", "198.51.100.12"];
const ALL_LOCKS_OF_THE_NETWORK = ["firewall", "nat", "route"];

describe("verify, against a real API server, real proxies and real packets", function () {
    this.timeout(300_000);
    let rig: RemoteRig;
    let plan: Plan;
    let verdict: Verdict;

    before(async function () {
        await rigOrSkip(this);
        plan = await planOffline(ROOT, "dev");
        verdict = prove(plan.resources);
        rig = await RemoteRig.start();
    });
    after(() => rig?.stop());

    const run = (...more: string[]): Promise<VerifyRun> =>
        rig.verify([...FLAGS, "--attempts", "1", "--allowed-needs", "1", ...more]);

    describe("of the intact stack", () => {
        let done: VerifyRun;
        let report: Report;
        const junit = path.join(os.tmpdir(), `egress-gateway-verify-${process.pid}.xml`);
        const outputs = path.join(os.tmpdir(), `egress-gateway-outputs-${process.pid}.json`);

        before(async () => {
            fs.writeFileSync(outputs, JSON.stringify({ ...plan.outputs, natAddresses: NAT_ADDRESSES }));
            done = await rig.verify([
                ...FLAGS,
                "--attempts",
                "2",
                "--json",
                "--junit",
                junit,
                "--outputs",
                outputs,
                "--echo",
                "https://istio.io/",
            ]);
            report = reported(done);
        });
        after(() => [junit, outputs].forEach(file => fs.rmSync(file, { force: true })));

        it("finds that every claim holds, as the proof says of the plan, and exits with 0", () => {
            assert.equal(verdict.verdict, "contained");
            assert.deepEqual(besides(report, "passed"), []);
            assert.deepEqual(results(report), { C1: "holds", C2: "holds", C3: "holds", C4: "holds" });
            assert.equal(done.code, 0);
        });

        it("counts every allowed connection at the gateway, and the far side sees the NAT's addresses and nobody else's", () => {
            const allowed = report.probes.filter(({ id }) => id.startsWith("allowed/"));
            assert.equal(allowed.length, 9);
            assert.ok(allowed.every(({ because }) => /rose by \d+.*, \d+ bytes sent/.test(because)));
            assert.match(
                report.probes.find(({ id }) => id.startsWith("source-address/"))!.because,
                /it came from 198\.51\.100\.1[12]/,
            );
            assert.ok(done.visitors.length >= 2 * allowed.length);
            assert.deepEqual(
                done.visitors.filter(visitor => !NAT_ADDRESSES.includes(visitor.split(" ")[0]!)),
                [],
            );
        });

        it("reaches no stranger: what it tried died in the firewall, as many packets as it sent", () => {
            assert.deepEqual(
                done.visitors.filter(visitor => STRANGERS.includes(visitor.split(" ")[1]!)),
                [],
            );
            assert.ok((done.firewall["deny-ipv4"] ?? 0) > 20, JSON.stringify(done.firewall));
            assert.ok((done.firewall["deny-gateway-private"] ?? 0) > 0, JSON.stringify(done.firewall));
        });

        it("has the gateway's own counters for what the gateway refused", () => {
            const because = (id: string): string => report.probes.find(probe => probe.id === id)!.because;
            assert.match(
                because("refused/payments/ledger/istio.io:443"),
                /ssl\.fail_verify_san rose by \d+, and istio\.io was sent no byte/,
            );
            assert.match(because("refused/payments/ledger/istio.io:80"), /rbac denied rose by \d+/);
        });

        it("tries strangers from two nodes", () => {
            assert.deepEqual(report.probes.find(({ id }) => id === "denied/pod without sidecar/tcp-443")!.nodes, [
                "app-1",
                "app-2",
            ]);
        });

        it("writes JUnit XML with every probe in it", () => {
            const xml = fs.readFileSync(junit, "utf8");
            assert.equal(xml.match(/<testcase /g)!.length, report.probes.length);
            assert.match(xml, /failures="0" errors="0"/);
        });

        it("prints what the README shows, but for the numbers", () => {
            const readme = fs.readFileSync(path.join(ROOT, "README.md"), "utf8");
            const shown = /\$ npm run verify -- --stack dev\n([\s\S]*?)\n```/.exec(readme)![1]!;
            const lines = (text: string): string[] =>
                stripVTControlCharacters(text)
                    .split("\n")
                    .map(line => line.replaceAll(/\d+/g, "N"));
            const printed = lines([done.stderr, "Verdict", verdictText(report.claims, [])].join("\n"));
            const missing = lines(shown).filter(line => line !== "…" && !printed.includes(line));
            assert.deepEqual(missing, []);
            assert.ok(shown.split("\n").length > 15);
        });

        it("leaves nothing behind", async () => assert.deepEqual(await rig.leftovers(), []));
    });

    it("tries what is chosen alone, with its controls, and judges the chosen claim", async () => {
        const done = await rig.verify([...FLAGS, "--json", "--only", "C2,refused/payments/ledger"]);
        const report = reported(done);
        assert.deepEqual(results(report), { C2: "holds" });
        const tried = report.probes.filter(({ claim }) => claim !== undefined);
        assert.ok(tried.some(({ id }) => id.startsWith("refused/payments/ledger/")));
        assert.deepEqual(
            tried.filter(({ id, claim }) => claim !== "C2" && !id.startsWith("refused/payments/ledger/")),
            [],
        );
        assert.deepEqual(
            report.probes.filter(({ outcome }) => outcome !== "passed"),
            [],
        );
        assert.equal(done.code, 0);
        assert.deepEqual(await rig.leftovers(), []);
    });

    const agrees = async (removed: readonly string[]): Promise<Report> => {
        const resources = [...withoutLocks(plan.resources, removed), ...OWNERS_RESOURCES];
        await rig.setLocks(removed);
        const report = reported(await run("--json"));
        const failed = report.probes.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
        const expected = report.probes.filter(probe => predictedToFail(probe, resources)).map(({ id }) => id);
        assert.deepEqual(failed, expected);
        assert.deepEqual(besides(report, "failed", "passed"), []);
        return report;
    };

    describe("with each lock taken away in turn", () => {
        let withoutPolicies: Report;
        after(() => rig?.setLocks([]));

        for (const lock of [
            "firewall",
            "belt",
            "nat",
            "route",
            "taint of the gateway nodes",
            "admission guard",
            "caller identity in the handshake",
            "authorization policies",
            "network policies",
            "no external IPv6",
        ]) {
            it(`fails in exactly the probes that the proof predicts without: ${lock}`, async () => {
                const line = verdict.locks.find((one: Lock) => one.lock === lock);
                assert.ok(line !== undefined && line.resources.length > 0, `the proof's matrix has no lock "${lock}"`);
                const report = await agrees([lock]);
                if (lock === "network policies") {
                    withoutPolicies = report;
                }
                const { C5: _, ...without } = line.without;
                assert.deepEqual(results(report), without);
            });
        }

        it("has the gateway's own counters for plaintext, where no policy keeps it away from the gateway", () => {
            const plaintext = withoutPolicies.probes.find(
                ({ id }) => id === "denied/pod without sidecar/gateway-plaintext-8443",
            )!;
            assert.equal(plaintext.outcome, "passed");
            assert.match(plaintext.because, /no_filter_chain_match .* rose by \d+/);
        });

        it("knows every lock of the matrix that is there", () => {
            const there = verdict.locks.filter(({ resources }) => resources.length > 0).map(({ lock }) => lock);
            assert.deepEqual([...there].sort(), [
                "admission guard",
                "authorization policies",
                "belt",
                "caller identity in the handshake",
                "firewall",
                "nat",
                "network policies",
                "no external IPv6",
                "route",
                "taint of the gateway nodes",
            ]);
        });
    });

    describe("with all locks of the network away", () => {
        after(() => rig?.setLocks([]));

        it("sees pods reach strangers, as the proof predicts, and the far side sees them too", async () => {
            const report = await agrees(ALL_LOCKS_OF_THE_NETWORK);
            const failed = report.probes.filter(({ outcome }) => outcome === "failed");
            const proven = prove([
                ...withoutLocks(plan.resources, ALL_LOCKS_OF_THE_NETWORK),
                ...OWNERS_RESOURCES,
            ]).claims.filter(({ id }) => id !== "C5");
            assert.deepEqual(results(report), Object.fromEntries(proven.map(({ id, result }) => [id, result])));
            assert.equal(results(report)["C1"], "violated");
            assert.ok(failed.length >= 15, `${failed.length} probes failed`);
            // The clients' pods are held by their network policies, whose effect on ICMP is not defined.
            assert.deepEqual(
                failed.flatMap(({ id, source = "" }) => (source.includes("/") ? [id] : [])),
                ["denied/orders/web/ping", "denied/payments/api/ping"],
            );
            assert.match(failed.find(({ id }) => id === "denied/pod as user 1337/tcp-443")!.because, /got through/);
        });
    });

    describe("with external IPv6 and without the firewall", () => {
        after(() => rig?.setLocks([]));

        it("sees strangers leave over IPv6 and in no other way, as the proof predicts, and clients held by their policies", async () => {
            const report = await agrees(["firewall", "no external IPv6"]);
            const failed = report.probes.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
            // Gateway nodes have a way out over IPv4, and nothing but the firewall between it and undeclared ports.
            assert.deepEqual(
                failed.filter(id => !id.startsWith("denied/pod on a gateway node/")),
                ["pod without sidecar", "pod on the host network", "pod as user 1337"].map(
                    source => `denied/${source}/ipv6`,
                ),
            );
            assert.equal(results(report)["C1"], "violated");
        });
    });

    describe("when something is wrong", () => {
        const early = async (args: readonly string[], interruptAfter?: string): Promise<string> => {
            const { code, stderr, stdout } = await rig.verify([...FLAGS, "--attempts", "1", ...args], interruptAfter);
            assert.equal(code, 2, `${stdout}\n${stderr}`);
            assert.deepEqual(await rig.leftovers(), []);
            return stderr;
        };

        it("deletes everything on Ctrl-C and says so", async () => {
            const told = await early([], "What the mesh refuses");
            assert.match(told, /SIGINT: stopping, and deleting what was made/);
            assert.match(told, /Everything that the run had made is deleted/);
        });

        it("says that an image cannot be pulled, and what image it needs", async () => {
            assert.match(
                await early(["--image", "registry.test/nothing:1"]),
                /the probe's image cannot be pulled[\s\S]*failed to pull image .*registry\.test\/nothing:1.*: not found[\s\S]*image with `sh` and `curl`/,
            );
        });

        it("names every namespace and account that is missing", async () => {
            await rig.request("DELETE", "/api/v1/namespaces/orders/serviceaccounts/web");
            try {
                assert.match(
                    await early([]),
                    /service account orders\/web[\s\S]*kubectl create serviceaccount -n orders web/,
                );
            } finally {
                await rig.request("POST", "/api/v1/namespaces/orders/serviceaccounts", {
                    apiVersion: "v1",
                    kind: "ServiceAccount",
                    metadata: { name: "web", namespace: "orders" },
                });
            }
        });

        it("says what a pod that never ends is waiting for", async () => {
            const away = (taints: object[]) =>
                Promise.all(
                    ["app-1", "app-2"].map(node =>
                        rig.request(
                            "PATCH",
                            `/api/v1/nodes/${node}`,
                            { spec: { taints } },
                            "application/merge-patch+json",
                        ),
                    ),
                );
            await away([{ key: "maintenance", value: "yes", effect: "NoSchedule" }]);
            try {
                const { code, stdout } = await rig.verify([
                    ...FLAGS,
                    "--attempts",
                    "1",
                    "--step-seconds",
                    "10",
                    "--no-gateway-node",
                    "--json",
                ]);
                assert.equal(code, 2);
                const report = JSON.parse(stdout) as Report;
                const probe = report.probes.find(({ id }) => id === "allowed/payments/api/istio.io:443")!;
                assert.equal(probe.outcome, "not-run");
                assert.match(
                    probe.because,
                    /it did not end within 10 s: no node takes it: 0\/4 nodes are available: .*untolerated taint/,
                );
                assert.deepEqual(await rig.leftovers(), []);
            } finally {
                await away([]);
            }
        });

        it("tells a pod that admission refuses from one that was denied on the network", async () => {
            const name = "no-probes-today";
            const policy = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
            await rig.request("POST", policy, {
                apiVersion: "admissionregistration.k8s.io/v1",
                kind: "ValidatingAdmissionPolicy",
                metadata: { name },
                spec: {
                    matchConstraints: {
                        resourceRules: [
                            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
                        ],
                    },
                    validations: [
                        {
                            expression:
                                '!object.metadata.name.startsWith("egress-verify-") || object.metadata.namespace != "payments"',
                            message: "no probes today",
                        },
                    ],
                },
            });
            await rig.request("POST", `${policy.replace("policies", "policybindings")}`, {
                apiVersion: "admissionregistration.k8s.io/v1",
                kind: "ValidatingAdmissionPolicyBinding",
                metadata: { name },
                spec: { policyName: name, validationActions: ["Deny"] },
            });
            await new Promise(resolve => setTimeout(resolve, 2000));
            try {
                const report = reported(await run("--json"));
                const probe = report.probes.find(({ id }) => id === "allowed/payments/api/istio.io:443")!;
                assert.equal(probe.outcome, "not-run");
                assert.match(probe.because, /the API server refused the pod: .*no probes today/);
                assert.equal(
                    report.probes.find(({ id }) => id === "allowed/orders/web/istio.io:443")!.outcome,
                    "passed",
                );
                assert.equal(results(report)["C4"], "unknown");
            } finally {
                await rig.request("DELETE", `${policy.replace("policies", "policybindings")}/${name}`);
                await rig.request("DELETE", `${policy}/${name}`);
            }
        });

        it("says at which hop an allowed connection died", async () => {
            await rig.setLocks(["way out"]);
            try {
                const report = reported(await run("--json"));
                const probe = report.probes.find(({ id }) => id === "allowed/payments/api/istio.io:443")!;
                assert.equal(probe.outcome, "failed");
                assert.equal(probe.diagnosis?.hop, "between the gateway and the far side");
                assert.equal(results(report)["C4"], "violated");
            } finally {
                await rig.setLocks([]);
            }
        });
    });
});
