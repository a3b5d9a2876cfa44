import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { readLive } from "../../adopt/live";

describe("objects of a live cluster", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "live-"));
    let server: http.Server;
    let kubeconfig: string;

    /** Serves all groups but one, and of one group two resources; another may not be asked for. */
    const ANSWERS: Readonly<Record<string, object>> = {
        "/apis/networking.istio.io": { preferredVersion: { version: "v1" } },
        "/apis/networking.istio.io/v1/serviceentries": {
            apiVersion: "networking.istio.io/v1",
            kind: "ServiceEntryList",
            items: [{ metadata: { name: "outside" } }],
        },
        "/apis/networking.istio.io/v1/gateways": {
            apiVersion: "networking.istio.io/v1",
            kind: "GatewayList",
            items: [],
        },
        "/apis/security.istio.io": { preferredVersion: { version: "v1" } },
        "/apis/cilium.io": { preferredVersion: { version: "v2" } },
        "/apis/networking.gke.io": { preferredVersion: { version: "v1alpha1" } },
    };
    let forbidden = "";
    const asked: string[] = [];

    before(async () => {
        server = http.createServer(({ url }, answer) => {
            asked.push(url!);
            const body = url === forbidden ? undefined : ANSWERS[url!];
            answer.writeHead(url === forbidden ? 403 : body === undefined ? 404 : 200);
            answer.end(JSON.stringify(body ?? { message: "no" }));
        });
        await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
        kubeconfig = path.join(folder, "config");
        const address = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
        fs.writeFileSync(
            kubeconfig,
            JSON.stringify({
                clusters: [{ name: "c", cluster: { server: address, "insecure-skip-tls-verify": true } }],
                users: [{ name: "u", user: {} }],
                contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
                "current-context": "x",
            }),
        );
    });
    after(() => {
        server.close();
        fs.rmSync(folder, { recursive: true });
    });

    it("are those of every kind that it serves", async () => {
        assert.deepEqual(await readLive({ kubeconfig }), [ANSWERS["/apis/networking.istio.io/v1/serviceentries"]]);
        assert.deepEqual(asked, [
            "/apis/networking.istio.io",
            "/apis/networking.istio.io/v1/serviceentries",
            "/apis/networking.istio.io/v1/gateways",
            "/apis/networking.istio.io/v1/virtualservices",
            "/apis/networking.istio.io/v1/destinationrules",
            "/apis/networking.istio.io/v1/sidecars",
            "/apis/security.istio.io",
            "/apis/security.istio.io/v1/authorizationpolicies",
            "/apis/uds.dev",
            "/apis/cilium.io",
            "/apis/cilium.io/v2/ciliumnetworkpolicies",
            "/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
            "/apis/networking.gke.io",
            "/apis/networking.gke.io/v1alpha1/fqdnnetworkpolicies",
        ]);
    });

    it("are none where they may not be asked for: that is an error", async () => {
        forbidden = "/apis/networking.istio.io/v1/sidecars";
        await assert.rejects(readLive({ kubeconfig }), /sidecars\.networking\.istio\.io: the API server answered 403/);
    });
});
