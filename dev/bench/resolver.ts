import { type ChildProcess, spawn } from "node:child_process";
import * as dgram from "node:dgram";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { table } from "../../cli/table";
import { RESOLVER_PORTS } from "../../base/conventions";
import { corefile } from "../../components/resolver/corefile";
import { freePort } from "../../test/network/envoy";
import { message, opt, ORDINARY, question, TYPES } from "../../test/network/resolver/wire";
import { ensureTool } from "../tools";
import { cpuSecondsOf } from "./cpuSeconds";
import { median } from "./median";

/** What the lock costs a query that it lets through: CoreDNS with our Corefile beside one that forwards and caches, on loopback. */
async function main(): Promise<void> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "resolver-bench-"));
    const running: ChildProcess[] = [];
    try {
        const coredns = (await ensureTool("coredns")).path;
        const start = async (name: string, text: string): Promise<number> => {
            const port = await freePort();
            const file = path.join(folder, name);
            fs.writeFileSync(file, text.replaceAll(`:${RESOLVER_PORTS.dns}`, `:${port}`));
            running.push(spawn(coredns, ["-conf", file], { stdio: "ignore" }));
            await answers(port);
            return port;
        };
        const upstream = `127.0.0.1:${await start("upstream", UPSTREAM)}`;
        const plain = await start("plain", await withPorts(plainCorefile(upstream)));
        const answered = { hosts: HOSTS, zones: [], upstreams: [upstream] };
        const locked = await start("locked", await withPorts(corefile(answered, "enforce")));
        const variants = [
            { name: "forward and cache", port: plain, child: running[1]!, edns: false },
            { name: "the lock, 1,000 hosts", port: locked, child: running[2]!, edns: false, budget: true },
            { name: "forward and cache, EDNS", port: plain, child: running[1]!, edns: true },
            { name: "the lock, EDNS", port: locked, child: running[2]!, edns: true, budget: true },
        ];
        const measured = variants.map(() => [] as Measured[]);
        // Once before, so that everything is cached.
        for (let round = -1; round < ROUNDS; round += 1) {
            for (const [index, { port, child, edns }] of variants.entries()) {
                const one = await measure(port, child.pid!, edns);
                if (round >= 0) {
                    measured[index]!.push(one);
                }
            }
        }
        const of = (index: number, what: keyof Measured): number => median(measured[index]!.map(one => one[what]));
        // Of pairs that ran one after the other.
        const ratio = (index: number, what: keyof Measured): string =>
            median(
                measured[index]!.map((one, round) => one[what] / measured[index - (index % 2)]![round]![what]),
            ).toFixed(2);
        console.log("answers of the DNS lock's resolver\n");
        console.log(
            table(
                variants.map(({ budget, name }, index) => [
                    name,
                    `${Math.round(of(index, "rate"))}/s`,
                    `${of(index, "milliseconds").toFixed(2)} ms`,
                    ratio(index, "milliseconds"),
                    budget === true ? "1.10" : "",
                    `${of(index, "cpuMicroseconds").toFixed(1)} µs`,
                    ratio(index, "cpuMicroseconds"),
                ]),
                ["", "answers", "median", "ratio", "budget", "CPU of the resolver, an answer", "ratio"],
            ),
        );
    } finally {
        running.forEach(child => child.kill("SIGKILL"));
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

const HOSTS = Array.from({ length: 1000 }, (_, index) => `host${String(index).padStart(4, "0")}.service.example`);
// Short and many: what else the machine does meets both of a pair.
const ROUNDS = 60;
const SECONDS = 0.5;
const CALLERS = 16;
/** Answers a second. */
const WANTED_RATE = 5000;

const UPSTREAM = `.:${RESOLVER_PORTS.dns} {
    template IN A {
        answer "{{ .Name }} 3600 IN A 203.0.113.66"
    }
    template ANY ANY {
        rcode NOERROR
    }
}
`;

function plainCorefile(upstream: string): string {
    return `.:${RESOLVER_PORTS.dns} {
    errors
    prometheus :${RESOLVER_PORTS.metrics}
    cache
    forward . ${upstream} {
        max_concurrent 1000
    }
}
`;
}

/** On this machine's own ports, all but that of DNS. */
async function withPorts(text: string): Promise<string> {
    let moved = text;
    for (const port of [RESOLVER_PORTS.asking, RESOLVER_PORTS.health, RESOLVER_PORTS.ready, RESOLVER_PORTS.metrics]) {
        moved = moved.replaceAll(`:${port}`, `:${await freePort()}`);
    }
    return moved;
}

interface Measured {
    readonly rate: number;
    readonly milliseconds: number;
    readonly cpuMicroseconds: number;
}

/** Callers at a steady pace, as long as they are answered in time. */
async function measure(port: number, pid: number, edns: boolean): Promise<Measured> {
    const before = cpuSecondsOf(pid);
    const latencies: number[] = [];
    const started = performance.now();
    const until = started + 1000 * SECONDS;
    await Promise.all(
        Array.from({ length: CALLERS }, async (_, caller) => {
            const socket = dgram.createSocket("udp4");
            await new Promise<void>(resolve => socket.connect(port, "127.0.0.1", resolve));
            for (let count = caller; performance.now() < until; count += CALLERS) {
                const early = started + (1000 * count) / WANTED_RATE - performance.now();
                if (early > 0) {
                    await new Promise(resolve => setTimeout(resolve, early));
                }
                const sent = performance.now();
                await exchange(socket, query(HOSTS[count % HOSTS.length]!, edns));
                latencies.push(performance.now() - sent);
            }
            socket.close();
        }),
    );
    return {
        rate: (1000 * latencies.length) / (performance.now() - started),
        milliseconds: median(latencies),
        cpuMicroseconds: (1e6 * (cpuSecondsOf(pid) - before)) / latencies.length,
    };
}

function query(host: string, edns: boolean): Buffer {
    return message(1, ORDINARY, { questions: [question(host, TYPES.A)], additionals: edns ? [opt([])] : [] });
}

function exchange(socket: dgram.Socket, bytes: Buffer): Promise<void> {
    return new Promise(resolve => {
        socket.once("message", () => resolve());
        socket.send(bytes);
    });
}

/** @throws Error when nobody answers within 10 s */
async function answers(port: number): Promise<void> {
    const socket = dgram.createSocket("udp4");
    socket.on("error", () => undefined);
    await new Promise<void>(resolve => socket.connect(port, "127.0.0.1", resolve));
    try {
        for (let attempt = 0; attempt < 40; attempt += 1) {
            const pause = new Promise<"late">(resolve => setTimeout(() => resolve("late"), 250));
            if ((await Promise.race([exchange(socket, query(HOSTS[0]!, false)), pause])) !== "late") {
                return;
            }
        }
    } finally {
        socket.close();
    }
    throw new Error(`CoreDNS does not answer on port ${port}`);
}

main().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
});
