import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { Gateway, GatewayNamespace } from "./components/gateway/gateway";
import { guardSettings } from "./components/guard/fromSettings";
import { Guard } from "./components/guard/guard";
import { Mesh } from "./components/mesh/mesh";
import { clientPolicies } from "./components/network-policies/clientPolicies";
import { gatewayPolicies } from "./components/network-policies/gatewayPolicies";
import { NetworkPolicies } from "./components/network-policies/networkPolicies";
import { GatewayNodeIdentity } from "./components/node-pool/identity";
import { GatewayNodePool } from "./components/node-pool/nodePool";
import { Monitoring } from "./components/monitoring/monitoring";
import { Perimeter } from "./components/perimeter/perimeter";
import { clusterProvider } from "./components/platform/clusterProvider";
import { Platform } from "./components/platform/platform";
import { Resolver } from "./components/resolver/resolver";
import { componentProblems } from "./components/problems";
import { egressOutputs } from "./contract/produced";
import { contractOf } from "./settings/contract";
import { onGoogle } from "./settings/googleNames";
import { loadSettings, stackSettings, type WrittenSettings } from "./settings/load";
import { asObserved } from "./settings/settings";
import { type ComponentName } from "./settings/schema";
import { settingsWarnings } from "./settings/warnings";

/**
 * The order is part of the design: what denies exists before what could leave. The perimeter comes before the first gateway
 * node, the guard and the network policies before the first gateway pod, the resolver and the gateway before the routes, which need
 * names and lead to it, and the clients' policies last, when the way out is ready. On destroy Pulumi goes the other way, so that the deny goes last.
 */
export = async (written: WrittenSettings = stackSettings(__dirname)) => {
    const settings = asObserved(await loadSettings(written, componentProblems));
    settingsWarnings(settings).forEach(warning => void pulumi.log.warn(warning));

    const google = onGoogle(settings) ? new gcp.Provider("google", settings.google) : undefined;
    const cluster = clusterProvider(settings, google);
    const inGoogle = (...before: Maybe<pulumi.Resource>[]) => ({
        providers: google && [google],
        dependsOn: present(before),
    });
    const inCluster = (...before: Maybe<pulumi.Resource>[]) => ({ providers: [cluster], dependsOn: present(before) });
    const create = <T>(component: ComponentName, make: () => T): Maybe<T> =>
        settings.disabledComponents.has(component) ? undefined : make();

    const { egressSubnet: retiringEgressSubnet } = settings.gateway.retiring;
    new Platform("platform", {
        ...settings.platform,
        ...settings.google,
        ...(retiringEgressSubnet === undefined ? {} : { retiringEgressSubnet }),
    });

    let perimeter: Maybe<Perimeter>;
    let nodePool: Maybe<GatewayNodePool>;
    if (onGoogle(settings)) {
        const identity = new GatewayNodeIdentity("gateway-nodes", settings, inGoogle());
        perimeter = create("perimeter", () => new Perimeter("perimeter", settings, inGoogle(identity)));
        nodePool = create(
            "node-pool",
            () => new GatewayNodePool("gateway-pool", settings, inGoogle(identity, perimeter)),
        );
    }

    const guard = create("guard", () => new Guard("guard", guardSettings(settings), inCluster()));
    const { lock } = settings.dns;
    const resolver = lock === "off" ? undefined : new Resolver("resolver", settings, lock, inCluster(guard));
    const namespace = create("gateway", () => new GatewayNamespace("gateway-namespace", settings, inCluster(guard)));
    const enclosure = create(
        "network-policies",
        () => new NetworkPolicies("gateway-policies", gatewayPolicies(settings), inCluster(guard, namespace)),
    );
    const gateway = create(
        "gateway",
        () => new Gateway("gateway", settings, inCluster(nodePool, guard, namespace, enclosure)),
    );
    const mesh = create("mesh", () => new Mesh("mesh", settings, inCluster(guard, resolver, gateway)));
    create(
        "network-policies",
        () => new NetworkPolicies("client-policies", clientPolicies(settings), inCluster(guard, gateway, mesh)),
    );
    const { collector } = settings.monitoring;
    if (collector !== "none") {
        new Monitoring("monitoring", settings, collector, {
            providers: present([google, cluster]),
            dependsOn: present([perimeter, guard, namespace]),
        });
    }

    return egressOutputs(contractOf(settings), perimeter?.natAddresses ?? []);
};

type Maybe<T> = T | undefined;

function present<T>(values: readonly Maybe<T>[]): T[] {
    return values.filter(value => value !== undefined);
}
