import { type Registered, registeredAs } from "../../declared/component";
import { MESH, type MeshInputs } from "../../declared/mesh";
import {
    fields,
    hasLabels,
    type KubernetesObject,
    kubernetesObjects,
    selectorMatches,
    stringMap,
    texts,
} from "../../containment/kubernetes";
import { unclear } from "../mesh/objects";
import { type Finding, type StackRule } from "../rule";
import { gatewayNamespaces, gatewayPodLabels, type PackSettings } from "../settings";
import { policiesOf } from "./networkPolicies";

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]);

/** The gateway and its clients are closed by network policies as well: the gateway both ways, its clients towards outside. */
export function gatewayNetworkPolicy(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "gateway-network-policy",
        concern: "workloads",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description:
            "A stack that runs the gateway closes its namespace, and its clients' egress, by network policies.",
        stops: "A gateway that any pod reaches on any port and that reaches the cluster's inside, and clients whose only border is the firewall.",
        remedy: "Add default-deny policies: both directions in the gateway's namespace, egress in the namespaces of its clients.",
        judge: resources => {
            const objects = kubernetesObjects(resources);
            const gateways = objects.filter(object => runsGateway(object, settings));
            const policies = policiesOf(resources);
            return gateways.length === 0
                ? []
                : [
                      ...gateways.flatMap(gateway =>
                          (["Ingress", "Egress"] as const)
                              .filter(
                                  direction => !isClosed(gateway.namespace, podLabels(gateway), direction, policies),
                              )
                              .map(direction => ({
                                  resource: gateway.urn,
                                  found: `No network policy closes ${direction.toLowerCase()} of the gateway's pods in ${gateway.namespace}.`,
                              })),
                      ),
                      ...registeredAs(MESH, resources).flatMap(mesh => openClients(mesh, policies)),
                      ...policies.flatMap(policy =>
                          unclear(
                              policy,
                              "which pods the policy closes",
                              "spec.podSelector",
                              "spec.policyTypes",
                              "metadata.namespace",
                          ),
                      ),
                  ];
        },
    };
}

function runsGateway(object: KubernetesObject, settings: PackSettings): boolean {
    return (
        WORKLOADS.has(object.kind) &&
        gatewayNamespaces(settings).includes(object.namespace) &&
        gatewayPodLabels(settings).some(labels => hasLabels(podLabels(object), labels))
    );
}

function podLabels({ spec }: KubernetesObject): Readonly<Record<string, string>> {
    return stringMap(fields(fields(spec.template).metadata).labels);
}

/** A policy that selects the pods closes its directions; without `policyTypes` it closes egress only if it has egress rules. */
function isClosed(
    namespace: string,
    labels: Readonly<Record<string, string>>,
    direction: "Ingress" | "Egress",
    policies: readonly KubernetesObject[],
): boolean {
    return policies
        .filter(policy => policy.namespace === namespace && selectorMatches(policy.spec.podSelector, labels))
        .some(({ spec }) => {
            const types = texts(spec.policyTypes);
            return types.length > 0 ? types.includes(direction) : direction === "Ingress" || spec.egress !== undefined;
        });
}

/** The namespaces that the stack's own mesh declares as clients, and that no policy closes. */
function openClients(mesh: Registered<MeshInputs>, policies: readonly KubernetesObject[]): Finding[] {
    const clients = mesh.read("clientNamespaces");
    const found = clients.known
        ? clients.value
              .filter(namespace => !isClosed(namespace, {}, "Egress", policies))
              .map(
                  namespace =>
                      `No network policy closes egress of namespace ${namespace}, which is a client of the gateway.`,
              )
        : clients.reasons.map(reason => `Which namespaces are the gateway's clients is not known: ${reason}.`);
    return found.map(sentence => ({ resource: mesh.urn, found: sentence }));
}
