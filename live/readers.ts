import { ClusterError, type ClusterApi } from "./cluster/api";
import { GoogleError, type GoogleApi } from "./google/api";

/** How live things are reached; each may be left out. */
export interface LiveReaders {
    readonly google?: () => Promise<GoogleApi>;
    /**
     * @param own The kubeconfig by which the program reaches the cluster, where Google told it.
     * @throws ClusterError when the cluster cannot be named
     */
    readonly cluster?: (own: string | undefined) => ClusterApi;
}

/** Whether a side does not let itself be read: what the other side says is worth something still. Bad input is not that: a person can mend it. */
export function isUnreadable(error: unknown): error is GoogleError | ClusterError {
    return error instanceof GoogleError || error instanceof ClusterError;
}
