import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { table } from "../../cli/table";
import { cloudLogging, envoyJson, envoyText, passedThrough } from "../../test/suggest/lines";
import { costOf } from "./command";

/** What `suggest` takes for logs, and how much memory: the same for a tenth of them. */
const SIZES_MEGABYTES = [100, 1000];
const BUDGET_SECONDS = 60;

const time = (index: number): string => `2026-11-${String(1 + (index % 27)).padStart(2, "0")}T10:00:00.123Z`;
const client = (index: number): string => `10.4.${index % 16}.7`;
const LINES: readonly ((index: number) => string)[] = [
    index =>
        envoyText(
            passedThrough({
                time: time(index),
                serverName: `host-${index % 400}.example.com`,
                remote: `${client(index)}:40000`,
            }),
        ),
    index =>
        envoyText(
            passedThrough({
                time: time(index),
                request: "GET /a/path/that/is/rather/long?with=query&and=more HTTP/1.1",
                userAgent:
                    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                authority: `plain-${index % 100}.example.com`,
                local: "93.184.216.35:80",
            }),
        ),
    index =>
        JSON.stringify(envoyJson(passedThrough({ time: time(index), serverName: `json-${index % 300}.example.com` }))),
    index =>
        JSON.stringify(
            cloudLogging("compute.googleapis.com/vpc_flows", {
                timestamp: time(index),
                jsonPayload: {
                    reporter: "SRC",
                    connection: {
                        src_ip: client(index),
                        src_port: 40000,
                        dest_ip: `93.184.${index % 200}.34`,
                        dest_port: 443,
                        protocol: 6,
                    },
                    src_gke_details: {
                        cluster: { cluster_name: "acme-dev" },
                        pod: { pod_name: "api-1", pod_namespace: "payments" },
                    },
                },
            }),
        ),
    index =>
        `${time(index)} [INFO] ${client(index)}:40000 - 1 "A IN host-${index % 400}.example.com. udp 41 false 4096" NOERROR qr,rd,ra 68 0.03s`,
];

function main(): void {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-logs-"));
    try {
        const rows = SIZES_MEGABYTES.map(size => {
            const file = path.join(folder, `${size}.log`);
            write(file, size * 1e6);
            const { seconds, mebibytes } = costOf("suggest", file);
            return [
                `${size} MB`,
                `${seconds.toFixed(1)} s`,
                size === 1000 ? `${BUDGET_SECONDS} s` : "",
                `${mebibytes} MiB`,
            ];
        });
        console.log(table(rows, ["logs", "suggest", "budget", "memory"]));
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

function write(file: string, bytes: number): void {
    const out = fs.openSync(file, "w");
    for (let index = 0, written = 0; written < bytes;) {
        const lines = Array.from({ length: 5_000 }, () => LINES[index % LINES.length]!((index += 1)));
        written += fs.writeSync(out, `${lines.join("\n")}\n`);
    }
    fs.closeSync(out);
}

main();
