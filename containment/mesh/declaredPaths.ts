import { shortUrn } from "../../base/resource";
import { isAddress } from "../../base/cidr";
import { isWildcard } from "../../base/conventions";
import { type Witness } from "../verdict";
import { nameIn } from "./authorities";
import { type Authorization } from "./authorization";
import { type Call, type CallTarget, deciding, hop } from "./call";
import { type DeclaredPort, principalsOf, target } from "./declared";
import { exampleOf } from "./excess";
import { admitted, unmentionedHost } from "./gateway";
import { isEmpty, type Universe, without } from "./principals";
import { placeOf } from "./upstream";
import { type Journey, type Walker } from "./walk";

/** The declared direction, from the application on: who is allowed gets there, and nowhere else. */
export class DeclaredPaths {
    constructor(
        private readonly walker: Walker,
        private readonly authorization: Authorization,
        private readonly universe: Universe,
    ) {}

    /** How the callers of one namespace fare; without a witness and reasons they arrive. */
    judge(
        port: DeclaredPort,
        namespace: string,
    ): { readonly witness?: () => Witness; readonly reasons: readonly string[] } {
        const reasons = this.rivalReasons(namespace, port.host);
        for (const [index, call] of callsTo(port, this.walker, namespace).entries()) {
            const journey = this.walker.journey(namespace, call);
            const unknown = journey.sidecar.unknown ?? journey.gateway?.unknown;
            if (unknown !== undefined) {
                reasons.push(unknown);
                continue;
            }
            const outcome = this.outcome(port, namespace, journey, index === 0);
            if (outcome !== undefined) {
                return { witness: () => brokenPath(port, namespace, call, journey, outcome), reasons };
            }
        }
        return { reasons };
    }

    /** Services of the cluster come first; among ServiceEntries of one host the age decides. */
    private rivalReasons(namespace: string, host: string): string[] {
        const claimants = this.walker.client(namespace).claimants(host);
        return claimants.length < 2 || claimants.some(({ resolution }) => resolution === "KUBERNETES")
            ? []
            : [
                  `several objects give namespace ${namespace} host ${host}, and the oldest wins: ${claimants.map(({ source }) => source.urn).join(", ")}`,
              ];
    }

    /**
     * What becomes of the call instead of what is declared.
     *
     * @param usual the call that has to arrive; others may be refused, but not end elsewhere
     */
    private outcome(port: DeclaredPort, namespace: string, journey: Journey, usual: boolean): string | undefined {
        const last = journey.gateway ?? journey.sidecar;
        const arrived = journey.gateway?.error === undefined ? journey.gateway?.destination : undefined;
        if (arrived === undefined) {
            return usual ? (last.error ?? last.cluster ?? `answered ${last.status} by the sidecar`) : undefined;
        }
        if (!this.isThere(arrived, port)) {
            return last.cluster;
        }
        if (arrived.authority !== undefined && nameIn(arrived.authority) !== port.host) {
            return `the far side is asked for Host ${arrived.authority}`;
        }
        const refused = usual ? this.refused(port, namespace, journey) : undefined;
        return refused === undefined ? undefined : `the gateway's policies refuse ${refused}`;
    }

    private isThere(arrived: CallTarget, port: DeclaredPort): boolean {
        if (arrived.host === port.host) {
            return arrived.port === port.port;
        }
        const places = this.walker.registry.upstreams(arrived).map(placeOf);
        return places.length > 0 && places.every(place => place?.host === port.host && place.port === port.port);
    }

    /** A declared caller of the namespace whom the policies refuse for the Host that arrives. */
    private refused(port: DeclaredPort, namespace: string, { gateway, toGateway }: Journey): string | undefined {
        if (gateway?.chain?.kind !== "http" || toGateway?.host === undefined) {
            return undefined;
        }
        const allow = port.allow.filter(workload => workload.namespace === namespace);
        const wanted = this.universe.exactly(principalsOf({ ...port, allow }, this.walker.mesh.settings));
        const { perhaps } = admitted(gateway.chain, this.authorization, this.universe, toGateway.host);
        const missing = without(wanted, perhaps);
        return isEmpty(missing) ? undefined : exampleOf(missing, this.universe).words;
    }
}

function brokenPath(
    { host, port }: DeclaredPort,
    namespace: string,
    call: Call,
    { sidecar, gateway }: Journey,
    outcome: string,
): Witness {
    const key = target(host, port);
    const way = [...sidecar.hops, ...(gateway?.hops ?? [])];
    const objects = [...new Set(way.flatMap(({ resource }) => resource ?? []))].map(shortUrn);
    const spoken = `speaks HTTP to port ${call.port}, with Host ${call.host}`;
    return {
        source: `a workload of namespace ${namespace} that may use ${key}`,
        hops: [
            ...(call.host === undefined ? [] : [hop("application", spoken)]),
            ...way,
            deciding(hop("outcome", outcome)),
        ],
        remedy: `align the VirtualService, the DestinationRule's subset and server name, and the Gateway's server of ${key}${objects.length === 0 ? "" : `: ${objects.join(", ")}`}`,
    };
}

/**
 * The calls by which an application uses a declared port, the usual one first. HTTP clients write the port that they dial into the
 * Host header, or leave it out, and in whatever case they like.
 *
 * @param host what the application writes; of a wildcard, by default, a name that nothing mentions
 */
export function callsTo(
    { host: declared, protocol, clientPort }: DeclaredPort,
    walker: Walker,
    namespace: string,
    host = isWildcard(declared) ? unmentionedHost(declared) : declared,
): readonly [Call, ...Call[]] {
    // With an address of its own a host is known by that, on all its ports.
    const own = isAddress(host) ? host : walker.client(namespace).service(host)?.addresses[0];
    const address = own === undefined ? {} : { address: own };
    switch (protocol) {
        case "tls":
            return [{ port: clientPort, protocol: "tcp", tls: "tls", sni: host, ...address }];
        case "tcp":
            return [{ port: clientPort, protocol: "tcp", tls: "plaintext", ...address }];
        default: {
            const written = (authority: string): Call => ({
                port: clientPort,
                protocol: "http",
                tls: "plaintext",
                host: authority,
                ...address,
            });
            const usual = clientPort === 80 ? host : `${host}:${clientPort}`;
            return [written(usual), written(usual.toUpperCase()), written(host)];
        }
    }
}
