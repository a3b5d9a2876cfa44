/** What Google says of a cluster that a kubeconfig needs, in the words of `gcp.container.getCluster`. */
interface ClusterEndpoints {
    readonly endpoint: string;
    readonly masterAuths: readonly { readonly clusterCaCertificate: string }[];
    readonly controlPlaneEndpointsConfigs: readonly {
        readonly dnsEndpointConfigs: readonly { readonly endpoint: string; readonly allowExternalTraffic: boolean }[];
    }[];
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
