import assert from "node:assert/strict";
import * as dgram from "node:dgram";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { envoyOrSkip, freePort, startEnvoy } from "../envoy";
import { endpoints, extension, socket, tcpProxy } from "../verify/rig/envoy";

/** A gateway pod as it starts: clusters and listeners come from its control plane, for which files stand, and names from a resolver. */
function starting(folder: string, resolver: number, port: number, farSide: number): object {
    const file = (name: string, type: string, resource: object): object => {
        const full = path.join(folder, `${name}.json`);
        const resources = [{ "@type": `type.googleapis.com/envoy.config.${type}`, ...resource }];
        fs.writeFileSync(full, JSON.stringify({ version_info: "1", resources }));
        return { resource_api_version: "V3", path_config_source: { path: full } };
    };
    const name = "outbound|443||api.example.com";
    const cares = extension(
        "envoy.network.dns_resolver.cares",
        "extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
        { resolvers: [socket("127.0.0.1", resolver)], dns_resolver_options: { no_default_search_domain: true } },
    );
    return {
        node: { id: "gateway", cluster: "egress-gateway.istio-egress" },
        cluster_manager: { enable_deferred_cluster_creation: true },
        dynamic_resources: {
            cds_config: file("clusters", "cluster.v3.Cluster", {
                name,
                type: "STRICT_DNS",
                dns_lookup_family: "V4_ONLY",
                typed_dns_resolver_config: cares,
                ...endpoints(name, [{ address: "api.example.com", port: farSide }]),
            }),
            lds_config: file("listeners", "listener.v3.Listener", {
                name: "tls",
                address: socket("127.0.0.1", port),
                filter_chains: [{ filters: [tcpProxy(name)] }],
            }),
        },
    };
}

/** Answers for this machine, to questions for IPv4, once it is let. */
function resolver(
    letAnswer: Promise<void>,
): Promise<{ readonly port: number; readonly asked: Promise<void>; close(): void }> {
    const server = dgram.createSocket("udp4");
    const asked = new Promise<void>(resolve => server.once("message", () => resolve()));
    server.on("message", (question, { address, port }) => {
        void letAnswer.then(() => server.send(answer(question), port, address));
    });
    return new Promise(resolve =>
        server.bind(0, "127.0.0.1", () =>
            resolve({ port: server.address().port, asked, close: () => void server.close() }),
        ),
    );
}

/** The question with one address behind it (RFC 1035, section 4). */
function answer(question: Buffer): Buffer {
    const HEADER = 12;
    const TYPE_AND_CLASS = 4;
    const named = question.indexOf(0, HEADER) + 1 + TYPE_AND_CLASS;
    const head = Buffer.from(question.subarray(0, named));
    head.writeUInt16BE(0x8180, 2);
    [1, 1, 0, 0].forEach((count, index) => head.writeUInt16BE(count, 4 + 2 * index));
    return Buffer.concat([head, Buffer.from([0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])]);
}

/** Whether somebody listens, and what comes back. */
function answered(port: number): Promise<boolean> {
    return new Promise(resolve => {
        const client = net.connect(port, "127.0.0.1", () => client.write("hello"));
        client.on("data", () => {
            resolve(true);
            client.destroy();
        });
        client.on("error", () => undefined);
        client.on("close", () => resolve(false));
    });
}

describe("a new gateway pod, at a real Envoy", function () {
    this.timeout(60_000);

    it("listens only when its destinations' names have been answered: none of its first connections is lost", async function () {
        const executable = await envoyOrSkip(this);
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "readiness-"));
        const farSide = net.createServer(client => client.on("error", () => client.destroy()).pipe(client));
        await new Promise<void>(resolve => farSide.listen(0, "127.0.0.1", resolve));
        let letAnswer: () => void = () => undefined;
        const names = await resolver(new Promise<void>(resolve => (letAnswer = resolve)));
        try {
            const port = await freePort();
            const { port: farSidePort } = farSide.address() as net.AddressInfo;
            const started = startEnvoy(executable, starting(folder, names.port, port, farSidePort), port);
            await names.asked;
            for (let attempt = 0; attempt < 10; attempt += 1) {
                assert.equal(await answered(port), false);
                await sleep(100);
            }
            letAnswer();
            const envoy = await started;
            try {
                assert.equal(await answered(port), true);
            } finally {
                envoy.stop();
            }
        } finally {
            names.close();
            farSide.close();
            fs.rmSync(folder, { recursive: true, force: true });
        }
    });
});
