import { subtract } from "../kernel/intervals";
import { headers, towards } from "../kernel/headers";
import { EVERY_SERVICE } from "../kernel/services";
import { covers, formatAddress, toCidrs } from "../kernel/address";
import { GOOGLE, PUBLIC, RESERVED } from "../kernel/specialAddresses";
import { registeredAs } from "../../declared/component";
import { PERIMETER } from "../../declared/perimeter";
import { AS_IT_IS } from "../reach/conditions";
import { type Reach } from "../reach/reach";
import { describeLayer } from "../reach/firewallHops";
import { type Claim, type Lock } from "../verdict";
import { perimeterChangers } from "./grants";
import { type FirewallRule } from "../world/firewall";
import { type PlatformFacts } from "../world/platform";
import { type NetworkWorld, type World } from "../world/world";

/** What the network claims rely on and no given resource shows. */
export function assumptions(reach: Reach, locks: readonly Lock[]): string[] {
    const { world } = reach;
    const { platform, networks, clusters } = world;
    const gateway = world.gateway.identity;
    const names = networks.map(({ network }) => network.name).join(", ");
    const list: string[] = [];
    if (networks.length > 0) {
        list.push(
            `Nothing but the given resources adds routes, NATs, peerings, firewall rules or firewall policies to network ${names}, and no policy of an organization or folder allows egress there.`,
            "Regional system policies, which only Google writes, hold no egress rule.",
        );
    }
    list.push(...sharedPerimeters(world));
    for (const { network } of platform === undefined ? [] : networks) {
        if (network.resource === undefined) {
            list.push(
                `Network ${network.name} evaluates ${network.firewallOrder ?? "(not said)"} and has no default route of Google's own, as the platform says; the network's own resource is not given.`,
            );
        }
    }
    const cluster =
        platform === undefined
            ? undefined
            : clusters.find(({ resource, name }) => resource === undefined && name === platform.cluster.reference.name);
    if (platform !== undefined && cluster !== undefined) {
        const ranges = platform.cluster.nodes.flatMap(range => toCidrs(range)).join(", ");
        const ipv6 = nodesMayHaveIpv6(platform, networks) ? "" : "no IPv6, ";
        list.push(
            `The application nodes of cluster ${cluster.name} are in ${ranges}, have no external IPv4 address, ${ipv6}and neither the gateway's account nor its network tag, as the platform says; their pools are not given.`,
        );
    }
    for (const subnet of platform === undefined ? [] : networks.flatMap(({ subnets }) => subnets)) {
        if (subnet.resource === undefined && platform!.subnets.some(({ name }) => name === subnet.name)) {
            list.push(
                `Subnet ${subnet.name} has ${subnet.primary === undefined ? "the range that the platform says" : toCidrs(subnet.primary).join(", ")}, is IPv4 only and holds gateway nodes only; the subnet's own resource is not given.`,
            );
        }
    }
    if (gateway.serviceAccounts.length > 0) {
        list.push(
            `Nobody but the deployer of this stack may let machines run as ${gateway.serviceAccounts.join(", ")} (iam.serviceAccounts.actAs).`,
        );
    }
    const reserved = reach.line.cellsOf(RESERVED);
    const mayUseReserved = world.sources.some(
        source => source.gateway && reach.allowed(source, AS_IT_IS, reserved).may.length > 0,
    );
    if (mayUseReserved) {
        list.push(
            `Nothing that is reached from network ${names} uses ${RESERVED.flatMap(range => toCidrs(range)).join(" or ")} but what is given: the firewall lets gateway nodes send there.`,
        );
    }
    const fixed = new Set(
        (world.gateway.declared?.fixed ?? []).map(({ address: { family, first } }) =>
            formatAddress({ family, value: first }),
        ),
    );
    if (fixed.size > 0) {
        list.push(
            `No route but the given ones leads ${[...fixed].join(", ")} elsewhere than to the internet (an interconnect, a tunnel): the firewall lets the gateway reach a declared address wherever it is.`,
        );
    }
    const byTag = allows(networks).filter(
        ({ rule }) => rule.targets.tags?.some(tag => gateway.tags.includes(tag)) === true,
    );
    if (byTag.length > 0) {
        list.push(
            `Nobody but the deployer creates machines with network tag ${gateway.tags.join(", ")}: rule ${byTag[0]!.rule.name} lets them out by tag, and a tag needs no permission of its own.`,
        );
    }
    const bySecureTag = allows(networks).find(
        ({ rule }) => rule.targets.secureTags?.some(({ name }) => gateway.secureTags.includes(name)) === true,
    );
    if (bySecureTag !== undefined) {
        list.push(
            `Nobody but the deployer binds secure tag ${gateway.secureTags.join(", ")} to machines (resourcemanager.tagValueBindings.create): rule ${bySecureTag.rule.name} lets them out by it.`,
        );
    }
    if (networks.length > 0 && locks.find(({ lock }) => lock === "firewall")?.alone !== "holds") {
        list.push(
            `No other machine in network ${names} is given an external address (organization policy compute.vmExternalIpAccess): the firewall alone would not stop it.`,
        );
    }
    return list;
}

/** What a perimeter of several stacks rests on, as long as not all of them are given. */
function sharedPerimeters({ absentPerimeters, resources }: World): string[] {
    const owners = registeredAs(PERIMETER, resources).filter(perimeter => {
        const shared = perimeter.read("shared");
        return shared.known && shared.value === true;
    });
    return [
        ...absentPerimeters.map(
            ({ network, policy, stack }) =>
                `Firewall policy ${policy} of stack ${stack} is attached to ${network}, ends in a deny for every machine, and what its other rules let out are gateway nodes of the stacks that share it, as the outputs of that stack say; its resources are not given.`,
        ),
        ...owners.map(
            ({ resource }) =>
                `Stacks that join perimeter ${resource.name} (${resource.urn}) let nobody out but their own gateway nodes, each within its band of priorities; those that are given are judged with it.`,
        ),
    ];
}

/** What stays open in the network even when every claim holds. */
export function residualRisks(reach: Reach, enclosure: Claim): string[] {
    const { world } = reach;
    if (world.networks.length === 0) {
        return [];
    }
    return [
        ...googleRisks(reach),
        ...neighbours(world),
        ...(enclosure.result === "holds" ? sleepingOpenings(reach) : []),
        ...general(world),
    ];
}

function general(world: World): string[] {
    const { clusters, shared, unattached } = world;
    const changers = perimeterChangers(world);
    return [
        ...(clusters.length > 0
            ? [
                  "R5: the API server can be made to call out (webhooks with URLs, aggregated APIs, the proxy subresource); restrict its egress in GKE, and who may create those.",
                  `R9: cluster administrators, whoever may change this network, and covert timing are outside of any of this${changers.length === 0 ? "" : `; given grants let it be changed by ${changers.join("; ")}`}. Connections that exist when a deny appears live on.`,
                  "R10: whoever can dial in from outside (a load balancer, a node port) gets data in the replies, which firewalls let pass; ways in are not judged here.",
                  "R11: whoever may name an image makes nodes ask a registry for that name; a remote repository then asks the internet.",
              ]
            : []),
        ...shared.map(
            ({ name }) =>
                `The perimeter of network ${name} denies for the cluster's own node accounts only: every other machine of the network, and every node pool with another account, lies outside.`,
        ),
        ...unattached.map(
            ({ urn, type }) => `${urn} (${type.split(":").at(-1)!}) is attached to nothing: its rules decide nothing.`,
        ),
    ];
}

/** R2: Google's APIs, as far as any source but the gateway reaches them. */
function googleRisks(reach: Reach): string[] {
    const { world, line } = reach;
    const restricted = line.cellsOf(GOOGLE.restricted);
    // The route to it may belong to another stack.
    const reached = world.sources.some(
        source => !source.gateway && reach.allowed(source, AS_IT_IS, restricted).may.length > 0,
    );
    const enclosed = world.resources.some(({ type }) => /^gcp:accesscontextmanager\/servicePerimeter:/.test(type));
    return reached && !enclosed
        ? [
              "R2: the firewall opens restricted.googleapis.com, and without a VPC Service Controls perimeter anybody's bucket or queue there is too; no perimeter is among the given resources.",
          ]
        : [];
}

/** R6: other networks with ways out of their own, and what dials in. */
function neighbours({ resources, neighbours: beside }: World): string[] {
    const ways = resources.filter(({ type }) =>
        /^gcp:compute\/(networkPeering|vPNTunnel|interconnectAttachment):|^gcp:servicenetworking\/connection:/.test(
            type,
        ),
    );
    const doors = resources.filter(
        ({ type, inputs }) =>
            /^gcp:compute\/(global)?[fF]orwardingRule:/.test(type) &&
            /^EXTERNAL/.test(String(inputs["loadBalancingScheme"] ?? "EXTERNAL")) &&
            !/serviceAttachments|vpc-sc$/.test(String(inputs["target"] ?? "")),
    );
    return [
        ...beside.map(
            ({ resource, reason }) =>
                `${/^R\d/.test(reason) ? "" : "R6: "}${reason}: ${resource.type.split(":").at(-1)!} ${resource.name} (${resource.urn}).`,
        ),
        ...(ways.length === 0
            ? []
            : [
                  `R6: what lies beyond ${ways.map(({ name }) => name).join(", ")} may have a way out of its own; a machine there can relay what it is sent.`,
              ]),
        ...(doors.length === 0
            ? []
            : [
                  `R10: what dials in through ${doors.map(({ name }) => name).join(", ")} can carry data out in the replies: firewalls let replies pass.`,
              ]),
    ];
}

/** Rules and routes that open something as soon as another lock goes. */
function sleepingOpenings({ world, line, landmarks }: Reach): string[] {
    const forbidden = subtract(landmarks.public, line.cellsOf(GOOGLE.restricted));
    const rules = allows(world.networks)
        .filter(
            ({ rule }) =>
                !gatewayOnly(rule, world) &&
                towards(headers(EVERY_SERVICE, line.cellsOf(rule.destinations.may)), forbidden).length > 0,
        )
        .map(
            ({ rule, layer }) =>
                `Rule ${rule.name} (${describeLayer(layer)}, ${rule.resource}) allows public addresses to others than the gateway. Another lock, or an earlier deny, is all that stops it today.`,
        );
    const routes = world.networks.flatMap(({ routes: list }) =>
        list
            .filter(
                ({ tags, nextHop, destination }) =>
                    tags === undefined &&
                    nextHop === "internet" &&
                    PUBLIC.some(range => covers(range, destination)) &&
                    !GOOGLE.restricted.some(range => covers(range, destination)),
            )
            .map(
                ({ name, resource, destination }) =>
                    `Route ${name}${resource === undefined ? "" : ` (${resource})`} leads every machine to ${toCidrs(destination)[0]!} past the gateway. The firewall is all that stops it today.`,
            ),
    );
    return [...rules, ...routes];
}

function nodesMayHaveIpv6({ cluster }: PlatformFacts, networks: readonly NetworkWorld[]): boolean {
    return networks
        .flatMap(({ subnets }) => subnets)
        .some(
            ({ ipv6, primary }) =>
                ipv6 !== "none" && primary !== undefined && cluster.nodes.some(range => covers(range, primary)),
        );
}

function allows(networks: readonly NetworkWorld[]) {
    return networks.flatMap(({ layers, orders }) =>
        layers(orders[0]!).flatMap(layer =>
            layer.rules
                .filter(({ action }) => action === "allow" || action === "inspect")
                .map(rule => ({ rule, layer })),
        ),
    );
}

function gatewayOnly({ targets }: FirewallRule, { gateway }: World): boolean {
    const { serviceAccounts, tags, secureTags } = targets;
    return (
        serviceAccounts?.every(address => gateway.identity.serviceAccounts.includes(address)) === true ||
        tags?.every(tag => gateway.identity.tags.includes(tag)) === true ||
        secureTags?.every(({ name }) => gateway.identity.secureTags.includes(name)) === true
    );
}
