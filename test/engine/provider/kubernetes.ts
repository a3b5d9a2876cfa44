import { createHash } from "node:crypto";
import {
    at,
    canonical,
    changedKeys,
    type Checked,
    type Cloud,
    type Difference,
    type Properties,
    type Reference,
} from "./cloud";
import { type Addressable, type Api, succeeded } from "../../cluster/harness/api";
import type { CloudObject } from "./world";

interface Metadata {
    readonly name?: string;
    readonly namespace?: string;
    readonly annotations?: Properties;
}

const NAMESPACE = "kubernetes:core/v1:Namespace";
/** Helm's releases are no objects of the API: they have their name and namespace at the top. */
const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Fields that the API server refuses to change, by kind (Kubernetes API reference: "immutable"). */
const IMMUTABLE: Readonly<Record<string, string>> = {
    Deployment: "spec.selector",
    Job: "spec.template",
    RoleBinding: "roleRef",
    ClusterRoleBinding: "roleRef",
    Service: "spec.clusterIP",
};

interface RealServer {
    readonly api: Api;
    /** Who deploys. */
    readonly user: string;
}

/** A Kubernetes API server as far as the engine meets it. It judges no schema: the cluster tier has a real one for that. */
export class Kubernetes implements Cloud {
    private config: Properties = {};

    /** @param server A real API server, which then judges every object. */
    constructor(private readonly server?: RealServer) {}

    async send(operation: "apply" | "delete", inputs: Properties): Promise<void> {
        if (this.server === undefined) {
            return;
        }
        const { api, user } = this.server;
        const object = inputs as unknown as Addressable;
        const as = { user };
        const answer =
            operation === "apply"
                ? await api.apply(object, { as, fieldManager: "program", force: true })
                : await api.delete(object, { as });
        if (answer.status !== 404 || operation === "apply") {
            succeeded(answer, `${object.kind} ${object.metadata.name}`);
        }
    }

    configure(config: Properties): void {
        this.config = config;
    }

    /** The provider's documentation of `clusterIdentifier`: equal identifiers are one cluster, however it is reached. */
    diffConfig(before: Properties, after: Properties): Difference {
        const changed = changedKeys(before, after);
        const identity =
            before.clusterIdentifier !== undefined || after.clusterIdentifier !== undefined
                ? "clusterIdentifier"
                : "kubeconfig";
        return { changed, replaces: changed.filter(key => key === identity), deleteBeforeReplace: false };
    }

    check(type: string, name: string, before: Properties | undefined, after: Properties): Checked {
        const generated = `${name}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
        if (type === RELEASE) {
            return { inputs: { ...after, name: after.name ?? before?.name ?? generated }, failures: [] };
        }
        const metadata = (after.metadata ?? {}) as Metadata;
        const problems: Checked["failures"] = ["apiVersion", "kind"]
            .filter(property => typeof after[property] !== "string")
            .map(property => ({ property, reason: "expected a text" }));
        const old = (before?.metadata as Metadata | undefined)?.name;
        const named = { ...metadata, name: metadata.name ?? old ?? generated };
        const inputs =
            metadata.namespace === undefined && this.config.namespace !== undefined
                ? { ...after, metadata: { ...named, namespace: this.config.namespace } }
                : { ...after, metadata: named };
        return { inputs, failures: problems };
    }

    diff(_type: string, before: Properties, after: Properties): Difference {
        const changed = changedKeys(before, after);
        const [old, now] = [metadataOf(before), metadataOf(after)];
        const moved = old.name !== now.name || old.namespace !== now.namespace;
        const path = IMMUTABLE[String(after.kind)];
        const replaces = [
            ...changed.filter(key => key === "apiVersion" || key === "kind"),
            ...(moved ? changed.filter(key => ["metadata", "name", "namespace"].includes(key)) : []),
            ...(path !== undefined && canonical(at(before, path)) !== canonical(at(after, path)) ? [path] : []),
        ];
        return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && !moved };
    }

    id(_type: string, inputs: Properties): string {
        const { name, namespace } = metadataOf(inputs);
        return namespace === undefined ? String(name) : `${namespace}/${name}`;
    }

    outputs(type: string, inputs: Properties, id: string): Properties {
        if (type === RELEASE) {
            return { status: { name: inputs.name, namespace: inputs.namespace, status: "deployed" } };
        }
        const uid = createHash("sha256").update(`${type} ${id}`).digest("hex").slice(0, 32);
        return { metadata: { ...(inputs.metadata as Metadata), uid, creationTimestamp: "2026-01-01T00:00:00Z" } };
    }

    computed(): readonly string[] {
        return ["status"];
    }

    references(_type: string, inputs: Properties): readonly Reference[] {
        const { namespace } = metadataOf(inputs);
        return namespace === undefined ? [] : [{ type: NAMESPACE, id: namespace, holds: false }];
    }

    invoke(token: string, _args: Properties, _objects: () => readonly CloudObject[]): Properties {
        throw new Error(`no answer is known for ${token}; add what Kubernetes would say to ${__filename}`);
    }
}

function metadataOf(inputs: Properties): Metadata {
    return (inputs.metadata ?? inputs) as Metadata;
}
