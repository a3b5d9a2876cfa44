import { isObject, type Json, type LeftOut, ReaderError } from "../document";
import { type Marked } from "./values";

/** A resource of Terraform's as it will be, or is. */
export interface Instance extends Marked {
    readonly address: string;
    readonly type: string;
    readonly provider: string;
    readonly values: Json;
    readonly doubt?: string;
    /** It goes, unless Google's provider leaves it alone. */
    readonly leaves?: true;
}

/** It is there for certain when all is done. */
export function stays({ leaves, doubt }: Instance): boolean {
    return leaves !== true && doubt === undefined;
}

/** What a change leaves: the resource as it will be, and what stays of it although Terraform lets go of it. */
export function changed(entry: unknown, path: string): Instance[] {
    const change = isObject(entry) ? entry["change"] : undefined;
    if (!isObject(entry) || !isObject(change) || !Array.isArray(change["actions"])) {
        throw new ReaderError(
            `${path} of the Terraform plan has no "change" with "actions"; expected a resource as \`terraform show -json PLAN\` writes it`,
        );
    }
    if (entry["mode"] === "data") {
        return [];
    }
    const resource = identityOf(entry, path);
    const actions = change["actions"] as unknown[];
    const { before, after } = change;
    const old = {
        ...resource,
        values: isObject(before) ? before : {},
        unknown: {},
        sensitive: change["before_sensitive"],
    };
    const gone = actions.includes("forget")
        ? [{ ...old, doubt: "Terraform forgets it, and nothing shows whether it still exists" }]
        : actions.includes("delete") && isObject(before)
          ? [{ ...old, leaves: true as const }]
          : [];
    return [
        ...(isObject(after)
            ? [
                  {
                      ...resource,
                      values: after,
                      unknown: change["after_unknown"],
                      sensitive: change["after_sensitive"],
                  },
              ]
            : []),
        ...gone,
    ];
}

/** The resources of a module and of those below it, as a state or the values of a plan have them. */
export function resourcesIn(module: unknown, path: string): Instance[] {
    if (!isObject(module)) {
        return [];
    }
    const listed = (key: string): unknown[] => (Array.isArray(module[key]) ? (module[key] as unknown[]) : []);
    return [
        ...listed("resources").flatMap((entry, index): Instance[] => {
            const at = `${path}.resources[${index}]`;
            const resource = identityOf(entry, at);
            const { mode, values, sensitive_values: sensitive, deposed_key: deposed } = entry as Json;
            return mode === "data"
                ? []
                : [
                      {
                          ...resource,
                          values: isObject(values) ? values : {},
                          unknown: {},
                          sensitive,
                          ...(deposed === undefined
                              ? {}
                              : { doubt: "it waits for its deletion, and exists until the next `terraform apply`" }),
                      },
                  ];
        }),
        ...listed("child_modules").flatMap((child, index) => resourcesIn(child, `${path}.child_modules[${index}]`)),
    ];
}

/** Resources and data sources of a module and of those below it, as they stand there. */
export function allIn(module: unknown): readonly unknown[] {
    const listed = (key: string): unknown[] =>
        isObject(module) && Array.isArray(module[key]) ? (module[key] as unknown[]) : [];
    return [...listed("resources"), ...listed("child_modules").flatMap(allIn)];
}

/** @param entries of a plan or a state */
export function leftOutOfTerraform(entries: unknown): LeftOut[] {
    return (Array.isArray(entries) ? (entries as unknown[]) : []).filter(isObject).flatMap(({ mode, type, change }) => {
        const actions = isObject(change) && Array.isArray(change["actions"]) ? (change["actions"] as unknown[]) : [];
        const why =
            mode === "data"
                ? "a data source: what it found stands where it is used"
                : actions.includes("delete") && !actions.includes("create")
                  ? "the plan deletes it"
                  : undefined;
        return why === undefined ? [] : [{ what: String(type), why }];
    });
}

function identityOf(entry: unknown, path: string): Pick<Instance, "address" | "type" | "provider"> {
    if (!isObject(entry) || typeof entry["address"] !== "string" || typeof entry["type"] !== "string") {
        throw new ReaderError(
            `${path} of Terraform's JSON has no "address" and "type"; expected a resource as \`terraform show -json\` writes it`,
        );
    }
    const provider = entry["provider_name"];
    return { address: entry["address"], type: entry["type"], provider: typeof provider === "string" ? provider : "" };
}
