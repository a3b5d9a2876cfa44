import { type Resource } from "../../../containment/resource";
import { type KubernetesManifest, SURROUNDINGS, declaration, resourceOf } from "./fixture";

const gatewayHost = "egress-gateway.istio-egress.svc.cluster.local";

/** A catalogue of the verified shapes: every fifth destination is HTTP, the rest TLS; each is allowed to two of N/10 namespaces. */
export function largeMesh(count: number): Resource[] {
    const objects: KubernetesManifest[] = [...SURROUNDINGS];
    const networking = (kind: string, name: string, namespace: string, spec: unknown): void => {
        objects.push({ apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace }, spec });
    };
    const security = (kind: string, name: string, spec: unknown): void => {
        objects.push({ apiVersion: "security.istio.io/v1", kind, metadata: { name, namespace: "istio-egress" }, spec });
    };
    const namespaces = Array.from({ length: Math.max(2, Math.ceil(count / 10)) }, (_, index) => `team-${index}`);
    const subsets = new Map<string, unknown[]>(namespaces.map(namespace => [namespace, []]));
    const destinations: unknown[] = [];
    networking("Gateway", "http", "istio-egress", {
        selector: { istio: "egressgateway" },
        servers: [
            { port: { number: 80, name: "http", protocol: "HTTPS" }, hosts: ["*"], tls: { mode: "ISTIO_MUTUAL" } },
        ],
    });
    for (let index = 0; index < count; index++) {
        const host = `host-${index}.example.com`;
        const name = `host-${index}-example-com`;
        const http = index % 5 === 0;
        const port = http ? 80 : 443;
        const clients = [namespaces[index % namespaces.length]!, namespaces[(index * 7 + 1) % namespaces.length]!];
        const allow = [...new Set(clients)].map(namespace => ({ namespace, serviceAccount: "api" }));
        const principals = allow.map(
            ({ namespace, serviceAccount }) => `cluster.local/ns/${namespace}/sa/${serviceAccount}`,
        );
        const exportTo = allow.map(({ namespace }) => namespace);
        destinations.push({ host, ports: [{ number: port, protocol: http ? "http" : "tls" }], allow });
        const ports = [{ number: port, name: `p-${port}`, protocol: http ? "HTTP" : "TLS" }];
        networking("ServiceEntry", name, "istio-egress", { hosts: [host], resolution: "DNS", ports, exportTo: ["."] });
        networking("ServiceEntry", `${name}-clients`, "istio-egress", {
            hosts: [host],
            resolution: "STATIC",
            ports,
            exportTo,
        });
        const onward = [{ destination: { host, port: { number: port } } }];
        const toGateway = [{ destination: { host: gatewayHost, subset: name, port: { number: port } } }];
        if (http) {
            networking("VirtualService", `${name}-http`, "istio-egress", {
                hosts: [host],
                gateways: ["http"],
                exportTo: ["."],
                http: [{ route: onward }],
            });
            networking("VirtualService", `${name}-mesh`, "istio-egress", {
                hosts: [host],
                gateways: ["mesh"],
                exportTo,
                http: [{ match: [{ port: 80 }], route: toGateway }],
            });
            security("AuthorizationPolicy", `${name}-http`, {
                selector: { matchLabels: { istio: "egressgateway" } },
                action: "ALLOW",
                rules: [
                    {
                        from: [{ source: { principals } }],
                        to: [{ operation: { ports: ["8080"], hosts: [host, `${host}:*`] } }],
                    },
                ],
            });
        } else {
            networking("Gateway", `${name}-443`, "istio-egress", {
                selector: { istio: "egressgateway" },
                servers: [
                    {
                        port: { number: 443, name: `tls-${name}`, protocol: "TLS" },
                        hosts: [host],
                        tls: {
                            mode: "ISTIO_MUTUAL",
                            subjectAltNames: principals.map(principal => `spiffe://${principal}`),
                        },
                    },
                ],
            });
            networking("VirtualService", `${name}-443`, "istio-egress", {
                hosts: [host],
                gateways: [`${name}-443`],
                exportTo: ["."],
                tcp: [{ match: [{ port: 443 }], route: onward }],
            });
            networking("VirtualService", `${name}-mesh`, "istio-egress", {
                hosts: [host],
                gateways: ["mesh"],
                exportTo,
                tls: [{ match: [{ port: 443, sniHosts: [host] }], route: toGateway }],
            });
        }
        for (const { namespace } of allow) {
            const tls = http ? { mode: "ISTIO_MUTUAL" } : { mode: "ISTIO_MUTUAL", sni: host };
            subsets
                .get(namespace)!
                .push({ name, trafficPolicy: { portLevelSettings: [{ port: { number: port }, tls }] } });
        }
    }
    for (const [namespace, own] of subsets) {
        networking("DestinationRule", "egress-gateway", namespace, {
            host: gatewayHost,
            exportTo: ["."],
            subsets: own,
        });
        networking("Sidecar", "default", namespace, {
            egress: [{ hosts: ["*/*"] }],
            outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
        });
    }
    security("AuthorizationPolicy", "default-deny", { selector: { matchLabels: { istio: "egressgateway" } } });
    security("AuthorizationPolicy", "tls-leg", {
        selector: { matchLabels: { istio: "egressgateway" } },
        action: "ALLOW",
        rules: [{ from: [{ source: { principals: ["*"] } }], to: [{ operation: { ports: ["8443"] } }] }],
    });
    return [declaration("mutual-tls", destinations), ...objects.map(resourceOf)];
}
