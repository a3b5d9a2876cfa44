import { type Resource } from "../containment/resource";
import { registeredAs } from "../declared/component";
import { PERIMETER } from "../declared/perimeter";

/** One step from "old egress objects live beside" to "only ours". Each holds for as long as it has to. */
export interface Step {
    readonly name: string;
    readonly state: "done" | "now" | "next";
    readonly what: string;
}

const STEPS: readonly Omit<Step, "state">[] = [
    {
        name: "observe",
        what: "everything is in place and denies nothing; what was there before goes on working beside it",
    },
    {
        name: "suggest",
        what: "`npm run import` for the old objects, `npm run suggest` for the logs, until neither has anything to add",
    },
    {
        name: "declare",
        what: "`up`, and what is declared goes through the gateway; remove the old objects that `npm run preflight` lists, one by one",
    },
    {
        name: "enforce",
        what: "`perimeter: { mode: enforce, scope: cluster }`, `up`, and new application pools: nodes of this cluster are held",
    },
    {
        name: "enclose",
        what: "`scope: network`, then NAT and default route for the gateway alone: `npm run prove` has one lock more each time",
    },
];

/** How many steps a stack has behind it, by its perimeter; undefined where it has none, or is at the end. */
export function stepsOf(resources: readonly Resource[]): readonly Step[] | undefined {
    const perimeter = registeredAs(PERIMETER, resources)[0]?.readAll("mode", "scope");
    if (perimeter?.known !== true || (perimeter.value.mode === "enforce" && perimeter.value.scope === "network")) {
        return undefined;
    }
    const now = perimeter.value.mode === "observe" ? 0 : STEPS.findIndex(({ name }) => name === "enforce");
    return STEPS.map((step, index) => ({ ...step, state: index < now ? "done" : index === now ? "now" : "next" }));
}
