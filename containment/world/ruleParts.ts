import { type AddressRange, EVERY_ADDRESS, EVERY_IPV4, EVERY_IPV6 } from "../kernel/address";
import { type Intervals, NOTHING, union } from "../kernel/intervals";
import { EVERY_SERVICE, parseServices } from "../kernel/services";
import { type Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "./inputs";

/** What something may be, and what it certainly is. Where all is known both are the same object. */
export interface Bounds<T> {
    readonly may: T;
    readonly must: T;
}

/** What machines a rule concerns. All lists absent: every machine, or perhaps not if `open` (VPC and Cloud NGFW documentation, "Targets"). */
export interface Targets {
    readonly serviceAccounts?: readonly string[];
    readonly tags?: readonly string[];
    readonly secureTags?: readonly { readonly name: string; readonly state?: string }[];
    /** Some of the targets are not known before `up`. */
    readonly open: boolean;
}

const EVERYWHERE: Bounds<readonly AddressRange[]> = both(EVERY_ADDRESS);
const ANY_SERVICE: Bounds<Intervals> = both(EVERY_SERVICE);

function both<T>(value: T): Bounds<T> {
    return { may: value, must: value };
}

/** What a policy's rule can ask of the destination besides address ranges; nothing here can decide any of it. */
const UNDECIDED: Readonly<Record<string, string>> = {
    destFqdns: "names, which resolve to other addresses at any time",
    destRegionCodes: "countries",
    destThreatIntelligences: "Google's threat lists",
    destAddressGroups: "address groups, whose members change outside this stack",
};

/** Kinds of destinations add up, except the network context, which narrows all others (Cloud NGFW documentation, "Destinations"). */
export function policyDestinations(match: Maybe<Inputs>, doubts: Doubts): Bounds<readonly AddressRange[]> {
    if (match === undefined || match === NOT_KNOWN) {
        doubts.when(match === NOT_KNOWN, "what it matches is not known before up");
        return match === undefined ? EVERYWHERE : { may: EVERY_ADDRESS, must: [] };
    }
    const ranges = match.ranges("destIpRanges");
    const undecided = Object.keys(UNDECIDED).filter(key => match.texts(key) !== undefined && present(match.texts(key)));
    const context = [match.name("destNetworkContext"), match.name("destNetworkScope")].filter(
        value => value !== undefined && value !== "UNSPECIFIED",
    );
    undecided.forEach(key => doubts.add(`it matches destinations by ${UNDECIDED[key]!} (${key})`));
    const byRange = destinationBounds(ranges, doubts);
    if (undecided.length === 0 && context.length === 0) {
        return byRange;
    }
    if (context.length > 0) {
        doubts.add("it matches destinations by network context, whose borders Google draws");
    }
    return {
        may: undecided.length > 0 ? EVERY_ADDRESS : byRange.may,
        must: context.length > 0 || !present(ranges) ? [] : byRange.must,
    };
}

/** No destination means every destination. */
export function destinationBounds(
    ranges: Maybe<readonly (AddressRange | typeof NOT_KNOWN)[]>,
    doubts: Doubts,
): Bounds<readonly AddressRange[]> {
    if (!present(ranges)) {
        return EVERYWHERE;
    }
    const certain = knownOf(ranges);
    if (someUnknown(ranges)) {
        doubts.add("some of its destinations are not known before up");
        return { may: EVERY_ADDRESS, must: certain };
    }
    return both(certain);
}

export function serviceBounds(
    lines: Maybe<readonly (Inputs | typeof NOT_KNOWN)[]>,
    protocolKey: string,
    doubts: Doubts,
): Bounds<Intervals> {
    if (lines === NOT_KNOWN) {
        doubts.add("its protocols are not known before up");
        return { may: EVERY_SERVICE, must: NOTHING };
    }
    if (lines === undefined || lines.length === 0) {
        return ANY_SERVICE;
    }
    return lines.reduce<Bounds<Intervals>>((sum, line) => {
        const bounds = lineBounds(line, protocolKey, doubts);
        const may = union(sum.may, bounds.may);
        return { may, must: bounds.may === bounds.must && sum.may === sum.must ? may : union(sum.must, bounds.must) };
    }, both(NOTHING));
}

function lineBounds(line: Inputs | typeof NOT_KNOWN, protocolKey: string, doubts: Doubts): Bounds<Intervals> {
    const protocol = line === NOT_KNOWN ? line : line.name(protocolKey);
    if (line === NOT_KNOWN || protocol === NOT_KNOWN) {
        doubts.add("some of its protocols are not known before up");
        return { may: EVERY_SERVICE, must: NOTHING };
    }
    if (protocol === undefined) {
        line.refuse(protocolKey, "is absent, expected a protocol; all stands for every one");
        return ANY_SERVICE;
    }
    const ports = line.texts("ports");
    if (!someUnknown(ports)) {
        return both(line.parsed(`${protocolKey}, ports`, () => parseServices(protocol, knownOf(ports))) ?? NOTHING);
    }
    doubts.add("some of its ports are not known before up");
    const certain = knownOf(ports);
    return {
        may: line.parsed(protocolKey, () => parseServices(protocol)) ?? NOTHING,
        must:
            certain.length === 0 ? NOTHING : (line.parsed("ports", () => parseServices(protocol, certain)) ?? NOTHING),
    };
}

export function targetsOf(
    given: {
        readonly serviceAccounts?: Maybe<readonly (string | typeof NOT_KNOWN)[]>;
        readonly tags?: Maybe<readonly (string | typeof NOT_KNOWN)[]>;
        readonly secureTags?: Maybe<readonly (Inputs | typeof NOT_KNOWN)[]>;
    },
    doubts: Doubts,
): Targets {
    const { serviceAccounts, tags, secureTags } = given;
    const secure = knownOf(secureTags).map(tag => ({ name: tag.name("name"), state: tag.name("state") }));
    const open =
        someUnknown(serviceAccounts) ||
        someUnknown(tags) ||
        someUnknown(secureTags) ||
        secure.some(({ name }) => typeof name !== "string");
    doubts.when(open, "some of its targets are not known before up");
    return {
        ...(told(serviceAccounts) ? { serviceAccounts: knownOf(serviceAccounts).map(serviceAccountAddress) } : {}),
        ...(told(tags) ? { tags: knownOf(tags) } : {}),
        ...(told(secureTags)
            ? {
                  secureTags: secure.flatMap(({ name, state }) =>
                      typeof name === "string" ? [{ name, ...(typeof state === "string" ? { state } : {}) }] : [],
                  ),
              }
            : {}),
        open,
    };
}

/** A list that is not known as a whole may be empty, and then the rule is for every machine: one without an account, too. */
function told(list: Maybe<readonly unknown[]>): boolean {
    return present(list) && list !== NOT_KNOWN;
}

/** Service accounts are also written `projects/p/serviceAccounts/a@p.iam.gserviceaccount.com`. */
export function serviceAccountAddress(text: string): string {
    return text.slice(text.lastIndexOf("/") + 1).toLowerCase();
}

export function sourcesOf(
    ranges: Maybe<readonly (AddressRange | typeof NOT_KNOWN)[]>,
    doubts: Doubts,
): { readonly sources?: readonly AddressRange[] } {
    if (!present(ranges)) {
        return {};
    }
    doubts.wholly(someUnknown(ranges), "some of its source ranges are not known before up");
    return { sources: someUnknown(ranges) ? [EVERY_IPV4, EVERY_IPV6] : knownOf(ranges) };
}

/** An empty list says as little as an absent one. */
export function present(list: Maybe<readonly unknown[]>): boolean {
    return list === NOT_KNOWN || (list !== undefined && list.length > 0);
}

/** Collects why a rule is not fully known. A rule that is doubtful as a whole has no certain match. */
export class Doubts {
    readonly list: string[] = [];
    private wholeRule = false;

    add(reason: string): void {
        if (!this.list.includes(reason)) {
            this.list.push(reason);
        }
    }

    when(condition: boolean, reason: string): void {
        if (condition) {
            this.add(reason);
        }
    }

    /** A doubt about the whole rule: it may not be there at all, or anywhere in the order. */
    wholly(condition: boolean, reason: string): void {
        this.when(condition, reason);
        this.wholeRule ||= condition;
    }

    bound<T>(bounds: Bounds<T>, nothing: T): Bounds<T> {
        return this.wholeRule ? { may: bounds.may, must: nothing } : bounds;
    }
}
