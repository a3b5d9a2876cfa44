import * as pulumi from "@pulumi/pulumi";
import { type z } from "zod";
import { InputError, type Problem } from "../base/problem";
import { checked } from "../base/schemaProblems";
import { CONTRACT_VERSION, egressOutputsSchema, type KnownGateway, type KnownOutputs } from "./egress";
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
    { gateways, ...known }: KnownOutputs,
    natAddresses: pulumi.Input<string[]>,
    natAddressesOf: Readonly<Record<string, pulumi.Input<string[]>>> = {},
): ProducedOutputs {
    const subject = "the outputs do not meet the contract with applications";
    fail(subject, checked(egressOutputsSchema.omit({ natAddresses: true, gateways: true }), known, "outputs").problems);
    const addresses = (given: pulumi.Input<string[]>, path: string): pulumi.Output<string[]> =>
        pulumi.output(given).apply(value => {
            fail(subject, checked(egressOutputsSchema.shape.natAddresses, value, path).problems);
            return value;
        });
    const first = addresses(natAddresses, "outputs.natAddresses");
    if (gateways === undefined) {
        return { ...known, natAddresses: first };
    }
    const others = Object.entries(gateways).map(([name, gateway]) => ({
        ...gateway,
        name,
        natAddresses: addresses(natAddressesOf[name] ?? [], `outputs.gateways.${name}.natAddresses`),
    }));
    return {
        ...known,
        gateways: Object.fromEntries(others.map(({ name, ...gateway }) => [name, gateway])),
        natAddresses: pulumi.all([first, ...others.map(other => other.natAddresses)]).apply(lists => lists.flat()),
    };
}

type ProducedOutputs = Omit<KnownOutputs, "gateways"> & {
    readonly natAddresses: pulumi.Output<string[]>;
    readonly gateways?: Readonly<Record<string, KnownGateway & { readonly natAddresses: pulumi.Output<string[]> }>>;
};

function fail(subject: string, problems: readonly Problem[]): void {
    if (problems.length > 0) {
        throw new InputError(subject, problems);
    }
}
