import { Reach } from "./reach/reach";
import { trace, type Trace } from "./reach/trace";
import { type Resource } from "./resource";
import { type Hop, type Packet } from "./verdict";
import { type Source } from "./world/source";
import { readWorld, type World } from "./world/world";

/** What a question named is not among the resources. The message lists what is. */
export class UnknownSourceError extends Error {
    override readonly name = "UnknownSourceError";
}

/** The sources that {@link explainPacket} can be asked about: an id to name it by, and what it is. */
export function sourcesOf(
    resources: readonly Resource[],
): { readonly id: string; readonly name: string; readonly gateway: boolean }[] {
    return readWorld(resources).sources.map(({ id, name, gateway }) => ({ id, name, gateway }));
}

/**
 * Every station on the way of one packet, and who decides there: firewall layers in order of evaluation, the route, NAT or
 * external address. Stations behind the one that stops the packet are told as well: they are what else would stop it.
 *
 * @param source id of a source, `gateway`, or any part of an id or name that only one source has
 * @throws UnknownSourceError, WorldError, and AddressError or ServiceError for a packet that cannot be
 */
export function explainPacket(resources: readonly Resource[], source: string, packet: Packet): readonly Hop[] {
    return explain(readWorld(resources), source, packet).hops;
}

/** Like {@link explainPacket}, with what becomes of the packet, over a world that has been read already. */
export function explain(world: World, source: string, packet: Packet): Trace {
    return trace(new Reach(world), sourceNamed(world, source), packet);
}

function sourceNamed({ sources }: World, wanted: string): Source {
    const exact =
        sources.find(({ id }) => id === wanted) ??
        (wanted === "gateway" ? sources.find(({ gateway }) => gateway) : undefined);
    const partial = sources.filter(({ id, name }) => id.includes(wanted) || name.includes(wanted));
    const found = exact ?? (partial.length === 1 ? partial[0] : undefined);
    if (found === undefined) {
        const list = sources.map(({ id, name }) => `- ${id}: ${name}`).join("\n");
        throw new UnknownSourceError(
            `got source "${wanted}", which ${partial.length === 0 ? "no source is called" : `fits ${partial.length} sources`}; expected one of\n${list}`,
        );
    }
    return found;
}
