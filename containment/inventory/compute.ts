import { type Json } from "../document";
import { UNKNOWN } from "../resource";
import { behind, list, object, objects, pathIn, text } from "./asset";
import { FIREWALL_POLICIES } from "./firewallPolicies";
import { isAsItsPoolSays } from "./pools";
import { present } from "./spelling";
import { as, placeOf, token, type Translate, type Translated } from "./translate";

/** A network, and its peerings, which stand inside it. */
const network: Translate = (asset, data, inventory) => {
    const own = placeOf(asset, inventory);
    const subnets = list(data["subnetworks"]).map(pathIn);
    const shown = new Set(inventory.ofType("compute.googleapis.com/Subnetwork").map(({ path }) => path));
    return [
        {
            type: token("compute/Network"),
            inputs: present({
                ...own,
                // A network lists its subnets: where one is missing, others may be too.
                autoCreateSubnetworks:
                    data["autoCreateSubnetworks"] ?? (subnets.every(path => shown.has(path)) ? false : UNKNOWN),
                networkFirewallPolicyEnforcementOrder: data["networkFirewallPolicyEnforcementOrder"],
                deleteDefaultRoutesOnCreate: inventory.showsRoutesOf(asset) ? true : UNKNOWN,
            }),
            outputs: present({ networkId: data["id"] }),
        },
        ...objects(data["peerings"]).map((peering): Translated => ({
            type: token("compute/NetworkPeering"),
            name: text(peering["name"]) ?? "peering",
            inputs: { ...peering, network: asset.path, peerNetwork: peering["network"] },
        })),
        ...(data["firewallPolicy"] === undefined || inventory.attaches(asset)
            ? []
            : [
                  {
                      type: token("compute/NetworkFirewallPolicyAssociation"),
                      inputs: { ...own, firewallPolicy: data["firewallPolicy"], attachmentTarget: asset.path },
                  },
              ]),
    ];
};

/** `IPProtocol`, in both spellings. */
function classicServices(lines: unknown): Json[] | undefined {
    return Array.isArray(lines)
        ? objects(lines).map(line =>
              present({ protocol: line["IPProtocol"] ?? line["ipProtocol"], ports: line["ports"] }),
          )
        : undefined;
}

const firewall = as(token("compute/Firewall"), ({ allows, denies }) =>
    present({ allows: classicServices(allows), denies: classicServices(denies) }),
);

/** A router, with the NATs and the peers that stand inside it. */
const router: Translate = (asset, data, inventory) => {
    const own = placeOf(asset, inventory);
    const inside = (kind: string, key: string): Translated[] =>
        objects(data[key]).map(each => ({
            type: token(`compute/${kind}`),
            name: text(each["name"]) ?? kind,
            inputs: { ...each, project: own["project"], region: own["region"], router: asset.path },
        }));
    return [
        { type: token("compute/Router"), inputs: { ...own, network: data["network"] } },
        ...inside("RouterNat", "nats"),
        ...inside("RouterPeer", "bgpPeers"),
    ];
};

const NEXT_HOPS = ["nextHopGateway", "nextHopInstance", "nextHopIlb", "nextHopVpnTunnel", "nextHopIp"];

const route: Translate = (asset, data, inventory) => {
    const { network: inNetwork, destRange, priority, tags } = data;
    const own = { ...placeOf(asset, inventory), network: inNetwork };
    if (data["nextHopNetwork"] !== undefined) {
        return { leftOut: "a route to a subnet of the network, which the subnet shows" };
    }
    if (data["nextHopPeering"] !== undefined) {
        const shown = inventory.ofType("compute.googleapis.com/Network").some(({ path }) => path === pathIn(inNetwork));
        return shown
            ? { leftOut: "a route of a peering, which the network shows" }
            : [{ type: token("compute/NetworkPeering"), inputs: { ...own, importCustomRoutes: UNKNOWN } }];
    }
    if (data["nextHopHub"] !== undefined) {
        return [{ type: token("networkconnectivity/Spoke"), inputs: { ...own, hub: data["nextHopHub"] } }];
    }
    const hop = NEXT_HOPS.find(key => data[key] !== undefined);
    const attachment = data["nextHopInterconnectAttachment"];
    const next =
        hop !== undefined ? { [hop]: data[hop] } : attachment === undefined ? {} : { nextHopVpnTunnel: attachment };
    return [{ type: token("compute/Route"), inputs: present({ ...own, destRange, priority, tags, ...next }) }];
};

/** A machine in Pulumi's words. */
function machine(data: Json): Json {
    const [account] = objects(data["serviceAccounts"]);
    const { items, tags } = object(data["tags"]);
    return present({
        networkInterfaces: data["networkInterfaces"],
        labels: data["labels"],
        tags: items ?? tags,
        serviceAccount: account === undefined ? undefined : { email: account["email"] },
        resourceManagerTags: data["resourceManagerTags"],
    });
}

/** The group that made a machine: Compute Engine says so in the machine's metadata. */
function maker({ metadata }: Json): unknown {
    return objects(object(metadata)["items"]).find(({ key }) => key === "created-by")?.["value"];
}

const OF_A_POOL = { leftOut: "a node as its pool says, which is read" };

const instance: Translate = (asset, data, inventory) => {
    const described = machine(data);
    const pool = inventory.poolOfGroup(maker(data));
    return pool !== undefined && isAsItsPoolSays(described, pool)
        ? OF_A_POOL
        : [
              {
                  type: token("compute/Instance"),
                  // Which secure tags are bound to it is nothing that an export shows.
                  inputs: { ...described, ...placeOf(asset, inventory), resourceManagerTags: UNKNOWN },
              },
          ];
};

const template: Translate = (asset, data, inventory) => {
    const described = machine(object(data["properties"]));
    const pools = inventory.poolsMadeFrom(asset);
    return pools.length > 0 && pools.every(pool => isAsItsPoolSays(described, pool))
        ? OF_A_POOL
        : [
              {
                  type: token(
                      behind(asset, "regions") === undefined
                          ? "compute/InstanceTemplate"
                          : "compute/RegionInstanceTemplate",
                  ),
                  inputs: { ...described, ...placeOf(asset, inventory) },
              },
          ];
};

const group: Translate = (asset, data, inventory) => {
    const { versions, instanceTemplate, statefulPolicy } = data;
    const external = Object.keys(object(object(object(statefulPolicy)["preservedState"])["externalIPs"]));
    if (inventory.poolOfGroup(asset.path) !== undefined && external.length === 0) {
        return { leftOut: "the group of a node pool, which is read" };
    }
    return [
        {
            type: token(
                behind(asset, "regions") === undefined
                    ? "compute/InstanceGroupManager"
                    : "compute/RegionInstanceGroupManager",
            ),
            inputs: {
                ...placeOf(asset, inventory),
                versions: list(versions).length > 0 ? versions : [present({ instanceTemplate })],
                statefulExternalIps: external.map(interfaceName => ({ interfaceName })),
            },
        },
    ];
};

/** Types whose name says in Pulumi whether they are of a zone, of a region or global. */
function byPlace(zonal: string, regional: string, global: string): Translate {
    return (asset, data, inventory) =>
        as(
            token(
                behind(asset, "zones") !== undefined
                    ? zonal
                    : behind(asset, "regions") !== undefined
                      ? regional
                      : global,
            ),
        )(asset, data, inventory);
}

const securityPolicy: Translate = (asset, data, inventory) =>
    // The older hierarchical firewalls, whose rules an export does not show as such.
    data["type"] === "FIREWALL" ? [] : as(token("compute/SecurityPolicy"))(asset, data, inventory);

const forwardingRule = byPlace("compute/ForwardingRule", "compute/ForwardingRule", "compute/GlobalForwardingRule");
const endpointGroup = byPlace(
    "compute/NetworkEndpointGroup",
    "compute/RegionNetworkEndpointGroup",
    "compute/GlobalNetworkEndpointGroup",
);
const backendService = byPlace(
    "compute/RegionBackendService",
    "compute/RegionBackendService",
    "compute/BackendService",
);

/** Compute Engine's assets, without `compute.googleapis.com/`. */
export const COMPUTE: Readonly<Record<string, Translate>> = {
    ...FIREWALL_POLICIES,
    Address: as(token("compute/Address")),
    BackendService: backendService,
    Firewall: firewall,
    ForwardingRule: forwardingRule,
    GlobalForwardingRule: forwardingRule,
    Instance: instance,
    InstanceGroupManager: group,
    InstanceTemplate: template,
    InterconnectAttachment: as(token("compute/InterconnectAttachment")),
    Network: network,
    NetworkAttachment: as(token("compute/NetworkAttachment")),
    NetworkEndpointGroup: endpointGroup,
    RegionBackendService: backendService,
    Route: route,
    Router: router,
    SecurityPolicy: securityPolicy,
    Subnetwork: as(token("compute/Subnetwork"), ({ id }) => present({ subnetworkId: id })),
    TargetInstance: as(token("compute/TargetInstance")),
    VpnTunnel: as(token("compute/VPNTunnel")),
};
