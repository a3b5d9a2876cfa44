import { type GuardSettings, serviceDomain } from "./settings";

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
 * A component of the control plane: Kubernetes reserves user names that start with `system:` for itself, and the ones
 * that others can obtain under that prefix are service accounts, nodes, bootstrap tokens and the anonymous user.
 */
export const CONTROL_PLANE = [
    `${USER}.startsWith("system:")`,
    `!${USER}.startsWith("system:serviceaccount:")`,
    `!${USER}.startsWith("system:node:")`,
    `!${USER}.startsWith("system:bootstrap:")`,
    `${USER} != "system:anonymous"`,
].join(" && ");

/** A user or group that the settings exempt, deployers among them. */
export function namedExempt(settings: GuardSettings): string {
    const exact = settings.exemptUsers.filter(user => !user.endsWith("*"));
    const prefixes = settings.exemptUsers.filter(user => user.endsWith("*")).map(user => user.slice(0, -1));
    const conditions = [
        ...(exact.length > 0 ? [`${USER} in ${list(exact)}`] : []),
        ...prefixes.map(prefix => `${USER}.startsWith(${text(prefix)})`),
        ...(settings.exemptGroups ?? []).map(inGroup),
    ];
    return conditions.join(" || ") || "false";
}

/** Whom the rules about identities let pass, by the reason: the name of a policy's match condition. */
export function exemptions(settings: GuardSettings): Readonly<Record<string, string>> {
    const controllers = [...settings.exemptNamespaces]
        .sort()
        .map(namespace => `${USER}.startsWith(${text(`system:serviceaccount:${namespace}:`)})`);
    return {
        "control-plane": CONTROL_PLANE,
        "system-controllers": controllers.join(" || ") || "false",
        "exempt-identities": namedExempt(settings),
    };
}

/** All of the {@link exemptions} as one condition. */
export function exempt(settings: GuardSettings): string {
    return Object.values(exemptions(settings))
        .map(condition => `(${condition})`)
        .join(" || ");
}

/** Whether a host, as written in a mesh object, covers the gateway's Service: other spellings and wildcards included. */
export function capturesGateway(host: string, settings: GuardSettings): string {
    const [service, namespace] = settings.gatewayHost.split(".");
    const domain = serviceDomain(settings).split(".");
    const spellings = domain.reduceRight<string[]>(
        (names, _, index) => [`${service}.${namespace}.${domain.slice(0, index + 1).join(".")}`, ...names],
        [],
    );
    const all = [`${service}.${namespace}`, ...spellings].flatMap(name => [name, `${name}.`]);
    return (
        `[${host}.trim().lowerAscii()].exists(host, ${list(all)}.exists(name, ` +
        `name == host || host.startsWith("*") && name.endsWith(host.substring(1))))`
    );
}
