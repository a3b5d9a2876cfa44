import * as dgram from "node:dgram";
import * as net from "node:net";
import * as readline from "node:readline";
import { message, nameBytes, parse, question, record, TYPES } from "./wire";

/**
 * Servers that every name exists for, in a network namespace: `node internet.ts <configuration>`. Whatever reaches one of them is kept, byte
 * by byte, until a line on standard input asks for it.
 */
interface InternetConfiguration {
    /** On port 53 of each, over UDP and TCP. */
    readonly servers: readonly string[];
    /** Queries below this domain are passed on to the tunnel's own server, as a resolver on its way to it would. */
    readonly tunnel: { readonly domain: string; readonly port: number };
}

/** What reached a server. */
export interface Reached {
    readonly server: string;
    readonly transport: "udp" | "tcp";
    readonly hex: string;
}

/** `chain<n>.…` is an alias of `chain<n-1>.…`, and so on down to 0. */
const CHAIN = /^chain([1-9])\./;

if (process.argv[1] === __filename) {
    const { servers, tunnel } = JSON.parse(process.argv[2]!) as InternetConfiguration;
    const reached: Reached[] = [];
    const answer = async (server: string, transport: Reached["transport"], query: Buffer): Promise<Buffer> => {
        reached.push({ server, transport, hex: query.toString("hex") });
        const { questions } = parse(query);
        return questions[0]!.name.toLowerCase().endsWith(`.${tunnel.domain}`)
            ? relay(query, tunnel.port)
            : answerTo(query);
    };
    const listening = servers.flatMap(server => [
        new Promise<void>(resolve => {
            const socket = dgram.createSocket("udp4");
            socket.on("message", (query, from) => {
                void answer(server, "udp", query).then(said => socket.send(said, from.port, from.address));
            });
            socket.bind(53, server, resolve);
        }),
        new Promise<void>(resolve => {
            const listener = net.createServer(socket => {
                let pending = Buffer.alloc(0);
                socket.on("error", () => undefined);
                socket.on("data", data => {
                    pending = Buffer.concat([pending, data]);
                    while (pending.length > 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
                        const query = pending.subarray(2, 2 + pending.readUInt16BE(0));
                        pending = pending.subarray(2 + query.length);
                        void answer(server, "tcp", query).then(said =>
                            socket.write(Buffer.concat([Buffer.from([said.length >> 8, said.length & 255]), said])),
                        );
                    }
                });
            });
            listener.listen(53, server, resolve);
        }),
    ]);
    void Promise.all(listening).then(() => {
        console.log(JSON.stringify("ready"));
        readline.createInterface({ input: process.stdin }).on("line", () => {
            console.log(JSON.stringify(reached.splice(0)));
        });
    });
}

/** Every name has an address, a text and a service; a chain has its links in front of them. */
function answerTo(query: Buffer): Buffer {
    const { flags, id, questions } = parse(query);
    const asked = questions[0]!;
    const answers: Buffer[] = [];
    let name = asked.name;
    for (let link = CHAIN.exec(name.toLowerCase()); link !== null; link = CHAIN.exec(name)) {
        const next = `chain${Number(link[1]) - 1}${name.slice(link[0].length - 1)}`;
        answers.push(record(name, TYPES.CNAME, nameBytes(next)));
        name = next;
    }
    const data = new Map<number, Buffer>([
        [TYPES.A, Buffer.from([203, 0, 113, 66])],
        [TYPES.AAAA, Buffer.from("20010db8000000000000000000000066", "hex")],
        [TYPES.TXT, Buffer.concat([Buffer.from([5]), Buffer.from("words")])],
        [TYPES.SRV, Buffer.concat([Buffer.from([0, 1, 0, 1, 0, 80]), nameBytes("target.corp.example")])],
        [TYPES.HTTPS, Buffer.from("000100", "hex")],
        [TYPES.SVCB, Buffer.from("000100", "hex")],
    ]).get(asked.type);
    return message(id, 0x8080 | (flags & 0x0100), {
        questions: [question(asked.name, asked.type, asked.class)],
        answers: [...answers, ...(data === undefined ? [] : [record(name, asked.type, data)])],
    });
}

function relay(query: Buffer, port: number): Promise<Buffer> {
    return new Promise(resolve => {
        const socket = dgram.createSocket("udp4");
        const end = (said: Buffer): void => {
            clearTimeout(limit);
            socket.close();
            resolve(said);
        };
        // A tunnel's server keeps a query until it has something to say.
        const limit = setTimeout(() => end(answerTo(query)), 5000);
        socket.on("error", () => end(answerTo(query)));
        socket.on("message", end);
        socket.send(query, port, "127.0.0.1");
    });
}
