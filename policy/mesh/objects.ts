import {
    fields,
    type Fields,
    fieldsList,
    hasLabels,
    type KubernetesObject,
    kubernetesObjects,
    stringMap,
    texts,
    unknownPaths,
} from "../../containment/kubernetes";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Finding, undecided } from "../rule";
import { gatewayPodLabels, type PackSettings } from "../settings";

/** Resources of one kind of Istio's, in any of its versions. */
export function ofKind(...kinds: readonly string[]): (type: string) => boolean {
    const pattern = new RegExp(`^kubernetes:(networking|security)\\.istio\\.io/[^:]+:(${kinds.join("|")})$`);
    return type => pattern.test(type);
}

export function objectsOf(resources: readonly Resource[], ...kinds: readonly string[]): KubernetesObject[] {
    const wanted = ofKind(...kinds);
    return kubernetesObjects(resources.filter(({ type }) => wanted(type)));
}

/** The object of a resource that is one. */
export function objectOf(resource: Resource): KubernetesObject {
    const [object] = kubernetesObjects([resource]);
    if (object === undefined) {
        throw new Error(`${resource.urn} is no Kubernetes object`);
    }
    return object;
}

/** A finding for each value at, below or above one of these paths that is not known. `[*]` stands for every element. */
export function unclear(object: KubernetesObject, question: string, ...paths: readonly string[]): Finding[] {
    return unclearWhere(object, question, unknown =>
        paths.some(path => isAtOrBelow(unknown, path) || isAtOrBelow(path, unknown)),
    );
}

/** As {@link unclear}, for rules that ask only whether something is there. */
export function unclearPresence(object: KubernetesObject, question: string, ...paths: readonly string[]): Finding[] {
    return unclearWhere(object, question, unknown => paths.some(path => isAtOrBelow(path, unknown)));
}

function unclearWhere(object: KubernetesObject, question: string, concerns: (plainPath: string) => boolean): Finding[] {
    return unknownPaths(object.object)
        .filter(path => concerns(path.replace(/\[\d+\]/g, "[*]")))
        .map(path => ({ ...undecided(path, question), resource: object.urn }));
}

function isAtOrBelow(path: string, place: string): boolean {
    return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`);
}

/**
 * Whether an Istio selector picks the gateway's pods: every label that it asks for is theirs. An empty one picks every pod,
 * and a label whose value is not known may be theirs.
 */
export function bindsGateway(selector: unknown, settings: PackSettings): boolean {
    return gatewayPodLabels(settings).some(labels => bindsPods(selector, labels));
}

/** The same of the pods of one gateway. */
export function bindsPods(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
    const wanted = Object.entries(stringMap(selector)).filter(([, value]) => value !== UNKNOWN);
    return hasLabels(labels, Object.fromEntries(wanted));
}

export interface Server {
    /** For people: `spec.servers[1]`. */
    readonly path: string;
    readonly port: Fields;
    readonly hosts: readonly string[];
    readonly tls: Fields;
    readonly gateway: KubernetesObject;
}

export function serversOf(gateway: KubernetesObject): Server[] {
    return fieldsList(gateway.spec.servers).map((server, index) => ({
        path: `spec.servers[${index}]`,
        port: fields(server.port),
        // `namespace/host` limits who may route the host, not what arrives.
        hosts: texts(server.hosts).map(host => host.slice(host.indexOf("/") + 1).toLowerCase()),
        tls: fields(server.tls),
        gateway,
    }));
}

/** Whether the server ends TLS and hands on bytes, so that its one route decides for every name. */
export function terminatesOpaque({ port, tls }: Server): boolean {
    const mode = String(tls.mode ?? "");
    return /^TLS$/i.test(String(port.protocol)) && mode !== "" && !mode.endsWith("PASSTHROUGH");
}
