import { readFileSync } from "node:fs";
import * as path from "node:path";
import { readResources } from "../../../containment/readers";
import { type Resource } from "../../../containment/resource";

export type Values = Record<string, unknown>;
/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- Terraform's JSON, as free as it is */
type Free = any;

/** `terraform show -json` of a plan, as far as tests change it. */
export interface Plan {
    planned_values: { root_module: Free };
    resource_changes: Free[];
    configuration: Free;
    variables: Free;
    [key: string]: unknown;
}

/** The three-locks world (`../worlds/three-locks`) as Terraform plans it: a new network in a module, links that are not known yet. */
export function threeLocks(): Plan {
    return JSON.parse(readFileSync(path.join(__dirname, "fixtures/three-locks.tfplan.json"), "utf8")) as Plan;
}

export function read(plan: object): Resource[] {
    return readResources(JSON.stringify(plan));
}

export type Edit = (plan: Plan) => void;

export function edited(...edits: readonly Edit[]): Plan {
    const plan = threeLocks();
    edits.forEach(edit => {
        edit(plan);
    });
    return plan;
}

/** Changes what a resource will be, where the plan says it. */
export const change =
    (address: string, values: (after: Free, unknown: Free) => void): Edit =>
    plan => {
        const entry = entryOf(plan, address);
        values(entry.change.after, entry.change.after_unknown);
    };

export const remove =
    (...addresses: readonly string[]): Edit =>
    plan => {
        addresses.forEach(address => entryOf(plan, address));
        plan.resource_changes = plan.resource_changes.filter(({ address }) => !addresses.includes(address));
        const within = (module: Free): void => {
            module.resources = module.resources.filter(({ address }: Free) => !addresses.includes(address));
            (module.child_modules ?? []).forEach(within);
        };
        within(plan.planned_values.root_module);
    };

/** Adds a resource, without a place in the configuration unless its expressions are given. */
export const add =
    (address: string, after: Values, unknown: Values = {}, expressions?: Values, more: Values = {}): Edit =>
    plan => {
        const [type = "", name = ""] = address
            .replace(/\[.*\]$/, "")
            .split(".")
            .slice(-2);
        const provider = `registry.terraform.io/hashicorp/${type.split("_")[0]!}`;
        plan.resource_changes.push({
            address,
            mode: "managed",
            type,
            name,
            provider_name: provider,
            change: { actions: ["create"], before: null, after, after_unknown: unknown, after_sensitive: {} },
            ...more,
        });
        if (expressions !== undefined) {
            plan.configuration.root_module.resources.push({
                address: `${type}.${name}`,
                mode: "managed",
                type,
                name,
                provider_config_key: type.split("_")[0],
                expressions,
            });
        }
    };

/** Changes the block of a resource in the configuration of the root module. */
export const configure =
    (address: string, expressions: (given: Free) => void): Edit =>
    plan => {
        expressions(
            plan.configuration.root_module.resources.find((each: Free) => each.address === address).expressions,
        );
    };

function entryOf(plan: Plan, address: string): Free {
    const entry = plan.resource_changes.find(each => each.address === address);
    if (entry === undefined) {
        throw new Error(`the plan has no ${address}`);
    }
    return entry;
}
