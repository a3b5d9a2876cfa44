import { type Json } from "../document";
import { type Asset, last, list, nameOf, object, objects, text } from "./asset";
import { pluralized } from "./spelling";

/** What a node pool says of its nodes, and the groups that they are in. */
export interface PoolFacts {
    /** Links. */
    readonly groups: readonly unknown[];
    readonly account: string;
    readonly tags: readonly string[];
    readonly privateNodes: boolean;
    /** Their interfaces' networks, by name. */
    readonly networks: readonly string[];
}

/** The path of the cluster that a pool or an object is in. */
export function clusterOf({ path }: Pick<Asset, "path">): string {
    return path.replace(/(\/clusters\/[^/]+)\/.*$/, "$1");
}

/** All pools, whether they have assets of their own or stand in their cluster's. */
export function poolsOf(clusters: readonly Asset[], pools: readonly Asset[]): PoolFacts[] {
    return clusters.flatMap(cluster => {
        const data = pluralized(cluster.data ?? {});
        const own = pools.filter(pool => pool.data !== undefined && clusterOf(pool) === cluster.path);
        const inside = objects(data["nodePools"]).filter(({ name }) => own.every(pool => nameOf(pool) !== name));
        return [...own.map(pool => pluralized(pool.data!)), ...inside].map(pool => factsOf(pool, data));
    });
}

/**
 * A pool names its instance groups or their managers: both have one name.
 *
 * @param idOf of a project that may be called by its number
 */
export function groupKey(link: unknown, idOf: (project: string) => string): string {
    const [, project = "", zone = "", name = ""] =
        /(?:^|\/)projects\/([^/]+)\/zones\/([^/]+)\/instanceGroup(?:Manager)?s\/([^/]+)$/.exec(text(link) ?? "") ?? [];
    return `${idOf(project)} ${zone} ${name}`;
}

function factsOf(pool: Json, cluster: Json): PoolFacts {
    const [config, network] = [object(pool["config"]), object(pool["networkConfig"])];
    const automatic = object(object(cluster["nodePoolAutoConfig"])["networkTags"])["tags"];
    return {
        groups: list(pool["instanceGroupUrls"]),
        account: text(config["serviceAccount"]) ?? "default",
        tags: [...list(config["tags"]), ...list(automatic)].map(String),
        privateNodes: isTrue(network["enablePrivateNodes"] ?? privateByDefault(cluster)),
        networks: [
            cluster["network"] ?? "default",
            ...objects(network["additionalNodeNetworkConfigs"]).map(each => each["network"]),
        ].map(link => last(link) ?? ""),
    };
}

/** What pools have that say nothing themselves: in today's API, or in the one before. */
export function privateByDefault(cluster: Json): unknown {
    return (
        object(cluster["networkConfig"])["defaultEnablePrivateNodes"] ??
        object(cluster["privateClusterConfig"])["enablePrivateNodes"]
    );
}

function isTrue(value: unknown): boolean {
    return value === true || value === "true";
}

/**
 * Whether a machine, or the template of one, is as its pool says, and is judged as that. One that somebody changed is a machine of its own.
 *
 * @param machine in Pulumi's words
 */
export function isAsItsPoolSays(machine: Json, { account, tags, privateNodes, networks }: PoolFacts): boolean {
    const { email } = object(machine["serviceAccount"]);
    const own = list(machine["tags"]).map(String);
    const interfaces = objects(machine["networkInterfaces"]);
    return (
        (account === "default"
            ? /^\d+-compute@developer\.gserviceaccount\.com$|^default$/.test(String(email))
            : email === account) &&
        tags.every(tag => own.includes(tag)) &&
        // GKE's own tag, by which its ingress rules know the nodes of a cluster.
        own.every(tag => tags.includes(tag) || /^gke-.+-node$/.test(tag)) &&
        interfaces.length === networks.length &&
        interfaces.every(
            ({ network, accessConfigs }, index) =>
                last(network) === networks[index] &&
                (list(accessConfigs).length === 0 || (index === 0 && !privateNodes)),
        )
    );
}
