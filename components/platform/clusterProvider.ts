import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { googleNames, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { kubeconfig } from "./kubeconfig";

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
