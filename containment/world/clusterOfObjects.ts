import { parse } from "yaml";
import { providerUrn } from "../../base/resource";
import { fields, fieldsList, kubernetesObjects, text } from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";
import { gatewayWorkloads } from "./gatewayWorkloads";
import { agreementOf, parseReference, type Reference } from "./references";

/** What a Kubernetes provider says of the cluster that it talks to. */
interface Clues {
    /** The cluster's own name in Google Cloud. */
    readonly google?: Reference;
    readonly server?: string;
    readonly context?: string;
}

type Answer = "yes" | "no" | "open";

/** The Kubernetes objects of one cluster among those of several. */
export interface ClusterObjects {
    /** Resources of other kinds, and the objects of the gateway's cluster. */
    readonly resources: readonly Resource[];
    /** Objects that are certainly another cluster's. */
    readonly elsewhere: readonly Resource[];
    /** Objects of which nothing shows whether they are in this cluster, by their provider. */
    readonly undecided: ReadonlyMap<string, readonly Resource[]>;
    /** Several clusters have a gateway, and nobody said which is meant. */
    readonly ambiguous: boolean;
}

/**
 * Which objects stand in the gateway's cluster: those of the provider that made the gateway, and of providers that name the same
 * cluster. An object without a provider is given for this cluster. Without a gateway there is no such question.
 *
 * @param asked the cluster that a person named
 */
export function objectsOfCluster(resources: readonly Resource[], asked?: string): ClusterObjects {
    const providers = new Map(
        resources.filter(({ type }) => type === "pulumi:providers:kubernetes").map(each => [each.urn, each]),
    );
    const cluesOf = (urn: string): Clues => {
        const provider = providers.get(urn);
        return provider === undefined ? {} : cluesIn(provider);
    };
    const objects = resources.filter(resource => kubernetesObjects([resource]).length > 0);
    const byUrn = new Map(objects.map(object => [object.urn, object]));
    const own = new Set(
        gatewayWorkloads(resources)
            .filter(({ inDoubt }) => !inDoubt)
            .flatMap(({ object }) => providerUrn(byUrn.get(object.urn)!) ?? []),
    );
    const wanted: readonly Clues[] = asked === undefined ? [...own].map(cluesOf) : [{ google: parseReference(asked) }];
    const inCluster = (provider: string): Answer => {
        const answers = wanted.map(clues => clustersAgree(clues, cluesOf(provider)));
        const same = own.has(provider) && !answers.includes("no");
        return same || answers.includes("yes") || wanted.length === 0
            ? "yes"
            : answers.every(answer => answer === "no")
              ? "no"
              : "open";
    };
    const decided = new Map<string, Answer>();
    const elsewhere = new Set<Resource>();
    const undecided = new Map<string, Resource[]>();
    for (const object of objects) {
        const provider = providerUrn(object);
        if (provider === undefined) {
            continue;
        }
        const answer = decided.get(provider) ?? inCluster(provider);
        decided.set(provider, answer);
        if (answer === "no") {
            elsewhere.add(object);
        } else if (answer === "open") {
            undecided.set(provider, [...(undecided.get(provider) ?? []), object]);
        }
    }
    return {
        resources: elsewhere.size === 0 ? resources : resources.filter(resource => !elsewhere.has(resource)),
        elsewhere: [...elsewhere],
        undecided,
        ambiguous: wanted.some(one => wanted.some(other => clustersAgree(one, other) === "no")),
    };
}

function cluesIn({ inputs }: Resource): Clues {
    const said = (key: string): string | undefined => (inputs[key] === UNKNOWN ? undefined : text(inputs[key]));
    const config = kubeconfigIn(said("kubeconfig"));
    const context = said("context") ?? config?.context;
    const google = [said("clusterIdentifier"), context].map(googleName).find(name => name !== undefined);
    return {
        ...(google === undefined ? {} : { google }),
        ...(config?.server === undefined ? {} : { server: config.server }),
        ...(context === undefined ? {} : { context }),
    };
}

function kubeconfigIn(given: string | undefined): { readonly context?: string; readonly server?: string } | undefined {
    let config: unknown;
    try {
        config = given === undefined ? undefined : parse(given);
    } catch {
        return undefined;
    }
    const { contexts, clusters, ["current-context"]: current } = fields(config);
    const named = (list: unknown, name: unknown) => fieldsList(list).find(each => each["name"] === name);
    const cluster = fields(named(contexts, current)?.["context"])["cluster"];
    const server = text(fields(named(clusters, cluster)?.["cluster"])["server"]);
    return {
        ...(text(current) === undefined ? {} : { context: String(current) }),
        ...(server === undefined ? {} : { server }),
    };
}

/** `projects/p/locations/l/clusters/c`, or the context that gcloud writes: `gke_p_l_c`. */
function googleName(name: string | undefined): Reference | undefined {
    const [, project, location, cluster] =
        /^projects\/([^/]+)\/(?:locations|zones)\/([^/]+)\/clusters\/([^/]+)$/.exec(name ?? "") ??
        /^gke_([^_]+)_([^_]+)_([^_]+)$/.exec(name ?? "") ??
        [];
    return project === undefined || location === undefined || cluster === undefined
        ? undefined
        : { project, location, name: cluster };
}

/** One cluster can have several servers and contexts, so only its name in Google Cloud tells two apart for certain. */
function clustersAgree(one: Clues, other: Clues): Answer {
    if (one.google !== undefined && other.google !== undefined) {
        const agreement = agreementOf(one.google, other.google);
        return agreement === "left out" ? "yes" : agreement;
    }
    const same = (key: "server" | "context"): boolean => one[key] !== undefined && one[key] === other[key];
    return same("server") || same("context") ? "yes" : "open";
}
