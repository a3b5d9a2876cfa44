import { GoogleLoopback, type Said } from "../loopback";

/** JSON as tests write and change it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Answer = Record<string, any>;

/** A project as Google's REST APIs show it: every list by the path that it has behind the project, without the name. */
export interface Project {
    readonly id: string;
    readonly number: string;
    /** `global/networks` or `regions/r/subnetworks`: elements of a list. */
    readonly compute: Record<string, Answer[]>;
    /** Policies above the project, from the top, as `getEffectiveFirewalls` shows them. */
    above: Answer[];
    clusters: Answer[];
    policy: Answer;
    readonly accounts: Record<string, { data: Answer; policy: Answer; keys: Answer[] }>;
    roles: Answer[];
}

export function emptyProject(id: string, number = "123456789012"): Project {
    return { id, number, compute: {}, above: [], clusters: [], policy: {}, accounts: {}, roles: [] };
}

/** Google's permission for each request, by Google's reference of each method. */
const PERMISSIONS: readonly (readonly [RegExp, string])[] = [
    [
        /^GET \/compute\/v1\/projects\/[^/]+\/global\/networks\/[^/]+\/getEffectiveFirewalls$/,
        "compute.networks.getEffectiveFirewalls",
    ],
    [
        /^GET \/compute\/v1\/projects\/[^/]+\/(?:global|regions\/[^/]+)\/firewallPolicies\/[^/]+$/,
        "compute.firewallPolicies.get",
    ],
    [/^GET \/compute\/v1\/projects\/[^/]+\/(?:global|aggregated)\/(\w+)$/, "compute.$1.list"],
    [/^GET \/v1\/projects\/[^/]+\/locations\/-\/clusters$/, "container.clusters.list"],
    [/^GET \/v1\/projects\/[^/]+\/locations\/[^/]+\/clusters\/[^/]+$/, "container.clusters.get"],
    [/^POST \/v1\/projects\/[^/]+:getIamPolicy$/, "resourcemanager.projects.getIamPolicy"],
    [/^GET \/v1\/projects\/[^/]+$/, "resourcemanager.projects.get"],
    [/^GET \/v1\/projects\/[^/]+\/serviceAccounts\/[^/]+$/, "iam.serviceAccounts.get"],
    [/^POST \/v1\/projects\/[^/]+\/serviceAccounts\/[^/]+:getIamPolicy$/, "iam.serviceAccounts.getIamPolicy"],
    [/^GET \/v1\/projects\/[^/]+\/serviceAccounts\/[^/]+\/keys$/, "iam.serviceAccountKeys.list"],
    [/^GET \/v1\/projects\/[^/]+\/roles$/, "iam.roles.list"],
];

/** A page holds so little that every list has several. */
const PAGE = 2;

/** Google's REST endpoints on loopback: they read, in pages, and refuse whatever the caller has no permission for. */
export class FakeProject extends GoogleLoopback {
    /** Permissions of the caller. */
    granted = new Set<string>();
    /** In a host project of its own. @default the same */
    grantedInHost: ReadonlySet<string> | undefined;
    /** The first is that of the cluster, the second that of its network. */
    projects: readonly [Project, Project?] = [emptyProject("none")];

    get project(): Project {
        return this.projects[0];
    }

    protected answer(method: string, path: string, query: URLSearchParams): Said {
        const request = `${method} ${path}`;
        const known = PERMISSIONS.find(([pattern]) => pattern.test(request));
        if (known === undefined) {
            return this.refusal(404, `nobody serves ${request}`);
        }
        const permission = known[1].replace("$1", known[0].exec(request)![1] ?? "");
        const [, id, rest = ""] = /\/projects\/([^/:]+)(.*)$/.exec(path)!;
        const project = this.projects.find(each => each?.id === id);
        const granted = project === this.project ? this.granted : (this.grantedInHost ?? this.granted);
        if (project === undefined || !granted.has(permission)) {
            return this.refusal(403, `Required '${permission}' permission for '${path}'`);
        }
        const found = path.startsWith("/compute/") ? ofCompute(project, rest, query) : other(project, rest, query);
        return found === undefined ? this.refusal(404) : [200, found];
    }
}

function ofCompute({ compute, above }: Project, rest: string, query: URLSearchParams): unknown {
    const [, place = "", collection = "", name] = /^\/(global|aggregated|regions\/[^/]+)\/(\w+)(?:\/(.+))?$/.exec(
        rest,
    )!;
    if (place === "aggregated") {
        const scoped = Object.entries(compute).filter(
            ([at]) =>
                at.endsWith(`/${collection}`) &&
                (at !== `global/${collection}` ||
                    [
                        "firewallPolicies",
                        "instanceTemplates",
                        "forwardingRules",
                        "backendServices",
                        "networkEndpointGroups",
                    ].includes(collection)),
        );
        const all = scoped.flatMap(([at, elements]) =>
            elements.map(element => [at.slice(0, at.lastIndexOf("/")), element] as const),
        );
        const { page, next } = paged(all, query);
        const items: Record<string, Answer> = { "regions/us-west9": { warning: { code: "NO_RESULTS_ON_PAGE" } } };
        for (const [at, element] of page) {
            items[at] = { [collection]: [...(items[at]?.[collection] ?? []), withoutRules(collection, element)] };
        }
        return { kind: `compute#${collection}AggregatedList`, items, ...next };
    }
    const elements = compute[`${place}/${collection}`] ?? [];
    if (name?.endsWith("/getEffectiveFirewalls") === true) {
        const policies = compute["global/firewallPolicies"] ?? [];
        return {
            firewallPolicys: [
                ...above,
                ...policies.map(({ name: policy, rules }) => ({
                    name: "4711",
                    shortName: policy,
                    type: "NETWORK",
                    rules,
                })),
            ],
            firewalls: compute["global/firewalls"] ?? [],
        };
    }
    if (name !== undefined) {
        return elements.find(element => element["name"] === name);
    }
    const { page, next } = paged(elements, query);
    return { kind: `compute#${collection}List`, ...(page.length === 0 ? {} : { items: page }), ...next };
}

function other(
    { id, number, clusters, policy, accounts, roles }: Project,
    rest: string,
    query: URLSearchParams,
): unknown {
    const [, email, what] = /^\/serviceAccounts\/([^/:]+)(:getIamPolicy|\/keys)?$/.exec(rest) ?? [];
    if (email !== undefined) {
        const account = accounts[email];
        return account === undefined
            ? undefined
            : what === undefined
              ? account.data
              : what === "/keys"
                ? account.keys.length === 0
                    ? {}
                    : { keys: account.keys }
                : account.policy;
    }
    const [, location, name] = /^\/locations\/([^/]+)\/clusters\/(.+)$/.exec(rest) ?? [];
    if (name !== undefined) {
        return clusters.find(cluster => cluster["name"] === name && cluster["location"] === location);
    }
    switch (rest) {
        case "":
            return { projectNumber: number, projectId: id, lifecycleState: "ACTIVE" };
        case ":getIamPolicy":
            return policy;
        case "/locations/-/clusters":
            return { clusters };
        case "/roles": {
            const { page, next } = paged(roles, query);
            return { ...(page.length === 0 ? {} : { roles: page }), ...next };
        }
        default:
            return undefined;
    }
}

/** A list of policies does not show their rules. */
function withoutRules(collection: string, element: Answer): Answer {
    return collection === "firewallPolicies" ? { ...element, rules: undefined } : element;
}

function paged<T>(
    elements: readonly T[],
    query: URLSearchParams,
): { page: readonly T[]; next: { nextPageToken?: string } } {
    const from = Number(query.get("pageToken") ?? 0);
    return {
        page: elements.slice(from, from + PAGE),
        next: from + PAGE < elements.length ? { nextPageToken: String(from + PAGE) } : {},
    };
}
