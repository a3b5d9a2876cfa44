import * as dgram from "node:dgram";
import * as http from "node:http";

/** The cluster's resolver and GKE's metadata server, in a pod's namespace: `node infrastructure.ts <configuration>`. */
export interface InfrastructureConfiguration {
    readonly address: string;
    /** What the resolver knows, without a trailing dot. */
    readonly names: Readonly<Record<string, string>>;
    /** Whom it asks for everything else, as kube-dns does; absent: nobody. */
    readonly upstream?: string;
    /** What it answers on port 5353: a sidecar's own view, with the virtual addresses of `tcp` destinations. */
    readonly capturedNames: Readonly<Record<string, string>>;
}

if (process.argv[1] === __filename) {
    const { address, capturedNames, names, upstream } = JSON.parse(process.argv[2]!) as InfrastructureConfiguration;
    resolver(names, address, 53, upstream);
    resolver({ ...names, ...capturedNames }, address, 5353, upstream);
    http.createServer((request, response) => {
        // With GKE_METADATA a workload is told its own identity, never the node's.
        const asked = request.url === "/computeMetadata/v1/instance/service-accounts/default/email";
        response.statusCode = asked && request.headers["metadata-flavor"] === "Google" ? 200 : 403;
        response.end("acme-dev.svc.id.goog");
    }).listen(80, address);
    console.log("ready");
}

function resolver(names: Readonly<Record<string, string>>, address: string, port: number, upstream?: string): void {
    const socket = dgram.createSocket("udp4");
    socket.on("message", (query, from) => {
        const { name } = questionOf(query);
        if (upstream === undefined || names[name] !== undefined || name.endsWith(".cluster.local")) {
            socket.send(answerTo(query, names), from.port, from.address);
            return;
        }
        const asking = dgram.createSocket("udp4");
        const givenUp = setTimeout(() => asking.close(), 5000);
        asking.once("message", answer => {
            clearTimeout(givenUp);
            asking.close();
            socket.send(answer, from.port, from.address);
        });
        asking.send(query, 53, upstream);
    });
    socket.bind(port, address);
}

function questionOf(query: Buffer): { readonly name: string; readonly end: number } {
    const labels: string[] = [];
    let at = 12;
    while (query[at] !== 0) {
        labels.push(query.toString("ascii", at + 1, at + 1 + query[at]!));
        at += query[at]! + 1;
    }
    return { name: labels.join(".").toLowerCase(), end: at };
}

/** RFC 1035, section 4: one question, one A record, or the name does not exist, or it has no record of that type. */
function answerTo(query: Buffer, names: Readonly<Record<string, string>>): Buffer {
    const { end: at, name } = questionOf(query);
    const question = query.subarray(12, at + 5);
    const address = names[name];
    const found = address !== undefined && query.readUInt16BE(at + 1) === 1;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(address === undefined ? 0x8583 : 0x8580, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found ? 1 : 0, 6);
    const record = found
        ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...address.split(".").map(Number)])
        : Buffer.alloc(0);
    return Buffer.concat([header, question, record]);
}
