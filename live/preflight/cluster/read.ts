import { DEFAULT_TRUST_DOMAIN, meshConfigMap } from "../../../base/conventions";
import { parse } from "yaml";
import { type ClusterApi } from "../../cluster/api";
import {
    type HostedObject,
    type Identity,
    type InjectorFacts,
    type IstiodFacts,
    type KubernetesFacts,
    type MeshConfigFacts,
    type MeshFacts,
    type Named,
} from "./facts";
import { WRITTEN_KINDS } from "./installation";

export interface KubernetesScope {
    readonly controlPlaneNamespace: string;
    readonly revision: string;
    readonly clientNamespaces: readonly string[];
}

interface Listed {
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly creationTimestamp?: string;
    };
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly data?: Readonly<Record<string, string>>;
}

/**
 * Reads the live cluster: GET requests, and one review of the caller, which changes nothing.
 *
 * @throws ClusterError when nobody answers or something may not be read.
 */
export async function readKubernetes(api: ClusterApi, scope: KubernetesScope): Promise<KubernetesFacts> {
    const { gitVersion } = await api.get<{ gitVersion: string }>("/version", "asking for the version");
    const [namespaces, accounts, istiod, mesh, kinds, injectors, caller] = await Promise.all([
        list(api, "/api/v1/namespaces"),
        Promise.all(
            scope.clientNamespaces.map(namespace => list(api, `/api/v1/namespaces/${namespace}/serviceaccounts`)),
        ),
        readIstiod(api, scope),
        readMesh(api),
        readKinds(api),
        readInjectors(api),
        readCaller(api),
    ]);
    return {
        version: gitVersion,
        namespaces: namespaces.map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels ?? {} })),
        serviceAccounts: accounts.flat().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
        istiod,
        mesh,
        kinds,
        injectors,
        caller,
    };
}

async function readKinds(api: ClusterApi): Promise<KubernetesFacts["kinds"]> {
    const versions = Object.keys(WRITTEN_KINDS);
    const served = await Promise.all(
        versions.map(async version => {
            const answer = await api.request("GET", `/apis/${version}`);
            if (answer.status === 404) {
                return [];
            }
            const { resources } = api.succeeded(answer, `asking for the kinds of ${version}`) as {
                resources: readonly { readonly kind: string }[];
            };
            return resources.map(({ kind }) => kind);
        }),
    );
    return Object.fromEntries(versions.map((version, index) => [version, served[index]!]));
}

interface WebhookConfiguration {
    readonly metadata: { readonly name: string };
    readonly webhooks?: readonly {
        readonly name: string;
        readonly namespaceSelector?: unknown;
        readonly objectSelector?: unknown;
    }[];
}

/** Istio names the webhooks of every revision and tag so (manifests/charts/istio-control, `mutatingwebhook.yaml`). */
const INJECTOR = /sidecar-injector\.istio\.io$/;

async function readInjectors(api: ClusterApi): Promise<InjectorFacts[]> {
    const path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    const configurations = (await list(api, path)) as unknown as WebhookConfiguration[];
    return configurations.flatMap(({ metadata, webhooks }) =>
        (webhooks ?? [])
            .filter(({ name }) => INJECTOR.test(name))
            .map(({ name, namespaceSelector, objectSelector }) => ({
                name: `${metadata.name}/${name}`,
                namespaceSelector,
                objectSelector,
            })),
    );
}

async function readCaller(api: ClusterApi): Promise<Identity> {
    const answer = await api.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
        apiVersion: "authentication.k8s.io/v1",
        kind: "SelfSubjectReview",
    });
    const { status } = api.succeeded(answer, "asking who the caller is") as {
        status: { userInfo: { username: string; groups?: readonly string[] } };
    };
    return { username: status.userInfo.username, groups: status.userInfo.groups ?? [] };
}

async function list(api: ClusterApi, path: string): Promise<Listed[]> {
    return (await api.get<{ items: Listed[] }>(path, `listing ${path}`)).items;
}

interface DeploymentSpec {
    readonly template: {
        readonly spec: {
            readonly nodeSelector?: Readonly<Record<string, string>>;
            readonly containers: readonly {
                readonly name: string;
                readonly image: string;
                readonly env?: readonly { readonly name: string; readonly value?: string }[];
            }[];
        };
    };
}

/** The Deployment of the revision; Istio labels every one with `istio.io/rev` (manifests/charts/istio-control). */
async function readIstiod(
    api: ClusterApi,
    { controlPlaneNamespace, revision }: KubernetesScope,
): Promise<IstiodFacts | undefined> {
    const selector = encodeURIComponent(`app=istiod,istio.io/rev=${revision}`);
    const [deployment] = await list(
        api,
        `/apis/apps/v1/namespaces/${controlPlaneNamespace}/deployments?labelSelector=${selector}`,
    );
    if (deployment === undefined) {
        return undefined;
    }
    const { containers, nodeSelector } = (deployment.spec as unknown as DeploymentSpec).template.spec;
    const discovery = containers.find(({ name }) => name === "discovery") ?? containers[0];
    return {
        version: discovery?.image.split(":").pop() ?? "",
        environment: Object.fromEntries(
            (discovery?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
        ),
        nodeSelector: nodeSelector ?? {},
        meshConfig: await readMeshConfig(api, controlPlaneNamespace, revision),
    };
}

async function readMeshConfig(
    api: ClusterApi,
    namespace: string,
    revision: string,
): Promise<MeshConfigFacts | undefined> {
    const name = meshConfigMap(revision);
    const answer = await api.request("GET", `/api/v1/namespaces/${namespace}/configmaps/${name}`);
    if (answer.status === 404) {
        return undefined;
    }
    const { data } = api.succeeded(answer, `reading the mesh configuration ${name}`) as Listed;
    const config = parse(data?.["mesh"] ?? "") as {
        trustDomain?: string;
        serviceEntryVisibility?: { defaultVisibility?: string; applyToSidecars?: boolean };
    } | null;
    const visibility = config?.serviceEntryVisibility;
    // Istio's defaults (mesh/v1alpha1/config.proto).
    return {
        trustDomain: config?.trustDomain ?? DEFAULT_TRUST_DOMAIN,
        ...(visibility === undefined
            ? {}
            : {
                  serviceEntryVisibility: {
                      defaultVisibility: visibility.defaultVisibility ?? "PUBLIC",
                      applyToSidecars: visibility.applyToSidecars === true,
                  },
              }),
    };
}

async function readMesh(api: ClusterApi): Promise<MeshFacts | undefined> {
    const group = "/apis/networking.istio.io/v1";
    const served = await api.request("GET", group);
    if (served.status === 404) {
        return undefined;
    }
    api.succeeded(served, "asking for Istio's kinds");
    const [serviceEntries, virtualServices, destinationRules, gateways, filters] = await Promise.all([
        ...["serviceentries", "virtualservices", "destinationrules", "gateways"].map(kind =>
            list(api, `${group}/${kind}`),
        ),
        list(api, "/apis/networking.istio.io/v1alpha3/envoyfilters"),
    ]);
    return {
        serviceEntries: serviceEntries!.map(object => ({
            ...hosted(object),
            created: object.metadata.creationTimestamp ?? "",
            exportTo: (object.spec?.["exportTo"] ?? []) as readonly string[],
        })),
        virtualServices: virtualServices!.map(hosted),
        destinationRules: destinationRules!.map(({ metadata, spec }) => ({
            ...named({ metadata }),
            hosts: [String(spec?.["host"] ?? "")],
        })),
        gateways: gateways!.map(({ metadata, spec }) => ({
            ...named({ metadata }),
            selector: (spec?.["selector"] ?? {}) as Readonly<Record<string, string>>,
        })),
        envoyFilters: filters!.map(named),
    };
}

function named({ metadata }: Pick<Listed, "metadata">): Named {
    return { namespace: metadata.namespace ?? "", name: metadata.name };
}

function hosted({ metadata, spec }: Listed): HostedObject {
    return { ...named({ metadata }), hosts: (spec?.["hosts"] ?? []) as readonly string[] };
}
