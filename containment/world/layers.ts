import { EVERY_ADDRESS } from "../kernel/address";
import { NOTHING } from "../kernel/intervals";
import { EVERY_SERVICE } from "../kernel/services";
import { type Resource } from "../resource";
import { classicRule, type FirewallRule, policyRule } from "./firewall";
import { Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { type Network, type Networks } from "./networks";
import { ancestorsOf } from "./hierarchy";
import { type FirewallOrder, GLOBAL, HIERARCHICAL, type PolicyTypes, REGIONAL } from "./firewallPolicies";
import { agreementOf, type Directory, parseReference } from "./references";

export type LayerKind = "hierarchical policy" | "network policy" | "regional policy" | "classic rules";

/** Rules that are evaluated together, first match first. */
export interface FirewallLayer {
    readonly kind: LayerKind;
    /** Name of the policy; empty for classic rules. */
    readonly name: string;
    /** Regional policies concern machines of their region only; `unknown`: of one region, which nothing shows. */
    readonly region?: string | typeof NOT_KNOWN;
    /** The policy and its association. */
    readonly resources: readonly string[];
    /** A given policy that is attached to this network and no other. */
    readonly certain?: boolean;
    readonly rules: readonly FirewallRule[];
}

interface Stray {
    readonly resource: Resource;
    readonly family: PolicyTypes;
    readonly reference: string;
    readonly rule: FirewallRule;
}

/** Reads all egress rules of all networks. */
export class Firewalls {
    private readonly classic = new Map<Network, FirewallRule[]>();
    private readonly attached = new Map<Network, { readonly layer: FirewallLayer; readonly priority: number }[]>();
    private readonly policyRules: ReadonlyMap<string, readonly FirewallRule[]>;
    private readonly associatedPolicies = new Set<string>();
    /** Rules of policies that no given resource is, or of one that cannot be told. */
    private readonly strays: Stray[] = [];

    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
        private readonly problems: WorldProblem[],
    ) {
        directory.refuseUnknownNames(problems, ...[GLOBAL, REGIONAL, HIERARCHICAL].flatMap(({ policies }) => policies));
        for (const resource of directory.ofType("gcp:compute/firewall:Firewall")) {
            this.addClassic(resource);
        }
        this.policyRules = this.readPolicyRules();
        for (const resource of directory.ofType(...GLOBAL.associations, ...REGIONAL.associations)) {
            this.addAssociation(resource);
        }
        for (const resource of directory.ofType(...HIERARCHICAL.associations)) {
            this.addHierarchical(resource);
        }
        this.strays.forEach(stray => this.addStray(stray));
        this.refuseSecondGlobalPolicy();
    }

    /** The layers of a network in order of evaluation (Cloud NGFW documentation, "Policy and rule evaluation order"). */
    layersOf(network: Network, order: FirewallOrder): FirewallLayer[] {
        // A network takes one global policy: one that may be attached as well may be so instead of the other.
        const later = ({ layer }: { readonly layer: FirewallLayer }): number =>
            layer.kind === "network policy" && layer.certain === true ? 1 : 0;
        const attached = (this.attached.get(network) ?? [])
            .toSorted((a, b) => later(a) - later(b) || a.priority - b.priority)
            .map(({ layer }) => layer);
        const policies = ["network policy", "regional policy"].flatMap(kind =>
            attached.filter(layer => layer.kind === kind),
        );
        const classic: FirewallLayer = {
            kind: "classic rules",
            name: "",
            resources: [],
            rules: sortClassic(this.classic.get(network) ?? []),
        };
        return [
            ...attached.filter(({ kind }) => kind === "hierarchical policy"),
            ...(order === "BEFORE_CLASSIC_FIREWALL" ? [...policies, classic] : [classic, ...policies]),
        ];
    }

    /** Policies that no association attaches to anything: their rules decide nothing. */
    unattachedPolicies(): Resource[] {
        return this.directory
            .ofType(...GLOBAL.policies, ...REGIONAL.policies)
            .filter(({ urn }) => !this.associatedPolicies.has(urn));
    }

    private addClassic(resource: Resource): void {
        const inputs = Inputs.of(resource, this.problems);
        const rule = classicRule(resource, inputs);
        const { networks, certain } = this.networks.named(resource, inputs.name("network"));
        for (const network of rule === undefined ? [] : networks) {
            const list = this.classic.get(network) ?? [];
            this.classic.set(network, list);
            list.push(certain ? rule! : doubtful(rule!, "which network it belongs to is not known"));
        }
    }

    /** All rules by the URN of their policy; those that may belong to another one are strays as well. */
    private readPolicyRules(): ReadonlyMap<string, readonly FirewallRule[]> {
        const rules = new Map<string, FirewallRule[]>();
        const add = (policy: string, rule: FirewallRule): void => {
            const list = rules.get(policy) ?? [];
            rules.set(policy, list);
            list.push(rule);
        };
        for (const family of [GLOBAL, REGIONAL, HIERARCHICAL]) {
            for (const policy of this.directory.ofType(...family.policies)) {
                rules.set(policy.urn, this.embeddedRules(policy));
            }
            for (const resource of this.directory.ofType(...family.rules)) {
                const inputs = Inputs.of(resource, this.problems);
                const reference = inputs.name("firewallPolicy") ?? inputs.name("policyId");
                const policy = this.directory.resolve(resource, reference, ...family.policies);
                const rule = policyRule(resource, inputs, undefined);
                // An organization security policy's rule can be on trial: it is logged and not enforced.
                if (rule === undefined || inputs.flag("preview") === true) {
                    continue;
                }
                if (policy.kind === "one") {
                    add(policy.target.urn, rule);
                    continue;
                }
                const belongs = doubtful(rule, `which policy ${nameOf(reference)} it belongs to is not shown`);
                if (policy.kind === "several") {
                    policy.candidates.forEach(({ urn }) => add(urn, belongs));
                }
                this.strays.push({ resource, family, reference: nameOf(reference), rule: belongs });
            }
        }
        for (const [policy, list] of rules) {
            rules.set(policy, this.sortPolicy(list));
        }
        return rules;
    }

    private embeddedRules(policy: Resource): FirewallRule[] {
        const inputs = Inputs.of(policy, this.problems);
        const rules = inputs.objects("rules");
        if (rules === undefined) {
            return [];
        }
        const unreadable = someUnknown(rules) ? [unknownRule(policy, "its rules are not known before up")] : [];
        // "If unspecified an INGRESS rule is created": the provider's documentation of a policy with rules.
        return [...unreadable, ...knownOf(rules).flatMap(rule => policyRule(policy, rule, "INGRESS") ?? [])];
    }

    private sortPolicy(rules: readonly FirewallRule[]): FirewallRule[] {
        const sorted = rules.toSorted((a, b) => a.priority - b.priority);
        sorted.slice(1).forEach((rule, index) => {
            const before = sorted[index]!;
            if (before.priority === rule.priority && rule.doubts.length === 0 && before.doubts.length === 0) {
                const reason = `got priority ${rule.priority} for both "${before.name}" and "${rule.name}", expected one rule for each priority of a policy`;
                this.problems.push({ resource: rule.resource, path: "priority", reason });
            }
        });
        return sorted;
    }

    private addAssociation(resource: Resource): void {
        const inputs = Inputs.of(resource, this.problems);
        const regional = REGIONAL.associations.includes(resource.type);
        const family = regional ? REGIONAL : GLOBAL;
        const { networks: targets, certain } = this.networks.named(resource, inputs.name("attachmentTarget"));
        const { policy, rules } = this.rulesOf(resource, inputs.name("firewallPolicy"), family.policies);
        const region = regional ? this.regionOf(resource, inputs, policy) : undefined;
        for (const network of targets) {
            const layer: FirewallLayer = {
                kind: regional ? "regional policy" : "network policy",
                name:
                    policy === undefined
                        ? nameOf(inputs.name("firewallPolicy"))
                        : this.directory.identityOf(policy).name,
                ...(region === undefined ? {} : { region }),
                resources: [...(policy === undefined ? [] : [policy.urn]), resource.urn],
                certain: certain && policy !== undefined,
                rules: certain
                    ? rules
                    : rules.map(rule => doubtful(rule, "which network its policy is attached to is not known")),
            };
            this.attach(network, layer, known(inputs.number("priority")) ?? 1000);
        }
    }

    /** An association that leaves the region to the provider is in its policy's: they have to be in one. */
    private regionOf(resource: Resource, inputs: Inputs, policy: Resource | undefined): string | typeof NOT_KNOWN {
        return (
            known(inputs.name("region")) ??
            (policy === undefined ? undefined : this.directory.identityOf(policy).location) ??
            this.directory.identityOf(resource).location ??
            NOT_KNOWN
        );
    }

    /**
     * The rule of a policy that may be attached to any network where no other one is: a network has one global policy, and one
     * for each region. What else such a policy holds is the assumption about everything that is not given.
     */
    private addStray({ resource, family, reference, rule }: Stray): void {
        const kind =
            family === GLOBAL ? "network policy" : family === REGIONAL ? "regional policy" : "hierarchical policy";
        for (const network of this.networks.all) {
            const taken =
                family === GLOBAL &&
                (this.attached.get(network) ?? []).some(({ layer }) => layer.kind === kind && layer.certain);
            if (!taken) {
                const layer: FirewallLayer = {
                    kind,
                    name: reference,
                    ...(family === REGIONAL ? { region: NOT_KNOWN } : {}),
                    resources: [resource.urn],
                    rules: [rule],
                };
                this.attach(network, layer, kind === "hierarchical policy" ? 0 : 1000);
            }
        }
    }

    private addHierarchical(resource: Resource): void {
        const inputs = Inputs.of(resource, this.problems);
        const target = known(inputs.name("attachmentTarget") ?? inputs.name("attachmentId"));
        const { policy, rules } = this.rulesOf(
            resource,
            inputs.name("firewallPolicy") ?? inputs.name("policyId"),
            HIERARCHICAL.policies,
        );
        for (const network of this.networks.all) {
            const above = ancestorsOf(network, this.directory);
            const depth = target === undefined || above === undefined ? undefined : above.indexOf(target);
            if (depth === -1) {
                continue;
            }
            const name =
                policy === undefined
                    ? nameOf(inputs.name("firewallPolicy") ?? inputs.name("policyId"))
                    : this.directory.identityOf(policy).name;
            const layer: FirewallLayer = {
                kind: "hierarchical policy",
                name,
                resources: [...(policy === undefined ? [] : [policy.urn]), resource.urn],
                rules: rules
                    .flatMap(rule => limitedTo(rule, network))
                    .map(rule =>
                        depth === undefined
                            ? doubtful(
                                  rule,
                                  `whether ${target ?? "its node"} lies above the network's project is not shown`,
                              )
                            : rule,
                    ),
            };
            this.attach(network, layer, depth ?? (target?.startsWith("organizations/") === true ? 0 : 1));
        }
    }

    private rulesOf(
        resource: Resource,
        reference: Maybe<string>,
        types: readonly string[],
    ): { readonly policy: Resource | undefined; readonly rules: readonly FirewallRule[] } {
        const found = this.directory.resolve(resource, reference, ...types);
        if (found.kind === "one") {
            this.associatedPolicies.add(found.target.urn);
            return { policy: found.target, rules: this.policyRules.get(found.target.urn) ?? [] };
        }
        if (found.kind === "none") {
            const doubt = `the policy ${nameOf(reference)} is not among the given resources`;
            return { policy: undefined, rules: [unknownRule(resource, doubt)] };
        }
        found.candidates.forEach(({ urn }) => this.associatedPolicies.add(urn));
        const names = found.candidates.map(({ urn }) => urn).join(", ");
        const doubt = `which policy ${nameOf(reference)} is meant is not shown: ${names || "none is given"}`;
        return { policy: undefined, rules: [unknownRule(resource, doubt)] };
    }

    private attach(network: Network, layer: FirewallLayer, priority: number): void {
        this.attached.set(network, [...(this.attached.get(network) ?? []), { layer, priority }]);
    }

    private refuseSecondGlobalPolicy(): void {
        for (const [network, layers] of this.attached) {
            const global = layers.filter(({ layer }) => layer.kind === "network policy");
            if (
                global.length > 1 &&
                global.every(({ layer }) => layer.rules.every(({ doubts }) => doubts.length === 0))
            ) {
                const resource = global[1]!.layer.resources.at(-1)!;
                const reason = `got ${global.map(({ layer }) => layer.name).join(" and ")} for network ${network.name}, expected one global policy for each network`;
                this.problems.push({ resource, path: "attachmentTarget", reason });
            }
        }
    }
}

/** At equal priority deny wins (VPC documentation, "Firewall rules: priority"). */
function sortClassic(rules: readonly FirewallRule[]): FirewallRule[] {
    return rules.toSorted(
        (a, b) => a.priority - b.priority || (a.action === b.action ? 0 : a.action === "deny" ? -1 : 1),
    );
}

/** The rule as it concerns this network, if it does: hierarchical rules can be limited to some networks. */
function limitedTo(rule: FirewallRule, network: Network): FirewallRule[] {
    const agreements = rule.networks?.map(target => agreementOf(parseReference(target), network.reference)) ?? ["yes"];
    return agreements.every(agreement => agreement === "no")
        ? []
        : agreements.includes("yes") || agreements.includes("left out")
          ? [rule]
          : [doubtful(rule, "whether it is limited to this network is not shown")];
}

/** The rule as something that may be there. */
function doubtful(rule: FirewallRule, doubt: string): FirewallRule {
    return {
        ...rule,
        destinations: { may: rule.destinations.may, must: [] },
        services: { may: rule.services.may, must: NOTHING },
        doubts: [...rule.doubts, doubt],
    };
}

function unknownRule(resource: Resource, doubt: string): FirewallRule {
    return {
        name: resource.name,
        resource: resource.urn,
        priority: 0,
        action: "unreadable",
        destinations: { may: EVERY_ADDRESS, must: [] },
        services: { may: EVERY_SERVICE, must: NOTHING },
        targets: { open: false },
        doubts: [doubt],
    };
}

function nameOf(reference: Maybe<string>): string {
    return typeof reference === "string" ? parseReference(reference).name : "(not known before up)";
}
