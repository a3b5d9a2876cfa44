import * as pulumi from "@pulumi/pulumi";
import { InputError } from "../settings/values/problem";

/** Name of the output under which a platform stack gives its facts. */
export const PLATFORM_OUTPUT = "platform";

/**
 * The platform as its own stack gives it, unchecked: the reader of the settings checks it like a written one.
 *
 * Values of a stack reference are known in previews, so they are awaited as plain data and everything that follows from them
 * is known at preview as well.
 *
 * @throws InputError naming the output and the stack when there is no such output, or when it is secret.
 */
export async function platformFactsFrom(stack: string): Promise<unknown> {
    const reference = new pulumi.StackReference(stack);
    const details = await reference.getOutputDetails(PLATFORM_OUTPUT);
    if (details.value !== undefined) {
        return details.value as unknown;
    }
    throw new InputError("the settings cannot be used", [
        {
            path: `outputs of stack ${stack}`,
            given: details.secretValue === undefined ? undefined : "a secret",
            expected: `an output \`${PLATFORM_OUTPUT}\` that is not secret`,
            remedy: `Deploy the platform with this output (\`pulumi up -s ${stack}\`); contract/platform.ts says what is in it.`,
        },
    ]);
}
