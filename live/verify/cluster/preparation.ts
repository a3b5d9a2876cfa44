import { InputError, type Problem } from "../../../base/problem";
import { type Client } from "../catalogue/destinations";
import { type KubernetesManifest } from "../probe";
import { type ClusterApi, ClusterError, reasonOf } from "../../cluster/api";
import { collectionPath } from "./paths";
import { type MadeObjects } from "./made";

/**
 * Everything that has to exist before a probe can run as a client.
 *
 * @throws InputError with every namespace and service account that is missing.
 */
export async function checkClients(
    api: ClusterApi,
    gatewayNamespaces: readonly string[],
    clients: readonly Client[],
): Promise<void> {
    const exists = async (path: string): Promise<boolean> => {
        const answer = await api.request("GET", path);
        if (answer.status !== 404) {
            api.succeeded(answer, `looking for ${path}`);
        }
        return answer.status !== 404;
    };
    for (const gatewayNamespace of gatewayNamespaces) {
        if (!(await exists(`/api/v1/namespaces/${gatewayNamespace}`))) {
            throw new InputError("this cluster has no egress gateway", [
                {
                    path: "--context",
                    given: api.context,
                    expected: `the cluster of the stack, which has the namespace ${gatewayNamespace}`,
                    remedy: `${api.server} has none: choose the stack's cluster, or run \`pulumi up\` first.`,
                },
            ]);
        }
    }
    const namespaces = [...new Set(clients.map(({ namespace }) => namespace))];
    const missing = new Set<string>();
    const problems: Problem[] = [];
    for (const namespace of namespaces) {
        if (!(await exists(`/api/v1/namespaces/${namespace}`))) {
            missing.add(namespace);
            problems.push({
                path: `namespace ${namespace}`,
                given: undefined,
                expected: "the namespace, because a destination allows workloads in it",
                remedy: "Create it, or remove it from the destinations' `allow`.",
            });
        }
    }
    for (const { namespace, serviceAccount } of clients) {
        if (
            !missing.has(namespace) &&
            !(await exists(`/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}`))
        ) {
            problems.push({
                path: `service account ${namespace}/${serviceAccount}`,
                given: undefined,
                expected: "the account, because a destination allows it and probes run as it",
                remedy: `Create it (\`kubectl create serviceaccount -n ${namespace} ${serviceAccount}\`), or correct the destinations' \`allow\`.`,
            });
        }
    }
    if (problems.length > 0) {
        throw new InputError("the probes cannot run as the clients", problems);
    }
}

/** The strangers' own namespace, and an account there and in every client namespace that nobody allows anything. */
export async function prepare(
    made: MadeObjects,
    run: string,
    clients: readonly Client[],
    signal: AbortSignal,
): Promise<{ namespace: string; account: string }> {
    const name = `egress-verify-${run}`;
    const make = async (manifest: KubernetesManifest): Promise<void> => {
        const answer = await made.create(manifest, signal, collectionPath(manifest));
        if (answer.status >= 300) {
            throw new ClusterError(
                `${manifest.kind} ${manifest.metadata.name} cannot be created: ${reasonOf(answer)}. The run needs to create namespaces, service accounts and pods; docs/verify.md has the role.`,
            );
        }
    };
    await make({
        apiVersion: "v1",
        kind: "Namespace",
        // Strangers are allowed whatever an attacker would try; the namespace lives for minutes.
        metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    });
    for (const namespace of [name, ...new Set(clients.map(client => client.namespace))]) {
        await make({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
    }
    return { namespace: name, account: name };
}
