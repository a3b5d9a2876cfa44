import { gatewaysOf, GKE_SYSTEM_NAMESPACES, type GuardSettings, serviceDomain } from "./settings";

/**
 * Pieces of CEL that several rules share. Objects are read with optional selection (`.?field`), so that an absent field
 * is a value and never an error: with `failurePolicy: Fail` an error would refuse a harmless object.
 */

/** A CEL string literal. JSON's escapes are CEL's. */
export function text(value: string): string {
    return JSON.stringify(value);
}

export function list(values: readonly string[]): string {
    return `[${values.map(text).join(", ")}]`;
}

export function map(entries: Readonly<Record<string, string>>): string {
    return `{${Object.keys(entries)
        .sort()
        .map(key => `${text(key)}: ${text(entries[key])}`)
        .join(", ")}}`;
}

/** The strings when the condition holds, otherwise none: for checks that have at most one offender. */
export function when(condition: string, offender: string): string {
    return `(${condition}) ? [${offender}] : []`;
}

export const USER = "request.userInfo.username";
const GROUPS = "request.userInfo.?groups.orValue([])";

export function inGroup(group: string): string {
    return `${text(group)} in ${GROUPS}`;
}

/** Group that the API server gives to kubelets (Kubernetes documentation, node authorization). */
export const KUBELET = inGroup("system:nodes");

/**
 * Components of the control plane, by name: Kubernetes' own, and those that Google's control plane runs besides (the known
 * tokens of Kubernetes' GCE scripts, and GKE's bootstrap roles). Node agents have reserved names too, and their credentials
 * are on nodes, so the prefix alone says little.
 */
const CONTROL_PLANE = [
    "system:addon-manager",
    "system:apiserver",
    "system:cloud-controller-manager",
    "system:cluster-autoscaler",
    "system:controller:glbc",
    "system:gcp-controller-manager",
    "system:gke-controller",
    "system:kube-controller-manager",
    "system:kube-scheduler",
    "system:l7-lb-controller",
];

/** Service accounts of these namespaces are the cluster's own controllers; those of other exempt namespaces are not. */
const CONTROLLERS = GKE_SYSTEM_NAMESPACES;

/**
 * Any name that Kubernetes reserves for components: what starts with `system:` and is no service account, node, bootstrap
 * token or anonymous user. Enough for what opens nothing: placing pods, which the taint still judges, and the like.
 */
export const RESERVED_NAME = [
    `${USER}.startsWith("system:")`,
    `!${USER}.startsWith("system:serviceaccount:")`,
    `!${USER}.startsWith("system:node:")`,
    `!${USER}.startsWith("system:bootstrap:")`,
    `${USER} != "system:anonymous"`,
].join(" && ");

/** A user or group that the settings exempt, deployers among them. */
export function namedExempt(settings: GuardSettings): string {
    return anyOf([namedUser(settings.exemptUsers), ...(settings.exemptGroups ?? []).map(inGroup)]);
}

/** One of these users; a trailing `*` makes a prefix. */
export function namedUser(users: readonly string[]): string {
    return oneOf(USER, users);
}

/** Whether the string is one of these names; a trailing `*` makes a prefix. */
export function oneOf(subject: string, names: readonly string[]): string {
    const exact = names.filter(name => !name.endsWith("*"));
    const prefixes = names.filter(name => name.endsWith("*")).map(name => name.slice(0, -1));
    return anyOf([
        ...(exact.length > 0 ? [`${subject} in ${list(exact)}`] : []),
        ...prefixes.map(prefix => `${subject}.startsWith(${text(prefix)})`),
    ]);
}

export function anyOf(conditions: readonly string[]): string {
    return conditions.filter(condition => condition !== "false").join(" || ") || "false";
}

/** {@link anyOf} as a part of a longer condition. */
export function eitherOf(conditions: readonly string[]): string {
    return conditions.length === 1 ? conditions[0]! : `(${anyOf(conditions)})`;
}

/** The controller of that name, which runs in the controller manager: with an account of its own, or without. */
export function controller(name: string): string {
    return `${USER} in ${list([`system:serviceaccount:kube-system:${name}`, "system:kube-controller-manager"])}`;
}

/** Whom the rules about identities let pass, by the reason: the name of a policy's match condition. */
export function exemptions(settings: GuardSettings): Readonly<Record<string, string>> {
    const controllers = settings.exemptNamespaces
        .filter(namespace => CONTROLLERS.includes(namespace))
        .map(namespace => `system:serviceaccount:${namespace.endsWith("*") ? namespace : `${namespace}:*`}`);
    return {
        "control-plane": `${USER} in ${list(CONTROL_PLANE)}`,
        "system-controllers": namedUser(controllers.sort()),
        "exempt-identities": namedExempt(settings),
    };
}

/** As {@link exemptions}, and every name that is reserved: see {@link RESERVED_NAME}. */
export function exemptionsOfReserved(settings: GuardSettings): Readonly<Record<string, string>> {
    return { ...exemptions(settings), "control-plane": RESERVED_NAME };
}

/** All of the {@link exemptions} as one condition. */
export function exempt(settings: GuardSettings): string {
    return Object.values(exemptions(settings))
        .map(condition => `(${condition})`)
        .join(" || ");
}

/** Whether a host, as written in a mesh object, covers the gateway's Service: other spellings and wildcards included. */
export function capturesGateway(host: string, settings: GuardSettings): string {
    const domain = serviceDomain(settings).split(".");
    const all = gatewaysOf(settings)
        .map(gateway => gateway.host.split(".").slice(0, 2).join("."))
        .flatMap(service => [
            service,
            ...domain.map((_, index) => `${service}.${domain.slice(0, index + 1).join(".")}`),
        ])
        .flatMap(name => [name, `${name}.`]);
    return (
        `[${host}.trim().lowerAscii()].exists(host, ${list(all)}.exists(name, ` +
        `name == host || host.startsWith("*") && name.endsWith(host.substring(1))))`
    );
}
