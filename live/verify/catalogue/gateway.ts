import { isIPv6 } from "node:net";
import { type VerifiedGateway } from "../outputs";
import {
    aboutGateway,
    type Attempt,
    GATEWAY_POD,
    type NetworkProbe,
    type ProbeSource,
    type Reason,
    sourceName,
} from "../probe";
import { clusterApiControl } from "./controls";
import { type DestinationPort, firstOfEachNamespace } from "./destinations";
import { attempts, type Choice, denied } from "./perimeter";
import { type Targets } from "./targets";

/**
 * What strangers may try at the gateway itself.
 *
 * @param ports of all gateways: to one of them, the clients of the others are strangers
 */
export function gatewayProbes(
    ports: readonly DestinationPort[],
    { host: gatewayHost, name }: Pick<VerifiedGateway, "host" | "name">,
): NetworkProbe[] {
    const stranger: ProbeSource = { kind: "no-sidecar" };
    const dropped: Reason = { by: "network", hint: "the network policies of the gateway's namespace drop them" };
    const at = (
        way: string,
        source: ProbeSource,
        title: string,
        bypasses: readonly number[],
        attempt: Attempt,
        reasons: readonly Reason[],
    ): NetworkProbe =>
        aboutGateway(denied({ claim: "C4", source, name: `gateway-${way}`, title, bypasses, attempt, reasons }), name);
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

/**
 * A pod that gets onto a gateway node has the node's way out; whether it gets there is seen by whether it gets out.
 *
 * @param ports of that gateway
 */
export function intruderProbes(
    ports: readonly DestinationPort[],
    targets: Targets,
    gateway: string | undefined,
): NetworkProbe[] {
    const tls = ports.find(({ port }) => port.protocol === "tls");
    const attempt: Attempt =
        tls === undefined
            ? { action: "https", host: targets.publicAddress, port: 443, anyCertificate: true }
            : { action: "https", host: tls.host, port: tls.port.number, anyCertificate: true };
    return (["toleration", "node-name"] as const).map(how => {
        const source: ProbeSource = { kind: "intruder", how, ...(gateway === undefined ? {} : { gateway }) };
        const probe: NetworkProbe = {
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
        return aboutGateway(probe, gateway);
    });
}

/**
 * From a gateway node: declared ports only, and nothing private.
 *
 * @param ports of that gateway
 * @param all of all gateways: what another's destinations have, this one has no use for
 */
export function gatewayNodeProbes(
    ports: readonly DestinationPort[],
    all: readonly DestinationPort[],
    targets: Targets,
    namespace: string,
    gateway: string | undefined,
): NetworkProbe[] {
    const source: ProbeSource = { kind: "gateway-node", namespace, ...(gateway === undefined ? {} : { gateway }) };
    const [declared, others] = [ports, all].map(each => new Set(each.map(({ port }) => port.number))) as [
        Set<number>,
        Set<number>,
    ];
    const answered = [853, 8443, 2053];
    const undeclared =
        [...answered.filter(port => others.has(port)), ...answered].find(port => !declared.has(port)) ?? 8880;
    const tls = ports.find(({ port }) => port.protocol === "tls");
    const { publicAddress, publicResolver, privateService } = targets;
    const control = tls === undefined ? clusterApiControl(source) : wayOut(source, tls);
    const choices = attempts(ports, targets);
    const from = (name: string, choice: Choice): NetworkProbe =>
        aboutGateway(
            {
                ...denied({ claim: "C3", source, name, ...choice }),
                ...(usesTcp(choice.attempt) ? { control: control.id } : {}),
            },
            gateway,
        );
    return [
        control,
        from("undeclared-port", {
            title: `does not reach ${publicAddress} on port ${undeclared}, which no destination ${gateway === undefined ? "" : "of its own "}has`,
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

function usesTcp(attempt: Attempt): boolean {
    return attempt.action !== "udp" && attempt.action !== "ping" && !isIPv6("host" in attempt ? attempt.host : "");
}
