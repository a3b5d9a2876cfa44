import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { compileMesh } from "../../../components/mesh/compile";
import { type IstioObject } from "../../../components/mesh/istioObject";
import { clusterCounter, gatewayCounters } from "../../../live/verify/counters";
import { type Destination } from "../../../settings/schema";
import { meshSettings } from "../../components/mesh/generators";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { type Authority, authority } from "../verify/rig/certificates";
import { clientHello } from "../clientHello";
import { type Entrance, gatewayProxy, sidecars } from "../tlsLeg";

const API = { namespace: "payments", serviceAccount: "api" };
const OWN = "ns/payments/sa/api";
const INTRUDER = "ns/payments/sa/intruder";

/** Names below `localhost` are this machine without anybody being asked (RFC 6761). */
const destinations = (port: number): Destination[] =>
    [
        { host: "*.w.localhost", ports: [{ number: port, protocol: "tls" as const }] },
        { host: "exact.localhost", ports: [{ number: port, protocol: "tls" as const, innerName: "checked" as const }] },
        { host: "unchecked.localhost", ports: [{ number: port, protocol: "tls" as const }] },
    ].map(destination => ({ ...destination, allow: [API], source: destination.host }));

const SUBSETS = {
    wildcard: "any---w-localhost",
    exact: "exact-localhost",
    unchecked: "unchecked-localhost",
} as const;
type Which = keyof typeof SUBSETS;

describe("the server name inside a connection, through two real Envoys", function () {
    this.timeout(60_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "inner-"));
    const envoys: RunningEnvoy[] = [];
    const ports = new Map<string, number>();
    let server: net.Server;
    let arrived = 0;

    /** Everything between a workload and the far side, for these objects of the gateway. */
    async function start(
        executable: string,
        mesh: Authority,
        prefix: string,
        change: (objects: IstioObject[]) => IstioObject[],
    ): Promise<void> {
        const all = compileMesh(meshSettings(destinations((server.address() as net.AddressInfo).port)));
        const gatewayPort = await freePort();
        const adminPort = await freePort();
        ports.set(`${prefix}counters`, adminPort);
        const gateway = gatewayProxy(change(all), { port: gatewayPort, adminPort }, mesh);
        envoys.push(await startEnvoy(executable, gateway, gatewayPort));
        const entrances: Entrance[] = [];
        for (const identity of [OWN, INTRUDER]) {
            entrances.push({ identity, port: await freePort() });
            ports.set(`${prefix}${identity} by name`, entrances.at(-1)!.port);
            for (const [which, straightTo] of Object.entries(SUBSETS)) {
                entrances.push({ identity, port: await freePort(), straightTo });
                ports.set(`${prefix}${identity} ${which}`, entrances.at(-1)!.port);
            }
        }
        const configuration = sidecars(all, "payments", entrances, gatewayPort, mesh);
        envoys.push(await startEnvoy(executable, configuration, entrances[0]!.port));
    }

    before(async function () {
        const executable = await envoyOrSkip(this);
        server = net.createServer(socket => {
            arrived += 1;
            socket.on("error", () => undefined);
            socket.once("data", () => socket.end("far side"));
        });
        await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
        const mesh = authority(folder, "mesh");
        await start(executable, mesh, "", objects => objects);
        await start(executable, mesh, "without the filters: ", objects =>
            objects.filter(({ kind }) => kind !== "EnvoyFilter"),
        );
    });
    after(() => {
        envoys.forEach(envoy => envoy.stop());
        server?.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    /** What comes back on a connection that begins with these bytes. */
    const answer = (entrance: string, bytes: Buffer): Promise<string> =>
        new Promise(resolve => {
            const socket = net.connect(ports.get(entrance)!, "127.0.0.1", () => socket.write(bytes));
            let said = "";
            socket.on("data", data => (said += data.toString()));
            socket.on("error", () => undefined);
            socket.on("close", () => resolve(said));
        });

    const carried = async (entrance: string, name: string | undefined): Promise<void> =>
        assert.equal(await answer(entrance, clientHello(name)), "far side", `${entrance}: ${name}`);
    const closed = async (entrance: string, bytes: Buffer): Promise<void> => {
        const before = arrived;
        assert.equal(await answer(entrance, bytes), "", entrance);
        assert.equal(arrived, before, "nothing has come to the far side");
    };

    for (const name of ["a.w.localhost", "x.y.w.localhost", "exact.localhost", "unchecked.localhost"]) {
        it(`is carried from the application on: ${name}`, () => carried(`${OWN} by name`, name));
    }

    for (const name of ["w.localhost", "b.exact.localhost", "evil.example", undefined]) {
        it(`finds no route in the sidecar: ${name ?? "none at all"}`, () =>
            closed(`${OWN} by name`, clientHello(name)));
    }

    describe("of a workload that goes straight to the gateway with its own certificate", () => {
        const PASS: Readonly<Record<Which, readonly string[]>> = {
            wildcard: ["a.w.localhost", "x.y.w.localhost", "A.W.LOCALHOST"],
            exact: ["exact.localhost", "EXACT.localhost"],
            // What the check is for.
            unchecked: ["unchecked.localhost", "evil.example"],
        };
        const CLOSED: Readonly<Record<Exclude<Which, "unchecked">, readonly (string | undefined)[]>> = {
            wildcard: [
                "w.localhost",
                "exact.localhost",
                "evil.example",
                "a.w.localhost.evil.example",
                "aw.localhost",
                undefined,
            ],
            exact: [
                "unchecked.localhost",
                "a.exact.localhost",
                "evil.example",
                "exact.localhost.evil.example",
                undefined,
            ],
        };
        for (const [which, names] of Object.entries(PASS)) {
            for (const name of names) {
                it(`is carried by the ${which} chain: ${name}`, () => carried(`${OWN} ${which}`, name));
            }
        }
        for (const [which, names] of Object.entries(CLOSED)) {
            for (const name of names) {
                it(`is closed by the ${which} chain: ${name ?? "none at all"}`, () =>
                    closed(`${OWN} ${which}`, clientHello(name)));
            }
            it(`is closed by the ${which} chain without TLS`, () =>
                closed(`${OWN} ${which}`, Buffer.from("GET / HTTP/1.1\r\nHost: exact.localhost\r\n\r\n")));
        }
    });

    for (const [which, host, taken, refused] of [
        ["wildcard", "*.w.localhost", "a.w.localhost", "evil.example"],
        ["exact", "exact.localhost", "exact.localhost", "evil.example"],
    ] as const) {
        it(`is counted where it is carried, under the destination's own name: ${host}`, async () => {
            const { port } = server.address() as net.AddressInfo;
            const count = async (): Promise<number> => {
                const url = `http://127.0.0.1:${ports.get("counters")}/stats/prometheus`;
                const counters = gatewayCounters(await (await fetch(url)).text());
                return counters.get(clusterCounter({ host, port }, "upstream_cx_total")) ?? 0;
            };
            const before = await count();
            await carried(`${OWN} ${which}`, taken);
            assert.equal(await count(), before + 1);
            await closed(`${OWN} ${which}`, clientHello(refused));
            assert.equal(await count(), before + 1);
        });
    }

    it("is of no use with the certificate of another identity: the handshake refuses it", async () => {
        await closed(`${INTRUDER} by name`, clientHello("a.w.localhost"));
        await closed(`${INTRUDER} by name`, clientHello("exact.localhost"));
        await closed(`${INTRUDER} wildcard`, clientHello("a.w.localhost"));
        await closed(`${INTRUDER} exact`, clientHello("exact.localhost"));
    });

    it("leads nowhere where the filters are gone: what is to be checked is closed, and nothing else is", async () => {
        await closed(`without the filters: ${OWN} exact`, clientHello("exact.localhost"));
        await closed(`without the filters: ${OWN} wildcard`, clientHello("a.w.localhost"));
        await carried(`without the filters: ${OWN} unchecked`, "unchecked.localhost");
    });

    it("is read of more connections at a time than Envoy takes for a cluster by default", async () => {
        const held = await Promise.all(
            Array.from(
                { length: 1_100 },
                () =>
                    new Promise<net.Socket>((resolve, reject) => {
                        const socket = net.connect(ports.get(`${OWN} exact`)!, "127.0.0.1", () => resolve(socket));
                        socket.on("error", reject);
                    }),
            ),
        );
        try {
            const answers = await Promise.all(
                held.map(
                    socket =>
                        new Promise<string>(resolve => {
                            let said = "";
                            socket.on("data", data => (said += data.toString()));
                            socket.on("close", () => resolve(said));
                            socket.write(clientHello("exact.localhost"));
                        }),
                ),
            );
            assert.equal(answers.filter(said => said === "far side").length, held.length);
        } finally {
            held.forEach(socket => socket.destroy());
        }
    });
});
