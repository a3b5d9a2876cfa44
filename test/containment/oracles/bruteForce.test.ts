import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { explain } from "../../../containment/explain";
import { parseAddress } from "../../../containment/kernel/address";
import { hasHeader } from "../../../containment/kernel/headers";
import { has } from "../../../containment/kernel/intervals";
import { packetOf } from "../../../containment/kernel/services";
import { Reach } from "../../../containment/reach/reach";
import { readWorld } from "../../../containment/world/world";
import { RANGES, type Sketch, someSketch, SUBNETS, toResources } from "./sketch";
import { borderAddresses, type Probe, walk, walkAll } from "./walk";

/** ORACLE_RUNS worlds from ORACLE_SEED; the defaults keep `npm test` quick. */
const RUNS = Number(process.env["ORACLE_RUNS"] ?? 150);
const SEED = Number(process.env["ORACLE_SEED"] ?? 20261123);

const ADDRESSES = borderAddresses([
    ...RANGES,
    ...Object.values(SUBNETS).flatMap(({ primary, pods }) => [primary, pods]),
    "199.36.153.8/30",
    "224.0.0.0/3",
    "2002::/16",
]);
const SERVICES: readonly Omit<Probe, "destination">[] = [
    ...[0, 1, 79, 80, 81, 442, 443, 444, 7999, 8000, 8999, 9000, 65535].map(port => ({ protocol: 6, port })),
    ...[0, 52, 53, 54, 65535].map(port => ({ protocol: 17, port })),
    ...[0, 1024, 1025].map(port => ({ protocol: 132, port })),
    ...[0, 1, 47, 50, 58, 255].map(protocol => ({ protocol, port: 0 })),
];

describe("the proof and an oracle that walks every packet", () => {
    it(`agree on every border address, protocol and border port (${RUNS} worlds, seed ${SEED})`, function () {
        this.timeout(0);
        let packets = 0;
        fc.assert(
            fc.property(someSketch, sketch => {
                packets += compare(sketch);
            }),
            { numRuns: RUNS, seed: SEED },
        );
        console.log(`      ${packets.toLocaleString("en")} packets in ${RUNS.toLocaleString("en")} worlds`);
        assert.ok(packets > RUNS * 1000, "the comparison looked at packets");
    });

    it(`and so does the explanation of single packets (${RUNS} worlds, seed ${SEED})`, function () {
        this.timeout(0);
        fc.assert(
            fc.property(
                someSketch,
                fc.constantFrom(...ADDRESSES),
                fc.constantFrom(...SERVICES),
                (sketch, destination, service) => {
                    const world = readWorld(toResources(sketch));
                    for (const { pool, asPod, id } of sourcesOf(sketch)) {
                        const packet = packetOf(service.protocol * 65536 + service.port, destination);
                        const expected = walk(sketch, pool, asPod, { destination, ...service });
                        const { fate } = explain(world, id, packet);
                        assert.equal(
                            fate === "leaves",
                            expected.leaves === "yes",
                            `${id} ${JSON.stringify(packet)}: ${fate}, expected ${expected.leaves}`,
                        );
                        assert.ok(
                            expected.leaves !== "front ends" || fate === "not known",
                            `${id} ${JSON.stringify(packet)}: ${fate}`,
                        );
                    }
                },
            ),
            { numRuns: RUNS * 4, seed: SEED },
        );
    });
});

function sourcesOf(sketch: Sketch) {
    return sketch.pools.flatMap(pool => [
        { pool, asPod: false, id: `node:k/${pool.name}` },
        ...(sketch.snat ? [] : [{ pool, asPod: true, id: `pod:k/${pool.name}` }]),
    ]);
}

function compare(sketch: Sketch): number {
    const reach = new Reach(readWorld(toResources(sketch)));
    let packets = 0;
    for (const { pool, asPod, id } of sourcesOf(sketch)) {
        const source = reach.world.sources.find(candidate => candidate.id === id)!;
        const allowed = reach.allowed(source);
        const exits = reach.exitsOf(source);
        assert.deepEqual(allowed.may, allowed.must, "nothing is in doubt");
        for (const destination of ADDRESSES) {
            const cell = reach.line.cellOf(parseAddress(destination));
            const [leads, mayLead] = [has(exits.must, cell), has(exits.may, cell)];
            walkAll(sketch, pool, asPod, destination, SERVICES).forEach((expected, index) => {
                packets++;
                const service = SERVICES[index]!;
                const passes = hasHeader(allowed.must, service.protocol * 65536 + service.port, cell);
                if (
                    passes !== expected.allowed ||
                    (passes && leads) !== (expected.leaves === "yes") ||
                    (passes && mayLead) !== (expected.leaves !== "no")
                ) {
                    assert.fail(
                        `${id} to ${destination}, protocol ${service.protocol} port ${service.port}: the proof says allowed ${passes}, a way ${leads}, perhaps ${mayLead}; the oracle says ${JSON.stringify(expected)}`,
                    );
                }
            });
        }
    }
    return packets;
}
