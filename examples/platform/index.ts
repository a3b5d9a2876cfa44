import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import { ApplicationNodeIdentity } from "./applicationNodes";
import { Cluster } from "./cluster";
import { GoogleApis } from "./googleApis";
import { Mesh } from "./mesh";
import { Network } from "./network";
import { googleNames, platformSettings } from "./settings";

/** The platform under the egress gateway. What it exports is what the egress stack reads: `{stack: organization/platform/dev}`. */
export = () => {
    const settings = platformSettings();
    const { project, region, outputs, istioVersion, meshNamespaces, protect } = settings;
    const google = new gcp.Provider("google", { project, region });

    // All of it is protected, not only what everything stands on: a destroy without a preview deletes what depends on a protected
    // resource before it stops there, and these are other teams' namespaces and nodes.
    const onGoogle = { providers: [google], protect };

    const network = new Network("network", settings, onGoogle);
    const googleApis = new GoogleApis("google-apis", settings, { ...onGoogle, dependsOn: [network] });
    const nodes = new ApplicationNodeIdentity("app-nodes", settings, onGoogle);
    // Without the route, the zones and the identity a node would never register.
    const cluster = new Cluster("cluster", settings, { ...onGoogle, dependsOn: [network, googleApis, nodes] });

    const kubernetes = new k8s.Provider("cluster", {
        kubeconfig: cluster.kubeconfig,
        // Pins the provider's identity: a new endpoint or certificate must not replace every object in the cluster.
        clusterIdentifier: googleNames(settings).cluster,
    });
    new Mesh(
        "mesh",
        { version: istioVersion, hub: nodes.istioHub, namespaces: meshNamespaces },
        { providers: [kubernetes], dependsOn: [cluster], protect },
    );
    return outputs;
};
