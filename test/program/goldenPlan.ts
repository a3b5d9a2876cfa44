import * as path from "node:path";
import { type Plan } from "../../plan/offline";
import { at, REPLACED_TYPES } from "../../plan/replacements";

/** The stacks whose plans are committed, so that every change of infrastructure is a diff in review. */
export const GOLDEN_STACKS = ["dev", "prod", "teams", "blue", "green"] as const;

/** Two clusters in one network: what is in a cluster is as in the others. */
const NETWORK_ONLY: readonly string[] = ["blue", "green"];

export function goldenFile(stack: string): string {
    return path.join(__dirname, "golden", `${stack}.json`);
}

/** The stacks' replacing inputs: written by hand or by `npm run golden -- --replacing`, never along with the plans. */
export const REPLACING_FILE = path.join(__dirname, "golden", "replacing.json");

/** The values whose change replaces a cloud resource, by type and name. */
export function replacingInputs({ resources }: Plan): Record<string, Record<string, unknown>> {
    return Object.fromEntries(
        resources.flatMap(({ type, name, inputs, ignoreChanges = [] }) => {
            const paths = REPLACED_TYPES[type]?.replacing.filter(path => !ignoreChanges.includes(path)) ?? [];
            const given = paths.flatMap(path => {
                const value = at(inputs, path);
                return value === undefined ? [] : [[path, value] as const];
            });
            return given.length === 0 ? [] : [[`${type} ${name}`, Object.fromEntries(given)]];
        }),
    );
}

/** The plan in a form that shows a difference where there is one: keys sorted, URNs without the parts that never differ. */
export function goldenPlan({ project, stack, resources, outputs, warnings }: Plan): string {
    const prefix = `urn:pulumi:${stack}::${project}::`;
    const shown = NETWORK_ONLY.includes(stack)
        ? resources.filter(({ type }) => /^(gcp|egress-gateway:(perimeter|platform|node-pool)):/.test(type))
        : resources;
    const text = JSON.stringify(sorted({ resources: shown, outputs, warnings }), undefined, 2);
    return `${text.replaceAll(prefix, "")}\n`;
}

function sorted(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
    );
}
