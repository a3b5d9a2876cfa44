import { explanationOf } from "../../../containment/explanation";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { prove } from "../../../containment/prove";
import { explainMesh } from "../../../containment/mesh/explain";
import { type Resource } from "../../../containment/resource";
import { type Packet } from "../../../containment/verdict";
import { type Attempt } from "../../../live/verify/probe";
import { readWorld } from "../../../containment/world/world";

/** A probe as `verify --json` tells it. */
export interface ReportedProbe {
    readonly id: string;
    readonly kind: string;
    readonly claim?: string;
    /** Name of the gateway that it is about, where there are several. */
    readonly gateway?: string;
    readonly source?: string;
    readonly attempt?: Attempt;
    readonly expect?: { readonly allowed: boolean };
    /** Rules of the guard that may refuse what an admission probe asks for. */
    readonly rules?: readonly string[];
    readonly outcome: string;
    readonly seen: string;
    readonly because: string;
    readonly diagnosis?: { readonly hop: string };
    readonly nodes: readonly string[];
}

/**
 * Whether the proof's model lets a probe through that should be denied. It is asked for each probe by itself: the network model
 * for what leaves a pod on its own, the mesh model for what goes through a sidecar, the registered guard for what is asked of
 * the API server.
 */
export function predictedToFail(probe: ReportedProbe, resources: readonly Resource[]): boolean {
    const [group, ...rest] = probe.id.split("/");
    switch (group) {
        case "admission":
            return !(probe.rules ?? []).some(rule => hasRule(resources, rule));
        case "inspection":
            return rest[0] === "gateway-node-taint" && !tainted(resources, probe);
        case "intruder":
            // Naming a node leads past the scheduler, and the taint stops it at the kubelet; tolerating it leads past both.
            return (
                !hasRule(resources, "gateway-node-toleration") &&
                (rest[0] === "toleration" || !tainted(resources, probe))
            );
        case "source-address":
            return leavesByOthers(probe, resources);
        case "refused": {
            const [namespace = "", account = ""] = (probe.source ?? "").split("/");
            const { host, port } = probe.attempt as { host: string; port: number };
            const workload = {
                namespace,
                serviceAccount: account === "another account" ? "nobody-allows-it" : account,
            };
            return explainMesh(readWorld(resources), workload, { host, port }).fate === "leaves by the gateway";
        }
        case "denied":
            return leaves(probe, resources);
        default:
            return false;
    }
}

/**
 * By workload for a client, whose namespace has network policies and whose sidecar captures TCP; by machine for strangers, whom
 * neither concerns.
 */
function leaves({ attempt, gateway, source = "" }: ReportedProbe, resources: readonly Resource[]): boolean {
    const packet = attempt === undefined ? undefined : packetOf(attempt);
    if (packet === undefined) {
        return false;
    }
    const [namespace = "", serviceAccount] = source.split("/");
    // By name: without its taint the proof no longer takes the pool for the gateway's own.
    const pool = /^pod on a (gateway node|node of gateway)/.test(source)
        ? `node:acme-dev/${poolName(gateway)}`
        : "node:acme-dev/applications";
    const origin =
        serviceAccount === undefined
            ? ({ kind: "machine", name: pool } as const)
            : ({ kind: "workload", namespace, serviceAccount } as const);
    const { arrives } = explanationOf(resources, origin, { kind: "packet", packet });
    // Whether a cluster uses its subnet's IPv6 is the cluster's to say, and no resource shows it; the rig's does.
    return arrives === true || (arrives === undefined && packet.destination.includes(":"));
}

/** Of an attempt at an address outside the cluster; undefined for one inside, which no claim about leaving concerns. */
function packetOf(attempt: Attempt): Packet | undefined {
    const at = (address: string, protocol: Packet["protocol"], port?: number): Packet | undefined =>
        /^(169\.254\.|10\.3\.)|svc\.cluster\.local$/.test(address)
            ? undefined
            : { protocol, destination: address, ...(port === undefined ? {} : { port }) };
    switch (attempt.action) {
        case "https":
        case "http":
            return at(attempt.at ?? attempt.host, "tcp", attempt.port);
        case "tcp":
            return at(attempt.host, "tcp", attempt.port);
        case "udp":
            return at(attempt.address!, "udp", attempt.port);
        case "dns":
            return attempt.address === undefined ? undefined : at(attempt.address, attempt.transport, 53);
        case "ping":
            return at(attempt.address, "icmp");
    }
}

function hasRule(resources: readonly Resource[], rule: string): boolean {
    return kubernetesObjects(resources).some(
        ({ kind, name }) =>
            kind === "ValidatingAdmissionPolicy" &&
            (name === `egress-gateway.${rule}` || name.startsWith(`egress-gateway.${rule}.`)),
    );
}

/** By a witness of C7 about the gateway's own nodes. */
function leavesByOthers({ gateway }: ReportedProbe, resources: readonly Resource[]): boolean {
    const { claims } = prove(resources, { claims: ["C7"] });
    return claims.some(({ witnesses }) =>
        witnesses.some(({ hops }) =>
            hops.some(({ decision }) => decision === `its nodes are those of gateway ${String(gateway)}`),
        ),
    );
}

function poolName(gateway = "default"): string {
    return gateway === "default" ? "gateway-pool" : `gateway-pool-${gateway}`;
}

function tainted(resources: readonly Resource[], { gateway }: ReportedProbe): boolean {
    const pool = resources.find(({ name, type }) => type.endsWith(":NodePool") && name === poolName(gateway))
        ?.inputs as { nodeConfig?: { taints?: { effect: string }[] } } | undefined;
    return pool?.nodeConfig?.taints?.some(({ effect }) => effect === "NO_EXECUTE") === true;
}
