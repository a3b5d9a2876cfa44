import { type LeftOut, objects } from "../../containment/document";
import { type Asset } from "../../containment/inventory/asset";
import { inventoryResources } from "../../containment/inventory/read";
import { type Reading } from "../../containment/readers";
import { type ClaimId } from "../../containment/verdict";
import { type Unread, unreadResource } from "../../containment/unread";
import { type GoogleApi, GoogleError, type Question } from "../google/api";
import { COMPUTE_KINDS, type ComputeKind, NETWORK } from "./questions";

/** Where to look. */
export interface DeployedScope {
    readonly project: string;
    /** Name of the cluster's network. */
    readonly network: string;
    /** Addresses of the gateway nodes' accounts. */
    readonly gatewayAccounts: readonly string[];
}

const CANNOT_SHOW =
    "other projects, what Google's other services put into the network (Cloud Run, Dataflow, …: an inventory does), grants on folders and the " +
    "organization, and which secure tags are bound to what";

/**
 * What there is in Google Cloud: the network, what encloses it and what is in it, read in the words of Cloud Asset Inventory. What may not be
 * read is unknown, with the permission; everything else is read all the same.
 */
export async function readDeployedGoogle(api: GoogleApi, scope: DeployedScope): Promise<Reading> {
    return new DeployedGoogle(api, scope).reading();
}

class DeployedGoogle {
    private readonly unread: Unread[] = [];
    private readonly leftOut: LeftOut[] = [];

    constructor(
        private readonly api: GoogleApi,
        private readonly scope: DeployedScope,
    ) {}

    async reading(): Promise<Reading> {
        const [number, above, ...found] = await Promise.all([
            this.projectNumber(),
            this.policiesAbove(),
            ...COMPUTE_KINDS.map(each => this.compute(each)),
            this.networkPolicies(),
            this.clusters(),
            this.projectPolicy(),
            ...this.scope.gatewayAccounts.map(email => this.account(email)),
            this.roles(),
        ]);
        // What the API says to be in effect stands above the project, each in a folder of its own: on the order alone it depends.
        const ancestors = [
            `projects/${number}`,
            ...above.map(({ data }) => `folders/${String(data?.["name"])}`).reverse(),
            "organizations/0",
        ];
        const assets = [...above, ...found.flat()].map(asset => ({ ...asset, ancestors }));
        const { resources, leftOut } = inventoryResources(assets);
        return {
            spelling: "Google Cloud as it is",
            resources: [...resources, ...this.unread.map(unreadResource)],
            leftOut: [...leftOut, ...this.leftOut],
            cannotShow: CANNOT_SHOW,
        };
    }

    /** The answer, or nothing where it is not given; then it is told what is not known. */
    private async asked<T>(what: string, claims: readonly ClaimId[], nothing: T, ask: () => Promise<T>): Promise<T> {
        try {
            return await ask();
        } catch (error) {
            if (!(error instanceof GoogleError)) {
                throw error;
            }
            this.unread.push({
                what: `${what} of project ${this.scope.project}`,
                why: error.refused
                    ? `not shown for want of permission ${error.permission}`
                    : `not shown: ${error.message}`,
                claims,
            });
            return nothing;
        }
    }

    private asset(type: string, path: string, more: Partial<Asset>): Asset {
        return { path, type, ancestors: [], updated: "", ...more };
    }

    private question(path: string, permission: string, more: Partial<Question> = {}): Question {
        return { service: "compute", path: this.pathOf(path), permission, ...more };
    }

    /** Compute Engine's own links call the project by its number in places. */
    private projectNumber(): Promise<string> {
        return this.asked("the number", ["C1"], "0", async () => {
            const project = await this.api.get(
                this.question("", "resourcemanager.projects.get", { service: "cloudresourcemanager" }),
            );
            return String(project["projectNumber"] ?? "0");
        });
    }

    private compute({ kind, collection, global }: ComputeKind): Promise<Asset[]> {
        const type = `compute.googleapis.com/${kind}`;
        const permission = `compute.${collection}.list`;
        return this.asked(collection, NETWORK, [], async () => {
            const placed =
                global === true
                    ? (await this.api.list(this.question(`/global/${collection}`, permission))).map(
                          element => ["global", element] as const,
                      )
                    : await this.api.aggregated(this.question(`/aggregated/${collection}`, permission), collection);
            return placed.map(([place, data]) =>
                this.asset(type, this.pathOf(`/${place}/${collection}/${String(data["name"])}`), { data }),
            );
        });
    }

    /** Firewall policies of networks, global and regional: a list need not show their rules, so each is asked for. */
    private networkPolicies(): Promise<Asset[]> {
        return this.asked("network firewall policies", NETWORK, [], async () => {
            const listed = await this.api.aggregated(
                this.question("/aggregated/firewallPolicies", "compute.firewallPolicies.list"),
                "firewallPolicies",
            );
            return Promise.all(
                listed.map(async ([place, { name }]) => {
                    const path = `/${place}/firewallPolicies/${String(name)}`;
                    return this.asset("compute.googleapis.com/NetworkFirewallPolicy", this.pathOf(path), {
                        data: await this.api.get(this.question(path, "compute.firewallPolicies.get")),
                    });
                }),
            );
        });
    }

    /** Policies of the organization and of folders, in the order of their evaluation. */
    private policiesAbove(): Promise<Asset[]> {
        const { network } = this.scope;
        return this.asked(`effective firewalls of network ${network}`, NETWORK, [], async () => {
            const { firewallPolicys } = await this.api.get(
                this.question(
                    `/global/networks/${network}/getEffectiveFirewalls`,
                    "compute.networks.getEffectiveFirewalls",
                ),
            );
            const policies = objects(firewallPolicys);
            const others = policies.filter(
                ({ type }) => !["HIERARCHY", "NETWORK", "NETWORK_REGIONAL"].includes(String(type)),
            );
            for (const { name, type, rules } of others) {
                if (objects(rules).some(({ direction }) => direction === "EGRESS")) {
                    this.unread.push({
                        what: `firewall policy ${String(name)} of network ${network}`,
                        why: `it is of type ${String(type)}, has rules for egress, and where it is evaluated is not known here`,
                        claims: NETWORK,
                    });
                } else {
                    this.leftOut.push({ what: `${String(type)} firewall policy`, why: "has no rule for egress" });
                }
            }
            return policies
                .filter(({ type }) => type === "HIERARCHY")
                .map((policy): Asset => {
                    const name = String(policy["name"]);
                    return this.asset(
                        "compute.googleapis.com/FirewallPolicy",
                        `locations/global/firewallPolicies/${name}`,
                        { data: { ...policy, associations: [{ name, attachmentTarget: `folders/${name}` }] } },
                    );
                });
        });
    }

    /** All clusters, since one network may hold several, and their pools. */
    private clusters(): Promise<Asset[]> {
        return this.asked("clusters", ["C1", "C2", "C3"], [], async () => {
            const { clusters, missingZones } = await this.api.get(
                this.question("/locations/-/clusters", "container.clusters.list", { service: "container" }),
            );
            if (Array.isArray(missingZones) && missingZones.length > 0) {
                this.unread.push({
                    what: `clusters of project ${this.scope.project} in ${missingZones.join(", ")}`,
                    why: "Google did not answer for these places; ask again",
                    claims: ["C1", "C2", "C3"],
                });
            }
            return objects(clusters).flatMap(({ nodePools, ...data }) => {
                const path = this.pathOf(`/locations/${String(data["location"])}/clusters/${String(data["name"])}`);
                return [
                    this.asset("container.googleapis.com/Cluster", path, { data }),
                    ...objects(nodePools).map(pool =>
                        this.asset("container.googleapis.com/NodePool", `${path}/nodePools/${String(pool["name"])}`, {
                            data: pool,
                        }),
                    ),
                ];
            });
        });
    }

    private projectPolicy(): Promise<Asset[]> {
        return this.asked("the IAM policy", NETWORK, [], async () => {
            const policy = await this.api.get(
                this.question(":getIamPolicy", "resourcemanager.projects.getIamPolicy", {
                    service: "cloudresourcemanager",
                    // Without it, conditions are left out of the answer.
                    body: { options: { requestedPolicyVersion: 3 } },
                }),
            );
            return [
                this.asset("cloudresourcemanager.googleapis.com/Project", this.pathOf(""), {
                    bindings: objects(policy["bindings"]),
                }),
            ];
        });
    }

    /** Who may act as the gateway's nodes, and with which keys. */
    private async account(email: string): Promise<Asset[]> {
        const path = `/serviceAccounts/${email}`;
        const own = { service: "iam" } as const;
        const found = await Promise.all([
            this.asked(`account ${email}`, NETWORK, [], async () => {
                const data = await this.api.find(this.question(path, "iam.serviceAccounts.get", own));
                return data === undefined
                    ? []
                    : [this.asset("iam.googleapis.com/ServiceAccount", this.pathOf(path), { data })];
            }),
            this.asked(`the IAM policy of account ${email}`, NETWORK, [], async () => {
                const policy = await this.api.find(
                    this.question(
                        `${path}:getIamPolicy?options.requestedPolicyVersion=3`,
                        "iam.serviceAccounts.getIamPolicy",
                        { ...own, body: {} },
                    ),
                );
                return policy === undefined
                    ? []
                    : [
                          this.asset("iam.googleapis.com/ServiceAccount", this.pathOf(path), {
                              bindings: objects(policy["bindings"]),
                          }),
                      ];
            }),
            this.asked(`keys of account ${email}`, NETWORK, [], async () => {
                const answer = await this.api.find(
                    this.question(`${path}/keys?keyTypes=USER_MANAGED`, "iam.serviceAccountKeys.list", own),
                );
                return objects(answer?.["keys"]).map(data =>
                    this.asset("iam.googleapis.com/ServiceAccountKey", String(data["name"]), { data }),
                );
            }),
        ]);
        return found.flat();
    }

    /** What the project's own roles permit. */
    private roles(): Promise<Asset[]> {
        return this.asked("custom roles", NETWORK, [], async () => {
            const roles = await this.api.list(
                this.question("/roles?view=FULL", "iam.roles.list", { service: "iam" }),
                "roles",
            );
            return roles.map(data => this.asset("iam.googleapis.com/Role", String(data["name"]), { data }));
        });
    }

    private pathOf(path: string): string {
        return `projects/${this.scope.project}${path}`;
    }
}
