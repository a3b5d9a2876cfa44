import { last } from "../../containment/inventory/asset";
import { fieldsList, kubernetesObjects, objectKey } from "../../containment/kubernetes";
import { INVENTORY, type Resource } from "../../containment/resource";
import { FIRST_OF_GOOGLE } from "./comparison";

/** What tells apart, in Google Cloud, what has one name: where it is, and what it is part of. */
const PLACES = ["project", "region", "zone", "location", "cluster", "router", "firewallPolicy"] as const;

const COMPUTE = "gcp:compute/networkFirewallPolicy";
const POLICY = `${COMPUTE}:NetworkFirewallPolicy`;
const POLICY_WITH_RULES = `${COMPUTE}WithRules:NetworkFirewallPolicyWithRules`;
const RULE = `${COMPUTE}Rule:NetworkFirewallPolicyRule`;

/** Whether what is there in Google Cloud is what a stack registers. */
export function isCounterpart(registered: Resource, live: Resource): boolean {
    return (
        // A policy shows its rules, however they were made.
        live.type === (registered.type === POLICY ? POLICY_WITH_RULES : registered.type) &&
        isCalledAs(registered, live) &&
        PLACES.every(key => {
            const [said, found] = [registered.inputs[key], live.inputs[key]];
            return typeof said !== "string" || typeof found !== "string" || last(said) === last(found);
        })
    );
}

function isCalledAs(registered: Resource, live: Resource): boolean {
    const name = givenName(registered);
    return name === undefined
        ? registered.type === RULE
            ? String(registered.inputs["priority"]) === String(live.inputs["priority"])
            : // Pulumi names what has no name of its own after the resource, with seven hexadecimal digits behind it.
              /^-[0-9a-f]{7}$/.test(nameOf(live).replace(registered.name, ""))
        : nameOf(live) === String(name);
}

/** The rules of firewall policies, each by itself, as stacks register them that share one. */
export function rulesOf(live: readonly Resource[]): Resource[] {
    return live
        .filter(({ type }) => type === POLICY_WITH_RULES)
        .flatMap(policy => {
            const { name, project, rules } = policy.inputs;
            return fieldsList(rules).map(rule => ({
                ...policy,
                type: RULE,
                inputs: { ...rule, firewallPolicy: name, project },
            }));
        });
}

/** Rules of a policy that a stack shares with others, and that none of them registers. */
export function strangeRules(planned: readonly Resource[], others: readonly Resource[], rules: readonly Resource[]) {
    const shared = planned.filter(({ type }) => type === POLICY).map(({ inputs }) => inputs["name"]);
    const registered = [...planned, ...others].filter(({ type }) => type === RULE);
    return rules.filter(
        rule =>
            shared.includes(rule.inputs["firewallPolicy"]) &&
            Number(rule.inputs["priority"]) < FIRST_OF_GOOGLE &&
            !registered.some(each => isCounterpart(each, rule)),
    );
}

/** What is there, of the components that registered it: whose a pool, a NAT or a Deployment is, nothing else says. */
export function withMakers(registered: readonly Resource[], live: readonly Resource[]): Resource[] {
    const google = registered.filter(({ type }) => type.startsWith("gcp:"));
    const parents = new Map(registered.map(({ urn, parent }) => [urn, parent]));
    const byKey = new Map(kubernetesObjects(registered).map(object => [objectKey(object), parents.get(object.urn)]));
    const ofObjects = new Map(kubernetesObjects(live).map(object => [object.urn, byKey.get(objectKey(object))]));
    return live.map(resource => {
        const parent = resource.urn.startsWith(INVENTORY)
            ? google.find(each => isCounterpart(each, resource))?.parent
            : ofObjects.get(resource.urn);
        return parent === undefined ? resource : { ...resource, parent };
    });
}

export function nameOf(resource: Resource): string {
    return String(givenName(resource) ?? resource.name);
}

export function givenName({ inputs }: Pick<Resource, "inputs">): unknown {
    return inputs["name"] ?? inputs["accountId"];
}
