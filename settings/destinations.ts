import { type Destination, type DestinationPort, type Sections } from "./schema";
import { isAddress } from "../base/cidr";
import { innerNameHost, isBelow, isWildcard, SIDECAR_PORTS } from "../base/conventions";
import { LONGEST_HOST } from "../base/host";
import { type Problem } from "../base/problem";
import { certificateProblems } from "./certificates";

/** The port on which the application opens its connection. */
export function clientPort(port: DestinationPort): number {
    return port.protocol === "originate" ? port.plainPort : port.number;
}

/** How an application addresses a destination's port. */
export function addressedAs(host: string, port: DestinationPort): string {
    const at = clientPort(port);
    switch (port.protocol) {
        case "tls":
            return `https://${host}${at === 443 ? "" : `:${at}`}`;
        case "http":
        case "originate":
            return `http://${host}${at === 80 ? "" : `:${at}`}`;
        case "tcp":
            return `${host}:${at}`;
    }
}

/**
 * The outer SNI under which a port rides the gateway's 443. Port 443 keeps the host's own name; every other port, and every
 * `tcp` and every wildcard, has a synthetic one, because a TLS server of a gateway leads to one destination only.
 */
export function outerSni(host: string, port: DestinationPort): string {
    if (isWildcard(host)) {
        return `any.p${port.number}${host.slice(1)}`;
    }
    return port.protocol === "tls" && port.number === 443 ? host : `p${port.number}.${host}`;
}

/** Whether the gateway reads the server name inside, and closes what has another: always below a wildcard. */
export function checksInnerName(host: string, port: DestinationPort): boolean {
    return isWildcard(host) || (port.protocol === "tls" && port.innerName === "checked");
}

/** Whether the port rides the TLS leg (443) of the gateway; the others ride the HTTP leg (80), told apart by Host. */
export function ridesTls(port: DestinationPort): port is Extract<DestinationPort, { protocol: "tls" | "tcp" }> {
    return port.protocol === "tls" || port.protocol === "tcp";
}

/** Problems inside one destination. */
export function destinationProblems(destination: Destination): Problem[] {
    return [
        ...portProblems(destination),
        ...sidecarPortProblems(destination),
        ...(isAddress(destination.host) ? addressPortProblems(destination) : []),
        ...(isWildcard(destination.host) ? wildcardPortProblems(destination) : []),
        ...innerNameProblems(destination),
        ...allowProblems(destination),
        ...certificateProblems(destination),
    ];
}

/** An address has no name by which TLS or HTTP could be told apart, and it is its own virtual address. */
function addressPortProblems({ source, ports }: Destination): Problem[] {
    return ports.flatMap((port, index): Problem[] =>
        port.protocol !== "tcp"
            ? [
                  {
                      path: `${source}.ports[${index}].protocol`,
                      given: port.protocol,
                      expected: "`tcp`, because the destination has no name",
                      remedy: `Write \`{ number: ${port.number}, protocol: tcp }\`, which carries TLS and everything else; with a name under \`host\` the gateway can tell more.`,
                  },
              ]
            : port.virtualAddress === undefined
              ? []
              : [
                    {
                        path: `${source}.ports[${index}].virtualAddress`,
                        given: port.virtualAddress,
                        expected: "none: clients dial the address itself",
                        remedy: "Remove it.",
                    },
                ],
    );
}

/** The gateway forwards by the server name that it reads inside: TLS alone has one. */
function wildcardPortProblems({ source, ports }: Destination): Problem[] {
    return ports.flatMap((port, index): Problem[] =>
        port.protocol === "tls"
            ? []
            : [
                  {
                      path: `${source}.ports[${index}].protocol`,
                      given: port.protocol,
                      expected: "`tls`, because the destination is a wildcard",
                      remedy: "The gateway finds the host by the server name of the application's own TLS; list the hosts that speak something else by their names.",
                  },
              ],
    );
}

/** Below a wildcard the name is read anyway, and the name that stands for an exact host has to have room. */
function innerNameProblems({ source, host, ports }: Destination): Problem[] {
    const path = (index: number): string => `${source}.ports[${index}].innerName`;
    return ports.flatMap((port, index): Problem[] =>
        port.protocol !== "tls" || port.innerName === undefined
            ? []
            : isWildcard(host)
              ? [
                    {
                        path: path(index),
                        given: port.innerName,
                        expected: "none, because the destination is a wildcard",
                        remedy: "Remove it: below a wildcard the gateway always reads the name inside.",
                    },
                ]
              : innerNameHost(host).length > LONGEST_HOST
                ? [
                      {
                          path: path(index),
                          given: host,
                          expected: `a host at least ${innerNameHost(host).length - LONGEST_HOST} characters shorter`,
                          remedy: "The gateway leads to it by a longer name (RFC 1035: 253 characters): leave innerName out.",
                      },
                  ]
                : [],
    );
}

/** Everything but `tcp`, which has an address of its own, shares its port with all destinations of a namespace. */
function sidecarPortProblems({ source, ports }: Destination): Problem[] {
    return ports.flatMap((port, index): Problem[] =>
        port.protocol === "tcp" || !SIDECAR_PORTS.includes(clientPort(port))
            ? []
            : [
                  {
                      path: `${source}.ports[${index}].${port.protocol === "originate" ? "plainPort" : "number"}`,
                      given: clientPort(port),
                      expected: `a port other than ${SIDECAR_PORTS.join(", ")}, on which every sidecar listens itself`,
                      remedy:
                          port.protocol === "originate"
                              ? "Give it another `plainPort`: new pods of the namespaces that may use it would be left without a way out."
                              : "Use `tcp`, which has an address of its own: new pods of the namespaces that may use it would be left without a way out.",
                  },
              ],
    );
}

function portProblems({ source, host, ports }: Destination): Problem[] {
    return ports.flatMap((port, index) =>
        ports.slice(0, index).flatMap((earlier, position): Problem[] => {
            if (earlier.number === port.number) {
                return [
                    {
                        path: `${source}.ports[${index}].number`,
                        given: port.number,
                        expected: `a port that ports[${position}] (${earlier.protocol}) does not have`,
                        remedy: `One port of a host has one meaning: remove one of the two entries of ${host}.`,
                    },
                ];
            }
            if (clientPort(earlier) === clientPort(port)) {
                return [
                    {
                        path: `${source}.ports[${index}]`,
                        given: port,
                        expected: `another client port than ${clientPort(port)}, which ports[${position}] (${earlier.protocol}) has`,
                        remedy: "Applications could not choose between the two: give the `originate` port another `plainPort`, or remove one.",
                    },
                ];
            }
            return [];
        }),
    );
}

function allowProblems({ source, allow }: Destination): Problem[] {
    return allow.flatMap((workload, index) =>
        allow
            .slice(0, index)
            .some(
                earlier =>
                    earlier.namespace === workload.namespace && earlier.serviceAccount === workload.serviceAccount,
            )
            ? [
                  {
                      path: `${source}.allow[${index}]`,
                      given: workload,
                      expected: "every workload once",
                      remedy: "Remove the repetition.",
                  },
              ]
            : [],
    );
}

/** Problems between destinations: the same host twice, and names and ports that the gateway could not tell apart. */
export function catalogueProblems(destinations: readonly Destination[], mesh: Sections["mesh"] | undefined): Problem[] {
    return [
        ...duplicateProblems(destinations),
        ...syntheticSniProblems(destinations),
        ...overlapProblems(destinations),
        ...(mesh?.mutualTls === false ? passthroughProblems(destinations) : []),
    ];
}

function duplicateProblems(destinations: readonly Destination[]): Problem[] {
    const first = new Map<string, Destination>();
    return destinations.flatMap((destination): Problem[] => {
        const earlier = first.get(destination.host);
        if (earlier === undefined) {
            first.set(destination.host, destination);
            return [];
        }
        return [
            {
                path: `${destination.source}.${isAddress(destination.host) ? "addresses" : "host"}`,
                given: destination.host,
                expected: `${isAddress(destination.host) ? "an address" : "a host"} that is not listed already at ${earlier.source}`,
                remedy: "Join the two: one destination has one owner, and its `allow` names everybody who may use it.",
            },
        ];
    });
}

/** A name below a wildcard would have two routes in one listener, which Envoy refuses, and two lists of callers. */
function overlapProblems(destinations: readonly Destination[]): Problem[] {
    const wildcards = destinations.filter(({ host }) => isWildcard(host));
    return destinations.flatMap(({ host, source }) =>
        wildcards
            .filter(wildcard => isBelow(host, wildcard.host))
            .map(wildcard => ({
                path: `${source}.host`,
                given: host,
                expected: `a host that is not below ${wildcard.host} (${wildcard.source})`,
                remedy: "The wildcard covers it: remove this one, or list the hosts instead of the wildcard.",
            })),
    );
}

function syntheticSniProblems(destinations: readonly Destination[]): Problem[] {
    const taken = new Map<string, Destination>();
    for (const destination of destinations) {
        for (const port of destination.ports.filter(
            port => ridesTls(port) && outerSni(destination.host, port) === destination.host,
        )) {
            taken.set(outerSni(destination.host, port), destination);
        }
    }
    return destinations.flatMap(destination =>
        destination.ports.filter(ridesTls).flatMap((port): Problem[] => {
            const sni = outerSni(destination.host, port);
            const other = taken.get(sni);
            return other === undefined || other === destination
                ? []
                : [
                      {
                          path: `${other.source}.host`,
                          given: other.host,
                          expected: `a host other than ${sni}, the name under which port ${port.number} of ${destination.host} (${destination.source}) rides the gateway`,
                          remedy: "Remove one of the two: the gateway could not tell them apart.",
                      },
                  ];
        }),
    );
}

/** Without mutual TLS there is nothing that could carry a synthetic SNI. */
function passthroughProblems(destinations: readonly Destination[]): Problem[] {
    return destinations.flatMap(({ source, host, ports }) =>
        ports.flatMap((port, index): Problem[] =>
            ridesTls(port) && outerSni(host, port) !== host
                ? [
                      {
                          path: `${source}.ports[${index}]`,
                          given: port,
                          expected: "`tls` on port 443, `http` or `originate`, because mesh.mutualTls is false",
                          remedy: "Other ports ride the gateway inside the mesh's mutual TLS: set mesh.mutualTls to true, or remove the port.",
                      },
                  ]
                : port.protocol === "tls" && port.innerName !== undefined
                  ? [
                        {
                            path: `${source}.ports[${index}].innerName`,
                            given: port.innerName,
                            expected: "none, because mesh.mutualTls is false",
                            remedy: "Remove it: without mutual TLS the gateway routes by the application's own server name.",
                        },
                    ]
                  : port.protocol === "originate" && port.clientCertificates !== undefined
                    ? [
                          {
                              path: `${source}.ports[${index}].clientCertificates`,
                              given: port.clientCertificates.map(({ secret }) => secret),
                              expected: "none, because mesh.mutualTls is false",
                              remedy: "Without it the gateway does not know who calls, and would show anybody's certificate: set mesh.mutualTls to true, or use one `clientCertificate`.",
                          },
                      ]
                    : !ridesTls(port) && port.upstreamProtocol !== undefined
                      ? [
                            {
                                path: `${source}.ports[${index}].upstreamProtocol`,
                                given: port.upstreamProtocol,
                                expected: "none, because mesh.mutualTls is false",
                                remedy: "Without it all HTTP of a namespace shares one connection to the gateway, in HTTP/1.1: set mesh.mutualTls to true, or let the application open TLS itself (`tls`).",
                            },
                        ]
                      : [],
        ),
    );
}
