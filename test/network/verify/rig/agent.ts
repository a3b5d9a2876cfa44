import * as fs from "node:fs";
import * as path from "node:path";
import { type Api } from "../../../cluster/harness/api";
import { type Container, startContainer } from "./container";
import { type RigGateway } from "./gateways";
import { type NodeObject, type PodObject, selects, untolerated, unwanted } from "./podObjects";
import { type PolicedPod } from "./networkPolicies";
import { packetFilter } from "./shell";
import { addPod, GATEWAY_PODS, INFRASTRUCTURE, NODES, removePod, SERVICES } from "./topology";

/** What the agent has to be told, because nothing in the cluster says it. */
export interface AgentSurroundings {
    readonly folder: string;
    /** Images that can be pulled, with the PATH that stands for what is in them. */
    readonly images: ReadonlyMap<string, string>;
    readonly environment: Readonly<Record<string, string>>;
    /** Called whenever pods have come or gone. */
    podsChanged(pods: readonly PolicedPod[]): void;
    readonly gateways: readonly Pick<RigGateway, "namespace" | "pods">[];
    /** Command of the proxies of the gateway in that namespace. */
    gatewayCommand(namespace: string): readonly string[];
    /** Command of the sidecar of a workload. */
    sidecarCommand(namespace: string, serviceAccount: string): readonly string[];
}

interface RunningPod {
    readonly network: string;
    readonly containers: Container[];
    /** Absent: the pod's network is its node's. */
    readonly ownNetwork: boolean;
    readonly policed: PolicedPod;
}

const SIDECAR_USER = 1337;

/**
 * Plays the scheduler, the kubelets and the namespace controller, as far as probes need them: binds pods to nodes whose taints
 * they tolerate, refuses pods whose node has a NoExecute taint that they do not, runs their containers in network namespaces,
 * writes what the API server wants to know about them, and takes them away.
 */
export class NodeAgent {
    private readonly running = new Map<string, RunningPod>();
    private readonly nextAddress = new Map<string, number>();
    private timer: NodeJS.Timeout | undefined;
    private busy = false;

    constructor(
        private readonly api: Api,
        private readonly surroundings: AgentSurroundings,
    ) {}

    start(): void {
        this.timer = setInterval(() => {
            if (!this.busy) {
                this.busy = true;
                this.round()
                    .catch(error => console.error(`agent: ${error instanceof Error ? error.stack : String(error)}`))
                    .finally(() => (this.busy = false));
            }
        }, 200);
    }

    stop(): void {
        clearInterval(this.timer);
        this.running.forEach(({ containers }) => containers.forEach(container => container.kill()));
    }

    enforcePolicies(): void {
        this.surroundings.podsChanged([...this.running.values()].map(({ policed }) => policed));
    }

    /** Runs the gateway's proxies anew, with whatever configuration they have now. */
    async restartGateways(): Promise<void> {
        for (const { namespace, pods } of this.surroundings.gateways) {
            for (const { name } of pods) {
                const pod = this.running.get(`${namespace}/${name}`);
                if (pod !== undefined) {
                    pod.containers.splice(0).forEach(container => container.kill());
                    pod.containers.push(
                        this.container(
                            pod.network,
                            name,
                            this.surroundings.gatewayCommand(namespace),
                            SIDECAR_USER,
                            namespace,
                        ),
                    );
                }
            }
        }
    }

    private async round(): Promise<void> {
        const [pods, nodes] = await Promise.all([
            this.list<PodObject>("/api/v1/pods"),
            this.list<NodeObject>("/api/v1/nodes"),
        ]);
        const present = new Set(pods.map(keyOf));
        for (const key of [...this.running.keys()].filter(one => !present.has(one))) {
            this.end(key);
        }
        let scheduled = false;
        for (const pod of pods) {
            if (pod.metadata.deletionTimestamp !== undefined) {
                this.end(keyOf(pod));
                await this.api.request("DELETE", `${pathOf(pod)}?gracePeriodSeconds=0`);
            } else if (pod.spec.nodeName === undefined) {
                // One a round: the next one has to see where this one went.
                if (!scheduled) {
                    scheduled = await this.schedule(pod, pods, nodes);
                }
            } else if (!this.running.has(keyOf(pod)) && (pod.status?.phase ?? "Pending") === "Pending") {
                await this.admit(
                    pod,
                    nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName),
                );
            }
        }
        await this.finishNamespaces(pods);
    }

    private async list<T>(collection: string): Promise<T[]> {
        return (await this.api.request("GET", collection)).body.items as T[];
    }

    /** The scheduler: a node that matches, is tolerated, and has the fewest pods that this one would rather not be beside. */
    private async schedule(pod: PodObject, pods: readonly PodObject[], nodes: readonly NodeObject[]): Promise<boolean> {
        const matching = nodes.filter(node => selects(pod, node));
        const fitting = matching.filter(
            node => untolerated(node, pod.spec.tolerations ?? [], ["NoSchedule", "NoExecute"]).length === 0,
        );
        const load = ({ metadata }: NodeObject): number =>
            unwanted(pod, metadata.name, pods) * 100 +
            pods.filter(({ spec }) => spec.nodeName === metadata.name).length;
        const [node] = [...fitting].sort((a, b) => load(a) - load(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
        if (node === undefined) {
            const message = `0/${nodes.length} nodes are available: ${nodes.length - matching.length} node(s) didn't match Pod's node affinity/selector, ${matching.length} node(s) had untolerated taint(s).`;
            await this.status(pod, {
                conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
            });
            return false;
        }
        const binding = {
            apiVersion: "v1",
            kind: "Binding",
            metadata: { name: pod.metadata.name },
            target: { apiVersion: "v1", kind: "Node", name: node.metadata.name },
        };
        await this.api.request("POST", `${pathOf(pod)}/binding`, binding, {
            as: { user: "system:kube-scheduler", groups: ["system:masters"] },
        });
        return true;
    }

    /** The kubelet: checks NoExecute taints again, whoever placed the pod (kubelet, `pkg/kubelet/lifecycle`). */
    private async admit(pod: PodObject, node: NodeObject | undefined): Promise<void> {
        if (node === undefined) {
            return;
        }
        const [taint] = untolerated(node, pod.spec.tolerations ?? [], ["NoExecute"]);
        if (taint !== undefined) {
            await this.status(pod, {
                phase: "Failed",
                reason: "TaintToleration",
                message: `Pod was rejected: Predicate TaintToleration failed: node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`,
            });
            return;
        }
        const [container] = pod.spec.containers;
        const proxy = container!.name === "istio-proxy";
        if (!proxy && !this.surroundings.images.has(container!.image)) {
            const waiting = {
                reason: "ErrImagePull",
                message: `failed to pull image "${container!.image}": not found`,
            };
            await this.status(pod, {
                phase: "Pending",
                containerStatuses: [{ ...containerStatus(pod), state: { waiting } }],
            });
            return;
        }
        await this.run(pod, proxy);
    }

    private async run(pod: PodObject, gateway: boolean): Promise<void> {
        const { name, namespace } = pod.metadata;
        const node = NODES.find(one => one.name === pod.spec.nodeName)!;
        const host = pod.spec.hostNetwork === true;
        const network = host ? node.name : `p-${pod.metadata.uid.slice(0, 8)}`;
        const address = host ? node.address : this.address(pod, node.podCidr);
        if (!host) {
            addPod(network, address, node.name);
        }
        const policed = {
            namespace,
            labels: pod.metadata.labels ?? {},
            address,
            node: node.name,
            ...(host ? {} : { network }),
        };
        const running: RunningPod = { network, containers: [], ownNetwork: !host, policed };
        this.running.set(keyOf(pod), running);
        // Before its first process: a policy that came later would let the first second through.
        this.enforcePolicies();
        await this.status(pod, {
            phase: "Running",
            podIP: address,
            podIPs: [{ ip: address }],
            hostIP: node.address,
            startTime: new Date().toISOString(),
        });
        if (gateway) {
            running.containers.push(
                this.container(network, name, this.surroundings.gatewayCommand(namespace), SIDECAR_USER, namespace),
            );
            await this.status(pod, {
                conditions: [{ type: "Ready", status: "True" }],
                containerStatuses: [
                    {
                        ...containerStatus(pod),
                        ready: true,
                        started: true,
                        state: { running: { startedAt: new Date().toISOString() } },
                    },
                ],
            });
            return;
        }
        const injected = await this.isInjected(pod);
        if (injected) {
            this.capture(network, pod);
            running.containers.push(
                this.container(
                    network,
                    `${name}-sidecar`,
                    this.surroundings.sidecarCommand(namespace, pod.spec.serviceAccountName),
                    SIDECAR_USER,
                    namespace,
                ),
            );
        }
        const { command = [], image } = pod.spec.containers[0]!;
        const { runAsGroup = 0, runAsUser = 0 } = pod.spec.securityContext ?? {};
        const probe = this.container(
            network,
            name,
            command,
            runAsUser,
            namespace,
            this.surroundings.images.get(image),
            runAsGroup,
        );
        running.containers.push(probe);
        void probe.ended.then(exitCode => this.report(pod, probe, exitCode, injected)).catch(() => undefined);
    }

    private container(
        network: string,
        name: string,
        command: readonly string[],
        user: number,
        namespace: string,
        searchPath?: string,
        group = user,
    ): Container {
        return startContainer({
            namespace: network,
            folder: path.join(this.surroundings.folder, name),
            command,
            user,
            group,
            environment: { PATH: searchPath ?? "/usr/sbin:/usr/bin:/sbin:/bin", ...this.surroundings.environment },
            resolvConf: `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${SERVICES.dns}\noptions ndots:5\n`,
        });
    }

    /** Injection by the namespace's label, which the pod's own outranks (Istio documentation, "Controlling the injection policy"). */
    private async isInjected({ metadata, spec }: PodObject): Promise<boolean> {
        const own = metadata.labels?.["sidecar.istio.io/inject"];
        if (own !== undefined || spec.hostNetwork === true) {
            return own === "true" && spec.hostNetwork !== true;
        }
        const { body } = await this.api.request("GET", `/api/v1/namespaces/${metadata.namespace}`);
        return body.metadata.labels?.["istio-injection"] === "enabled";
    }

    /** Istio's redirection: all TCP of everybody but user 1337 goes to the sidecar, and DNS where the pod asks for its capture. */
    private capture(network: string, { metadata }: PodObject): void {
        const dns = metadata.annotations?.["proxy.istio.io/config"]?.includes("ISTIO_META_DNS_CAPTURE") === true;
        packetFilter(
            network,
            `table ip capture {
                chain output {
                    type nat hook output priority -100; policy accept;
                    meta skuid ${SIDECAR_USER} return
                    ip daddr 127.0.0.0/8 return
                    ${dns ? `ip daddr ${SERVICES.dns} udp dport 53 dnat to ${INFRASTRUCTURE.address}:5353` : ""}
                    meta l4proto tcp redirect to :15001
                }
            }`,
        );
    }

    private async report(pod: PodObject, probe: Container, exitCode: number, injected: boolean): Promise<void> {
        if (!this.running.has(keyOf(pod))) {
            return;
        }
        const message = probe.message() || (exitCode === 0 ? "" : probe.log().slice(-2048));
        const terminated = {
            exitCode,
            reason: exitCode === 0 ? "Completed" : "Error",
            startedAt: probe.startedAt,
            finishedAt: new Date().toISOString(),
            message: message.slice(0, 4096),
        };
        await this.status(pod, {
            // A sidecar that keeps running keeps the pod running.
            phase: injected ? "Running" : exitCode === 0 ? "Succeeded" : "Failed",
            containerStatuses: [{ ...containerStatus(pod), state: { terminated } }],
        });
    }

    private address({ metadata }: PodObject, podCidr: string): string {
        const fixed = GATEWAY_PODS.find(({ name }) => name === metadata.name);
        if (fixed !== undefined) {
            return fixed.address;
        }
        const next = this.nextAddress.get(podCidr) ?? 10;
        this.nextAddress.set(podCidr, next === 60 ? 10 : next + 1);
        const [a, b, c, d] = podCidr.split("/")[0]!.split(".").map(Number);
        return `${a}.${b}.${c}.${d! + next}`;
    }

    private end(key: string): void {
        const pod = this.running.get(key);
        if (pod !== undefined) {
            this.running.delete(key);
            pod.containers.forEach(container => container.kill());
            if (pod.ownNetwork) {
                removePod(pod.network);
            }
            this.enforcePolicies();
        }
    }

    /** The namespace controller: what is in a namespace that ends goes first. */
    private async finishNamespaces(pods: readonly PodObject[]): Promise<void> {
        for (const namespace of await this.list<{ metadata: { name: string; deletionTimestamp?: string } }>(
            "/api/v1/namespaces",
        )) {
            const { deletionTimestamp, name } = namespace.metadata;
            if (deletionTimestamp !== undefined && !pods.some(({ metadata }) => metadata.namespace === name)) {
                await this.api.request("DELETE", `/api/v1/namespaces/${name}/serviceaccounts`);
                await this.api.request("PUT", `/api/v1/namespaces/${name}/finalize`, {
                    ...namespace,
                    apiVersion: "v1",
                    kind: "Namespace",
                    spec: { finalizers: [] },
                });
            }
        }
    }

    private async status(pod: PodObject, status: object): Promise<void> {
        await this.api.request(
            "PATCH",
            `${pathOf(pod)}/status`,
            { status },
            { contentType: "application/merge-patch+json" },
        );
    }
}

function containerStatus({ spec }: PodObject): object {
    const { image, name } = spec.containers[0]!;
    return { name, image, imageID: "", ready: false, restartCount: 0 };
}

function keyOf({ metadata }: PodObject): string {
    return `${metadata.namespace}/${metadata.name}`;
}

function pathOf({ metadata }: PodObject): string {
    return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

export function writeJson(file: string, content: object): string {
    fs.writeFileSync(file, JSON.stringify(content, undefined, 1), { mode: 0o644 });
    return file;
}
