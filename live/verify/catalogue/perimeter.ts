import { isIPv6 } from "node:net";
import { type Attempt, GATEWAY_POD, type NetworkProbe, type Reason, type ProbeSource, sourceName } from "../probe";
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

interface Choice {
    readonly title: string;
    readonly bypasses: readonly number[];
    readonly attempt: Attempt;
    readonly reasons?: readonly Reason[];
}

function attempts(ports: readonly DestinationPort[], targets: Targets) {
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

/** What strangers may try at the gateway itself. */
export function gatewayProbes(ports: readonly DestinationPort[], gatewayHost: string): NetworkProbe[] {
    const stranger: ProbeSource = { kind: "no-sidecar" };
    const dropped: Reason = { by: "network", hint: "the network policies of the gateway's namespace drop them" };
    const at = (
        name: string,
        source: ProbeSource,
        title: string,
        bypasses: readonly number[],
        attempt: Attempt,
        reasons: readonly Reason[],
    ): NetworkProbe => ({
        ...denied({ claim: "C4", source, name: `gateway-${name}`, title, bypasses, attempt, reasons }),
    });
    return [
        at(
            "admin",
            stranger,
            "does not reach the gateway's administration port",
            [45],
            { action: "http", host: GATEWAY_POD, port: 15000, path: "/config_dump" },
            [{ by: "closed-port" }, dropped],
        ),
        ...([8080, 8443] as const).map(port =>
            at(
                `plaintext-${port}`,
                stranger,
                `gets no plaintext answer from the gateway's port ${port}`,
                [34, 39],
                { action: "http", host: GATEWAY_POD, port },
                [{ by: "gateway-listener" }, dropped],
            ),
        ),
        ...firstOfEachNamespace(ports).map(client =>
            at(
                "plaintext",
                { kind: "client", ...client },
                "gets no plaintext answer from the gateway",
                [34, 39],
                { action: "tcp", host: gatewayHost, port: 443, send: "GET / HTTP/1.0\\r\\n\\r\\n" },
                [{ by: "gateway-listener" }, { by: "sidecar" }, dropped],
            ),
        ),
    ];
}

/** A pod that gets onto a gateway node has the node's way out; whether it gets there is seen by whether it gets out. */
export function intruderProbes(ports: readonly DestinationPort[], targets: Targets): NetworkProbe[] {
    const tls = ports.find(({ port }) => port.protocol === "tls");
    const attempt: Attempt =
        tls === undefined
            ? { action: "https", host: targets.publicAddress, port: 443, anyCertificate: true }
            : { action: "https", host: tls.host, port: tls.port.number, anyCertificate: true };
    return (["toleration", "node-name"] as const).map(how => {
        const source: ProbeSource = { kind: "intruder", how };
        return {
            kind: "network",
            id: `intruder/${how}`,
            title: `${sourceName(source)} does not come to run there`,
            claim: "C2",
            bypasses: [how === "toleration" ? 19 : 20],
            source,
            attempt,
            expect: {
                allowed: false,
                reasons: [
                    {
                        by: "admission",
                        rules: ["gateway-node-toleration", "gateway-node-selection", "gateway-node-name"],
                    },
                    { by: "taint" },
                ],
            },
        };
    });
}

/** From a gateway node: declared ports only, and nothing private. */
export function gatewayNodeProbes(
    ports: readonly DestinationPort[],
    targets: Targets,
    namespace: string,
): NetworkProbe[] {
    const source: ProbeSource = { kind: "gateway-node", namespace };
    const declared = new Set(ports.map(({ port }) => port.number));
    const undeclared = [853, 8443, 2053].find(port => !declared.has(port)) ?? 8880;
    const tls = ports.find(({ port }) => port.protocol === "tls");
    const { publicAddress, publicResolver, privateService } = targets;
    const control = tls === undefined ? clusterApiControl(source) : wayOut(source, tls);
    const choices = attempts(ports, targets);
    const from = (name: string, choice: Choice): NetworkProbe => ({
        ...denied({ claim: "C3", source, name, ...choice }),
        ...(usesTcp(choice.attempt) ? { control: control.id } : {}),
    });
    return [
        control,
        from("undeclared-port", {
            title: `does not reach ${publicAddress} on port ${undeclared}, which no destination has`,
            bypasses: [],
            attempt: { action: "https", host: publicAddress, port: undeclared, anyCertificate: true },
        }),
        from("udp-53", { ...choices["udp-53"], title: `gets no answer from the resolver ${publicResolver}` }),
        from("udp-443", choices["udp-443"]),
        from("ping", choices.ping),
        from("ipv6", choices.ipv6),
        from("metadata", choices.metadata),
        ...(privateService === undefined
            ? []
            : [
                  from("private", {
                      title: `does not reach ${privateService.address}:${privateService.port} inside the network`,
                      bypasses: [43],
                      attempt: {
                          action: "tcp",
                          host: privateService.address,
                          port: privateService.port,
                          send: "\\r\\n",
                      },
                  }),
              ]),
    ];
}

/** The node's own way out works, so what does not come back was denied. */
function wayOut(source: ProbeSource, { host, port }: DestinationPort): NetworkProbe {
    return {
        kind: "network",
        id: `control/${sourceName(source)}/${host}:${port.number}`,
        title: `${sourceName(source)} reaches ${host}:${port.number}, a declared port`,
        bypasses: [],
        source,
        attempt: { action: "https", host, port: port.number },
        expect: { allowed: true },
    };
}

function denied(probe: Choice & { claim: NetworkProbe["claim"]; source: ProbeSource; name: string }): NetworkProbe {
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

function usesTcp(attempt: Attempt): boolean {
    return attempt.action !== "udp" && attempt.action !== "ping" && !isIPv6("host" in attempt ? attempt.host : "");
}
