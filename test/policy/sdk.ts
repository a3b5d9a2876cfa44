import {
    type PolicyResource,
    type ResourceValidationArgs,
    type ResourceValidationPolicy,
    type StackValidationPolicy,
    unknownCheckingProxy,
} from "@pulumi/policy";
import { type PackPolicy } from "../../policy/crossguard";
import { type Subject } from "./cases/case";

export interface Violation {
    readonly policy: string;
    readonly message: string;
    readonly urn: string;
}

const STACK: Subject = { type: "pulumi:pulumi:Stack", name: "shop-dev", inputs: {} };

/**
 * Runs a pack as the SDK does (`makeAnalyzeRpcFun` and `makeAnalyzeStackRpcFun` in its `server.js`): every policy in order for
 * each resource, with properties behind the SDK's own proxy, then the stack policies.
 *
 * @param config of the pack by policy
 */
export async function violations(
    policies: readonly PackPolicy[],
    subjects: readonly Subject[],
    config: Readonly<Record<string, object>> = {},
    project = "shop",
): Promise<Violation[]> {
    const found: Violation[] = [];
    const all = [STACK, ...subjects].map((subject, index) => argumentsOf(subject, index, project));
    for (const resource of all) {
        for (const policy of policies.filter(isResourcePolicy)) {
            const args: ResourceValidationArgs = { ...resource, ...common(config[policy.name]) };
            for (const validate of [policy.validateResource ?? []].flat()) {
                await validate(args, message => found.push({ policy: policy.name, message, urn: args.urn }));
            }
        }
    }
    const resources: PolicyResource[] = all.map(resource => ({
        ...resource,
        dependencies: [],
        propertyDependencies: {},
    }));
    [STACK, ...subjects].forEach(({ madeFrom = {}, parent }, index) => {
        const made = resources.find(({ urn }) => urn === parent);
        if (made !== undefined) {
            resources[index]!.parent = made;
        }
        resources[index]!.propertyDependencies = Object.fromEntries(
            Object.entries(madeFrom).map(([key, names]) => [key, resources.filter(({ name }) => names.includes(name))]),
        );
    });
    for (const policy of policies.filter(isStackPolicy)) {
        await policy.validateStack({ resources, ...common(config[policy.name]) }, (message, urn) =>
            found.push({ policy: policy.name, message, urn: urn ?? "" }),
        );
    }
    return found;
}

function isResourcePolicy(policy: PackPolicy): policy is ResourceValidationPolicy {
    return "validateResource" in policy;
}

function isStackPolicy(policy: PackPolicy): policy is StackValidationPolicy {
    return "validateStack" in policy;
}

function argumentsOf({ type, inputs, name, urn }: Subject, index: number, project: string) {
    const logicalName = name ?? `subject-${index}`;
    return {
        type,
        name: logicalName,
        urn: urn?.split("::")[1] === project ? urn : `urn:pulumi:dev::${project}::${type}::${logicalName}`,
        props: unknownCheckingProxy(inputs) as Record<string, unknown>,
        opts: {
            protect: false,
            ignoreChanges: [],
            aliases: [],
            additionalSecretOutputs: [],
            customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
        },
        isType: () => false,
        asType: () => undefined,
    };
}

function common(config: object | undefined) {
    return {
        stackTags: new Map<string, string>(),
        getConfig: <T extends object>(): T => (config ?? {}) as T,
        notApplicable: (reason?: string): never => {
            throw new Error(`not applicable: ${reason}`);
        },
    };
}
