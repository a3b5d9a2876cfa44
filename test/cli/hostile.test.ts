import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { HOSTILE, printable, printableIn, printableJson } from "../../base/printable";
import { InputError } from "../../base/problem";
import { onlyColours } from "../../cli/output";
import { markdown } from "../../cli/markdown";
import { planReport } from "../../cli/planReport";
import { initReport } from "../../cli/initReport";
import { preflightReport } from "../../cli/preflightReport";
import { resultLine, verdictText } from "../../cli/probeReport";
import { destinationsOf } from "../../cli/report/facts";
import { reportPage } from "../../cli/report/page";
import { provenanceOf } from "../../plan/provenance";
import { prove } from "../../containment/prove";
import { claimResults } from "../../live/verify/judge/verdict";
import { junitXml } from "../../live/verify/report/junit";
import { type ProbeResult } from "../../live/verify/result";
import { planned } from "../program/planned";
import { devSetting, variant } from "../program/variant";
import { run } from "./ran";

const EVIL = "a\u001b[2J\u001b]0;t\u0007\u202e\u2066\u009b\r\u0085\u2028\ncontained";

/** Everything that acts on a terminal, but for the line ends of the report itself. */
function raw(text: string): string[] {
    return (text.match(HOSTILE) ?? []).filter(character => character !== "\n");
}

describe("text that somebody else wrote", function () {
    this.timeout(600_000);
    let directory: string;
    before(() => void (directory = mkdtempSync(path.join(tmpdir(), "hostile-"))));
    after(() => rmSync(directory, { recursive: true }));

    it("is printable whatever it is, and JSON of it says the same as before", () => {
        fc.assert(
            fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
                const evil = { [text]: [value, text, EVIL] };
                assert.deepEqual(printable(text).match(HOSTILE), null);
                assert.deepEqual(raw(printableJson(evil)), []);
                assert.deepEqual(JSON.parse(printableJson(evil)), JSON.parse(JSON.stringify(evil)));
                assert.deepEqual(raw(JSON.stringify(printableIn(evil))), []);
                const error = new InputError("x", [{ path: text, given: text, expected: text, remedy: "x" }]);
                assert.deepEqual(raw(error.message), []);
                assert.equal(error.message.split("\n").length, 4);
            }),
            { numRuns: 300 },
        );
    });

    it("reaches no terminal from any text of a plan, in any command", async () => {
        const destinations = devSetting<object[]>("destinations");
        const allow = [{ namespace: "payments", serviceAccount: "api" }];
        // With everything that a destination can be, and what is made beside them.
        const { plan } = await variant({
            destinations: [
                ...destinations,
                { host: "*.my.salesforce.com", allow, owner: "payments", reason: "why" },
                { addresses: ["8.8.4.10"], ports: [{ protocol: "tcp", number: 2222 }], allow },
                { host: "inner.example.com", ports: [{ protocol: "tls", number: 443, innerName: "checked" }], allow },
            ],
            mesh: { sessionKeys: 32 },
            monitoring: { collector: "google-managed-prometheus" },
        });
        const spoilt = (value: unknown, key: string): unknown => {
            if (typeof value === "string") {
                return ["urn", "type", "parent", "provider", "kind", "apiVersion"].includes(key)
                    ? value
                    : `${value}${EVIL}`;
            }
            return Array.isArray(value)
                ? value.map(item => spoilt(item, key))
                : typeof value === "object" && value !== null
                  ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoilt(inner, name)]))
                  : value;
        };
        const names = {
            ...plan,
            resources: plan.resources.map(one => ({ ...one, name: `${String(one["name"])}${EVIL}` })),
        };
        const all = { ...plan, resources: plan.resources.map(one => spoilt(one, "")) };
        const planFile = path.join(directory, "plan");
        writeFileSync(planFile, JSON.stringify(plan));
        for (const [file, content] of Object.entries({ names, all })) {
            writeFileSync(path.join(directory, file), JSON.stringify(content));
            const given = path.join(directory, file);
            for (const args of [
                ["prove", "--from", given],
                ["prove", "--from", given, "--json"],
                ["prove", "--from", given, "--sarif", "/dev/stderr"],
                ["prove", "--from", given, "--evidence"],
                ["prove", "--from", given, "--evidence", "oscal"],
                ["diff", "--from", given, "--against", given],
                ["diff", "--from", given, "--against", planFile],
                ["diff", "--from", given, "--against", planFile, "--json"],
                ["report", "--from", given, "--against", planFile, "--out", "/dev/stdout"],
                ["explain", "--file", given, "--from", "payments/api", "--to", "istio.io:443"],
                ["explain", "--file", given, "--from", "payments/api", "--to", "a.my.salesforce.com:443"],
                ["explain", "--file", given, "--from", "payments/api", "--to", "8.8.4.10:2222", "--json"],
            ]) {
                const { out, err } = run(args);
                assert.deepEqual(raw(out + err), [], args.join(" "));
                assert.doesNotMatch(out + err, /^contained/m);
            }
        }
    });

    const ARGUMENTS: readonly (readonly string[])[] = [
        [EVIL],
        ["plan", `--${EVIL}`],
        ["plan", "--stack", EVIL],
        ["render", "--stack", EVIL],
        ["prove", "--claims", EVIL],
        ["prove", "--from", EVIL],
        ["prove", "--with", EVIL],
        ["prove", "--evidence", EVIL],
        ["prove", "--sarif", `missing/${EVIL}`],
        ["prove", "--cluster", EVIL],
        ["prove", "--gateway-pool", EVIL],
        ["prove", "--gateway-namespace", EVIL],
        ["explain", "--from", EVIL, "--to", "istio.io:443"],
        ["explain", "--from", "payments/api", "--to", `x${EVIL}:443`],
        ["explain", "--from", "payments/api", "--to", `*.${EVIL}:443`],
        ["diff", "--against", EVIL],
        ["add", `a.example.com${EVIL}:443`, "--for", EVIL],
        ["add", "a.example.com:443", "--for", "payments/api", "--protocol", EVIL],
        ["add", "a.example.com:443", "--for", "payments/api", "--owner", EVIL],
        ["add", "a.example.com:443", "--for", "payments/api", "--file", EVIL],
        ["suggest", EVIL],
        ["suggest", "README.md", "--pods", EVIL],
        ["suggest", "README.md", "--unused-after", EVIL],
        ["suggest", "README.md", "--stack", EVIL],
        ["import", EVIL],
        ["import", "README.md", "--for", EVIL],
        ["import", "--live", "--kubeconfig", EVIL],
        ["init", EVIL],
        ["init", "evil", "--project", EVIL, "--node-cidrs", EVIL, "--for", EVIL, "--to", EVIL, "--deployer", EVIL],
        ["init", "evil", "--platform-stack", EVIL],
        ["init", "evil", "--platform-outputs", EVIL],
        ["verify", "--plan", "--only", EVIL],
        ["verify", "--plan", "--private-service", EVIL],
        ["verify", "--plan", "--kubeconfig", EVIL],
        ["verify", "--outputs", EVIL],
        ["preflight", "--stack", EVIL],
        ["preflight", "--no-google", "--kubeconfig", EVIL],
        ["report", "--stack", EVIL],
        ["completion", EVIL],
        ["policies", EVIL],
    ];
    for (const args of ARGUMENTS) {
        it(`reaches no terminal from an argument, and ends with 2: ${printable(args.join(" ").replaceAll(EVIL, "EVIL"))}`, () => {
            const { out, err, status } = run(args);
            assert.equal(status, 2, out + err);
            assert.notEqual(err, "");
            assert.deepEqual(raw(out + err), []);
            assert.doesNotMatch(out + err, /^contained|^\s+at /m);
        });
    }
});

/** The same value with hostile text behind every text in it. */
function spoilt<T>(value: T): T {
    if (typeof value === "string") {
        return `${value}${EVIL}` as T;
    }
    if (Array.isArray(value)) {
        return value.map(spoilt) as T;
    }
    return typeof value === "object" && value !== null
        ? (Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spoilt(inner)])) as T)
        : value;
}

describe("reports about what somebody else wrote", () => {
    const probe: ProbeResult = {
        probe: { kind: "untried", id: "C1/x", title: "x", claim: "C1", bypasses: [], why: "x" },
        outcome: "failed",
        seen: "seen",
        because: "because",
        diagnosis: { hop: "hop", next: "next" },
        nodes: ["node"],
    };
    const spoiltProbe = {
        ...spoilt(probe),
        outcome: probe.outcome,
        probe: { ...spoilt(probe.probe), claim: "C1" },
    } as ProbeResult;
    const claim = { ...spoilt(claimResults([probe])[0]!), result: "violated" as const };
    const check = {
        ...spoilt({ id: "i", subject: "s", expected: "e", found: "f", remedy: "r" }),
        result: "contradicts" as const,
    };
    const REPORTS: Readonly<Record<string, () => Promise<string> | string>> = {
        plan: async () => {
            const plan = await planned("dev");
            const rest = spoilt(prove(plan.resources));
            // Types and results are looked at, and nobody but the program writes them.
            const resources = plan.resources.map(one => ({
                ...one,
                name: spoilt(one.name),
                parent: spoilt(one.parent),
            }));
            return planReport(
                {
                    ...plan,
                    outputs: spoilt(plan.outputs),
                    warnings: [EVIL],
                    stackOutputFiles: [EVIL],
                    stack: EVIL,
                    resources,
                },
                {
                    ...rest,
                    verdict: "contained",
                    claims: rest.claims.map(one => ({ ...one, result: "unknown" as const })),
                },
            );
        },
        "the page": async () => {
            const plan = await planned("dev");
            const verdict = prove(plan.resources);
            const { claims, locks, ...others } = verdict;
            const witness = { source: EVIL, hops: [{ at: EVIL, decision: EVIL, resource: EVIL }], remedy: EVIL };
            return reportPage({
                provenance: { ...spoilt(provenanceOf({}, plan.resources)), time: "2027-01-01T00:00:00Z" },
                verdict: {
                    ...spoilt(others),
                    verdict: "contained",
                    claims: claims.map(one => ({ ...one, result: "violated", witnesses: [witness], reasons: [EVIL] })),
                    locks: locks.map(one => ({ ...one, lock: EVIL, description: EVIL })),
                },
                reasons: [],
                destinations: spoilt(destinationsOf(plan.resources).destinations),
            });
        },
        "a probe's line": () => resultLine(spoiltProbe),
        "the probes' verdict": () => verdictText([claim], [spoiltProbe]),
        init: async () => {
            const verdict = prove((await planned("dev")).resources);
            const claims = verdict.claims.map(one => ({ ...spoilt(one), result: "holds" as const }));
            return initReport({
                ...{ stack: EVIL, dryRun: true, assumed: [EVIL], example: true, warnings: [EVIL] },
                files: [{ path: EVIL, change: "new", text: EVIL }],
                verdict: { ...spoilt(verdict), verdict: "contained", claims },
            });
        },
        preflight: () => preflightReport([check]),
        JUnit: () => junitXml(EVIL, [claim], [spoiltProbe], 1),
    };
    for (const [name, report] of Object.entries(REPORTS)) {
        it(`keep it in its place: ${name}`, async () => {
            const text = onlyColours(await report());
            assert.match(text, /contained/);
            assert.deepEqual(raw(text), []);
            assert.doesNotMatch(text, /^contained/m);
        });
    }

    it("stay behind a fence in Markdown, whatever they hold", () => {
        const fence = fc.integer({ min: 1, max: 12 }).map(length => "`".repeat(length));
        const hostile = fc.array(
            fc.oneof(fence, fc.constantFrom("\n", "\r", "</details>", "# approved", "~~~", EVIL), fc.string()),
        );
        fc.assert(
            fc.property(hostile, pieces => {
                const text = pieces.join("");
                const [first = "", ...lines] = markdown([{ kind: "text", text }])
                    .trimEnd()
                    .split("\n");
                const [, ticks = ""] = /^(`{3,})text$/.exec(first) ?? [];
                // CommonMark: a fence of as many backticks as the opening one, or more, closes the block.
                const closing = lines.findIndex(line => new RegExp(`^ {0,3}\`{${ticks.length},}\\s*$`).test(line));
                assert.ok(ticks.length >= 3);
                assert.equal(closing, lines.length - 1);
                assert.deepEqual(raw(lines.join("\n")), []);
            }),
        );
    });
});
