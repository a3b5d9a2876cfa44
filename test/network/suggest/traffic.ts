import * as net from "node:net";
import { clientHello } from "../clientHello";

/** Somebody who answers whatever comes: HTTP with an empty answer, everything else with a word, and an end. */
export async function farSide(): Promise<net.Server> {
    const server = net.createServer(socket => {
        socket.on("error", () => undefined);
        socket.on("data", data => {
            const requests = data.toString("latin1").split("\r\n\r\n").length - 1;
            if (data[0] === 0x16) {
                socket.end("far side");
            } else {
                socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".repeat(requests));
            }
        });
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    return server;
}

/** Who calls and where to, as a redirection shows it. */
export interface Redirected {
    readonly from: string;
    readonly to: string;
    readonly port: number;
}

const proxyHeader = ({ from, port, to }: Redirected): string => `PROXY TCP4 ${from} ${to} 40000 ${port}\r\n`;

/** Opens a connection that begins as TLS does, and returns what came back. */
export function beginTls(entrance: number, host: string, redirected?: Redirected): Promise<string> {
    return new Promise(resolve => {
        const socket = net.connect(entrance, "127.0.0.1", () => {
            if (redirected !== undefined) {
                socket.write(proxyHeader(redirected));
            }
            socket.write(clientHello(host));
        });
        let said = "";
        socket.on("data", data => (said += data.toString()));
        socket.on("error", () => undefined);
        socket.on("close", () => resolve(said));
    });
}

/** Sends so many requests over one connection, and returns the status of each. */
export function request(
    entrance: number,
    host: string,
    times: number,
    redirected?: Redirected,
): Promise<readonly string[]> {
    return new Promise(resolve => {
        const one = `GET / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: rig\r\n\r\n`;
        const socket = net.connect(entrance, "127.0.0.1", () =>
            socket.write(`${redirected === undefined ? "" : proxyHeader(redirected)}${one.repeat(times)}`),
        );
        let said = "";
        const statuses = (): string[] => [...said.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status!);
        socket.on("data", data => {
            said += data.toString();
            if (statuses().length >= times) {
                socket.destroy();
            }
        });
        socket.on("error", () => undefined);
        socket.on("close", () => resolve(statuses()));
    });
}

/** Does it with every one of them, some at a time. */
export async function each<T>(all: readonly T[], atATime: number, what: (one: T) => Promise<void>): Promise<void> {
    let next = 0;
    await Promise.all(
        Array.from({ length: atATime }, async () => {
            while (next < all.length) {
                await what(all[next++]!);
            }
        }),
    );
}
