import { type AddressRange } from "../kernel/address";
import { type Intervals, NOTHING } from "../kernel/intervals";
import { type Action } from "../kernel/rule";
import { type Resource } from "../resource";
import { type Inputs, known, knownOf, NOT_KNOWN, someUnknown } from "./inputs";
import {
    type Bounds,
    destinationBounds,
    Doubts,
    policyDestinations,
    present,
    serviceBounds,
    sourcesOf,
    type Targets,
    targetsOf,
} from "./ruleParts";

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
