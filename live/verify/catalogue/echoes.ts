import { InputError, type Problem } from "../../../base/problem";
import { type VerifiedGateway } from "../outputs";
import { aboutGateway, type NetworkProbe, type UntriedProbe } from "../probe";
import { type DestinationPort } from "./destinations";

/** A declared host that tells callers their address, and where it does. */
export interface Echo {
    readonly host: string;
    readonly path: string;
}

/**
 * By which addresses a far side sees what leaves. Of one gateway, that they are the stack's is part of C1; of several, that they are that
 * gateway's own is C7, which a gateway that no echo host is reached by leaves untried.
 *
 * @throws InputError with every echo host that cannot be used
 */
export function echoProbes(
    gateways: readonly VerifiedGateway[],
    ports: readonly DestinationPort[],
    echoes: readonly Echo[],
): (NetworkProbe | UntriedProbe)[] {
    const usable = ports.filter(({ port, allow }) => port.protocol !== "tcp" && allow.length > 0);
    const problems = echoes.flatMap((echo, index) => problemOf(echo, usable, echoes.slice(0, index)));
    if (problems.length > 0) {
        throw new InputError("the probes cannot be composed", problems);
    }
    const tried = echoes.map(echo =>
        echoProbe(
            echo,
            usable.find(({ host }) => host === echo.host)!,
        ),
    );
    return [
        ...tried,
        ...gateways.flatMap(gateway =>
            gateway.name === undefined || tried.some(probe => probe.gateway === gateway.name)
                ? []
                : [untried(gateway, usable)],
        ),
    ];
}

function problemOf({ host }: Echo, usable: readonly DestinationPort[], earlier: readonly Echo[]): Problem[] {
    if (!usable.some(destination => destination.host === host)) {
        return [
            {
                path: "--echo",
                given: host,
                expected: `the host of a declared destination that speaks HTTP or HTTPS: ${hostsOf(usable)}`,
                remedy: "Only a declared host can be reached, so declare the one that tells callers their address, or leave --echo out.",
            },
        ];
    }
    return earlier.some(other => other.host === host)
        ? [
              {
                  path: "--echo",
                  given: host,
                  expected: "each host once",
                  remedy: "One page that tells the address is enough; name one of another gateway.",
              },
          ]
        : [];
}

function echoProbe({ host, path }: Echo, { allow, gateway, port, route }: DestinationPort): NetworkProbe {
    const workload = allow[0]!;
    const probe: NetworkProbe = {
        kind: "network",
        id: `source-address/${workload.namespace}/${workload.serviceAccount}/${host}`,
        title: `${host} sees one of the ${gateway === undefined ? "stack's NAT addresses" : "gateway's own addresses"}`,
        claim: gateway === undefined ? "C1" : "C7",
        bypasses: [16],
        source: { kind: "client", ...workload },
        attempt: {
            action: "http",
            host,
            port: port.clientPort,
            path,
            keepBody: true,
            tls: port.protocol === "tls",
        },
        expect: { allowed: true, through: route, sourceIsNat: true },
    };
    return aboutGateway(probe, gateway);
}

function untried({ name }: VerifiedGateway, usable: readonly DestinationPort[]): UntriedProbe {
    const hosts = hostsOf(usable.filter(({ gateway }) => gateway === name));
    const probe: UntriedProbe = {
        kind: "untried",
        id: "source-address",
        title: "what leaves by the gateway comes from its own addresses",
        claim: "C7",
        bypasses: [16],
        why:
            hosts === ""
                ? "none of its destinations speaks HTTP or HTTPS, so none can tell from which address it is reached"
                : `nobody told from which address it is reached: --echo names a URL of one of its destinations that does (${hosts})`,
    };
    return aboutGateway(probe, name);
}

function hostsOf(ports: readonly DestinationPort[]): string {
    return [...new Set(ports.map(({ host }) => host))].join(", ");
}
