import * as dgram from "node:dgram";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";

/** Everything outside, in one process: `node internet.ts <configuration>` in the namespace `internet`. */
export interface InternetConfiguration {
    readonly servers: readonly {
        readonly address: string;
        readonly port: number;
        readonly speaks: "https" | "http" | "tcp" | "udp";
        readonly certificate?: string;
        readonly key?: string;
    }[];
    /** One line for everybody who gets here: `source destination port`. */
    readonly visitors: string;
}

if (process.argv[1] === __filename) {
    const { servers, visitors } = JSON.parse(process.argv[2]!) as InternetConfiguration;
    const visited = (source: string | undefined, address: string, port: number, how: string): void =>
        fs.appendFileSync(visitors, `${source} ${address} ${port} ${how}\n`);
    for (const { address, certificate, key, port, speaks } of servers) {
        const answer: http.RequestListener = (request, response) => {
            // The caller's address, as echo services tell it.
            response.setHeader("content-type", "text/plain");
            response.end(`${request.socket.remoteAddress}\n`);
        };
        if (speaks === "udp") {
            const socket = dgram.createSocket("udp4");
            socket.on("message", (message, from) => {
                visited(from.address, address, port, "udp");
                socket.send(message.subarray(0, 64), from.port, from.address);
            });
            socket.bind(port, address);
            continue;
        }
        const server =
            speaks === "https"
                ? https.createServer({ cert: fs.readFileSync(certificate!), key: fs.readFileSync(key!) }, answer)
                : speaks === "http"
                  ? http.createServer(answer)
                  : net.createServer(socket => {
                        socket.on("data", () => socket.write("N"));
                        socket.on("error", () => undefined);
                    });
        server.on("connection", (socket: net.Socket) => visited(socket.remoteAddress, address, port, "tcp"));
        server.listen(port, address);
    }
    console.log("ready");
}
