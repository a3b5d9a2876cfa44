import { isWildcard, USUAL_PROTOCOLS } from "../base/conventions";
import { InputError, type Problem } from "../base/problem";
import { type NewGrant } from "../plan/destinationsEdit";
import { goalOf, originOf } from "./endpoints";

/** What a person asks for, as it was written. */
export interface AskedGrant {
    /** `host:port` */
    readonly where: string;
    /** `namespace/serviceAccount` */
    readonly workload: string;
    /** @default `tls` on 443, `http` on 80 */
    readonly protocol?: string;
    readonly owner?: string;
    readonly reason?: string;
}

/**
 * One grant, ready to be written into a list: a host, a wildcard, or a public address.
 *
 * @throws InputError with every problem at once.
 */
export function grantOf({ where, workload, protocol, owner, reason }: AskedGrant): NewGrant {
    const wildcard = isWildcard(where);
    const [goal, origin] = [asked(() => goalOf(wildcard ? where.slice(2) : where)), originOf(workload)];
    const place =
        goal === undefined
            ? undefined
            : goal.kind === "host"
              ? {
                    host: wildcard ? `*.${goal.host}` : goal.host,
                    port: goal.port,
                    spoken: protocol ?? USUAL_PROTOCOLS[goal.port],
                }
              : goal.packet.protocol === "tcp" && !wildcard
                ? { host: goal.packet.destination, port: goal.packet.port!, spoken: protocol ?? "tcp" }
                : undefined;
    const problems = [
        ...(place === undefined
            ? [
                  problem(
                      "destination",
                      where,
                      "a host or a public address, and a port",
                      'For example istio.io:443, "*.my.salesforce.com:443" or 203.0.113.10:2222.',
                  ),
              ]
            : place.spoken === undefined
              ? [
                    problem(
                        "--protocol",
                        undefined,
                        "tls, http, originate or tcp, since the port does not tell",
                        "For example `--protocol tcp`.",
                    ),
                ]
              : []),
        ...(origin.kind === "workload" ? [] : [notAWorkload(workload)]),
    ];
    if (place?.spoken === undefined || origin.kind !== "workload") {
        throw new InputError("the destination cannot be added", problems);
    }
    const { namespace, serviceAccount } = origin;
    return {
        ...{ host: place.host, port: place.port, protocol: place.spoken, namespace, serviceAccount },
        ...(owner === undefined ? {} : { owner }),
        ...(reason === undefined ? {} : { reason }),
    };
}

function asked<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch {
        return undefined;
    }
}

/** What is said of a `--for` that names no service account. */
export function notAWorkload(given: string): Problem {
    return problem("--for", given, "a namespace and a service account", "For example payments/api.");
}

export function problem(path: string, given: unknown, expected: string, remedy: string): Problem {
    return { path, given, expected, remedy };
}
