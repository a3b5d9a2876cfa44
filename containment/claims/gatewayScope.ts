import { headers, type HeaderSpace, subtract as without, towards, unionOfAll, withServices } from "../kernel/headers";
import { type AddressRange, formatAddress, prefixLength } from "../kernel/address";
import { intersect, type Intervals, subtract, union } from "../kernel/intervals";
import { describeServices, EVERY_SERVICE, tcpPorts } from "../kernel/services";
import { GOOGLE, METADATA_SERVER, PRIVATE } from "../kernel/specialAddresses";
import { AS_IT_IS, type Conditions } from "../reach/conditions";
import { type Reach } from "../reach/reach";
import { type Trace } from "../reach/trace";
import { type Claim, type Result, type Witness } from "../verdict";
import { declaredByAll, type DeclaredPorts } from "../world/declaredPorts";
import { type Source } from "../world/source";
import { type NetworkWorld } from "../world/world";
import { insideRemedy, undeclaredRemedy } from "./remedies";
import { destinationClasses, type DestinationClass, witnessesOf } from "./destinations";

const C3 =
    "Gateway nodes reach public addresses on declared ports only, and no private, shared or link-local address but what the cluster needs.";

/** Decides C3 for the gateway's nodes. */
export class GatewayScope {
    private readonly classes: readonly DestinationClass[];
    private readonly inside: DestinationClass;
    /** Private addresses that the gateway does not need. */
    private readonly foreign: Intervals;

    constructor(private readonly reach: Reach) {
        const { forbidden, private: inside } = destinationClasses(reach.line);
        this.classes = forbidden;
        const needed = reach.world.needed.reduce<Intervals>(
            (all, { ranges }) => union(all, reach.line.cellsOf(ranges)),
            reach.line.cellsOf(METADATA_SERVER),
        );
        const own = reach.world.sources.filter(({ gateway }) => gateway).map(source => reach.networkOf(source));
        const privately = union(reach.line.cellsOf(PRIVATE), reach.line.cellsOf(ownRanges([...new Set(own)])));
        this.foreign = subtract(privately, needed);
        this.inside = { ...inside, cells: this.foreign };
    }

    claim(conditions: Conditions = AS_IT_IS): Claim {
        const gateways = this.reach.world.sources.filter(({ gateway }) => gateway);
        const findings = gateways.map(source => this.judge(source, conditions));
        const witnesses = findings.flatMap(finding => finding.witnesses);
        const reasons = [
            ...new Set([
                ...(gateways.length === 0 ? [this.noGateway()] : []),
                ...(this.reach.world.gateway.inDoubt
                    ? [
                          "which node pools are the gateway's, or what identity they have, is not known in full before up.",
                      ]
                    : []),
                ...findings.flatMap(finding => finding.reasons),
            ]),
        ];
        const result: Result = witnesses.length > 0 ? "violated" : reasons.length > 0 ? "unknown" : "holds";
        return { id: "C3", statement: C3, result, witnesses, reasons };
    }

    private noGateway(): string {
        const shared = this.reach.world.gateway.pools.find(gateway => gateway.shared !== undefined);
        return shared === undefined
            ? "no node pool is the egress gateway's: none carries its node label, and no egress gateway's workload selects one. Give the gateway's node pool and Deployment too."
            : `the gateway runs on pool ${shared.pool.name}, and ${shared.shared!}. Give the gateway nodes of its own.`;
    }

    private judge(
        source: Source,
        conditions: Conditions,
    ): { readonly witnesses: readonly Witness[]; readonly reasons: readonly string[] } {
        const { landmarks, line, world } = this.reach;
        const publicCells = subtract(landmarks.public, line.cellsOf(GOOGLE.restricted));
        const leaving = this.reach.leaving(source, cells => intersect(cells, publicCells), conditions);
        const allowed = this.reach.allowed(source, conditions);
        const ports = this.declaredFor(source);
        const declared = ports === undefined ? undefined : inWords(ports);
        const closeInside = (traced: Trace): string => insideRemedy(traced, source, this.reach);
        const mayLeave = this.beside(ports, leaving.may);
        const mustLeave = ports?.inDoubt === true ? [] : this.beside(ports, leaving.must);
        // Subnets and peers that nothing here shows may hold any private address, so the firewall alone is asked.
        const mayEnter = towards(allowed.may, this.foreign);
        const mustEnter = world.unknownNeeds.length > 0 ? [] : towards(allowed.must, this.foreign);
        if (declared === undefined && leaving.may.length > 0) {
            return {
                witnesses: witnessesOf(this.reach, mustEnter, [this.inside], source, conditions, closeInside),
                reasons: [
                    "no ServiceEntry declares an external destination, so no port is known to be declared. Give the mesh's resources too.",
                ],
            };
        }
        return {
            witnesses: [
                ...witnessesOf(this.reach, mustLeave, this.classes, source, conditions, traced =>
                    undeclaredRemedy(traced, declared, source, this.reach),
                ),
                ...witnessesOf(this.reach, mustEnter, [this.inside], source, conditions, closeInside),
            ],
            reasons: [
                ...(without(mayLeave, mustLeave).length > 0 && mustLeave.length === 0
                    ? [
                          `whether ${source.name} reaches the internet on undeclared ports depends on what is not known: ${this.doubts(source)}`,
                      ]
                    : []),
                ...(without(mayEnter, mustEnter).length > 0 && mustEnter.length === 0
                    ? [
                          `whether ${source.name} reaches private addresses depends on what is not known: ${this.doubts(source)}`,
                      ]
                    : []),
            ],
        };
    }

    /** What the gateway declares whose node it is: of several, each has ports of its own. */
    private declaredFor({ resource }: Source): DeclaredPorts | undefined {
        const { gateway, gateways } = this.reach.world;
        const own = gateways.filter(({ pools }) =>
            pools.some(({ pool }) => pool.resource !== undefined && pool.resource === resource),
        );
        return own.length === 0 ? gateway.declared : declaredByAll(own.map(({ declared }) => declared));
    }

    /** What is declared for one address alone is declared to that address. */
    private beside(declared: DeclaredPorts | undefined, space: HeaderSpace): HeaderSpace {
        const fixed = (declared?.fixed ?? []).map(({ address, port }) =>
            headers(tcpPorts([port]), this.reach.line.cellsOf([address])),
        );
        return without(
            withServices(space, subtract(EVERY_SERVICE, tcpPorts(declared?.ports ?? []))),
            unionOfAll(fixed),
        );
    }

    private doubts(source: Source): string {
        const { orders, layers } = this.reach.networkOf(source);
        const rules = layers(orders[0]!).flatMap(layer => layer.rules.filter(rule => rule.doubts.length > 0));
        const list = [
            ...rules.map(rule => `rule ${rule.name}: ${rule.doubts.join("; ")}`),
            ...source.doubts,
            ...(orders.length > 1 ? ["the network's order of evaluation"] : []),
            ...(this.declaredFor(source)?.inDoubt === true
                ? ["the declared ports, some of which are not known before up"]
                : []),
            ...this.reach.world.unknownNeeds,
        ];
        return `${list.length === 0 ? "whether its secure tags are effective, or which routes exist" : list.join(". ")}.`;
    }
}

/** "tcp 443, and tcp 22 to 203.0.113.7" */
function inWords({ ports, fixed }: DeclaredPorts): string {
    return [
        ...(ports.size === 0 ? [] : [describeServices(tcpPorts(ports))]),
        ...fixed.map(
            ({ address, port }) =>
                `${describeServices(tcpPorts([port]))} to ${formatAddress({ family: address.family, value: address.first })}`,
        ),
    ].join(", and ");
}

/** Shorter prefixes, of default routes and their halves, are ways out and not somebody's network. */
const SHORTEST_PREFIX = 8;

/**
 * What the networks use inside, whatever the registries say of it: ranges of their subnets, and what their routes lead to elsewhere
 * than to the internet. Google lets subnets have 240.0.0.0/4, 198.18.0.0/15 and public ranges used privately (VPC documentation,
 * "Valid IPv4 ranges").
 */
function ownRanges(networks: readonly NetworkWorld[]): AddressRange[] {
    return networks.flatMap(({ subnets, routes }) => [
        ...subnets
            .flatMap(({ primary, secondary }) => [primary, ...secondary.values()])
            .filter(range => range !== undefined),
        ...routes
            .filter(
                ({ nextHop, destination }) => nextHop !== "internet" && prefixLength(destination) >= SHORTEST_PREFIX,
            )
            .map(({ destination }) => destination),
    ]);
}
