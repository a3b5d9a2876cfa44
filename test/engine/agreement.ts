import { UNKNOWN } from "../../containment/resource";
import type { EngineResource, PreviewStep } from "./preview";

/** A resource of `npm run plan -- --json`. */
export interface PlannedResource {
    readonly urn: string;
    readonly type: string;
    readonly parent?: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly dependsOn: readonly string[];
    readonly provider?: string;
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly ignoreChanges?: readonly string[];
}

/** The engine's own types: the stack itself, and reading another stack. Neither is created. */
const NOT_PLANNED = ["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference"];

/**
 * Everything in which an offline plan and an engine's preview of a new stack differ, as sentences.
 *
 * The engine's inputs have been through the provider, which may add a generated name, a note of what it added,
 * and the provider's own version, and nothing else.
 */
export function disagreements(plan: readonly PlannedResource[], steps: readonly PreviewStep[]): string[] {
    const previewed = new Map(
        steps
            .map(step => step.newState)
            .filter(state => state !== undefined)
            .filter(state => !NOT_PLANNED.includes(state.type))
            .map(state => [state.urn, state]),
    );
    const planned = new Map(plan.map(resource => [resource.urn, resource]));
    return [
        ...[...planned.keys()].filter(urn => !previewed.has(urn)).map(urn => `${urn}: only in the plan`),
        ...[...previewed.keys()].filter(urn => !planned.has(urn)).map(urn => `${urn}: only in the preview`),
        ...plan.flatMap(resource => {
            const state = previewed.get(resource.urn);
            return state === undefined
                ? []
                : [...optionDifferences(resource, state), ...inputDifferences(resource, state)].map(
                      difference => `${resource.urn}: ${difference}`,
                  );
        }),
    ];
}

function optionDifferences(plan: PlannedResource, state: EngineResource): string[] {
    const pairs: Readonly<Record<string, readonly [unknown, unknown]>> = {
        parent: [plan.parent ?? null, isStack(state.parent) ? null : state.parent],
        dependsOn: [plan.dependsOn, [...(state.dependencies ?? [])].sort()],
        provider: [plan.provider ?? null, state.provider?.split("::").slice(0, -1).join("::") ?? null],
        protect: [plan.protect ?? false, state.protect ?? false],
        retainOnDelete: [plan.retainOnDelete ?? false, state.retainOnDelete ?? false],
        ignoreChanges: [plan.ignoreChanges ?? [], state.ignoreChanges ?? []],
    };
    return Object.entries(pairs)
        .filter(([, [ours, engines]]) => JSON.stringify(ours) !== JSON.stringify(engines))
        .map(
            ([option, [ours, engines]]) =>
                `${option} is ${JSON.stringify(ours)} in the plan, ${JSON.stringify(engines)} in the preview`,
        );
}

function inputDifferences(plan: PlannedResource, state: EngineResource): string[] {
    const added = new Set(
        plan.type.startsWith("pulumi:providers:") ? ["version", "__internal"] : ["name", "__defaults"],
    );
    const engines = Object.entries(state.inputs ?? {}).filter(([key]) => key in plan.inputs || !added.has(key));
    return differences(plan.inputs, Object.fromEntries(engines), "inputs");
}

function differences(plan: unknown, preview: unknown, path: string): string[] {
    if (isTree(plan) && isTree(preview) && Array.isArray(plan) === Array.isArray(preview)) {
        const keys = [...new Set([...Object.keys(plan), ...Object.keys(preview)])];
        return keys.flatMap(key => differences(plan[key], preview[key], `${path}.${key}`));
    }
    return plan === preview ? [] : [`${path} is ${shown(plan)} in the plan, ${shown(preview)} in the preview`];
}

function isTree(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
    return value === UNKNOWN ? "unknown" : value === undefined ? "absent" : JSON.stringify(value);
}

function isStack(urn: string | undefined): boolean {
    return urn === undefined || urn.split("::")[2] === "pulumi:pulumi:Stack";
}
