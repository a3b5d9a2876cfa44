import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { SECRET } from "../../plan/registrations";
import { GOLDEN_STACKS, goldenFile, goldenPlan } from "./goldenPlan";
import { planned } from "./planned";
import { shownInReadme, shownOutput } from "./shownOutput";

describe("the plan of", () => {
    for (const stack of GOLDEN_STACKS) {
        it(`${stack} is the committed one; \`npm run golden\` writes it anew, for review`, async () => {
            assert.equal(goldenPlan(await planned(stack)), readFileSync(goldenFile(stack), "utf8"));
        });

        it(`${stack} has its kubeconfig as a secret, and no secret in the open`, async () => {
            const { resources } = await planned(stack);
            const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
            assert.equal(provider?.inputs["kubeconfig"], SECRET);
            assert.doesNotMatch(
                goldenPlan(await planned(stack)),
                /certificate-authority-data|client-key|"token"|PRIVATE KEY/,
            );
        });
    }
});

describe("the README", () => {
    it("shows what the commands print today; `npm run golden` writes it anew", async () => {
        const output = shownOutput(await planned("dev"));
        assert.ok(output.size > 0);
        for (const [call, printed] of output) {
            assert.equal(shownInReadme(call), printed);
        }
    });
});
