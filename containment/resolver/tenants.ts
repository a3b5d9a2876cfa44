import { GOOGLE_METADATA_ADDRESS, NODE_LOCAL_DNS_ADDRESS } from "../../base/addresses";
import { RESOLVER_NAME } from "../../base/conventions";
import { registeredAs } from "../../declared/component";
import { MESH } from "../../declared/mesh";
import { type ResolverInputs } from "../../declared/resolver";
import { type Fields, type KubernetesObject, texts } from "../kubernetes";
import { parseServices } from "../kernel/services";
import { union } from "../kernel/intervals";
import { parseRange } from "../kernel/address";
import { METADATA_SERVER, outside, PRIVATE } from "../kernel/specialAddresses";
import { clientsReach } from "../network-policies/facts";
import { AdmissionControl } from "../scheduling/admission";
import { type AdmissionRequest } from "../scheduling/admissionRequest";
import { create, podRequest, podSpec, TENANT } from "../scheduling/podWays";
import { search } from "../scheduling/search";
import { type Trust, trustOf } from "../scheduling/trust";
import { type Witness } from "../verdict";
import { type World } from "../world/world";
import { ANY_NAME, namesWitness } from "./deployed";

/** In clear, over TCP and UDP (RFC 1035), and in TLS (RFC 7858). */
const NAMES = union(parseServices("udp", ["53"]), parseServices("tcp", ["53", "853"]));

interface Found {
    readonly witnesses: Witness[];
    readonly reasons: string[];
}

/** Resolvers that pods of client namespaces reach beside the cluster's own; the firewall sees none of what they ask the metadata server. */
export function otherResolvers(world: World, { address, clusterDns }: ResolverInputs): Found {
    const found: Found = { witnesses: [], reasons: [] };
    for (const { namespace, witness, reasons } of clientsReach(world, METADATA_SERVER, NAMES)) {
        found.reasons.push(...reasons);
        if (witness !== undefined) {
            found.witnesses.push({
                ...namesWitness(
                    ANY_NAME,
                    undefined,
                    [
                        {
                            at: "network policies",
                            decision: `let pods of ${namespace} ask the metadata server, which resolves every name`,
                            decides: true,
                        },
                    ],
                    `close port 53 of ${witness.destination} in the network policies of ${namespace}`,
                    `pod in namespace ${namespace}`,
                ),
                packet: witness,
            });
        }
    }
    // NodeLocal DNSCache asks what kube-dns asks (Kubernetes documentation, NodeLocal DNSCache).
    const known = [NODE_LOCAL_DNS_ADDRESS, clusterDns.address, address].map(each => `${each}/32`);
    const inside = outside(PRIVATE, [...METADATA_SERVER, ...known.map(parseRange)]);
    for (const { namespace, witness } of clientsReach(world, inside, NAMES)) {
        if (witness !== undefined) {
            found.reasons.push(
                `pods of ${namespace} reach ${witness.destination} on the port of DNS, and whether what answers there asks anybody else is not known`,
            );
        }
    }
    return found;
}

/** One change that would open another way for names. */
interface Move {
    /** What a tenant does, as the rest of a sentence. */
    readonly words: string;
    readonly source: string;
    /** All of them have to be admitted. */
    readonly requests: readonly AdmissionRequest[];
    readonly remedy: string;
}

/** What the guard leaves to tenants, tried over everything that they may choose. */
export function tenantMoves(world: World, declared: ResolverInputs): Found {
    const control = new AdmissionControl(world.objects);
    const mesh = registeredAs(MESH, world.resources).map(each =>
        each.readAll("clientNamespaces", "controlPlaneNamespace"),
    );
    const facts = mesh.flatMap(fact => (fact.known ? [fact.value] : []));
    const trust: Trust = trustOf(world.resources, {
        gatewayNamespace: world.gateway.namespace?.name,
        rootNamespaces: facts.map(({ controlPlaneNamespace }) => controlPlaneNamespace),
    });
    const clients = [...new Set(facts.flatMap(({ clientNamespaces }) => clientNamespaces))];
    const found: Found = { witnesses: [], reasons: mesh.flatMap(fact => (fact.known ? [] : fact.reasons)) };
    const moves = [
        ...resolverMoves(declared),
        ...clients.flatMap(namespace => [...clientMoves(namespace), ...deletions(namespace, world.objects)]),
    ];
    for (const { words, source, requests, remedy } of moves) {
        const outcome = search({ requests, asWritten: "but for labels" }, control, trust);
        if (outcome.kind === "unknown") {
            found.reasons.push(...outcome.reasons);
        }
        if (outcome.kind === "open") {
            const hops = [{ at: "tenant", decision: words }, ...outcome.hops];
            found.witnesses.push(namesWitness(ANY_NAME, undefined, hops, remedy, source));
        }
    }
    return { witnesses: found.witnesses, reasons: [...new Set(found.reasons)] };
}

const OTHER_SERVER = "203.0.113.53";
const EVERYTHING = `.:5353 {\n    forward . ${GOOGLE_METADATA_ADDRESS}\n}\n`;

function resolverMoves({ namespace, clusterDns }: ResolverInputs): Move[] {
    const source = "tenant of the cluster";
    const guarded = (where: string) =>
        `refuse it by a ValidatingAdmissionPolicy that is bound with Deny and covers ${where}`;
    const there = (words: string, request: AdmissionRequest): Move => ({
        ...{ words, source, requests: [request] },
        remedy: guarded(`namespace ${namespace}`),
    });
    const steering = { group: "", version: "v1", resource: "configmaps", kind: "ConfigMap", user: TENANT };
    return [
        {
            words: `changes ConfigMap ${clusterDns.namespace}/${clusterDns.name}, which says whom the cluster's DNS asks`,
            source,
            requests: [
                update(
                    { ...steering, namespace: clusterDns.namespace, name: clusterDns.name },
                    { data: { upstreamNameservers: `["${OTHER_SERVER}"]` } },
                    { data: {} },
                ),
            ],
            remedy: guarded(`ConfigMap ${clusterDns.namespace}/${clusterDns.name}`),
        },
        there(`runs a pod in ${namespace}, from where every name is asked`, podRequest(namespace, podSpec({}), TENANT)),
        there(
            `changes what the resolver answers`,
            update(
                { ...steering, namespace, name: RESOLVER_NAME },
                { data: { Corefile: EVERYTHING } },
                { data: { Corefile: "" } },
            ),
        ),
        there(
            `changes the resolver's Deployment`,
            update(
                {
                    group: "apps",
                    version: "v1",
                    resource: "deployments",
                    kind: "Deployment",
                    namespace,
                    name: RESOLVER_NAME,
                    user: TENANT,
                },
                { spec: { template: { spec: podSpec({}) } } },
                { spec: { template: { spec: podSpec({ containers: [] }) } } },
            ),
        ),
    ];
}

function clientMoves(namespace: string): Move[] {
    const source = `tenant of namespace ${namespace}`;
    const remedy = `refuse such pods and network policies by a ValidatingAdmissionPolicy that is bound with Deny and covers namespace ${namespace}`;
    const egress = [
        { to: [{ ipBlock: { cidr: `${GOOGLE_METADATA_ADDRESS}/32` } }], ports: [{ protocol: "UDP", port: 53 }] },
    ];
    return [
        {
            words: "runs a pod on the node's network, which no network policy covers, and asks the node's own servers",
            ...{ source, remedy },
            requests: [podRequest(namespace, podSpec({ hostNetwork: true }), TENANT)],
        },
        {
            words: "adds a network policy that opens the metadata server's port of DNS: policies add up",
            ...{ source, remedy },
            requests: [
                create(
                    {
                        group: "networking.k8s.io",
                        version: "v1",
                        resource: "networkpolicies",
                        kind: "NetworkPolicy",
                        namespace,
                        user: TENANT,
                    },
                    { spec: { podSelector: {}, policyTypes: ["Egress"], egress } },
                ),
            ],
        },
    ];
}

/** What closes a namespace, taken away: without a policy that is about egress, every address is reached. */
function deletions(namespace: string, objects: readonly KubernetesObject[]): Move[] {
    const policies = objects.filter(
        object =>
            object.kind === "NetworkPolicy" &&
            object.group === "networking.k8s.io" &&
            object.namespace === namespace &&
            texts(object.spec["policyTypes"]).includes("Egress"),
    );
    return policies.length === 0
        ? []
        : [
              {
                  words: `deletes the network policies of ${namespace}, so that its pods reach the metadata server`,
                  source: `tenant of namespace ${namespace}`,
                  remedy: `refuse such pods and network policies by a ValidatingAdmissionPolicy that is bound with Deny and covers namespace ${namespace}`,
                  requests: policies.map(({ name, object }) => ({
                      ...{ group: "networking.k8s.io", version: "v1", resource: "networkpolicies" },
                      ...{ kind: "NetworkPolicy", namespace, name, user: TENANT },
                      ...{ operation: "DELETE" as const, object: null, oldObject: object },
                  })),
              },
          ];
}

type Target = Parameters<typeof create>[0];

function update(target: Target & { readonly name: string }, after: Fields, before: Fields): AdmissionRequest {
    const { object, ...request } = create(target, after);
    const named = (fields: Fields): Fields => ({
        ...object,
        metadata: { name: target.name, namespace: target.namespace, labels: {}, annotations: {} },
        ...fields,
    });
    return { ...request, name: target.name, operation: "UPDATE", object: named(after), oldObject: named(before) };
}
