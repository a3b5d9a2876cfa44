import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { probeCatalogue, type CatalogueOptions } from "../../../live/verify/catalogue/catalogue";
import { chosenProbes } from "../../../live/verify/catalogue/chosen";
import { DEFAULT_TARGETS } from "../../../live/verify/catalogue/targets";
import { gatewaysOf, outputsFrom, plannedOutputs } from "../../../live/verify/outputs";
import { type Probe, sourceName } from "../../../live/verify/probe";
import { planned } from "../../program/planned";
import { contract, contractOfTwo } from "./contract";

const OPTIONS: CatalogueOptions = {
    targets: DEFAULT_TARGETS,
    image: "registry.example/probe",
    gatewayNodeNamespace: "kube-system",
};
const ECHO = { host: "istio.io", path: "/ip" };
const PARTNERS_ECHO = { host: "bank.example.com", path: "/ip" };

const catalogue = (options: Partial<CatalogueOptions> = {}): Probe[] =>
    probeCatalogue(contractOfTwo(), { ...OPTIONS, ...options });
const ids = (probes: readonly Probe[], prefix: string): string[] =>
    probes.filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id);
const claimed = (probes: readonly Probe[]): string[] =>
    probes.filter(({ claim, kind }) => claim === "C7" && kind !== "inspection").map(({ kind, id }) => `${kind} ${id}`);

describe("the gateways that verify tries", () => {
    it("are the outputs', each with its destinations and the addresses that no other has", () => {
        assert.deepEqual(
            gatewaysOf(contractOfTwo()).map(({ name, namespace, natAddresses, destinations }) => [
                name,
                namespace,
                natAddresses,
                destinations.map(({ host }) => host),
            ]),
            [
                ["default", "istio-egress", ["198.51.100.11"], ["istio.io"]],
                ["partners", "istio-egress-partners", ["198.51.100.21"], ["bank.example.com", "db.example.com"]],
            ],
        );
        const [only, ...others] = gatewaysOf({ ...contract(), natAddresses: ["198.51.100.11"] });
        assert.deepEqual([only.name, only.natAddresses, others], [undefined, ["198.51.100.11"], []]);
    });

    it("are known before up, but for their addresses", async () => {
        const gateways = gatewaysOf(plannedOutputs(await planned("teams")));
        assert.deepEqual(
            gateways.map(({ name, namespace, natAddresses }) => [name, namespace, natAddresses]),
            [
                ["default", "istio-egress", undefined],
                ["payments", "istio-egress-payments", undefined],
                ["supply", "istio-egress-supply", undefined],
            ],
        );
    });

    it("are all there, or the outputs are refused", () => {
        const { gateways: _, ...without } = contractOfTwo();
        const folder = mkdtempSync(path.join(tmpdir(), "outputs-"));
        const file = path.join(folder, "outputs.json");
        try {
            writeFileSync(file, JSON.stringify({ contractVersion: 1, ...without }));
            assert.throws(
                () => outputsFrom(file),
                /2 problems[\s\S]*gateway of destination bank\.example\.com[\s\S]*"partners", expected one of the stack's gateways: default/,
            );
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});

describe("the probes of several gateways", () => {
    it("are for each destination those of its gateway, by whose counters they are judged", () => {
        const probes = catalogue();
        assert.deepEqual(ids(probes, "allowed/"), [
            "allowed/payments/api/istio.io:443/gateway default",
            "allowed/orders/web/istio.io:443/gateway default",
            "allowed/payments/api/istio.io:80/gateway default",
            "allowed/orders/web/istio.io:80/gateway default",
            "allowed/payments/ledger/bank.example.com:8443/gateway partners",
            "allowed/orders/web/db.example.com:5432/gateway partners",
        ]);
        // Whom one gateway lets in, the other refuses.
        assert.ok(ids(probes, "refused/payments/ledger/istio.io:443/gateway default").length === 1);
        assert.ok(ids(probes, "refused/payments/api/bank.example.com:8443/gateway partners").length === 1);
    });

    it("name the gateway that their reason is about", () => {
        const counted = ["gateway-handshake", "gateway-listener", "gateway-authorization", "redirected"];
        const nameless = catalogue().filter(
            probe =>
                probe.gateway === undefined &&
                probe.kind === "network" &&
                (probe.expect.allowed
                    ? probe.expect.through !== undefined
                    : probe.expect.reasons.some(({ by }) => counted.includes(by))),
        );
        assert.deepEqual(nameless, []);
        for (const { id, title, gateway } of catalogue().filter(probe => probe.gateway !== undefined)) {
            assert.match(id, new RegExp(`gateway ${gateway!}(/|$)`));
            assert.match(title, new RegExp(`gateway ${gateway!}`));
        }
        const all = catalogue().map(({ id }) => id);
        assert.equal(new Set(all).size, all.length);
    });

    it("try each Service and its pods, as the clients of all", () => {
        const tried = catalogue().flatMap(probe =>
            probe.kind === "network" && probe.id.includes("/gateway-plaintext/")
                ? [[sourceName(probe.source), "host" in probe.attempt ? probe.attempt.host : ""]]
                : [],
        );
        const hosts = [
            "egress-gateway.istio-egress.svc.cluster.local",
            "egress-gateway.istio-egress-partners.svc.cluster.local",
        ];
        assert.deepEqual(
            tried,
            hosts.flatMap(host => ["payments/api", "orders/web"].map(client => [client, host])),
        );
        assert.equal(ids(catalogue(), "denied/pod without sidecar/gateway-admin/").length, 2);
    });

    it("stand on the nodes of each, where a port of the other's destinations is undeclared", () => {
        const probes = catalogue();
        assert.deepEqual(
            probes.flatMap(probe =>
                probe.kind === "network" && probe.id.endsWith("/undeclared-port")
                    ? [[probe.id, probe.gateway, probe.source, "port" in probe.attempt && probe.attempt.port]]
                    : [],
            ),
            // The bank is at 8443.
            Object.entries({ default: 8443, partners: 853 }).map(([gateway, port]) => [
                `denied/pod on a node of gateway ${gateway}/undeclared-port`,
                gateway,
                { kind: "gateway-node", namespace: "kube-system", gateway },
                port,
            ]),
        );
        assert.deepEqual(ids(probes, "intruder/node-name/"), [
            "intruder/node-name/gateway default",
            "intruder/node-name/gateway partners",
        ]);
    });

    it("send an attack on a gateway to each, and one on none of them once", () => {
        const sent = catalogue().filter(probe => probe.kind === "admission");
        const [selector, attacked] = ["admission/gateway/", "admission/destination-rule/"].map(prefix =>
            sent.filter(({ id }) => id.startsWith(prefix)),
        );
        assert.deepEqual(
            selector!.map(({ object }) => (object["spec"] as { selector: object }).selector),
            ["egressgateway", "egressgateway-partners"].map(istio => ({ istio })),
        );
        assert.equal(attacked!.length, 2);
        assert.ok(!isDeepStrictEqual(attacked![0]!.object, attacked![1]!.object));
        assert.deepEqual(
            ids(sent, "admission/toleration").map(id => id.split("/")[2]),
            ["gateway default", "gateway partners"],
        );
        assert.deepEqual(ids(sent, "admission/tolerates-everything"), ["admission/tolerates-everything"]);
    });

    it("take a sample of each gateway's", () => {
        assert.deepEqual(
            ids(catalogue({ sample: 1 }), "allowed/orders/web"),
            ["istio.io:443/gateway default", "db.example.com:5432/gateway partners"].map(
                rest => `allowed/orders/web/${rest}`,
            ),
        );
    });
});

describe("claim C7, by whose addresses a gateway is seen", () => {
    it("is tried by the echo host of each gateway, and by where its pods run", () => {
        const probes = catalogue({ echoes: [ECHO, PARTNERS_ECHO] });
        assert.deepEqual(claimed(probes), [
            "network source-address/payments/api/istio.io/gateway default",
            "network source-address/payments/ledger/bank.example.com/gateway partners",
        ]);
        assert.equal(ids(probes, "inspection/gateway-pods/").length, 2);
        assert.ok(chosenProbes(probes, undefined).claims.includes("C7"));
    });

    it("is untried for a gateway without one, and says whose", () => {
        const probes = catalogue({ echoes: [ECHO] });
        assert.deepEqual(claimed(probes), [
            "untried source-address/gateway partners",
            "network source-address/payments/api/istio.io/gateway default",
        ]);
        const untried = probes.find(probe => probe.kind === "untried");
        assert.match(untried!.why, /--echo names a URL .*\(bank\.example\.com\)$/);
        assert.deepEqual(claimed(catalogue()), [
            "untried source-address/gateway default",
            "untried source-address/gateway partners",
        ]);
    });

    it("is none of a stack with one gateway, whose echo host is C1's", () => {
        const probes = probeCatalogue(contract(), { ...OPTIONS, echoes: [ECHO] });
        assert.deepEqual(
            probes.filter(({ claim, gateway }) => claim === "C7" || gateway !== undefined),
            [],
        );
        assert.equal(probes.find(({ id }) => id.startsWith("source-address/"))?.claim, "C1");
        assert.ok(!chosenProbes(probes, undefined).claims.includes("C7"));
    });

    it("refuses echo hosts that cannot be used, all at once", () => {
        assert.throws(
            () => catalogue({ echoes: [ECHO, ECHO, { host: "db.example.com", path: "/" }] }),
            /2 problems[\s\S]*expected each host once[\s\S]*speaks HTTP or HTTPS: istio\.io, bank\.example\.com/,
        );
    });
});
