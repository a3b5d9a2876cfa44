import { type HeaderSpace, headers, intersect, subtract, towards, union, unionOfAll } from "./headers";
import { type Intervals } from "./intervals";
import { type Action, type Layer, type KernelRule } from "./rule";
import { EVERY_SERVICE } from "./services";
import { SharedLayer } from "./sharedLayer";

/** What the layers may do with packets. What is only in one of the two sets is certain. */
export interface FirstMatch {
    readonly mayAllow: HeaderSpace;
    readonly mayDeny: HeaderSpace;
}

const OUTCOMES: Readonly<Record<Action, readonly ("allow" | "deny" | "next")[]>> = {
    allow: ["allow"],
    deny: ["deny"],
    next: ["next"],
    inspect: ["allow", "deny"],
    unreadable: ["allow", "deny", "next"],
};

/**
 * Layers of first-match rules, evaluated for many sources at once. Most rules concern every source, so their decision is computed
 * once; a source then costs as much as the rules that concern it alone. What no layer decides is allowed, as egress is in a VPC
 * network (the implied rule).
 */
export class Evaluation {
    private readonly layers: readonly SharedLayer[];
    private readonly everywhere: Intervals;
    private readonly shared = new Map<Intervals, FirstMatch>();
    private readonly within = new Map<Intervals, Map<KernelRule, HeaderSpace>>();

    /**
     * @param layers all rules of all layers, in order
     * @param concernsEverybody whether the rule matches whatever the source is
     * @param cells size of the destination line
     */
    constructor(layers: readonly Layer[], concernsEverybody: (rule: KernelRule) => boolean, cells: number) {
        this.everywhere = [0, cells];
        this.layers = layers.map(
            rules =>
                new SharedLayer(
                    rules,
                    rule => rule.may === rule.must && OUTCOMES[rule.action].length === 1 && concernsEverybody(rule),
                    cells,
                ),
        );
    }

    /**
     * @param own per layer, the positions of the rules that concern this source and not everybody (and of those known in part),
     *   ascending, with `certain` false where only the source's identity makes the match possible
     * @param cells the destinations that are asked about; the decision speaks of no others. What everybody shares is remembered for
     *   each such list, by identity.
     */
    decisionFor(own: readonly (readonly OwnRule[])[], cells: Intervals = this.everywhere): FirstMatch {
        const shared = this.sharedWithin(cells);
        const concerned = own.map(rules =>
            rules.flatMap((entry): RuleHere[] => {
                const here = this.mayWithin(entry.rule, cells);
                return here.length === 0 ? [] : [{ ...entry, here }];
            }),
        );
        return concerned.every(rules => rules.length === 0)
            ? shared
            : new OwnDecision(shared, concerned, this.decide.bind(this));
    }

    /** Whether the rule at this place is decided for everybody at once; others are passed to {@link decisionFor}. */
    isShared(layer: number, position: number): boolean {
        return this.layers[layer]!.isShared[position]!;
    }

    /** The decision for a source that no rule of its own concerns. */
    private sharedWithin(cells: Intervals): FirstMatch {
        const cached = this.shared.get(cells);
        if (cached !== undefined) {
            return cached;
        }
        const decision = this.decide(
            headers(EVERY_SERVICE, cells),
            this.layers.map(() => []),
        );
        this.shared.set(cells, decision);
        return decision;
    }

    /** The part of a rule that these destinations are concerned by, remembered for each list of destinations. */
    private mayWithin(rule: KernelRule, cells: Intervals): HeaderSpace {
        if (cells === this.everywhere) {
            return rule.may;
        }
        let known = this.within.get(cells);
        if (known === undefined) {
            this.within.set(cells, (known = new Map()));
        }
        let here = known.get(rule);
        if (here === undefined) {
            known.set(rule, (here = towards(rule.may, cells)));
        }
        return here;
    }

    private decide(space: HeaderSpace, own: readonly (readonly RuleHere[])[]): FirstMatch {
        const allowed: HeaderSpace[] = [];
        const denied: HeaderSpace[] = [];
        let entering = space;
        this.layers.forEach((layer, index) => {
            const handedOn: HeaderSpace[] = [];
            const outcome = { allow: allowed, deny: denied, next: handedOn };
            for (const { position, rule, certain, here } of own[index]!) {
                const hit = layer.undecidedBefore(position, intersect(entering, here));
                if (hit.length > 0) {
                    OUTCOMES[rule.action].forEach(result => outcome[result].push(hit));
                    entering = certain
                        ? subtract(entering, rule.must === rule.may ? hit : intersect(hit, rule.must))
                        : entering;
                }
            }
            allowed.push(intersect(entering, layer.allowed));
            denied.push(intersect(entering, layer.denied));
            entering = unionOfAll([...handedOn, subtract(subtract(entering, layer.allowed), layer.denied)]);
        });
        return { mayAllow: unionOfAll([...allowed, entering]), mayDeny: unionOfAll(denied) };
    }
}

/** A rule that concerns one source. */
export interface OwnRule {
    /** Place in its layer. */
    readonly position: number;
    readonly rule: KernelRule;
    readonly certain: boolean;
}

/** A rule with the part of it that the question is about. */
interface RuleHere extends OwnRule {
    readonly here: HeaderSpace;
}

/** The shared decision, made anew where the source's own rules have a say. What may be denied is computed only if it is asked for. */
class OwnDecision implements FirstMatch {
    readonly mayAllow: HeaderSpace;
    private denied: HeaderSpace | undefined;

    constructor(
        private readonly shared: FirstMatch,
        private readonly own: readonly (readonly RuleHere[])[],
        private readonly decide: (space: HeaderSpace, own: readonly (readonly RuleHere[])[]) => FirstMatch,
    ) {
        // A deny that only may concern the source takes nothing from what may be allowed, and a certain one only where there is
        // something: elsewhere the shared decision stands.
        const relevant = own.map(rules => rules.filter(({ rule, certain }) => certain || rule.action !== "deny"));
        const [denies, others] = [isDeny, (rule: RuleHere) => !isDeny(rule)].map(kind => touchedBy(relevant, kind)) as [
            HeaderSpace,
            HeaderSpace,
        ];
        this.mayAllow = this.part("mayAllow", relevant, union(others, intersect(denies, shared.mayAllow)));
    }

    get mayDeny(): HeaderSpace {
        return (this.denied ??= this.part(
            "mayDeny",
            this.own,
            touchedBy(this.own, () => true),
        ));
    }

    /** The shared decision outside of `space`, and a decision of its own inside. */
    private part(side: keyof FirstMatch, own: readonly (readonly RuleHere[])[], space: HeaderSpace): HeaderSpace {
        return space.length === 0
            ? this.shared[side]
            : union(subtract(this.shared[side], space), this.decide(space, own)[side]);
    }
}

function isDeny({ rule }: RuleHere): boolean {
    return rule.action === "deny";
}

function touchedBy(own: readonly (readonly RuleHere[])[], wanted: (rule: RuleHere) => boolean): HeaderSpace {
    return unionOfAll(own.flatMap(rules => rules.filter(wanted).map(({ here }) => here)));
}
