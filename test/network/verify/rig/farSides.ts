import { type EgressOutputs } from "../../../../contract/egress";
import { type Authority } from "./certificates";
import { type InternetConfiguration } from "./internet";

/** Whoever answers at these has been reached; nobody declared them. */
export const STRANGERS = {
    address: "1.1.1.1",
    resolver: "8.8.8.8",
    ipv6: "2606:4700:4700::1111",
    undeclaredHost: "example.net",
} as const;

/** A public address of its own for every declared host. */
export function addressesOf({ destinations }: Pick<EgressOutputs, "destinations">): Map<string, string> {
    return new Map(destinations.map(({ host }, index) => [host, `93.184.216.${index + 10}`]));
}

/** Declared hosts with certificates that are trusted, and strangers whose certificates are not. */
export function internetServers(
    outputs: Pick<EgressOutputs, "destinations">,
    publicAuthority: Authority,
    otherAuthority: Authority,
): InternetConfiguration["servers"] {
    const addresses = addressesOf(outputs);
    const declared = outputs.destinations.flatMap(({ host, ports }) =>
        ports.map(({ number, protocol }) => ({
            address: addresses.get(host)!,
            port: number,
            speaks:
                protocol === "http" ? ("http" as const) : protocol === "tcp" ? ("tcp" as const) : ("https" as const),
            ...publicAuthority.issue(host, [`DNS:${host}`]),
        })),
    );
    const stranger = otherAuthority.issue("stranger", ["DNS:stranger.example"]);
    return [
        ...declared,
        ...[443, 853, 8443, 2053].map(port => ({
            address: STRANGERS.address,
            port,
            speaks: "https" as const,
            ...stranger,
        })),
        { address: STRANGERS.ipv6, port: 443, speaks: "https", ...stranger },
        { address: STRANGERS.address, port: 80, speaks: "http" },
        { address: STRANGERS.address, port: 443, speaks: "udp" },
        { address: STRANGERS.resolver, port: 53, speaks: "udp" },
    ];
}
