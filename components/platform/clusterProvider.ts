import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { googleNames, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";

/** What `gcp.container.getCluster` says that a kubeconfig needs. */
interface ClusterEndpoints {
    readonly endpoint: string;
    readonly masterAuths: readonly { readonly clusterCaCertificate: string }[];
    readonly controlPlaneEndpointsConfigs: readonly {
        readonly dnsEndpointConfigs: readonly { readonly endpoint: string; readonly allowExternalTraffic: boolean }[];
    }[];
}

/**
 * The cluster by its own endpoint, or by the context that the settings name; never by whatever the ambient kubeconfig
 * happens to point at.
 */
export function clusterProvider(settings: Settings, google: gcp.Provider | undefined): k8s.Provider {
    const { context } = settings.kubernetes;
    if (!onGoogle(settings)) {
        return new k8s.Provider("cluster", { context: context! });
    }
    const names = googleNames(settings);
    // Pins the provider's identity: a new endpoint or certificate must not replace every object in the cluster.
    const clusterIdentifier = names.cluster;
    if (context !== undefined) {
        return new k8s.Provider("cluster", { context, clusterIdentifier });
    }
    const { name, location } = settings.platform.cluster;
    const cluster = gcp.container.getClusterOutput({ project: names.project, location, name }, { provider: google! });
    const config = cluster.apply(endpoints => kubeconfig(name, endpoints));
    return new k8s.Provider("cluster", { kubeconfig: pulumi.secret(config), clusterIdentifier });
}

/** Holds no credentials: the plugin asks for them with the caller's own. */
export function kubeconfig(name: string, cluster: ClusterEndpoints): string {
    const dns = cluster.controlPlaneEndpointsConfigs[0]?.dnsEndpointConfigs.find(
        ({ allowExternalTraffic }) => allowExternalTraffic,
    );
    const server =
        dns === undefined
            ? {
                  server: `https://${cluster.endpoint}`,
                  "certificate-authority-data": cluster.masterAuths[0]?.clusterCaCertificate,
              }
            : { server: `https://${dns.endpoint}` };
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name, cluster: server }],
        contexts: [{ name, context: { cluster: name, user: name } }],
        "current-context": name,
        users: [
            {
                name,
                user: {
                    exec: {
                        apiVersion: "client.authentication.k8s.io/v1beta1",
                        command: "gke-gcloud-auth-plugin",
                        installHint:
                            "Install gke-gcloud-auth-plugin: https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl",
                        provideClusterInfo: true,
                    },
                },
            },
        ],
    });
}
