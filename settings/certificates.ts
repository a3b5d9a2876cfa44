import { tenantHost } from "../base/conventions";
import { LONGEST_HOST } from "../base/host";
import { type Problem } from "../base/problem";
import { type Destination } from "./schema";

/** Whether the far side knows the workloads of each namespace by another certificate: they are kept apart on the HTTP leg then. */
export function hasTenants({ ports }: Pick<Destination, "ports">): boolean {
    return ports.some(port => port.protocol === "originate" && port.clientCertificates !== undefined);
}

/** Problems of the certificates that the gateway shows and believes. */
export function certificateProblems(destination: Destination): Problem[] {
    const { source, ports } = destination;
    return [
        ...ports.flatMap((port, index): Problem[] => {
            if (port.protocol !== "originate") {
                return [];
            }
            const path = `${source}.ports[${index}]`;
            const { caCertificate, clientCertificate, clientCertificates } = port;
            return [
                ...(caCertificate !== undefined && (clientCertificate ?? clientCertificates) !== undefined
                    ? [
                          {
                              path: `${path}.caCertificate`,
                              given: caCertificate.secret,
                              expected: "none beside a client certificate",
                              remedy: "Put its `ca.crt` into the Secret of the client certificate, from which Istio takes both.",
                          },
                      ]
                    : []),
                ...(clientCertificate !== undefined && clientCertificates !== undefined
                    ? [
                          {
                              path: `${path}.clientCertificates`,
                              given: clientCertificates.map(({ secret }) => secret),
                              expected: "none beside `clientCertificate`",
                              remedy: "Write the one certificate for everybody, or one for each namespace of `allow`.",
                          },
                      ]
                    : []),
                ...(clientCertificates === undefined ? [] : tenantProblems(path, destination, clientCertificates)),
            ];
        }),
        ...(hasTenants(destination) ? nameProblems(destination) : []),
    ];
}

function tenantProblems(
    path: string,
    { allow }: Destination,
    certificates: readonly { readonly namespace: string }[],
): Problem[] {
    const wanted = [...new Set(allow.map(({ namespace }) => namespace))];
    const missing = wanted.filter(namespace => !certificates.some(one => one.namespace === namespace));
    return [
        ...(missing.length === 0
            ? []
            : [
                  {
                      path: `${path}.clientCertificates`,
                      given: certificates.map(({ namespace }) => namespace),
                      expected: `one for each namespace of \`allow\`; there is none for ${missing.join(", ")}`,
                      remedy: "Add it: without one the gateway would have nothing to show. Two may name the same Secret.",
                  },
              ]),
        ...certificates.flatMap(({ namespace }, index) =>
            wanted.includes(namespace) && certificates.findIndex(one => one.namespace === namespace) === index
                ? []
                : [
                      {
                          path: `${path}.clientCertificates[${index}].namespace`,
                          given: namespace,
                          expected: `a namespace of \`allow\` (${wanted.join(", ")}), each once`,
                          remedy: "Remove it. Sidecars know their namespace and not their service account: workloads of one namespace share a certificate.",
                      },
                  ],
        ),
    ];
}

function nameProblems({ source, host, allow }: Destination): Problem[] {
    const longest = Math.max(...allow.map(({ namespace }) => tenantHost(namespace, host).length));
    return longest <= LONGEST_HOST
        ? []
        : [
              {
                  path: `${source}.host`,
                  given: host,
                  expected: `a host at least ${longest - LONGEST_HOST} characters shorter, because of \`clientCertificates\``,
                  remedy: "The gateway tells the namespaces apart by names that are made of theirs and the host's; use one `clientCertificate`.",
              },
          ];
}
