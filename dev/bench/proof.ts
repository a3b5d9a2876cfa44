import { performance } from "node:perf_hooks";
import { init } from "z3-solver";
import { table } from "../../cli/table";
import { Enclosure } from "../../containment/claims/enclosure";
import { PUBLIC } from "../../containment/kernel/specialAddresses";
import { networkClaims } from "../../containment/prove";
import { AS_IT_IS } from "../../containment/reach/conditions";
import { Reach } from "../../containment/reach/reach";
import { readWorld } from "../../containment/world/world";
import { type BenchRule, benchRules, benchWorld } from "./proofWorld";
import { median } from "./median";

/**
 * How the proof grows with rules and sources, and how long z3 takes for the same question. Wall-clock time says what a person waits
 * for; processor time says the same on a machine that has other work to do.
 */
const SIZES = [
    [1_000, 100],
    [2_500, 250],
    [5_000, 500],
    [10_000, 1_000],
] as const;
const BUDGET_MILLISECONDS = 1_000;
const RUNS = 7;
/** So many that the median is a run of compiled code; z3 comes compiled. */
const RUNS_AGAINST_SOLVER = 25;
const SOLVER_SIZES = [500, 1_000] as const;
const RATIO_BUDGET = 100;

interface Timing {
    readonly wall: number;
    readonly processor: number;
}

function timed<T>(work: () => T): Timing & { readonly result: T } {
    const [wall, processor] = [performance.now(), process.cpuUsage()];
    const result = work();
    return { wall: performance.now() - wall, processor: processorSince(processor), result };
}

function processorSince(start: NodeJS.CpuUsage): number {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
}

function growth(): void {
    const rows = SIZES.map(([rules, sources]) => {
        const world = benchWorld(benchRules(rules, sources), sources);
        const runs = Array.from({ length: RUNS }, () => timed(() => networkClaims(world)));
        const c1 = runs[0]!.result.claims.find(({ id }) => id === "C1")!.result;
        return [
            rules.toLocaleString("en"),
            sources.toLocaleString("en"),
            c1,
            `${runs[0]!.wall.toFixed(0)} ms`,
            `${median(runs.map(({ wall }) => wall)).toFixed(0)} ms`,
            `${median(runs.map(({ processor }) => processor)).toFixed(0)} ms`,
            rules === 10_000 ? `${BUDGET_MILLISECONDS} ms` : "",
            `${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`,
        ];
    });
    console.log("proof: C1, C3 and every lock of the network, from registered resources to claims\n");
    console.log(table(rows, ["rules", "sources", "C1", "first run", "median", "processor", "budget", "heap"]));
}

/** The question that both answer: does any packet to a public address get past these rules? */
async function againstSolver(): Promise<void> {
    const z3 = await init();
    const rows: string[][] = [];
    for (const size of SOLVER_SIZES) {
        const rules = benchRules(size, 0);
        // Neither side's reading is counted; z3's formula and the proof's sets are.
        const world = readWorld(benchWorld(rules, 1));
        const ours = Array.from({ length: RUNS_AGAINST_SOLVER }, () =>
            timed(() => new Enclosure(new Reach(world)).result(AS_IT_IS, "IPv4 internet")),
        );
        const [wall, processor] = [performance.now(), process.cpuUsage()];
        const answer = await solve(z3, rules);
        const theirs = { wall: performance.now() - wall, processor: processorSince(processor) };
        const own = {
            wall: median(ours.map(({ wall }) => wall)),
            processor: median(ours.map(({ processor }) => processor)),
        };
        rows.push([
            size.toLocaleString("en"),
            `${ours[0]!.result} / ${answer}`,
            `${own.wall.toFixed(1)} ms`,
            `${theirs.wall.toFixed(0)} ms`,
            `${(theirs.wall / own.wall).toFixed(0)}×`,
            `${(theirs.processor / own.processor).toFixed(0)}×`,
            `${RATIO_BUDGET}×`,
        ]);
    }
    console.log("\nproof and z3: is there a packet to a public IPv4 address that the rules allow?\n");
    console.log(table(rows, ["rules", "answers", "proof", "z3", "ratio", "ratio of processor time", "budget"]));
    z3.em.PThread.terminateAllThreads();
}

/** One Bool for each rule: nested if-then-else runs out of memory at a few thousand rules. */
async function solve({ Context }: Awaited<ReturnType<typeof init>>, rules: readonly BenchRule[]): Promise<string> {
    const { BitVec, Bool, And, Or, Not, Solver } = Context("bench");
    const [address, protocol, port] = [
        BitVec.const("address", 32),
        BitVec.const("protocol", 8),
        BitVec.const("port", 16),
    ];
    const solver = new Solver();
    const within = (first: bigint, last: bigint) =>
        And(address.uge(BitVec.val(first, 32)), address.ule(BitVec.val(last, 32)));
    const matched = rules.map((rule, index) => {
        const ranges = rule.destinations
            .filter(range => !range.includes(":"))
            .map(range => {
                const [base, length] = range.split("/") as [string, string];
                const value = base.split(".").reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
                return within(value, value + (1n << BigInt(32 - Number(length))) - 1n);
            });
        const ports = rule.ports.map(text => {
            const [low, high] = text.split("-").map(Number) as [number, number | undefined];
            return And(port.uge(BitVec.val(low, 16)), port.ule(BitVec.val(high ?? low, 16)));
        });
        const service =
            rule.protocol === "all"
                ? Bool.val(true)
                : And(
                      protocol.eq(BitVec.val(rule.protocol === "tcp" ? 6 : 17, 8)),
                      ports.length === 0 ? Bool.val(true) : Or(...ports),
                  );
        const match = Bool.const(`match${index}`);
        solver.add(match.eq(And(Or(Bool.val(false), ...ranges), service)));
        return match;
    });
    // Decided by rule i: it matches, and nothing before it has.
    let before = Bool.val(true);
    const allowed = matched.flatMap((match, index) => {
        const first = Bool.const(`first${index}`);
        solver.add(first.eq(And(before, match)));
        const open = Bool.const(`open${index}`);
        solver.add(open.eq(And(before, Not(match))));
        before = open;
        return rules[index]!.action === "allow" ? [first] : [];
    });
    solver.add(Or(...allowed, before));
    solver.add(Or(...PUBLIC.filter(({ family }) => family === 4).map(({ first, last }) => within(first, last))));
    return solver.check();
}

async function main(): Promise<void> {
    growth();
    await againstSolver();
}

void main();
