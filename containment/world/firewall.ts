import { type AddressRange, EVERY_ADDRESS, EVERY_IPV4, EVERY_IPV6 } from "../kernel/address";
import { type Action } from "../kernel/firstMatch";
import { EVERY_SERVICE, parseServices } from "../kernel/services";
import { type Intervals, NOTHING, union } from "../kernel/intervals";
import { type Resource } from "../resource";
import { type Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "./inputs";

/** What something may be, and what it certainly is. Where all is known both are the same object. */
export interface Bounds<T> {
    readonly may: T;
    readonly must: T;
}

/** An egress rule of any layer, in one form. */
export interface FirewallRule {
    readonly name: string;
    /** URN of the resource that holds the rule. */
    readonly resource: string;
    readonly priority: number;
    readonly action: Action;
    readonly destinations: Bounds<readonly AddressRange[]>;
    readonly services: Bounds<Intervals>;
    readonly targets: Targets;
    /** The source addresses that the rule asks for; absent: any. */
    readonly sources?: readonly AddressRange[];
    /** The networks that a hierarchical rule is limited to; absent: every network below its node. */
    readonly networks?: readonly string[];
    /** Why parts of the rule are not known, in words; empty when all is. */
    readonly doubts: readonly string[];
}

/** What machines a rule concerns. All lists absent: every machine (VPC and Cloud NGFW documentation, "Targets"). */
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

/** The egress rule of a classic `Firewall`, or undefined for ingress and disabled rules. */
export function classicRule(resource: Resource, inputs: Inputs): FirewallRule | undefined {
    const direction = inputs.name("direction");
    const disabled = inputs.flag("disabled");
    if (direction === undefined || direction === "INGRESS" || disabled === true) {
        return undefined;
    }
    const doubts = new Doubts();
    doubts.wholly(direction === NOT_KNOWN, "its direction is not known before up");
    doubts.wholly(disabled === NOT_KNOWN, "whether it is disabled is not known before up");
    const allows = inputs.objects("allows");
    const denies = inputs.objects("denies");
    const [allowed, denied] = [present(allows), present(denies)];
    if (allowed === denied) {
        inputs.refuse(
            allowed ? "allows, denies" : "allows",
            `got ${allowed ? "both allows and denies" : "neither allows nor denies"}, expected one of them`,
        );
    }
    const serviceAccounts = inputs.texts("targetServiceAccounts");
    const tags = inputs.texts("targetTags");
    if (present(serviceAccounts) && present(tags)) {
        inputs.refuse(
            "targetServiceAccounts, targetTags",
            "got both, expected targets of one kind: Google's API refuses a rule with both",
        );
    }
    const ranges = inputs.ranges("destinationRanges");
    const sources = sourcesOf(inputs.ranges("sourceRanges"), doubts);
    const priority = priorityOf(inputs.number("priority") ?? 1000, doubts);
    return {
        name: known(inputs.name("name")) ?? resource.name,
        resource: resource.urn,
        priority,
        action: allowed ? "allow" : "deny",
        destinations: doubts.bound(destinationBounds(ranges, doubts), []),
        services: doubts.bound(serviceBounds(allowed ? allows : denies, "protocol", doubts), NOTHING),
        targets: targetsOf({ serviceAccounts, tags }, doubts),
        ...sources,
        doubts: doubts.list,
    };
}

/**
 * The egress rule of a firewall policy, global, regional or hierarchical, or undefined for ingress and disabled rules.
 *
 * @param direction what the resource type takes for an absent direction
 */
export function policyRule(
    resource: Resource,
    inputs: Inputs,
    direction: "INGRESS" | undefined,
): FirewallRule | undefined {
    const given = inputs.name("direction") ?? direction;
    const disabled = inputs.flag("disabled");
    if (given === "INGRESS" || disabled === true) {
        return undefined;
    }
    const doubts = new Doubts();
    doubts.wholly(given === NOT_KNOWN, "its direction is not known before up");
    doubts.wholly(disabled === NOT_KNOWN, "whether it is disabled is not known before up");
    const priority = inputs.number("priority");
    if (priority === undefined) {
        inputs.refuse("priority", "is absent, expected a number");
    }
    const serviceAccounts = inputs.texts("targetServiceAccounts");
    const secureTags = inputs.objects("targetSecureTags");
    if (present(serviceAccounts) && present(secureTags)) {
        inputs.refuse(
            "targetServiceAccounts, targetSecureTags",
            "got both, expected targets of one kind: Google's API refuses a rule with both",
        );
    }
    // Organization security policies, the older form, keep the same fields one level deeper.
    const match = inputs.object("match.config") ?? inputs.object("match");
    const layer4 = match === undefined || match === NOT_KNOWN ? match : match.objects("layer4Configs");
    const sources = sourcesOf(
        match === undefined || match === NOT_KNOWN ? undefined : match.ranges("srcIpRanges"),
        doubts,
    );
    const place = priorityOf(priority ?? 0, doubts);
    const networks = inputs.texts("targetResources");
    doubts.wholly(someUnknown(networks), "the networks it is limited to are not known before up");
    return {
        name: known(inputs.name("ruleName")) ?? (typeof priority === "number" ? `priority ${priority}` : resource.name),
        resource: resource.urn,
        priority: place,
        action: actionOf(inputs, doubts),
        destinations: doubts.bound(policyDestinations(match, doubts), []),
        services: doubts.bound(serviceBounds(layer4, "ipProtocol", doubts), NOTHING),
        targets: targetsOf({ serviceAccounts, secureTags }, doubts),
        ...sources,
        ...(present(networks) && !someUnknown(networks) ? { networks: knownOf(networks) } : {}),
        doubts: doubts.list,
    };
}

/** In first place a rule without certain matches lets through whatever it may let through in any place. */
function priorityOf(priority: number | typeof NOT_KNOWN, doubts: Doubts): number {
    doubts.wholly(priority === NOT_KNOWN, "its priority is not known before up");
    return priority === NOT_KNOWN ? 0 : priority;
}

function actionOf(inputs: Inputs, doubts: Doubts): Action {
    const action = inputs.name("action");
    if (action === undefined || action === NOT_KNOWN) {
        doubts.add("its action is not known before up");
        return "unreadable";
    }
    switch (
        action
            .toLowerCase()
            .replace(/[_-]/g, "")
            .replace(/\(\d+\)$/, "")
    ) {
        case "allow":
            return "allow";
        case "deny":
            return "deny";
        case "gotonext":
            return "next";
        case "applysecurityprofilegroup":
            return "inspect";
        default:
            inputs.refuse("action", `got "${action}", expected allow, deny, goto_next or apply_security_profile_group`);
            return "unreadable";
    }
}

/** What a policy's rule can ask of the destination besides address ranges; nothing here can decide any of it. */
const UNDECIDED: Readonly<Record<string, string>> = {
    destFqdns: "names, which resolve to other addresses at any time",
    destRegionCodes: "countries",
    destThreatIntelligences: "Google's threat lists",
    destAddressGroups: "address groups, whose members change outside this stack",
};

/** Kinds of destinations add up, except the network context, which narrows all others (Cloud NGFW documentation, "Destinations"). */
function policyDestinations(match: Maybe<Inputs>, doubts: Doubts): Bounds<readonly AddressRange[]> {
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
function destinationBounds(
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

function serviceBounds(
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

function targetsOf(
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
        ...(present(serviceAccounts) ? { serviceAccounts: knownOf(serviceAccounts).map(serviceAccountAddress) } : {}),
        ...(present(tags) ? { tags: knownOf(tags) } : {}),
        ...(present(secureTags)
            ? {
                  secureTags: secure.flatMap(({ name, state }) =>
                      typeof name === "string" ? [{ name, ...(typeof state === "string" ? { state } : {}) }] : [],
                  ),
              }
            : {}),
        open,
    };
}

/** Service accounts are also written `projects/p/serviceAccounts/a@p.iam.gserviceaccount.com`. */
export function serviceAccountAddress(text: string): string {
    return text.slice(text.lastIndexOf("/") + 1).toLowerCase();
}

function sourcesOf(
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
function present(list: Maybe<readonly unknown[]>): boolean {
    return list === NOT_KNOWN || (list !== undefined && list.length > 0);
}

/** Collects why a rule is not fully known. A rule that is doubtful as a whole has no certain match. */
class Doubts {
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
