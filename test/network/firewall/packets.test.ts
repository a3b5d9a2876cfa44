import * as assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import * as readline from "node:readline";
import * as fc from "fast-check";
import { explain } from "../../../containment/explain";
import { networkClaims } from "../../../containment/prove";
import { type Packet } from "../../../containment/verdict";
import { readWorld, type World } from "../../../containment/world/world";
import { CLOSED, OPENED } from "../../containment/oracles/blueprint";
import { someSketch, type Sketch, type SketchPool, toResources } from "../../containment/oracles/sketch";
import { type LabOptions, type Machine, type Scenario } from "./lab";
import { addressesOf, machineFirewall, networkRules, routesOf, TRANSLATED } from "./nftables";
import { type Probe, type ProbeResult } from "./probe";

/** NETWORK_WORLDS worlds from NETWORK_SEED, each a fresh set of rules in the same namespaces. */
const WORLDS = Number(process.env["NETWORK_WORLDS"] ?? 20);
const SEED = Number(process.env["NETWORK_SEED"] ?? 20261124);

const OPTIONS: LabOptions = {
    publicAddresses: [
        "1.1.1.1",
        "1.1.1.200",
        "8.8.8.8",
        "9.0.0.1",
        "129.0.0.1",
        "34.127.0.1",
        "34.126.0.1",
        "199.36.153.4",
        "199.36.153.8",
        "199.36.153.77",
        "203.0.113.5",
        "10.200.0.1",
        "2606:4700:4700::1111",
        "2606:4700::2",
        "2001:4860:8040::1",
        "a001::1",
        "2600:2d00:2:2000::",
        "fd00::5",
    ],
    tcpPorts: [80, 443, 8002, 8500, 22],
    udpPorts: [53, 443],
    translated: Object.values(TRANSLATED),
};

const SERVICES: readonly Pick<Probe, "protocol" | "port">[] = [
    ...OPTIONS.tcpPorts.map(port => ({ protocol: "tcp" as const, port })),
    ...OPTIONS.udpPorts.map(port => ({ protocol: "udp" as const, port })),
    { protocol: "icmp" },
];

interface Question extends Omit<Probe, "from"> {
    readonly source: string;
    /** Addresses that the source may send with: root on a node has those of its pods as well. */
    readonly from: readonly string[];
}

describe("the proof and real packets through nftables", function () {
    this.timeout(600_000);
    let lab: ChildProcess;
    let answers: AsyncIterator<string>;

    before(async () => {
        // Namespaces of its own: nothing outside is touched, and all of it goes with the process.
        const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
        const inside = 'mount -t tmpfs none /run && exec "$@"';
        lab = spawn(
            "unshare",
            [
                ...asUser,
                "--net",
                "--mount",
                "sh",
                "-c",
                inside,
                "sh",
                process.execPath,
                "dev/run.cjs",
                path.join(__dirname, "lab.ts"),
                JSON.stringify(OPTIONS),
            ],
            {
                cwd: path.join(__dirname, "../../.."),
                stdio: ["pipe", "pipe", "inherit"],
            },
        );
        answers = readline.createInterface({ input: lab.stdout! })[Symbol.asyncIterator]();
        assert.equal((await answers.next()).value, '"ready"');
    });

    after(() => void lab.stdin!.end());

    for (const [name, { sketch, to }] of Object.entries(OPENED)) {
        it(`${name}: every witness gets through`, async () => {
            const witnesses = witnessesOf(sketch);
            assert.deepEqual(witnesses.map(({ destination }) => destination).sort(), [...to].sort());
            const results = await sendAll(sketch, witnesses);
            assert.deepEqual(
                results.map(({ reached, why }, index) =>
                    reached ? "reached" : `${JSON.stringify(witnesses[index])}: ${why!}`,
                ),
                witnesses.map(() => "reached"),
            );
        });
    }

    for (const [name, sketch] of Object.entries(CLOSED)) {
        it(`${name}: no witness, and nothing gets through`, async () => {
            assert.deepEqual(witnessesOf(sketch), []);
            const packets = OPTIONS.publicAddresses
                .filter(address => !address.startsWith("199.36.153.4"))
                .flatMap(destination =>
                    SERVICES.map(({ protocol, port }): Packet => ({
                        protocol,
                        destination,
                        ...(port === undefined ? {} : { port }),
                    })),
                );
            const through = (await sendAll(sketch, packets)).flatMap(({ reached }, index) =>
                reached ? [packets[index]] : [],
            );
            assert.deepEqual(through, []);
        });
    }

    /** The witnesses against pool `one`, as packets. */
    function witnessesOf(sketch: Sketch): Packet[] {
        const c1 = networkClaims(toResources(sketch)).claims.find(({ id }) => id === "C1")!;
        return c1.witnesses.filter(({ source }) => source === "node of pool k/one").map(({ packet }) => packet!);
    }

    /** Sends packets from pool `one`. Without an IPv6 address it cannot even try. */
    async function sendAll(sketch: Sketch, packets: readonly Packet[]): Promise<ProbeResult[]> {
        const { node, ipv6 } = addressesOf(sketch, sketch.pools[0]!, "one");
        const probes = packets.map(({ protocol, destination, port }): Probe => ({
            from: destination.includes(":") ? (ipv6 ?? node) : node,
            to: destination,
            protocol: protocol as Probe["protocol"],
            ...(port === undefined ? {} : { port }),
        }));
        const possible = probes.filter(({ from, to }) => from.includes(":") === to.includes(":"));
        const [results] = await run(sketch, [possible, []]);
        return probes.map(probe =>
            possible.includes(probe)
                ? results![possible.indexOf(probe)]!
                : { reached: false, why: "it has no IPv6 address" },
        );
    }

    async function run(sketch: Sketch, probes: readonly (readonly Probe[])[]): Promise<ProbeResult[][]> {
        lab.stdin!.write(`${JSON.stringify(scenarioOf(sketch, probes))}\n`);
        return JSON.parse((await answers.next()).value as string) as ProbeResult[][];
    }

    it(`agree on who leaves, and under which address (${WORLDS} worlds, seed ${SEED})`, async function () {
        this.timeout(120_000 + WORLDS * 10_000);
        const tally = { reached: 0, blocked: 0, undecided: 0 };
        for (const sketch of fc.sample(someSketch, { numRuns: WORLDS, seed: SEED })) {
            const questions = sketch.pools.map((pool, index) => questionsOf(sketch, pool, index === 0 ? "one" : "two"));
            const results = await run(
                sketch,
                questions.map(list => list.flatMap(question => question.from.map(from => ({ ...question, from })))),
            );
            const world = readWorld(toResources(sketch));
            questions.forEach((list, machine) => {
                const left = [...results[machine]!];
                list.forEach(question => {
                    const tried = left.splice(0, question.from.length);
                    const result = tried.find(({ reached }) => reached) ?? tried[0]!;
                    judge(world, sketch, question, result, machine === 0 ? "one" : "two", tally);
                });
            });
        }
        console.log(
            `      ${tally.reached} packets got through, ${tally.blocked} did not, ${tally.undecided} the proof left open`,
        );
        assert.ok(tally.reached > 20 * WORLDS && tally.blocked > 20 * WORLDS, "both outcomes were seen");
    });
});

function questionsOf(sketch: Sketch, pool: SketchPool, name: "one" | "two"): Question[] {
    const { node, pod, ipv6 } = addressesOf(sketch, pool, name);
    const sources = [
        { source: `node:k/${pool.name}`, from: [node, pod] },
        ...(sketch.snat ? [] : [{ source: `pod:k/${pool.name}`, from: [pod] }]),
    ];
    return sources.flatMap(({ source, from }) =>
        OPTIONS.publicAddresses.flatMap(to => {
            const version6 = to.includes(":");
            return version6 && ipv6 === undefined
                ? []
                : SERVICES.map(service => ({ source, from: version6 ? [ipv6!] : from, to, ...service }));
        }),
    );
}

function scenarioOf(sketch: Sketch, probes: readonly (readonly Probe[])[]): Scenario {
    const machines = sketch.pools.map((pool, index) => ({
        name: index === 0 ? ("one" as const) : ("two" as const),
        pool,
    }));
    return {
        vpc: networkRules(sketch, machines),
        machines: machines.map(({ name, pool }, index): Machine => {
            const { node, pod, ipv6 } = addressesOf(sketch, pool, name);
            return {
                name,
                firewall: machineFirewall(sketch, pool),
                addresses: [node, pod, ...(ipv6 === undefined ? [] : [ipv6])],
                routes: routesOf(sketch, pool),
                probes: probes[index]!,
            };
        }),
    };
}

function judge(
    world: World,
    sketch: Sketch,
    { source, to, protocol, port }: Question,
    result: ProbeResult,
    name: "one" | "two",
    tally: { reached: number; blocked: number; undecided: number },
): void {
    const { fate, hops } = explain(world, source, {
        protocol,
        destination: to,
        ...(port === undefined ? {} : { port }),
    });
    if (fate === "not known") {
        tally.undecided++;
        return;
    }
    const told = `${source} to ${to} ${protocol} ${port ?? ""}: the proof says ${fate}, the packet ${result.reached ? "got through" : `did not (${result.why!})`}\n${JSON.stringify(sketch)}\n${hops.map(({ decision }) => decision).join("\n")}`;
    assert.equal(result.reached, fate === "leaves", told);
    tally[result.reached ? "reached" : "blocked"]++;
    if (result.reached && protocol !== "icmp" && !to.includes(":")) {
        const expected = {
            NAT: TRANSLATED.nat,
            "external IPv4 address": TRANSLATED[name],
            "Private Google Access": TRANSLATED.google,
        }[hops.at(-1)!.at];
        assert.equal(result.seenAs, expected, told);
    }
}
