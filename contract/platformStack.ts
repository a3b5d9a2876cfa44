import * as pulumi from "@pulumi/pulumi";
import { InputError, type Problem } from "../base/problem";
import { type StackOutputs, stackOutputs } from "./stackOutputs";
import { CONTRACT_VERSION, versionSkew } from "./egress";

/** Name of the output under which a platform stack gives its facts. */
export const PLATFORM_OUTPUT = "platform";
const VERSION_OUTPUT = "contractVersion";

/**
 * The platform as its own stack gives it, unchecked: the reader of the settings checks it like a written one.
 *
 * @throws InputError naming the output and the stack when the stack was never deployed, has no such output, has it as a
 * secret, or has it in another version of the contract.
 */
export async function platformFactsFrom(stack: string): Promise<unknown> {
    const outputs = await stackOutputs(new pulumi.StackReference(stack), [PLATFORM_OUTPUT, VERSION_OUTPUT]);
    const problem = platformProblem(outputs);
    if (problem !== undefined) {
        throw new InputError("the settings cannot be used", [problem]);
    }
    return outputs.values[PLATFORM_OUTPUT];
}

/** What keeps a stack's outputs from being a platform, before their contents are looked at. */
export function platformProblem({ stack, names, values, secret }: StackOutputs): Problem | undefined {
    const path = `outputs of stack ${stack}`;
    const expected = `an output \`${PLATFORM_OUTPUT}\` that is not secret`;
    if (names.length === 0) {
        const remedy = `The stack exists but was never deployed, or was destroyed: run \`pulumi up -s ${stack}\` first.`;
        return { path, given: undefined, expected, remedy };
    }
    if (secret.includes(PLATFORM_OUTPUT)) {
        const remedy = `Nothing in it is secret; remove \`pulumi.secret\` there and run \`pulumi up -s ${stack}\`.`;
        return { path, given: "a secret", expected, remedy };
    }
    if (values[PLATFORM_OUTPUT] === undefined) {
        const remedy = `Return it from that program with \`platformOutputs\` of the package egress-gateway-contract, and run \`pulumi up -s ${stack}\`.`;
        return { path, given: names, expected, remedy };
    }
    const version = values[VERSION_OUTPUT];
    // A platform written by hand may leave the version out; the schema is strict and finds what does not fit.
    const skew = version === undefined ? undefined : versionSkew(version);
    return skew === undefined
        ? undefined
        : {
              path: `${path}, ${VERSION_OUTPUT}`,
              given: version,
              expected: `${CONTRACT_VERSION}, the version that this program understands`,
              remedy:
                  skew === "newer"
                      ? "The platform is ahead: upgrade this program, or hold the platform at the older contract."
                      : `The platform is behind: upgrade egress-gateway-contract there and run \`pulumi up -s ${stack}\`.`,
          };
}
