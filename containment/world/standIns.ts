import { registeredAs } from "../../declared/component";
import { type JoinedPerimeter, PERIMETER } from "../../declared/perimeter";
import { type Resource } from "../resource";
import { GLOBAL } from "./firewallPolicies";

/** A perimeter that a stack has joined, and whose owner's resources are not given. */
export interface AbsentPerimeter extends JoinedPerimeter {
    /** The component that registers it. */
    readonly resource: string;
}

/** Perimeters that were joined and are not among the resources. */
export function absentPerimeters(resources: readonly Resource[]): AbsentPerimeter[] {
    return registeredAs(PERIMETER, resources).flatMap(component => {
        const fact = component.read("joined");
        const joined = fact.known ? fact.value : undefined;
        return joined === undefined || resources.some(resource => isPolicy(resource, joined))
            ? []
            : [{ ...joined, resource: component.urn }];
    });
}

function isPolicy({ type, inputs }: Resource, { project, policy }: JoinedPerimeter): boolean {
    return (
        GLOBAL.policies.includes(type) &&
        inputs["name"] === policy &&
        [project, undefined].includes(inputs["project"] as string)
    );
}

/**
 * What such a perimeter was said to be: the policy, attached to its network, and the deny behind everybody's rules. It stands in for the
 * owner's resources as the platform does for the network's, and is an assumption until those are given.
 */
export function standIns(absent: readonly AbsentPerimeter[]): Resource[] {
    return absent.flatMap(({ resource, project, policy, network, mode }) => {
        const of = (type: string, name: string, inputs: Resource["inputs"]): Resource => ({
            urn: `${resource}/${policy}/${name}`,
            type,
            name,
            inputs: { project, ...inputs },
            dependsOn: [],
        });
        const deny = (priority: number, range: string) =>
            of(GLOBAL.rules[0]!, `${policy} ${priority}`, {
                firewallPolicy: policy,
                priority,
                ruleName: `the owner's deny of ${range}`,
                direction: "EGRESS",
                action: mode === "enforce" ? "deny" : "allow",
                match: { destIpRanges: [range], layer4Configs: [{ ipProtocol: "all" }] },
            });
        return [
            of(GLOBAL.policies[0]!, policy, { name: policy }),
            of(GLOBAL.associations[0]!, `${policy} of ${network}`, {
                name: policy,
                firewallPolicy: policy,
                attachmentTarget: network,
            }),
            deny(LAST, "0.0.0.0/0"),
            deny(LAST + 1, "::/0"),
        ];
    });
}

/** Behind every band that a stack can have. */
const LAST = 60000;
