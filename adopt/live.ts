import { plural } from "../base/words";
import { fields, fieldsList } from "../containment/kubernetes";
import { ClusterApi, type ClusterOptions } from "../live/cluster/api";
import { KINDS } from "./objects";

/**
 * The lists of a live cluster. A group or kind that it does not serve is none that anybody has there.
 *
 * @throws ClusterError when nobody answers, or may not be asked
 */
export async function readLive(options: ClusterOptions): Promise<readonly unknown[]> {
    const api = ClusterApi.connect(options);
    const lists: unknown[] = [];
    for (const [group, kinds] of Object.entries(KINDS)) {
        const { body, status } = await api.request("GET", `/apis/${group}`);
        const version = fields(fields(body)["preferredVersion"])["version"];
        if (status === 404 || typeof version !== "string") {
            continue;
        }
        for (const resource of kinds.map(kind => plural(kind.toLowerCase()))) {
            const answer = await api.request("GET", `/apis/${group}/${version}/${resource}`);
            if (answer.status !== 404) {
                lists.push(api.succeeded(answer, `${resource}.${group}`));
            }
        }
    }
    return lists.filter(list => fieldsList(fields(list)["items"]).length > 0);
}
