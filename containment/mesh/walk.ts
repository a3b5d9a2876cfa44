import { type Hop } from "../verdict";
import { nameIn } from "./authorities";
import { type Call, type CallOutcome, clusterName, hop } from "./call";
import { walkClient } from "./client";
import { ClientView } from "./clientView";
import { upstreamPolicy } from "./destinationRules";
import { type Chain, type GatewayView, gatewayView, routesForHost } from "./gateway";
import { type MeshModel } from "./model";
import { Universe } from "./principals";
import { type MeshRoute } from "./routes";
import { Registry } from "./upstream";

export interface Journey {
    readonly sidecar: CallOutcome;
    /** What the sidecar says to the gateway; absent where the call does not go there. */
    readonly toGateway?: Call;
    readonly gateway?: CallOutcome & { readonly chain?: Chain };
}

/** Follows calls through a mesh. Configuration is generated once per namespace and reused. */
export class Walker {
    readonly registry: Registry;
    private readonly clients = new Map<string, ClientView>();

    constructor(
        readonly mesh: MeshModel,
        readonly gateway: GatewayView,
    ) {
        this.registry = new Registry(mesh);
    }

    client(namespace: string): ClientView {
        const view = this.clients.get(namespace) ?? new ClientView(this.mesh, namespace);
        this.clients.set(namespace, view);
        return view;
    }

    /** The sidecar's leg, and the gateway's where the first one leads there. */
    journey(namespace: string, call: Call): Journey {
        const view = this.client(namespace);
        const sidecar = walkClient(view, call);
        const { destination } = sidecar;
        const gatewayService = this.mesh.gatewayService;
        if (
            sidecar.error !== undefined ||
            sidecar.unknown !== undefined ||
            destination === undefined ||
            destination.host !== gatewayService?.host
        ) {
            return { sidecar };
        }
        const policy = upstreamPolicy(this.mesh, namespace, gatewayService, destination.subset, destination.port);
        const tls = policy.kind === "policy" ? policy.tls : undefined;
        const encrypted = tls !== undefined && tls.mode !== "DISABLE";
        const sni = encrypted
            ? (tls.sni ?? `outbound_.${destination.port}_.${destination.subset ?? ""}_.${destination.host}`)
            : call.tls === "plaintext"
              ? undefined
              : call.sni;
        const host = call.host === undefined ? undefined : (destination.authority ?? call.host);
        const toGateway: Call = {
            port: this.mesh.podPorts.get(destination.port) ?? destination.port,
            protocol: call.protocol,
            tls: encrypted ? (tls.mode === "ISTIO_MUTUAL" ? "mtls" : "tls") : call.tls,
            ...(sni === undefined ? {} : { sni }),
            ...(host === undefined ? {} : { host }),
        };
        return { sidecar, toGateway, gateway: this.atGateway(toGateway) };
    }

    /** The gateway's leg: listener, filter chain by server name, route, cluster. Identities are judged apart. */
    atGateway(call: Call): CallOutcome & { readonly chain?: Chain } {
        const chains = this.gateway.byPort.get(call.port);
        if (chains === undefined) {
            return {
                error: "no listener matched",
                hops: [hop("Gateway", `no server listens on port ${call.port} of the gateway's pods`)],
            };
        }
        const sni = call.tls === "plaintext" ? undefined : call.sni?.toLowerCase();
        const [chain, ...rivals] = chains.mostSpecific(sni ?? "*");
        if (chain === undefined) {
            return {
                error: "no filter chains matched",
                hops: [
                    hop(
                        "Gateway server",
                        sni === undefined
                            ? `port ${call.port} takes TLS with a declared server name only`
                            : `no server for ${sni}: connection closed`,
                    ),
                ],
            };
        }
        const contested = [...chain.contested, ...rivals.map(({ gateway }) => gateway.urn)];
        if (contested.length > 0) {
            return {
                chain,
                unknown: `${[...new Set([chain.gateway.urn, ...contested])].join(", ")} claim the same traffic, and the oldest wins`,
                hops: [],
            };
        }
        if (chain.reasons.length > 0) {
            return { chain, unknown: chain.reasons.join("; "), hops: [] };
        }
        const server = hop("Gateway server", serverInWords(chain, sni), chain.gateway);
        if (chain.terminates && call.tls === "plaintext") {
            return { chain, error: "invalid TLS", hops: [server] };
        }
        if (chain.handshake.kind === "mesh" && call.tls === "tls") {
            return { chain, error: "invalid mTLS", hops: [server] };
        }
        if (chain.transport === "plaintext" && chain.kind === "http" && call.tls !== "plaintext") {
            return { chain, error: "protocol error", hops: [server] };
        }
        if (chain.kind === "tcp") {
            return this.settled(chain, chain.routes, [server]);
        }
        if (call.protocol !== "http") {
            return { chain, error: "protocol error", hops: [server] };
        }
        const authority = call.host ?? "";
        const host = nameIn(authority);
        if (chain.hosts.mostSpecific(host).length === 0) {
            return {
                chain,
                error: "no virtual host matched",
                hops: [server, hop("VirtualService", `none of this Gateway has Host ${host}: 404`)],
            };
        }
        const {
            routes,
            contested: owners,
            reasons,
        } = routesForHost(chain, host, authority, this.mesh.settings.gatewayNamespace, name =>
            this.registry.first(name),
        );
        if (owners.length > 0 || reasons.length > 0) {
            return {
                chain,
                unknown: reasons[0] ?? `${owners.join(", ")} claim Host ${host}, and the oldest wins`,
                hops: [server],
            };
        }
        return this.settled(chain, routes, [server]);
    }

    private settled(
        chain: Chain,
        routes: readonly MeshRoute[],
        hops: readonly Hop[],
    ): CallOutcome & { readonly chain: Chain } {
        const [route, ...others] = routes;
        if (route === undefined) {
            return { chain, error: "no route matched", hops };
        }
        if (route.conditional || others.some(other => clusterName(other) !== clusterName(route))) {
            return {
                chain,
                unknown: `${route.virtualService.urn} sends the traffic to several destinations or asks for more than the model follows`,
                hops,
            };
        }
        return {
            chain,
            cluster: clusterName(route),
            destination: route,
            hops: [...hops, hop("VirtualService", `to ${clusterName(route)}`, route.virtualService)],
        };
    }
}

function serverInWords(chain: Chain, sni: string | undefined): string {
    const name = sni === undefined ? "" : ` with server name ${sni}`;
    const check =
        chain.handshake.kind === "mesh"
            ? "asks for a mesh certificate"
            : chain.terminates
              ? "does not check the mesh's certificate"
              : "does not ask who calls";
    return `port ${chain.port}${name} ${check}`;
}

/** A walker over a mesh alone, for questions about routing: who may call is not judged. */
export function walkerOf(mesh: MeshModel): Walker {
    return new Walker(mesh, gatewayView(mesh, new Universe(mesh.settings.trustDomain, [], [])));
}

/** Follows one call; `from` is a namespace, or the gateway itself for its leg alone. */
export function walk(walker: Walker, from: { readonly namespace: string } | "gateway", call: Call): CallOutcome {
    return from === "gateway" ? walker.atGateway(call) : walkClient(walker.client(from.namespace), call);
}
