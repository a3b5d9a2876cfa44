import { getClusterOutput } from "@pulumi/gcp/container";
import { type Provider as GoogleProvider } from "@pulumi/gcp/provider";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { googleNames, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { kubeconfig } from "./kubeconfig";

/**
 * The cluster by its own endpoint, or by the context that the settings name; never by whatever the ambient kubeconfig
 * happens to point at.
 */
export function clusterProvider(settings: Settings, google: GoogleProvider | undefined): Provider {
    const { context } = settings.kubernetes;
    if (!onGoogle(settings)) {
        return new Provider("cluster", { context: context! });
    }
    const names = googleNames(settings);
    // Pins the provider's identity: a new endpoint or certificate must not replace every object in the cluster.
    const clusterIdentifier = names.cluster;
    if (context !== undefined) {
        return new Provider("cluster", { context, clusterIdentifier });
    }
    const { name, location } = settings.platform.cluster;
    const cluster = getClusterOutput({ project: names.project, location, name }, { provider: google! });
    const config = cluster.apply(endpoints => kubeconfig(name, endpoints));
    return new Provider("cluster", { kubeconfig: pulumi.secret(config), clusterIdentifier });
}
