import { type Resource } from "../resource";
import { Inputs, type Maybe } from "../world/inputs";
import { type World } from "../world/world";
import { deployersOf, type Grant, grantsOf, named, roleHas, roleInWords, strangersIn } from "./iam";

/** Roles that bind secure tags to machines, or give oneself another that does (IAM, "Roles index"). */
const BINDING_ROLES = new Set([
    "roles/owner",
    "roles/iam.securityAdmin",
    "roles/resourcemanager.folderAdmin",
    "roles/resourcemanager.folderIamAdmin",
    "roles/resourcemanager.organizationAdmin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/resourcemanager.tagAdmin",
    "roles/resourcemanager.tagUser",
]);

/** Roles that on a tag itself let nobody bind it. */
const WATCHING_ROLES = new Set([
    "roles/browser",
    "roles/iam.securityReviewer",
    "roles/resourcemanager.tagHoldAdmin",
    "roles/resourcemanager.tagViewer",
    "roles/viewer",
]);

const BINDING_PERMISSION =
    /^resourcemanager\.(tagValueBindings\.create|tag(Values|Keys)\.setIamPolicy|(projects|folders|organizations)\.setIamPolicy)$/;

/**
 * Given grants and bindings of the gateway's secure tags, which the printed assumption says nobody else binds. A tag is no secret: who
 * may use its value and may change a machine makes that machine the gateway's to the firewall.
 */
export function tagReasons({ resources, gateway }: World): string[] {
    const { secureTags } = gateway.identity;
    if (secureTags.length === 0) {
        return [];
    }
    const deployers = deployersOf(resources);
    const tags = secureTags.join(", ");
    return [
        ...resources
            .filter(resource => bindsOneOf(resource, secureTags))
            .map(
                ({ urn }) =>
                    `${urn} binds a secure tag, and it may be the gateway's (${tags}), which lets its machines out. Remove it, or name another tag.`,
            ),
        ...resources.flatMap(grantsOf).flatMap(grant => {
            const others = strangersIn(grant, deployers);
            return others.length > 0 && concerns(grant, secureTags) && mayBind(grant, resources)
                ? [
                      `${grant.resource.urn} lets ${named(others)} bind secure tags, and the firewall knows the gateway by ${tags} (${roleInWords(grant)}). Remove it, or name those who deploy this stack in guard.exemptUsers.`,
                  ]
                : [];
        }),
    ];
}

function bindsOneOf(resource: Resource, secureTags: readonly string[]): boolean {
    return (
        /^gcp:tags\/(tagBinding|locationTagBinding|tagBindingCollection):/.test(resource.type) &&
        mayBe(Inputs.of(resource, []).name("tagValue"), secureTags)
    );
}

/** The tag by its number; a name in words, or one that is not known yet, may be any. */
function mayBe(value: Maybe<string>, secureTags: readonly string[]): boolean {
    return typeof value !== "string" || !/^tagValues\/\d+$/.test(value) || secureTags.includes(value);
}

/** What key a value belongs to, or what project, is not shown. */
function concerns({ on }: Grant, secureTags: readonly string[]): boolean {
    return typeof on === "string" || !("account" in on || ("tagValue" in on && !mayBe(on.tagValue, secureTags)));
}

function mayBind(grant: Grant, resources: readonly Resource[]): boolean {
    const { on } = grant;
    const onTag = typeof on === "object" && ("tagValue" in on || "tagKey" in on);
    return roleHas(
        grant,
        resources,
        BINDING_PERMISSION,
        role => BINDING_ROLES.has(role) || (onTag && !WATCHING_ROLES.has(role)),
    );
}
