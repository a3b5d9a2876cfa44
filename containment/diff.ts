import { destinationClasses, describeExtent, type DestinationClass, familiarPacket } from "./claims/destinations";
import { type HeaderSpace, subtract, towards, union } from "./kernel/headers";
import { subtract as without } from "./kernel/intervals";
import { type DestinationLine } from "./kernel/line";
import { GOOGLE } from "./kernel/specialAddresses";
import { lineFor, Reach } from "./reach/reach";
import { type Resource } from "./resource";
import { type Packet } from "./verdict";
import { type GatewaySaid } from "./world/gateway";
import { type Source } from "./world/source";
import { firstWorld } from "./stacks";

/** Packets that one side reaches and the other does not. */
export interface ReachabilityChange {
    /** "tcp 443 to all of the public IPv4 internet" */
    readonly extent: string;
    /** One packet of them. */
    readonly example: Packet;
    /** False where one of the two sides cannot be decided. */
    readonly certain: boolean;
    /** On the other side it is possible too: the sides differ in whether it is certain. */
    readonly onlyCertainty?: true;
}

export interface SourceDifference {
    readonly id: string;
    readonly source: string;
    /**
     * Whether the source is on both sides. `left` and `joined` are of machines that are there on both, and that only one side's
     * perimeter is about: what they reach is not judged on the other.
     */
    readonly presence: "both" | "new" | "gone" | "left" | "joined";
    readonly opened: readonly ReachabilityChange[];
    readonly closed: readonly ReachabilityChange[];
}

/**
 * What became reachable or unreachable, and for whom: exact differences of sets, not of resources. Two ways of writing the same
 * rules have no difference. Sources without a change are left out.
 */
export function diffReachability(
    before: readonly Resource[],
    after: readonly Resource[],
    said: GatewaySaid = {},
): SourceDifference[] {
    const [worldBefore, worldAfter] = [firstWorld(before, said), firstWorld(after, said)];
    const line = lineFor(worldBefore, worldAfter);
    const [reachBefore, reachAfter] = [new Reach(worldBefore, line), new Reach(worldAfter, line)];
    const ids = [...new Set([...worldBefore.sources, ...worldAfter.sources].map(({ id }) => id))];
    return ids.flatMap((id): SourceDifference[] => {
        const old = worldBefore.sources.find(source => source.id === id);
        const now = worldAfter.sources.find(source => source.id === id);
        const presence = presenceOf(old, now);
        if (presence === "left" || presence === "joined") {
            return [{ id, source: (now ?? old)!.name, presence, opened: [], closed: [] }];
        }
        const [was, is] = [reached(reachBefore, old), reached(reachAfter, now)];
        const opened = changes(is, was, line);
        const closed = changes(was, is, line);
        return opened.length + closed.length === 0
            ? []
            : [
                  {
                      id,
                      source: (now ?? old)!.name,
                      presence,
                      opened,
                      closed,
                  },
              ];
    });
}

function presenceOf(old: Source | undefined, now: Source | undefined): SourceDifference["presence"] {
    if (old !== undefined && now !== undefined) {
        return "both";
    }
    // No plan makes or deletes them: they stand for whatever is in the network.
    const stays = (old ?? now)!.kind === "any-vm";
    return old === undefined ? (stays ? "joined" : "new") : stays ? "left" : "gone";
}

interface Sides {
    readonly may: HeaderSpace;
    readonly must: HeaderSpace;
}

/** Public destinations need a way out; of the others and of restricted.googleapis.com the firewall alone is asked, since other stacks make their routes. */
function reached(reach: Reach, source: Source | undefined): Sides {
    if (source === undefined) {
        return { may: [], must: [] };
    }
    const leaving = reach.leaving(source, cells => cells);
    const allowed = reach.allowed(source);
    const outside = without(reach.landmarks.public, reach.line.cellsOf(GOOGLE.restricted));
    const inside = without([0, reach.line.size], outside);
    return {
        may: union(leaving.may, towards(allowed.may, inside)),
        must: union(leaving.must, towards(allowed.must, inside)),
    };
}

function changes(now: Sides, then: Sides, line: DestinationLine): ReachabilityChange[] {
    return classesOf(line).flatMap((kind): ReachabilityChange[] => {
        const possible = towards(subtract(now.may, then.may), kind.cells);
        const certain = towards(subtract(now.must, then.may), kind.cells);
        // Certain before and in doubt now, or the other way round, is a change too.
        const doubtful = possible.length > 0 ? possible : towards(subtract(now.must, then.must), kind.cells);
        const space = certain.length > 0 ? certain : doubtful;
        return space.length === 0
            ? []
            : [
                  {
                      extent: describeExtent(space, kind, line),
                      example: familiarPacket(space, kind, line),
                      certain: certain.length > 0,
                      ...(possible.length > 0 ? {} : { onlyCertainty: true }),
                  },
              ];
    });
}

function classesOf(line: DestinationLine): DestinationClass[] {
    const { forbidden, private: inside } = destinationClasses(line);
    return [
        ...forbidden,
        { name: "restricted.googleapis.com", cells: line.cellsOf(GOOGLE.restricted), familiar: ["199.36.153.4"] },
        inside,
    ];
}
