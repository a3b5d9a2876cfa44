import { type AddressRange, covers, EVERY_ADDRESS, overlaps } from "../kernel/address";
import { type FirstMatch, Evaluation, type OwnRule } from "../kernel/firstMatch";
import { headers } from "../kernel/headers";
import { type Intervals } from "../kernel/intervals";
import { type DestinationLine } from "../kernel/line";
import { type KernelRule } from "../kernel/rule";
import { type FirewallRule } from "../world/firewall";
import { NOT_KNOWN } from "../world/inputs";
import { type FirewallLayer } from "../world/layers";
import { type SourceRange } from "../world/nat";
import { type Identity, type Source } from "../world/source";

export type Applies = "yes" | "no" | "maybe";

/** Tags that GKE gives to its nodes by itself: `gke-<cluster>-<hash>-node`. */
const GKE_NODE_TAG = /^gke-.+-node$/;
const DEFAULT_COMPUTE_ACCOUNT = /^\d+-compute@developer\.gserviceaccount\.com$/;

/** The layers of one network's firewall, compiled for one destination line. */
export class FirewallView {
    private readonly evaluation: Evaluation;
    private readonly indexes: readonly TargetIndex[];
    private readonly concerned = [new Map<Source, Concerning>(), new Map<Source, Concerning>()] as const;
    /** By destinations asked about, then by the rules that concern the source alone. */
    private readonly decisions = new Map<Intervals | undefined, Map<string, FirstMatch>>();

    constructor(
        readonly layers: readonly FirewallLayer[],
        private readonly compiled: RuleCompiler,
    ) {
        const everybody = new Set<KernelRule>();
        const rules = layers.map(layer =>
            layer.rules.map(rule => {
                const kernelRule = compiled.compile(rule);
                if (layer.region === undefined && concernsEverybody(rule)) {
                    everybody.add(kernelRule);
                }
                return kernelRule;
            }),
        );
        this.evaluation = new Evaluation(rules, rule => everybody.has(rule), compiled.line.size);
        this.indexes = layers.map(
            (layer, index) => new TargetIndex(layer, position => !this.evaluation.isShared(index, position)),
        );
    }

    /** What the firewall may do with the source's packets towards these destinations; by default all of them. */
    decisionFor(source: Source, secureTagsEffective: boolean, cells?: Intervals): FirstMatch {
        const { own, key } = this.concerning(source, secureTagsEffective);
        let decisions = this.decisions.get(cells);
        if (decisions === undefined) {
            this.decisions.set(cells, (decisions = new Map()));
        }
        let decision = decisions.get(key);
        if (decision === undefined) {
            decisions.set(key, (decision = this.evaluation.decisionFor(own, cells)));
        }
        return decision;
    }

    /** The rules that concern the source alone; sources with the same ones have the same key. */
    private concerning(source: Source, secureTagsEffective: boolean): Concerning {
        const cached = this.concerned[secureTagsEffective ? 1 : 0].get(source);
        if (cached !== undefined) {
            return cached;
        }
        const own = this.ownRules(source, secureTagsEffective);
        const key = own
            .map(rules => rules.map(({ position, certain }) => `${position}${certain ? "" : "?"}`).join(","))
            .join("|");
        const concerning = { own, key };
        this.concerned[secureTagsEffective ? 1 : 0].set(source, concerning);
        return concerning;
    }

    private ownRules(source: Source, secureTagsEffective: boolean): OwnRule[][] {
        return this.indexes.map((index, layerIndex) => {
            const layer = this.layers[layerIndex]!;
            return index.candidates(source.identity).flatMap((position): OwnRule[] => {
                const rule = layer.rules[position]!;
                const applies = appliesTo(rule, layer, source, secureTagsEffective);
                return applies === "no"
                    ? []
                    : [{ position, rule: this.compiled.compile(rule), certain: applies === "yes" }];
            });
        });
    }
}

interface Concerning {
    readonly own: readonly (readonly OwnRule[])[];
    readonly key: string;
}

/** Turns rules into header spaces over one line, each rule once. */
export class RuleCompiler {
    private readonly rules = new Map<FirewallRule, KernelRule>();

    constructor(readonly line: DestinationLine) {}

    compile(rule: FirewallRule): KernelRule {
        const cached = this.rules.get(rule);
        if (cached !== undefined) {
            return cached;
        }
        const { destinations, services } = rule;
        const may = headers(services.may, this.cells(destinations.may));
        const certain = destinations.may === destinations.must && services.may === services.must;
        const compiled: KernelRule = {
            action: rule.action,
            may,
            must: certain ? may : headers(services.must, this.cells(destinations.must)),
        };
        this.rules.set(rule, compiled);
        return compiled;
    }

    private cells(ranges: readonly AddressRange[]) {
        return ranges === EVERY_ADDRESS ? [0, this.line.size] : this.line.cellsOf(ranges);
    }
}

/** Finds the rules of a layer that may concern an identity, without looking at every rule for every source. */
class TargetIndex {
    private readonly byAccount = new Map<string, number[]>();
    private readonly byTag = new Map<string, number[]>();
    private readonly bySecureTag = new Map<string, number[]>();
    private readonly always: number[] = [];
    private readonly all: number[] = [];

    constructor({ rules, region }: FirewallLayer, isOwn: (position: number) => boolean) {
        rules.forEach((rule, position) => {
            if (!isOwn(position)) {
                return;
            }
            this.all.push(position);
            const { serviceAccounts, tags, secureTags, open } = rule.targets;
            if (
                open ||
                (serviceAccounts ?? tags ?? secureTags) === undefined ||
                region !== undefined ||
                tags?.some(tag => GKE_NODE_TAG.test(tag)) === true
            ) {
                this.always.push(position);
                return;
            }
            for (const [map, keys] of [
                [this.byAccount, serviceAccounts],
                [this.byTag, tags],
                [this.bySecureTag, secureTags?.map(({ name }) => name)],
            ] as const) {
                for (const key of new Set(keys ?? [])) {
                    const list = map.get(key);
                    if (list === undefined) {
                        map.set(key, [position]);
                    } else {
                        list.push(position);
                    }
                }
            }
        });
    }

    /** Positions in ascending order. */
    candidates({ account, tags, furtherTagsExcept, secureTags, furtherSecureTagsExcept }: Identity): readonly number[] {
        if (
            account.kind === "any" ||
            account.kind === "default" ||
            furtherTagsExcept !== undefined ||
            furtherSecureTagsExcept !== undefined
        ) {
            return this.all;
        }
        const lists = [
            this.always,
            ...(account.kind === "named" ? [this.byAccount.get(account.address)] : []),
            ...tags.map(tag => this.byTag.get(tag)),
            ...secureTags.map(tag => this.bySecureTag.get(tag)),
        ].filter(list => list !== undefined && list.length > 0);
        return lists.length === 1 ? lists[0]! : [...new Set(lists.flat() as number[])].sort((a, b) => a - b);
    }
}

function concernsEverybody({ targets, sources }: FirewallRule): boolean {
    return (
        targets.serviceAccounts === undefined &&
        targets.tags === undefined &&
        targets.secureTags === undefined &&
        !targets.open &&
        sources === undefined
    );
}

/** Whether a rule concerns a source's packets at all, whatever their destination. */
export function appliesTo(
    rule: FirewallRule,
    layer: FirewallLayer,
    source: Source,
    secureTagsEffective: boolean,
): Applies {
    return [
        regionApplies(layer, source),
        targetsApply(rule, source, secureTagsEffective),
        sourcesApply(rule, source),
    ].reduce<Applies>((a, b) => (a === "no" || b === "no" ? "no" : a === "maybe" ? a : b), "yes");
}

/** Whoever creates a machine picks any region where the network has subnets. */
function regionApplies({ region }: FirewallLayer, { subnets, chosenBy, network }: Source): Applies {
    if (region === undefined) {
        return "yes";
    }
    if (region === NOT_KNOWN || (chosenBy === "creator" && !network.subnetsShown)) {
        return "maybe";
    }
    const regions = new Set(subnets.map(({ reference }) => reference.location));
    return regions.size === 1 && regions.has(region)
        ? "yes"
        : regions.size > 0 && !regions.has(region) && !regions.has(undefined)
          ? "no"
          : "maybe";
}

function targetsApply({ targets }: FirewallRule, { identity, kind }: Source, secureTagsEffective: boolean): Applies {
    const { serviceAccounts, tags, secureTags, open } = targets;
    const unknown: Applies = open ? "maybe" : "no";
    if (serviceAccounts !== undefined) {
        const { account } = identity;
        switch (account.kind) {
            case "named":
                return serviceAccounts.includes(account.address) ? "yes" : unknown;
            case "none":
                return "no";
            case "default":
                return serviceAccounts.some(address => DEFAULT_COMPUTE_ACCOUNT.test(address)) ? "maybe" : unknown;
            case "any":
                return serviceAccounts.some(address => !account.except.includes(address)) ? "maybe" : unknown;
        }
    }
    if (tags !== undefined) {
        const { furtherTagsExcept } = identity;
        if (tags.some(tag => identity.tags.includes(tag))) {
            return "yes";
        }
        const possible = tags.some(
            tag =>
                (furtherTagsExcept !== undefined && !furtherTagsExcept.includes(tag)) ||
                (kind !== "vm" && GKE_NODE_TAG.test(tag)),
        );
        return possible ? "maybe" : unknown;
    }
    if (secureTags !== undefined) {
        // A rule whose tags are all ineffective is skipped; a tag becomes so when it, or its binding, is deleted.
        if (
            secureTagsEffective &&
            secureTags.some(({ name, state }) => state !== "INEFFECTIVE" && identity.secureTags.includes(name))
        ) {
            return "yes";
        }
        const { furtherSecureTagsExcept } = identity;
        const possible = secureTags.some(({ name }) => furtherSecureTagsExcept?.includes(name) === false);
        return possible ? "maybe" : unknown;
    }
    return open ? "maybe" : "yes";
}

function sourcesApply({ sources }: FirewallRule, source: Source): Applies {
    if (sources === undefined) {
        return "yes";
    }
    const parts = partsOf(source.range);
    const ranges = source.subnets.flatMap(subnet =>
        parts
            .map(part => (part === "primary" ? subnet.primary : subnet.secondary.get(part)))
            .filter(range => range !== undefined),
    );
    if (ranges.length < Math.max(1, source.subnets.length * parts.length) || source.chosenBy === "creator") {
        return sources.some(range => EVERY_ADDRESS.every(all => range.family !== all.family || covers(range, all)))
            ? "yes"
            : "maybe";
    }
    return ranges.every(range => sources.some(outer => covers(outer, range)))
        ? "yes"
        : ranges.some(range => sources.some(other => overlaps(other, range)))
          ? "maybe"
          : "no";
}

/** The parts of its subnet that a source sends from, by name; a secondary range without a name is in no subnet's list. */
function partsOf(range: SourceRange): readonly string[] {
    return typeof range === "string"
        ? ["primary"]
        : [...(range.orPrimary === true ? ["primary"] : []), range.secondary ?? ""];
}
