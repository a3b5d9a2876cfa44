import { isAddress } from "../../base/cidr";
import { type Fields, type KubernetesObject, integer, fields, text } from "../kubernetes";
import { type CallTarget } from "./call";
import { upstreamPolicy, type UpstreamTls } from "./destinationRules";
import { append } from "./exported";
import { type MeshModel } from "./model";
import { type MeshService } from "./services";

/** Where the gateway opens a connection to, once a route has named a service. */
export type Upstream =
    /** The gateway resolves the name itself, so the caller has no say in the address. */
    | {
          readonly kind: "name";
          readonly name: string;
          readonly port: number;
          readonly source: KubernetesObject;
          /** It closes what has another server name inside than this. */
          readonly checksInnerName?: true;
          /** How the gateway opens the connection; absent: in the clear, or with what the caller sends. */
          readonly tls?: UpstreamTls;
          /** The DestinationRule that says so. */
          readonly rule?: KubernetesObject;
      }
    /** Fixed endpoints, whatever name the callers ask for. */
    | {
          readonly kind: "endpoint";
          readonly address: string;
          readonly port: number;
          readonly source: KubernetesObject;
          readonly tls?: UpstreamTls;
          readonly rule?: KubernetesObject;
      }
    /** Workloads of the cluster. */
    | { readonly kind: "workloads"; readonly source: KubernetesObject }
    /** No connection is opened; the caller gets 503. */
    | { readonly kind: "none"; readonly why: string; readonly source?: KubernetesObject }
    | { readonly kind: "unknown"; readonly reason: string; readonly source: KubernetesObject };

/** Services that the gateway's namespace sees, by host. More than one for a host: the oldest wins. */
export class Registry {
    private readonly services = new Map<string, MeshService[]>();

    constructor(readonly mesh: MeshModel) {
        for (const service of mesh.services.visibleTo(mesh.settings.gatewayNamespace)) {
            append(this.services, service.host, service);
        }
    }

    claimants(host: string): readonly MeshService[] {
        const all = this.services.get(host) ?? [];
        const kubernetes = all.filter(({ resolution }) => resolution === "KUBERNETES" || resolution === "ALIAS");
        // A Kubernetes Service takes precedence over every ServiceEntry.
        return kubernetes.length > 0 ? kubernetes : all;
    }

    first(host: string): MeshService | undefined {
        return this.claimants(host)[0];
    }

    /** Every upstream that the route may have; one per object that claims the host. */
    upstreams(destination: CallTarget): readonly Upstream[] {
        const claimants = this.claimants(destination.host);
        return claimants.length === 0
            ? [{ kind: "none", why: `the gateway sees no service ${destination.host}` }]
            : claimants.flatMap(service => this.upstreamsOf(service, destination));
    }

    private upstreamsOf(service: MeshService, destination: CallTarget): readonly Upstream[] {
        const { source } = service;
        const port = service.ports.find(({ number }) => number === destination.port);
        if (port === undefined) {
            return [{ kind: "none", why: `${source.urn} has no port ${destination.port}`, source }];
        }
        const policy = upstreamPolicy(
            this.mesh,
            this.mesh.settings.gatewayNamespace,
            service,
            destination.subset,
            destination.port,
        );
        if (policy.kind === "no subset") {
            return [
                {
                    kind: "none",
                    why: `no DestinationRule has subset ${destination.subset} of ${destination.host}`,
                    source,
                },
            ];
        }
        if (policy.kind === "unknown") {
            return [{ kind: "unknown", reason: policy.reason, source }];
        }
        const opened = {
            ...(policy.tls === undefined ? {} : { tls: policy.tls }),
            ...(policy.rule === undefined ? {} : { rule: policy.rule }),
        };
        const targetPort = typeof port.targetPort === "number" ? port.targetPort : destination.port;
        switch (service.resolution) {
            case "KUBERNETES":
                return [{ kind: "workloads", source }];
            case "ALIAS":
                return [{ kind: "name", name: text(source.spec.externalName) ?? "", port: targetPort, source }];
            case "DYNAMIC":
                return [
                    {
                        kind: "unknown",
                        reason: `${source.urn} resolves names at request time (DYNAMIC_DNS), which a classic egress gateway does not support`,
                        source,
                    },
                ];
            case "NONE":
                // A gateway has no original destination to go to: its cluster has no endpoint (#55788).
                return [
                    {
                        kind: "none",
                        why: `${source.urn} has resolution NONE, which gives a gateway no endpoint`,
                        source,
                    },
                ];
            default:
                break;
        }
        if (service.selectsWorkloads) {
            return [{ kind: "workloads", source }];
        }
        const inner = this.mesh.innerNames.find(
            ({ entrance, port: number }) => entrance === service.host && number === port.number,
        );
        // The filter takes the cluster away, and with it whatever endpoints the entry has.
        if (inner !== undefined && destination.subset === undefined) {
            return [{ kind: "name", name: inner.host, port: inner.port, source: inner.source, checksInnerName: true }];
        }
        if (service.endpoints.length > 0) {
            return service.endpoints
                .map(endpoint => endpointOf(endpoint, service, targetPort, port.number))
                .map(upstream =>
                    upstream.kind === "name" || upstream.kind === "endpoint" ? { ...upstream, ...opened } : upstream,
                );
        }
        return service.resolution === "STATIC"
            ? [{ kind: "none", why: `${source.urn} has resolution STATIC and no endpoint`, source }]
            : [{ kind: "name", name: service.host, port: targetPort, source, ...opened }];
    }
}

/** The declared place that an upstream is: a name that the gateway resolves itself, or an address that it is given. */
export function placeOf(upstream: Upstream): { readonly host: string; readonly port: number } | undefined {
    switch (upstream.kind) {
        case "name":
            return { host: upstream.name, port: upstream.port };
        case "endpoint":
            return isAddress(upstream.address) ? { host: upstream.address, port: upstream.port } : undefined;
        default:
            return undefined;
    }
}

function endpointOf(endpoint: Fields, service: MeshService, targetPort: number, servicePort: number): Upstream {
    const { source } = service;
    const address = text(endpoint.address);
    const entryPorts = (Array.isArray(service.source.spec.ports) ? service.source.spec.ports : []).map(fields);
    const name = text(entryPorts.find(({ number }) => number === servicePort)?.name);
    const port = (name === undefined ? undefined : integer(fields(endpoint.ports)[name])) ?? targetPort;
    return address === undefined
        ? { kind: "unknown", reason: `${source.urn} has an endpoint without an address`, source }
        : service.resolution === "DNS" && address.toLowerCase() === service.host
          ? { kind: "name", name: service.host, port, source }
          : { kind: "endpoint", address, port, source };
}
