import { type ResourceValidationArgs, UnknownValueError } from "@pulumi/policy";
import { type Resource, UNKNOWN } from "../containment/resource";

/** A resource as the SDK shows it to a policy, in the form of a plan. What it depends on is only shown with the whole stack. */
export function resourceOf(
    args: Pick<ResourceValidationArgs, "urn" | "type" | "name" | "props" | "opts" | "provider">,
): Resource {
    return {
        urn: args.urn,
        type: args.type,
        name: args.name,
        inputs: withNamespace(args, plain(args.props) as Record<string, unknown>),
        dependsOn: [],
        ...(args.opts.parent === undefined ? {} : { parent: args.opts.parent }),
        ...(args.opts.protect ? { protect: true } : {}),
        ...(args.provider === undefined ? {} : { provider: args.provider.urn }),
    };
}

/** Objects without a namespace go to the one that their provider was given. */
function withNamespace(
    { type, provider }: Pick<ResourceValidationArgs, "type" | "provider">,
    inputs: Record<string, unknown>,
): Record<string, unknown> {
    const metadata = inputs.metadata as Record<string, unknown> | undefined;
    if (
        !type.startsWith("kubernetes:") ||
        metadata === null ||
        metadata?.namespace !== undefined ||
        provider === undefined
    ) {
        return inputs;
    }
    const { namespace } = plain(provider.props) as { readonly namespace?: unknown };
    return namespace === undefined ? inputs : { ...inputs, metadata: { ...metadata, namespace } };
}

/**
 * The properties without the SDK's proxy, which throws when a value that is not known yet is read: a rule that lets that pass
 * turns advisory, however mandatory it is. Such a value becomes the sentinel that the proof knows.
 */
export function plain(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const read = (key: string): unknown => {
        try {
            return plain((value as Record<string, unknown>)[key]);
        } catch (error) {
            if (error instanceof UnknownValueError) {
                return UNKNOWN;
            }
            throw error;
        }
    };
    if (Array.isArray(value)) {
        return Array.from({ length: value.length }, (_, index) => read(String(index)));
    }
    return Object.fromEntries(Object.keys(value).map(key => [key, read(key)]));
}
