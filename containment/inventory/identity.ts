import { type Json } from "../document";
import { type Asset, behind, last, nameOf, object, text } from "./asset";
import { UNKNOWN } from "../resource";
import { type Inventory } from "./inventory";
import { present } from "./spelling";
import { as, placeOf, token, type Translate, type Translated } from "./translate";

const account: Translate = (asset, data, inventory) => {
    const email = text(data["email"]) ?? nameOf(asset);
    return [
        {
            type: token("serviceaccount/Account"),
            inputs: present({
                ...placeOf(asset, inventory),
                name: undefined,
                accountId: email.split("@")[0],
                email,
                disabled: data["disabled"],
            }),
            name: email,
            key: "",
            outputs: present({ uniqueId: data["uniqueId"], email }),
        },
    ];
};

const key: Translate = (asset, data, inventory) => {
    if (data["keyType"] === "SYSTEM_MANAGED") {
        return { leftOut: "a key that Google keeps for itself" };
    }
    return data["disabled"] === true
        ? { leftOut: "a key that is disabled" }
        : [
              {
                  type: token("serviceaccount/Key"),
                  inputs: { serviceAccountId: accountIn(asset, inventory) },
              },
          ];
};

/** The account that a path lies in, by its address where that is shown. */
function accountIn(asset: Asset, inventory: Inventory): string {
    return `projects/-/serviceAccounts/${inventory.emailOf(behind(asset, "serviceAccounts") ?? "")}`;
}

const role: Translate = (asset, data, inventory) => [
    {
        type: token(behind(asset, "projects") === undefined ? "organizations/IAMCustomRole" : "projects/IAMCustomRole"),
        inputs: {
            ...placeOf(asset, inventory),
            roleId: last(data["name"]) ?? nameOf(asset),
            permissions: data["includedPermissions"] ?? [],
        },
    },
];

/** A policy is of one asset; each of its bindings is a grant. Where a grant is about nothing that the proof asks, why. */
export function grantsOf(asset: Asset, inventory: Inventory): readonly Translated[] {
    const on = scopeOf(asset, inventory);
    return on === undefined
        ? []
        : (asset.bindings ?? []).map((binding, index) => ({
              type: on.type,
              name: `${nameOf(asset)} ${String(binding["role"])}`,
              key: `${index}`,
              inputs: present({
                  ...on.inputs,
                  role: binding["role"],
                  members: binding["members"] ?? [],
                  condition: Object.keys(object(binding["condition"])).length === 0 ? undefined : binding["condition"],
              }),
          }));
}

function scopeOf(asset: Asset, inventory: Inventory): { readonly type: string; readonly inputs: Json } | undefined {
    switch (asset.type) {
        case "cloudresourcemanager.googleapis.com/Project":
            return { type: token("projects/IAMBinding"), inputs: { project: inventory.projectOf(asset) } };
        case "cloudresourcemanager.googleapis.com/Folder":
            return { type: token("folder/IAMBinding"), inputs: { folder: asset.path } };
        case "cloudresourcemanager.googleapis.com/Organization":
            return { type: token("organizations/IAMBinding"), inputs: { orgId: nameOf(asset) } };
        case "cloudresourcemanager.googleapis.com/TagKey":
            return { type: token("tags/TagKeyIamBinding"), inputs: { tagKey: asset.path } };
        case "cloudresourcemanager.googleapis.com/TagValue":
            return { type: token("tags/TagValueIamBinding"), inputs: { tagValue: asset.path } };
        case "iam.googleapis.com/ServiceAccount":
            return {
                type: token("serviceaccount/IAMBinding"),
                inputs: { serviceAccountId: accountIn(asset, inventory) },
            };
        default:
            return undefined;
    }
}

/** What stands above the networks: every project and folder that an asset names. */
export function hierarchyOf(inventory: Inventory): Translated[] {
    return [
        ...[...inventory.projects.values()].map(({ id, number, parent }): Translated => ({
            type: token("organizations/Project"),
            name: id,
            inputs: present({
                projectId: id,
                ...(parent === undefined
                    ? { orgId: UNKNOWN }
                    : parent?.startsWith("folders/") === true
                      ? { folderId: parent }
                      : { orgId: parent?.replace("organizations/", "") }),
            }),
            outputs: present({ number }),
        })),
        ...[...inventory.folders].map(([folder, parent]): Translated => ({
            type: token("organizations/Folder"),
            name: folder,
            inputs: { folderId: last(folder), parent },
        })),
    ];
}

const READ_WITH_THE_HIERARCHY: Translate = () => ({
    leftOut: "what stands above what, which is read of all assets together",
});

/** Assets that say who may act, and what stands above what. */
export const IDENTITY: Readonly<Record<string, Translate>> = {
    "cloudresourcemanager.googleapis.com/Folder": READ_WITH_THE_HIERARCHY,
    "cloudresourcemanager.googleapis.com/Organization": READ_WITH_THE_HIERARCHY,
    "cloudresourcemanager.googleapis.com/Project": READ_WITH_THE_HIERARCHY,
    "cloudresourcemanager.googleapis.com/TagBinding": as(token("tags/TagBinding")),
    "iam.googleapis.com/Role": role,
    "iam.googleapis.com/ServiceAccount": account,
    "iam.googleapis.com/ServiceAccountKey": key,
    "privilegedaccessmanager.googleapis.com/Entitlement": (asset, data) => [
        { type: "gcp:privilegedaccessmanager/entitlement:entitlement", inputs: { ...data, name: nameOf(asset) } },
    ],
};
