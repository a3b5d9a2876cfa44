import assert from "node:assert/strict";
import { planned } from "./planned";
import { shownInReadme, shownOutput } from "./shownOutput";

describe("the README", () => {
    it("shows what the commands print today; `npm run golden` writes it anew", async () => {
        const output = shownOutput(await planned("dev"));
        assert.ok(output.size > 0);
        for (const [call, printed] of output) {
            assert.equal(shownInReadme(call), printed);
        }
    });
});
