import { isIPv4, isIPv6 } from "node:net";
import { InputError, type Problem } from "../../../base/problem";

/** Addresses and names outside that the denied attempts aim at. Whoever answers there has been reached. */
export interface Targets {
    /** Answers TCP 80, 443 and 853, UDP 443, and ping. */
    readonly publicAddress: string;
    /** Answers DNS queries. */
    readonly publicResolver: string;
    readonly publicIpv6Address: string;
    /** A host that no destination declares and that exists. */
    readonly undeclaredHost: string;
    /** `address:port` outside the cluster that answers inside the network, so that silence from a gateway node means something. */
    readonly privateService?: { readonly address: string; readonly port: number };
}

/** Public resolvers answer all of this, and nobody minds a few packets. */
export const DEFAULT_TARGETS: Targets = {
    publicAddress: "1.1.1.1",
    publicResolver: "8.8.8.8",
    publicIpv6Address: "2606:4700:4700::1111",
    undeclaredHost: "example.net",
};

/** @throws InputError with every target that cannot be used. */
export function checkTargets(targets: Targets, declaredHosts: readonly string[]): void {
    const problems: Problem[] = [];
    const expect = (holds: boolean, path: string, given: unknown, expected: string, remedy: string): void => {
        if (!holds) {
            problems.push({ path, given, expected, remedy });
        }
    };
    const ipv4 = "an IPv4 address outside your network that answers";
    expect(
        isIPv4(targets.publicAddress),
        "--public-address",
        targets.publicAddress,
        ipv4,
        `Leave it out for ${DEFAULT_TARGETS.publicAddress}.`,
    );
    expect(
        isIPv4(targets.publicResolver),
        "--public-resolver",
        targets.publicResolver,
        ipv4,
        `Leave it out for ${DEFAULT_TARGETS.publicResolver}.`,
    );
    expect(
        isIPv6(targets.publicIpv6Address),
        "--public-ipv6-address",
        targets.publicIpv6Address,
        "an IPv6 address outside your network that answers",
        `Leave it out for ${DEFAULT_TARGETS.publicIpv6Address}.`,
    );
    expect(
        !declaredHosts.includes(targets.undeclaredHost),
        "--undeclared-host",
        targets.undeclaredHost,
        "a host that no destination declares",
        `${targets.undeclaredHost} is declared, so reaching it proves nothing: name another host that exists.`,
    );
    if (problems.length > 0) {
        throw new InputError("the probes cannot be composed", problems);
    }
}
