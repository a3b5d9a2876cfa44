import { registeredAs } from "../../declared/component";
import { GUARD } from "../../declared/guard";
import { type Resource } from "../resource";
import { Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "../world/inputs";

/** Agents of Google's own services, which act for them and not for anybody who asks. */
const AGENT =
    /^serviceAccount:(service-\d+@[a-z0-9.-]+\.iam\.gserviceaccount\.com|\d+@cloudservices\.gserviceaccount\.com)$/;

/** A role that somebody is given somewhere. */
export interface Grant {
    readonly resource: Resource;
    readonly role: Maybe<string>;
    readonly members: readonly (string | typeof NOT_KNOWN)[];
    readonly condition: boolean;
    /** A service account, a key or value of secure tags, a project, or what stands above projects. */
    readonly on:
        | { readonly account: Maybe<string> }
        | { readonly tagKey: Maybe<string> }
        | { readonly tagValue: Maybe<string> }
        | { readonly project: Maybe<string> }
        | "above";
}

export function roleInWords({ role, condition }: Grant): string {
    return `${role === NOT_KNOWN || role === undefined ? "a role that is not known before up" : role}${condition ? ", under a condition that is not judged" : ""}`;
}

/** Those of its members who are neither an agent of Google's, nor known to deploy. */
export function strangersIn({ members }: Grant, deployers: ReadonlySet<string>): Grant["members"] {
    return members.filter(
        member =>
            member === NOT_KNOWN ||
            !(
                AGENT.test(member) ||
                member.startsWith("deleted:") ||
                deployers.has(member.slice(member.indexOf(":") + 1))
            ),
    );
}

export function named(members: readonly (string | typeof NOT_KNOWN)[]): string {
    return members.map(member => (member === NOT_KNOWN ? "somebody who is not known before up" : member)).join(", ");
}

export function grantsOf(resource: Resource): Grant[] {
    const match =
        /^gcp:(serviceaccount|serviceAccount|projects|folder|organizations|tags)\/\w+:(IAM|Iam|TagKeyIam|TagValueIam)(Member|Binding|Policy)$/.exec(
            resource.type,
        );
    const inputs = Inputs.of(resource, []);
    if (match === null) {
        return [...keyOf(resource, inputs), ...entitlementOf(resource, inputs)];
    }
    const on = scopeOf(match[1]!.toLowerCase(), match[2]!, inputs);
    if (match[3] === "Policy") {
        return policyGrants(inputs.text("policyData")).map(grant => ({ ...grant, resource, on }));
    }
    const members: Grant["members"] =
        match[3] === "Member" ? [inputs.name("member") ?? NOT_KNOWN] : membersOf(inputs.texts("members"));
    return [{ resource, on, role: inputs.name("role"), members, condition: inputs.object("condition") !== undefined }];
}

function scopeOf(service: string, kind: string, inputs: Inputs): Grant["on"] {
    switch (service) {
        case "projects":
            return { project: inputs.name("project") };
        case "serviceaccount":
            return { account: inputs.name("serviceAccountId") };
        case "tags":
            return kind === "TagKeyIam" ? { tagKey: inputs.name("tagKey") } : { tagValue: inputs.name("tagValue") };
        default:
            return "above";
    }
}

function membersOf(list: Maybe<readonly (string | typeof NOT_KNOWN)[]>): Grant["members"] {
    return list === NOT_KNOWN ? [NOT_KNOWN] : (list ?? []);
}

/** The bindings of a policy that is written as JSON. */
function policyGrants(data: Maybe<string>): Pick<Grant, "role" | "members" | "condition">[] {
    const unknown = [{ role: NOT_KNOWN as Maybe<string>, members: [NOT_KNOWN] as Grant["members"], condition: false }];
    if (data === undefined || data === NOT_KNOWN) {
        return unknown;
    }
    try {
        const { bindings = [] } = JSON.parse(data) as { bindings?: readonly Readonly<Record<string, unknown>>[] };
        return bindings.map(binding => ({
            role: typeof binding["role"] === "string" ? binding["role"] : NOT_KNOWN,
            members: Array.isArray(binding["members"]) ? binding["members"].map(String) : [],
            condition: binding["condition"] !== undefined && binding["condition"] !== null,
        }));
    } catch {
        return unknown;
    }
}

/** Whoever holds a key of an account is the account. */
function keyOf(resource: Resource, inputs: Inputs): Grant[] {
    return /^gcp:service[aA]ccount\/key:Key$/.test(resource.type)
        ? [
              {
                  resource,
                  on: { account: inputs.name("serviceAccountId") },
                  role: "roles/iam.serviceAccountTokenCreator",
                  members: ["whoever:holds the key"],
                  condition: false,
              },
          ]
        : [];
}

/** What people may ask for, and then have for a while. */
function entitlementOf(resource: Resource, inputs: Inputs): Grant[] {
    if (resource.type !== "gcp:privilegedaccessmanager/entitlement:entitlement") {
        return [];
    }
    const access = inputs.object("privilegedAccess.gcpIamAccess");
    const bindings = access === undefined || access === NOT_KNOWN ? undefined : access.objects("roleBindings");
    const where = inputs.name("privilegedAccess.gcpIamAccess.resource");
    const members = knownOf(inputs.objects("eligibleUsers")).flatMap(user => membersOf(user.texts("principals")));
    return [
        ...knownOf(bindings).map(binding => binding.name("role")),
        ...(bindings === undefined || someUnknown(bindings) ? [NOT_KNOWN as Maybe<string>] : []),
    ].map(role => ({
        resource,
        role,
        members: members.length === 0 ? [NOT_KNOWN] : members,
        condition: true,
        on:
            typeof where === "string" && !where.includes("/projects/")
                ? "above"
                : { project: typeof where === "string" ? where.slice(where.lastIndexOf("/") + 1) : where },
    }));
}

/** Whether a role has one of the permissions. One that nobody shows may have any. */
export function roleHas(
    { resource, role }: Grant,
    resources: readonly Resource[],
    permission: RegExp,
    known: (role: string) => boolean,
): boolean {
    const permits = (given: Resource): boolean => {
        const permissions = Inputs.of(given, []).texts("permissions");
        return someUnknown(permissions) || knownOf(permissions).some(each => permission.test(each));
    };
    if (typeof role === "string" && role.startsWith("roles/")) {
        return known(role);
    }
    const custom = resources.filter(({ type }) => /^gcp:(projects|organizations)\/\w+:IAMCustomRole$/.test(type));
    if (role === undefined || role === NOT_KNOWN) {
        const given = custom.filter(({ urn }) => resource.dependsOn.includes(urn));
        return given.length !== 1 || permits(given[0]!);
    }
    const id = role.slice(role.lastIndexOf("/") + 1);
    const found = custom.filter(({ inputs }) => inputs["roleId"] === id);
    return found.length === 0 || found.some(permits);
}

/** Who deploys: the guard that is registered names them, since it lets them pass. */
export function deployersOf(resources: readonly Resource[]): ReadonlySet<string> {
    return new Set(
        registeredAs(GUARD, resources).flatMap(guard =>
            [guard.read("exemptUsers"), guard.read("exemptGroups")].flatMap(fact =>
                fact.known ? (fact.value ?? []) : [],
            ),
        ),
    );
}
