import { GOOGLE_METADATA_ADDRESS } from "../base/addresses";
import { DNS_PORT } from "../base/conventions";
import { explain, explainFromNodes } from "./explain";
import { addressNames } from "./addresses/names";
import { Possibilities } from "./doubt";
import { explainMesh } from "./mesh/explain";
import { decide } from "./network-policies/evaluate";
import { doubtsAbout, readPolicies } from "./network-policies/policy";
import { type Trace } from "./reach/trace";
import { stackViews } from "./stacks";
import { explainName, type Name } from "./resolver/explain";
import { type Resource } from "./resource";
import { type Hop, type Packet, packetText } from "./verdict";
import { pathOf } from "./world/gateway";
import { type World } from "./world/world";

/** Who asks to leave: a workload of the mesh, or a machine by the name that the proof knows it by. */
export type Origin =
    | { readonly kind: "workload"; readonly namespace: string; readonly serviceAccount: string }
    | { readonly kind: "machine"; readonly name: string };

/** What is asked about: a call, or who would be asked for a name. */
export type Goal = Call | { readonly kind: "name"; readonly name: Name };

/** Where to: a host by name, or a packet to an address. */
export type Call =
    | { readonly kind: "host"; readonly host: string; readonly port: number }
    | { readonly kind: "packet"; readonly packet: Packet };

/** One part of the way. */
interface Leg {
    readonly title: string;
    readonly hops: readonly Hop[];
}

export interface Explanation {
    /** `true`: it gets there; `false`: it does not; `undefined`: it cannot be told. */
    readonly arrives: boolean | undefined;
    readonly answer: string;
    readonly legs: readonly Leg[];
}

/** Addresses that stand for "somewhere on the internet" where only a name is known. */
const SOMEWHERE = "1.1.1.1";

/** What becomes of a call: in the mesh, past it, and in the network; the same in every world that the evidence leaves possible. */
export function explanationOf(resources: readonly Resource[], origin: Origin, goal: Goal): Explanation {
    const [view] = stackViews(resources);
    const possibilities = new Possibilities(view!.resources, {}, view!.neighbours);
    const [withAll, ...others] = possibilities.all();
    const explanation = explanationIn(withAll!, origin, goal);
    return others.every(world => explanationIn(world, origin, goal).arrives === explanation.arrives)
        ? explanation
        : {
              ...explanation,
              arrives: undefined,
              answer: `Cannot tell: not everything is certain to be there (${possibilities.doubts
                  .map(({ name, reason }) => `${name}: ${reason}`)
                  .join("; ")}). With all of it: ${lowerFirst(explanation.answer)}`,
          };
}

function explanationIn(world: World, origin: Origin, goal: Goal): Explanation {
    if (goal.kind === "name") {
        return nameAnswer(world, origin, goal.name);
    }
    if (origin.kind === "machine") {
        const packet =
            goal.kind === "packet"
                ? goal.packet
                : { protocol: "tcp" as const, destination: SOMEWHERE, port: goal.port };
        const stand = goal.kind === "packet" ? "" : `, with ${SOMEWHERE} for ${goal.host}`;
        return networkAnswer(world, origin.name, packet, `In the network${stand}`);
    }
    const asked = { world, workload: origin };
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
    const mesh = explainMesh(world, origin, to);
    const inMesh = { title: "In the mesh", hops: mesh.hops };
    switch (mesh.fate) {
        case "leaves by the gateway": {
            if (!world.sources.some(({ gateway }) => gateway)) {
                return {
                    arrives: undefined,
                    answer: "The mesh leads it out by the gateway. Cannot tell what becomes of it there: nothing given shows the network around the gateway's nodes.",
                    legs: [inMesh],
                };
            }
            const { gatewayPort: port = to.port, gatewayAddress } = mesh;
            const { from, node, hops } = gatewayNode(world, mesh.gateway);
            const onward = networkAnswer(
                world,
                node,
                { protocol: "tcp", destination: gatewayAddress ?? SOMEWHERE, port },
                gatewayAddress === undefined
                    ? `${from}, with ${SOMEWHERE} for ${to.host}`
                    : `${from}, to ${gatewayAddress}:${port}`,
            );
            const legs = onward.legs.map(leg => ({
                ...leg,
                hops: onward.arrives === true ? [...leg.hops, ...hops] : leg.hops,
            }));
            return { ...onward, legs: [inMesh, ...legs] };
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

/** A node of the gateway that leads there, and where several do, by which addresses. */
function gatewayNode(
    { gateways, resources }: World,
    name: string | undefined,
): { readonly from: string; readonly node: string; readonly hops: readonly Hop[] } {
    const pool = gateways.find(each => each.name !== undefined && each.name === name)?.pools[0]?.pool;
    if (pool === undefined || name === undefined) {
        return { from: "From a gateway node", node: "gateway", hops: [] };
    }
    const addresses = addressNames(resources, name);
    const decision = `what leaves by gateway ${name} has the addresses ${addresses.join(", ")}, and no others`;
    return {
        from: `From a node of gateway ${name}`,
        node: `node:${pathOf(pool)}`,
        hops: addresses.length === 0 ? [] : [{ at: "addresses", decision }],
    };
}

/** Google's resolver, which answers every pod and machine for every name, past any firewall (VPC documentation, "Always allowed traffic"). */
const METADATA_RESOLVER: Packet = { protocol: "udp", destination: GOOGLE_METADATA_ADDRESS, port: DNS_PORT };

function nameAnswer(world: World, origin: Origin, name: Name): Explanation {
    if (origin.kind === "machine") {
        const decision = "asks the metadata server, which resolves every name, and which no firewall closes";
        return {
            arrives: true,
            answer: "Yes: a machine asks Google's resolver by itself.",
            legs: [{ title: "On the machine", hops: [{ at: "resolver of the machine", decision, decides: true }] }],
        };
    }
    const { asked, hops } = explainName(world, name);
    const legs = [{ title: "By the cluster's DNS", hops }];
    if (asked !== false) {
        return asked === undefined
            ? { arrives: undefined, answer: "Cannot tell: see what is not known above.", legs }
            : { arrives: true, answer: "Yes: servers outside the cluster are asked for it.", legs };
    }
    const policy = networkPolicyHop(world, origin.namespace, METADATA_RESOLVER);
    const past = {
        title: `Past it, to ${packetText(METADATA_RESOLVER)}`,
        hops:
            policy.length > 0
                ? policy
                : [{ at: "network policy", decision: `none is about pods of ${origin.namespace}` }],
    };
    return policy.some(({ stops }) => stops === true)
        ? { arrives: false, answer: "No: nobody outside the cluster is asked.", legs: [...legs, past] }
        : {
              arrives: true,
              answer: `Not by the cluster's DNS; but pods of ${origin.namespace} may ask the metadata server, which resolves every name.`,
              legs: [...legs, past],
          };
}

/** What the answers are looked up in. */
interface Asked {
    readonly world: World;
    readonly workload: Extract<Origin, { kind: "workload" }>;
}

/** From the pod by itself: its network policies, then its node. */
function pastTheMesh({ world, workload }: Asked, packet: Packet, before: readonly Leg[]): Explanation {
    const furthest = explainFromNodes(world, packet);
    if (furthest === undefined) {
        const answer = "Cannot tell: the given resources show no node that the workload could run on.";
        return { arrives: undefined, answer, legs: before };
    }
    const policy = networkPolicyHop(world, workload.namespace, packet);
    const { hops, fate } = furthest.trace;
    const which = furthest.alone ? ` (${furthest.node.name}; from other nodes it gets less far)` : "";
    const legs = [
        ...before,
        { title: `From the pod and its node${which}, to ${packetText(packet)}`, hops: [...policy, ...hops] },
    ];
    return {
        ...answerTo(policy.some(({ stops }) => stops === true) ? "dropped" : fate, legs.at(-1)!.hops, world),
        legs,
    };
}

/** `final` is false where something that is not followed can say otherwise. */
type PolicyHop = Hop & { readonly final?: false };

/** Network policies know three protocols; what they do to others is not defined (Kubernetes, NetworkPolicy API). */
function networkPolicyHop({ objects }: World, namespace: string, { protocol, destination, port }: Packet): PolicyHop[] {
    const known = ({ tcp: "TCP", udp: "UDP", sctp: "SCTP" } as const)[protocol as "tcp"];
    if (known === undefined || port === undefined) {
        return [];
    }
    const read = readPolicies(objects);
    const from = { pod: { namespace, labels: {} } };
    const decision = decide(read.policies, new Map(), { from, to: { address: destination }, protocol: known, port });
    const [first] = decision.policies;
    const [doubt] = doubtsAbout(read, namespace);
    if (first === undefined && doubt === undefined) {
        return [];
    }
    const words =
        first === undefined
            ? `no NetworkPolicy is about pods of ${namespace}`
            : decision.allowed
              ? `a policy of ${namespace} allows it`
              : `no policy of ${namespace} allows it`;
    return [
        {
            at: "network policy",
            decision: doubt === undefined ? words : `${words}, which is not the last word: ${doubt}`,
            ...(first === undefined ? {} : { resource: first.urn }),
            ...(decision.allowed || doubt !== undefined ? {} : { stops: true }),
            ...(doubt === undefined ? {} : { final: false }),
        },
    ];
}

function networkAnswer(world: World, source: string, packet: Packet, title: string): Explanation {
    const { hops, fate } = explain(world, source, packet);
    return { ...answerTo(fate, hops, world), legs: [{ title, hops }] };
}

function answerTo(
    fate: Trace["fate"],
    hops: readonly Hop[],
    { unmodelled, neighbours }: World,
): Pick<Explanation, "arrives" | "answer"> {
    switch (fate) {
        case "leaves":
            return { arrives: true, answer: "Yes: it leaves." };
        case "stays inside":
            return unmodelled.length + neighbours.length === 0
                ? { arrives: true, answer: "Yes, inside the network: nothing of this leaves." }
                : {
                      arrives: unmodelled.length === 0 ? true : undefined,
                      answer: `Inside the network. What is there may carry it out: ${[...unmodelled, ...neighbours]
                          .map(({ resource, reason }) => `${resource.name} (${reason})`)
                          .join("; ")}.`,
                  };
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
