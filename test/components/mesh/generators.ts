import * as fc from "fast-check";
import { type MeshSettings } from "../../../components/mesh/compile";
import { clientPort } from "../../../settings/destinations";
import { type Destination, type DestinationPort, type WorkloadIdentity } from "../../../settings/schema";
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
    number.map(port => ({ protocol: "tls" as const, number: port })),
    number.map(port => ({ protocol: "http" as const, number: port })),
    number.map(port => ({ protocol: "tcp" as const, number: port })),
    fc.record({ number, plainPort: number, mutual: fc.boolean() }).map(({ mutual, ...ports }) => ({
        protocol: "originate" as const,
        ...ports,
        ...(mutual ? { clientCertificate: { secret: "client" } } : {}),
    })),
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

export const anyDestination: fc.Arbitrary<Destination> = fc
    .record({ host: anyHost, ports: anyPorts, allow: anyAllow })
    .map(destination => ({ ...destination, source: `destinations of ${destination.host}` }));

export const anyCatalogue: fc.Arbitrary<Destination[]> = fc.uniqueArray(anyDestination, {
    minLength: 1,
    maxLength: 8,
    selector: ({ host }) => host,
});

/** Good settings with exactly these destinations. */
export function meshSettings(destinations: readonly Destination[], mutualTls = true): MeshSettings {
    const base = settings({ mesh: { mutualTls } });
    return {
        ...base,
        destinations,
        clientNamespaces: [
            ...new Set(destinations.flatMap(({ allow }) => allow.map(({ namespace }) => namespace))),
        ].sort(),
    };
}
