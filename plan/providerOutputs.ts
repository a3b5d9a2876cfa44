/**
 * The outputs that Google composes from names alone, so that an offline plan knows what a preview knows and nothing more:
 * anything else that a provider computes stays unknown until `up`.
 */
export function providerOutputs(
    type: string,
    name: string,
    inputs: Readonly<Record<string, unknown>>,
): { readonly id: string | undefined; readonly outputs: Record<string, unknown> } {
    if (type === "gcp:serviceaccount/account:Account") {
        const email = `${String(inputs["accountId"])}@${String(inputs["project"])}.iam.gserviceaccount.com`;
        return { id: undefined, outputs: { email, member: `serviceAccount:${email}` } };
    }
    if (type.startsWith("pulumi:providers:")) {
        return { id: `${name}-id`, outputs: {} };
    }
    return { id: undefined, outputs: {} };
}
