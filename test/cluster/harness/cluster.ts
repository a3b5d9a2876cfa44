import * as fs from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { type KubernetesObject } from "../../../components/kubernetesObject";
import { ensureTool } from "../../../dev/tools";
import { type Sender, type SentObject } from "../../../attacks";
import { knownNode, NAMESPACES } from "../../../attacks/surroundings";
import { type Addressable, type Api, succeeded } from "./api";
import { type ControlPlane, startControlPlane } from "./controlPlane";
import { until } from "./processes";

/** The surroundings of the catalogue, in a real API server: definitions, namespaces, accounts, and senders with rights. */
export interface Cluster extends ControlPlane {
    readonly definitionsMilliseconds: number;
}

export async function startCluster(
    senders: readonly Sender[],
    namespaces: readonly string[] = NAMESPACES,
): Promise<Cluster> {
    const controlPlane = await startControlPlane();
    try {
        const { api } = controlPlane;
        const began = Date.now();
        await installDefinitions(api, await definitionFiles());
        const definitionsMilliseconds = Date.now() - began;
        for (const name of namespaces) {
            await ensure(api, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
            for (const account of ["default", "api", "egress-gateway", "egress-dns"]) {
                await ensure(api, {
                    apiVersion: "v1",
                    kind: "ServiceAccount",
                    metadata: { name: account, namespace: name },
                });
            }
        }
        await ensure(api, knownNode);
        await grantEverything(api, senders);
        return { ...controlPlane, definitionsMilliseconds };
    } catch (error) {
        await controlPlane.stop();
        throw error;
    }
}

/** Istio's own definitions, Google's for monitoring, and stand-ins for what no package carries. */
async function definitionFiles(): Promise<string[]> {
    const istio = await ensureTool("istio-crds");
    const fixtures = ["stand-in-definitions.yaml", "managed-prometheus-definitions.yaml"];
    return [istio.path, ...fixtures.map(name => path.join(__dirname, "..", "fixtures", name))];
}

/** Installs custom resource definitions, and returns when they are served. */
export async function installDefinitions(api: Api, files: readonly string[]): Promise<void> {
    const definitions = files
        .flatMap(file => parseAllDocuments(fs.readFileSync(file, "utf8")))
        .map(document => document.toJS() as Addressable | null)
        .filter(definition => definition !== null);
    await Promise.all(
        definitions.map(async definition => succeeded(await api.create(definition), definition.metadata.name!)),
    );
    for (const { metadata, apiVersion, kind } of definitions) {
        await until(`${metadata.name} to be served`, 30, async () => {
            const { body } = await api.get({ apiVersion, kind, metadata });
            const established = body.status?.conditions?.some(
                (condition: { type: string; status: string }) =>
                    condition.type === "Established" && condition.status === "True",
            );
            return established === true ? true : undefined;
        });
    }
}

/**
 * RBAC is on and would refuse these users. They are given every right, by name, so that a refusal is the guard's and not
 * for want of permission.
 */
async function grantEverything(api: Api, senders: readonly Sender[]): Promise<void> {
    const users = [...new Set(senders.map(sender => sender.user))];
    await ensure(api, {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "senders-of-the-catalogue" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: users.map(name => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name })),
    } as SentObject);
}

async function ensure(api: Api, object: SentObject): Promise<void> {
    const answer = await api.create(object);
    if (answer.status !== 409) {
        succeeded(answer, `${object.kind} ${object.metadata.name}`);
    }
}

/** Puts objects in place as they are, and waits for nothing. */
export async function putInPlace(api: Api, objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
        succeeded(await api.create(object), `${object.kind} ${object.metadata.name}`);
    }
}
