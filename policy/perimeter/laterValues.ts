import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Finding, type StackResource, type StackRule, undecided } from "../rule";
import { type PackSettings } from "../settings";
import { isGatewayAccount, isGatewaySubnet } from "./gatewayIdentity";
import { accountFindings } from "./grants";
import { mayBorrowAt } from "./reserved";

/**
 * An account's address or a subnet's name is often an output of another resource, and what that is called its inputs tell. Only
 * the whole stack shows which resource it is.
 */
export function laterValues(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "gateway-later-values",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description:
            "Accounts and subnets that are known only after deployment come from resources that are not the gateway's.",
        stops: "A machine, service or grant that turns out to be about the gateway's account or subnet.",
        remedy: "Take the value from a resource of the stack whose own name is written, or write it.",
        judge: resources => {
            const byUrn = new Map(resources.map(resource => [resource.urn, resource]));
            const isOthers = (resource: StackResource, path: string): boolean => {
                const from = resource.madeFrom[/^\w+/.exec(path)?.[0] ?? ""] ?? [];
                return from.length > 0 && from.every(urn => isNotGateways(byUrn.get(urn), settings));
            };
            return resources.flatMap((resource): Finding[] =>
                [
                    ...mayBorrowAt(resource, settings)
                        .filter(path => !isOthers(resource, path))
                        .map(path => undecided(path, "whether it borrows the gateway's identity or place")),
                    ...(resource.inputs.serviceAccountId !== UNKNOWN || isOthers(resource, "serviceAccountId")
                        ? []
                        : accountFindings(resource, settings, "ask")),
                ].map(finding => ({ ...finding, resource: resource.urn })),
            );
        },
    };
}

/** A resource of the stack that gives accounts, subnets or networks, under a name that is written and another's. */
function isNotGateways(resource: Resource | undefined, settings: PackSettings): boolean {
    const { type = "", name = "", inputs = {} } = resource ?? {};
    if (/^gcp:service[aA]ccount\/account:Account$/.test(type)) {
        const { accountId } = inputs;
        return (
            typeof accountId === "string" &&
            accountId !== UNKNOWN &&
            !settings.gatewayAccounts.some(account =>
                isGatewayAccount(accountId, { ...settings, gatewayAccounts: [account.split("@")[0]!] }),
            )
        );
    }
    if (type === "gcp:compute/subnetwork:Subnetwork") {
        const own = inputs.name ?? name;
        return typeof own === "string" && own !== UNKNOWN && !isGatewaySubnet(own, settings);
    }
    return type === "gcp:compute/network:Network";
}
