import { type Fields, type KubernetesObject, fields, fieldsList, text, texts } from "../kubernetes";
import { isExportedTo, type MeshModel } from "./model";
import { type MeshService } from "./services";

/** How a proxy opens its connection to one subset and port of a service. */
export interface UpstreamTls {
    readonly mode: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
    /** Explicit server name; absent means Istio's own choice (`outbound_.<port>_.<subset>_.<host>`, or the Host header). */
    readonly sni?: string;
    readonly subjectAltNames: readonly string[];
    /** Any certificate will do. */
    readonly unchecked: boolean;
    /** Secret, or `file <path>`, with the gateway's own certificate (MUTUAL), and with the authorities that it believes. */
    readonly credential?: string;
}

export type UpstreamPolicy =
    | { readonly kind: "policy"; readonly tls: UpstreamTls | undefined; readonly rule: KubernetesObject | undefined }
    /** The route names a subset that the rule in force does not have: Envoy has no such cluster and answers 503. */
    | { readonly kind: "no subset"; readonly rule: KubernetesObject | undefined }
    | { readonly kind: "unknown"; readonly reason: string; readonly rule: KubernetesObject };

/**
 * The rule that applies to a service for clients of a namespace. The first place that has any rule for the host wins and hides
 * the others: the client's namespace, then the service's, then the root namespace (`destinationRule` in
 * pilot/pkg/model/push_context.go).
 */
export function upstreamPolicy(
    mesh: MeshModel,
    clientNamespace: string,
    service: MeshService,
    subset: string | undefined,
    port: number,
): UpstreamPolicy {
    const rules = rulesInForce(mesh, clientNamespace, service);
    if (rules.length === 0) {
        return subset === undefined
            ? { kind: "policy", tls: undefined, rule: undefined }
            : { kind: "no subset", rule: undefined };
    }
    const selective = rules.find(({ spec }) => spec.workloadSelector !== undefined);
    if (selective !== undefined) {
        return { kind: "unknown", reason: `${selective.urn} applies to selected workloads only`, rule: selective };
    }
    // Rules of one namespace merge when they are exported alike; otherwise the youngest alone counts (#57329).
    const [first, ...others] = rules as [KubernetesObject, ...KubernetesObject[]];
    const alike = others.every(({ spec }) => texts(spec.exportTo).join() === texts(first.spec.exportTo).join());
    const policies = rules.filter(({ spec }) => spec.trafficPolicy !== undefined);
    const holders = subset === undefined ? [] : rules.filter(rule => subsetOf(rule, subset) !== undefined);
    if (others.length > 0 && (!alike || policies.length > 1 || holders.length > 1)) {
        return {
            kind: "unknown",
            reason: `several DestinationRules of namespace ${first.namespace} claim ${service.host}, and which one counts depends on their age: ${rules.map(({ urn }) => urn).join(", ")}`,
            rule: first,
        };
    }
    const holder = holders[0];
    if (subset !== undefined && holder === undefined) {
        return { kind: "no subset", rule: first };
    }
    const rule = holder ?? policies[0] ?? first;
    const own = subset === undefined || holder === undefined ? {} : fields(subsetOf(holder, subset)!.trafficPolicy);
    const general = fields(policies[0]?.spec.trafficPolicy);
    if (own.tunnel !== undefined || general.tunnel !== undefined) {
        return { kind: "unknown", reason: `${rule.urn} tunnels the traffic through another proxy`, rule };
    }
    const tls = tlsForPort(own, port) ?? tlsForPort(general, port);
    return { kind: "policy", tls: tls === undefined ? undefined : tlsOf(tls), rule };
}

function rulesInForce(mesh: MeshModel, clientNamespace: string, service: MeshService): readonly KubernetesObject[] {
    const { rootNamespace } = mesh.settings;
    const places = [clientNamespace, service.namespace, rootNamespace];
    for (const [index, namespace] of places.entries()) {
        const rules = mesh.destinationRules.get(namespace)?.mostSpecific(service.host) ?? [];
        const visible = rules.filter(
            rule => isExportedTo(rule, clientNamespace) || (index === 0 && namespace === clientNamespace),
        );
        if (visible.length > 0) {
            return visible;
        }
    }
    return [];
}

function subsetOf(rule: KubernetesObject, subset: string): Fields | undefined {
    let byName = SUBSETS.get(rule);
    if (byName === undefined) {
        // The first of two subsets with one name counts.
        byName = new Map(
            fieldsList(rule.spec.subsets)
                .toReversed()
                .map(entry => [entry.name, entry]),
        );
        SUBSETS.set(rule, byName);
    }
    return byName.get(subset);
}

/** A rule may list thousands of subsets, and each route asks for one of them. */
const SUBSETS = new WeakMap<KubernetesObject, ReadonlyMap<unknown, Fields>>();

/** Settings of a port replace everything beside them, unset ones included: they do not inherit (`GetPortLevelTrafficPolicy`). */
function tlsForPort(policy: Fields, port: number): Fields | undefined {
    const ofPort = fieldsList(policy.portLevelSettings).find(settings => fields(settings.port).number === port);
    const tls = ofPort === undefined ? policy.tls : ofPort.tls;
    return tls === undefined ? undefined : fields(tls);
}

function tlsOf(tls: Fields): UpstreamTls {
    const sni = text(tls.sni);
    const files = [text(tls.clientCertificate), text(tls.caCertificates)].filter(file => file !== "system");
    const file = files.find(one => one !== undefined);
    const credential = text(tls.credentialName) ?? (file === undefined ? undefined : `file ${file}`);
    const mode = text(tls.mode) ?? "DISABLE";
    return {
        mode: mode === "SIMPLE" || mode === "MUTUAL" || mode === "ISTIO_MUTUAL" ? mode : "DISABLE",
        ...(sni === undefined ? {} : { sni: sni.toLowerCase() }),
        subjectAltNames: texts(tls.subjectAltNames),
        unchecked: tls.insecureSkipVerify === true,
        ...(credential === undefined ? {} : { credential }),
    };
}
