import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { prove } from "../../../containment/prove";
import { readResources } from "../../../containment/readers";
import { asInventory } from "./inventory";
import { asPulumi } from "./pulumi";
import { someSettlement } from "./settlement";
import { asTerraform } from "./terraform";

const RUNS = Number(process.env["ORACLE_RUNS"] ?? 30);
const SEED = Number(process.env["ORACLE_SEED"] ?? 4711);

/** The answer without what names the file: results, who sends which packet, how many grants are held against it, and each lock. */
function told(texts: readonly string[]): unknown {
    const { verdict, claims, locks, gateway } = prove(texts.flatMap(readResources));
    return {
        verdict,
        claims: claims.map(({ id, result, witnesses, reasons }) => ({
            id,
            result,
            witnesses: witnesses
                // Terraform calls a resource by its address.
                .map(({ source, packet }) => JSON.stringify([source.replace("google_compute_instance.", ""), packet]))
                .sort(),
            grants: reasons.filter(reason => reason.includes("@example.com")).length,
        })),
        locks: locks.map(({ lock, without }) => ({ lock, without })),
        gateway: [gateway.pools.map(({ name }) => name), gateway.namespace?.name],
    };
}

/** Writers that share no code with the readers write one world in each spelling. */
describe("one world in every spelling", () => {
    it(`gets one verdict (${RUNS} worlds, seed ${SEED})`, function () {
        this.timeout(0);
        const verdicts = new Set<string>();
        fc.sample(someSettlement, { numRuns: RUNS, seed: SEED }).forEach((settlement, index) => {
            const pulumi = told([asPulumi(settlement)]);
            assert.deepEqual(told([asTerraform(settlement)]), pulumi, `world ${index} as a Terraform plan`);
            assert.deepEqual(told(asInventory(settlement)), pulumi, `world ${index} as an inventory with manifests`);
            verdicts.add(
                JSON.stringify(
                    (pulumi as { claims: readonly { result: string }[] }).claims.map(({ result }) => result),
                ),
            );
        });
        // Worlds that all come out alike would show nothing.
        assert.ok(verdicts.size >= Math.min(5, RUNS), [...verdicts].join("\n"));
    });
});
