import * as pulumi from "@pulumi/pulumi";
import { InputError, type Problem } from "../base/problem";
import { CONTRACT_VERSION, versionSkew } from "./egress";
import { PERIMETER_OUTPUT } from "./sharedPerimeter";
import { type StackOutputs, stackOutputs } from "./stackOutputs";

const VERSION_OUTPUT = "contractVersion";

/**
 * What the stack that owns a network's perimeter gives to those that join it, unchecked: the reader of the settings checks it.
 *
 * @throws InputError when there is no such stack's deployment, or it shares no perimeter
 */
export async function perimeterFactsFrom(stack: string): Promise<unknown> {
    const outputs = await stackOutputs(new pulumi.StackReference(stack), [PERIMETER_OUTPUT, VERSION_OUTPUT]);
    const problem = perimeterProblem(outputs);
    if (problem !== undefined) {
        throw new InputError("the settings cannot be used", [problem]);
    }
    return outputs.values[PERIMETER_OUTPUT];
}

/** Without the owner's deny nothing of this stack may be made, so its outputs have to be there. */
function perimeterProblem({ stack, names, values }: StackOutputs): Problem | undefined {
    const path = `outputs of stack ${stack}`;
    const expected = `an output \`${PERIMETER_OUTPUT}\`: the firewall policy that this stack's rules join`;
    const version = values[VERSION_OUTPUT];
    if (names.length === 0) {
        const remedy = `The stack exists but was never deployed, or was destroyed: run \`pulumi up -s ${stack}\` first. Its deny has to be there before nodes of this one are.`;
        return { path, given: undefined, expected, remedy };
    }
    if (versionSkew(version) !== undefined) {
        return {
            path: `${path}, ${VERSION_OUTPUT}`,
            given: version,
            expected: `${CONTRACT_VERSION}, the version that this program understands`,
            remedy: `Deploy both stacks with one release: \`pulumi up -s ${stack}\`.`,
        };
    }
    return values[PERIMETER_OUTPUT] === undefined
        ? {
              path,
              given: names,
              expected,
              remedy: `Set \`egress-gateway:perimeter: {shared: true}\` there, and run \`pulumi up -s ${stack}\`.`,
          }
        : undefined;
}
