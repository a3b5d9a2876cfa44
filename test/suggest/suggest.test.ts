import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type ContractDestination } from "../../contract/egress";
import { suggest, type Suggestion } from "../../suggest/suggest";
import { atGateway, cloudLogging, envoyText, FAR, GATEWAY_HOST, GATEWAY_POD, passedThrough, POD, pods } from "./lines";

const PODS = pods([POD, "payments", "api"], ["10.4.0.8", "orders", "web"], ["10.4.0.9", "orders", "default"]);

const declared = (host: string, others: Partial<ContractDestination> = {}): ContractDestination => ({
    host,
    source: "egress-gateway:destinations[0]",
    ports: [
        {
            number: 443,
            protocol: "tls",
            address: `https://${host}`,
            clientPort: 443,
            plainHttp: false,
            needsDnsCapture: false,
        },
    ],
    allow: [{ namespace: "payments", serviceAccount: "api" }],
    ...others,
});

describe("what logs suggest", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "suggest-"));
    after(() => fs.rmSync(folder, { recursive: true }));

    let files = 0;
    const fileOf = (content: string | Buffer): string => {
        const file = path.join(folder, `${(files += 1)}.log`);
        fs.writeFileSync(file, content);
        return file;
    };
    const of = (
        lines: readonly (string | object)[],
        list: readonly ContractDestination[] = [],
        more: object = {},
    ): Promise<Suggestion> =>
        suggest({
            logs: [fileOf(lines.map(line => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"))],
            pods: [PODS],
            declared: list,
            gateways: [GATEWAY_HOST],
            unusedAfterDays: 30,
            ...more,
        });
    const missing = ({ missing: all }: Suggestion): string[] =>
        all.map(
            ({ allow, host, ports }) =>
                `${host} ${ports.map(({ number, protocol }) => `${protocol} ${number}`).join(", ")} for ${allow.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`).join(", ")}`,
        );
    const tls = (serverName: string, more: object = {}): string => envoyText(passedThrough({ serverName, ...more }));

    it("is each host with its ports and callers, once, however many lines tell of it", async () => {
        const found = await of([
            tls("api.example.com"),
            tls("api.example.com"),
            tls("api.example.com", { remote: "10.4.0.8:40000", upstreamLocal: "10.4.0.8:40001" }),
            envoyText(passedThrough({ request: "GET / HTTP/1.1", authority: "api.example.com", local: `${FAR}:80` })),
            envoyText(atGateway({ cluster: "outbound|443||api.example.com", serverName: "api.example.com" })),
        ]);
        assert.deepEqual(missing(found), ["api.example.com http 80, tls 443 for orders/web, payments/api"]);
        assert.deepEqual(
            found.missing[0]!.callers.map(({ calls, who }) => `${who} ${calls}`),
            ["payments/api 3", "orders/web 1"],
        );
    });

    it("is what a declared host lacks, and nothing where it lacks nothing", async () => {
        const list = [declared("api.example.com"), declared("*.shop.example.com")];
        const by = { remote: "10.4.0.8:40000", upstreamLocal: "10.4.0.8:40001" };
        assert.deepEqual(missing(await of([tls("api.example.com"), tls("a.shop.example.com")], list)), []);
        assert.deepEqual(
            missing(await of([tls("api.example.com", by), tls("a.shop.example.com", { local: `${FAR}:8443` })], list)),
            ["a.shop.example.com tls 8443 for ", "api.example.com  for orders/web"],
        );
    });

    it("knows an `originate` and a `tcp` destination by what applications dial", async () => {
        const port = { address: "", plainHttp: false, needsDnsCapture: false };
        const list = [
            declared("hooks.example.com", { ports: [{ ...port, number: 443, protocol: "originate", clientPort: 80 }] }),
            declared("db.example.com", { ports: [{ ...port, number: 5432, protocol: "tcp", clientPort: 5432 }] }),
        ];
        const found = await of(
            [
                envoyText(
                    passedThrough({
                        request: "GET / HTTP/1.1",
                        authority: "hooks.example.com",
                        cluster: `outbound|80|hooks-example-com|${GATEWAY_HOST}`,
                        local: "240.1.1.1:80",
                        upstreamHost: `${GATEWAY_POD}:8080`,
                    }),
                ),
                envoyText(
                    atGateway({
                        request: "GET / HTTP/1.1",
                        authority: "hooks.example.com",
                        cluster: "outbound|443||hooks.example.com",
                        local: `${GATEWAY_POD}:8080`,
                    }),
                ),
                envoyText(
                    passedThrough({
                        cluster: `outbound|443|db-example-com|${GATEWAY_HOST}`,
                        local: "241.1.1.1:5432",
                        upstreamHost: `${GATEWAY_POD}:8443`,
                    }),
                ),
                envoyText(atGateway({ cluster: "outbound|5432||db.example.com", serverName: "p5432.db.example.com" })),
            ],
            list,
        );
        assert.deepEqual([missing(found), found.unclear, found.covered], [[], [], 4]);
    });

    it("takes a gateway's TLS and the plain HTTP in front of it for one destination", async () => {
        const gateway = "istio-egressgateway.istio-system.svc.cluster.local";
        const found = await of([
            envoyText(
                passedThrough({
                    request: "GET / HTTP/1.1",
                    authority: "edition.cnn.com",
                    cluster: `outbound|80|cnn|${gateway}`,
                    local: "240.1.1.1:80",
                    upstreamHost: `${GATEWAY_POD}:8080`,
                }),
            ),
            envoyText(
                atGateway({
                    request: "GET / HTTP/1.1",
                    authority: "edition.cnn.com",
                    cluster: "outbound|443||edition.cnn.com",
                    local: `${GATEWAY_POD}:8080`,
                }),
            ),
        ]);
        assert.deepEqual(missing(found), ["edition.cnn.com originate 443 for payments/api"]);
    });

    it("is nothing that was refused, failed, or has no account that anything shows: those are told", async () => {
        const found = await of([
            tls("refused.example.com", { cluster: "BlackHoleCluster" }),
            tls("failed.example.com", { flags: "UF", upstreamLocal: "-" }),
            tls("stranger.example.com", { remote: "10.4.9.9:1", upstreamLocal: "10.4.9.9:2" }),
        ]);
        assert.deepEqual(missing(found), []);
        const whats = (all: Suggestion["unclear"]) => all.map(({ what }) => what);
        assert.deepEqual(
            [whats(found.refused), whats(found.failed), whats(found.unclear)],
            [["refused.example.com 443"], ["failed.example.com 443"], ["stranger.example.com 443"]],
        );
    });

    it("knows who had an address when, and nobody before", async () => {
        const moved = pods(
            ["10.4.0.20", "payments", "api", "2026-11-20T09:00:00Z"],
            ["10.4.0.20", "orders", "web", "2026-11-20T11:00:00Z"],
        );
        const at = (hour: string, host: string) =>
            tls(host, { time: `2026-11-20T${hour}:30:00Z`, remote: "10.4.0.20:1", upstreamLocal: "10.4.0.20:2" });
        const found = await of([at("08", "a.example.com"), at("09", "b.example.com"), at("11", "c.example.com")], [], {
            pods: [moved],
        });
        assert.deepEqual(missing(found), [
            "b.example.com tls 443 for payments/api",
            "c.example.com tls 443 for orders/web",
        ]);
        assert.equal(found.unclear[0]!.what, "a.example.com 443");
    });

    describe("of an address without a name", () => {
        const flow = (minute: number, address = FAR): object =>
            cloudLogging("compute.googleapis.com/vpc_flows", {
                timestamp: `2026-11-20T10:${minute}:05Z`,
                jsonPayload: {
                    reporter: "SRC",
                    connection: { src_ip: POD, src_port: 40000, dest_ip: address, dest_port: 443, protocol: 6 },
                },
            });
        const asked = (minute: number, name = "api.example.com", second = "04"): string =>
            `2026-11-20T10:${minute}:${second}Z [INFO] ${POD}:5000 - 1 "A IN ${name}. udp 41 false 4096" NOERROR qr 68 0.1s`;

        it("takes the name that its clients asked for, where it is one each time and no other", async () => {
            const found = await of([asked(10), flow(10), asked(20), flow(20), asked(30), flow(30)]);
            assert.deepEqual(missing(found), ["api.example.com tls 443 for payments/api"]);
            assert.deepEqual([found.unclear, found.missing[0]!.byName], [[], true]);
        });

        for (const [why, lines] of [
            [
                "another name was asked for as well",
                [asked(10), asked(10, "other.example.com"), flow(10), asked(20), flow(20), asked(30), flow(30)],
            ],
            ["none was once", [asked(10), flow(10), asked(20), flow(20), flow(30)]],
            [
                "the name was asked for after the call",
                [10, 20, 30].flatMap(minute => [asked(minute, "api.example.com", "06"), flow(minute)]),
            ],
            ["it was called too seldom", [asked(10), flow(10), asked(20), flow(20)]],
            ["no name was asked for", [flow(10), flow(20), flow(30)]],
        ] as const) {
            it(`guesses nothing: ${why}`, async () => {
                const found = await of(lines);
                assert.deepEqual([missing(found), found.unclear.map(({ what }) => what)], [[], [`${FAR} 443/tcp`]]);
            });
        }

        it("is content where proxies reached it for a name, and the network's log saw that", async () => {
            const found = await of([tls("api.example.com"), flow(10), flow(11, "203.0.113.9")]);
            assert.deepEqual(found.explained, [{ what: `${FAR} 443/tcp`, names: ["api.example.com"] }]);
            assert.deepEqual(
                found.unclear.map(({ what }) => what),
                ["203.0.113.9 443/tcp"],
            );
        });
    });

    describe("of what is declared and not used", () => {
        const day = (date: string, host: string) => tls(host, { time: `2026-${date}T10:00:00Z` });
        const list = [
            declared("used.example.com", {
                allow: [
                    { namespace: "payments", serviceAccount: "api" },
                    { namespace: "orders", serviceAccount: "web" },
                ],
            }),
            declared("old.example.com"),
            declared("never.example.com"),
        ];

        it("is removal, with the evidence, where the logs are long enough", async () => {
            const { unused } = await of(
                [day("09-01", "used.example.com"), day("09-02", "old.example.com"), day("11-01", "used.example.com")],
                list,
            );
            assert.deepEqual(
                unused!.map(({ host, last, part }) => [host, part, last]),
                [
                    ["used.example.com", "orders/web", undefined],
                    ["old.example.com", undefined, Date.parse("2026-09-02T10:00:00Z")],
                    ["never.example.com", undefined, undefined],
                ],
            );
        });

        it("is nothing where they are not", async () => {
            assert.equal(
                (await of([day("10-20", "used.example.com"), day("11-01", "used.example.com")], list)).unused,
                undefined,
            );
        });
    });

    it("warns of what deserves a second look", async () => {
        const by = { remote: "10.4.0.9:40000", upstreamLocal: "10.4.0.9:40001" };
        const { warnings } = await of([
            tls("dns.google", { time: "2026-11-01T10:00:00Z" }),
            tls("d111.cloudfront.net"),
            tls("api.example.com", by),
            ...["a", "b", "c", "d"].map(label => tls(`${label}.shop.example.org`)),
        ]);
        const told = warnings.join("\n");
        assert.match(told, /dns\.google: it resolves names for whoever asks/);
        assert.match(told, /dns\.google: not called again for 19 days/);
        assert.match(told, /d111\.cloudfront\.net: everybody can have a name below cloudfront\.net/);
        assert.match(told, /api\.example\.com: used by the account `default` of orders/);
        assert.match(told, /4 names below example\.org are listed one by one/);
        assert.equal(warnings.length, 5);
    });

    it("is the same with anything hostile between the lines, but for the counts", async () => {
        const good = [
            tls("api.example.com"),
            envoyText(atGateway({ cluster: "outbound|443||b.example.com", serverName: "b.example.com" })),
        ];
        const expected = await of(good);
        const hostile = fc.oneof(
            fc.string({ unit: "binary", maxLength: 200 }).map(text => text.replaceAll("\n", " ")),
            fc.constantFrom(
                "\u001b[2J\u001b]0;x\u0007",
                '{"__proto__": {"upstream_cluster": "x"}}',
                '{"__proto__": null, "constructor": {"prototype": {}}, "logName": "/logs/compute.googleapis.com%2Ffirewall", "resource": {}}',
                '{"upstream_cluster": {}, "downstream_local_address": []}',
                "[".repeat(10_000),
                "2026-11-20T10:00:00Z ".repeat(10_000),
                '{"a":'.repeat(10_000),
                "%".repeat(100),
                tls("__proto__"),
                tls("constructor.prototype.\u202e"),
                envoyText(passedThrough({ userAgent: '" "x" "evil.example.com' })),
            ),
        );
        await fc.assert(
            fc.asyncProperty(fc.array(hostile, { maxLength: 8 }), async lines => {
                const found = await of([good[0]!, ...lines, good[1]!]);
                assert.deepEqual({ ...found, leftOut: {}, lines: {} }, { ...expected, leftOut: {}, lines: {} });
            }),
            { numRuns: 50 },
        );
        assert.equal((Object.prototype as Record<string, unknown>)["upstream_cluster"], undefined);
    });

    it("is read from folders, from what is compressed, and from both at once", async () => {
        const inside = path.join(folder, "logs");
        fs.mkdirSync(path.join(inside, "deep"), { recursive: true });
        fs.writeFileSync(path.join(inside, "a.log.gz"), gzipSync(`${tls("a.example.com")}\n`));
        fs.writeFileSync(path.join(inside, "deep", "b.json"), JSON.stringify([{ broken: true }], undefined, 2));
        const found = await of([tls("b.example.com")], [], { logs: [inside, fileOf(tls("b.example.com"))] });
        assert.deepEqual(missing(found), [
            "a.example.com tls 443 for payments/api",
            "b.example.com tls 443 for payments/api",
        ]);
        assert.deepEqual(found.leftOut, { "no format that is known here": 1 });
        await assert.rejects(
            of([], [], { logs: [fileOf(gzipSync("x".repeat(100)).subarray(0, 20))] }),
            /cannot be read to its end/,
        );
        await assert.rejects(of([], [], { logs: [path.join(folder, "none")] }), /expected a file, a folder/);
    });
});
