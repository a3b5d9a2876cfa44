import { isObject, type Json, objects } from "../../containment/document";
import { list } from "../../containment/kubernetes";
import { itemsOf, manifestResources } from "../../containment/manifests";
import { type Reading } from "../../containment/readers";
import { type Unread, unreadResource } from "../../containment/unread";
import { type ClaimId } from "../../containment/verdict";
import { type ApiAnswer, type ClusterApi, reasonOf } from "../cluster/api";
import { FURTHER_GROUPS, OBJECT_KINDS } from "./questions";

/** Objects of an answer: a page that the API server need not hold at once. */
const PAGE = 500;

/** A ConfigMap that says something of the mesh or of the cluster's DNS; others are nobody's business here. */
export interface NamedObject {
    readonly namespace: string;
    readonly name: string;
}

interface Kind {
    /** `/api/v1`, or `/apis/` with group and version. */
    readonly root: string;
    readonly resource: string;
    readonly claims: readonly ClaimId[];
}

/** What the proof asks of a cluster, as it is there. Anything that may not be listed is unknown, with the right that is missing. */
export async function readDeployedCluster(api: ClusterApi, configMaps: readonly NamedObject[]): Promise<Reading> {
    return new DeployedCluster(api).reading(configMaps);
}

class DeployedCluster {
    private readonly unread: Unread[] = [];

    constructor(private readonly api: ClusterApi) {}

    async reading(configMaps: readonly NamedObject[]): Promise<Reading> {
        const kinds: Kind[] = [
            ...OBJECT_KINDS.flatMap(({ version, resources, claims }) =>
                resources.map(resource => ({ root: rootOf(version), resource, claims })),
            ),
            ...(await this.furtherKinds()),
        ];
        const found: Json[] = [];
        // One after another: together they would ask for more than the API server gives one caller at a time.
        for (const kind of kinds) {
            found.push(...(await this.listed(kind)));
        }
        for (const each of configMaps) {
            found.push(...(await this.configMap(each)));
        }
        return {
            spelling: "Kubernetes objects as they are",
            resources: [...manifestResources(found), ...this.unread.map(unreadResource)],
            leftOut: [],
            cannotShow: "ConfigMaps but those of the mesh and of DNS, Secrets, and kinds that move no packets",
        };
    }

    /** Kinds of the mesh's and of the network's groups, each in the first version that serves it: a group need not serve all in one. */
    private async furtherKinds(): Promise<Kind[]> {
        const all = FURTHER_GROUPS.flatMap(({ claims }) => claims);
        const { groups } = await this.document("/apis", "API groups", all);
        const kinds = new Map<string, Kind>();
        for (const { name, versions } of objects(groups)) {
            const claims = FURTHER_GROUPS.find(({ group }) => group.test(String(name)))?.claims;
            for (const { groupVersion } of claims === undefined ? [] : objects(versions)) {
                const root = `/apis/${String(groupVersion)}`;
                const { resources } = await this.document(root, `kinds of ${String(groupVersion)}`, claims!);
                for (const { name: resource, verbs } of objects(resources)) {
                    const key = `${String(name)} ${String(resource)}`;
                    if (!String(resource).includes("/") && list(verbs).includes("list") && !kinds.has(key)) {
                        kinds.set(key, { root, resource: String(resource), claims: claims! });
                    }
                }
            }
        }
        return [...kinds.values()];
    }

    private async listed({ root, resource, claims }: Kind): Promise<readonly Json[]> {
        const found: Json[] = [];
        let next = "";
        do {
            const query = `limit=${PAGE}${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`;
            const answer = await this.api.request("GET", `${root}/${resource}?${query}`);
            // Not served: there is none.
            if (answer.status === 404) {
                return [];
            }
            const items = answer.status < 300 && isObject(answer.body) ? itemsOf(answer.body) : undefined;
            if (items === undefined) {
                this.refused(resource, answer, `list ${resource} of ${groupOf(root)}`, claims);
                return found;
            }
            found.push(...items.filter(isObject));
            const { metadata } = answer.body as Json;
            next = isObject(metadata) ? String(metadata["continue"] ?? "") : "";
        } while (next !== "");
        return found;
    }

    private async configMap({ namespace, name }: NamedObject): Promise<readonly Json[]> {
        const resource = `namespaces/${namespace}/configmaps`;
        const answer = await this.api.request("GET", `/api/v1/${resource}/${name}`);
        if (answer.status === 404) {
            return [];
        }
        if (answer.status >= 300 || !isObject(answer.body)) {
            this.refused(`${resource}/${name}`, answer, `get configmaps ${name} in ${namespace}`, ["C4", "C6"]);
            return [];
        }
        return [answer.body];
    }

    private async document(path: string, what: string, claims: readonly ClaimId[]): Promise<Json> {
        const answer = await this.api.request("GET", path);
        if (answer.status < 300 && isObject(answer.body)) {
            return answer.body;
        }
        this.refused(what, answer, `get ${path}`, claims);
        return {};
    }

    private refused(what: string, answer: ApiAnswer, right: string, claims: readonly ClaimId[]): void {
        // Bad credentials are no partial right.
        if (answer.status === 401) {
            this.api.succeeded(answer, what);
        }
        this.unread.push({
            what: `${what} of the cluster`,
            why:
                answer.status === 403
                    ? `not shown for want of the right to ${right}`
                    : `not shown: the API server answered ${answer.status}: ${reasonOf(answer)}`,
            claims,
        });
    }
}

function rootOf(version: string): string {
    return version.includes("/") ? `/apis/${version}` : `/api/${version}`;
}

function groupOf(root: string): string {
    return root === "/api/v1" ? "the core group" : root.replace("/apis/", "");
}
