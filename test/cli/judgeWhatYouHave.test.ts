import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { driftReport } from "../../cli/driftReport";
import { verdictReport } from "../../cli/verdictReport";
import { accountOf } from "../../containment/account";
import { prove } from "../../containment/prove";
import { readEvidence } from "../../containment/readers";
import { asDeployed } from "../../live/deployed/deployed";
import { driftOf } from "../../live/deployed/drift";
import { provenanceOf } from "../../plan/provenance";
import { shownInReadme } from "../program/shownOutput";
import { Rig, stackOf } from "../live/deployed/rig";
import { worldOf } from "../containment/worlds/folder";

const fixture = (file: string): string => readFileSync(path.join(__dirname, "../containment", file), "utf8");

/** The files that the README's examples are about. */
const FILES: Readonly<Record<string, () => string>> = {
    "preview.json": () => fixture("worlds/preview-that-deletes-the-deny/preview.json"),
    "tfplan.json": () => fixture("terraform/fixtures/three-locks.tfplan.json"),
    "assets.ndjson": () => fixture("inventory/fixtures/three-locks.ndjson"),
    "objects.yaml": () =>
        JSON.stringify({
            apiVersion: "v1",
            kind: "List",
            items: worldOf("three-locks")
                .filter(({ type }) => type.startsWith("kubernetes:"))
                .map(({ inputs }) => inputs),
        }),
};

const SHOWN: readonly (readonly [files: readonly string[], lines: number])[] = [
    [["preview.json"], 5],
    [["tfplan.json"], 5],
    [["assets.ndjson"], 7],
    [["assets.ndjson", "objects.yaml"], 9],
];

describe("the README's section on judging what you have", () => {
    for (const [files, lines] of SHOWN) {
        const [from, other] = files;
        const call = `$ npx egress-gateway prove --from ${from!}${other === undefined ? "" : ` --with ${other}`} --claims C1 | head -${lines}`;

        it(`shows what \`${call.slice(2)}\` prints`, () => {
            const readings = files.map(file => ({ file, ...readEvidence(FILES[file]!()) }));
            const resources = readings.flatMap(reading => reading.resources);
            const accounts = readings.map(reading => accountOf(reading.file, reading));
            const provenance = provenanceOf({ from: from!, with: files.slice(1) }, resources, new Date(0), accounts);
            const printed = stripVTControlCharacters(
                verdictReport(prove(resources, { claims: ["C1"] }), { provenance }),
            );
            assert.equal(shownInReadme(call), printed.split("\n").slice(0, lines).join("\n"));
        });
    }

    it("shows what judging and comparing what is deployed print", async function () {
        this.timeout(60_000);
        const rig = await Rig.start();
        try {
            const stack = await stackOf("dev");
            rig.deploy(stack, ({ project }) => {
                const [nat] = project.compute["regions/europe-west1/routers"]![0]!["nats"];
                nat.sourceSubnetworkIpRangesToNat = "ALL_SUBNETWORKS_ALL_IP_RANGES";
                delete nat.subnetworks;
                project.policy["bindings"].push({
                    role: "roles/iam.serviceAccountUser",
                    members: ["user:dev@acme.example"],
                });
            });
            const readings = await rig.readings(stack);
            const accounts = readings.map(reading => accountOf(reading.source, reading));
            const live = asDeployed(stack.planned, readings);
            const provenance = provenanceOf({ stack: "dev" }, live, new Date(0), accounts);
            const verdict = prove(live, { claims: ["C1"], gateway: { cluster: "acme-dev" } });
            const since = "the last `up` (as Pulumi.dev.yaml has it)";
            const drift = driftOf(stack.planned, live, "acme-dev");
            for (const [command, count, printed] of [
                ["prove -- --live --stack dev --claims C1", 9, verdictReport(verdict, { provenance })],
                ["diff -- --against live --stack dev", 18, driftReport({ since, accounts, ...drift })],
            ] as const) {
                const call = `$ npm run -s ${command} | head -${count}`;
                const lines = stripVTControlCharacters(printed).split("\n").slice(0, count);
                assert.equal(shownInReadme(call), lines.join("\n"), call);
            }
        } finally {
            rig.stop();
        }
    });
});
