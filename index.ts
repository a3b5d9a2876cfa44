import { Provider } from "@pulumi/gcp/provider";
import * as pulumi from "@pulumi/pulumi";
import { Gateway, GatewayNamespace } from "./components/gateway/gateway";
import { ofGateway } from "./base/conventions";
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
import { gatewayViews, retiringSubnets } from "./settings/gateways";
import { asObserved, type Settings } from "./settings/settings";
import { type ComponentName } from "./settings/schema";
import { settingsWarnings } from "./settings/warnings";

/**
 * The order is part of the design: what denies exists before what could leave. The perimeter comes before the first gateway
 * node, the guard and the network policies before the first gateway pod, the resolver and the gateway before the routes, which need
 * names and lead to it, and the clients' policies last, when the way out is ready. Gateways share the perimeter's firewall, the guard and
 * what clients have once; everything else is made for each from what it sees of the settings. On destroy Pulumi goes the other way, so that the deny goes last.
 */
export = async (written: WrittenSettings = stackSettings(__dirname)) => {
    const settings = asObserved(await loadSettings(written, componentProblems));
    settingsWarnings(settings).forEach(warning => void pulumi.log.warn(warning));

    const google = onGoogle(settings) ? new Provider("google", settings.google) : undefined;
    const cluster = clusterProvider(settings, google);
    const inGoogle = (...before: Maybe<pulumi.Resource>[]) => ({
        providers: google && [google],
        dependsOn: present(before),
    });
    const inCluster = (...before: Maybe<pulumi.Resource>[]) => ({ providers: [cluster], dependsOn: present(before) });
    const create = <T>(component: ComponentName, make: () => T): Maybe<T> =>
        settings.disabledComponents.has(component) ? undefined : make();

    const gateways = gatewayViews(settings);
    new Platform("platform", { ...settings.platform, ...settings.google, ...retiringSubnets(gateways) });

    let perimeter: Maybe<Perimeter>;
    const nodePools = new Map<string, GatewayNodePool>();
    if (onGoogle(settings)) {
        const identified = gatewayViews(settings).map(gateway => ({
            gateway,
            identity: new GatewayNodeIdentity(named("gateway-nodes", gateway), gateway, inGoogle()),
        }));
        const identities = identified.map(({ identity }) => identity);
        perimeter = create("perimeter", () => new Perimeter("perimeter", settings, inGoogle(...identities)));
        for (const { gateway, identity } of identified) {
            const name = named("gateway-pool", gateway);
            create("node-pool", () =>
                nodePools.set(name, new GatewayNodePool(name, gateway, inGoogle(identity, perimeter))),
            );
        }
    }

    const guard = create("guard", () => new Guard("guard", guardSettings(settings), inCluster()));
    const { lock } = settings.dns;
    const resolver = lock === "off" ? undefined : new Resolver("resolver", settings, lock, inCluster(guard));
    const ways = gateways.map(gateway => {
        const name = (base: string) => named(base, gateway);
        const namespace = create(
            "gateway",
            () => new GatewayNamespace(name("gateway-namespace"), gateway, inCluster(guard)),
        );
        const policies = () =>
            new NetworkPolicies(name("gateway-policies"), gatewayPolicies(gateway), inCluster(guard, namespace));
        const enclosure = create("network-policies", policies);
        const before = inCluster(nodePools.get(name("gateway-pool")), guard, namespace, enclosure);
        const pods = create("gateway", () => new Gateway(name("gateway"), gateway, before));
        const mesh = create("mesh", () => new Mesh(name("mesh"), gateway, inCluster(guard, resolver, pods)));
        return { gateway, namespace, pods, mesh };
    });
    const ready = ways.flatMap(({ pods, mesh }) => [pods, mesh]);
    create(
        "network-policies",
        () => new NetworkPolicies("client-policies", clientPolicies(settings), inCluster(guard, ...ready)),
    );
    const { collector } = settings.monitoring;
    if (collector !== "none") {
        for (const { gateway, namespace } of ways) {
            new Monitoring(named("monitoring", gateway), gateway, collector, {
                providers: present([google, cluster]),
                dependsOn: present([perimeter, guard, namespace]),
            });
        }
    }

    return egressOutputs(contractOf(settings), perimeter?.natAddresses ?? [], perimeter?.natAddressesOf);
};

/** Logical name of what each gateway has for itself. */
function named(base: string, { gateway }: Settings): string {
    return ofGateway(base, gateway.name);
}

type Maybe<T> = T | undefined;

function present<T>(values: readonly Maybe<T>[]): T[] {
    return values.filter(value => value !== undefined);
}
