import * as dgram from "node:dgram";
import { once } from "node:events";
import * as net from "node:net";
import { type LabOptions } from "./lab";

/** The internet: answers on every address with the address that it sees. Ends when its input does. */
async function main({ publicAddresses, tcpPorts, udpPorts }: LabOptions): Promise<void> {
    for (const port of tcpPorts) {
        const server = net.createServer(socket => {
            socket.on("error", () => undefined);
            socket.end(plain(socket.remoteAddress ?? ""));
        });
        server.listen(port, "::");
        await once(server, "listening");
    }
    // One socket for each address: a reply has to come from the address that was asked.
    for (const address of publicAddresses) {
        for (const port of udpPorts) {
            const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
            socket.on("message", (_, from) => socket.send(plain(from.address), from.port, from.address));
            socket.bind(port, address);
            await once(socket, "listening");
        }
    }
    process.stdout.write('"ready"\n');
    process.stdin.on("end", () => process.exit(0)).resume();
}

/** IPv4 without the prefix that a socket for both families puts before it. */
function plain(address: string): string {
    return address.replace(/^::ffff:/, "");
}

if (process.argv[1] === __filename) {
    void main(JSON.parse(process.argv[2]!) as LabOptions);
}
