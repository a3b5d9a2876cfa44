import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { compileMesh } from "../../../components/mesh/compile";
import { type DestinationRuleSpec, type PortTrafficPolicy } from "../../../components/mesh/istioObject";
import { meshSettings } from "../../components/mesh/generators";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { authority } from "../verify/rig/certificates";
import { endpoints, httpConnectionManager, mutualServer, socket, tlsClient } from "../verify/rig/envoy";

const HOST = "grpc.example";
const CLIENT = "spiffe://cluster.local/ns/payments/sa/api";
const GATEWAY = "spiffe://cluster.local/ns/istio-egress/sa/egress-gateway";

const bytes = {
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (value: Buffer) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value: Buffer) => value,
};

/** One method, both ways at once. */
const ECHO = {
    talk: { path: "/echo.Echo/Talk", requestStream: true, responseStream: true, ...bytes },
} as const satisfies grpc.ServiceDefinition;

/** The rules that the compiler writes for the two legs of the host's HTTP. */
function legs(upstreamProtocol: "h2" | undefined): { readonly toGateway: object; readonly toOutside: object } {
    const objects = compileMesh(
        meshSettings([
            {
                host: HOST,
                ports: [
                    {
                        protocol: "originate",
                        number: 443,
                        plainPort: 80,
                        ...(upstreamProtocol === undefined ? {} : { upstreamProtocol }),
                    },
                ],
                allow: [{ namespace: "payments", serviceAccount: "api" }],
                source: "test",
            },
        ]),
    );
    const policies = (spec: DestinationRuleSpec): readonly PortTrafficPolicy[] =>
        [spec.trafficPolicy, ...(spec.subsets ?? []).map(({ trafficPolicy }) => trafficPolicy)].flatMap(policy =>
            policy !== undefined && "portLevelSettings" in policy ? policy.portLevelSettings : [],
        );
    const protocol = (host: RegExp, number: number): object => {
        const found = objects
            .flatMap(object => (object.kind === "DestinationRule" && host.test(object.spec.host) ? [object.spec] : []))
            .flatMap(policies)
            .find(policy => policy.port.number === number);
        return found?.connectionPool.http.h2UpgradePolicy === "UPGRADE" ? HTTP2 : {};
    };
    return { toGateway: protocol(/^egress-gateway\./, 80), toOutside: protocol(/^grpc\.example$/, 443) };
}

/** What istiod writes into a cluster for `h2UpgradePolicy: UPGRADE`; where the cluster has TLS, it offers `h2` alone. */
const HTTP2 = {
    typed_extension_protocol_options: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            explicit_http_config: { http2_protocol_options: {} },
        },
    },
};

function offering(names: readonly string[], transportSocket: object): object {
    const socketWithTls = transportSocket as { typed_config: { common_tls_context: object } };
    return {
        ...socketWithTls,
        typed_config: {
            ...socketWithTls.typed_config,
            common_tls_context: { ...socketWithTls.typed_config.common_tls_context, alpn_protocols: names },
        },
    };
}

/** A proxy that takes HTTP of either version and hands it on over TLS. */
function proxy(port: number, server: object, next: { port: number; tls: object; protocol: object }): object {
    return {
        static_resources: {
            listeners: [
                {
                    address: socket("127.0.0.1", port),
                    filter_chains: [
                        {
                            ...server,
                            filters: [
                                httpConnectionManager("http", [{ name: "any", domains: ["*"], cluster: "next" }]),
                            ],
                        },
                    ],
                },
            ],
            clusters: [
                {
                    name: "next",
                    type: "STATIC",
                    ...endpoints("next", [{ address: "127.0.0.1", port: next.port }]),
                    transport_socket: offering(next.protocol === HTTP2 ? ["h2"] : ["http/1.1"], next.tls),
                    ...next.protocol,
                },
            ],
        },
    };
}

describe("gRPC through two real Envoys", function () {
    this.timeout(60_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "grpc-"));
    const envoys: RunningEnvoy[] = [];
    const server = new grpc.Server();
    let executable = "";
    let farSide = 0;

    const mesh = authority(folder, "mesh");
    const outside = authority(folder, "outside");
    const sidecar = mesh.issue("sidecar", [`URI:${CLIENT}`]);
    const gateway = mesh.issue("gateway", [`URI:${GATEWAY}`]);
    const far = outside.issue("far", [`DNS:${HOST}`]);

    before(async function () {
        executable = await envoyOrSkip(this);
        server.addService(ECHO, {
            talk: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
                call.on("data", (message: Buffer) => call.write(Buffer.concat([Buffer.from("heard "), message])));
                call.on("end", () => call.end());
            },
        });
        const credentials = grpc.ServerCredentials.createSsl(null, [
            { cert_chain: fs.readFileSync(far.certificate), private_key: fs.readFileSync(far.key) },
        ]);
        farSide = await new Promise<number>((resolve, reject) =>
            server.bindAsync("127.0.0.1:0", credentials, (error, port) =>
                error === null ? resolve(port) : reject(error),
            ),
        );
    });
    afterEach(() => envoys.splice(0).forEach(envoy => envoy.stop()));
    after(() => {
        server.forceShutdown();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    /** @returns port of the sidecar, in clear text */
    async function twoProxies(upstreamProtocol: "h2" | undefined): Promise<number> {
        const { toGateway, toOutside } = legs(upstreamProtocol);
        const [sidecarPort, gatewayPort] = [await freePort(), await freePort()];
        const run = async (port: number, configuration: object): Promise<void> => {
            envoys.push(await startEnvoy(executable, configuration, port));
        };
        await run(
            gatewayPort,
            proxy(
                gatewayPort,
                {
                    transport_socket: offering(["h2", "http/1.1"], mutualServer(gateway, mesh.certificate, [CLIENT])),
                },
                {
                    port: farSide,
                    tls: tlsClient({ authority: outside.certificate, sni: HOST, names: [HOST], nameType: "DNS" }),
                    protocol: toOutside,
                },
            ),
        );
        await run(
            sidecarPort,
            proxy(
                sidecarPort,
                {},
                {
                    port: gatewayPort,
                    tls: tlsClient({
                        own: sidecar,
                        authority: mesh.certificate,
                        sni: "outbound_.80_.grpc-example_.egress-gateway",
                        names: [GATEWAY],
                        nameType: "URI",
                    }),
                    protocol: toGateway,
                },
            ),
        );
        return sidecarPort;
    }

    /** Says a word, waits for the answer, and only then says the next one. */
    async function talk(port: number, words: readonly string[]): Promise<readonly string[]> {
        const Client = grpc.makeGenericClientConstructor(ECHO, "Echo");
        const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
        const heard: string[] = [];
        try {
            await new Promise<void>((resolve, reject) => {
                const call = (client as unknown as { talk: () => grpc.ClientDuplexStream<Buffer, Buffer> }).talk();
                const next = (): unknown =>
                    heard.length < words.length ? call.write(Buffer.from(words[heard.length]!)) : call.end();
                call.on("data", (message: Buffer) => {
                    heard.push(message.toString());
                    next();
                });
                call.on("error", reject);
                call.on("status", ({ code }: grpc.StatusObject) => code === grpc.status.OK && resolve());
                next();
            });
        } finally {
            client.close();
        }
        return heard;
    }

    it("carries a stream in both directions with `upstreamProtocol: h2`", async () => {
        const words = ["one", "two", "three"];
        assert.deepEqual(
            await talk(await twoProxies("h2"), words),
            words.map(word => `heard ${word}`),
        );
    });

    it("fails without it: the far side speaks HTTP/2 only", async () => {
        await assert.rejects(talk(await twoProxies(undefined), ["one"]), /UNAVAILABLE|UNKNOWN|INTERNAL/);
    });
});
