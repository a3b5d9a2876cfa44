import { type Fields, type KubernetesObject, fields, hasUnknown, list } from "../kubernetes";
import { UNKNOWN } from "../resource";
import { isSystemNamespace } from "./namespaces";
import { type Trust } from "./trust";

/** What given bindings say of who administers the cluster. */
export interface Administrators {
    /** Bindings that make an administrator of whoever runs a pod, or of everybody. */
    readonly reasons: readonly string[];
    /** Others whom bindings make administrators, each with its binding. */
    readonly named: readonly string[];
}

/** One thing that only administrators may do, because no admission policy judges it or the guard leaves it to them. */
interface Power {
    readonly does: string;
    readonly groups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    /** Held in a namespace of the system alone; everywhere otherwise. */
    readonly inSystemNamespaces?: true;
}

const WRITE = ["create", "update", "patch", "delete", "deletecollection"];

/** Admission policies judge no admission policies (Kubernetes documentation, "Validating Admission Policy"). */
const POWERS: readonly Power[] = [
    {
        does: "change admission policies",
        groups: ["admissionregistration.k8s.io"],
        resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
        verbs: WRITE,
    },
    {
        does: "act as somebody else",
        groups: ["", "authentication.k8s.io"],
        resources: ["users", "groups", "serviceaccounts"],
        verbs: ["impersonate"],
    },
    {
        does: "give themselves any role",
        groups: ["rbac.authorization.k8s.io"],
        resources: ["clusterroles", "roles"],
        verbs: ["bind", "escalate"],
    },
    {
        does: "run pods in the system's namespaces",
        groups: ["", "apps", "batch"],
        resources: [
            "pods",
            "replicationcontrollers",
            "deployments",
            "daemonsets",
            "statefulsets",
            "replicasets",
            "jobs",
            "cronjobs",
        ],
        verbs: ["create", "update", "patch"],
        inSystemNamespaces: true,
    },
    {
        does: "get the tokens of the system's accounts",
        groups: [""],
        resources: ["serviceaccounts/token", "secrets"],
        verbs: ["create"],
        inSystemNamespaces: true,
    },
    {
        does: "write Istio objects in the control plane's namespace",
        groups: ["networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io"],
        resources: ["*"],
        verbs: WRITE,
        inSystemNamespaces: true,
    },
];

/** Roles that every cluster has (Kubernetes documentation, "User-facing roles"), as far as they have such a power. */
const BUILT_IN: Readonly<Record<string, readonly Fields[]>> = {
    "cluster-admin": [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    admin: [{ apiGroups: ["", "apps", "batch"], resources: ["*"], verbs: ["*"] }],
    edit: [{ apiGroups: ["", "apps", "batch"], resources: ["*"], verbs: WRITE }],
};

const SOMEBODY = "somebody who is not known before up";
/** Groups that whoever runs a pod, or nobody in particular, is in. */
const EVERYBODY = /^system:(authenticated|unauthenticated|anonymous|serviceaccounts)$/;

/**
 * Who administers, as far as RBAC objects are given: the claims assume that only administrators do what admission does not judge, so
 * a binding that makes one of tenants contradicts them, and any other is named.
 *
 * @param clients namespaces whose pods are tenants
 */
export function administratorsIn(
    objects: readonly KubernetesObject[],
    trust: Trust,
    clients: readonly string[],
    rootNamespaces: readonly string[],
): Administrators {
    const reasons: string[] = [];
    const named: string[] = [];
    for (const binding of objects.filter(({ kind }) => /^(Cluster)?RoleBinding(Patch)?$/.test(kind))) {
        const everywhere = binding.kind.startsWith("Cluster");
        const subjects = subjectsOf(binding).filter(subject => !trust.isTrusted(subject) || EVERYBODY.test(subject));
        if (subjects.length === 0 || !(everywhere || isSystemNamespace(binding.namespace, rootNamespaces))) {
            continue;
        }
        const powers = powersOf(binding, objects, everywhere);
        if (powers?.length === 0) {
            continue;
        }
        const may = powers?.map(({ does }) => does).join(", ") ?? "do what a role permits that is not given";
        const tenants = subjects.filter(subject => isTenant(subject, clients));
        if (tenants.length > 0 && powers !== undefined) {
            reasons.push(
                `${binding.urn} lets ${tenants.join(", ")} ${may}: a tenant can be an administrator then. Bind a role without that, or name an administrator.`,
            );
        } else {
            named.push(`${subjects.join(", ")} may ${may} (${binding.urn})`);
        }
    }
    return { reasons, named };
}

/** Undefined where the role is not given: what it permits is the assumption. */
function powersOf(
    binding: KubernetesObject,
    objects: readonly KubernetesObject[],
    everywhere: boolean,
): readonly Power[] | undefined {
    const rules = rulesOf(binding, objects);
    return rules === undefined
        ? undefined
        : POWERS.filter(
              power => (everywhere || power.inSystemNamespaces === true) && rules.some(rule => grants(rule, power)),
          );
}

function rulesOf(binding: KubernetesObject, objects: readonly KubernetesObject[]): readonly Fields[] | undefined {
    const { kind, name } = fields(binding.object["roleRef"]);
    const given = objects.filter(
        object =>
            object.kind.replace(/Patch$/, "") === kind &&
            object.name === name &&
            (kind === "ClusterRole" || object.namespace === binding.namespace),
    );
    if (given.length === 0) {
        return kind === "ClusterRole" && typeof name === "string" ? BUILT_IN[name] : undefined;
    }
    return given.some(({ object }) => object["aggregationRule"] !== undefined || hasUnknown(object["rules"]))
        ? undefined
        : given.flatMap(({ object }) => list(object["rules"]).map(fields));
}

function grants(rule: Fields, { groups, resources, verbs }: Power): boolean {
    const one = (given: unknown, wanted: readonly string[]): boolean =>
        list(given).some(value => value === "*" || wanted.includes("*") || wanted.includes(String(value)));
    return one(rule["apiGroups"], groups) && one(rule["resources"], resources) && one(rule["verbs"], verbs);
}

function subjectsOf({ object }: KubernetesObject): string[] {
    if (object["subjects"] === UNKNOWN) {
        return [SOMEBODY];
    }
    return list(object["subjects"]).map(subject => {
        const { kind, name, namespace } = fields(subject);
        if (subject === UNKNOWN || name === UNKNOWN || namespace === UNKNOWN) {
            return SOMEBODY;
        }
        return kind === "ServiceAccount" ? `system:serviceaccount:${String(namespace)}:${String(name)}` : String(name);
    });
}

function isTenant(subject: string, clients: readonly string[]): boolean {
    const [, kind, namespace] = subject.split(":");
    return (
        subject === SOMEBODY ||
        EVERYBODY.test(subject) ||
        (subject.startsWith("system:serviceaccount") && kind !== undefined && clients.includes(namespace ?? ""))
    );
}
