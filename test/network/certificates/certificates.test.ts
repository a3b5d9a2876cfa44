import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { type AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { type TLSSocket } from "node:tls";
import { compileMesh } from "../../../components/mesh/compile";
import { tenantHost } from "../../../base/conventions";
import { type Destination } from "../../../settings/schema";
import { meshSettings } from "../../components/mesh/generators";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { type Authority, authority } from "../verify/rig/certificates";
import { gatewayProxy, GATEWAY_IDENTITY, type Secret, sidecarProxy } from "./proxies";

const PAYMENTS = { namespace: "payments", serviceAccount: "api" };
const ORDERS = { namespace: "orders", serviceAccount: "web" };
const INTRUDER = { namespace: "payments", serviceAccount: "intruder" };

/** Names below `localhost` are this machine without anybody being asked (RFC 6761). */
const destinations = (port: number): Destination[] => [
    {
        host: "bank.localhost",
        ports: [
            {
                protocol: "originate",
                number: port,
                plainPort: 80,
                clientCertificates: [
                    { namespace: "payments", secret: "bank-payments" },
                    { namespace: "orders", secret: "bank-orders" },
                ],
            },
        ],
        allow: [PAYMENTS, ORDERS],
        source: "bank",
    },
    ...["private", "other"].map((name): Destination => ({
        host: `${name}.localhost`,
        ports: [{ protocol: "originate", number: port, plainPort: 80, caCertificate: { secret: `${name}-authority` } }],
        allow: [PAYMENTS],
        source: name,
    })),
];

interface Answer {
    readonly status: number;
    readonly body: string;
}

describe("the certificates that the gateway shows and believes, through two real Envoys", function () {
    this.timeout(60_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "certificates-"));
    const envoys: RunningEnvoy[] = [];
    let farSide: https.Server;
    let farPort = 0;
    let mesh: Authority;
    let gatewayPort = 0;
    const sidecarPorts = new Map<string, number>();

    before(async function () {
        const executable = await envoyOrSkip(this);
        mesh = authority(folder, "mesh");
        const partner = authority(folder, "partner");
        const others = authority(folder, "others");
        const own = partner.issue("server", ["DNS:bank.localhost", "DNS:private.localhost", "DNS:other.localhost"]);
        farSide = https.createServer(
            {
                cert: fs.readFileSync(own.certificate),
                key: fs.readFileSync(own.key),
                ca: fs.readFileSync(partner.certificate),
                requestCert: true,
                rejectUnauthorized: false,
            },
            (request, response) => {
                const shown = (request.socket as TLSSocket).getPeerCertificate() as { subjectaltname?: string };
                response.end(`${shown.subjectaltname ?? "nobody"} asks for ${request.headers.host}`);
            },
        );
        await new Promise<void>(resolve => farSide.listen(0, "127.0.0.1", resolve));
        farPort = (farSide.address() as AddressInfo).port;

        const secret = (name: string): Secret => ({
            own: partner.issue(name, [`DNS:${name}`]),
            authority: partner.certificate,
        });
        const secrets: Readonly<Record<string, Secret>> = {
            "bank-payments": secret("bank-payments"),
            "bank-orders": secret("bank-orders"),
            "private-authority": { authority: partner.certificate },
            "other-authority": { authority: others.certificate },
        };
        const objects = compileMesh(meshSettings(destinations(farPort)));
        gatewayPort = await freePort();
        envoys.push(await startEnvoy(executable, gatewayProxy(objects, gatewayPort, mesh, secrets), gatewayPort));
        for (const { namespace, serviceAccount } of [PAYMENTS, ORDERS, INTRUDER]) {
            const port = await freePort();
            sidecarPorts.set(`${namespace}/${serviceAccount}`, port);
            const configuration = sidecarProxy(objects, { namespace, serviceAccount }, port, gatewayPort, mesh);
            envoys.push(await startEnvoy(executable, configuration, port));
        }
    });
    after(() => {
        envoys.forEach(envoy => envoy.stop());
        farSide?.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const answered = (options: https.RequestOptions, client: typeof http | typeof https): Promise<Answer> =>
        new Promise((resolve, reject) => {
            client
                .get({ host: "127.0.0.1", agent: false, ...options }, response => {
                    let body = "";
                    response.on("data", data => (body += String(data)));
                    response.on("end", () => resolve({ status: response.statusCode!, body }));
                })
                .on("error", reject);
        });

    /** An application behind its sidecar. */
    const asks = ({ namespace, serviceAccount }: typeof PAYMENTS, host: string): Promise<Answer> =>
        answered({ port: sidecarPorts.get(`${namespace}/${serviceAccount}`)!, headers: { host } }, http);

    /** A workload that goes past its sidecar, with its own certificate and any Host. */
    const straight = ({ namespace, serviceAccount }: typeof PAYMENTS, host: string): Promise<Answer> => {
        const own = mesh.issue(`${namespace}-${serviceAccount}`, [
            `URI:spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`,
        ]);
        return answered(
            {
                port: gatewayPort,
                headers: { host },
                cert: fs.readFileSync(own.certificate),
                key: fs.readFileSync(own.key),
                ca: fs.readFileSync(mesh.certificate),
                checkServerIdentity: (_, certificate) =>
                    certificate.subjectaltname === `URI:${GATEWAY_IDENTITY}` ? undefined : new Error("not the gateway"),
            },
            https,
        );
    };

    for (const [caller, shown] of [
        [PAYMENTS, "bank-payments"],
        [ORDERS, "bank-orders"],
    ] as const) {
        it(`show the far side ${shown} for ${caller.namespace}, and ask for its own Host`, async () => {
            const body = `DNS:${shown} asks for bank.localhost:${farPort}`;
            assert.deepEqual(await asks(caller, "bank.localhost"), { status: 200, body });
            // Also of one that needs no sidecar to ask for it.
            assert.deepEqual(await straight(caller, tenantHost(caller.namespace, "bank.localhost")), {
                status: 200,
                body,
            });
        });
    }

    it("show none of another namespace's to who writes its name", async () => {
        const { status } = await straight(PAYMENTS, tenantHost("orders", "bank.localhost"));
        assert.equal(status, 403);
        assert.equal((await straight(ORDERS, tenantHost("payments", "bank.localhost"))).status, 403);
    });

    it("show none to who writes the host's own name past the sidecar", async () => {
        assert.equal((await straight(PAYMENTS, "bank.localhost")).status, 403);
    });

    it("show none to another account of the namespace", async () => {
        assert.equal((await asks(INTRUDER, "bank.localhost")).status, 403);
        assert.equal((await straight(INTRUDER, tenantHost("payments", "bank.localhost"))).status, 403);
    });

    it("are believed by the authority that the Secret names, and by no other", async () => {
        assert.deepEqual(await asks(PAYMENTS, "private.localhost"), {
            status: 200,
            body: `nobody asks for private.localhost:${farPort}`,
        });
        assert.equal((await asks(PAYMENTS, "other.localhost")).status, 503);
    });
});
