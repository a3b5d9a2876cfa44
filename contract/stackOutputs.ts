import type * as pulumi from "@pulumi/pulumi";

/** Outputs of another stack as plain data. */
export interface StackOutputs {
    /** As the reference names it: `organization/<project>/<stack>`. */
    readonly stack: string;
    /** Names of all outputs of that stack; empty when it was never deployed, or destroyed. */
    readonly names: readonly string[];
    /** Those that were asked for and exist. */
    readonly values: Readonly<Record<string, unknown>>;
    /** Those that were asked for and are secret: their values are not here. */
    readonly secret: readonly string[];
}

/**
 * Reads outputs of another stack. The engine knows them in a preview already, so they are awaited as plain data, and everything
 * that follows from them is known at preview as well.
 *
 * A stack that the backend does not know never gets here: the engine itself ends the program with `unknown stack "…"`.
 */
export async function stackOutputs(reference: pulumi.StackReference, wanted: readonly string[]): Promise<StackOutputs> {
    const [stack, names] = await Promise.all([settled(reference.name), settled(reference.outputs.apply(Object.keys))]);
    const values: Record<string, unknown> = {};
    const secret: string[] = [];
    for (const name of wanted) {
        const { value, secretValue } = await reference.getOutputDetails(name);
        if (secretValue !== undefined) {
            secret.push(name);
        } else if (value !== undefined) {
            values[name] = value;
        }
    }
    return { stack, names: [...names].sort(), values, secret };
}

/** The value of an output that is known; the SDK has a promise for it, but not in its types. */
function settled<T>(output: pulumi.Output<T>): Promise<T> {
    return (output as unknown as { promise(): Promise<T> }).promise();
}

/** Project and stack of a full name, for messages. */
export function stackParts(fullName: string): { readonly project: string; readonly stack: string } {
    const parts = fullName.split("/");
    return { project: parts.at(-2) ?? fullName, stack: parts.at(-1) ?? fullName };
}
