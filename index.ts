import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { Mesh } from "./components/mesh/mesh";
import { GatewayNodeIdentity } from "./components/node-pool/identity";
import { GatewayNodePool } from "./components/node-pool/nodePool";
import { Perimeter } from "./components/perimeter/perimeter";
import { clusterProvider } from "./components/platform/clusterProvider";
import { Platform } from "./components/platform/platform";
import { contractOf } from "./settings/contract";
import { googleNames, onGoogle } from "./settings/googleNames";
import { loadSettings } from "./settings/load";
import { asObserved } from "./settings/observe";
import { type ComponentName } from "./settings/schema";
import { settingsWarnings } from "./settings/warnings";

/**
 * The order is part of the design. What denies exists before what could leave: the perimeter before the first gateway node,
 * the guard before the first gateway pod. On destroy Pulumi goes the other way, so that the deny goes last.
 */
export = async () => {
    const settings = asObserved(await loadSettings(__dirname));
    settingsWarnings(settings).forEach(warning => void pulumi.log.warn(warning));
    const wanted = (component: ComponentName): boolean => !settings.disabledComponents.has(component);
    const google = onGoogle(settings) ? new gcp.Provider("google", settings.google) : undefined;
    const cluster = clusterProvider(settings, google);

    new Platform("platform", { ...settings.platform, ...settings.google });

    let perimeter: Perimeter | undefined;
    let nodePool: GatewayNodePool | undefined;
    if (onGoogle(settings) && google !== undefined) {
        const names = googleNames(settings);
        const { platform, gateway } = settings;
        const identity =
            wanted("perimeter") || wanted("node-pool")
                ? new GatewayNodeIdentity(
                      "gateway-nodes",
                      { names, accountId: gateway.nodeAccountId },
                      { providers: [google] },
                  )
                : undefined;
        const afterIdentity = { providers: [google], dependsOn: identity === undefined ? [] : [identity] };
        perimeter = wanted("perimeter") ? new Perimeter("perimeter", { settings, platform }, afterIdentity) : undefined;
        nodePool = wanted("node-pool")
            ? new GatewayNodePool(
                  "gateway-pool",
                  { names, platform, gateway },
                  { providers: [google], dependsOn: perimeter ?? identity },
              )
            : undefined;
    }

    if (wanted("mesh")) {
        new Mesh("mesh", settings, { providers: [cluster], dependsOn: nodePool });
    }

    return { ...contractOf(settings), natAddresses: perimeter?.natAddresses ?? [] };
};
