import { projectOf } from "../base/resource";
import { registeredAs } from "../declared/component";
import { type Fact } from "../declared/fact";
import { GATEWAY, GATEWAY_NAMESPACE } from "../declared/gateway";
import { GUARD, type GuardedGateway } from "../declared/guard";
import { MESH } from "../declared/mesh";
import { NETWORK_POLICIES } from "../declared/networkPolicies";
import { GATEWAY_NODE_IDENTITY, GATEWAY_NODE_POOL } from "../declared/nodePool";
import { GATEWAY_EXIT, PERIMETER } from "../declared/perimeter";
import { PLATFORM } from "../declared/platform";
import { type Resource } from "../containment/resource";
import {
    configuredSettings,
    type ConfiguredSettings,
    type PackSettings,
    type SettingKey,
    withGateways,
} from "./settings";

/** The components that tell what the gateway of a stack is called. */
export const NAMING_COMPONENTS: ReadonlySet<string> = new Set(
    [PLATFORM, GATEWAY_NODE_IDENTITY, GATEWAY_NODE_POOL, PERIMETER, GUARD, GATEWAY_NAMESPACE, GATEWAY, MESH].map(
        ({ type }) => type,
    ),
);

export const OWN_COMPONENTS: ReadonlySet<string> = new Set([
    ...NAMING_COMPONENTS,
    GATEWAY_EXIT.type,
    NETWORK_POLICIES.type,
]);

/**
 * The settings for a stack: what its components register comes first, then what was written, then the defaults. What a
 * component does not tell is left as it is; that it does not tell it, the proof says. Anybody can register a component of that
 * type: where it is written which projects own a gateway, those of other projects tell nothing.
 *
 * @param written before defaults
 */
export function settingsFor(
    registered: readonly Resource[],
    written: Partial<ConfiguredSettings>,
): { readonly settings: PackSettings; readonly conflicts: readonly string[] } {
    const given = withGateways(written);
    const configured = configuredSettings(written);
    const components = registered.filter(({ urn }) => given.gatewayProjects?.includes(projectOf(urn)) ?? true);
    if (components.length === 0) {
        return { settings: configured, conflicts: [] };
    }
    const names = registeredNames(components);
    const single = Object.entries(names.single);
    const guarded = registeredAs(GUARD, components).flatMap(guard => {
        const further = guard.read("furtherGateways");
        return further.known ? (further.value ?? []) : [];
    });
    const furtherGateways = [
        ...guarded,
        ...configured.furtherGateways.filter(({ namespace }) => guarded.every(one => one.namespace !== namespace)),
    ];
    return {
        settings: {
            ...configured,
            ...Object.fromEntries(single.map(([key, [value]]) => [key, value])),
            ...Object.fromEntries(
                Object.entries(names.lists).map(([key, values]) => [
                    key,
                    [...new Set([...values, ...((given[key as SettingKey] as readonly string[] | undefined) ?? [])])],
                ]),
            ),
            gatewayNamed: true,
            furtherGateways,
        },
        conflicts: single
            .map(([key, values]) => [key, ofOneGateway(key, values, furtherGateways)] as const)
            .filter(([, values]) => values.length > 1)
            .map(
                ([key, values]) =>
                    `The components of the stack register ${values.join(" and ")} as ${key}, and the guard knows one gateway: the rules about single resources go by the first.`,
            ),
    };
}

/** What was registered, once each, without what is of the further gateways. */
function ofOneGateway(key: string, values: readonly unknown[], further: readonly GuardedGateway[]): readonly string[] {
    const others = new Set<unknown>(
        further.map(({ namespace, nodeValue }) =>
            key === "gatewayNamespace" ? namespace : key === "gatewayNodeValue" ? nodeValue : undefined,
        ),
    );
    return [...new Set(values.filter(value => !others.has(value)).map(value => JSON.stringify(value)))];
}

type Singles = { [K in SettingKey]?: [ConfiguredSettings[K], ...ConfiguredSettings[K][]] };
type Lists = { [K in SettingKey]?: readonly string[] };

function registeredNames(components: readonly Resource[]): { readonly single: Singles; readonly lists: Lists } {
    const single: Partial<Record<SettingKey, unknown[]>> = {};
    const lists: Partial<Record<SettingKey, string[]>> = {};
    const tell = (key: SettingKey, fact: Fact<unknown>): void => {
        if (fact.known && fact.value !== undefined) {
            (single[key] ??= []).push(fact.value);
        }
    };
    const add = (key: SettingKey, fact: Fact<string | readonly string[] | undefined>): void => {
        if (fact.known && fact.value !== undefined) {
            (lists[key] ??= []).push(...[fact.value].flat());
        }
    };
    for (const guard of registeredAs(GUARD, components)) {
        tell("gatewayNamespace", guard.read("gatewayNamespace"));
        tell("resolverNamespace", guard.read("resolverNamespace"));
        tell("gatewayServiceAccount", guard.read("gatewayServiceAccount"));
        tell("gatewayPodLabels", guard.read("gatewayPodLabels"));
        tell("controlPlaneNamespace", guard.read("controlPlaneNamespace"));
        tell("gatewayNodeKey", guard.read("nodeKey"));
        tell("gatewayNodeValue", guard.read("nodeValue"));
        const host = guard.read("gatewayHost");
        if (host.known) {
            const [service, , , ...domain] = host.value.split(".");
            tell("gatewayService", { known: true, value: service });
            tell("clusterDomain", { known: true, value: domain.join(".") });
        }
        add("gatewayAccounts", guard.read("gatewayNodeAccount"));
        add("gatewayTags", guard.read("networkTag"));
        add("clientNamespaces", guard.read("clientNamespaces"));
        add("systemNamespaces", guard.read("exemptNamespaces"));
        add("proxyImages", guard.read("proxyImages"));
    }
    for (const component of [...registeredAs(GATEWAY_NAMESPACE, components), ...registeredAs(GATEWAY, components)]) {
        tell("gatewayNamespace", component.read("namespace"));
    }
    for (const gateway of registeredAs(GATEWAY, components)) {
        tell("gatewayServiceAccount", gateway.read("serviceAccount"));
        tell("gatewayNodeKey", gateway.read("nodeKey"));
        tell("gatewayNodeValue", gateway.read("nodeValue"));
    }
    for (const mesh of registeredAs(MESH, components)) {
        tell("gatewayNamespace", mesh.read("gatewayNamespace"));
        tell("controlPlaneNamespace", mesh.read("controlPlaneNamespace"));
        add("clientNamespaces", mesh.read("clientNamespaces"));
    }
    for (const pool of registeredAs(GATEWAY_NODE_POOL, components)) {
        tell("gatewayNodeKey", pool.read("nodeKey"));
        tell("gatewayNodeValue", pool.read("nodeValue"));
        add("gatewayAccounts", pool.read("nodeAccount"));
        add("gatewayTags", pool.read("networkTag"));
    }
    for (const identity of registeredAs(GATEWAY_NODE_IDENTITY, components)) {
        add("gatewayAccounts", identity.read("account"));
    }
    for (const perimeter of registeredAs(PERIMETER, components)) {
        add("gatewayAccounts", perimeter.read("gatewayNodeAccount"));
        add("gatewayTags", perimeter.read("networkTag"));
    }
    for (const platform of registeredAs(PLATFORM, components)) {
        const subnet = platform.read("egressSubnet");
        add("gatewaySubnets", subnet.known ? { known: true, value: subnet.value?.name } : subnet);
        const further = platform.read("egressSubnets");
        add(
            "gatewaySubnets",
            further.known
                ? { known: true, value: Object.values(further.value ?? {}).map(({ name }) => name) }
                : further,
        );
    }
    add("gatewayProjects", { known: true, value: components.map(({ urn }) => projectOf(urn)) });
    return { single: single as Singles, lists };
}
