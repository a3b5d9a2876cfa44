import { GOOGLE_METADATA_ADDRESS, NODE_LOCAL_DNS_ADDRESS } from "../../../base/addresses";
import { isAddress } from "../../../base/cidr";
import { serviceHost } from "../../../base/conventions";
import {
    type Attempt,
    type NetworkProbe,
    type ProbeSource,
    QUERY_TYPES,
    RANDOM_LABEL,
    type Reason,
    sourceName,
} from "../probe";
import { clusterApiControl, clusterNameControl, declaredNameControl } from "./controls";
import { type Client, type DestinationPort, firstOfEachNamespace } from "./destinations";
import { type Targets } from "./targets";

type Query = Extract<Attempt, { action: "dns" }>;

const KUBE_DNS = serviceHost("kube-dns", "kube-system");
const LOCKED: readonly Reason[] = [{ by: "name-lock" }];
/** A server that is not asked by way of the lock is not reached at all; TCP is the sidecar's to refuse. */
const NOT_REACHED: readonly Reason[] = [
    { by: "network", hint: "the namespace's network policy or the firewall drops it" },
    { by: "no-route" },
    { by: "closed-port" },
    { by: "sidecar" },
];

/**
 * The DNS lock, tried by clients: by each type and each way to a resolver. The witness is a host that exists, which nobody but the lock
 * denies: of a name that nobody has, an open resolver says the same.
 */
export function nameProbes(ports: readonly DestinationPort[], targets: Targets): NetworkProbe[] {
    return firstOfEachNamespace(ports).flatMap(client => probesFrom(client, ports, targets));
}

function probesFrom(client: Client, ports: readonly DestinationPort[], targets: Targets): NetworkProbe[] {
    const { undeclaredHost, publicResolver, canaryZone } = targets;
    const source: ProbeSource = { kind: "client", ...client };
    const id = (name: string): string => `names/${sourceName(source)}/${name}`;
    const common = { kind: "network", claim: "C6", source } as const;
    const answered = (way: string, query: Query, what: string): NetworkProbe => ({
        ...common,
        id: id(`declared by ${way}`),
        title: `${sourceName(source)} resolves ${what}, by ${way}`,
        bypasses: [],
        attempt: query,
        expect: { allowed: true },
    });
    const denied = (
        name: string,
        title: string,
        attempt: Attempt,
        control: NetworkProbe,
        reasons: readonly Reason[],
        bypass = 6,
    ): NetworkProbe => ({
        ...common,
        id: id(name),
        title: `${sourceName(source)} ${title}`,
        bypasses: [bypass],
        attempt,
        expect: { allowed: false, reasons },
        control: control.id,
    });
    const ask = (name: string, more: Partial<Query> = {}): Query => ({
        action: "dns",
        transport: "udp",
        name,
        type: "A",
        ...more,
    });

    const declared = ports.find(
        ({ host, allow }) => !isAddress(host) && allow.some(({ namespace }) => namespace === client.namespace),
    )?.host;
    const inCluster = clusterNameControl(source);
    const [own, byKubeDns] =
        declared === undefined
            ? [inCluster, inCluster]
            : [
                  declaredNameControl(source, declared),
                  declaredNameControl(source, declared, { name: "kube-dns", address: KUBE_DNS }),
              ];
    const besides = (
        [
            ["node-local", NODE_LOCAL_DNS_ADDRESS, [...LOCKED, ...NOT_REACHED]],
            ["metadata", GOOGLE_METADATA_ADDRESS, NOT_REACHED],
            ["public", publicResolver, NOT_REACHED],
        ] as const
    ).flatMap(([way, address, reasons]) =>
        (["udp", "tcp"] as const).map(transport =>
            denied(
                `${way}-${transport}`,
                `gets no record of ${undeclaredHost} from ${address} over ${transport.toUpperCase()}`,
                ask(undeclaredHost, { transport, address }),
                inCluster,
                reasons,
                way === "public" ? 5 : 6,
            ),
        ),
    );
    return [
        ...(declared === undefined
            ? []
            : [
                  own,
                  byKubeDns,
                  answered("its own resolver", ask(declared), declared),
                  answered("kube-dns", ask(declared, { address: KUBE_DNS }), declared),
              ]),
        ...(Object.keys(QUERY_TYPES) as (keyof typeof QUERY_TYPES)[]).map(type =>
            denied(type, `gets no ${type} record of ${undeclaredHost}`, ask(undeclaredHost, { type }), own, LOCKED),
        ),
        denied("tcp", `gets no record of ${undeclaredHost} over TCP`, ask(undeclaredHost, { transport: "tcp" }), own, [
            ...LOCKED,
            ...NOT_REACHED,
        ]),
        denied(
            "kube-dns",
            `gets no record of ${undeclaredHost} from kube-dns' own address`,
            ask(undeclaredHost, { address: KUBE_DNS }),
            byKubeDns,
            LOCKED,
        ),
        ...besides,
        denied(
            "over-tls",
            `gets no DNS over TLS from ${publicResolver}`,
            { action: "https", host: publicResolver, port: 853, anyCertificate: true },
            clusterApiControl(source),
            NOT_REACHED,
            7,
        ),
        ...(canaryZone === undefined
            ? []
            : (["A", "TXT", "NULL"] as const).map(type =>
                  denied(
                      `canary-${type}`,
                      `gets no ${type} record of a random name below ${canaryZone}`,
                      ask(`${RANDOM_LABEL}.${canaryZone}`, { type }),
                      own,
                      LOCKED,
                  ),
              )),
    ];
}
