import { parse } from "yaml";
import { type ClusterApi } from "../../verify/cluster/api";
import {
    type HostedObject,
    type IstiodFacts,
    type KubernetesFacts,
    type MeshConfigFacts,
    type MeshFacts,
    type Named,
} from "./facts";

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
    };
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly data?: Readonly<Record<string, string>>;
}

/**
 * Reads the live cluster; only GET requests.
 *
 * @throws ClusterError when nobody answers or something may not be read.
 */
export async function readKubernetes(api: ClusterApi, scope: KubernetesScope): Promise<KubernetesFacts> {
    const { gitVersion } = await api.get<{ gitVersion: string }>("/version", "asking for the version");
    const [namespaces, accounts, istiod, mesh] = await Promise.all([
        list(api, "/api/v1/namespaces"),
        Promise.all(
            scope.clientNamespaces.map(namespace => list(api, `/api/v1/namespaces/${namespace}/serviceaccounts`)),
        ),
        readIstiod(api, scope),
        readMesh(api),
    ]);
    return {
        version: gitVersion,
        namespaces: namespaces.map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels ?? {} })),
        serviceAccounts: accounts.flat().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
        istiod,
        mesh,
    };
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

/** `istio`, or `istio-<revision>`, key `mesh`. */
async function readMeshConfig(
    api: ClusterApi,
    namespace: string,
    revision: string,
): Promise<MeshConfigFacts | undefined> {
    const name = revision === "default" ? "istio" : `istio-${revision}`;
    const answer = await api.request("GET", `/api/v1/namespaces/${namespace}/configmaps/${name}`);
    if (answer.status === 404) {
        return undefined;
    }
    const { data } = api.succeeded(answer, `reading the mesh configuration ${name}`) as Listed;
    const config = parse(data?.["mesh"] ?? "") as {
        trustDomain?: string;
        outboundTrafficPolicy?: { mode?: string };
    } | null;
    // Istio's defaults (mesh/v1alpha1/config.proto).
    return {
        trustDomain: config?.trustDomain ?? "cluster.local",
        outboundTrafficPolicy: config?.outboundTrafficPolicy?.mode ?? "ALLOW_ANY",
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
        serviceEntries: serviceEntries!.map(hosted),
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
