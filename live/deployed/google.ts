import { objects } from "../../containment/document";
import { type Asset } from "../../containment/inventory/asset";
import { inventoryResources } from "../../containment/inventory/read";
import { type Reading } from "../../containment/readers";
import { unreadResource } from "../../containment/unread";
import { type GoogleApi } from "../google/api";
import { effectiveFirewalls, elementsOf } from "../google/elements";
import { Project } from "../google/project";
import { assetOf } from "./assets";
import { identityAssets } from "./identity";
import { COMPUTE_KINDS, type ComputeKind, NETWORK } from "./questions";

/** Where to look. */
export interface DeployedScope {
    /** Of the cluster, its nodes and their accounts. */
    readonly project: string;
    /** Of the network, and of what encloses it: another one in a shared VPC. */
    readonly networkProject: string;
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
    const host = new Project(api, scope.networkProject);
    const own = scope.project === scope.networkProject ? host : new Project(api, scope.project);
    const projects = [...new Set([host, own])];
    const assetsIn = (project: Project): Promise<Asset[][]> =>
        Promise.all([
            // Machines of a shared network may be in either.
            computeAssets(project),
            ...(project === own ? [clusters(project), identityAssets(project, scope.gatewayAccounts)] : []),
        ]);
    const [numbers, above, [ofHost, ofOwn = []]] = await Promise.all([
        Promise.all(projects.map(numberOf)),
        policiesAbove(host, scope.network),
        Promise.all(projects.map(assetsIn)),
    ]);
    // What the API says to be in effect stands above the network, each in a folder of its own: on the order alone it depends.
    const ancestors = [
        `projects/${numbers[0]}`,
        ...above.map(({ data }) => `folders/${String(data?.["name"])}`).reverse(),
        "organizations/0",
    ];
    const assets = [
        ...[...above, ...ofHost!.flat()].map(asset => ({ ...asset, ancestors })),
        ...ofOwn.flat(),
        // What stands above a cluster's project decides about no packet of a network elsewhere.
        ...numbers.slice(1).map(projectNumber =>
            assetOf("cloudresourcemanager.googleapis.com/Project", own.pathOf(""), {
                data: { projectId: own.id, projectNumber },
            }),
        ),
    ];
    const { resources, leftOut } = inventoryResources(assets);
    return {
        spelling: "Google Cloud as it is",
        resources: [...resources, ...projects.flatMap(({ unread }) => unread).map(unreadResource)],
        leftOut: [...leftOut, ...projects.flatMap(project => project.leftOut)],
        cannotShow: CANNOT_SHOW,
    };
}

/** Compute Engine's own links call the project by its number in places. */
function numberOf(project: Project): Promise<string> {
    return project.asked("the number", ["C1"], "0", async () => {
        const { projectNumber } = await project.api.get(
            project.question("", "resourcemanager.projects.get", { service: "cloudresourcemanager" }),
        );
        return String(projectNumber ?? "0");
    });
}

async function computeAssets(project: Project): Promise<Asset[]> {
    const found = await Promise.all([...COMPUTE_KINDS.map(kind => ofKind(project, kind)), networkPolicies(project)]);
    return found.flat();
}

function ofKind(project: Project, { kind, collection }: ComputeKind): Promise<Asset[]> {
    return project.asked(collection, NETWORK, [], async () =>
        (await elementsOf(project, collection)).map(([place, data]) =>
            assetOf(
                `compute.googleapis.com/${kind}`,
                project.pathOf(`/${place}/${collection}/${String(data["name"])}`),
                { data },
            ),
        ),
    );
}

/** Firewall policies of networks, global and regional: a list need not show their rules, so each is asked for. */
function networkPolicies(project: Project): Promise<Asset[]> {
    return project.asked("network firewall policies", NETWORK, [], async () => {
        const listed = await elementsOf(project, "firewallPolicies");
        return Promise.all(
            listed.map(async ([place, { name }]) => {
                const path = `/${place}/firewallPolicies/${String(name)}`;
                return assetOf("compute.googleapis.com/NetworkFirewallPolicy", project.pathOf(path), {
                    data: await project.api.get(project.question(path, "compute.firewallPolicies.get")),
                });
            }),
        );
    });
}

/** Policies of the organization and of folders, in the order of their evaluation. */
function policiesAbove(project: Project, network: string): Promise<Asset[]> {
    return project.asked(`effective firewalls of network ${network}`, NETWORK, [], async () => {
        const { firewallPolicys } = await effectiveFirewalls(project, network);
        const policies = objects(firewallPolicys);
        const others = policies.filter(
            ({ type }) => !["HIERARCHY", "NETWORK", "NETWORK_REGIONAL"].includes(String(type)),
        );
        for (const { name, type, rules } of others) {
            if (objects(rules).some(({ direction }) => direction === "EGRESS")) {
                project.unread.push({
                    what: `firewall policy ${String(name)} of network ${network}`,
                    why: `it is of type ${String(type)}, has rules for egress, and where it is evaluated is not known here`,
                    claims: NETWORK,
                });
            } else {
                project.leftOut.push({ what: `${String(type)} firewall policy`, why: "has no rule for egress" });
            }
        }
        return policies
            .filter(({ type }) => type === "HIERARCHY")
            .map((policy): Asset => {
                const name = String(policy["name"]);
                return assetOf("compute.googleapis.com/FirewallPolicy", `locations/global/firewallPolicies/${name}`, {
                    data: { ...policy, associations: [{ name, attachmentTarget: `folders/${name}` }] },
                });
            });
    });
}

/** All clusters, since one network may hold several, and their pools. */
function clusters(project: Project): Promise<Asset[]> {
    return project.asked("clusters", ["C1", "C2", "C3"], [], async () => {
        const { clusters: found, missingZones } = await project.api.get(
            project.question("/locations/-/clusters", "container.clusters.list", { service: "container" }),
        );
        if (Array.isArray(missingZones) && missingZones.length > 0) {
            project.unread.push({
                what: `clusters of project ${project.id} in ${missingZones.join(", ")}`,
                why: "Google did not answer for these places; ask again",
                claims: ["C1", "C2", "C3"],
            });
        }
        return objects(found).flatMap(({ nodePools, ...data }) => {
            const path = project.pathOf(`/locations/${String(data["location"])}/clusters/${String(data["name"])}`);
            return [
                assetOf("container.googleapis.com/Cluster", path, { data }),
                ...objects(nodePools).map(pool =>
                    assetOf("container.googleapis.com/NodePool", `${path}/nodePools/${String(pool["name"])}`, {
                        data: pool,
                    }),
                ),
            ];
        });
    });
}
