import { type Resource } from "../../containment/resource";
import { Inputs, knownOf, someUnknown } from "../../containment/world/inputs";
import { ACTING_PERMISSION, PERIMETER_PERMISSION, PERIMETER_ROLES } from "../../containment/world/types/roles";
import { type Finding, type StackRule, undecided } from "../rule";
import { type PackSettings } from "../settings";
import { grantsOf, isAboveAccounts, mayHoldGateway } from "./grants";

const CUSTOM_ROLE = /^gcp:(projects|organizations)\/iAMCustomRole:IAMCustomRole$/;

/** The locks hold as long as nobody else writes them. What a custom role permits, only its own resource tells. */
export function perimeterGrants(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "perimeter-grants",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Nobody but the deployers may change the firewall, routes, NAT and machines around the gateway.",
        stops: "A role on the project or above it with which somebody opens the perimeter without this pack seeing it.",
        remedy: "Grant a role that only looks, or a custom one without those permissions; list who deploys in deployers.",
        judge: resources => {
            const roles = resources.filter(({ type }) => CUSTOM_ROLE.test(type));
            return resources
                .filter(({ type }) => isAboveAccounts(type))
                .flatMap(grant =>
                    findings(grant, roles, settings).map(finding => ({ ...finding, resource: grant.urn })),
                );
        },
    };
}

function findings(resource: Resource, roles: readonly Resource[], settings: PackSettings): Finding[] {
    const project = Inputs.of(resource, []).name("project");
    const grants = grantsOf(resource, settings);
    // What is not known of who gets what, the rule about the account tells of.
    if (grants === "unknown" || (typeof project === "string" && !mayHoldGateway(project, settings))) {
        return [];
    }
    const place = resource.type.split(/[:/]/)[1] === "projects" ? "the project" : "the folder or organization";
    return grants.flatMap(({ role, others, unclear }): Finding[] => {
        if (typeof role !== "string" || (others.length === 0 && !unclear)) {
            return [];
        }
        const may = changesPerimeter(role, roles);
        if (may === false) {
            return [];
        }
        return others.length === 0
            ? [undecided("member", `who gets ${role} on ${place}`)]
            : may === undefined
              ? [
                    {
                        found: `What ${role} permits on ${place} is not shown, and ${others.join(", ")} gets it.`,
                        remedy: "Register the role in this stack, or list the member in deployers.",
                    },
                ]
              : [
                    {
                        found: `${others.join(", ")} gets ${role} on ${place}, which may change firewalls, routes, NAT or machines there.`,
                    },
                ];
    });
}

/** Undefined where the role's own resource is not given, or does not tell. */
function changesPerimeter(role: string, roles: readonly Resource[]): boolean | undefined {
    if (role.startsWith("roles/")) {
        return PERIMETER_ROLES.has(role);
    }
    const id = role.slice(role.lastIndexOf("/") + 1);
    const found = roles.filter(({ inputs }) => inputs.roleId === id);
    const permissions = found.map(own => Inputs.of(own, []).texts("permissions"));
    return permissions.some(list =>
        knownOf(list).some(permission => PERIMETER_PERMISSION.test(permission) || ACTING_PERMISSION.test(permission)),
    )
        ? true
        : found.length === 0 || permissions.some(someUnknown)
          ? undefined
          : false;
}
