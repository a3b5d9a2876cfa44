import { shortUrn } from "../../base/resource";
import { type KubernetesObject } from "../kubernetes";
import { type Witness } from "../verdict";
import { type Declaration, target } from "./declared";
import { type Chain } from "./gateway";
import { deciding, hop } from "./call";
import { type Caller, type CallerSet, hasMember, type Universe } from "./principals";
import { type MeshRoute } from "./routes";
import { type Upstream } from "./upstream";

/** An upstream that the gateway opens a connection to. */
export type Connected = Upstream & { readonly kind: "name" | "endpoint" | "workloads" };

/** Callers whom the gateway lets through to a place that nobody declared for them. */
export interface Excess {
    readonly chain: Chain;
    /** Host header; absent where the chain does not speak HTTP. */
    readonly host: string | undefined;
    readonly route: MeshRoute;
    readonly upstream: Connected;
    readonly callers: CallerSet;
    /** The place is declared, for others. */
    readonly declared: boolean;
    /** Policies that let the call pass. */
    readonly policies: readonly KubernetesObject[];
    /** Objects that claim the same traffic; the oldest has it. */
    readonly rivals: readonly string[];
}

export function excessWitness(excess: Excess, universe: Universe, declaration: Declaration): Witness {
    const { chain, host, route, upstream, policies, rivals } = excess;
    const checks =
        chain.handshake.kind === "mesh"
            ? "the handshake accepts this certificate of the mesh"
            : "nobody is asked for a certificate of the mesh";
    const names = chain.serverNames.join(", ");
    const [policy] = policies;
    const contest = rivals.length > 0 ? `, if this is the oldest of ${[...new Set(rivals)].join(", ")}` : "";
    const decides = decidedBy(excess, declaration);
    const isAddress = upstream.kind === "endpoint" && /^[0-9.]+$|:/.test(upstream.address);
    return {
        source: callersInWords(excess.callers, universe),
        ...(isAddress ? { packet: { protocol: "tcp", destination: upstream.address, port: upstream.port } } : {}),
        hops: [
            hop(
                GATEWAY_SERVER,
                `port ${chain.port}, server name ${names === "*" ? "any" : names}: ${checks}`,
                chain.gateway,
            ),
            hop(
                AUTHORIZATION,
                policy === undefined
                    ? "there is none, so everybody passes"
                    : `lets the call pass${host === undefined ? "" : ` with Host ${host}`}`,
                policy,
            ),
            hop(ROUTE, `routes it to ${target(route.host, route.port)}`, route.virtualService),
            hop(
                upstream.source.kind === "ServiceEntry" ? "ServiceEntry" : "service",
                `the gateway connects to ${upstreamInWords(upstream)}${contest}`,
                upstream.source,
            ),
        ].map(one => (one.at === decides ? deciding(one) : one)),
        remedy: remedyFor(excess, declaration),
    };
}

const GATEWAY_SERVER = "Gateway server";
const AUTHORIZATION = "AuthorizationPolicy";
const ROUTE = "VirtualService";

/** What has to be another for this to be no excess. */
function decidedBy({ host, declared }: Excess, { mutualTls }: Declaration): string {
    return !declared ? ROUTE : !mutualTls || host === undefined ? GATEWAY_SERVER : AUTHORIZATION;
}

function remedyFor({ chain, upstream, host, declared, route, policies }: Excess, { mutualTls }: Declaration): string {
    const place = upstreamInWords(upstream);
    if (!declared) {
        return `declare ${place} as a destination, or remove ${shortUrn(upstream.source.urn)} or ${shortUrn(route.virtualService.urn)}, which leads there`;
    }
    if (!mutualTls) {
        return `set mesh.mutualTls to true, so that ${shortUrn(chain.gateway.urn)} asks every caller for its identity`;
    }
    return host === undefined
        ? `list exactly the declared identities of ${place} in tls.subjectAltNames of ${shortUrn(chain.gateway.urn)}`
        : `allow Host ${host} to the declared identities of ${place} alone, by principals, ports and hosts ${policies[0] === undefined ? "of an AuthorizationPolicy in the gateway's namespace" : `of ${shortUrn(policies[0].urn)}`}`;
}

export function upstreamInWords(upstream: Connected): string {
    switch (upstream.kind) {
        case "name":
            return target(upstream.name, upstream.port);
        case "endpoint":
            return target(upstream.address, upstream.port);
        default:
            return `workloads behind ${upstream.source.kind} ${upstream.source.namespace}/${upstream.source.name}`;
    }
}

function callersInWords(callers: CallerSet, universe: Universe): string {
    const caller = exampleOf(callers, universe);
    if (hasMember(callers, universe.withoutCertificate)) {
        return "any pod that reaches the gateway, with or without an identity of the mesh";
    }
    if (hasMember(callers, universe.elsewhere)) {
        return `any workload of the mesh, for example ${caller.words}`;
    }
    return caller.named ? `the workload ${caller.words}` : caller.words;
}

/** A caller of the set that says most: one that is named, rather than a group. */
export function exampleOf(callers: CallerSet, universe: Universe): Caller {
    const members = universe.members(callers);
    return members.find(({ named }) => named) ?? members[0]!;
}
