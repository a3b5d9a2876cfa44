import { checked } from "../base/schemaProblems";
import { InputError, type Problem } from "../base/problem";
import { CONTRACT_VERSION, type EgressOutputs, egressOutputsSchema, versionSkew } from "./egress";
import { type StackOutputs, stackParts } from "./stackOutputs";

/** The outputs that make a stack an egress gateway. */
export const EGRESS_OUTPUT_NAMES = Object.keys(egressOutputsSchema.shape);

/**
 * Checks what a stack gives against the contract.
 *
 * @throws InputError; each of these says which it is and what to do: a stack that was never deployed, one that is no egress
 * gateway, one that lacks outputs, secret outputs, another version of the contract, outputs of another shape.
 */
export function egressOutputsOf(outputs: StackOutputs): EgressOutputs {
    const problem = outputsProblem(outputs);
    if (problem !== undefined) {
        throw new InputError(`the egress gateway of stack ${outputs.stack} cannot be used`, [problem]);
    }
    const { value, problems } = checked(egressOutputsSchema, outputs.values, "outputs");
    if (value === undefined) {
        throw new InputError(
            `the outputs of stack ${outputs.stack} are not those of contract version ${CONTRACT_VERSION}`,
            problems.map(problem => ({
                ...problem,
                remedy: `Deploy the stack again with the release that it comes from: \`pulumi up -s ${outputs.stack}\`.`,
            })),
        );
    }
    return value;
}

function outputsProblem({ stack, names, values, secret }: StackOutputs): Problem | undefined {
    const path = `outputs of stack ${stack}`;
    const deploy = `\`pulumi up -s ${stack}\``;
    if (names.length === 0) {
        return {
            path,
            given: undefined,
            expected: "the outputs of an egress gateway",
            remedy: `The stack exists but was never deployed, or was destroyed: run ${deploy} first.`,
        };
    }
    if (!EGRESS_OUTPUT_NAMES.some(name => names.includes(name))) {
        return {
            path,
            given: names,
            expected: "the outputs of an egress gateway",
            remedy: `Name the stack of the egress gateway: \`organization/<project>/<stack>\`, by default \`organization/egress-gateway/${stackParts(stack).stack}\`.`,
        };
    }
    // The version comes before the rest: with another one the rest means something else.
    const version = values["contractVersion"];
    const skew = versionSkew(version);
    if (skew !== undefined && !secret.includes("contractVersion")) {
        return { path: `${path}, contractVersion`, given: version, ...SKEW[skew](deploy, version) };
    }
    if (secret.length > 0) {
        return {
            path,
            given: secret,
            expected: "outputs that are not secret",
            remedy: "Nothing in them is secret; remove `pulumi.secret` in that program, and deploy it again.",
        };
    }
    const missing = Object.entries(egressOutputsSchema.shape)
        .filter(([name, schema]) => !schema.isOptional() && values[name] === undefined)
        .map(([name]) => name);
    return missing.length === 0
        ? undefined
        : {
              path,
              given: names,
              expected: `also ${missing.map(name => `\`${name}\``).join(", ")}`,
              remedy: `Its last deployment did not reach its end: look at it, and run ${deploy}.`,
          };
}

type Advice = (deploy: string, version: unknown) => Pick<Problem, "expected" | "remedy">;

const SKEW: Readonly<Record<NonNullable<ReturnType<typeof versionSkew>>, Advice>> = {
    missing: deploy => ({
        expected: `the version of its contract; this program understands ${CONTRACT_VERSION}`,
        remedy: `The stack was deployed by something that has no versioned contract: upgrade it, and run ${deploy}.`,
    }),
    newer: (_, version) => ({
        expected: `${CONTRACT_VERSION}, the version that this program understands`,
        remedy: `The egress stack is ahead of this program: install egress-gateway-contract ${String(version)}.x here.`,
    }),
    older: (deploy, version) => ({
        expected: `${CONTRACT_VERSION}, the version that this program understands`,
        remedy: `The egress stack is behind this program: upgrade it and run ${deploy}, or install egress-gateway-contract ${String(version)}.x here.`,
    }),
};
