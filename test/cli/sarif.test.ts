import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { sarifOf } from "../../cli/evidence/sarif";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type EvidenceOptions, resourcesIn } from "../../plan/evidence";
import { Places } from "../../plan/places";
import { type Provenance } from "../../plan/provenance";
import { stackUnder, worldOf } from "../containment/worlds/folder";
import { planned } from "../program/planned";
import { Published } from "./published";

interface Location {
    readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: { readonly startLine: number };
    };
}

interface Result {
    readonly ruleId: string;
    readonly level: string;
    readonly message: { readonly text: string };
    readonly locations: readonly [Location];
    readonly codeFlows?: readonly [
        { readonly threadFlows: readonly [{ readonly locations: readonly { readonly location: Location }[] }] },
    ];
    readonly partialFingerprints: { readonly primaryLocationLineHash: string };
}

interface Log {
    readonly runs: readonly [
        {
            readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
            readonly results: readonly Result[];
        },
    ];
}

const PROVENANCE: Provenance = { stacks: ["dev"], sources: [], version: "0.1.0", time: "", resources: 0 };

function logOf(
    resources: readonly Resource[],
    places: (urns: readonly string[]) => { file: string; line?: number },
): Log {
    return sarifOf(resources, prove(resources), PROVENANCE, places) as Log;
}

function resultsOf(resources: readonly Resource[]): readonly Result[] {
    return logOf(resources, () => ({ file: "plan.json" })).runs[0].results;
}

function fingerprintsOf(resources: readonly Resource[]): string[] {
    return resultsOf(resources).map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
}

async function world(folder: string): Promise<Resource[]> {
    const stack = stackUnder(folder);
    return worldOf(folder, stack === undefined ? [] : (await planned(stack)).resources);
}

describe("SARIF of a verdict", function () {
    this.timeout(120_000);

    const schema = new Published("fixtures/sarif-2.1.0.json");

    for (const folder of [
        "dev-stack",
        "dev-node-pool-with-the-gateway-account",
        "dev-everybody-may-use-http",
        "dev-something-nobody-reads",
        "three-locks-nothing-known-before-up",
        "preview-that-deletes-the-deny",
    ]) {
        it(`is what the published schema takes, with a result for whatever is not so: ${folder}`, async () => {
            const resources = await world(folder);
            const log = logOf(resources, () => ({ file: "a folder/plan#1.json" }));
            schema.assertTakes(log);
            const { claims } = prove(resources);
            const [{ tool, results }] = log.runs;
            assert.deepEqual(
                tool.driver.rules.map(({ id }) => id),
                claims.map(({ id }) => id),
            );
            for (const { id, result } of claims) {
                const levels = new Set(results.filter(({ ruleId }) => ruleId === id).map(({ level }) => level));
                const expected = result === "violated" ? "error" : "warning";
                assert.deepEqual([...levels], result === "holds" ? [] : [id === "C5" ? lower(expected) : expected], id);
            }
            assert.equal(new Set(fingerprintsOf(resources)).size, results.length);
        });
    }

    /** Depth makes no verdict. */
    function lower(level: "error" | "warning"): string {
        return level === "error" ? "warning" : "note";
    }

    it("would not be taken with a part missing, or one too many", async () => {
        const log = logOf(await world("dev-everybody-may-use-http"), () => ({ file: "plan.json" }));
        assert.ok(!schema.takes({ ...log, version: "2.0.0" }));
        assert.ok(!schema.takes(JSON.parse(JSON.stringify(log).replaceAll('"level":"error"', '"level":"fatal"'))));
        assert.ok(!schema.takes(JSON.parse(JSON.stringify(log).replaceAll('"ruleId"', '"rule"'))));
    });

    it("says who comes through, who decided, what closes it, and the way hop by hop", async () => {
        const [result] = resultsOf(await world("dev-node-pool-with-the-gateway-account"));
        assert.match(result!.message.text, /^C1 is violated: node of pool acme-dev\/batch → 1\.1\.1\.1:443\/tcp\.\n/);
        assert.match(result!.message.text, /\nfirewall: .* allows it\.\nRemedy: Give NodePool batch another /);
        assert.ok(result!.codeFlows![0].threadFlows[0].locations.length >= 3);
    });

    it("knows a hole again in another order and beside other things, and another who uses it as another", async () => {
        const resources = await world("dev-node-pool-with-the-gateway-account");
        const first = fingerprintsOf(resources);
        assert.deepEqual(fingerprintsOf(resources.toReversed()), first);
        const bucket = { urn: "urn:pulumi:dev::x::gcp:storage/bucket:Bucket::logs", type: "gcp:storage/bucket:Bucket" };
        assert.deepEqual(fingerprintsOf([...resources, { ...bucket, name: "logs", inputs: {}, dependsOn: [] }]), first);
        const pool = resources.find(({ name }) => name === "batch")!;
        const second = { ...pool, urn: `${pool.urn}-2`, name: "batch-2", inputs: { ...pool.inputs, name: "batch-2" } };
        const both = fingerprintsOf([...resources, second]);
        assert.ok(first.filter(one => both.includes(one)).length >= 3, "what was there is still there");
        assert.ok(both.length > first.length, "and what is new is new");
    });

    it("knows a hole of Terraform's again in the next plan", async () => {
        const resources = await world("three-locks-external-ipv6");
        const planned = (hash: string) =>
            fingerprintsOf(
                resources.map(one => ({ ...one, urn: `urn:pulumi:terraform::${hash}::${one.type}::${one.name}` })),
            );
        assert.ok(planned("01234567").length > 0);
        assert.deepEqual(planned("01234567"), planned("89abcdef"));
    });

    it("has text of others as text: no link, no placeholder, no line, and the same result as before", async () => {
        const evil = "[x](https://evil.example) {0}\nC1 is violated: \u001b[2J\u202e";
        const resources = (await world("dev-node-pool-with-the-gateway-account")).map(one =>
            one.name === "batch" ? { ...one, urn: `${one.urn}${evil}`, inputs: { ...one.inputs, name: evil } } : one,
        );
        const log = logOf(resources, () => ({ file: "plan.json" }));
        schema.assertTakes(log);
        const texts = log.runs[0].results.map(({ message }) => message.text);
        const told = texts.join("\n\n");
        assert.ok(told.includes("[x] (https://evil.example) {{0}}\\u000aC1"), told);
        assert.ok(
            texts.every(text => !/\]\(|\nC\d is violated/.test(text)),
            told,
        );
    });
});

describe("where a resource is written", () => {
    let directory: string;
    before(() => {
        directory = realpathSync(mkdtempSync(path.join(tmpdir(), "places-")));
        process.env["INIT_CWD"] = directory;
    });
    after(() => {
        delete process.env["INIT_CWD"];
        rmSync(directory, { recursive: true });
    });

    function written(file: string, text: string): string {
        const full = path.join(directory, file);
        mkdirSync(path.dirname(full), { recursive: true });
        writeFileSync(full, text);
        return full;
    }

    function placesOf(options: EvidenceOptions): (end: string) => string {
        const resources = [options.from!, ...(options.with ?? [])].flatMap(file => resourcesIn("--from", file));
        const places = new Places(options, resources);
        return end => {
            const urns = resources.filter(({ urn }) => urn.endsWith(end)).map(({ urn }) => urn);
            assert.notEqual(urns.length, 0, end);
            const { file, line } = places.of(urns);
            return line === undefined ? file : `${file}:${line}`;
        };
    }

    const object = (kind: string, name: string) =>
        `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: shop }\n`;

    it("is the line of a manifest: in documents, in lists, in JSON, in a folder", () => {
        written("manifests/a.yaml", `# two\n${object("Service", "one")}---\n${object("Service", "two")}`);
        const item = (name: string) =>
            `    {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": "${name}"}}`;
        written(
            "manifests/sub/b.json",
            `{"apiVersion": "v1", "kind": "List", "items": [\n${item("three")},\n${item("four")}\n]}`,
        );
        const at = placesOf({ from: path.join(directory, "manifests") });
        assert.equal(at("shop/one"), "manifests/a.yaml:2");
        assert.equal(at("shop/two"), "manifests/a.yaml:6");
        assert.equal(at("shop/three"), "manifests/sub/b.json:2");
        assert.equal(at("shop/four"), "manifests/sub/b.json:3");
    });

    it("is the block of Terraform's files, in the module that has it, or the call of one that is elsewhere", () => {
        const change = (address: string, type: string) => ({
            address,
            mode: "managed",
            type,
            name: "x",
            provider_name: "registry.terraform.io/hashicorp/google",
            change: { actions: ["create"], before: null, after: { name: "x" }, after_unknown: {} },
        });
        const addresses = [
            'module.net["a.b"].google_compute_route.out[0]',
            "google_compute_firewall.all",
            "module.bought.google_compute_address.one",
            "google_compute_network.nowhere",
        ];
        const plan = {
            format_version: "1.2",
            terraform_version: "1.9.0",
            planned_values: { root_module: {} },
            resource_changes: addresses.map(address => change(address, /google_\w+/.exec(address)![0])),
            configuration: { root_module: {} },
        };
        const file = written("infra/dev/tfplan.json", JSON.stringify(plan));
        written(
            "infra/dev/main.tf",
            'resource "google_compute_firewall" "all_of_them" {\n}\nresource "google_compute_firewall" "all" {\n}\n' +
                'module "net" {\n  for_each = {}\n  source = "../modules/net"\n}\nmodule "bought" {\n  source = "acme/net/google"\n}\n',
        );
        written("infra/modules/net/routes.tf", '\n# one\nresource "google_compute_route" "out" {\n  count = 1\n}\n');
        const at = placesOf({ from: file });
        assert.equal(at("google_compute_firewall.all"), "infra/dev/main.tf:3");
        assert.equal(at("google_compute_route.out[0]"), "infra/modules/net/routes.tf:3");
        assert.equal(at("module.bought.google_compute_address.one"), "infra/dev/main.tf:9");
        assert.equal(at("google_compute_network.nowhere"), "infra/dev/tfplan.json");
    });

    it("is the line of the program that the engine tells, where that file is here", () => {
        const state = (name: string, sourcePosition?: string) => ({
            urn: `urn:pulumi:acme::shop::gcp:compute/route:Route::${name}`,
            type: "gcp:compute/route:Route",
            ...(sourcePosition === undefined ? {} : { sourcePosition }),
        });
        written("infra/index.ts", "\n");
        const resources = [
            state("a", "project:///infra/index.ts#12,5"),
            state("b"),
            state("c", "project:///gone.ts#1"),
        ];
        const file = written("state.json", JSON.stringify({ version: 3, deployment: { resources } }));
        const at = placesOf({ from: file });
        assert.equal(at("::a"), "infra/index.ts:12");
        assert.equal(at("::b"), "state.json");
        assert.equal(at("::c"), "state.json");
    });

    it("is the entry of the settings that a resource was made of, wherever that is listed", async () => {
        for (const [stack, host, expected] of [
            ["dev", "istio.io", /^Pulumi\.dev\.yaml:\d+$/],
            ["prod", "api.adyen.example.com", /^destinations\/payments\.yaml:13$/],
        ] as const) {
            delete process.env["INIT_CWD"];
            const { resources } = await planned(stack);
            const places = new Places({ stack }, resources);
            const entry = resources.find(
                ({ type, inputs }) => type.endsWith(":ServiceEntry") && JSON.stringify(inputs).includes(`"${host}"`),
            )!;
            const { file, line } = places.of([entry.urn]);
            assert.match(`${file}:${line}`, expected);
            assert.deepEqual(places.of([]), { file: `Pulumi.${stack}.yaml` });
            process.env["INIT_CWD"] = directory;
        }
    });

    it("names no folder outside of the repository, and leaves alone what is no settings file", () => {
        const outside = mkdtempSync(path.join(tmpdir(), "outside-"));
        const file = path.join(outside, "all.yaml");
        writeFileSync(file, object("Service", "one"));
        assert.equal(placesOf({ from: file, stack: "../../etc/passwd" })("shop/one"), "all.yaml:1");
        rmSync(outside, { recursive: true });
    });

    it("is a file that is given beside others too", () => {
        const plan = written(
            "plan.json",
            JSON.stringify({ resources: [{ urn: "urn:pulumi:a::b::c:d/e:F::g", type: "c:d/e:F" }] }),
        );
        const beside = written("beside.yaml", object("Service", "one"));
        assert.equal(placesOf({ from: plan, with: [beside] })("shop/one"), "beside.yaml:1");
    });
});
