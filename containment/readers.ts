import { isObject, type Json, type LeftOut, ReaderError } from "./document";
import { type Asset, isAsset } from "./inventory/asset";
import { inventoryResources } from "./inventory/read";
import { assetsOfList, assetsOfText, isInventoryText, listIn } from "./inventory/text";
import { isManifest, manifestResources, yamlDocuments } from "./manifests";
import { deletedByPreview, planResources, previewResources, stateResources } from "./pulumi/documents";
import { type Resource } from "./resource";
import { allIn, leftOutOfTerraform } from "./terraform/instances";
import { terraformPlan, terraformState } from "./terraform/read";

export { ReaderError };

/** What a file says. */
export interface Reading {
    /** What the file is, for people. */
    readonly spelling: string;
    readonly resources: readonly Resource[];
    /** What of it is no resource to the proof, with the reason; once for each. */
    readonly leftOut: readonly LeftOut[];
    /** What such a file never shows, in words. */
    readonly cannotShow?: string;
}

/**
 * Reads the text of a file: a plan of this project (`plan --json`), a preview (`pulumi preview --json --show-sames`), a state
 * (`pulumi stack export`), a plan or a state of Terraform's (`terraform show -json`), an export of Cloud Asset Inventory
 * (`gcloud asset export`), or Kubernetes manifests in YAML or JSON. Which one it is, the text itself shows.
 *
 * @throws ReaderError
 */
export function readEvidence(text: string): Reading {
    if (isInventoryText(text)) {
        return inventory(assetsOfText(text));
    }
    const isJson = /^\s*[[{]/.test(text);
    const documents = isJson ? [parse(text)] : documentsOfYaml(text);
    const assets = isJson ? listIn(documents[0]) : undefined;
    if (assets !== undefined || documents.every(isAsset)) {
        return inventory(assetsOfList(assets ?? documents));
    }
    const other = documents.findIndex(document => !isManifest(document));
    if (other < 0) {
        return {
            spelling: "Kubernetes manifests",
            resources: manifestResources(documents as readonly Json[]),
            leftOut: [],
        };
    }
    if (!isJson) {
        throw new ReaderError(
            `got text that is not JSON, and as YAML has no apiVersion and kind in document ${other + 1}, expected ${ANY}`,
        );
    }
    return ofDocument(documents[0]);
}

/** @throws ReaderError */
export function readResources(text: string): Resource[] {
    return [...readEvidence(text).resources];
}

const ANY = "a plan, a preview, a state, an inventory or Kubernetes manifests";

function inventory(assets: readonly Asset[]): Reading {
    return {
        spelling: "Cloud Asset Inventory",
        ...inventoryResources(assets),
        cannotShow: "admission policies, Istio's objects, and which secure tags are bound to what",
    };
}

function ofDocument(document: unknown): Reading {
    if (!isObject(document)) {
        throw new ReaderError(
            `got JSON that is ${Array.isArray(document) ? "a list" : JSON.stringify(document)}, expected an object: ${ANY}`,
        );
    }
    const read = READERS.find(({ recognises }) => recognises(document));
    if (read === undefined) {
        throw new ReaderError(
            `got JSON with the keys ${Object.keys(document).slice(0, 8).join(", ") || "(none)"}, expected a plan (key "resources"), the output of ` +
                '`pulumi preview --json --show-sames` (key "steps"), of `pulumi stack export` (key "deployment"), of ' +
                '`terraform show -json` (key "planned_values" or "values") or of `gcloud asset export` (key "assetType")',
        );
    }
    const resources = read.resources(document);
    if (resources.length === 0) {
        throw new ReaderError(
            `the ${read.name} has no resources, so there is nothing to judge; expected the ${read.name} of a stack that is not empty`,
        );
    }
    return { spelling: read.name, resources, leftOut: read.leftOut?.(document) ?? [] };
}

const READERS: readonly {
    readonly name: string;
    readonly recognises: (document: Json) => boolean;
    readonly resources: (document: Json) => Resource[];
    readonly leftOut?: (document: Json) => LeftOut[];
}[] = [
    {
        name: "preview",
        recognises: document => Array.isArray(document["steps"]),
        resources: previewResources,
        leftOut: deletedByPreview,
    },
    { name: "state export", recognises: document => isObject(document["deployment"]), resources: stateResources },
    {
        name: "Terraform plan",
        recognises: isTerraformPlan,
        resources: terraformPlan,
        leftOut: document => leftOutOfTerraform(document["resource_changes"]),
    },
    {
        name: "Terraform state",
        recognises: document => "terraform_version" in document && isObject(document["values"]),
        resources: terraformState,
        leftOut: document => leftOutOfTerraform(allIn((document["values"] as Json)["root_module"])),
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

function documentsOfYaml(text: string): readonly unknown[] {
    let documents: readonly unknown[];
    try {
        documents = yamlDocuments(text);
    } catch (error) {
        throw new ReaderError(
            `got text that is not JSON and not YAML (${(error as Error).message.split("\n")[0]!}), expected ${ANY}`,
        );
    }
    if (documents.length === 0) {
        throw new ReaderError(`got text that is not JSON, and has nothing in it, expected ${ANY}`);
    }
    return documents;
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch (error) {
        const trimmed = text.trimEnd();
        const cut = /^[[{]/.test(trimmed.trimStart()) && !/[\]}]$/.test(trimmed);
        throw new ReaderError(
            cut
                ? `the JSON ends in the middle (after ${text.length} characters): the file is cut off; write it again`
                : `got text that is not JSON (${(error as Error).message}), expected ${ANY}`,
        );
    }
}
