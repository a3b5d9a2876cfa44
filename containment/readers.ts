import { isAbandoned, isObject, type Json, ReaderError } from "./document";
import { isManifest, manifestResources, yamlDocuments } from "./manifests";
import { type Resource, UNKNOWN } from "./resource";
import { terraformPlan, terraformState } from "./terraform/read";

export { ReaderError };

/**
 * Resources from the text of a file: a plan of this project (`plan --json`), a preview (`pulumi preview --json --show-sames`), a
 * state (`pulumi stack export`), a plan or a state of Terraform's (`terraform show -json`), or Kubernetes manifests in YAML or JSON. Which
 * one it is, the text itself shows.
 *
 * @throws ReaderError
 */
export function readResources(text: string): Resource[] {
    const manifests = manifestsIn(text);
    if (manifests !== undefined) {
        return manifestResources(manifests);
    }
    const document = parse(text);
    const read = READERS.find(({ recognises }) => recognises(document));
    if (read === undefined) {
        throw new ReaderError(
            `got JSON with the keys ${Object.keys(document).slice(0, 8).join(", ") || "(none)"}, expected a plan (key "resources"), the output of ` +
                '`pulumi preview --json --show-sames` (key "steps"), of `pulumi stack export` (key "deployment") or of ' +
                '`terraform show -json` (key "planned_values" or "values")',
        );
    }
    const resources = read.resources(document);
    if (resources.length === 0) {
        throw new ReaderError(
            `the ${read.name} has no resources, so there is nothing to judge; expected the ${read.name} of a stack that is not empty`,
        );
    }
    return resources;
}

/** Undefined where the text is something else. */
function manifestsIn(text: string): readonly Json[] | undefined {
    if (/^\s*[[{]/.test(text)) {
        try {
            const document: unknown = JSON.parse(text);
            return isManifest(document) ? [document] : undefined;
        } catch {
            return undefined;
        }
    }
    let documents: readonly unknown[];
    try {
        documents = yamlDocuments(text);
    } catch (error) {
        throw new ReaderError(
            `got text that is not JSON and not YAML (${(error as Error).message.split("\n")[0]!}), expected a plan, a preview, a state export or Kubernetes manifests`,
        );
    }
    const other = documents.findIndex(document => !isManifest(document));
    if (documents.length === 0 || other >= 0) {
        throw new ReaderError(
            `got text that is not JSON, and ${documents.length === 0 ? "has nothing in it" : `as YAML has no apiVersion and kind in document ${other + 1}`}, expected a plan, a preview, a state export or Kubernetes manifests`,
        );
    }
    return documents as readonly Json[];
}

const READERS: readonly {
    readonly name: string;
    readonly recognises: (document: Json) => boolean;
    readonly resources: (document: Json) => Resource[];
}[] = [
    { name: "preview", recognises: document => Array.isArray(document["steps"]), resources: previewResources },
    { name: "state export", recognises: document => isObject(document["deployment"]), resources: stateResources },
    { name: "Terraform plan", recognises: isTerraformPlan, resources: terraformPlan },
    {
        name: "Terraform state",
        recognises: document => "terraform_version" in document && isObject(document["values"]),
        resources: terraformState,
    },
    {
        name: "Terraform state file",
        recognises: ({ lineage, serial }) => lineage !== undefined && serial !== undefined,
        resources: () => {
            throw new ReaderError("got Terraform's own state file, expected the output of `terraform show -json`");
        },
    },
    { name: "plan", recognises: document => Array.isArray(document["resources"]), resources: planResources },
];

function isTerraformPlan(document: Json): boolean {
    return isObject(document["planned_values"]) || Array.isArray(document["resource_changes"]);
}

function parse(text: string): Json {
    let document: unknown;
    try {
        document = JSON.parse(text);
    } catch (error) {
        const trimmed = text.trimEnd();
        const cut = /^[[{]/.test(trimmed.trimStart()) && !/[\]}]$/.test(trimmed);
        throw new ReaderError(
            cut
                ? `the JSON ends in the middle (after ${text.length} characters): the file is cut off; write it again`
                : `got text that is not JSON (${(error as Error).message}), expected a plan, a preview or a state`,
        );
    }
    if (!isObject(document)) {
        throw new ReaderError(
            `got JSON that is ${Array.isArray(document) ? "a list" : JSON.stringify(document)}, expected an object: a plan, a preview or a state`,
        );
    }
    return document;
}

function planResources({ resources }: Json): Resource[] {
    return (resources as unknown[]).map((entry, index) => resourceOf(entry, `resources[${index}]`));
}

/** What the stack will be made of: the new state of every step that leaves one. */
function previewResources(document: Json): Resource[] {
    const steps = (document["steps"] as unknown[]).map((step, index) => {
        if (!isObject(step) || typeof step["op"] !== "string") {
            throw new ReaderError(
                `steps[${index}] of the preview has no "op"; expected the whole output of \`pulumi preview --json\``,
            );
        }
        return { step, index };
    });
    const failed = (Array.isArray(document["diagnostics"]) ? (document["diagnostics"] as unknown[]) : [])
        .filter(isObject)
        .find(({ severity }) => severity === "error");
    if (failed !== undefined) {
        throw new ReaderError(
            `the preview ended with an error: ${String(failed["message"]).trim().split("\n")[0]!}; expected a preview that ran to its end`,
        );
    }
    // A preview names the resources that do not change only when asked to, and those may hold the firewall, or the hole.
    const unchanged = isObject(document["changeSummary"]) ? Number(document["changeSummary"]["same"] ?? 0) : 0;
    const shown = steps.filter(({ step }) => step["op"] === "same").length;
    if (unchanged > shown) {
        throw new ReaderError(
            `the preview counts ${unchanged} unchanged resources and shows ${shown}; run \`pulumi preview --json --show-sames\``,
        );
    }
    const byUrn = new Map<string, Resource>();
    const left: Resource[] = [];
    for (const { step, index } of steps) {
        const { op, newState, oldState } = step;
        if (!LEAVING.test(String(op))) {
            if (isObject(newState)) {
                const resource = resourceOf(newState, `steps[${index}].newState`);
                byUrn.set(resource.urn, resource);
            }
        } else if (isObject(oldState)) {
            left.push(...leftBehind(oldState, String(op), `steps[${index}].oldState`));
        }
    }
    return [...byUrn.values(), ...left];
}

/** Steps after which the state no longer has the resource (`sdk/go/common/apitype`, `OpType`). */
const LEAVING = /^(delete|discard|remove)/;

/** What stays in the cloud although the stack lets go of it. */
function leftBehind(state: Json, op: string, path: string): Resource[] {
    const stays = op.startsWith("discard") || state["retainOnDelete"] === true || isAbandonedState(state);
    const resource = resourceOf(state, path);
    // Its successor, if it has one, keeps the URN.
    const left = { ...resource, urn: `${resource.urn} (left behind)` };
    if (stays) {
        return [left];
    }
    if (op.startsWith("remove")) {
        return [{ ...left, doubt: "it is removed from the state only, and nothing shows whether it still exists" }];
    }
    return state["deletedWith"] === undefined || state["deletedWith"] === ""
        ? []
        : [
              {
                  ...left,
                  doubt: `nobody deletes it but whoever deletes ${String(state["deletedWith"])} with all it holds`,
              },
          ];
}

function isAbandonedState({ inputs, outputs }: Json): boolean {
    return [inputs, outputs].filter(isObject).some(values => isAbandoned(revealed(values) as Json));
}

function stateResources(document: Json): Resource[] {
    const deployment = document["deployment"] as Json;
    const pending = deployment["pending_operations"];
    if (Array.isArray(pending) && pending.length > 0) {
        throw new ReaderError(
            `the state has ${pending.length} operations that were interrupted, so it does not tell what exists; run \`pulumi refresh\` and export it again`,
        );
    }
    if (deployment["resources"] !== undefined && !Array.isArray(deployment["resources"])) {
        throw new ReaderError(
            'the state has a "deployment" whose "resources" are no list; expected the whole output of `pulumi stack export`',
        );
    }
    return ((deployment["resources"] as unknown[] | undefined) ?? []).map((entry, index) => {
        const resource = resourceOf(entry, `deployment.resources[${index}]`);
        const { delete: doomed, pendingReplacement } = entry as Json;
        if (doomed === true) {
            return {
                ...resource,
                // Its successor has the same URN.
                urn: `${resource.urn} (waits for its deletion)`,
                doubt: "it waits for its deletion, and exists until the next `pulumi up`",
            };
        }
        return pendingReplacement === true
            ? { ...resource, doubt: "it has been deleted, and exists again after the next `pulumi up`" }
            : resource;
    });
}

function resourceOf(entry: unknown, path: string): Resource {
    if (!isObject(entry) || typeof entry["urn"] !== "string" || typeof entry["type"] !== "string") {
        throw new ReaderError(`${path} has no "urn" and "type"; expected a resource as Pulumi writes it`);
    }
    const inputs = entry["inputs"] ?? {};
    const outputs = entry["outputs"] ?? {};
    if (!isObject(inputs) || !isObject(outputs)) {
        throw new ReaderError(`${path} (${entry["urn"]}) has inputs or outputs that are no object`);
    }
    const shown = revealed(outputs) as Json;
    const external = entry["external"] === true;
    const text = (key: string): string | undefined =>
        typeof entry[key] === "string" && entry[key] !== "" ? entry[key] : undefined;
    const parent = text("parent");
    const provider = text("provider");
    const id = text("id");
    return {
        urn: entry["urn"],
        type: entry["type"],
        name: text("name") ?? entry["urn"].split("::").at(-1)!,
        ...(parent === undefined ? {} : { parent }),
        inputs: { ...(revealed(inputs) as Json), ...(external ? shown : {}) },
        dependsOn: [
            ...new Set([
                ...texts(entry["dependsOn"]),
                ...texts(entry["dependencies"]),
                ...Object.values(isObject(entry["propertyDependencies"]) ? entry["propertyDependencies"] : {}).flatMap(
                    texts,
                ),
            ]),
        ],
        ...(typeof entry["protect"] === "boolean" ? { protect: entry["protect"] } : {}),
        ...(provider === undefined ? {} : { provider }),
        ...(Object.keys(outputs).length === 0 ? {} : { outputs: shown }),
        ...(id === undefined ? {} : { id }),
        ...(external ? { external } : {}),
        ...(text("doubt") === undefined ? {} : { doubt: text("doubt")! }),
    };
}

/** Keys and values by which Pulumi marks special values in JSON (`sdk/go/common/resource`, signatures). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** What stands for a value that is not known yet: one for each kind of value (`sdk/go/common/resource/plugin`, `Unknown…Value`). */
const UNKNOWNS = new Set([
    UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Secrets and outputs unwrapped; what is encrypted, blotted out or not known becomes {@link UNKNOWN}. */
function revealed(value: unknown): unknown {
    if (typeof value === "string") {
        return UNKNOWNS.has(value) || value === "[secret]" ? UNKNOWN : value;
    }
    if (Array.isArray(value)) {
        return value.map(revealed);
    }
    if (!isObject(value)) {
        return value;
    }
    switch (value[SIGNATURE]) {
        case SECRET:
            return typeof value["plaintext"] === "string" ? revealed(plain(value["plaintext"])) : UNKNOWN;
        case OUTPUT:
            return "value" in value ? revealed(value["value"]) : UNKNOWN;
        default:
            return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
    }
}

function plain(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return UNKNOWN;
    }
}

function texts(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
