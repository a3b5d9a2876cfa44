import { isIPv4, isIPv6 } from "node:net";
import { isWildcard } from "../../../base/conventions";
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
    /** A zone of one's own in which every name exists, by a wildcard record: random names are asked for below it. */
    readonly canaryZone?: string;
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

/**
 * @param locked names are locked too: the DNS lock says of what is above a declared host that it exists
 * @throws InputError with every target that cannot be used
 */
export function checkTargets(targets: Targets, declaredHosts: readonly string[], locked: boolean): void {
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
    const { undeclaredHost, canaryZone } = targets;
    const declaring = declaredHosts.find(
        host => covers(host, undeclaredHost) || (locked && host.endsWith(`.${undeclaredHost}`)),
    );
    expect(
        declaring === undefined,
        "--undeclared-host",
        undeclaredHost,
        "a host that no destination declares",
        `${declaring ?? ""} is declared, so ${undeclaredHost} proves nothing: name another host that exists.`,
    );
    expect(
        canaryZone === undefined ||
            (ZONE.test(canaryZone) && !declaredHosts.some(host => covers(host, `x.${canaryZone}`))),
        "--canary-zone",
        canaryZone,
        "a domain in which every name exists, and none is declared",
        "Make a wildcard record in a zone of yours, and name the domain that it stands below; or leave it out.",
    );
    if (problems.length > 0) {
        throw new InputError("the probes cannot be composed", problems);
    }
}

const ZONE = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

function covers(declared: string, name: string): boolean {
    return isWildcard(declared) ? name.endsWith(declared.slice(1)) : declared === name;
}
