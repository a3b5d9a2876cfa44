import { type HeaderSpace, subtract as without, towards } from "../kernel/headers";
import { intersect, type Intervals, subtract, union } from "../kernel/intervals";
import { GOOGLE } from "../kernel/specialAddresses";
import { AS_IT_IS, type Conditions, remaining } from "../reach/conditions";
import { appliesTo } from "../reach/firewallView";
import { type Reach } from "../reach/reach";
import { type Claim, type Result, type Witness } from "../verdict";
import { type Source } from "../world/source";
import { type DestinationClass, destinationClasses, witnessesOf } from "./destinations";
import { grantReasons } from "./grants";
import { remedyFor } from "./remedies";
import { tagReasons } from "./tagGrants";

const C1 = "Nothing but gateway nodes reaches a public address (restricted.googleapis.com excepted).";

/** Which destinations the question is about: all public ones, or the IPv4 internet without Google's own ranges. */
export type Scope = "public" | "IPv4 internet";

/** Decides C1 for every source. */
export class Enclosure {
    private readonly classes: readonly DestinationClass[];
    private readonly scopes: Readonly<Record<Scope, Intervals>>;
    private readonly grants: readonly string[];

    constructor(private readonly reach: Reach) {
        const { forbidden } = destinationClasses(reach.line);
        this.classes = forbidden;
        this.grants = [...grantReasons(reach.world), ...tagReasons(reach.world)];
        const { landmarks, line } = reach;
        this.scopes = {
            public: subtract(landmarks.public, line.cellsOf(GOOGLE.restricted)),
            "IPv4 internet": intersect(landmarks.ipv4, subtract(landmarks.public, landmarks.google)),
        };
    }

    /** The result alone, for the matrix of locks. */
    result(conditions: Conditions, scope: Scope = "public"): Result {
        let result: Result = this.blanketReasons().length > 0 ? "unknown" : "holds";
        for (const source of this.sources()) {
            const { may, must } = this.escaping(source, conditions, scope);
            if (must.length > 0) {
                return "violated";
            }
            if (may.length > 0) {
                result = "unknown";
            }
        }
        return result;
    }

    /** The claim with a witness for each source and kind of destination, and the reasons for whatever cannot be decided. */
    claim(conditions: Conditions = AS_IT_IS): Claim {
        const witnesses: Witness[] = [];
        const reasons = new Set<string>(this.blanketReasons());
        let open = reasons.size > 0;
        for (const source of this.sources()) {
            const { may, must, as } = this.escaping(source, conditions, "public");
            witnesses.push(
                ...witnessesOf(this.reach, must, this.classes, as, conditions, (traced, { name }) =>
                    remedyFor(traced, as, name, this.reach),
                ),
            );
            const doubtful = without(may, must);
            if (must.length === 0 && doubtful.length > 0) {
                open = true;
                this.reasonsFor(source, doubtful, conditions).forEach(reason => reasons.add(reason));
            }
        }
        const unseen = witnesses.length > 0 || open ? undefined : this.restsOnNothing();
        if (unseen !== undefined) {
            reasons.add(unseen);
        }
        const result: Result = witnesses.length > 0 ? "violated" : open || unseen !== undefined ? "unknown" : "holds";
        return { id: "C1", statement: C1, result, witnesses, reasons: [...reasons] };
    }

    /**
     * A network that is only mentioned may have routes and NATs of its owner's. What the given resources put there is a lock all the
     * same, and that nothing else opens it is an assumption; where they put nothing, only the assumption would hold anybody back.
     */
    private restsOnNothing(): string | undefined {
        const bare = this.reach.world.networks.filter(
            ({ network, orders, layers, routes, nats }) =>
                network.resource === undefined &&
                nats.length === 0 &&
                routes.every(({ resource }) => resource === undefined) &&
                layers(orders[0]!).every(({ rules }) => rules.every(({ action }) => action !== "deny")),
        );
        return bare.length === 0
            ? undefined
            : `no firewall rule holds machines back, and whether network ${bare.map(({ network }) => network.name).join(", ")} has a default route and a NAT of its owner's is not shown: ` +
                  "give the resources of the stack that owns it too, or a perimeter that denies";
    }

    private sources(): readonly Source[] {
        return this.reach.world.sources.filter(({ gateway }) => !gateway);
    }

    /**
     * What the source gets out. A machine of its creator's choice gets out what any identity gets out; where the choice matters, the
     * witness is a machine with that identity.
     */
    private escaping(
        source: Source,
        conditions: Conditions,
        scope: Scope,
    ): { readonly may: HeaderSpace; readonly must: HeaderSpace; readonly as: Source } {
        const inScope = (cells: Intervals): Intervals => intersect(cells, this.scopes[scope]);
        const { may, must } = this.reach.leaving(source, inScope, conditions);
        if (source.chosenBy !== "creator" || may.length === 0) {
            return { may, must: source.mayNotCount === true ? [] : must, as: source };
        }
        // A stranger has anything but what the gateway has; while that is not known, no stranger is certain.
        for (const chosen of this.reach.world.gateway.inDoubt ? [] : this.choices(source)) {
            const certain = this.reach.leaving(chosen, inScope, conditions).must;
            if (certain.length > 0) {
                return { may, must: certain, as: chosen };
            }
        }
        return { may, must: [], as: source };
    }

    /** Identities that differ in which rules concern them: none that a rule names, then each that a rule names. */
    private choices(source: Source): Source[] {
        const { account, furtherTagsExcept } = source.identity;
        const except = account.kind === "any" ? account.except : [];
        const rules = this.reach
            .networkOf(source)
            .layers(this.reach.networkOf(source).orders[0]!)
            .flatMap(({ rules: list }) => list);
        const accounts = new Set(
            rules.flatMap(({ targets }) => targets.serviceAccounts ?? []).filter(address => !except.includes(address)),
        );
        const tags = new Set(
            rules.flatMap(({ targets }) => targets.tags ?? []).filter(tag => furtherTagsExcept?.includes(tag) !== true),
        );
        const nobody = {
            ...source,
            identity: { account: { kind: "none" as const }, tags: [], secureTags: [] },
        };
        const named = (address: string): Source => ({
            ...nobody,
            id: `${source.id} as ${address}`,
            name: `${source.name}, running as ${address}`,
            identity: { ...nobody.identity, account: { kind: "named", address } },
        });
        const tagged = (tag: string): Source => ({
            ...nobody,
            id: `${source.id} tagged ${tag}`,
            name: `${source.name}, with network tag ${tag}`,
            identity: { ...nobody.identity, tags: [tag] },
        });
        // A route may ask for a tag that no rule names.
        const withRouteTags = (chosen: Source): Source => ({
            ...chosen,
            identity: { ...chosen.identity, furtherTagsExcept: furtherTagsExcept ?? [] },
        });
        const known =
            account.kind === "any"
                ? [nobody, ...[...accounts].map(named)]
                : [{ ...nobody, identity: { ...nobody.identity, account } }];
        return [...known, ...[...tags].map(tagged)].flatMap(chosen => [chosen, withRouteTags(chosen)]);
    }

    /** Whatever makes every answer doubtful. */
    private blanketReasons(): string[] {
        const { world } = this.reach;
        return [
            ...(world.networks.length === 0
                ? [
                      "no VPC network is among the resources: nothing shows what encloses the cluster. Give the network's resources too.",
                  ]
                : []),
            ...world.unmodelled.map(
                ({ resource, reason }) =>
                    `${resource.urn} (${resource.type}): ${reason}. Remove it, or prove the rest with it left out and judge it by hand.`,
            ),
            ...world.contradictions.map(text => `${text}. Correct the one that is wrong.`),
            ...this.grants,
        ];
    }

    private reasonsFor(source: Source, doubtful: HeaderSpace, conditions: Conditions): string[] {
        const world = this.reach.networkOf(source);
        const exits = this.reach.exitsOf(source, conditions);
        const involved = exits.list.filter(exit => exit.doubts.length > 0 && towards(doubtful, exit.cells).length > 0);
        const cells = doubtful.reduce<Intervals>((all, slab) => union(all, slab.cells), []);
        const rules = world.orders.flatMap(order =>
            remaining(world.layers(order), conditions).flatMap(layer =>
                layer.rules.filter(rule => {
                    const applies = appliesTo(rule, layer, source, true);
                    return (
                        applies !== "no" &&
                        (applies === "maybe" || rule.doubts.length > 0) &&
                        intersect(cells, this.reach.line.cellsOf(rule.destinations.may)).length > 0
                    );
                }),
            ),
        );
        return [
            ...(world.orders.length > 1
                ? [
                      `nothing shows whether network ${world.network.name} evaluates policies or classic rules first. Give the network's resource.`,
                  ]
                : []),
            ...involved.flatMap(exit =>
                exit.doubts.map(doubt => `${source.name}: ${doubt} (route ${exit.route.name}).`),
            ),
            ...rules.map(
                rule =>
                    `${source.name}: rule ${rule.name} (${rule.resource}): ${rule.doubts.join("; ") || "whether it concerns this source is not shown"}.`,
            ),
            ...source.doubts.map(doubt => `${source.name}: ${doubt}.`),
        ];
    }
}
