import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { EgressGateway } from "../../contract";
import { platformFactsFrom, platformProblem } from "../../contract/platformStack";
import { OUTPUTS, STACK } from "./outputs";

const PLATFORM = "organization/platform/dev";

/** Answers stack references as the engine does in a preview. */
async function stacks(
    outputs: Readonly<Record<string, Record<string, unknown>>>,
    secretOutputNames: string[] = [],
): Promise<void> {
    await pulumi.runtime.setMocks(
        {
            newResource: ({ inputs }) => {
                const name = (inputs as { name: string }).name;
                return { id: name, state: { name, outputs: outputs[name] ?? {}, secretOutputNames } };
            },
            call: ({ inputs }) => inputs as Record<string, unknown>,
        },
        "application",
        "dev",
        true,
        "organization",
    );
}

describe("the egress gateway by a stack reference", () => {
    it("is known in a preview, addresses included", async () => {
        await stacks({ [STACK]: { ...OUTPUTS } });
        const egress = await EgressGateway.fromStack(STACK);
        assert.equal(egress.stack, STACK);
        assert.deepEqual(egress.natAddresses, OUTPUTS.natAddresses);
        assert.deepEqual(egress.destinations, OUTPUTS.destinations);
    });

    it("takes a reference that the program has already", async () => {
        await stacks({ [STACK]: { ...OUTPUTS } });
        const egress = await EgressGateway.fromStack(new pulumi.StackReference("egress", { name: STACK }));
        assert.equal(egress.stack, STACK);
    });

    it("is refused when the stack has no outputs", async () => {
        await stacks({});
        await assert.rejects(EgressGateway.fromStack(STACK), /exists but was never deployed/);
    });

    it("is refused when an output is secret", async () => {
        await stacks({ [STACK]: { ...OUTPUTS } }, ["natAddresses"]);
        await assert.rejects(
            EgressGateway.fromStack(STACK),
            /got \["natAddresses"\], expected outputs that are not secret/,
        );
    });
});

describe("the platform by a stack reference", () => {
    const facts = { kind: "kubernetes" };

    it("is what its stack gives, unchecked", async () => {
        await stacks({ [PLATFORM]: { contractVersion: 1, platform: facts } });
        assert.deepEqual(await platformFactsFrom(PLATFORM), facts);
    });

    it("may be written by hand, without a version", async () => {
        await stacks({ [PLATFORM]: { platform: facts } });
        assert.deepEqual(await platformFactsFrom(PLATFORM), facts);
    });

    it("is refused, naming output and stack, when there is none", async () => {
        await stacks({ [PLATFORM]: { network: "acme" } });
        await assert.rejects(platformFactsFrom(PLATFORM), (error: Error) => {
            assert.match(
                error.message,
                /outputs of stack organization\/platform\/dev\n {4}got \["network"\], expected an output `platform`/,
            );
            return true;
        });
    });

    it("is refused when its stack was never deployed", async () => {
        await stacks({});
        await assert.rejects(
            platformFactsFrom(PLATFORM),
            /never deployed, or was destroyed: run `pulumi up -s organization\/platform\/dev` first/,
        );
    });

    it("is refused when it is secret", async () => {
        await stacks({ [PLATFORM]: { platform: facts } }, ["platform"]);
        await assert.rejects(platformFactsFrom(PLATFORM), /got "a secret"/);
    });

    it("is refused in another version, with who has to move", () => {
        const at = (contractVersion: number) =>
            platformProblem({
                stack: PLATFORM,
                names: ["platform"],
                values: { contractVersion, platform: facts },
                secret: [],
            })?.remedy;
        assert.match(at(2) ?? "", /^The platform is ahead/);
        assert.match(at(0) ?? "", /^The platform is behind/);
        assert.equal(at(1), undefined);
    });
});
