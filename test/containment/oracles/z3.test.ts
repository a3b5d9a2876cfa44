import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Bool, init } from "z3-solver";
import { pairs } from "../../../containment/kernel/intervals";
import { Reach } from "../../../containment/reach/reach";
import { readWorld } from "../../../containment/world/world";
import { type Sketch, type SketchPool, type SketchRule, someSketch, toResources } from "./sketch";

const RUNS = Number(process.env["ORACLE_Z3_RUNS"] ?? 40);
const SEED = Number(process.env["ORACLE_SEED"] ?? 1985);

type Z3 = Awaited<ReturnType<typeof init>>;

/**
 * The solver's view of a firewall: one bit vector for the address, one for the protocol, one for the port, and the first match as a
 * formula. No set of the proof is used to build it.
 */
function solverFor({ Context }: Z3) {
    const { BitVec, Bool, And, If, Or, Not, Solver } = Context("oracle");
    const number = <W extends number>(value: bigint | number, width: W) => BitVec.val(value, width);
    return (family: 4 | 6) => {
        const width: number = family === 4 ? 32 : 128;
        const [address, protocol, port] = [
            BitVec.const("address", width),
            BitVec.const("protocol", 8),
            BitVec.const("port", 16),
        ];
        const between = (first: bigint, last: bigint): Bool<"oracle"> =>
            And(address.uge(number(first, width)), address.ule(number(last, width)));
        const inCidr = (range: string): Bool<"oracle"> => {
            if (range.includes(":") !== (family === 6)) {
                return Bool.val(false);
            }
            const { value, length } = parseCidr(range, width);
            // An address is in a range when the bits of the prefix are equal.
            return length === 0
                ? Bool.val(true)
                : address.lshr(width - length).eq(number(value >> BigInt(width - length), width));
        };
        const numbers: Record<string, number> = { tcp: 6, udp: 17, icmp: 1, sctp: 132, esp: 50 };
        const matches = ({ destinations, services }: SketchRule): Bool<"oracle"> =>
            And(
                destinations === undefined ? Bool.val(true) : Or(...destinations.map(inCidr)),
                Or(
                    ...services.map(service => {
                        const ofProtocol =
                            service.protocol === "all"
                                ? Bool.val(true)
                                : protocol.eq(number(numbers[service.protocol] ?? Number(service.protocol), 8));
                        const ofPort = service.ports.map(text => {
                            const [low, high] = text.split("-").map(Number) as [number, number | undefined];
                            return And(port.uge(number(low, 16)), port.ule(number(high ?? low, 16)));
                        });
                        return ofPort.length === 0 ? ofProtocol : And(ofProtocol, Or(...ofPort));
                    }),
                ),
            );
        const firstMatch = (layers: readonly (readonly SketchRule[])[]): Bool<"oracle"> =>
            layers.reduceRight<Bool<"oracle">>(
                (beyond, rules) =>
                    rules.reduceRight<Bool<"oracle">>(
                        (otherwise, rule) =>
                            If(
                                matches(rule),
                                rule.action === "allow"
                                    ? Bool.val(true)
                                    : rule.action === "deny"
                                      ? Bool.val(false)
                                      : beyond,
                                otherwise,
                            ),
                        beyond,
                    ),
                Bool.val(true),
            );
        /** Services from this one on, in the order of protocol and port. */
        const atLeast = (service: number): Bool<"oracle"> => {
            const [first, from] = [Math.floor(service / 65536), service % 65536];
            return first > 255
                ? Bool.val(false)
                : Or(protocol.ugt(number(first, 8)), And(protocol.eq(number(first, 8)), port.uge(number(from, 16))));
        };
        return { atLeast, between, firstMatch, And, Or, Not, Bool, Solver };
    };
}

function parseCidr(range: string, width: number): { readonly value: bigint; readonly length: number } {
    const [base, length] = range.split("/") as [string, string];
    if (width === 32) {
        return {
            value: base.split(".").reduce((sum, octet) => sum * 256n + BigInt(octet), 0n),
            length: Number(length),
        };
    }
    const [head, tail = ""] = base.split("::") as [string, string | undefined];
    const parts = (text: string): string[] => (text === "" ? [] : text.split(":"));
    const missing = 8 - parts(head).length - parts(tail).length;
    const groups = [
        ...parts(head),
        ...(base.includes("::") ? Array.from({ length: missing }, () => "0") : []),
        ...parts(tail),
    ];
    return { value: groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n), length: Number(length) };
}

function layersFor(sketch: Sketch, pool: SketchPool): SketchRule[][] {
    const order = sketch.policiesFirst
        ? ["organization", "global", "regional", "classic"]
        : ["organization", "classic", "global", "regional"];
    return order.map(layer =>
        sketch.rules
            .filter(rule => rule.layer === layer && rule.direction === "EGRESS" && !rule.disabled)
            .filter(
                ({ accounts, tags }) =>
                    (accounts === undefined || accounts.includes(pool.account)) &&
                    (tags === undefined || tags.some(tag => pool.tags.includes(tag))),
            )
            .sort((a, b) => a.priority - b.priority || (a.action === b.action ? 0 : a.action === "deny" ? -1 : 1)),
    );
}

describe("the proof and z3", () => {
    let z3: Z3;

    before(async function () {
        this.timeout(60_000);
        z3 = await init();
    });

    // Its worker threads would keep the process alive.
    after(() => z3.em.PThread.terminateAllThreads());

    it(`agree that the set of allowed packets is exactly the rules' first match (${RUNS} worlds, both families, seed ${SEED})`, async function () {
        this.timeout(0);
        const families = solverFor(z3);
        let queries = 0;
        await fc.assert(
            fc.asyncProperty(someSketch, async sketch => {
                const reach = new Reach(readWorld(toResources(sketch)));
                for (const pool of sketch.pools) {
                    const source = reach.world.sources.find(({ id }) => id === `node:k/${pool.name}`)!;
                    const space = reach.allowed(source).must;
                    for (const family of [4, 6] as const) {
                        const { atLeast, between, firstMatch, And, Or, Not, Bool, Solver } = families(family);
                        // The computed set, slab by slab, as inequalities.
                        const computed = space.flatMap(slab => {
                            const cells = Or(
                                Bool.val(false),
                                ...reach.line
                                    .rangesOf(slab.cells)
                                    .filter(range => range.family === family)
                                    .map(({ first, last }) => between(first, last)),
                            );
                            return [...pairs([slab.from, slab.to])].map(([from, to]) =>
                                And(cells, atLeast(from), Not(atLeast(to))),
                            );
                        });
                        const solver = new Solver();
                        solver.add(Or(Bool.val(false), ...computed).neq(firstMatch(layersFor(sketch, pool))));
                        queries++;
                        const answer = await solver.check();
                        assert.equal(
                            answer,
                            "unsat",
                            `pool ${pool.name}, IPv${family}: ${answer === "sat" ? solver.model().toString() : answer}`,
                        );
                    }
                }
            }),
            { numRuns: RUNS, seed: SEED },
        );
        console.log(`      ${queries} equivalences proved by z3`);
    });
});
