import * as fc from "fast-check";
import { type MeshSettings } from "../../../components/mesh/compile";
import { clientPort } from "../../../settings/destinations";
import { type Destination, type DestinationPort, type WorkloadIdentity } from "../../../settings/schema";
import { type Settings } from "../../../settings/settings";
import { settings } from "../../settings/build";

/** Few and similar labels, so that names meet; some of them long, some like this program's own words. */
const label = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("a", "b", "a-b", "a--b", "b-c", "c", "xn--a-b", "x1", "7") },
    {
        weight: 2,
        arbitrary: fc.constantFrom("private", "clients", "http", "mesh", "443", "google", "my-clients"),
    },
    { weight: 1, arbitrary: fc.constant("l".repeat(40)) },
);

export const anyHost: fc.Arbitrary<string> = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.constantFrom("io", "com", "apis", "clients", "b-c"))
    .map(([labels, top]) => [...labels, top].join("."));

const number = fc.constantFrom(22, 80, 443, 5432, 8080, 8443, 65535);

const anyPort: fc.Arbitrary<DestinationPort> = fc.oneof(
    fc
        .record({ number, innerName: fc.constantFrom({}, { innerName: "checked" as const }) })
        .map(({ number: port, innerName }) => ({ protocol: "tls" as const, number: port, ...innerName })),
    number.map(port => ({ protocol: "http" as const, number: port })),
    number.map(port => ({ protocol: "tcp" as const, number: port })),
    fc
        .record({
            number,
            plainPort: number,
            certificate: fc.constantFrom(
                {},
                { clientCertificate: { secret: "client" } },
                { caCertificate: { secret: "ca" } },
            ),
        })
        .map(({ certificate, ...ports }) => ({ protocol: "originate" as const, ...ports, ...certificate })),
);

/** No port twice, neither at the destination nor for the client: the settings refuse that. */
const anyPorts = fc
    .uniqueArray(anyPort, { minLength: 1, maxLength: 5, selector: ({ number }) => number })
    .map(ports => ports.filter((port, index) => ports.findIndex(p => clientPort(p) === clientPort(port)) === index));

const anyWorkload: fc.Arbitrary<WorkloadIdentity> = fc.record({
    namespace: fc.constantFrom("payments", "orders", "web"),
    serviceAccount: fc.constantFrom("api", "web", "batch.v2"),
});

const anyAllow = fc.uniqueArray(anyWorkload, {
    minLength: 1,
    maxLength: 4,
    selector: ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`,
});

const onlyPorts = <P extends "tcp" | "tls">(protocol: P) =>
    fc
        .uniqueArray(number, { minLength: 1, maxLength: 3 })
        .map(numbers => numbers.map(port => ({ protocol, number: port })));

/** Domains of which none is below another, and no other host below one. */
const anyWildcard = fc.constantFrom("*.a.wild", "*.b.wild", "*.a-b.wild", "*.xn--a-b.wild", `*.${"l".repeat(60)}.wild`);

/** A few addresses, neighbours among them. */
const anyAddress = fc.constantFrom("203.0.113.7", "203.0.113.8", "198.51.100.1", "8.8.8.8");

/** Where the gateway opens TLS, another certificate for each namespace; two of them share one. */
function withTenants<D extends Pick<Destination, "ports" | "allow">>(destination: D): D {
    const namespaces = [...new Set(destination.allow.map(({ namespace }) => namespace))];
    const clientCertificates = namespaces.map(namespace => ({
        namespace,
        secret: namespace === "web" ? "client-orders" : `client-${namespace}`,
    }));
    const ports = destination.ports.map(port =>
        port.protocol === "originate"
            ? { protocol: port.protocol, number: port.number, plainPort: port.plainPort, clientCertificates }
            : port,
    );
    return { ...destination, ports };
}

export const anyDestination: fc.Arbitrary<Destination> = fc
    .oneof(
        { weight: 4, arbitrary: fc.record({ host: anyHost, ports: anyPorts, allow: anyAllow }) },
        { weight: 1, arbitrary: fc.record({ host: anyHost, ports: anyPorts, allow: anyAllow }).map(withTenants) },
        { weight: 1, arbitrary: fc.record({ host: anyAddress, ports: onlyPorts("tcp"), allow: anyAllow }) },
        { weight: 1, arbitrary: fc.record({ host: anyWildcard, ports: onlyPorts("tls"), allow: anyAllow }) },
    )
    .map(destination => ({ ...destination, source: `destinations of ${destination.host}` }));

export const anyCatalogue: fc.Arbitrary<Destination[]> = fc.uniqueArray(anyDestination, {
    minLength: 1,
    maxLength: 8,
    selector: ({ host }) => host,
});

/** Reading settings takes longer than compiling them. */
const BASES = new Map<boolean, Settings>();

/** Good settings with exactly these destinations. */
export function meshSettings(destinations: readonly Destination[], mutualTls = true): MeshSettings {
    const base = BASES.get(mutualTls) ?? settings({ mesh: { mutualTls } });
    BASES.set(mutualTls, base);
    return {
        ...base,
        destinations,
        clientNamespaces: [
            ...new Set(destinations.flatMap(({ allow }) => allow.map(({ namespace }) => namespace))),
        ].sort(),
    };
}
