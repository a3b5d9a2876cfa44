import { GOOGLE_TYPES } from "./world/catalogue";

/**
 * Types by module and class in one word: Terraform's `google_compute_route`, `ComputeRoute` as Pulumi bridges it at run time, and the
 * inventory's `compute.googleapis.com/Route` are what `gcp:compute/route:Route` is made from.
 */
const BY_NAME: ReadonlyMap<string, string> = new Map([
    ...[...GOOGLE_TYPES.keys()].flatMap(type => {
        const [, module = "", kind = ""] = type.split(/[:/]/);
        const name = type.split(":")[2] ?? kind;
        // Terraform has the singular for these two.
        const modules = ["projects", "organizations"].includes(module) ? [module, module.slice(0, -1)] : [module];
        return modules.map(prefix => [`${prefix}${name}`.toLowerCase(), type] as const);
    }),
    ["project", "gcp:organizations/project:Project"],
    ["folder", "gcp:organizations/folder:Folder"],
    ["serviceaccountkey", "gcp:serviceaccount/key:Key"],
    ["serviceaccount", "gcp:serviceaccount/account:Account"],
    ["notebooksinstance", "gcp:notebooks/instance:Instance"],
]);

/** The type of `@pulumi/gcp`, among those that the proof has a place for. */
export function googleType(name: string): string | undefined {
    return BY_NAME.get(name.replaceAll("_", "").toLowerCase());
}
