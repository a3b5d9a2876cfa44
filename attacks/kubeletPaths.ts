/** A path of a node's kubelet that reaches into a pod, behind `nodes/…/proxy/` (Kubernetes, pkg/kubelet/server). */
export interface KubeletPath {
    /** Its case is `gateway-access/kubelet-<name>`. */
    readonly name: string;
    /** As it is written in the URL, for a pod `namespace/name`. */
    readonly path: (pod: string) => string;
    /** It starts a process in the pod, or speaks to one. */
    readonly runs: boolean;
}

export const KUBELET_PATHS: readonly KubeletPath[] = [
    { name: "exec", path: pod => `exec/${pod}/istio-proxy?command=id`, runs: true },
    { name: "run", path: pod => `run/${pod}/istio-proxy?cmd=id`, runs: true },
    { name: "attach", path: pod => `attach/${pod}/istio-proxy`, runs: true },
    { name: "mixed-case", path: pod => `Attach/${pod}/istio-proxy`, runs: false },
    { name: "port-forward", path: pod => `portForward/${pod}`, runs: false },
    { name: "doubled-slash", path: pod => `/exec/${pod}/istio-proxy`, runs: true },
    { name: "escaped", path: pod => `%65xec/${pod}/istio-proxy`, runs: true },
    { name: "checkpoint", path: pod => `checkpoint/${pod}/istio-proxy`, runs: false },
];
