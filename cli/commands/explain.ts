import { colours as pc } from "../colours";
import { explain as explainInNetwork } from "../../containment/explain";
import { kubernetesObjects } from "../../containment/kubernetes";
import { explainMesh } from "../../containment/mesh/explain";
import { decide } from "../../containment/network-policies/evaluate";
import { readPolicies } from "../../containment/network-policies/policy";
import { type Trace } from "../../containment/reach/trace";
import { type Resource } from "../../containment/resource";
import { type Hop, type Packet } from "../../containment/verdict";
import { readWorld, type World } from "../../containment/world/world";
import { type Goal, goalOf, type Origin, originOf } from "../endpoints";
import { evidence, type EvidenceOptions } from "../evidence";
import { EXIT } from "../exit";
import { hopLines, packetText } from "../verdictReport";

export interface ExplainOptions extends Omit<EvidenceOptions, "from"> {
    /** `namespace/serviceAccount`, or a machine. */
    readonly from: string;
    /** `host:port`, or an address with port and protocol. */
    readonly to: string;
    /** A plan, a preview or a state export. */
    readonly file?: string;
    readonly json?: boolean;
}

/** One part of the way. */
export interface Leg {
    readonly title: string;
    readonly hops: readonly Hop[];
}

export interface Explanation {
    /** `true`: it gets there; `false`: it does not; `undefined`: it cannot be told. */
    readonly arrives: boolean | undefined;
    readonly answer: string;
    readonly legs: readonly Leg[];
}

export async function explain({ from, to, file, json, ...options }: ExplainOptions): Promise<void> {
    const [origin, goal] = [originOf(from), goalOf(to)];
    const explanation = explanationOf(await evidence({ ...options, from: file }), origin, goal);
    console.log(json === true ? JSON.stringify(explanation, undefined, 2) : explanationReport(from, to, explanation));
    process.exitCode =
        explanation.arrives === undefined ? EXIT.cannotTell : explanation.arrives ? EXIT.holds : EXIT.doesNotHold;
}

/** Addresses that stand for "somewhere on the internet" where only a name is known. */
const SOMEWHERE = "1.1.1.1";

export function explanationOf(resources: readonly Resource[], origin: Origin, goal: Goal): Explanation {
    const world = readWorld(resources);
    if (origin.kind === "machine") {
        const packet =
            goal.kind === "packet"
                ? goal.packet
                : { protocol: "tcp" as const, destination: SOMEWHERE, port: goal.port };
        const stand = goal.kind === "packet" ? "" : `, with ${SOMEWHERE} for ${goal.host}`;
        return networkAnswer(world, origin.name, packet, `In the network${stand}`);
    }
    const asked = { resources, world, workload: origin };
    const to =
        goal.kind === "host"
            ? { host: goal.host, port: goal.port }
            : goal.packet.protocol === "tcp"
              ? { host: goal.packet.destination, port: goal.packet.port! }
              : undefined;
    if (to === undefined) {
        // Sidecars capture TCP only (Istio, "Application requirements"); anything else leaves the pod as it is.
        return pastTheMesh(asked, (goal as Extract<Goal, { kind: "packet" }>).packet, [
            {
                title: "In the mesh",
                hops: [{ at: "sidecar", decision: "captures TCP only; this packet passes it by" }],
            },
        ]);
    }
    const mesh = explainMesh(resources, origin, to);
    const inMesh = { title: "In the mesh", hops: mesh.hops };
    switch (mesh.fate) {
        case "leaves by the gateway": {
            const packet = { protocol: "tcp" as const, destination: SOMEWHERE, port: mesh.gatewayPort ?? to.port };
            const onward = networkAnswer(
                world,
                "gateway",
                packet,
                `From a gateway node, with ${SOMEWHERE} for ${to.host}`,
            );
            return { ...onward, legs: [inMesh, ...onward.legs] };
        }
        case "leaves by itself":
            return goal.kind === "packet"
                ? pastTheMesh(asked, goal.packet, [inMesh])
                : pastTheMesh(asked, { protocol: "tcp", destination: SOMEWHERE, port: to.port }, [inMesh]);
        case "refused": {
            const direct =
                goal.kind === "packet"
                    ? goal.packet
                    : { protocol: "tcp" as const, destination: SOMEWHERE, port: to.port };
            const past = pastTheMesh(asked, direct, []);
            return {
                arrives: past.arrives === false ? false : past.arrives,
                answer:
                    past.arrives === false
                        ? `No: the mesh refuses it. Past the mesh, ${past.answer.replace(/^No: /, "")}`
                        : `The mesh refuses it, but a process that goes past its sidecar would get out. ${past.answer}`,
                legs: [
                    inMesh,
                    ...past.legs.map(leg => ({
                        ...leg,
                        title: `Past the mesh (the sidecar is not a boundary): ${lowerFirst(leg.title)}`,
                    })),
                ],
            };
        }
        case "not known":
            return {
                arrives: undefined,
                answer: "Cannot tell: the mesh holds something that the model does not cover.",
                legs: [inMesh],
            };
    }
}

/** What the answers are looked up in. */
interface Asked {
    readonly resources: readonly Resource[];
    readonly world: World;
    readonly workload: Extract<Origin, { kind: "workload" }>;
}

/** From the pod by itself: its network policies, then its node. */
function pastTheMesh({ resources, world, workload }: Asked, packet: Packet, before: readonly Leg[]): Explanation {
    const node = world.sources.find(({ id, gateway }) => !gateway && id.startsWith("node:"));
    if (node === undefined) {
        const answer = "Cannot tell: the given resources show no node that the workload could run on.";
        return { arrives: undefined, answer, legs: before };
    }
    const policy = networkPolicyHop(resources, workload.namespace, packet);
    const { hops, fate } = explainInNetwork(world, node.id, packet);
    const legs = [
        ...before,
        { title: `From the pod and its node, to ${packetText(packet)}`, hops: [...policy, ...hops] },
    ];
    return { ...answerTo(policy.some(({ stops }) => stops === true) ? "dropped" : fate, legs.at(-1)!.hops), legs };
}

/** Network policies know three protocols; what they do to others is not defined (Kubernetes, NetworkPolicy API). */
function networkPolicyHop(
    resources: readonly Resource[],
    namespace: string,
    { protocol, destination, port }: Packet,
): Hop[] {
    const known = ({ tcp: "TCP", udp: "UDP", sctp: "SCTP" } as const)[protocol as "tcp"];
    if (known === undefined || port === undefined) {
        return [];
    }
    const { policies } = readPolicies(kubernetesObjects(resources));
    const from = { pod: { namespace, labels: {} } };
    const decision = decide(policies, new Map(), { from, to: { address: destination }, protocol: known, port });
    const [first] = decision.policies;
    if (first === undefined) {
        return [];
    }
    return [
        decision.allowed
            ? { at: "network policy", decision: `a policy of ${namespace} allows it`, resource: first.urn }
            : {
                  at: "network policy",
                  decision: `no policy of ${namespace} allows it`,
                  resource: first.urn,
                  stops: true,
              },
    ];
}

function networkAnswer(world: World, source: string, packet: Packet, title: string): Explanation {
    const { hops, fate } = explainInNetwork(world, source, packet);
    return { ...answerTo(fate, hops), legs: [{ title, hops }] };
}

function answerTo(fate: Trace["fate"], hops: readonly Hop[]): Pick<Explanation, "arrives" | "answer"> {
    switch (fate) {
        case "leaves":
            return { arrives: true, answer: "Yes: it leaves." };
        case "stays inside":
            return { arrives: true, answer: "Yes, inside the network: nothing of this leaves." };
        case "dropped":
            return { arrives: false, answer: `No: ${stoppedBy(hops)}` };
        case "not known":
            return { arrives: undefined, answer: "Cannot tell: see what is not known above." };
    }
}

/** "the firewall stops it; the route would as well" */
function stoppedBy(hops: readonly Hop[]): string {
    const [first, ...others] = [...new Set(hops.filter(({ stops }) => stops === true).map(({ at }) => `the ${at}`))];
    const alone = others.length === 0 ? "" : `; ${others.join(" and ")} would as well`;
    return `${first ?? "the network"} stops it${alone}.`;
}

function lowerFirst(text: string): string {
    return text.charAt(0).toLowerCase() + text.slice(1);
}

export function explanationReport(from: string, to: string, { answer, legs }: Explanation): string {
    return [
        `${pc.bold(from)} → ${pc.bold(to)}`,
        ...legs.flatMap(({ title, hops }) => [`\n${pc.dim(title)}`, ...hopLines(hops).map(line => `  ${line}`)]),
        `\n${pc.bold(answer)}`,
    ].join("\n");
}
