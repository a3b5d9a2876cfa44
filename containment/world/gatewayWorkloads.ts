import { registeredAs } from "../../declared/component";
import { GATEWAY } from "../../declared/gateway";
import {
    type Fields,
    fields,
    fieldsList,
    hasUnknown,
    kubernetesObjects,
    type KubernetesObject,
    stringMap,
    text,
} from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";

/** How egress gateways are labelled: Istio's charts, Google's tutorial and this project. */
const GATEWAY_LABELS: readonly (readonly [string, string])[] = [
    ["istio", "egressgateway"],
    ["app", "istio-egressgateway"],
];

const WORKLOADS = new Set(["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"]);

export function isWorkload({ kind }: KubernetesObject): boolean {
    return WORKLOADS.has(kind);
}

/** The workloads of the gateway's namespace. */
export function workloadsIn(objects: readonly KubernetesObject[], namespace: string | undefined): KubernetesObject[] {
    return objects.filter(object => isWorkload(object) && object.namespace === namespace);
}

export function podSpecOf({ spec }: KubernetesObject): Fields {
    return fields(fields(spec["template"])["spec"]);
}

/** What may be an egress gateway. */
export interface GatewayWorkload {
    readonly object: KubernetesObject;
    /** Whether it is one at all, or where it runs, is not known before `up`. */
    readonly inDoubt: boolean;
}

/**
 * The gateway's workloads: what the gateway's component made, where there is one. A stack that registers none is asked for proxies
 * that carry an egress gateway's labels: a label alone makes nobody's pods a gateway, since anybody may write it.
 */
export function gatewayWorkloads(resources: readonly Resource[]): GatewayWorkload[] {
    const components = new Set(registeredAs(GATEWAY, resources).map(({ urn }) => urn));
    const made = resources.filter(({ parent }) => parent !== undefined && components.has(parent));
    const candidates = kubernetesObjects(made).filter(isWorkload);
    return candidates.length > 0
        ? candidates.map(object => ({ object, inDoubt: isPlacementUnknown(object) }))
        : kubernetesObjects(resources).filter(isWorkload).flatMap(labelled);
}

function labelled(object: KubernetesObject): GatewayWorkload[] {
    const template = fields(object.spec["template"]);
    const labels = stringMap(fields(template["metadata"])["labels"]);
    const veiled = [
        object.object["spec"],
        object.spec["template"],
        template["metadata"],
        fields(template["metadata"])["labels"],
    ];
    const notKnown = veiled.includes(UNKNOWN) || GATEWAY_LABELS.some(([key]) => labels[key] === UNKNOWN);
    const proxy = isProxy(object);
    return proxy === false || !(notKnown || GATEWAY_LABELS.some(([key, value]) => labels[key] === value))
        ? []
        : [{ object, inDoubt: notKnown || proxy === undefined || isPlacementUnknown(object) }];
}

function isPlacementUnknown({ spec }: KubernetesObject): boolean {
    const podSpec = fields(spec["template"])["spec"];
    const { nodeSelector, affinity, tolerations } = fields(podSpec);
    return podSpec === UNKNOWN || hasUnknown([nodeSelector, affinity, tolerations]);
}

/**
 * Whether the pods are Istio's proxies: the injector completes a container of that name (Istio documentation, "Installing Gateways").
 * `undefined`: not known before `up`. A template without containers is a sketch, and says nothing against it.
 */
function isProxy(object: KubernetesObject): boolean | undefined {
    const { containers } = podSpecOf(object);
    const list = fieldsList(containers);
    if (list.some(({ name }) => text(name) === "istio-proxy")) {
        return true;
    }
    return containers === UNKNOWN || list.some(({ name }) => name === UNKNOWN) ? undefined : list.length === 0;
}
