import { isWildcard } from "../../base/conventions";
import { type DeclaredWorkload } from "../../declared/mesh";
import { type Hop } from "../verdict";
import { type World } from "../world/world";
import { Authorization } from "./authorization";
import { type Call, type CallOutcome, hop } from "./call";
import { callsTo } from "./declaredPaths";
import { type Declaration, type DeclaredPort, declarationLeadingTo, target } from "./declared";
import { type UpstreamTls } from "./destinationRules";
import { admitted, type Chain, gatewayView } from "./gateway";
import { isWithin } from "./hosts";
import { type MeshModel, meshOf } from "./model";
import { hasMember, type Universe } from "./principals";
import { universeOf } from "./universe";
import { Registry } from "./upstream";
import { type Journey, Walker } from "./walk";

/** The way of one call through the mesh, and what becomes of it. */
export interface MeshTrace {
    readonly hops: readonly Hop[];
    /** `leaves by itself`: the sidecar lets it go to its own address, and the network decides. */
    readonly fate: "leaves by the gateway" | "leaves by itself" | "refused" | "not known";
    /** Name of the gateway. */
    readonly gateway?: string;
    /** Port of the host that the gateway dials. */
    readonly gatewayPort?: number;
    /** Address that it dials; absent: whatever the name resolves to. */
    readonly gatewayAddress?: string;
}

/**
 * The way of one call through the mesh, hop by hop, with the resource that decides each: the caller's sidecar, the gateway's
 * handshake, policies and route, the host that it resolves. The last hop says where the call ends. The perimeter is not asked.
 *
 * @param to host as the application writes it (a name, or an address), and the port that it dials
 */
export function explainMesh(
    world: World,
    from: DeclaredWorkload,
    to: { readonly host: string; readonly port: number },
): MeshTrace {
    const host = to.host.toLowerCase();
    const declaration = declarationLeadingTo(world.resources, host);
    if (declaration === undefined) {
        const hops = [hop("mesh", "no component declares destinations, so the mesh is not modelled")];
        return { hops, fate: "not known" };
    }
    if ("reasons" in declaration) {
        return { hops: declaration.reasons.map(reason => hop("mesh", `cannot tell: ${reason}`)), fate: "not known" };
    }
    const mesh = meshOf(world.objects, declaration.settings);
    const universe = universeOf(mesh, declaration);
    const walker = new Walker(mesh, gatewayView(mesh, universe));
    const declared = declaration.ports.find(port => isWithin(host, port.host) && port.clientPort === to.port);
    const call =
        declared === undefined
            ? undeclaredCall(walker, from.namespace, host, to.port)
            : callsTo(declared, walker, from.namespace, host)[0];
    const journey = walker.journey(from.namespace, call);
    const start = hop(
        "application",
        `${from.namespace}/${from.serviceAccount} ${callInWords(call, host)}${declarationInWords(declared, from, to, declaration)}`,
    );
    if (journey.gateway === undefined) {
        return {
            hops: [start, ...journey.sidecar.hops, ending(journey.sidecar)],
            fate: fateAtSidecar(journey.sidecar),
        };
    }
    const caller = universe.classOf(from.namespace, from.serviceAccount);
    const authorization = new Authorization(mesh.authorizationPolicies, universe);
    const { gateway } = journey;
    const checks =
        gateway.chain === undefined
            ? []
            : checksOf(gateway.chain, authorization, caller, journey.toGateway ?? call, universe, from);
    const refused = checks.some(({ passes }) => passes === false);
    const hops = [
        start,
        ...journey.sidecar.hops,
        ...gateway.hops.slice(0, 1),
        ...checks.map(check => check.hop),
        ...(refused ? [] : [...gateway.hops.slice(1), ...arrival(journey, mesh), ending(gateway)]),
    ];
    if (refused || gateway.error !== undefined || gateway.status !== undefined) {
        return { hops, fate: "refused" };
    }
    if (
        gateway.unknown !== undefined ||
        gateway.destination === undefined ||
        checks.some(({ passes }) => passes === "perhaps")
    ) {
        return { hops, fate: "not known" };
    }
    const [upstream] = walker.registry.upstreams(gateway.destination);
    return {
        hops,
        fate: "leaves by the gateway",
        gateway: declaration.gateway,
        gatewayPort: gateway.destination.port,
        ...(upstream?.kind === "endpoint" ? { gatewayAddress: upstream.address } : {}),
    };
}

function fateAtSidecar(outcome: CallOutcome): MeshTrace["fate"] {
    if (outcome.unknown !== undefined) {
        return "not known";
    }
    const stopped =
        outcome.error !== undefined || outcome.status !== undefined || outcome.cluster === "BlackHoleCluster";
    return stopped ? "refused" : "leaves by itself";
}

interface Check {
    readonly passes: boolean | "perhaps";
    readonly hop: Hop;
}

function checksOf(
    chain: Chain,
    authorization: Authorization,
    caller: number,
    call: Call,
    universe: Universe,
    from: DeclaredWorkload,
): Check[] {
    const checks: Check[] = [];
    const words = universe.callers[caller]!.named
        ? universe.callers[caller]!.words
        : `${from.namespace}/${from.serviceAccount}`;
    if (chain.handshake.kind === "mesh") {
        const passes = hasMember(chain.handshake.callers, caller);
        checks.push({
            passes,
            hop: hop(
                "handshake",
                passes ? `accepts ${words}` : `refuses ${words}: not among the accepted names`,
                chain.gateway,
            ),
        });
        if (!passes) {
            return checks;
        }
    }
    const admission = admitted(chain, authorization, universe, chain.kind === "http" ? call.host : undefined);
    const [policy] = admission.deciding;
    const passes = hasMember(admission.surely, caller);
    const perhaps = !passes && hasMember(admission.perhaps, caller);
    const decision = passes
        ? "lets the call pass"
        : perhaps
          ? `cannot tell: ${admission.reasons.join("; ")}`
          : "refuses the call: no rule allows this caller";
    checks.push({ passes: perhaps ? "perhaps" : passes, hop: hop("AuthorizationPolicy", decision, policy) });
    return checks;
}

function arrival({ gateway }: Journey, mesh: MeshModel): Hop[] {
    const destination = gateway?.destination;
    return destination === undefined || gateway?.error !== undefined
        ? []
        : new Registry(mesh).upstreams(destination).map(upstream => {
              switch (upstream.kind) {
                  case "name":
                      return hop(
                          upstream.source.kind,
                          upstream.checksInnerName === true
                              ? `the gateway reads the server name inside, closes what is not ${isWildcard(upstream.name) ? `below ${upstream.name.slice(2)}` : upstream.name}, resolves it itself and connects to port ${upstream.port}`
                              : `the gateway resolves ${upstream.name} itself and connects to port ${upstream.port}${credentialInWords(upstream.tls)}`,
                          upstream.source,
                      );
                  case "endpoint":
                      return hop(
                          "ServiceEntry",
                          `the gateway connects to the fixed address ${upstream.address}:${upstream.port}`,
                          upstream.source,
                      );
                  case "workloads":
                      return hop("service", "the gateway connects to workloads of the cluster", upstream.source);
                  case "none":
                      return hop("cluster", `${upstream.why}: 503`, upstream.source);
                  default:
                      return hop("cluster", `cannot tell: ${upstream.reason}`, upstream.source);
              }
          });
}

function credentialInWords(tls: UpstreamTls | undefined): string {
    return tls?.credential === undefined
        ? ""
        : tls.mode === "MUTUAL"
          ? `, with the certificate of Secret ${tls.credential}`
          : `, and believes the authorities of Secret ${tls.credential} alone`;
}

/** Clusters that Istio gives every sidecar, in words. */
const BUILT_IN: Readonly<Record<string, string>> = {
    BlackHoleCluster: "closed by the sidecar",
    PassthroughCluster: "leaves the pod as it is, without the gateway",
};

function ending(outcome: {
    readonly cluster?: string;
    readonly error?: string;
    readonly status?: number;
    readonly unknown?: string;
}): Hop {
    return hop(
        "end",
        outcome.unknown !== undefined
            ? `cannot tell: ${outcome.unknown}`
            : (outcome.error ??
                  (outcome.status === undefined
                      ? (BUILT_IN[outcome.cluster ?? ""] ?? `leaves through ${outcome.cluster}`)
                      : `answered ${outcome.status}`)),
    );
}

/** What an application would say on that port, judged by what its sidecar listens for. */
function undeclaredCall(walker: Walker, namespace: string, host: string, port: number): Call {
    const isAddress = /^[0-9.]+$|:/.test(host);
    const address = isAddress
        ? { address: host }
        : (([first]) => (first === undefined ? {} : { address: first }))(
              walker.client(namespace).service(host)?.addresses ?? [],
          );
    const http = (walker.client(namespace).listener(port)?.http.length ?? 0) > 0 || port === 80 || port === 8080;
    return http
        ? { port, protocol: "http", tls: "plaintext", host, ...address }
        : {
              port,
              protocol: "tcp",
              tls: port === 443 ? "tls" : "plaintext",
              ...(isAddress ? {} : { sni: host }),
              ...address,
          };
}

function callInWords(call: Call, host: string): string {
    const what = call.tls === "tls" ? "opens TLS" : call.protocol === "http" ? "speaks plain HTTP" : "opens TCP";
    return `${what} to ${target(host, call.port)}`;
}

function declarationInWords(
    declared: DeclaredPort | undefined,
    from: DeclaredWorkload,
    to: { readonly host: string; readonly port: number },
    declaration: Declaration,
): string {
    if (declared === undefined) {
        const originated = declaration.ports.find(
            ({ host, port, clientPort }) => host === to.host.toLowerCase() && port === to.port && clientPort !== port,
        );
        if (originated !== undefined) {
            return `, which is declared for plain HTTP on port ${originated.clientPort}: the gateway opens the TLS itself`;
        }
        return declaration.ports.length === 0 ? "" : ", which nothing declares";
    }
    return declared.allow.some(
        ({ namespace, serviceAccount }) => namespace === from.namespace && serviceAccount === from.serviceAccount,
    )
        ? ", as declared"
        : ", which is declared, but not for this workload";
}
