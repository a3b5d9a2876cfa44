import { type Destination, type DestinationPort, type Sections } from "./schema";
import { type Problem } from "./values/problem";

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
 * `tcp`, has a synthetic one, because a TLS server of a gateway leads to one destination only.
 */
export function outerSni(host: string, port: DestinationPort): string {
    return port.protocol === "tls" && port.number === 443 ? host : `p${port.number}.${host}`;
}

/** Whether the port rides the TLS leg (443) of the gateway; the others ride the HTTP leg (80), told apart by Host. */
export function ridesTls(port: DestinationPort): port is Extract<DestinationPort, { protocol: "tls" | "tcp" }> {
    return port.protocol === "tls" || port.protocol === "tcp";
}

/** Problems inside one destination. */
export function destinationProblems(destination: Destination): Problem[] {
    return [...portProblems(destination), ...allowProblems(destination)];
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
                path: `${destination.source}.host`,
                given: destination.host,
                expected: `a host that is not listed already at ${earlier.source}`,
                remedy: "Join the two: one destination has one owner, and its `allow` names everybody who may use it.",
            },
        ];
    });
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
                : [],
        ),
    );
}
