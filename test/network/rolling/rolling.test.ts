import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { settings } from "../../settings/build";
import { envoyOrSkip } from "../envoy";
import { GatewayCluster } from "./cluster";
import { type Lifecycle, lifecycleOf } from "./lifecycle";
import { type Seen, Traffic } from "./traffic";

const REPLICAS = 3;
const DRAIN_SECONDS = 60;
/** A second of the objects in real ones: whatever waits, waits a quarter. */
const SCALE = 0.25;
/** Slower than istiod is with its debouncing, and well below what an ending pod is left alone for. */
const PUSH_SECONDS = 4;

/** What two slow cores carry besides three to seven proxies: every connection has two handshakes behind it. */
const LOAD = { shortPerSecond: 100, long: 200, requestsPerSecond: 30, endless: 6 };
/** Real seconds; two less than what is promised, so that a machine with other work is no loss. */
const LONGEST_SECONDS = DRAIN_SECONDS * SCALE - 2;

describe("gateway pods come and go", function () {
    this.timeout(180_000);
    const rendered = lifecycleOf(settings({ gateway: { drainSeconds: DRAIN_SECONDS } }), REPLICAS);
    let executable = "";
    let echo: net.Server;
    let web: http.Server;

    before(async function () {
        executable = await envoyOrSkip(this);
        echo = net.createServer(socket => {
            socket.on("error", () => socket.destroy());
            socket.pipe(socket);
        });
        web = http.createServer((_, response) => response.end("hello"));
        for (const server of [echo, web]) {
            await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
        }
    });
    after(() => {
        echo?.close();
        web?.close();
    });

    async function seenDuring(
        happens: (cluster: GatewayCluster) => Promise<void>,
        lifecycle: Lifecycle = rendered,
        pushSeconds = PUSH_SECONDS,
    ): Promise<Traffic["seen"]> {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rolling-"));
        const port = (server: net.Server) => (server.address() as net.AddressInfo).port;
        const farSide = { echo: port(echo), http: port(web) };
        const options = { folder, executable, lifecycle, replicas: REPLICAS, scale: SCALE, pushSeconds, farSide };
        const cluster = new GatewayCluster(options);
        try {
            await cluster.start();
            const traffic = new Traffic(cluster.sidecar, { ...LOAD, longestSeconds: LONGEST_SECONDS });
            await traffic.start();
            await happens(cluster);
            await traffic.stop();
            console.log(`      ${words(traffic.seen)}`);
            return traffic.seen;
        } finally {
            cluster.stop();
            fs.rmSync(folder, { recursive: true, force: true });
        }
    }

    /** New ones, and those that end in time; enough of each to mean something, and the endless ones prove that pods did go. */
    function nothingIsLost({ short, long, request, endless }: Traffic["seen"], pods: number): void {
        assert.deepEqual(
            { short: short.lost, long: long.lost, request: request.lost },
            { short: 0, long: 0, request: 0 },
        );
        assert.ok(
            short.kept > 500 && long.kept > LOAD.long && request.kept > 100,
            words({ short, long, request, endless }),
        );
        assert.equal(
            endless.lost,
            (LOAD.endless / REPLICAS) * pods,
            "connections that nobody closes end with their pod",
        );
    }

    it("in a rolling restart, and no connection is lost that is new or ends within drainSeconds", async () => {
        nothingIsLost(await seenDuring(cluster => cluster.rollingRestart()), REPLICAS);
    });

    it("in a scale-down, and none is lost", async () => {
        nothingIsLost(await seenDuring(cluster => cluster.scaleDown()), 1);
    });

    it("in the drain of a node with two of three, and none is lost", async () => {
        nothingIsLost(await seenDuring(cluster => cluster.drainNode(2)), 2);
    });

    it("and would lose connections if they ended as Istio's do by default", async () => {
        const istios = { exitOnZeroActiveConnections: false, terminationDrainSeconds: 5, graceSeconds: 30 };
        const { long } = await seenDuring(cluster => cluster.scaleDown(), { ...rendered, ...istios });
        assert.ok(long.lost > 0);
    });

    it("and would lose new ones if clients learned of it later than an ending pod waits", async () => {
        const impatient = { exitOnZeroActiveConnections: false, terminationDrainSeconds: 1, graceSeconds: 30 };
        const { short } = await seenDuring(cluster => cluster.scaleDown(), { ...rendered, ...impatient }, 20);
        assert.ok(short.lost > 0);
    });
});

function words(seen: Readonly<Record<string, Seen>>): string {
    return Object.entries(seen)
        .map(([kind, { kept, lost }]) => `${kind}: ${kept} kept, ${lost} lost`)
        .join("; ");
}
