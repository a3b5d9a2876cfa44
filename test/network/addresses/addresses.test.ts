import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { meshHost } from "../../../base/conventions";
import { compileMesh } from "../../../components/mesh/compile";
import { objectName } from "../../../components/mesh/names";
import { type Destination } from "../../../settings/schema";
import { meshSettings } from "../../components/mesh/generators";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { type Entrance, gatewayProxy, sidecars } from "../tlsLeg";
import { authority } from "../verify/rig/certificates";

const OWN = "ns/payments/sa/api";
const INTRUDER = "ns/payments/sa/intruder";

/** Two addresses of this machine, each a destination of its own, with the same port. */
const destinations = (number: number): Destination[] =>
    ["127.0.0.2", "127.0.0.3"].map((host, index) => ({
        host,
        ports: [{ number, protocol: "tcp" as const }],
        allow: [{ namespace: "payments", serviceAccount: index === 0 ? "api" : "other" }],
        source: host,
    }));

const subsetOf = (address: string): string => objectName(meshHost(address));

describe("a destination without a name, through two real Envoys", function () {
    this.timeout(60_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "addresses-"));
    const envoys: RunningEnvoy[] = [];
    const entrances: Entrance[] = [];
    let farSide: net.Server;

    before(async function () {
        const executable = await envoyOrSkip(this);
        // The server speaks first, as SFTP and databases do.
        farSide = net.createServer(socket => {
            socket.on("error", () => undefined);
            socket.end(`this is ${socket.localAddress}`);
        });
        await new Promise<void>(resolve => farSide.listen(0, "0.0.0.0", resolve));
        const { port } = farSide.address() as net.AddressInfo;
        const objects = compileMesh(meshSettings(destinations(port)));
        const mesh = authority(folder, "mesh");
        const [gatewayPort, adminPort] = [await freePort(), await freePort()];
        const gateway = gatewayProxy(objects, { port: gatewayPort, adminPort }, mesh);
        envoys.push(await startEnvoy(executable, gateway, gatewayPort));
        for (const identity of [OWN, INTRUDER]) {
            entrances.push({
                identity,
                port: await freePort(),
                straightTo: subsetOf("127.0.0.2"),
            });
        }
        // The rule of a namespace has what is allowed in it, whoever of it calls.
        entrances.push({
            identity: OWN,
            port: await freePort(),
            straightTo: subsetOf("127.0.0.3"),
        });
        envoys.push(
            await startEnvoy(
                executable,
                sidecars(objects, "payments", entrances, gatewayPort, mesh),
                entrances[0]!.port,
            ),
        );
    });
    after(() => {
        envoys.forEach(envoy => envoy.stop());
        farSide?.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const heard = (identity: string, address: string): Promise<string> =>
        new Promise(resolve => {
            const entrance = entrances.find(one => one.identity === identity && one.straightTo === subsetOf(address));
            const socket = net.connect(entrance!.port, "127.0.0.1");
            let said = "";
            socket.on("data", data => (said += data.toString()));
            socket.on("error", () => undefined);
            socket.on("close", () => resolve(said));
        });

    it("is reached at its own address, and no name is asked for", async () => {
        assert.equal(await heard(OWN, "127.0.0.2"), "this is 127.0.0.2");
    });

    // Envoy may have opened a connection before the handshake ended; nothing comes back.
    it("is closed for another account of the namespace, as its neighbour is for who may use this one alone", async () => {
        assert.equal(await heard(INTRUDER, "127.0.0.2"), "");
        assert.equal(await heard(OWN, "127.0.0.3"), "");
    });
});
