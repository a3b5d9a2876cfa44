import * as dgram from "node:dgram";
import * as net from "node:net";
import * as readline from "node:readline";

/** Sends DNS messages from a network namespace: a line with questions on standard input is answered with one. */
export interface Ask {
    readonly server: string;
    readonly port: number;
    readonly transport: "udp" | "tcp";
    readonly hex: string;
}

/** At a time: as many as leave a resolver some air. */
const PARALLEL = 64;
const TIMEOUT_MS = 4000;

if (process.argv[1] === __filename) {
    console.log(JSON.stringify("ready"));
    readline.createInterface({ input: process.stdin }).on("line", line => {
        void askAll(JSON.parse(line) as Ask[]).then(said => console.log(JSON.stringify(said)));
    });
}

/** What was said to each, as hexadecimal digits; null: nothing. */
async function askAll(asks: readonly Ask[]): Promise<(string | null)[]> {
    const said = asks.map((): string | null => null);
    const waiting = [...asks.entries()];
    await Promise.all(
        Array.from({ length: PARALLEL }, async () => {
            for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
                const [index, ask] = next;
                said[index] = await (ask.transport === "udp" ? overUdp(ask) : overTcp(ask));
            }
        }),
    );
    return said;
}

function overUdp({ hex, port, server }: Ask): Promise<string | null> {
    return new Promise(resolve => {
        const socket = dgram.createSocket("udp4");
        const end = (said: string | null): void => {
            clearTimeout(limit);
            socket.close();
            resolve(said);
        };
        const limit = setTimeout(() => end(null), TIMEOUT_MS);
        socket.on("error", () => end(null));
        socket.on("message", answer => end(answer.toString("hex")));
        socket.connect(port, server, () => socket.send(Buffer.from(hex, "hex")));
    });
}

function overTcp({ hex, port, server }: Ask): Promise<string | null> {
    return new Promise(resolve => {
        const query = Buffer.from(hex, "hex");
        const socket = net.connect(port, server, () =>
            socket.write(Buffer.concat([Buffer.from([query.length >> 8, query.length & 255]), query])),
        );
        let answer = Buffer.alloc(0);
        const end = (said: string | null): void => {
            clearTimeout(limit);
            socket.destroy();
            resolve(said);
        };
        const limit = setTimeout(() => end(null), TIMEOUT_MS);
        socket.on("error", () => end(null));
        socket.on("close", () => end(null));
        socket.on("data", data => {
            answer = Buffer.concat([answer, data]);
            if (answer.length > 2 && answer.length >= 2 + answer.readUInt16BE(0)) {
                end(answer.subarray(2).toString("hex"));
            }
        });
    });
}
