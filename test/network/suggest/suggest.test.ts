import assert from "node:assert/strict";
import * as fs from "node:fs";
import type * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { newEntries } from "../../../cli/suggestionReport";
import { compileMesh } from "../../../components/mesh/compile";
import { type IstioObject } from "../../../components/mesh/istioObject";
import { withEntry } from "../../../plan/destinationsEdit";
import { contractOf } from "../../../settings/contract";
import { type Destination, type WorkloadIdentity } from "../../../settings/schema";
import { suggest, type Suggestion } from "../../../suggest/suggest";
import { settings } from "../../settings/build";
import { pods } from "../../suggest/lines";
import { parse } from "yaml";
import { sidecarProxy } from "../certificates/proxies";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { gatewayProxy, sidecars } from "../tlsLeg";
import { type Authority, authority } from "../verify/rig/certificates";
import { accessLog, atHome, logging, ofHttpLeg, plainGateway } from "./accessLogs";
import { observingSidecar } from "./observing";
import { beginTls, each, farSide, request } from "./traffic";

const HOSTS = 40;
const LINES = 50_000;
/** Of each pair, beside what HTTP adds up to {@link LINES}. */
const TLS_CALLS = 40;

const IDENTITIES: readonly WorkloadIdentity[] = ["payments", "orders"].flatMap(namespace =>
    ["api", "web", "ledger", "worker", "mailer"].map(serviceAccount => ({ namespace, serviceAccount })),
);
const podOf = (identity: number): string => `127.0.1.${identity + 1}`;
const text = ({ namespace, serviceAccount }: WorkloadIdentity): string => `${namespace}/${serviceAccount}`;

/** What the workloads need: nobody but this table knows it. Three of each ten hosts speak plain HTTP; some have ports of their own. */
const NEEDS = Array.from({ length: HOSTS }, (_, index) => ({
    host: `api-${index}.partner-${index % 7}.example.com`,
    port: index % 10 < 3 ? (index % 20 === 0 ? 8080 : 80) : index % 10 === 3 ? 8443 : 443,
    http: index % 10 < 3,
    /** Declared already, for those who use it. */
    declared: index % 10 === 9,
    callers: IDENTITIES.map((_, who) => who).filter(who => (index * 7 + who * 3) % 10 < 1 + (index % 4)),
}));
const PAIRS = NEEDS.flatMap(need => need.callers.map(who => ({ ...need, who })));
const pairText = ({
    host,
    port,
    who,
}: {
    readonly host: string;
    readonly port: number;
    readonly who: number;
}): string => `${host}:${port} ${text(IDENTITIES[who]!)}`;

const DECLARED = NEEDS.filter(({ declared }) => declared).map(({ callers, host }) => ({
    host,
    allow: callers.map(who => IDENTITIES[who]!),
}));

describe("a list out of the logs of real Envoys", function () {
    this.timeout(180_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "suggest-"));
    const envoys: RunningEnvoy[] = [];
    const logs = {
        text: path.join(folder, "text.log"),
        json: path.join(folder, "json.log"),
        gateway: path.join(folder, "gateway.log"),
    };
    let executable: string;
    let mesh: Authority;
    let server: net.Server;
    let farPort: number;
    let found: Suggestion;
    let suggested: readonly Destination[];

    const start = async (configuration: object, port: number): Promise<void> =>
        void envoys.push(await startEnvoy(executable, configuration, port));
    const objectsOf = (destinations: readonly object[]): { all: IstioObject[]; list: readonly Destination[] } => {
        const read = settings({ destinations });
        return { all: compileMesh(read), list: read.destinations };
    };
    /** The gateway's TLS leg and the sidecars before it. @returns the port of each workload's sidecar */
    const startTls = async (objects: IstioObject[], log?: string): Promise<readonly number[]> => {
        const [gatewayPort, adminPort] = [await freePort(), await freePort()];
        const gateway = atHome(gatewayProxy(objects, { port: gatewayPort, adminPort }, mesh), farPort, () => undefined);
        await start(log === undefined ? gateway : logging(gateway, accessLog(log, "json with caller")), gatewayPort);
        const ports = await Promise.all(IDENTITIES.map(freePort));
        for (const namespace of ["payments", "orders"]) {
            const entrances = IDENTITIES.flatMap((identity, who) =>
                identity.namespace === namespace
                    ? [{ identity: `ns/${namespace}/sa/${identity.serviceAccount}`, port: ports[who]! }]
                    : [],
            );
            const pod = (cluster: string): string | undefined => {
                const who = IDENTITIES.findIndex(one =>
                    cluster.startsWith(`ns/${one.namespace}/sa/${one.serviceAccount} `),
                );
                return who < 0 ? undefined : podOf(who);
            };
            await start(
                atHome(sidecars(objects, namespace, entrances, gatewayPort, mesh), farPort, pod),
                entrances[0]!.port,
            );
        }
        return ports;
    };

    before(async function () {
        executable = await envoyOrSkip(this);
        mesh = authority(folder, "mesh");
        server = await farSide();
        farPort = (server.address() as net.AddressInfo).port;
        const observing = await Promise.all(
            (["text", "json"] as const).map(async encoding => ({
                encoding,
                log: logs[encoding],
                tlsPort: await freePort(),
                httpPort: await freePort(),
            })),
        );
        await start(observingSidecar(observing, farPort), observing[0]!.tlsPort);
        const byGateway = await startTls(objectsOf(DECLARED).all, logs.gateway);

        const tls = PAIRS.filter(({ http }) => !http);
        const plain = PAIRS.filter(({ http }) => http);
        const calls = tls.flatMap(pair => Array.from({ length: TLS_CALLS }, () => pair));
        await each(calls, 16, async ({ declared, host, port, who }) => {
            const redirected = { from: podOf(who), to: "93.184.216.34", port };
            const said = declared
                ? await beginTls(byGateway[who]!, host)
                : await beginTls(observing[who % 2]!.tlsPort, host, redirected);
            assert.equal(said, "far side", host);
        });
        const rest = LINES - calls.length;
        const requests = plain.map((pair, index) => ({
            ...pair,
            times: Math.floor(rest / plain.length) + (index < rest % plain.length ? 1 : 0),
        }));
        await each(requests, 4, async ({ host, port, times, who }) => {
            const authority_ = port === 80 ? host : `${host}:${port}`;
            const statuses = await request(observing[who % 2]!.httpPort, authority_, times, {
                from: podOf(who),
                to: "93.184.216.35",
                port,
            });
            assert.equal(statuses.length, times, host);
        });
        await logged(LINES);
    });
    after(() => {
        envoys.forEach(envoy => envoy.stop());
        server?.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const lines = (): number =>
        Object.values(logs).reduce((sum, file) => sum + fs.readFileSync(file, "latin1").split("\n").length - 1, 0);
    /** Proxies write what they have now and then. */
    async function logged(count: number): Promise<void> {
        for (let attempt = 0; attempt < 150 && lines() < count; attempt += 1) {
            await new Promise(resolve => setTimeout(resolve, 100));
        }
        assert.equal(lines(), count);
    }

    it(`is what ${HOSTS} hosts and ${IDENTITIES.length} workloads need, no more and no less, out of ${LINES} lines`, async () => {
        found = await suggest({
            logs: Object.values(logs),
            pods: [
                pods(
                    ...IDENTITIES.map(
                        ({ namespace, serviceAccount }, who) => [podOf(who), namespace, serviceAccount] as const,
                    ),
                ),
            ],
            declared: contractOf(settings({ destinations: DECLARED })).destinations,
            gateways: [],
            unusedAfterDays: 30,
        });
        assert.deepEqual(found.leftOut, {});
        assert.deepEqual(found.lines, { calls: LINES, questions: 0, inside: 0 });
        const proposed = found.missing.flatMap(({ allow, host, ports }) =>
            allow.flatMap(one => ports.map(({ number }) => `${host}:${number} ${text(one)}`)),
        );
        assert.deepEqual(
            proposed.toSorted(),
            PAIRS.filter(({ declared }) => !declared)
                .map(pairText)
                .toSorted(),
        );
        assert.equal(found.covered, DECLARED.length);
        assert.deepEqual([found.unclear, found.refused, found.failed], [[], [], []]);
        for (const { host, ports } of found.missing) {
            assert.deepEqual(
                ports.map(({ protocol }) => protocol),
                [NEEDS.find(need => need.host === host)!.http ? "http" : "tls"],
            );
        }
    });

    it("knows the callers of a gateway that logs their certificates, without anybody's list of pods", async () => {
        const { covered, missing, unclear } = await suggest({
            logs: [logs.gateway],
            pods: [],
            declared: contractOf(settings({ destinations: DECLARED })).destinations.map(one => ({ ...one, allow: [] })),
            gateways: [],
            unusedAfterDays: 30,
        });
        assert.deepEqual([covered, unclear], [0, []]);
        assert.deepEqual(
            missing.map(({ allow, host }) => ({ host, allow: allow.map(text) })),
            DECLARED.map(({ allow, host }) => ({ host, allow: allow.map(text).toSorted() })).toSorted((a, b) =>
                a.host < b.host ? -1 : 1,
            ),
        );
    });

    it("is a list, with what was declared before", () => {
        const before = DECLARED.map(
            ({ allow, host }) => `- host: ${host} # stays\n  allow: ${JSON.stringify(allow)}\n`,
        ).join("");
        const after_ = newEntries(found.missing).reduce((list, entry) => withEntry(list, "list", entry, true)!, before);
        assert.equal(after_.match(/# stays/g)!.length, DECLARED.length);
        suggested = settings({ destinations: parse(after_) as object[] }).destinations;
        assert.equal(suggested.length, HOSTS);
    });

    it("refuses nobody of them when it is enforced, and everybody else", async () => {
        const { all } = objectsOf(suggested.map(({ source: _, ...destination }) => destination));
        const tlsPorts = await startTls(all);
        const httpPorts = await startHttp(all);
        const everybody = NEEDS.flatMap(need => IDENTITIES.map((_, who) => ({ ...need, who })));
        const carried: string[] = [];
        await each(everybody, 8, async pair => {
            const { host, http, port, who } = pair;
            const through = http
                ? (await request(httpPorts[who]!, port === 80 ? host : `${host}:${port}`, 1))[0] === "200"
                : (await beginTls(tlsPorts[who]!, host)) === "far side";
            if (through) {
                carried.push(pairText(pair));
            }
        });
        assert.deepEqual(carried.toSorted(), PAIRS.map(pairText).toSorted());
    });

    async function startHttp(all: readonly IstioObject[]): Promise<readonly number[]> {
        const objects = ofHttpLeg(all);
        const gatewayPort = await freePort();
        const plain = NEEDS.filter(({ http }) => http);
        await start(plainGateway(objects, gatewayPort, mesh, plain, farPort), gatewayPort);
        return Promise.all(
            IDENTITIES.map(async identity => {
                const port = await freePort();
                await start(sidecarProxy(objects, identity, port, gatewayPort, mesh), port);
                return port;
            }),
        );
    }
});
