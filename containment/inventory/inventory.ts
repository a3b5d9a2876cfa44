import { type Json } from "../document";
import { type Asset, behind, last, nameOf, object, objects, pathIn, text } from "./asset";
import { clusterOf, groupKey, type PoolFacts, poolsOf } from "./pools";
import { pluralized } from "./spelling";

const PROJECT = "cloudresourcemanager.googleapis.com/Project";
const FOLDER = "cloudresourcemanager.googleapis.com/Folder";
const CLUSTER = "container.googleapis.com/Cluster";
const NODE_POOL = "container.googleapis.com/NodePool";
const NUMBER = /^\d+$/;

/** A project, and what stands above it. */
export interface Project {
    readonly id: string;
    readonly number?: string;
    /** `folders/1` or `organizations/1`; `null` where there is nothing above it, absent where nothing shows it. */
    readonly parent?: string | null;
}

/** All assets of an export together: what one says of another. */
export class Inventory {
    /** By id. */
    readonly projects = new Map<string, Project>();
    /** What stands above each folder that shows it. */
    readonly folders = new Map<string, string>();
    private readonly ids = new Map<string, string>();
    private readonly byType = new Map<string, Asset[]>();
    private readonly emails = new Map<string, string>();
    private readonly projectsWithRoutes: ReadonlySet<string | undefined>;
    private readonly pools = new Map<string, PoolFacts>();
    private attached: ReadonlySet<string> | undefined;
    private templates: Map<string, readonly PoolFacts[]> | undefined;

    constructor(readonly assets: readonly Asset[]) {
        for (const asset of assets) {
            const listed = this.byType.get(asset.type);
            if (listed === undefined) {
                this.byType.set(asset.type, [asset]);
            } else {
                listed.push(asset);
            }
        }
        this.readProjects();
        for (const account of this.ofType("iam.googleapis.com/ServiceAccount")) {
            const [email, id] = [text(account.data?.["email"]), text(account.data?.["uniqueId"])];
            if (email !== undefined && id !== undefined) {
                this.emails.set(id, email);
            }
        }
        this.projectsWithRoutes = new Set(
            this.ofType("compute.googleapis.com/Route").map(each => this.projectOf(each)),
        );
        for (const pool of poolsOf(this.ofType(CLUSTER), this.ofType(NODE_POOL))) {
            pool.groups.forEach(group => this.pools.set(this.groupKey(group), pool));
        }
    }

    ofType(type: string): readonly Asset[] {
        return this.byType.get(type) ?? [];
    }

    /** The id of the asset's project, or its number where nothing shows the id. */
    projectOf(asset: Asset): string | undefined {
        const said = behind(asset, "projects");
        return said === undefined ? undefined : (this.ids.get(said) ?? said);
    }

    /** Whether routes were exported: if so, all that the project's networks have stand there, Google's own default route too. */
    showsRoutesOf(asset: Asset): boolean {
        return this.projectsWithRoutes.has(this.projectOf(asset));
    }

    /** The address of an account that is called by its number, where that is shown. */
    emailOf(account: string): string {
        return this.emails.get(account) ?? account;
    }

    /** The node pool that a group of machines belongs to. */
    poolOfGroup(link: unknown): PoolFacts | undefined {
        const found = this.pools.get(this.groupKey(link));
        const [, number] = /(?:^|\/)projects\/(\d+)\//.exec(text(link) ?? "") ?? [];
        if (found !== undefined || number === undefined || this.ids.has(number)) {
            return found;
        }
        // Nothing shows which project has the number: the only pool with such a group is meant.
        const alike = [...this.pools].filter(([key]) => key.replace(/^\S+/, number) === this.groupKey(link));
        return alike.length === 1 ? alike[0]![1] : undefined;
    }

    private groupKey(link: unknown): string {
        return groupKey(link, project => this.ids.get(project) ?? project);
    }

    /** The node pools whose groups make machines from this template. */
    poolsMadeFrom({ path }: Asset): readonly PoolFacts[] {
        if (this.templates === undefined) {
            this.templates = new Map();
            for (const { path: group, data } of this.ofType("compute.googleapis.com/InstanceGroupManager")) {
                const pool = this.poolOfGroup(group);
                const { versions, instanceTemplate } = pluralized(data ?? {});
                for (const link of pool === undefined
                    ? []
                    : [instanceTemplate, ...objects(versions).map(each => each["instanceTemplate"])]) {
                    const key = pathIn(link);
                    this.templates.set(key, [...(this.templates.get(key) ?? []), pool!]);
                }
            }
        }
        return this.templates.get(path) ?? [];
    }

    /** Whether a pool of this name has an asset of its own, so that the cluster's copy of it says nothing more. */
    hasPool(cluster: Asset, { name }: Json): boolean {
        return this.ofType(NODE_POOL).some(
            asset => asset.data !== undefined && clusterOf(asset) === cluster.path && nameOf(asset) === name,
        );
    }

    /** Whether a given firewall policy says that it is attached to this network. */
    attaches({ path }: Asset): boolean {
        this.attached ??= new Set(
            ["FirewallPolicy", "NetworkFirewallPolicy"]
                .flatMap(kind => this.ofType(`compute.googleapis.com/${kind}`))
                .filter(policy => /^projects\/[^/]+\/global\//.test(policy.path))
                .flatMap(({ data = {} }) => objects(pluralized(data)["associations"]))
                .map(({ attachmentTarget }) => pathIn(attachmentTarget)),
        );
        return this.attached.has(path);
    }

    /** Which project has which number, and what stands above what: assets say it, and so do everybody's ancestors. */
    private readProjects(): void {
        for (const { data, ancestors } of this.ofType(PROJECT)) {
            const [id, number] = [text(data?.["projectId"]), text(data?.["projectNumber"]) ?? numberIn(ancestors[0])];
            if (id !== undefined && number !== undefined) {
                this.ids.set(number, id);
            }
        }
        for (const asset of this.assets) {
            const [own, ...above] = asset.ancestors;
            const [said, number] = [behind(asset, "projects"), numberIn(own)];
            if (said !== undefined && number !== undefined && !NUMBER.test(said)) {
                this.ids.set(number, said);
            }
            const chain = own?.startsWith("folders/") === true ? asset.ancestors : above;
            chain.slice(1).forEach((node, index) => this.folders.set(chain[index]!, node));
        }
        for (const { path, data } of this.ofType(FOLDER)) {
            const parent = text(data?.["parent"]);
            if (parent !== undefined) {
                this.folders.set(`folders/${last(path)!}`, parent);
            }
        }
        for (const asset of this.assets) {
            const id = this.projectOf(asset);
            if (id !== undefined && this.projects.get(id)?.parent === undefined) {
                const number = numberIn(asset.ancestors[0]);
                const parent = asset.ancestors.length > 0 ? (asset.ancestors[1] ?? null) : parentOf(asset);
                this.projects.set(id, {
                    id,
                    ...(number === undefined ? {} : { number }),
                    ...(parent === undefined ? {} : { parent }),
                });
            }
        }
    }
}

function numberIn(ancestor: string | undefined): string | undefined {
    return /^projects\/(\d+)$/.exec(ancestor ?? "")?.[1];
}

/** Without ancestors, a project says itself what it stands in, in either version of its API. */
function parentOf({ type, data }: Asset): string | undefined {
    const { parent } = data ?? {};
    const { type: kind, id } = object(parent);
    return type !== PROJECT
        ? undefined
        : typeof parent === "string"
          ? parent
          : kind === undefined || id === undefined
            ? undefined
            : `${String(kind)}s/${String(id)}`;
}
