import { type AddressRange, EVERY_ADDRESS } from "../kernel/address";
import { headers, type HeaderSpace, NO_HEADERS, union } from "../kernel/headers";
import { type Intervals, subtract, union as join } from "../kernel/intervals";
import { type DestinationLine } from "../kernel/line";
import { EVERY_SERVICE, parseServices } from "../kernel/services";
import { type Peer, type ModelledPolicy, type ModelledPort, type ModelledRule } from "./policy";

/** Ranges that the policies mention; a {@link DestinationLine} has to be cut for them. */
export function rangesIn(policies: readonly ModelledPolicy[]): AddressRange[] {
    return policies
        .flatMap(({ egress }) => egress ?? [])
        .flatMap(({ peers }) => peers ?? [])
        .flatMap(peer => (peer.kind === "addresses" ? [peer.range, ...peer.except] : []));
}

/**
 * What a pod may send to addresses outside the cluster's pods, given the policies that isolate it; none at all isolate nothing. Peers
 * that are selectors reach pods only, so they add nothing here. For protocols other than TCP, UDP and SCTP Kubernetes leaves the
 * behaviour of an isolated pod undefined ("Network Policies"); they count as closed, unless a rule opens every port.
 */
export function reachableAddresses(isolating: readonly ModelledPolicy[], line: DestinationLine): HeaderSpace {
    return isolating.length === 0
        ? headers(EVERY_SERVICE, line.cellsOf(EVERY_ADDRESS))
        : isolating
              .flatMap(({ egress }) => egress ?? [])
              .map(rule => headers(servicesOf(rule), cellsOf(rule, line)))
              .reduce(union, NO_HEADERS);
}

function cellsOf({ peers }: ModelledRule, line: DestinationLine): Intervals {
    if (peers === undefined) {
        return line.cellsOf(EVERY_ADDRESS);
    }
    return peers
        .filter((peer): peer is Peer & { readonly kind: "addresses" } => peer.kind === "addresses")
        .map(({ range, except }) => subtract(line.cellsOf([range]), line.cellsOf(except)))
        .reduce<Intervals>(join, []);
}

function servicesOf({ ports }: ModelledRule): Intervals {
    return ports === undefined ? EVERY_SERVICE : ports.map(servicesOfPort).reduce<Intervals>(join, []);
}

/** A named port is one of a pod, and no address outside has any. */
function servicesOfPort({ protocol, port }: ModelledPort): Intervals {
    if (port === undefined) {
        return parseServices(protocol.toLowerCase());
    }
    return "name" in port ? [] : parseServices(protocol.toLowerCase(), [`${port.first}-${port.last}`]);
}
