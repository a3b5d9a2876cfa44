import { type Resource } from "../resource";
import { NOT_KNOWN } from "../world/inputs";
import {
    ACTING_PERMISSION,
    ACTING_ROLES,
    PERIMETER_PERMISSION,
    PERIMETER_ROLES,
    WATCHING_ROLES,
} from "../world/types/roles";
import { serviceAccountAddress } from "../world/ruleParts";
import { type World } from "../world/world";
import { deployersOf, type Grant, grantsOf, named, roleHas, roleInWords, strangersIn } from "./iam";

/**
 * Given grants that let others act as the gateway's account, which the printed assumptions say nobody may. Whether they come to a
 * machine of the gateway's with it depends on what else they may, so each makes the claim unknown.
 */
export function grantReasons({ resources, gateway }: World): string[] {
    const grants = resources.flatMap(grantsOf);
    const deployers = deployersOf(resources);
    return gateway.identity.serviceAccounts.flatMap(account =>
        grants.flatMap(grant => {
            const others = strangersIn(grant, deployers).filter(
                member => member === NOT_KNOWN || member.toLowerCase() !== `serviceaccount:${account}`,
            );
            const acts = others.length > 0 && concerns(grant, account, resources) && mayAct(grant, resources);
            return acts
                ? [
                      `${grant.resource.urn} lets ${named(others)} act as ${account}, the gateway's account (${roleInWords(grant)}): a machine that runs as it is the gateway's to the firewall. Remove it, or name those who deploy this stack in guard.exemptUsers.`,
                  ]
                : [];
        }),
    );
}

/** Whom given grants let change the network around the gateway, other than those known to deploy. */
export function perimeterChangers({ resources }: World): string[] {
    const deployers = deployersOf(resources);
    return resources.flatMap(grantsOf).flatMap(grant => {
        const others = strangersIn(grant, deployers);
        const broad = grant.on === "above" || "project" in grant.on;
        const changes =
            broad &&
            others.length > 0 &&
            roleHas(grant, resources, PERIMETER_PERMISSION, role => PERIMETER_ROLES.has(role));
        return changes ? [`${named(others)} by ${roleInWords(grant)} (${grant.resource.urn})`] : [];
    });
}

const ACCOUNTS = ["gcp:serviceaccount/account:Account", "gcp:serviceAccount/account:Account"];

/** Whether a grant may be about the account. A folder or an organization may hold its project. */
function concerns({ resource, on }: Grant, account: string, resources: readonly Resource[]): boolean {
    if (on === "above") {
        return true;
    }
    if ("project" in on) {
        const own = /@(.+)\.iam\.gserviceaccount\.com$/.exec(account)?.[1];
        const project = typeof on.project === "string" ? on.project.replace(/^projects\//, "") : undefined;
        return project === undefined || own === undefined || /^\d+$/.test(project) || project === own;
    }
    if ("account" in on && typeof on.account === "string" && on.account.includes("@")) {
        return serviceAccountAddress(on.account) === account;
    }
    if (!("account" in on)) {
        return false;
    }
    // A number, or not known yet: the account that the grant depends on, or any.
    const given = resources.filter(({ type, urn }) => ACCOUNTS.includes(type) && resource.dependsOn.includes(urn));
    return given.length !== 1 || isAccount(given[0]!, account);
}

function isAccount({ inputs }: Resource, account: string): boolean {
    const [id, project] = [inputs["accountId"], inputs["project"]];
    const [ownId, ownDomain] = account.split("@");
    return (
        typeof id !== "string" ||
        (id === ownId && (typeof project !== "string" || ownDomain === `${project}.iam.gserviceaccount.com`))
    );
}

function mayAct(grant: Grant, resources: readonly Resource[]): boolean {
    const { on } = grant;
    return roleHas(
        grant,
        resources,
        ACTING_PERMISSION,
        role => ACTING_ROLES.has(role) || (typeof on === "object" && "account" in on && !WATCHING_ROLES.has(role)),
    );
}
