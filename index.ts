import * as gcp from "@pulumi/gcp";
import { Gateway } from "./components/gateway/gateway";
import { Mesh } from "./components/mesh/mesh";
import { NetworkPolicies } from "./components/network-policies/networkPolicies";
import { GatewayNodeIdentity } from "./components/node-pool/identity";
import { GatewayNodePool } from "./components/node-pool/nodePool";
import { Perimeter } from "./components/perimeter/perimeter";
import { clusterProvider } from "./components/platform/clusterProvider";
import { Platform } from "./components/platform/platform";
import { loadSettings } from "./settings/load";

export = async () => {
    const settings = await loadSettings(__dirname);
    return settings;
};
