import { generateKeyPairSync, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ensureTool } from "../../../dev/tools";
import { Api, type Connection } from "./api";
import { freePorts, start, until } from "./processes";

/** A real API server over a real etcd, on loopback, with an empty database of its own. */
export interface ControlPlane {
    readonly api: Api;
    /** Of its administrator, for another process. */
    readonly connection: Connection;
    readonly startupMilliseconds: number;
    /** The audit log's events so far. */
    auditEvents(): { readonly annotations?: Readonly<Record<string, string>>; readonly requestURI: string }[];
    stop(): Promise<void>;
}

export async function startControlPlane(): Promise<ControlPlane> {
    const [etcd, apiServer] = [await ensureTool("etcd"), await ensureTool("kube-apiserver")];
    const began = Date.now();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-cluster-"));
    const file = (name: string, content?: string): string => {
        const target = path.join(folder, name);
        if (content !== undefined) {
            fs.writeFileSync(target, content, { mode: 0o600 });
        }
        return target;
    };
    const [etcdPort, peerPort, apiPort] = await freePorts(3);
    const token = randomBytes(24).toString("hex");
    const keys = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const auditLog = file("audit.log");

    const database = start(
        "etcd",
        etcd.path,
        [
            `--data-dir=${path.join(folder, "etcd")}`,
            `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
            `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
            `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
            `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
            `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
            "--unsafe-no-fsync",
            "--logger=zap",
            "--log-level=warn",
        ],
        file("etcd.log", ""),
    );
    const server = start(
        "kube-apiserver",
        apiServer.path,
        [
            `--etcd-servers=http://127.0.0.1:${etcdPort}`,
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            `--secure-port=${apiPort}`,
            `--cert-dir=${path.join(folder, "certificates")}`,
            `--token-auth-file=${file("tokens.csv", `${token},test-administrator,1,"system:masters"\n`)}`,
            "--authorization-mode=Node,RBAC",
            "--service-cluster-ip-range=10.8.0.0/20",
            "--service-account-issuer=https://kubernetes.default.svc",
            `--service-account-key-file=${file("accounts.pub", keys.publicKey)}`,
            `--service-account-signing-key-file=${file("accounts.key", keys.privateKey)}`,
            "--allow-privileged=true",
            // GKE runs these two as well; the second turns a requested device into a toleration.
            "--enable-admission-plugins=NodeRestriction,ExtendedResourceToleration",
            `--audit-policy-file=${file("audit.yaml", AUDIT_POLICY)}`,
            `--audit-log-path=${auditLog}`,
        ],
        file("kube-apiserver.log", ""),
    );
    const stopProcesses = async () => {
        await server.stop();
        await database.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    };
    try {
        const certificate = await until(
            "the API server's certificate",
            30,
            async () => {
                const certificateFile = path.join(folder, "certificates", "apiserver.crt");
                return fs.existsSync(certificateFile) ? fs.readFileSync(certificateFile, "utf8") : undefined;
            },
            [database, server],
        );
        const connection = { port: apiPort, certificate, token };
        const api = new Api(connection);
        await until(
            "the API server to be ready",
            60,
            async () => ((await api.request("GET", "/readyz")).status === 200 ? true : undefined),
            [database, server],
        );
        return {
            api,
            connection,
            startupMilliseconds: Date.now() - began,
            auditEvents: () =>
                fs
                    .readFileSync(auditLog, "utf8")
                    .split("\n")
                    .filter(line => line !== "")
                    .map(line => JSON.parse(line)),
            stop: async () => {
                api.close();
                await stopProcesses();
            },
        };
    } catch (error) {
        await stopProcesses();
        throw error;
    }
}

const AUDIT_POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{level: Metadata}]
`;
