import { counted } from "../base/words";
import { type Resource } from "./resource";
import { type Claim, type ClaimSet, type Result } from "./verdict";
import { objectsOfCluster } from "./world/clusterOfObjects";
import { type GatewaySaid } from "./world/gateway";
import { WorldError } from "./world/inputs";
import { type Neighbour } from "./world/neighbours";
import { worse, worstLocks } from "./worst";
import { readWorld, type World } from "./world/world";

/** So many doubts are tried in every combination: 16 worlds. */
const MOST = 4;

/** Resources that may be there or not, together. */
interface Doubt {
    /** For people. */
    readonly name: string;
    readonly reason: string;
    readonly resources: readonly Resource[];
}

/** The worlds that the evidence leaves possible, each read once. */
export class Possibilities {
    readonly doubts: readonly Doubt[];
    private readonly worlds = new Map<string, World>();

    /**
     * @param said what a person says of the gateway
     * @param neighbours gateways of other stacks
     */
    constructor(
        private readonly resources: readonly Resource[],
        private readonly said: GatewaySaid = {},
        private readonly neighbours: readonly Neighbour[] = [],
    ) {
        this.doubts = [
            ...resources.flatMap(resource =>
                resource.doubt === undefined
                    ? []
                    : [{ name: resource.urn, reason: resource.doubt, resources: [resource] }],
            ),
            ...[...objectsOfCluster(resources, said.cluster).undecided].map(([provider, objects]) => ({
                name: `what provider ${provider} makes (${counted(objects.length, "object")}, for example ${objects[0]!.urn})`,
                reason: "nothing shows whether it talks to the gateway's cluster",
                resources: objects,
            })),
        ];
    }

    /** The world without these. */
    without(gone: ReadonlySet<Doubt>): World {
        const key = this.doubts.map(doubt => (gone.has(doubt) ? "-" : "+")).join("");
        let world = this.worlds.get(key);
        if (world === undefined) {
            const left = new Set([...gone].flatMap(({ resources }) => resources));
            world = readWorld(
                left.size === 0 ? this.resources : this.resources.filter(resource => !left.has(resource)),
                this.said,
                this.neighbours,
            );
            this.worlds.set(key, world);
        }
        return world;
    }

    /** The world with as much of it as can be read. @throws WorldError when no combination describes a world */
    fullest(): World {
        let refused: unknown;
        for (const gone of this.doubts.length > MOST ? [new Set<Doubt>()] : combinations(this.doubts)) {
            try {
                return this.without(gone);
            } catch (error) {
                refused ??= error;
            }
        }
        throw refused;
    }

    /** The world with everything, and with less and less of what is in doubt; of very many doubts only with all and none. */
    all(): World[] {
        return this.doubts.length > MOST
            ? [this.without(new Set()), this.without(new Set(this.doubts))]
            : combinations(this.doubts).map(gone => this.without(gone));
    }
}

/** One world with what is decided about it. */
interface Possible {
    readonly set: ClaimSet;
    /** What is not there. */
    readonly gone: ReadonlySet<Doubt>;
}

/**
 * What holds whether or not what is in doubt is there. Two doubts can undo each other, so every combination is a world of its own, and
 * a claim is worth what it is worth in the worst of them.
 *
 * @param concerned whether the claims read such a resource; of others no world differs
 * @throws WorldError when no combination describes a world
 */
export function whateverIsInDoubt(
    possibilities: Possibilities,
    decide: (world: World) => ClaimSet,
    concerned: (resource: Resource) => boolean = () => true,
): ClaimSet {
    const doubts = possibilities.doubts.filter(({ resources }) => resources.some(concerned));
    if (doubts.length === 0 || doubts.length > MOST) {
        const set = decide(possibilities.without(new Set()));
        return doubts.length === 0 ? set : undecided(set, doubts);
    }
    const refused: WorldError[] = [];
    const worlds = combinations(doubts).flatMap((gone): Possible[] => {
        try {
            return [{ set: decide(possibilities.without(gone)), gone }];
        } catch (error) {
            if (!(error instanceof WorldError)) {
                throw error;
            }
            refused.push(error);
            return [];
        }
    });
    if (worlds.length === 0) {
        throw refused[0]!;
    }
    const sets = worlds.map(({ set }) => set);
    const notRead = refused
        .slice(0, 1)
        .map(({ message }) => `with or without ${named(doubts)}, it is no world that can be judged: ${message}`);
    return {
        claims: sets[0]!.claims.map(({ id }) => worstClaim(id, worlds, doubts, notRead)),
        get locks() {
            return worstLocks(sets.flatMap(({ locks }) => locks));
        },
        assumptions: [...new Set(sets.flatMap(({ assumptions }) => assumptions))],
        residualRisks: [...new Set(sets.flatMap(({ residualRisks }) => residualRisks))],
    };
}

/** From nothing being gone to everything. */
function combinations(doubts: readonly Doubt[]): ReadonlySet<Doubt>[] {
    return Array.from(
        { length: 2 ** doubts.length },
        (_, bits) => new Set(doubts.filter((__, index) => (bits >> index) % 2 === 1)),
    );
}

function undecided(set: ClaimSet, doubts: readonly Doubt[]): ClaimSet {
    const reason = `${doubts.length} resources may be there or not, and no more than ${MOST} are tried in every combination: ${named(doubts)}. Run \`pulumi up\` or \`pulumi refresh\`, and give the state again.`;
    const atBest = (result: Result): Result => worse(result, "unknown");
    const { claims, assumptions, residualRisks } = set;
    return {
        claims: claims.map(claim => ({
            ...claim,
            result: atBest(claim.result),
            reasons: [...claim.reasons, reason],
        })),
        get locks() {
            return set.locks.map(lock => ({
                ...lock,
                without: Object.fromEntries(Object.entries(lock.without).map(([id, result]) => [id, atBest(result)])),
                ...(lock.alone === undefined ? {} : { alone: atBest(lock.alone) }),
            }));
        },
        assumptions,
        residualRisks,
    };
}

function worstClaim(
    id: Claim["id"],
    worlds: readonly Possible[],
    doubts: readonly Doubt[],
    notRead: readonly string[],
): Claim {
    const claimIn = ({ set }: Possible): Claim => set.claims.find(claim => claim.id === id)!;
    const result = worlds.map(world => claimIn(world).result).reduce(worse);
    const worst = worlds.find(world => claimIn(world).result === result)!;
    const claim = claimIn(worst);
    // Those without which, or with which, it would be better.
    const decisive = doubts.filter(doubt =>
        worlds.some(other => differOnlyIn(doubt, other.gone, worst.gone) && claimIn(other).result !== result),
    );
    const because = decisive.map(
        doubt =>
            `that is so where ${doubt.name} ${worst.gone.has(doubt) ? "is not there" : "is there"}: ${doubt.reason}.`,
    );
    return {
        ...claim,
        result: notRead.length > 0 ? worse(result, "unknown") : result,
        reasons: [...claim.reasons, ...because, ...notRead],
    };
}

function differOnlyIn(doubt: Doubt, one: ReadonlySet<Doubt>, other: ReadonlySet<Doubt>): boolean {
    const [larger, smaller] = one.has(doubt) ? [one, other] : [other, one];
    return larger.has(doubt) && larger.size === smaller.size + 1 && [...smaller].every(each => larger.has(each));
}

function named(doubts: readonly Doubt[]): string {
    return doubts.map(({ name, reason }) => `${name} (${reason})`).join(", ");
}
