import { integer, type KubernetesObject } from "../../containment/kubernetes";
import { isWithin } from "../../containment/mesh/hosts";
import { gatewayNames } from "../../containment/mesh/model";
import { type Resource } from "../../containment/resource";
import { type Finding, type ResourceRule, type StackRule } from "../rule";
import { gatewayPodLabels, type PackSettings } from "../settings";
import {
    bindsGateway,
    bindsPods,
    objectOf,
    objectsOf,
    ofKind,
    type Server,
    serversOf,
    terminatesOpaque,
    unclear,
} from "./objects";

/** Istio builds one filter chain for a terminating TLS server and gives it the first route that fits (istio/istio#48955). */
export function serverHosts(): ResourceRule {
    return {
        scope: "resource",
        name: "gateway-server-hosts",
        concern: "mesh",
        severity: "critical",
        enforcement: "mandatory",
        description: "A Gateway server that ends TLS has one host.",
        stops: "A server with several hosts or a wildcard: it sends all of them to one destination, silently.",
        remedy: "Write one server for each host, each with a port name of its own.",
        concerns: ofKind("Gateway"),
        judge: resource => {
            const gateway = objectOf(resource);
            return [
                ...serversOf(gateway)
                    .filter(terminatesOpaque)
                    .filter(({ hosts }) => hosts.length !== 1 || hosts[0]!.includes("*"))
                    .map(({ path, hosts }) => ({ found: `${path} ends TLS for ${hosts.join(", ") || "no host"}.` })),
                ...unclear(
                    gateway,
                    "whether a server ends TLS for several hosts",
                    "spec.servers[*].hosts",
                    "spec.servers[*].tls.mode",
                    "spec.servers[*].port.protocol",
                ),
            ];
        },
    };
}

export function passthrough(settings: PackSettings): ResourceRule {
    return {
        scope: "resource",
        name: "gateway-passthrough",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "The gateway's servers ask for the caller's identity.",
        stops: "PASSTHROUGH: the gateway sees no identity then, and any pod that reaches it may use the destination.",
        remedy: "Use ISTIO_MUTUAL with the allowed identities in subjectAltNames (mesh.mutualTls: true in this program's settings), or waive this rule by name.",
        concerns: ofKind("Gateway"),
        judge: resource => {
            const gateway = objectOf(resource);
            return bindsGateway(gateway.spec.selector, settings)
                ? [
                      ...serversOf(gateway)
                          .filter(({ tls }) => String(tls.mode).endsWith("PASSTHROUGH"))
                          .map(({ path, tls, hosts }) => ({
                              found: `${path}.tls.mode is ${String(tls.mode)} for ${hosts.join(", ")}.`,
                          })),
                      ...unclear(gateway, "whether the gateway asks for an identity", "spec.servers[*].tls.mode"),
                  ]
                : [];
        },
    };
}

/** Two servers that claim the same: the younger is skipped as a whole, and only a counter of istiod tells. */
export function serverCollisions(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "gateway-server-collision",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "No two servers of the gateway claim the same port and host, and plain TCP has a port for itself.",
        stops: "A server that is skipped without an error, or a TCP port whose first route takes the traffic of all.",
        remedy: "Give each host one server; carry TCP under a synthetic server name on the TLS port instead of a port of its own.",
        judge: resources => {
            const gateways = gatewaysOfPods(resources, settings);
            return [
                ...gatewayPodLabels(settings).flatMap(labels =>
                    clashes(gateways.filter(({ spec }) => bindsPods(spec.selector, labels)).flatMap(serversOf)),
                ),
                ...sharedTcpPorts(gateways, resources),
                ...gateways.flatMap(gateway =>
                    unclear(
                        gateway,
                        "whether two servers of the gateway collide",
                        "spec.selector",
                        "spec.servers[*].hosts",
                        "spec.servers[*].port",
                    ),
                ),
            ];
        },
    };
}

export function gatewaysOfPods(resources: readonly Resource[], settings: PackSettings): KubernetesObject[] {
    return objectsOf(resources, "Gateway").filter(({ spec }) => bindsGateway(spec.selector, settings));
}

function clashes(servers: readonly Server[]): Finding[] {
    return servers.flatMap((server, index) => {
        const rival = servers.slice(0, index).find(earlier => clash(server, earlier) !== undefined);
        return rival === undefined
            ? []
            : [
                  {
                      resource: server.gateway.urn,
                      found: `${server.path} claims port ${String(server.port.number)} ${clash(server, rival)!}, as ${rival.path} of ${nameOf(rival.gateway)} does.`,
                  },
              ];
    });
}

/** What both claim, in words. Plain HTTP servers of a port are merged, so they never do. */
function clash(server: Server, other: Server): string | undefined {
    if (integer(server.port.number) !== integer(other.port.number)) {
        return undefined;
    }
    const kinds = [kindOf(server), kindOf(other)];
    if (kinds.includes("tcp")) {
        return "for plain TCP";
    }
    if (kinds[0] !== kinds[1]) {
        return "for another protocol";
    }
    const shared = server.hosts.filter(host => other.hosts.includes(host));
    return kinds[0] === "tls" && shared.length > 0 ? `and ${shared.join(", ")}` : undefined;
}

function kindOf({ port }: Server): "tcp" | "tls" | "http" {
    const protocol = String(port.protocol).toUpperCase();
    return protocol === "TLS" || protocol === "HTTPS"
        ? "tls"
        : /^(HTTP|HTTP2|GRPC|GRPC-WEB)$/.test(protocol)
          ? "http"
          : "tcp";
}

function sharedTcpPorts(gateways: readonly KubernetesObject[], resources: readonly Resource[]): Finding[] {
    return gateways.flatMap(gateway => {
        const ports = serversOf(gateway).filter(server => kindOf(server) === "tcp");
        const bound = objectsOf(resources, "VirtualService").filter(
            route =>
                Array.isArray(route.spec.tcp) &&
                gatewayNames(route.spec.gateways, route.namespace).includes(nameOf(gateway)),
        );
        return ports.length > 0 && bound.length > ports.length
            ? [
                  {
                      resource: gateway.urn,
                      found: `${bound.length} VirtualServices (${bound.map(nameOf).join(", ")}) route plain TCP of ${ports.length === 1 ? "one port" : `${ports.length} ports`}.`,
                  },
              ]
            : [];
    });
}

function nameOf({ namespace, name }: KubernetesObject): string {
    return `${namespace}/${name}`;
}

/** The hosts that the gateway's TLS servers answer to; undefined where no Gateway of its pods is in the stack. */
export function serverNames(
    resources: readonly Resource[],
    settings: PackSettings,
): { readonly has: (name: string) => boolean } | undefined {
    const gateways = gatewaysOfPods(resources, settings);
    const names = gateways.flatMap(serversOf).flatMap(({ hosts }) => hosts);
    return gateways.length === 0 ? undefined : { has: name => names.some(host => isWithin(name, host)) };
}
