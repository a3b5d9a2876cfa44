import { GUARD_RULE_LABEL } from "../../components/guard/policy";
import {
    type Fields,
    fields,
    fieldsList,
    type KubernetesObject,
    kubernetesObjects,
    stringMap,
    text,
} from "../../containment/kubernetes";
import { UNKNOWN } from "../../containment/resource";
import { fitsAny } from "../patterns";
import { type Finding, type ResourceRule, undecided } from "../rule";
import { gatewayNamespaces, type PackSettings } from "../settings";
import { isOfGatewayProject } from "./guard";

const ADMISSION = /^kubernetes:admissionregistration\.k8s\.io\/[^:]+:ValidatingAdmissionPolicy(Binding)?(Patch|List)?$/;
const PATCHES = /^kubernetes:core\/v1:(Node|Namespace)Patch$/;
/** What the guard's objects are called (`components/guard/policy.ts`). */
const GUARD_NAME = /^egress-gateway\./;

/**
 * A patch belongs to nobody and changes what is somebody else's. The guard cannot protect its own policies, which Kubernetes
 * exempts from admission policies, and what a patch takes away no request to create something shows.
 */
export function foreignPatches(settings: PackSettings): ResourceRule {
    return {
        scope: "resource",
        name: "foreign-patches",
        concern: "workloads",
        severity: "critical",
        enforcement: "mandatory",
        description:
            "Nobody but the gateway's own project changes the guard, takes taints off nodes, or stops injection in namespaces.",
        stops: "A patch that makes the guard warn instead of refuse, opens the gateway's nodes, or gives a namespace's pods no sidecar.",
        remedy: "Leave the guard to the gateway's project; set taints on the node pool, and labels on the Namespace where it is created.",
        concerns: type => ADMISSION.test(type) || PATCHES.test(type),
        judge: resource =>
            isOfGatewayProject(resource, settings)
                ? []
                : kubernetesObjects([resource]).flatMap(object =>
                      ADMISSION.test(resource.type)
                          ? guardFindings(object)
                          : object.kind === "NodePatch"
                            ? nodeFindings(object, settings)
                            : namespaceFindings(object, settings),
                  ),
    };
}

function guardFindings({ name, labels, object }: KubernetesObject): Finding[] {
    const listed = fieldsList(object.items).map(item => text(fields(item.metadata).name) ?? "");
    const bound = text(fields(object.spec).policyName) ?? "";
    const guards = [name, bound, ...listed].filter(text => GUARD_NAME.test(text));
    return name === UNKNOWN
        ? [undecided("metadata.name", "whether it is one of the guard's")]
        : guards.length > 0 || labels[GUARD_RULE_LABEL] !== undefined
          ? [{ found: `It changes ${guards[0] ?? name}, which is the guard's.` }]
          : [];
}

/** Which node it is tells nobody; what it sets replaces all taints there are (Kubernetes API: the list is atomic). */
function nodeFindings({ object, labels, spec }: KubernetesObject, settings: PackSettings): Finding[] {
    const key = settings.gatewayNodeKey;
    const taints = spec.taints;
    const keeps = fieldsList(taints).some(taint => taint.key === key);
    return [
        ...(taints === UNKNOWN && settings.gatewayNamed
            ? [undecided("spec.taints", "whether a gateway node keeps its taint")]
            : Array.isArray(taints) && !keeps && (taints.length === 0 || settings.gatewayNamed)
              ? [{ found: `spec.taints replaces the node's taints, ${key} of a gateway node included.` }]
              : []),
        ...(key in labels || key in fields(fields(object.metadata).labels)
            ? [{ found: `metadata.labels has ${key}, which the node pool alone sets.` }]
            : []),
    ];
}

function namespaceFindings({ name, object }: KubernetesObject, settings: PackSettings): Finding[] {
    const { labels } = fields(object.metadata);
    const isGateways = settings.gatewayNamed && gatewayNamespaces(settings).includes(name);
    const isResolvers = name === settings.resolverNamespace;
    const isClients = fitsAny(settings.clientNamespaces, name);
    if (labels === UNKNOWN) {
        return isGateways || isResolvers || isClients
            ? [undecided("metadata.labels", "whether its pods keep their sidecars")]
            : [];
    }
    const off = stopsInjection(labels as Fields | undefined);
    const changed = Object.keys(stringMap(labels)).filter(key =>
        /(^|\.)istio\.io\/|^pod-security\.kubernetes\.io\//.test(key),
    );
    return (isGateways || isResolvers) && Object.keys(fields(labels)).length > 0
        ? [{ found: `It labels ${name}, which is the ${isGateways ? "gateway" : "resolver"}'s namespace.` }]
        : off !== undefined
          ? [{ found: `metadata.labels has ${off}: new pods there get no sidecar.` }]
          : isClients && changed.length > 0
            ? [
                  {
                      found: `metadata.labels has ${changed.join(", ")}, which decides about the pods of a client's namespace.`,
                  },
              ]
            : [];
}

function stopsInjection(labels: Fields | undefined): string | undefined {
    const { "istio-injection": injection } = stringMap(labels);
    return injection !== undefined && injection !== "enabled" && injection !== UNKNOWN
        ? `istio-injection: ${injection}`
        : undefined;
}
