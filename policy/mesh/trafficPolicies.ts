import {
    fields,
    type Fields,
    fieldsList,
    integer,
    type KubernetesObject,
    text,
    texts,
} from "../../containment/kubernetes";
import { qualified } from "../../containment/mesh/hosts";
import { UNKNOWN } from "../../containment/resource";
import { type Finding, type ResourceRule, type StackRule } from "../rule";
import { gatewayHost, type PackSettings } from "../settings";
import { serverNames } from "./gatewayServers";
import { objectOf, objectsOf, ofKind, serversOf, unclear, unclearPresence } from "./objects";

/** A `tls` block of a DestinationRule, with its path. */
interface ClientTls {
    readonly path: string;
    readonly tls: Fields;
    readonly port: number | undefined;
}

interface Policy {
    readonly path: string;
    readonly policy: Fields;
}

/** The traffic policy of a rule, and those of its subsets. */
function policiesOf({ spec }: KubernetesObject): Policy[] {
    return [
        { path: "spec.trafficPolicy", policy: fields(spec.trafficPolicy) },
        ...fieldsList(spec.subsets).map((subset, index) => ({
            path: `spec.subsets[${index}].trafficPolicy`,
            policy: fields(subset.trafficPolicy),
        })),
    ];
}

function tlsOf(rule: KubernetesObject): ClientTls[] {
    return policiesOf(rule).flatMap(({ path, policy }) => [
        ...(policy.tls === undefined ? [] : [{ path: `${path}.tls`, tls: fields(policy.tls), port: undefined }]),
        ...fieldsList(policy.portLevelSettings).flatMap((settings, index) =>
            settings.tls === undefined
                ? []
                : [
                      {
                          path: `${path}.portLevelSettings[${index}].tls`,
                          tls: fields(settings.tls),
                          port: integer(fields(settings.port).number),
                      },
                  ],
        ),
    ]);
}

const TLS_PATHS = [
    "spec.trafficPolicy.tls",
    "spec.trafficPolicy.portLevelSettings[*].tls",
    "spec.subsets[*].trafficPolicy.tls",
    "spec.subsets[*].trafficPolicy.portLevelSettings[*].tls",
];

function within(paths: readonly string[], ...fieldNames: readonly string[]): string[] {
    return paths.flatMap(path => fieldNames.map(name => `${path}.${name}`));
}

/** Istio checks the certificate's names by itself only when neither `sni` nor `subjectAltNames` is given (`cluster_tls.go`). */
export function originationNames(): ResourceRule {
    return {
        scope: "resource",
        name: "origination-names",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        description: "Whoever opens TLS to a destination checks the name in its certificate.",
        stops: "An explicit sni without subjectAltNames, or insecureSkipVerify: any certificate of a trusted authority is accepted then.",
        remedy: "Add subjectAltNames with the host beside sni, or leave sni out for HTTP.",
        concerns: ofKind("DestinationRule"),
        judge: resource => {
            const rule = objectOf(resource);
            return [
                ...tlsOf(rule).flatMap(({ path, tls }): Finding[] => {
                    const opens = tls.mode === "SIMPLE" || tls.mode === "MUTUAL" || tls.mode === UNKNOWN;
                    return [
                        ...(opens &&
                        text(tls.sni) !== undefined &&
                        tls.subjectAltNames !== UNKNOWN &&
                        texts(tls.subjectAltNames).length === 0
                            ? [{ found: `${path} has sni ${String(tls.sni)} and no subjectAltNames.` }]
                            : []),
                        ...(tls.insecureSkipVerify === true ? [{ found: `${path}.insecureSkipVerify is true.` }] : []),
                    ];
                }),
                ...unclear(
                    rule,
                    "whether the certificate's name is checked",
                    ...within(TLS_PATHS, "subjectAltNames", "insecureSkipVerify"),
                ),
            ];
        },
    };
}

/** Settings of a port replace all that stands beside them, unset ones included (Istio API, `TrafficPolicy.port_level_settings`). */
export function portLevelSettings(): ResourceRule {
    const inherited = ["loadBalancer", "connectionPool", "outlierDetection", "tls"] as const;
    return {
        scope: "resource",
        name: "port-level-settings",
        concern: "mesh",
        severity: "medium",
        enforcement: "mandatory",
        description: "A traffic policy repeats in each port's settings what shall hold for the port.",
        stops: "Settings beside portLevelSettings, which do not reach those ports: a load balancer without effect, or plain text instead of TLS.",
        remedy: "Move the setting into each block of portLevelSettings.",
        concerns: ofKind("DestinationRule"),
        judge: resource => {
            const rule = objectOf(resource);
            return [
                ...policiesOf(rule).flatMap(({ path, policy }) =>
                    fieldsList(policy.portLevelSettings).flatMap((settings, index): Finding[] => {
                        const lost = inherited.filter(key => policy[key] !== undefined && settings[key] === undefined);
                        return lost.length === 0
                            ? []
                            : [
                                  {
                                      found: `${path} sets ${lost.join(", ")}, and portLevelSettings[${index}] (port ${String(fields(settings.port).number ?? "?")}) does not.`,
                                  },
                              ];
                    }),
                ),
                ...unclearPresence(
                    rule,
                    "whether settings reach the ports",
                    "spec.trafficPolicy.portLevelSettings[*]",
                    "spec.subsets[*].trafficPolicy.portLevelSettings[*]",
                ),
            ];
        },
    };
}

const FILES = ["clientCertificate", "serverCertificate", "privateKey", "caCertificates"] as const;

/** The form of 2019: the Secrets that were mounted there are gone, so the listener has no certificate. */
export function certificateFiles(): ResourceRule {
    return {
        scope: "resource",
        name: "certificate-files",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        description: "No certificate is read from /etc/certs.",
        stops: "Mutual TLS in the form of 2019, which is valid and has no certificate: Istio mounts nothing there any more.",
        remedy: "Use mode ISTIO_MUTUAL without file names inside the mesh, credentialName towards a destination.",
        concerns: ofKind("Gateway", "DestinationRule"),
        judge: resource => {
            const object = objectOf(resource);
            const blocks =
                object.kind === "Gateway"
                    ? serversOf(object).map(({ path, tls }) => ({ path: `${path}.tls`, tls }))
                    : tlsOf(object);
            const paths = object.kind === "Gateway" ? ["spec.servers[*].tls"] : TLS_PATHS;
            return [
                ...blocks.flatMap(({ path, tls }) => {
                    const files = FILES.filter(key => String(tls[key] ?? "").startsWith("/etc/certs"));
                    return files.length === 0
                        ? []
                        : [{ found: `${path} reads ${files.map(key => `${key} ${String(tls[key])}`).join(", ")}.` }];
                }),
                ...unclear(object, "whether certificates are read from /etc/certs", ...within(paths, ...FILES)),
            ];
        },
    };
}

/** The name that a subset sends is what the gateway chooses the server by. */
export function subsetNames(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "gateway-server-names",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Every server name that a rule sends to the gateway is a host of one of its servers.",
        stops: "A subset whose traffic no server of the gateway takes, or another server than meant.",
        remedy: "Make sni and the server's host the same; this program generates both from one destination.",
        judge: resources => {
            const names = serverNames(resources, settings);
            const rules = objectsOf(resources, "DestinationRule").filter(
                ({ spec, namespace }) =>
                    spec.host === UNKNOWN || qualified(text(spec.host) ?? "", namespace) === gatewayHost(settings),
            );
            return names === undefined
                ? []
                : rules.flatMap((rule): Finding[] => [
                      ...tlsOf(rule)
                          .filter(({ tls }) => text(tls.sni) !== undefined && tls.sni !== UNKNOWN)
                          .filter(({ tls }) => !names.has(String(tls.sni).toLowerCase()))
                          .map(({ path, tls }) => ({
                              resource: rule.urn,
                              found: `${path}.sni is ${String(tls.sni)}, and no server of the gateway has that host.`,
                          })),
                      ...unclear(
                          rule,
                          "which server of the gateway is meant",
                          "spec.host",
                          ...within(TLS_PATHS, "sni"),
                      ),
                  ]);
        },
    };
}
