import assert from "node:assert/strict";
import * as fc from "fast-check";
import { meshHost } from "../../../base/conventions";
import { compileMesh } from "../../../components/mesh/compile";
import { meshDeclaration } from "../../../components/mesh/declaration";
import { virtualAddressProblems } from "../../../components/mesh/virtualAddresses";
import { meshFindings } from "../../../containment/mesh/claims";
import { type Resource } from "../../../containment/resource";
import { catalogueProblems, destinationProblems } from "../../../settings/destinations";
import { type Destination, type DestinationPort } from "../../../settings/schema";
import { anyCatalogue, meshSettings } from "../../components/mesh/generators";
import { declaration, type KubernetesManifest, resourceOf, SURROUNDINGS } from "./fixture";
import { meshGuard } from "./guardFixture";
import { type Manifest, OPENINGS } from "./openings";
import { readWorld } from "../../../containment/world/world";

/** Catalogues of each property; more with `CATALOGUES=20000`. */
const RUNS = Number(process.env["CATALOGUES"] ?? 1_000);

const AROUND = [...SURROUNDINGS.map(resourceOf), ...meshGuard()];

function isAccepted(catalogue: readonly Destination[]): boolean {
    return [
        ...catalogue.flatMap(destinationProblems),
        ...catalogueProblems(catalogue, meshSettings(catalogue).mesh),
        ...virtualAddressProblems(catalogue),
    ].every(() => false);
}

/** The mesh component of these settings, whose objects may be others than its own. */
function world(catalogue: readonly Destination[], objects: readonly object[]): Resource[] {
    const mesh = declaration("mutual-tls");
    const inputs = { ...meshDeclaration(meshSettings(catalogue)) };
    return [{ ...mesh, inputs }, ...AROUND, ...objects.map(object => resourceOf(object as KubernetesManifest))];
}

function assertHolds(catalogue: readonly Destination[]): void {
    const { result, reasons, witnesses } = meshFindings(
        readWorld(world(catalogue, compileMesh(meshSettings(catalogue)))),
    );
    assert.deepEqual(
        { result, reasons, hops: witnesses[0]?.hops },
        { result: "holds", reasons: [], hops: undefined },
        JSON.stringify(catalogue),
    );
}

const number = [22, 80, 443, 8080];
const PORTS: readonly DestinationPort[] = [
    ...(["tls", "http", "tcp"] as const).flatMap(protocol => number.map(port => ({ protocol, number: port }))),
    ...number.flatMap(port => number.map(plainPort => ({ protocol: "originate" as const, number: port, plainPort }))),
    ...number.map(port => ({ protocol: "tls" as const, number: port, innerName: "checked" as const })),
    ...number.map(port => ({
        protocol: "originate" as const,
        number: port,
        plainPort: 8080,
        clientCertificates: [{ namespace: "payments", secret: "client" }],
    })),
];

/** Every two of these ports, and each with itself. */
const PAIRS = PORTS.flatMap((first, index) => PORTS.slice(index).map(second => [first, second] as const));

const destination = (host: string, ...ports: readonly DestinationPort[]): Destination => ({
    host,
    ports: [...ports],
    allow: [{ namespace: "payments", serviceAccount: host.startsWith("b") ? "web" : "api" }],
    source: host,
});

describe("whatever the settings accept", function () {
    this.timeout(20 * RUNS + 60_000);

    it("holds, for any catalogue", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                fc.pre(isAccepted(catalogue));
                assertHolds(catalogue);
            }),
            { numRuns: RUNS },
        );
    });

    it("holds, for every two ports of one host", () => {
        const accepted = PAIRS.map(pair => [destination("a.example", ...new Set(pair))]).filter(isAccepted);
        assert.ok(accepted.length > 200, String(accepted.length));
        accepted.forEach(assertHolds);
    });

    it("holds, for every two ports of two hosts", () => {
        const accepted = PAIRS.map(([first, second]) => [
            destination("a.example", first),
            destination("b.example", second),
        ]).filter(isAccepted);
        assert.ok(accepted.length > 200, String(accepted.length));
        accepted.forEach(assertHolds);
    });

    for (const [name, opening] of Object.entries(OPENINGS)) {
        it(`no longer holds with ${name}`, () => {
            fc.assert(
                fc.property(anyCatalogue, fc.infiniteStream(fc.nat()), (catalogue, numbers) => {
                    fc.pre(isAccepted(catalogue));
                    const objects = structuredClone(compileMesh(meshSettings(catalogue))) as unknown as Manifest[];
                    const pick = <T>(from: readonly T[]): T | undefined =>
                        from[(numbers.next().value as number) % Math.max(1, from.length)];
                    const inMesh = catalogue.map(one => ({ ...one, host: meshHost(one.host) }));
                    fc.pre(opening({ catalogue: inMesh, objects, pick }));
                    assert.notEqual(meshFindings(readWorld(world(catalogue, objects))).result, "holds");
                }),
                { numRuns: Math.ceil(RUNS / Object.keys(OPENINGS).length), maxSkipsPerRun: 1_000 },
            );
        });
    }
});
