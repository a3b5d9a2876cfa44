import { registeredAs } from "../../declared/component";
import { MESH } from "../../declared/mesh";
import { type KubernetesObject, fieldsList, fields } from "../kubernetes";
import { type AddressRange, EVERY_ADDRESS, formatAddress, parseAddress, parseRange } from "../kernel/address";
import {
    destinationsIn,
    hasHeader,
    type HeaderSpace,
    NO_HEADERS,
    servicesIn,
    towards,
    union,
    withServices,
} from "../kernel/headers";
import { equal, type Intervals } from "../kernel/intervals";
import { DestinationLine } from "../kernel/line";
import { describeServices, packetOf, parseServices } from "../kernel/services";
import { GOOGLE, METADATA_SERVER, outside, PRIVATE, PUBLIC } from "../kernel/specialAddresses";
import { podLabelsOf } from "../mesh/model";
import { type Resource } from "../resource";
import { AdmissionControl } from "../scheduling/admission";
import { podRequest, podSpec, TENANT } from "../scheduling/podWays";
import { type ClaimSet, type Packet } from "../verdict";
import { podSpecOf } from "../world/gatewayWorkloads";
import { type World } from "../world/world";
import { type Pod, selectsPod } from "./evaluate";
import { doubtsAbout, type ModelledPolicy, readPolicies } from "./policy";
import { rangesIn, reachableAddresses } from "./reachable";

/** `restricted Google` is the range of restricted.googleapis.com, which is public space and no way to the internet. */
export type AddressClass = "public" | "restricted Google" | "private" | "link-local" | "metadata server";

/** What of one class of addresses the policies let the pods reach. */
interface ReachedClass {
    readonly addresses: AddressClass;
    readonly extent: "none" | "some" | "all";
    /** Protocols and ports in words; empty where nothing is reached. */
    readonly services: string;
    readonly witness?: Packet;
}

interface NamespaceFacts {
    readonly namespace: string;
    readonly role: "gateway" | "client";
    /** Every pod of the namespace is isolated for egress, whatever its labels. */
    readonly isolated: boolean;
    readonly reaches: readonly ReachedClass[];
    /** URNs of the policies that decide. */
    readonly policies: readonly string[];
    /** Why the facts are incomplete; more may be reached then, or less. */
    readonly reasons: readonly string[];
}

export interface NetworkPolicyFacts {
    readonly namespaces: readonly NamespaceFacts[];
    /** Why there may be further namespaces to tell of. */
    readonly reasons: readonly string[];
}

const LINK_LOCAL: readonly AddressRange[] = ["169.254.0.0/16", "fe80::/10"].map(parseRange);

/** Disjoint, with an address of each that everybody recognizes. */
const CLASSES: readonly {
    readonly addresses: AddressClass;
    readonly ranges: readonly AddressRange[];
    readonly familiar: readonly string[];
}[] = [
    { addresses: "public", ranges: outside(PUBLIC, GOOGLE.restricted), familiar: ["1.1.1.1", "2606:4700:4700::1111"] },
    { addresses: "restricted Google", ranges: GOOGLE.restricted, familiar: ["199.36.153.4"] },
    { addresses: "private", ranges: outside(PRIVATE, [...LINK_LOCAL, ...METADATA_SERVER]), familiar: ["10.0.0.1"] },
    { addresses: "link-local", ranges: outside(LINK_LOCAL, METADATA_SERVER), familiar: ["169.254.0.1"] },
    { addresses: "metadata server", ranges: METADATA_SERVER, familiar: ["169.254.169.254"] },
];

/**
 * What NetworkPolicies leave open to addresses, for the namespaces that the mesh component names: a pod of a client namespace with
 * whatever labels suit it best, and the gateway's own pods. Pods on the host network are not covered by any policy.
 */
export function networkPolicyFacts({ objects, gateway, resources }: World): NetworkPolicyFacts {
    const gatewayNamespace = gateway.namespace?.name;
    const { clients, reasons } = clientsOf(resources);
    const read = readPolicies(objects);
    const { policies } = read;
    const line = new DestinationLine([
        ...rangesIn(policies),
        ...CLASSES.flatMap(({ ranges }) => ranges),
        ...EVERY_ADDRESS,
    ]);
    const facts = (namespace: string, role: NamespaceFacts["role"]): NamespaceFacts => {
        const relevant = policies.filter(policy => policy.namespace === namespace && policy.egress !== undefined);
        const covering = relevant.filter(coversEveryPod);
        const pods = role === "gateway" ? gatewayPods(gateway.workloads) : undefined;
        const reached =
            pods === undefined
                ? anyPod(relevant, covering, line)
                : pods
                      .map(pod =>
                          reachableAddresses(
                              pod.hostNetwork === true ? [] : relevant.filter(policy => selectsPod(policy, pod)),
                              line,
                          ),
                      )
                      .reduce(union, NO_HEADERS);
        return {
            namespace,
            role,
            isolated: covering.length > 0,
            reaches: CLASSES.map(each => reachedClass(each, reached, line)),
            policies: relevant.map(({ urn }) => urn),
            reasons: doubtsAbout(read, namespace),
        };
    };
    return {
        namespaces: [
            ...(gatewayNamespace === undefined ? [] : [facts(gatewayNamespace, "gateway")]),
            ...clients.filter(name => name !== gatewayNamespace).map(name => facts(name, "client")),
        ],
        reasons: [...gateway.reasons, ...reasons],
    };
}

/** What of these services the pods of each client namespace, with whatever labels suit them, may send to addresses in these ranges. */
export function clientsReach(
    { objects, resources }: Pick<World, "objects" | "resources">,
    ranges: readonly AddressRange[],
    services: Intervals,
): readonly { readonly namespace: string; readonly witness?: Packet; readonly reasons: readonly string[] }[] {
    const read = readPolicies(objects);
    const line = new DestinationLine([...rangesIn(read.policies), ...ranges, ...EVERY_ADDRESS]);
    const cells = line.cellsOf(ranges);
    return clientsOf(resources).clients.map(namespace => {
        const relevant = read.policies.filter(policy => policy.namespace === namespace && policy.egress !== undefined);
        const reached = anyPod(relevant, relevant.filter(coversEveryPod), line);
        const [slab] = withServices(towards(reached, cells), services);
        return {
            namespace,
            ...(slab === undefined
                ? {}
                : { witness: packetOf(slab.from, formatAddress(line.firstAddress(slab.cells[0]!))) }),
            reasons: doubtsAbout(read, namespace),
        };
    });
}

/** The facts as a room of the proof: no claim rests on them, and the matrix shows that. */
export function networkPolicyClaims(world: World): ClaimSet {
    const { namespaces, reasons: notTold } = networkPolicyFacts(world);
    const untold = notTold.map(reason => `NetworkPolicies are told as far as the namespaces are known: ${reason}.`);
    if (namespaces.length === 0) {
        return { claims: [], locks: [], assumptions: untold, residualRisks: [] };
    }
    return {
        claims: [],
        locks: [
            {
                lock: "network policies",
                description: namespaces.map(inWords).join("; "),
                resources: [...new Set(namespaces.flatMap(({ policies }) => policies))],
                // Every claim about the network is about nodes, which no NetworkPolicy covers: nothing is decided anew without them.
                without: {},
            },
        ],
        assumptions: [
            ...untold,
            ...namespaces.flatMap(({ reasons }) =>
                reasons.map(reason => `NetworkPolicies are told as far as they are readable: ${reason}.`),
            ),
        ],
        residualRisks: [onTheHost(world.objects, namespaces)],
    };
}

/** Whoever gets a pod onto the host network has left the policies behind; the firewall still sees the node. */
function onTheHost(objects: readonly KubernetesObject[], namespaces: readonly NamespaceFacts[]): string {
    const control = new AdmissionControl(objects);
    const clients = namespaces.filter(({ role }) => role === "client").map(({ namespace }) => namespace);
    const open = clients.filter(
        namespace => control.decide(podRequest(namespace, podSpec({ hostNetwork: true }), TENANT)).result !== "refused",
    );
    const guarded =
        open.length === 0
            ? "the guard refuses such pods in the client namespaces"
            : `nothing refuses such pods in ${open.join(", ")}`;
    return `Pods on the host network and node processes are under no NetworkPolicy (${guarded}); for protocols other than TCP, UDP and SCTP its effect is undefined. The firewall covers both.`;
}

function inWords({ namespace, role, reaches, isolated }: NamespaceFacts): string {
    const open = reaches
        .filter(({ extent }) => extent !== "none")
        .map(
            ({ addresses, extent, services }) =>
                `${extent === "all" ? "every" : "some"} ${addresses} address (${services})`,
        );
    const who = role === "gateway" ? `gateway pods in ${namespace}` : `pods of ${namespace}`;
    return isolated || open.length < CLASSES.length
        ? `${who} reach ${open.length === 0 ? "no address outside the cluster's pods" : open.join(", ")}`
        : `${who} are not isolated`;
}

function clientsOf(resources: readonly Resource[]): {
    readonly clients: readonly string[];
    readonly reasons: readonly string[];
} {
    const facts = registeredAs(MESH, resources).map(mesh => mesh.read("clientNamespaces"));
    return {
        clients: [...new Set(facts.flatMap(fact => (fact.known ? fact.value : [])))].sort(),
        reasons: facts.flatMap(fact => (fact.known ? [] : fact.reasons)),
    };
}

/** The pods that the workloads of the namespace describe; undefined where there is none, so that any labels are possible. */
function gatewayPods(workloads: readonly KubernetesObject[]): readonly Pod[] | undefined {
    const pods = workloads.map(workload => ({
        namespace: workload.namespace,
        labels: podLabelsOf(workload),
        hostNetwork: podSpecOf(workload).hostNetwork === true,
    }));
    return pods.length === 0 ? undefined : pods;
}

/** Whoever writes a pod writes its labels: any policy may select it, and none that selects by labels has to. */
function anyPod(
    relevant: readonly ModelledPolicy[],
    covering: readonly ModelledPolicy[],
    line: DestinationLine,
): HeaderSpace {
    return reachableAddresses(covering.length === 0 ? [] : relevant, line);
}

function coversEveryPod({ podSelector }: ModelledPolicy): boolean {
    return (
        Object.keys(fields(podSelector.matchLabels)).length === 0 &&
        fieldsList(podSelector.matchExpressions).length === 0
    );
}

function reachedClass(
    { addresses, ranges, familiar }: (typeof CLASSES)[number],
    reached: HeaderSpace,
    line: DestinationLine,
): ReachedClass {
    const cells = line.cellsOf(ranges);
    const space = towards(reached, cells);
    return space.length === 0
        ? { addresses, extent: "none", services: "" }
        : {
              addresses,
              extent: equal(destinationsIn(space), cells) ? "all" : "some",
              services: describeServices(servicesIn(space)),
              witness: witnessIn(space, familiar, line),
          };
}

/** A packet that everybody recognizes, if the set has one. */
function witnessIn(space: HeaderSpace, familiar: readonly string[], line: DestinationLine): Packet {
    const usual = ["443", "80"].map(port => parseServices("tcp", [port])[0]!);
    for (const address of familiar) {
        const cell = line.cellOf(parseAddress(address));
        const service = [...usual, ...space.map(({ from }) => from)].find(each => hasHeader(space, each, cell));
        if (service !== undefined) {
            return packetOf(service, address);
        }
    }
    const slab = space[0]!;
    return packetOf(slab.from, formatAddress(line.firstAddress(slab.cells[0]!)));
}
