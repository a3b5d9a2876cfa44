import assert from "node:assert/strict";
import { type Plan, planOffline } from "../../plan/offline";
import { type PlannedResource } from "../../plan/registrations";
import { PROJECT_DIRECTORY } from "../../plan/project";

const plans = new Map<string, Promise<Plan>>();

/** The plan of a real stack; made once, because the mock runtime takes one program at a time. */
export function planned(stack: string): Promise<Plan> {
    const plan = plans.get(stack) ?? planOffline(PROJECT_DIRECTORY, stack);
    plans.set(stack, plan);
    return plan;
}

/** The one resource of this type, or of this type and name. */
export function the(resources: readonly PlannedResource[], type: string, name?: string): PlannedResource {
    const found = resources.filter(
        resource => resource.type === type && (name === undefined || resource.name === name),
    );
    assert.equal(
        found.length,
        1,
        `expected one ${type} ${name ?? ""}, found ${found.map(resource => resource.name).join(", ") || "none"}`,
    );
    return found[0]!;
}

/**
 * What exists before this resource: what it depends on, and what its parents depend on, since a child is registered after
 * its parent.
 */
export function existingBefore(resources: readonly PlannedResource[], resource: PlannedResource): ReadonlySet<string> {
    const byUrn = new Map(resources.map(other => [other.urn, other]));
    const before = new Set<string>();
    const queue = [resource.urn];
    for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
        const current = byUrn.get(urn);
        for (const earlier of [
            ...(current?.dependsOn ?? []),
            ...(current?.parent === undefined ? [] : [current.parent]),
        ]) {
            if (!before.has(earlier)) {
                before.add(earlier);
                queue.push(earlier);
            }
        }
    }
    return before;
}
