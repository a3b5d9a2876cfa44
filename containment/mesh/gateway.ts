import { type KubernetesObject, fields, texts } from "../kubernetes";
import { nameIn } from "./authorities";
import { type Authorization } from "./authorization";
import { ByHost, intersection, isWithin } from "./hosts";
import { append } from "./exported";
import { rivalsOn, type Server, serversOf } from "./gatewayServers";
import { type MeshModel } from "./model";
import { type MeshService } from "./services";
import { type CallerSet, principalOfSpiffe, type Universe } from "./principals";
import { type MeshRoute, type RouteContext, httpRoutes, tcpRoutes, tlsRoutes } from "./routes";

/** How the gateway learns who calls. */
type Handshake =
    /** ISTIO_MUTUAL: the certificate of the mesh. */
    | { readonly kind: "mesh"; readonly callers: CallerSet }
    /** PASSTHROUGH, one-way TLS or plaintext: nobody is asked. */
    | { readonly kind: "none" }
    /** Certificates of another authority: whom they admit, no object tells. */
    | { readonly kind: "other"; readonly mode: string };

/** One filter chain of the gateway's proxies. */
export interface Chain {
    readonly gateway: KubernetesObject;
    /** Port of the pods. */
    readonly port: number;
    /** Server names that select the chain; `*` also takes connections without one. */
    readonly serverNames: readonly string[];
    /** The chain ends the caller's outer TLS or passes TLS on; otherwise it is plaintext. */
    readonly transport: "tls" | "plaintext";
    readonly terminates: boolean;
    readonly handshake: Handshake;
    readonly kind: "http" | "tcp";
    /** Virtual hosts by Host header; only for `http`. */
    readonly hosts: ByHost<KubernetesObject>;
    /** Where the bytes go; only for `tcp`. */
    readonly routes: readonly MeshRoute[];
    readonly serverPort: number;
    /** Another server or virtual service claims the same traffic, and the oldest wins; what is given here is possible. */
    readonly contested: readonly string[];
    readonly reasons: readonly string[];
}

export interface GatewayView {
    readonly mesh: MeshModel;
    readonly chains: readonly Chain[];
    /** Chains of each port of the pods, by server name. */
    readonly byPort: ReadonlyMap<number, ByHost<Chain>>;
}

/** Chains of the gateway's pods, from every Gateway that selects them in whatever namespace. */
export function gatewayView(mesh: MeshModel, universe: Universe): GatewayView {
    const servers = mesh.gateways.flatMap(gateway => serversOf(mesh, gateway));
    const byPort = new Map<number, Server[]>();
    servers.forEach(server => append(byPort, server.port, server));
    const services = new Map<string, MeshService[]>();
    for (const service of mesh.services.visibleTo(mesh.settings.gatewayNamespace)) {
        append(services, service.host, service);
    }
    const lookup = (host: string): MeshService | undefined => services.get(host)?.[0];
    const chains = [...byPort].flatMap(([, onPort]) => {
        const rivals = rivalsOn(onPort);
        return onPort.flatMap(server => chainsOf(mesh, universe, server, rivals.get(server) ?? [], lookup));
    });
    const chainsByPort = new Map<number, ByHost<Chain>>();
    for (const chain of chains) {
        const ofPort = chainsByPort.get(chain.port) ?? new ByHost<Chain>();
        chainsByPort.set(chain.port, ofPort);
        new Set(chain.serverNames).forEach(name => ofPort.add(name, chain));
    }
    return { mesh, chains, byPort: chainsByPort };
}

function chainsOf(
    mesh: MeshModel,
    universe: Universe,
    server: Server,
    rivals: readonly Server[],
    lookup: (host: string) => MeshService | undefined,
): Chain[] {
    const { gateway, name, port, serverPort, protocol, mode, hosts } = server;
    const context: RouteContext = { gateway: name, port: serverPort, namespace: mesh.settings.gatewayNamespace };
    const bound = (mesh.gatewayRoutes.get(name) ?? []).flatMap(virtualService => {
        const common = hostsInCommon(server, virtualService);
        return common.length === 0 ? [] : [{ virtualService, common }];
    });
    const passes = mode === "PASSTHROUGH" || mode === "AUTO_PASSTHROUGH";
    const common = {
        gateway,
        port,
        serverPort,
        transport: mode === undefined ? ("plaintext" as const) : ("tls" as const),
        terminates: mode !== undefined && !passes,
        handshake: handshakeOf(server, universe),
        routes: [],
        hosts: new ByHost<KubernetesObject>(),
    };
    const contestedBy = rivals.map(({ gateway: other }) => other.urn);
    const serverNames = mode === undefined ? ["*"] : hosts.map(({ host }) => host);
    if (mode === "AUTO_PASSTHROUGH") {
        return [
            {
                ...common,
                kind: "tcp",
                serverNames,
                contested: contestedBy,
                reasons: [`${gateway.urn} passes TLS on to whatever service the server name spells (AUTO_PASSTHROUGH)`],
            },
        ];
    }
    if (passes) {
        const bySni = new Map<string, { readonly route: MeshRoute; readonly certain: boolean }[]>();
        for (const { virtualService } of bound) {
            for (const { sni, chosen } of tlsRoutes(virtualService, context, lookup)) {
                chosen.routes.forEach(route => append(bySni, sni, { route, certain: chosen.certain }));
            }
        }
        return [...bySni].map(([sni, found]) => ({
            ...common,
            kind: "tcp" as const,
            serverNames: [sni],
            routes: found.map(({ route }) => route),
            contested: [...contestedBy, ...contestants(found.map(({ route }) => route))],
            reasons: [],
        }));
    }
    if (/^(?:HTTP|HTTP2|GRPC|GRPC-WEB)$/.test(protocol) || protocol === "HTTPS") {
        for (const { virtualService, common: names } of bound) {
            names.forEach(host => common.hosts.add(host, virtualService));
        }
        return [{ ...common, kind: "http", serverNames, contested: contestedBy, reasons: [] }];
    }
    const chosen = bound
        .map(({ virtualService }) => tcpRoutes(virtualService, context, lookup))
        .filter(({ routes }) => routes.length > 0);
    const routes = chosen.flatMap(choice => choice.routes);
    // A server without a route has no chain at all.
    return routes.length === 0
        ? []
        : [
              {
                  ...common,
                  kind: "tcp",
                  serverNames,
                  routes,
                  contested: [...contestedBy, ...contestants(routes)],
                  reasons: [],
              },
          ];
}

/** Virtual services behind one chain: the oldest takes all of its traffic. */
function contestants(routes: readonly MeshRoute[]): string[] {
    const virtualServices = new Set(routes.map(({ virtualService }) => virtualService.urn));
    return virtualServices.size > 1 ? [...virtualServices] : [];
}

function hostsInCommon(server: Server, virtualService: KubernetesObject): string[] {
    const own = texts(virtualService.spec.hosts).map(host => host.toLowerCase());
    return server.hosts
        .filter(({ namespace }) => namespace === "*" || namespace === virtualService.namespace)
        .flatMap(({ host }) => own.flatMap(name => intersection(host, name) ?? []));
}

function handshakeOf({ server, mode }: Server, universe: Universe): Handshake {
    const names = texts(fields(server.tls).subjectAltNames);
    switch (mode) {
        case "ISTIO_MUTUAL":
            // Exact names, and only those of the mesh's own form occur in its certificates.
            return {
                kind: "mesh",
                callers:
                    names.length === 0
                        ? universe.authenticated
                        : universe.exactly(names.flatMap(name => principalOfSpiffe(name) ?? [])),
            };
        case "MUTUAL":
        case "OPTIONAL_MUTUAL":
            return { kind: "other", mode };
        default:
            return { kind: "none" };
    }
}

/**
 * Where a request can go on an HTTP chain, first match first.
 *
 * @param host name that picks the virtual host
 * @param authority the Host header as it is written, which routes compare
 */
export function routesForHost(
    chain: Chain,
    host: string,
    authority: string,
    gatewayNamespace: string,
    lookup: (host: string) => MeshService | undefined,
): {
    readonly routes: readonly MeshRoute[];
    readonly contested: readonly string[];
    readonly reasons: readonly string[];
} {
    const context: RouteContext = {
        gateway: `${chain.gateway.namespace}/${chain.gateway.name}`,
        port: chain.serverPort,
        namespace: gatewayNamespace,
        authority,
    };
    const chosen = chain.hosts.mostSpecific(host).map(virtualService => httpRoutes(virtualService, context, lookup));
    const routes = chosen.flatMap(choice => choice.routes);
    return { routes, contested: contestants(routes), reasons: chosen.flatMap(({ reason }) => reason ?? []) };
}

/**
 * Host names that stand for all that a chain can tell apart.
 *
 * @param mentioned names that other objects mention
 * @param prefixes beginnings of names that routes and policies ask for
 */
export function hostsToTry(chain: Chain, mentioned: readonly string[], prefixes: readonly string[]): readonly string[] {
    const patterns = chain.hosts.patterns();
    const wildcards = patterns.filter(pattern => pattern.startsWith("*"));
    const exact = patterns.filter(pattern => !pattern.startsWith("*"));
    if (wildcards.length === 0) {
        return exact;
    }
    const beginnings = prefixes.map(nameIn);
    const begun = beginnings.flatMap(begin => [
        begin,
        ...wildcards.map(pattern => `${begin}${unmentionedHost(pattern)}`),
    ]);
    return [
        ...new Set([
            ...exact,
            ...[...mentioned, ...begun].filter(name => wildcards.some(pattern => isWithin(name, pattern))),
            ...wildcards.map(unmentionedHost),
        ]),
    ];
}

/** A name under the pattern that no object mentions. */
export function unmentionedHost(pattern: string): string {
    return `some-other-host${pattern.slice(1) === "" ? ".example" : pattern.slice(1)}`;
}

/** Callers whom the chain's handshake and the policies let through. */
export function admitted(
    chain: Chain,
    authorization: Authorization,
    universe: Universe,
    authority?: string,
): {
    readonly surely: CallerSet;
    readonly perhaps: CallerSet;
    readonly deciding: readonly KubernetesObject[];
    readonly reasons: readonly string[];
} {
    const { handshake } = chain;
    const sni =
        chain.serverNames.length === 1 && !chain.serverNames[0]!.startsWith("*") ? chain.serverNames[0] : undefined;
    const admission = authorization.admits({
        port: chain.port,
        authenticated: handshake.kind === "mesh",
        ...(authority === undefined ? {} : { authority }),
        ...(sni === undefined ? {} : { sni }),
    });
    if (handshake.kind === "other") {
        // Their names may satisfy any policy.
        return {
            ...admission,
            surely: universe.nobody,
            perhaps: universe.everyone,
            reasons: [
                ...admission.reasons,
                `${chain.gateway.urn} checks certificates of another authority (${handshake.mode})`,
            ],
        };
    }
    if (handshake.kind === "none") {
        return admission;
    }
    const meet = (set: CallerSet): CallerSet => set.map((word, index) => word & handshake.callers[index]!);
    return { ...admission, surely: meet(admission.surely), perhaps: meet(admission.perhaps) };
}
