import { type Answer as Manifest } from "./google";
import { ClusterApi } from "../../../live/cluster/api";
import { Loopback, type Said } from "../loopback";

export type { Answer as Manifest } from "./google";

/** A rule of a ClusterRole. */
export interface Rule {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
}

/** Kinds that every API server serves, by group and version, and the others that an object of the cluster needs. */
const KINDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    v1: {
        Namespace: "namespaces",
        Service: "services",
        ServiceAccount: "serviceaccounts",
        Pod: "pods",
        ReplicationController: "replicationcontrollers",
        ConfigMap: "configmaps",
        Secret: "secrets",
    },
    "apps/v1": {
        Deployment: "deployments",
        DaemonSet: "daemonsets",
        StatefulSet: "statefulsets",
        ReplicaSet: "replicasets",
    },
    "batch/v1": { Job: "jobs", CronJob: "cronjobs" },
    "admissionregistration.k8s.io/v1": {
        ValidatingAdmissionPolicy: "validatingadmissionpolicies",
        ValidatingAdmissionPolicyBinding: "validatingadmissionpolicybindings",
        ValidatingWebhookConfiguration: "validatingwebhookconfigurations",
        MutatingWebhookConfiguration: "mutatingwebhookconfigurations",
    },
    "rbac.authorization.k8s.io/v1": {
        ClusterRole: "clusterroles",
        ClusterRoleBinding: "clusterrolebindings",
        Role: "roles",
        RoleBinding: "rolebindings",
    },
    "networking.k8s.io/v1": { NetworkPolicy: "networkpolicies", Ingress: "ingresses" },
    "node.k8s.io/v1": { RuntimeClass: "runtimeclasses" },
    "autoscaling/v2": { HorizontalPodAutoscaler: "horizontalpodautoscalers" },
    "policy/v1": { PodDisruptionBudget: "poddisruptionbudgets" },
    "networking.istio.io/v1": {
        ServiceEntry: "serviceentries",
        Gateway: "gateways",
        VirtualService: "virtualservices",
        DestinationRule: "destinationrules",
        Sidecar: "sidecars",
        WorkloadEntry: "workloadentries",
    },
    "networking.istio.io/v1alpha3": { EnvoyFilter: "envoyfilters" },
    "security.istio.io/v1": { AuthorizationPolicy: "authorizationpolicies", PeerAuthentication: "peerauthentications" },
    "telemetry.istio.io/v1": { Telemetry: "telemetries" },
};

const PAGE = 7;

/** An API server on loopback: it lists, in pages, and refuses whatever no rule of the caller's role permits. */
export class FakeCluster extends Loopback {
    objects: Manifest[] = [];
    rules: readonly Rule[] = [];

    api(): ClusterApi {
        return ClusterApi.byKubeconfig(this.kubeconfig());
    }

    kubeconfig(): string {
        return JSON.stringify({
            apiVersion: "v1",
            kind: "Config",
            "current-context": "fake",
            clusters: [{ name: "fake", cluster: { server: this.address(), "insecure-skip-tls-verify": true } }],
            users: [{ name: "reader", user: { token: "x" } }],
            contexts: [{ name: "fake", context: { cluster: "fake", user: "reader" } }],
        });
    }

    protected answer(method: string, path: string, query: URLSearchParams): Said {
        if (method !== "GET") {
            return status(405, "only GET is served");
        }
        if (path === "/apis") {
            return [200, { kind: "APIGroupList", groups: groups() }];
        }
        const [, version = "", rest = ""] = /^\/apis?\/(v1|[^/]+\/[^/]+)(?:\/(.*))?$/.exec(path) ?? [];
        const kinds = KINDS[version];
        if (kinds === undefined) {
            return status(404, "the server could not find the requested resource");
        }
        if (rest === "") {
            return [200, { kind: "APIResourceList", groupVersion: version, resources: served(version) }];
        }
        const [, namespace, resource = "", name] = /^(?:namespaces\/([^/]+)\/)?(\w+)(?:\/([^/]+))?$/.exec(rest) ?? [];
        const kind = served(version).find(each => each.name === resource)?.kind;
        const group = version.includes("/") ? version.split("/")[0]! : "";
        const verb = name === undefined ? "list" : "get";
        if (kind === undefined) {
            return status(404, "the server could not find the requested resource");
        }
        if (!this.permits(group, resource, verb, name)) {
            return status(
                403,
                `${resource}.${group} is forbidden: User "reader" cannot ${verb} resource "${resource}"`,
            );
        }
        const found = this.objects.filter(
            object =>
                object["kind"] === kind &&
                (object["apiVersion"] as string).split("/").slice(0, -1).join() === group &&
                (namespace === undefined || object["metadata"].namespace === namespace) &&
                (name === undefined || object["metadata"].name === name),
        );
        if (name !== undefined) {
            return found.length === 0 ? status(404, `${resource} "${name}" not found`) : [200, found[0]];
        }
        const from = Number(query.get("continue") ?? 0);
        const more = from + PAGE < found.length ? { continue: String(from + PAGE), remainingItemCount: 1 } : {};
        return [
            200,
            {
                kind: `${kind}List`,
                apiVersion: version,
                metadata: { resourceVersion: "90210", ...more },
                // Elements of a list leave out what they are.
                items: found.slice(from, from + PAGE).map(({ kind: _, apiVersion: __, ...object }) => object),
            },
        ];
    }

    private permits(group: string, resource: string, verb: string, name: string | undefined): boolean {
        const has = (all: readonly string[], one: string): boolean => all.includes("*") || all.includes(one);
        return this.rules.some(
            rule =>
                has(rule.apiGroups, group) &&
                has(rule.resources, resource) &&
                has(rule.verbs, verb) &&
                (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))),
        );
    }
}

function served(version: string): { name: string; kind: string; verbs: string[] }[] {
    return Object.entries(KINDS[version] ?? {}).flatMap(([kind, name]) => [
        { name, kind, verbs: ["create", "delete", "get", "list", "watch"] },
        { name: `${name}/status`, kind, verbs: ["get", "patch"] },
    ]);
}

function groups(): object[] {
    const names = [
        ...new Set(
            Object.keys(KINDS)
                .filter(version => version.includes("/"))
                .map(version => version.split("/")[0]!),
        ),
    ];
    return names.map(name => {
        const versions = Object.keys(KINDS)
            .filter(version => version.startsWith(`${name}/`))
            .map(groupVersion => ({ groupVersion, version: groupVersion.split("/")[1] }));
        return { name, versions, preferredVersion: versions[0] };
    });
}

function status(code: number, message: string): Said {
    return [code, { kind: "Status", apiVersion: "v1", status: "Failure", code, message }];
}
