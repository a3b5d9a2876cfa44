import { printable } from "../base/printable";
import { UserError } from "../base/problem";
import { Reach } from "./reach/reach";
import { trace, type Trace } from "./reach/trace";
import { type Resource } from "./resource";
import { firstWorld } from "./stacks";
import { type Hop, type Packet } from "./verdict";
import { type Source } from "./world/source";
import { type World } from "./world/world";

/** What a question named is not among the resources. The message lists what is. */
export class UnknownSourceError extends UserError {
    override readonly name = "UnknownSourceError";
}

/** The sources that {@link explainPacket} can be asked about: an id to name it by, and what it is. */
export function sourcesOf(
    resources: readonly Resource[],
): { readonly id: string; readonly name: string; readonly gateway: boolean }[] {
    return firstWorld(resources).sources.map(({ id, name, gateway }) => ({ id, name, gateway }));
}

/**
 * Every station on the way of one packet, and who decides there: firewall layers in order of evaluation, the route, NAT or
 * external address. Stations behind the one that stops the packet are told as well: they are what else would stop it.
 *
 * @param source id of a source, `gateway`, or any part of an id or name that only one source has
 * @throws UnknownSourceError, WorldError, and AddressError or ServiceError for a packet that cannot be
 */
export function explainPacket(resources: readonly Resource[], source: string, packet: Packet): readonly Hop[] {
    return explain(firstWorld(resources), source, packet).hops;
}

/** Like {@link explainPacket}, with what becomes of the packet, over a world that has been read already. */
export function explain(world: World, source: string, packet: Packet): Trace {
    return trace(new Reach(world), sourceNamed(world, source), packet);
}

/**
 * What becomes of a packet from an application node. Nothing says on which of them a pod runs, so the node decides from which the
 * packet gets furthest.
 *
 * @returns `undefined` without such a node. `alone`: from other nodes something else becomes of it.
 */
export function explainFromNodes(
    world: World,
    packet: Packet,
): { readonly node: Source; readonly trace: Trace; readonly alone: boolean } | undefined {
    const reach = new Reach(world);
    const traces = world.sources
        .filter(({ id, gateway }) => !gateway && id.startsWith("node:"))
        .map(node => ({ node, trace: trace(reach, node, packet) }));
    const [furthest] = traces.toSorted((a, b) => FURTHEST.indexOf(a.trace.fate) - FURTHEST.indexOf(b.trace.fate));
    return furthest && { ...furthest, alone: traces.some(other => other.trace.fate !== furthest.trace.fate) };
}

const FURTHEST: readonly Trace["fate"][] = ["leaves", "not known", "stays inside", "dropped"];

function sourceNamed({ sources }: World, wanted: string): Source {
    const exact =
        sources.find(({ id }) => id === wanted) ??
        (wanted === "gateway" ? sources.find(({ gateway }) => gateway) : undefined);
    const partial = sources.filter(({ id, name }) => id.includes(wanted) || name.includes(wanted));
    const found = exact ?? (partial.length === 1 ? partial[0] : undefined);
    if (found === undefined) {
        const list = sources.map(({ id, name }) => printable(`- ${id}: ${name}`)).join("\n");
        throw new UnknownSourceError(
            `got source "${printable(wanted)}", which ${partial.length === 0 ? "no source is called" : `fits ${partial.length} sources`}; expected one of\n${list}`,
        );
    }
    return found;
}
