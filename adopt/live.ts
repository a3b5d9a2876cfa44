import { fields, fieldsList } from "../containment/kubernetes";
import { ClusterApi, type ClusterOptions } from "../live/cluster/api";

/** What is asked for, by the group that serves it. */
const RESOURCES: readonly (readonly [group: string, resource: string])[] = [
    ...["serviceentries", "gateways", "virtualservices", "destinationrules", "sidecars"].map(
        resource => ["networking.istio.io", resource] as const,
    ),
    ["security.istio.io", "authorizationpolicies"],
    ["uds.dev", "packages"],
    ["cilium.io", "ciliumnetworkpolicies"],
    ["cilium.io", "ciliumclusterwidenetworkpolicies"],
    ["networking.gke.io", "fqdnnetworkpolicies"],
];

/**
 * The lists of a live cluster. A group or kind that it does not serve is none that anybody has there.
 *
 * @throws ClusterError when nobody answers, or may not be asked
 */
export async function readLive(options: ClusterOptions): Promise<readonly unknown[]> {
    const api = ClusterApi.connect(options);
    const lists: unknown[] = [];
    for (const [group, resource] of RESOURCES) {
        const { body, status } = await api.request("GET", `/apis/${group}`);
        const version = fields(fields(body)["preferredVersion"])["version"];
        if (status === 404 || typeof version !== "string") {
            continue;
        }
        const answer = await api.request("GET", `/apis/${group}/${version}/${resource}`);
        if (answer.status !== 404) {
            lists.push(api.succeeded(answer, `${resource}.${group}`));
        }
    }
    return lists.filter(list => fieldsList(fields(list)["items"]).length > 0);
}
