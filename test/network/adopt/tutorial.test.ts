import assert from "node:assert/strict";
import * as fs from "node:fs";
import type * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { adopted } from "../../../adopt/adopt";
import { compileMesh } from "../../../components/mesh/compile";
import { yamlDocuments } from "../../../containment/manifests";
import { settings } from "../../settings/build";
import { sidecarProxy } from "../certificates/proxies";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { atHome, ofHttpLeg, plainGateway } from "../suggest/accessLogs";
import { beginTls, farSide, request } from "../suggest/traffic";
import { gatewayProxy, sidecars } from "../tlsLeg";
import { authority } from "../verify/rig/certificates";

const SLEEP = { namespace: "default", serviceAccount: "sleep" };
const STRANGER = { namespace: "default", serviceAccount: "stranger" };
const FIXTURES = path.join(__dirname, "..", "..", "adopt", "fixtures");

describe("the tutorial's objects of 2019, imported, at real Envoys", function () {
    this.timeout(60_000);

    for (const [objects, mutualTls] of [
        ["tutorial-2019", true],
        ["tutorial-2019-plain", false],
    ] as const) {
        describe(`${mutualTls ? "with" : "without"} mutual TLS`, () => {
            const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tutorial-"));
            const envoys: RunningEnvoy[] = [];
            const tls = new Map<typeof SLEEP, number>();
            const http = new Map<typeof SLEEP, number>();
            let server: net.Server;

            before(async function () {
                const executable = await envoyOrSkip(this);
                const mesh = authority(folder, "mesh");
                server = await farSide();
                const farPort = (server.address() as net.AddressInfo).port;
                const start = async (configuration: object, port: number): Promise<void> =>
                    void envoys.push(await startEnvoy(executable, configuration, port));
                const documents = yamlDocuments(fs.readFileSync(path.join(FIXTURES, `${objects}.yaml`), "utf8"));
                const destinations = adopted(documents, [SLEEP]).destinations.map(({ comments: _, ...entry }) => entry);
                const all = compileMesh(settings({ destinations, mesh: { mutualTls } }));

                const [tlsPort, adminPort, httpPort] = [await freePort(), await freePort(), await freePort()];
                await start(
                    atHome(gatewayProxy(all, { port: tlsPort, adminPort }, mesh), farPort, () => undefined),
                    tlsPort,
                );
                const entrances = [];
                for (const workload of [SLEEP, STRANGER]) {
                    tls.set(workload, await freePort());
                    entrances.push({
                        identity: `ns/default/sa/${workload.serviceAccount}`,
                        port: tls.get(workload)!,
                    });
                }
                await start(sidecars(all, "default", entrances, tlsPort, mesh), entrances[0]!.port);

                const plain = ofHttpLeg(all);
                await start(plainGateway(plain, httpPort, mesh, [{ host: "istio.io", port: 80 }], farPort), httpPort);
                for (const workload of [SLEEP, STRANGER]) {
                    http.set(workload, await freePort());
                    await start(
                        sidecarProxy(plain, workload, http.get(workload)!, httpPort, mesh),
                        http.get(workload)!,
                    );
                }
            });
            after(() => {
                envoys.forEach(envoy => envoy.stop());
                server?.close();
                fs.rmSync(folder, { recursive: true, force: true });
            });

            it("carry the tutorial's two calls: HTTP on 80, and the application's own TLS on 443", async () => {
                assert.deepEqual(await request(http.get(SLEEP)!, "istio.io", 1), ["200"]);
                assert.equal(await beginTls(tls.get(SLEEP)!, "istio.io"), "far side");
            });

            it("carry them to nobody else", async () => {
                assert.deepEqual(await request(http.get(SLEEP)!, "evil.example.com", 1), ["404"]);
                assert.equal(await beginTls(tls.get(SLEEP)!, "evil.example.com"), "");
            });

            it(`carry them for ${mutualTls ? "nobody else" : "everybody in the namespace, as nothing says who calls"}`, async () => {
                assert.deepEqual(await request(http.get(STRANGER)!, "istio.io", 1), [mutualTls ? "403" : "200"]);
                assert.equal(await beginTls(tls.get(STRANGER)!, "istio.io"), mutualTls ? "" : "far side");
            });
        });
    }
});
