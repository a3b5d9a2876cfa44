import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";

/** A child process that writes its output to a file and ends with this process at the latest. */
export interface Running {
    readonly name: string;
    readonly logFile: string;
    /** The exit code, once it has ended by itself. */
    exited(): number | undefined;
    stop(): Promise<void>;
}

export function start(name: string, file: string, args: readonly string[], logFile: string): Running {
    const log = fs.openSync(logFile, "a");
    const child = spawn(file, args, { stdio: ["ignore", log, log] });
    fs.closeSync(log);
    let failure: Error | undefined;
    child.once("error", error => (failure = error));
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    return {
        name,
        logFile,
        exited: () => (failure === undefined ? (child.exitCode ?? undefined) : 127),
        stop: async () => {
            process.off("exit", kill);
            await ended(child);
        },
    };
}

/** SIGTERM, and after five seconds SIGKILL. */
async function ended(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        return;
    }
    await new Promise<void>(resolve => {
        const force = setTimeout(() => child.kill("SIGKILL"), 5000);
        child.once("exit", () => {
            clearTimeout(force);
            resolve();
        });
        child.kill("SIGTERM");
    });
}

/** Ports on loopback that nobody uses at this moment. */
export async function freePorts(count: number): Promise<number[]> {
    const servers = await Promise.all(
        Array.from({ length: count }, async () => {
            const server = net.createServer();
            await new Promise<void>((resolve, reject) => {
                server.once("error", reject);
                server.listen(0, "127.0.0.1", resolve);
            });
            return server;
        }),
    );
    const ports = servers.map(server => (server.address() as net.AddressInfo).port);
    await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
    return ports;
}

/** Repeats until the answer is there; says what it waited for and shows the log's end when time is up. */
export async function until<T>(
    what: string,
    limitSeconds: number,
    ask: () => Promise<T | undefined>,
    running: readonly Running[] = [],
): Promise<T> {
    const deadline = Date.now() + limitSeconds * 1000;
    let last: unknown;
    for (;;) {
        const dead = running.find(process => process.exited() !== undefined);
        if (dead !== undefined) {
            throw new Error(
                `${dead.name} ended with code ${dead.exited()} while waiting for ${what}\n${tail(dead.logFile)}`,
            );
        }
        try {
            const answer = await ask();
            if (answer !== undefined) {
                return answer;
            }
        } catch (error) {
            last = error;
        }
        if (Date.now() > deadline) {
            const logs = running.map(process => tail(process.logFile)).join("\n");
            throw new Error(
                `waited ${limitSeconds} s for ${what}${last === undefined ? "" : `: ${String(last)}`}\n${logs}`,
            );
        }
        await new Promise(resolve => setTimeout(resolve, 150));
    }
}

function tail(file: string): string {
    return fs.readFileSync(file, "utf8").split("\n").slice(-25).join("\n");
}
