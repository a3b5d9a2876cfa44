import { performance } from "node:perf_hooks";
import { inMesh } from "../../components/mesh/meshDestination";
import { compileMesh, destinationObjects, type MeshSettings } from "../../components/mesh/compile";
import { gatewayFacts } from "../../components/mesh/gatewayFacts";
import { type Destination } from "../../settings/schema";
import { type Settings } from "../../settings/settings";
import { median } from "./median";

/** How the mesh compiler grows with the catalogue. */
export interface CompileMeasurement {
    readonly destinations: number;
    /** Median of the runs. */
    readonly milliseconds: number;
    readonly objects: number;
    /** Objects that a destination has for itself, on average. */
    readonly objectsPerDestination: number;
    /** JSON of a destination's own objects, on average. */
    readonly ownBytesPerDestination: number;
    /** JSON of everything, the shared rules of the client namespaces included, divided by the destinations. */
    readonly bytesPerDestination: number;
}

export const SIZES = [10, 100, 1000] as const;
/** For 1,000 destinations. */
export const BUDGET_MILLISECONDS = 200;
const RUNS = 15;

export function measureCompile(base: Settings, destinations: number): CompileMeasurement {
    const settings = catalogue(base, destinations);
    const objects = compileMesh(settings);
    const gateway = gatewayFacts(settings);
    const own = settings.destinations.map(destination => destinationObjects(inMesh(destination), gateway));
    const perDestination = (values: readonly number[]) => sum(values) / destinations;
    return {
        destinations,
        milliseconds: median(Array.from({ length: RUNS }, () => timed(() => compileMesh(settings)))),
        objects: objects.length,
        objectsPerDestination: perDestination(own.map(list => list.length)),
        ownBytesPerDestination: Math.round(perDestination(own.flat().map(bytes))),
        bytesPerDestination: Math.round(perDestination(objects.map(bytes))),
    };
}

/**
 * Every destination is allowed to two of a tenth as many namespaces, which is how the size of Istio's own configuration was
 * measured; of ten, seven are TLS on 443 and one each is TLS on another port, originated and raw TCP.
 */
function catalogue(base: Settings, count: number): MeshSettings {
    const namespaces = Math.max(2, count / 10);
    const destinations = Array.from({ length: count }, (_, index): Destination => ({
        host: `api.host${index}.example.com`,
        ports: [portOf(index)],
        allow: [index, index + 1].map(n => ({ namespace: `team-${n % namespaces}`, serviceAccount: "api" })),
        source: `destinations[${index}]`,
    }));
    const clientNamespaces = Array.from({ length: namespaces }, (_, index) => `team-${index}`).sort();
    return { ...base, destinations, clientNamespaces };
}

function portOf(index: number): Destination["ports"][number] {
    switch (index % 10) {
        case 7:
            return { protocol: "tls", number: 8443 };
        case 8:
            return { protocol: "originate", number: 443, plainPort: 80 };
        case 9:
            return { protocol: "tcp", number: 5432 };
        default:
            return { protocol: "tls", number: 443 };
    }
}

function timed(run: () => unknown): number {
    const start = performance.now();
    run();
    return performance.now() - start;
}

function bytes(object: object): number {
    return Buffer.byteLength(JSON.stringify(object));
}

function sum(values: readonly number[]): number {
    return values.reduce((total, value) => total + value, 0);
}
