import { spawn } from "node:child_process";
import * as tls from "node:tls";
import { table } from "../../cli/table";
import { sections } from "../../settings/schema";
import { type Rig, startRig, type Variant } from "./connectionsRig";
import { median } from "./median";

/**
 * What a new connection costs through sidecar and gateway, and a message on one that is open, as ratios to passing TLS through: two
 * real Envoys on loopback, each with one worker. The callers' own TLS goes all the way to the far side, a third Envoy that sends back
 * what it gets.
 */
async function main(): Promise<void> {
    const keys = sections.mesh.shape.sessionKeys.parse(undefined);
    const variants: Readonly<Record<string, Measured>> = {
        "passed through": { outer: "none" },
        "mutual TLS, Envoy's one session key": { outer: 1 },
        [`mutual TLS, ${keys} session keys`]: { outer: keys, budgets: { connections: "0.80", messages: "0.90" } },
        "the same, and innerName: checked": { outer: keys, checksInnerName: true },
    };
    const rig = await startRig(Object.values(variants));
    try {
        for (const [title, budget, unit, measure] of [
            ["new connections through two Envoys", "connections", "connection", newConnections],
            ["messages on open connections through two Envoys", "messages", "message", messages],
        ] as const) {
            const measured = await rounds(rig, measure);
            const reference = median(measured[0]!.rates);
            console.log(`${title}\n`);
            console.log(
                table(
                    Object.entries(variants).map(([name, { budgets }], index) => [
                        name,
                        `${Math.round(median(measured[index]!.rates))}/s`,
                        (median(measured[index]!.rates) / reference).toFixed(2),
                        budgets?.[budget] ?? "",
                        `${median(measured[index]!.costs).toFixed(3)} ms`,
                    ]),
                    ["", "median", "ratio", "budget", `CPU of the proxies, a ${unit}`],
                ),
            );
            console.log("");
        }
    } finally {
        rig.stop();
    }
}

const ROUNDS = 5;
const SECONDS = 3;
const CALLERS = 8;

/** With the least ratios that are wanted. */
interface Measured extends Variant {
    readonly budgets?: { readonly connections: string; readonly messages: string };
}

interface Count {
    readonly count: number;
    readonly seconds: number;
}

/** Each variant in turn, so that what else the machine does meets all of them. */
async function rounds(
    rig: Rig,
    measure: (port: number) => Promise<Count>,
): Promise<readonly { readonly rates: number[]; readonly costs: number[] }[]> {
    const measured = rig.ports.map(() => ({ rates: [] as number[], costs: [] as number[] }));
    for (let round = 0; round < ROUNDS; round += 1) {
        for (const [index, port] of rig.ports.entries()) {
            const before = rig.cpuSeconds();
            const { count, seconds } = await measure(port);
            measured[index]!.rates.push(count / seconds);
            measured[index]!.costs.push((1000 * (rig.cpuSeconds() - before)) / count);
        }
    }
    return measured;
}

async function newConnections(port: number): Promise<Count> {
    const started = performance.now();
    const made = await Promise.all(
        Array.from(
            { length: CALLERS },
            () =>
                new Promise<number>((resolve, reject) => {
                    const caller = spawn("openssl", [
                        ...["s_time", "-connect", `127.0.0.1:${port}`, "-new", "-time", String(SECONDS)],
                    ]);
                    let said = "";
                    caller.stdout.on("data", data => (said += String(data)));
                    caller.on("error", reject);
                    caller.on("close", () => resolve(Number(/(\d+) connections in \d+ real/.exec(said)?.[1] ?? 0)));
                }),
        ),
    );
    return { count: made.reduce((a, b) => a + b, 0), seconds: (performance.now() - started) / 1000 };
}

/** The size of a small request or answer. */
const MESSAGE = Buffer.alloc(512, "m");

/** There and back, one after the other on each connection. */
async function messages(port: number): Promise<Count> {
    const sockets = await Promise.all(
        Array.from(
            { length: CALLERS },
            () =>
                new Promise<tls.TLSSocket>((resolve, reject) => {
                    const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () =>
                        resolve(socket),
                    );
                    socket.on("error", reject);
                }),
        ),
    );
    let count = 0;
    const started = performance.now();
    for (const socket of sockets) {
        let missing = MESSAGE.length;
        socket.on("data", (data: Buffer) => {
            missing -= data.length;
            if (missing === 0) {
                missing = MESSAGE.length;
                count += 1;
                socket.write(MESSAGE);
            }
        });
        socket.write(MESSAGE);
    }
    await new Promise(resolve => setTimeout(resolve, SECONDS * 1000));
    const seconds = (performance.now() - started) / 1000;
    const counted = count;
    sockets.forEach(socket => socket.destroy());
    return { count: counted, seconds };
}

main().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
});
