import * as pulumi from "@pulumi/pulumi";
import { type z } from "zod";
import { InputError, type Problem } from "../base/problem";
import { checked } from "../base/schemaProblems";
import { CONTRACT_VERSION, type EgressOutputs, egressOutputsSchema } from "./egress";
import { googlePlatformSchema, kubernetesPlatformSchema, type PlatformFacts } from "./platform";
import { rangeProblems } from "./platformRanges";
import { PLATFORM_OUTPUT } from "./platformStack";

/** What a platform stack exports for the egress stack. */
export interface PlatformOutputs {
    readonly contractVersion: number;
    readonly platform: PlatformFacts;
}

/** The facts as a platform's program may write them: what has a default can be left out. */
export type PlatformInput = z.input<typeof googlePlatformSchema> | z.input<typeof kubernetesPlatformSchema>;

/**
 * The outputs of a platform stack, checked by the schema that the egress stack reads them with, so that a mistake shows where
 * it was made. The facts are plain data: names and ranges that the program has decided, not Outputs of what it creates.
 *
 * @throws InputError with every problem at once.
 */
export function platformOutputs(facts: PlatformInput): PlatformOutputs {
    const platform = given(facts.kind === "kubernetes" ? kubernetesPlatformSchema : googlePlatformSchema, facts);
    fail("the platform's outputs do not meet the contract", rangeProblems(platform, PLATFORM_OUTPUT));
    return { contractVersion: CONTRACT_VERSION, platform };
}

function given(schema: z.ZodType<PlatformFacts>, facts: PlatformInput): PlatformFacts {
    const { value, problems } = checked(schema, facts, PLATFORM_OUTPUT);
    fail("the platform's outputs do not meet the contract", problems);
    return value!;
}

/**
 * The outputs of the egress stack, checked by the schema that applications read them with. All of it is known at preview but
 * the addresses, which are checked once Google has given them.
 *
 * @throws InputError with every problem at once.
 */
export function egressOutputs(
    known: Omit<EgressOutputs, "natAddresses">,
    natAddresses: pulumi.Input<string[]>,
): Omit<EgressOutputs, "natAddresses"> & { readonly natAddresses: pulumi.Output<string[]> } {
    const subject = "the outputs do not meet the contract with applications";
    fail(subject, checked(egressOutputsSchema.omit({ natAddresses: true }), known, "outputs").problems);
    const addresses = pulumi.output(natAddresses).apply(value => {
        fail(subject, checked(egressOutputsSchema.shape.natAddresses, value, "outputs.natAddresses").problems);
        return value;
    });
    return { ...known, natAddresses: addresses };
}

function fail(subject: string, problems: readonly Problem[]): void {
    if (problems.length > 0) {
        throw new InputError(subject, problems);
    }
}
