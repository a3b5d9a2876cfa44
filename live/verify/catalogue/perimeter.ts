import { type Attempt, type NetworkProbe, type ProbeSource, type Reason, sourceName } from "../probe";
import { clusterApiControl, clusterNameControl, DNS_QUERY, pingControl, resolverControl } from "./controls";
import { type DestinationPort, firstOfEachNamespace } from "./destinations";
import { GOOGLE_METADATA_ADDRESS } from "../../../base/addresses";
import { type Targets } from "./targets";

const DROPPED: readonly Reason[] = [{ by: "network", hint: "the firewall log has the packets" }, { by: "no-route" }];

const METADATA: Attempt = {
    action: "http",
    host: GOOGLE_METADATA_ADDRESS,
    port: 80,
    path: "/computeMetadata/v1/instance/service-accounts/default/email",
    header: "Metadata-Flavor: Google",
    keepBody: true,
};

/** The beginning of a QUIC packet of a version that does not exist: every server answers with a Version Negotiation (RFC 9000, 6). */
const QUIC_UNKNOWN_VERSION = `c01a2a3a4a08${"5a".repeat(8)}08${"6b".repeat(8)}`;
/** Servers ignore smaller ones (RFC 9000, 14.1). */
const QUIC_PACKET_BYTES = 1200;

/** Straight out, from whatever can run in the cluster: nothing but gateway nodes reaches a public address. */
export function perimeterProbes(ports: readonly DestinationPort[], targets: Targets): NetworkProbe[] {
    const strangers: readonly {
        readonly source: ProbeSource;
        readonly row: number;
        readonly attempts: readonly (keyof ReturnType<typeof attempts>)[];
    }[] = [
        {
            source: { kind: "no-sidecar" },
            row: 2,
            attempts: ["tcp-443", "tcp-80", "tcp-853", "right-sni", "udp-53", "udp-443", "ping", "ipv6", "metadata"],
        },
        { source: { kind: "host-network" }, row: 3, attempts: ["tcp-443", "udp-53", "ipv6"] },
        { source: { kind: "proxy-user" }, row: 4, attempts: ["tcp-443", "udp-53", "ipv6"] },
        { source: { kind: "mesh-stranger" }, row: 35, attempts: ["right-sni"] },
        // A sidecar captures neither UDP nor ICMP, so these leave a client's pod as they are.
        ...firstOfEachNamespace(ports).map(client => ({
            source: { kind: "client" as const, ...client },
            row: 1,
            attempts: ["udp-53", "udp-443", "ping", "ipv6"] as const,
        })),
    ];
    const choices = attempts(ports, targets);
    return strangers.flatMap(({ source, row, attempts: names }) =>
        names.flatMap(name => {
            const choice = choices[name];
            return choice === undefined
                ? []
                : [
                      denied({
                          claim: "C1",
                          source,
                          name,
                          ...choice,
                          bypasses: [...new Set([row, ...choice.bypasses])].sort((a, b) => a - b),
                      }),
                  ];
        }),
    );
}

export interface Choice {
    readonly title: string;
    readonly bypasses: readonly number[];
    readonly attempt: Attempt;
    readonly reasons?: readonly Reason[];
}

/** Every way out that is tried, by its name in ids. */
export function attempts(ports: readonly DestinationPort[], targets: Targets) {
    const { publicAddress, publicResolver, publicIpv6Address } = targets;
    const tls = ports.find(({ port }) => port.protocol === "tls");
    return {
        "tcp-443": {
            title: `gets no TLS connection to ${publicAddress}`,
            bypasses: [1, 49],
            attempt: { action: "https", host: publicAddress, port: 443, anyCertificate: true },
        },
        "tcp-80": {
            title: `gets no HTTP answer from ${publicAddress}`,
            bypasses: [1],
            attempt: { action: "http", host: publicAddress, port: 80 },
        },
        "tcp-853": {
            title: `gets no DNS over TLS from ${publicAddress}`,
            bypasses: [7],
            attempt: { action: "https", host: publicAddress, port: 853, anyCertificate: true },
        },
        "right-sni":
            tls === undefined
                ? undefined
                : {
                      title: `gets nowhere with the declared name ${tls.host} and a direct address`,
                      bypasses: [1, 36],
                      attempt: {
                          action: "https",
                          host: tls.host,
                          port: tls.port.clientPort,
                          at: publicAddress,
                          anyCertificate: true,
                      },
                  },
        "udp-53": {
            title: `gets no answer from the resolver ${publicResolver}`,
            bypasses: [5],
            attempt: { action: "udp", address: publicResolver, port: 53, hex: DNS_QUERY },
        },
        "udp-443": {
            title: `gets no QUIC answer from ${publicAddress}`,
            bypasses: [8],
            attempt: {
                action: "udp",
                address: publicAddress,
                port: 443,
                hex: QUIC_UNKNOWN_VERSION,
                padToBytes: QUIC_PACKET_BYTES,
            },
        },
        ping: {
            title: `gets no echo from ${publicAddress}`,
            bypasses: [9],
            attempt: { action: "ping", address: publicAddress },
        },
        ipv6: {
            title: `gets nowhere over IPv6`,
            bypasses: [11],
            attempt: { action: "https", host: publicIpv6Address, port: 443, anyCertificate: true },
        },
        metadata: {
            title: "gets no node identity from the metadata server",
            bypasses: [23],
            attempt: METADATA,
            reasons: [{ by: "workload-identity" }, { by: "closed-port" }, ...DROPPED],
        },
    } as const satisfies Record<string, Choice | undefined>;
}

export function denied(
    probe: Choice & { claim: NetworkProbe["claim"]; source: ProbeSource; name: string },
): NetworkProbe {
    const { claim, source, name, title, bypasses, attempt, reasons } = probe;
    return {
        kind: "network",
        id: `denied/${sourceName(source)}/${name}`,
        title: `${sourceName(source)} ${title}`,
        claim,
        bypasses,
        source,
        attempt,
        expect: { allowed: false, reasons: reasons ?? DROPPED },
        control: controlFor(source, attempt).id,
    };
}

/** The control has to use what the attempt uses. */
export function controlFor(source: ProbeSource, attempt: Attempt): NetworkProbe {
    switch (attempt.action) {
        case "udp":
            return resolverControl(source);
        case "dns":
            return clusterNameControl(source);
        case "ping":
            return pingControl(source);
        default:
            return clusterApiControl(source);
    }
}
