import { execFile } from "node:child_process";
import * as dgram from "node:dgram";
import * as net from "node:net";
import * as readline from "node:readline";

export interface Probe {
    /** Address of the machine to send from. */
    readonly from: string;
    readonly to: string;
    readonly protocol: "tcp" | "udp" | "icmp";
    readonly port?: number;
}

export interface ProbeResult {
    readonly reached: boolean;
    /** The address that the far side saw; absent for ICMP. */
    readonly seenAs?: string;
    readonly why?: string;
}

/** Blocked packets are refused at once; this is for what gets lost on a busy machine. */
const TIMEOUT_MILLISECONDS = 5_000;

function send({ from, to, protocol, port }: Probe): Promise<ProbeResult> {
    switch (protocol) {
        case "tcp":
            return overTcp(from, to, port!);
        case "udp":
            return overUdp(from, to, port!);
        case "icmp":
            return new Promise(resolve => {
                execFile("ping", ["-n", "-c", "1", "-W", "2", "-I", from, to], error =>
                    resolve(error === null ? { reached: true } : { reached: false, why: error.message }),
                );
            });
    }
}

function overTcp(from: string, to: string, port: number): Promise<ProbeResult> {
    return new Promise(resolve => {
        let seenAs = "";
        const socket = net.connect({ host: to, port, localAddress: from });
        socket.setTimeout(TIMEOUT_MILLISECONDS, () => socket.destroy(new Error("no answer")));
        socket.on("data", data => (seenAs += data.toString()));
        socket.on("end", () => resolve({ reached: true, seenAs }));
        socket.on("error", error => resolve({ reached: false, why: error.message }));
    });
}

function overUdp(from: string, to: string, port: number): Promise<ProbeResult> {
    return new Promise(resolve => {
        const socket = dgram.createSocket(to.includes(":") ? "udp6" : "udp4");
        const finish = (result: ProbeResult): void => {
            clearTimeout(timer);
            socket.removeAllListeners().on("error", () => undefined);
            socket.close();
            resolve(result);
        };
        const timer = setTimeout(() => finish({ reached: false, why: "no answer" }), TIMEOUT_MILLISECONDS);
        socket.on("error", error => finish({ reached: false, why: error.message }));
        socket.on("message", data => finish({ reached: true, seenAs: data.toString() }));
        const unless = (next: () => void) => (error?: Error | null) =>
            error === undefined || error === null ? next() : finish({ reached: false, why: error.message });
        // Only a connected socket is told that its packet was refused.
        socket.bind(0, from, () =>
            socket.connect(
                port,
                to,
                unless(() =>
                    socket.send(
                        "?",
                        unless(() => undefined),
                    ),
                ),
            ),
        );
    });
}

/** Reads lists of probes as lines of JSON and answers each with the list of results. */
async function main(): Promise<void> {
    process.stdout.write('"ready"\n');
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const results = await Promise.all((JSON.parse(line) as Probe[]).map(send));
        process.stdout.write(`${JSON.stringify(results)}\n`);
    }
}

if (process.argv[1] === __filename) {
    void main();
}
