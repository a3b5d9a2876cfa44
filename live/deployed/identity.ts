import { objects } from "../../containment/document";
import { type Asset } from "../../containment/inventory/asset";
import { type Project } from "../google/project";
import { assetOf } from "./assets";
import { NETWORK } from "./questions";

/**
 * Who may act as what in the project of a cluster.
 *
 * @param accounts addresses of the gateway nodes' accounts
 */
export async function identityAssets(project: Project, accounts: readonly string[]): Promise<Asset[]> {
    const found = await Promise.all([
        projectPolicy(project),
        ...accounts.map(email => account(project, email)),
        roles(project),
    ]);
    return found.flat();
}

function projectPolicy(project: Project): Promise<Asset[]> {
    return project.asked("the IAM policy", NETWORK, [], async () => {
        const policy = await project.api.get(
            project.question(":getIamPolicy", "resourcemanager.projects.getIamPolicy", {
                service: "cloudresourcemanager",
                // Without it, conditions are left out of the answer.
                body: { options: { requestedPolicyVersion: 3 } },
            }),
        );
        return [
            assetOf("cloudresourcemanager.googleapis.com/Project", project.pathOf(""), {
                bindings: objects(policy["bindings"]),
            }),
        ];
    });
}

/** Who may act as the gateway's nodes, and with which keys. */
async function account(project: Project, email: string): Promise<Asset[]> {
    const path = `/serviceAccounts/${email}`;
    const own = { service: "iam" } as const;
    const found = await Promise.all([
        project.asked(`account ${email}`, NETWORK, [], async () => {
            const data = await project.api.find(project.question(path, "iam.serviceAccounts.get", own));
            return data === undefined
                ? []
                : [assetOf("iam.googleapis.com/ServiceAccount", project.pathOf(path), { data })];
        }),
        project.asked(`the IAM policy of account ${email}`, NETWORK, [], async () => {
            const policy = await project.api.find(
                project.question(
                    `${path}:getIamPolicy?options.requestedPolicyVersion=3`,
                    "iam.serviceAccounts.getIamPolicy",
                    { ...own, body: {} },
                ),
            );
            return policy === undefined
                ? []
                : [
                      assetOf("iam.googleapis.com/ServiceAccount", project.pathOf(path), {
                          bindings: objects(policy["bindings"]),
                      }),
                  ];
        }),
        project.asked(`keys of account ${email}`, NETWORK, [], async () => {
            const answer = await project.api.find(
                project.question(`${path}/keys?keyTypes=USER_MANAGED`, "iam.serviceAccountKeys.list", own),
            );
            return objects(answer?.["keys"]).map(data =>
                assetOf("iam.googleapis.com/ServiceAccountKey", String(data["name"]), { data }),
            );
        }),
    ]);
    return found.flat();
}

/** What the project's own roles permit. */
function roles(project: Project): Promise<Asset[]> {
    return project.asked("custom roles", NETWORK, [], async () => {
        const found = await project.api.list(
            project.question("/roles?view=FULL", "iam.roles.list", { service: "iam" }),
            "roles",
        );
        return found.map(data => assetOf("iam.googleapis.com/Role", String(data["name"]), { data }));
    });
}
