import { ACTING_ROLES, WATCHING_ROLES } from "../../containment/world/types/roles";
import { type Resource } from "../../containment/resource";
import { Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "../../containment/world/inputs";
import { type Finding, type ResourceRule, undecided } from "../rule";
import { type PackSettings } from "../settings";
import { isGatewayAccount, isGatewaySecureTag } from "./gatewayIdentity";

const ON_ACCOUNT = /^gcp:service[aA]ccount\/iAM(Member|Binding|Policy):/;
const ABOVE_ACCOUNTS = /^gcp:(projects|folder|organizations)\/(iAM|iam)(Member|Binding|Policy):/;
const KEY = "gcp:serviceaccount/key:Key";
/** A grant on a project or above one. */
export function isAboveAccounts(type: string): boolean {
    return ABOVE_ACCOUNTS.test(type);
}

const ON_TAG = /^gcp:tags\/tag(Value|Key)Iam(Member|Binding|Policy):/;

/** Who may act as the gateway nodes' account can start machines that the firewall lets out. */
export function gatewayGrants(settings: PackSettings): ResourceRule {
    return {
        scope: "resource",
        name: "gateway-account-grants",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description: "Nobody but the deployers may act as the gateway nodes' service account or make tokens for it.",
        stops: "A grant, on the account, its project or above, with which somebody starts machines as the gateway, or uses its identity from elsewhere.",
        remedy: "Grant the role on the account that is meant; list the identity that deploys the gateway in deployers.",
        concerns: type => ON_ACCOUNT.test(type) || isAboveAccounts(type) || type === KEY || ON_TAG.test(type),
        judge: resource => {
            if (ON_TAG.test(resource.type)) {
                return settings.gatewaySecureTags.length === 0 ? [] : tagFindings(resource, settings);
            }
            return isAboveAccounts(resource.type)
                ? projectFindings(resource, settings)
                : accountFindings(resource, settings);
        },
    };
}

/** What is known of whom an input concerns. */
type Concerns = "gateway" | "other" | "unknown";

function concerns(value: Maybe<string>, isGateway: (text: string) => boolean): Concerns {
    return typeof value === "string" ? (isGateway(value) ? "gateway" : "other") : "unknown";
}

interface Grant {
    readonly role: Maybe<string>;
    /** Members that are no deployers. */
    readonly others: readonly string[];
    readonly unclear: boolean;
}

/** A policy is JSON that lists its bindings; a member or a binding is one. */
export function grantsOf(resource: Resource, { deployers }: PackSettings): readonly Grant[] | "unknown" {
    const inputs = Inputs.of(resource, []);
    if (/Policy$/.test(resource.type)) {
        const data = inputs.name("policyData");
        const bindings = typeof data === "string" ? parsedBindings(data) : undefined;
        return bindings === undefined
            ? "unknown"
            : bindings.map(({ role, members }) => ({
                  role,
                  others: members.filter(member => !deployers.includes(member)),
                  unclear: false,
              }));
    }
    const single = inputs.name("member");
    const list = inputs.texts("members");
    const members = [...knownOf(list), ...(typeof single === "string" ? [single] : [])];
    return [
        {
            role: inputs.name("role"),
            others: members.filter(member => !deployers.includes(member)),
            unclear: single === NOT_KNOWN || someUnknown(list),
        },
    ];
}

function parsedBindings(json: string): { role: string; members: string[] }[] | undefined {
    try {
        const { bindings } = JSON.parse(json) as { bindings?: { role?: string; members?: string[] }[] };
        return (bindings ?? []).map(({ role, members }) => ({ role: role ?? "", members: members ?? [] }));
    } catch {
        return undefined;
    }
}

/** @param whatIfUnknown what is said of an account that is not known yet; default: nothing, the whole stack may show it */
export function accountFindings(
    resource: Resource,
    settings: PackSettings,
    whatIfUnknown: "ask" | "wait" = "wait",
): Finding[] {
    if (resource.type === KEY) {
        return keyFindings(resource, settings, whatIfUnknown);
    }
    const path = "serviceAccountId";
    const target = concerns(Inputs.of(resource, []).name(path), account => isGatewayAccount(account, settings));
    return !ON_ACCOUNT.test(resource.type) || target === "other" || (target === "unknown" && whatIfUnknown === "wait")
        ? []
        : judged(resource, settings, target, path, role => !WATCHING_ROLES.has(role), "on the gateway nodes' account");
}

/** A project that holds none of the accounts is none of the gateway's; without a gateway nobody knows which does. */
function projectFindings(resource: Resource, settings: PackSettings): Finding[] {
    const place = resource.type.split(/[:/]/)[1] === "projects" ? "project" : "folder or organization";
    const project = Inputs.of(resource, []).name("project");
    return !settings.gatewayNamed || (typeof project === "string" && !mayHoldGateway(project, settings))
        ? []
        : judged(
              resource,
              settings,
              "gateway",
              "",
              role => ACTING_ROLES.has(role),
              `on the whole ${place}, the gateway nodes' account included`,
          );
}

/** Whether one of the accounts is, or may be, in that project. */
export function mayHoldGateway(project: string, { gatewayAccounts }: PackSettings): boolean {
    const id = project.replace(/^projects\//, "");
    return (
        /^\d+$/.test(id) ||
        gatewayAccounts.some(account => !account.includes("@") || account.endsWith(`@${id}.iam.gserviceaccount.com`))
    );
}

function tagFindings(resource: Resource, settings: PackSettings): Finding[] {
    const path = resource.type.includes("tagValue") ? "tagValue" : "tagKey";
    const target =
        path === "tagKey"
            ? "gateway"
            : concerns(Inputs.of(resource, []).name(path), tag => isGatewaySecureTag(tag, settings));
    return target === "other"
        ? []
        : judged(
              resource,
              settings,
              target,
              path,
              role => /tagUser|tagAdmin|owner|editor/.test(role),
              "on the gateway nodes' secure tag",
          );
}

function judged(
    resource: Resource,
    settings: PackSettings,
    target: "gateway" | "unknown",
    path: string,
    isDangerous: (role: string) => boolean,
    where: string,
): Finding[] {
    const grants = grantsOf(resource, settings);
    if (grants === "unknown") {
        return [undecided("policyData", "who may act as the gateway nodes' account")];
    }
    return grants.flatMap(({ role, others, unclear }): Finding[] => {
        // Known parts first: a harmless role, or a deployer, settles it whatever the rest is.
        if ((typeof role === "string" && !isDangerous(role)) || (others.length === 0 && !unclear)) {
            return [];
        }
        if (target === "unknown") {
            return [undecided(path, `whether ${typeof role === "string" ? role : "the role"} is granted ${where}`)];
        }
        if (typeof role !== "string") {
            return [undecided("role", `what is granted ${where}`)];
        }
        return others.length > 0
            ? [{ found: `${others.join(", ")} gets ${role} ${where}.` }]
            : [undecided("member", `who gets ${role} ${where}`)];
    });
}

function keyFindings(resource: Resource, settings: PackSettings, whatIfUnknown: "ask" | "wait"): Finding[] {
    const account = Inputs.of(resource, []).name("serviceAccountId");
    switch (concerns(account, text => isGatewayAccount(text, settings))) {
        case "gateway":
            return [
                {
                    found: `serviceAccountId is ${String(account)}: the key is the gateway nodes' identity, for whoever holds it.`,
                    remedy: "Remove the key: GKE nodes need none.",
                },
            ];
        case "unknown":
            return whatIfUnknown === "wait"
                ? []
                : [undecided("serviceAccountId", "whether the key is one of the gateway nodes' account")];
        case "other":
            return [];
    }
}
