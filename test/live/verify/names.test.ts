import { strict as assert } from "node:assert";
import { type EgressOutputs } from "../../../contract/egress";
import { compileGuard } from "../../../components/guard/compile";
import { GUARD_RULE_LABEL } from "../../../components/guard/policy";
import { catalogueSettings, type SentObject } from "../../../attacks";
import { developer, NAMESPACES, RESOLVER } from "../../../attacks/surroundings";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { AdmissionControl } from "../../../containment/scheduling/admission";
import { admissionRequest } from "../../containment/scheduling/requests";
import { type KubernetesManifest, resourceOf } from "../../containment/mesh/fixture";
import { probeCatalogue } from "../../../live/verify/catalogue/catalogue";
import { chosenProbes } from "../../../live/verify/catalogue/chosen";
import { DEFAULT_TARGETS, type Targets } from "../../../live/verify/catalogue/targets";
import { type Attempt, type NetworkProbe, type Probe, QUERY_TYPES } from "../../../live/verify/probe";
import { dnsQuery, withLength } from "../../../live/verify/query";
import { contract, destination, port } from "./contract";

type Outputs = Pick<EgressOutputs, "destinations" | "gateway">;

const ENFORCED = { lock: "enforce", namespace: RESOLVER } as const;

function withLock(dns: Outputs["gateway"]["dns"], outputs: Partial<Outputs> = {}): Outputs {
    const { gateway, ...rest } = { ...contract(), ...outputs };
    return { ...rest, gateway: { ...gateway, ...(dns === undefined ? {} : { dns }) } };
}

function probes(outputs: Partial<Outputs> = {}, targets: Partial<Targets> = {}): readonly Probe[] {
    return probeCatalogue(withLock(ENFORCED, outputs), {
        targets: { ...DEFAULT_TARGETS, ...targets },
        image: "registry.example/probe",
    });
}

const ofNames = (all: readonly Probe[]): NetworkProbe[] =>
    all.filter((probe): probe is NetworkProbe => probe.kind === "network" && probe.id.startsWith("names/"));

const queryOf = ({ attempt }: NetworkProbe): Extract<Attempt, { action: "dns" }> => {
    assert.equal(attempt.action, "dns");
    return attempt as Extract<Attempt, { action: "dns" }>;
};

describe("the probes of the DNS lock", () => {
    it("are there while it is enforced, and the claim with them", () => {
        for (const dns of [undefined, { lock: "observe", namespace: RESOLVER } as const]) {
            const all = probeCatalogue(withLock(dns), { targets: DEFAULT_TARGETS, image: "" });
            assert.deepEqual(
                all.filter(({ claim }) => claim === "C6"),
                [],
            );
            assert.deepEqual(chosenProbes(all, undefined).claims, ["C1", "C2", "C3", "C4"]);
        }
        assert.deepEqual(chosenProbes(probes(), undefined).claims, ["C1", "C2", "C3", "C4", "C6"]);
        assert.deepEqual(chosenProbes(probes(), ["C6"]).claims, ["C6"]);
    });

    it("ask for a host that exists, by every type and by every way, from each client namespace", () => {
        const asked = ofNames(probes()).filter(({ expect }) => !expect.allowed);
        for (const namespace of ["payments/api", "orders/web"]) {
            const own = asked.filter(({ id }) => id.startsWith(`names/${namespace}/`));
            const queries = own.filter(({ attempt }) => attempt.action === "dns").map(queryOf);
            assert.ok(queries.every(({ name }) => name === "example.net"));
            assert.deepEqual(
                queries
                    .filter(({ address, transport }) => address === undefined && transport === "udp")
                    .map(({ type }) => type),
                Object.keys(QUERY_TYPES),
            );
            assert.deepEqual(
                queries
                    .filter(query => query.address !== undefined || query.transport === "tcp")
                    .map(query => [query.address ?? "its own", query.transport]),
                [
                    ["its own", "tcp"],
                    ["kube-dns.kube-system.svc.cluster.local", "udp"],
                    ["169.254.20.10", "udp"],
                    ["169.254.20.10", "tcp"],
                    ["169.254.169.254", "udp"],
                    ["169.254.169.254", "tcp"],
                    ["8.8.8.8", "udp"],
                    ["8.8.8.8", "tcp"],
                ],
            );
            assert.deepEqual(
                own.filter(({ attempt }) => attempt.action !== "dns").map(({ attempt }) => attempt),
                [{ action: "https", host: "8.8.8.8", port: 853, anyCertificate: true }],
            );
        }
    });

    it("stand beside a control that is answered: a declared name by the same way, or a name of the cluster", () => {
        const all = probes();
        const controlOf = (probe: NetworkProbe) =>
            all.find((one): one is NetworkProbe => one.kind === "network" && one.id === probe.control);
        for (const probe of ofNames(all).filter(({ expect }) => !expect.allowed)) {
            const control = controlOf(probe)!;
            assert.ok(control.expect.allowed, probe.id);
            assert.deepEqual(control.source, probe.source);
            if (probe.attempt.action !== "dns") {
                continue;
            }
            const { address, name } = queryOf(control);
            const ownWay = probe.attempt.address === undefined || probe.attempt.address.startsWith("kube-dns.");
            assert.equal(address, ownWay ? probe.attempt.address : undefined, probe.id);
            assert.match(
                name,
                ownWay ? /^(istio\.io|db\.example\.com)$/ : /^kubernetes\.default\.svc\.cluster\.local$/,
            );
        }
    });

    it("take a name of the cluster for the control where a client has nothing but wildcards and addresses", () => {
        const destinations = [
            destination("*.my.salesforce.com", [port("tls", 443)], ["payments/api"]),
            destination("203.0.113.7", [port("tcp", 5432)], ["payments/api"]),
        ];
        const [first] = ofNames(probes({ destinations }));
        assert.equal(first!.control, "control/payments/api/cluster-name");
    });

    it("ask for a random name below a zone of one's own", () => {
        const canary = ofNames(probes({}, { canaryZone: "canary.acme.example" })).filter(({ id }) =>
            id.includes("canary-"),
        );
        assert.deepEqual(
            canary.map(queryOf).map(({ name, type }) => `${name} ${type}`),
            ["payments", "orders"].flatMap(() =>
                ["A", "TXT", "NULL"].map(type => `<random>.canary.acme.example ${type}`),
            ),
        );
    });

    it("refuse witnesses that the lock itself answers, or that are no domain", () => {
        const refused = (targets: Partial<Targets>, destinations = contract().destinations) =>
            assert.throws(() => probes({ destinations }, targets), { name: "InputError" });
        refused({ undeclaredHost: "example.com" });
        refused({ undeclaredHost: "a.acme.example" }, [
            destination("*.acme.example", [port("tls", 443)], ["payments/api"]),
        ]);
        refused({ canaryZone: "nodots" });
        refused({ canaryZone: "*.acme.example" });
        refused({ canaryZone: "a.b.acme.example" }, [
            destination("*.acme.example", [port("tls", 443)], ["payments/api"]),
        ]);
    });

    it("have a pod beside the resolver refused by the guard, and its control admitted", () => {
        const control = new AdmissionControl(
            kubernetesObjects(
                [
                    ...NAMESPACES.map(name => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
                    ...(compileGuard(catalogueSettings) as unknown as readonly KubernetesManifest[]),
                ].map(resourceOf),
            ),
        );
        const [probe] = probes().filter(({ id }) => id === "admission/resolver-namespace");
        assert.ok(probe?.kind === "admission");
        const decide = (object: unknown) =>
            control.decide(admissionRequest({ operation: "create", object: object as SentObject }, developer));
        const decision = decide(probe.object);
        assert.ok(decision.result === "refused");
        assert.deepEqual([decision.policy.labels[GUARD_RULE_LABEL]], probe.rules);
        assert.equal(decide(probe.control).result, "admitted");
    });
});

describe("a query", () => {
    it("is one question, recursion desired, as RFC 1035 has it", () => {
        assert.equal(
            dnsQuery("www.example.net", "HTTPS"),
            [
                "abcd",
                "0100",
                "0001",
                "0000",
                "0000",
                "0000",
                "03777777",
                "076578616d706c65",
                "036e6574",
                "00",
                "0041",
                "0001",
            ].join(""),
        );
        assert.equal(dnsQuery("a.b", "ANY").slice(-8), "00ff0001");
    });

    it("has its length in front over TCP", () => {
        const query = dnsQuery("example.net", "A");
        assert.equal(parseInt(withLength(query).slice(0, 4), 16) * 2, query.length);
        assert.equal(withLength(query).slice(4), query);
    });
});
