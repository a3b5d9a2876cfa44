import { strict as assert } from "node:assert";
import { BYPASSES } from "../../../containment/bypasses";
import { GUARD_RULES } from "../../../components/guard/rules";
import { GUARD_RULE_LABEL } from "../../../components/guard/policy";
import { type SentObject } from "../../../attacks";
import { developer } from "../../../attacks/surroundings";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { AdmissionControl } from "../../../containment/scheduling/admission";
import { admissionRequest } from "../../containment/scheduling/requests";
import { planned } from "../../program/planned";
import { NOT_PROBED } from "../../../live/verify/catalogue/admission";
import { probeCatalogue, type CatalogueOptions } from "../../../live/verify/catalogue/catalogue";
import { DEFAULT_TARGETS } from "../../../live/verify/catalogue/targets";
import { plannedOutputs } from "../../../live/verify/outputs";
import { type NetworkProbe, type Probe } from "../../../live/verify/probe";
import { contract, destination, port } from "./contract";

const OPTIONS: CatalogueOptions = {
    targets: DEFAULT_TARGETS,
    image: "registry.example/probe",
    gatewayNodeNamespace: "kube-system",
};

const network = (probes: readonly Probe[]): NetworkProbe[] => probes.filter(probe => probe.kind === "network");
const ids = (probes: readonly Probe[], prefix: string): string[] =>
    probes.filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id);

describe("the probe catalogue", () => {
    it("has a probe for every rule of the guard, or the reason why there is none", () => {
        const probed = new Set(
            probeCatalogue(contract(), OPTIONS).flatMap(probe => (probe.kind === "admission" ? probe.rules : [])),
        );
        for (const { id } of GUARD_RULES) {
            assert.equal(probed.has(id), NOT_PROBED[id] === undefined, id);
        }
    });

    for (const stack of ["dev", "teams"]) {
        it(`tries what the guard of the ${stack} stack refuses by the rules that it names, beside controls that it admits`, async () => {
            const plan = await planned(stack);
            const control = new AdmissionControl(kubernetesObjects(plan.resources));
            const tried = probeCatalogue(plannedOutputs(plan), OPTIONS).filter(probe => probe.kind === "admission");
            assert.ok(tried.length > 10, `${tried.length} probes`);
            const refusedBy = (object: unknown): string | undefined => {
                const decision = control.decide(
                    admissionRequest({ operation: "create", object: object as SentObject }, developer),
                );
                return decision.result === "refused" ? decision.policy.labels[GUARD_RULE_LABEL] : undefined;
            };
            for (const { id, object, control: harmless, rules } of tried) {
                assert.ok(
                    (rules as readonly string[]).includes(refusedBy(object) ?? ""),
                    `${id}: ${String(refusedBy(object))}`,
                );
                assert.equal(refusedBy(harmless), undefined, id);
            }
        });
    }

    it("tries every allowed pair of workload and destination port", () => {
        assert.deepEqual(ids(probeCatalogue(contract(), OPTIONS), "allowed/"), [
            "allowed/payments/api/istio.io:443",
            "allowed/orders/web/istio.io:443",
            "allowed/payments/api/istio.io:80",
            "allowed/orders/web/istio.io:80",
            "allowed/payments/ledger/bank.example.com:8443",
            "allowed/orders/web/db.example.com:5432",
        ]);
    });

    it("addresses a destination as the application does, and counts where the far side is", () => {
        const probe = network(probeCatalogue(contract(), OPTIONS)).find(({ id }) => id.includes("bank.example.com"))!;
        assert.deepEqual(probe.attempt, { action: "http", host: "bank.example.com", port: 80 });
        assert.deepEqual(probe.expect, {
            allowed: true,
            through: { host: "bank.example.com", port: 8443, leg: "http" },
        });
    });

    it("tries every identity that sees a host and is not allowed, and one of each namespace that does not see it", () => {
        const refused = ids(probeCatalogue(contract(), OPTIONS), "refused/");
        assert.deepEqual(
            refused.filter(id => id.endsWith("istio.io:443")),
            [
                "refused/payments/another account/istio.io:443",
                "refused/payments/ledger/istio.io:443",
                "refused/orders/another account/istio.io:443",
            ],
        );
        assert.deepEqual(
            refused.filter(id => id.endsWith("db.example.com:5432")),
            ["refused/payments/api/db.example.com:5432", "refused/orders/another account/db.example.com:5432"],
        );
    });

    it("tries below a wildcard what somebody names, and the domain itself, which is not below", () => {
        const wildcard = {
            ...contract(),
            destinations: [destination("*.my.salesforce.com", [port("tls", 443)], ["payments/api"])],
        };
        const tried = (below: readonly string[], outputs = wildcard) =>
            network(probeCatalogue(outputs, { ...OPTIONS, below })).filter(
                ({ id }) => id.includes("salesforce") && !id.startsWith("control/"),
            );
        assert.deepEqual(
            tried(["acme.my.salesforce.com"]).map(({ id, attempt, expect }) => [
                id,
                "host" in attempt ? attempt.host : undefined,
                expect.allowed ? expect.through?.host : expect.reasons.map(({ by }) => by).join(),
            ]),
            [
                ["allowed/payments/api/acme.my.salesforce.com:443", "acme.my.salesforce.com", "*.my.salesforce.com"],
                [
                    "refused/payments/another account/acme.my.salesforce.com:443",
                    "acme.my.salesforce.com",
                    "gateway-handshake",
                ],
                ["undeclared/payments/api/beside *.my.salesforce.com:443", "my.salesforce.com", "sidecar,network"],
            ],
        );
        assert.deepEqual(
            tried([]).map(({ id }) => id),
            ["undeclared/payments/api/beside *.my.salesforce.com:443"],
        );
        const both = [...wildcard.destinations, destination("my.salesforce.com", [port("tls", 443)], ["payments/api"])];
        assert.ok(tried([], { ...wildcard, destinations: both }).every(({ id }) => !id.includes("beside")));
        assert.throws(() => tried(["acme.example.com"]), /name below a declared wildcard: \*\.my\.salesforce\.com/);
    });

    it("never tries to be refused as somebody who is allowed", () => {
        const probes = probeCatalogue(contract(), OPTIONS);
        const allowed = new Set(ids(probes, "allowed/").map(id => id.slice("allowed/".length)));
        const contradictions = ids(probes, "refused/").filter(id => allowed.has(id.slice("refused/".length)));
        assert.deepEqual(contradictions, []);
    });

    it("asks the gateway's own counter for the refusal, by leg", () => {
        const probes = network(probeCatalogue(contract(), OPTIONS));
        const reason = (id: string) => {
            const { expect } = probes.find(probe => probe.id === id)!;
            return expect.allowed ? [] : expect.reasons.map(({ by }) => by);
        };
        assert.deepEqual(reason("refused/payments/ledger/istio.io:443"), ["gateway-handshake"]);
        assert.deepEqual(reason("refused/payments/ledger/istio.io:80"), ["gateway-authorization"]);
    });

    it("has for every network probe that should be denied a control in the same pod", () => {
        const probes = network(probeCatalogue(contract(), OPTIONS));
        const byId = new Map(probes.map(probe => [probe.id, probe]));
        // An intruder is kept off before it can try anything; that ordinary pods run is seen by all the others.
        for (const probe of probes.filter(({ expect, source }) => !expect.allowed && source.kind !== "intruder")) {
            const control = byId.get(probe.control ?? "");
            assert.ok(control !== undefined, `${probe.id} has no control`);
            assert.deepEqual(control.source, probe.source);
            assert.equal(control.expect.allowed, true);
            assert.equal(control.claim, undefined, "a control decides no claim");
        }
    });

    it("has for every admission probe a benign twin that differs from it", () => {
        for (const probe of probeCatalogue(contract(), OPTIONS)) {
            if (probe.kind === "admission") {
                assert.notDeepEqual(probe.object, probe.control);
            }
        }
    });

    it("gives every probe an id of its own", () => {
        const all = probeCatalogue(contract(), OPTIONS).map(({ id }) => id);
        assert.equal(new Set(all).size, all.length);
    });

    it("tries every claim, and refers to bypasses that exist", () => {
        const probes = probeCatalogue(contract(), OPTIONS);
        assert.deepEqual([...new Set(probes.flatMap(({ claim }) => claim ?? []))].sort(), ["C1", "C2", "C3", "C4"]);
        const numbers = new Set(BYPASSES.map(({ number }) => number));
        assert.ok(probes.every(({ bypasses }) => bypasses.every(number => numbers.has(number))));
    });

    it("tries the bypasses that a pod can try from inside", () => {
        const tried = new Set(probeCatalogue(contract(), OPTIONS).flatMap(({ bypasses }) => bypasses));
        const live = [
            1, 2, 3, 4, 5, 7, 8, 9, 11, 19, 20, 21, 23, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 38, 39, 41, 45, 46,
            49, 52,
        ];
        assert.deepEqual(
            live.filter(number => !tried.has(number)),
            [],
        );
    });

    it("has no probe of C3 without a namespace from which a pod may stand on a gateway node", () => {
        const { gatewayNodeNamespace: _, ...without } = OPTIONS;
        assert.deepEqual(
            probeCatalogue(contract(), without).filter(({ claim }) => claim === "C3"),
            [],
        );
    });

    it("chooses a port for gateway nodes that no destination declares", () => {
        const declaring = {
            ...contract(),
            destinations: [
                ...contract().destinations,
                destination("dot.example.com", [port("tls", 853)], ["orders/web"]),
            ],
        };
        const attempt = network(probeCatalogue(declaring, OPTIONS)).find(({ id }) =>
            id.endsWith("gateway node/undeclared-port"),
        )!.attempt;
        assert.ok("port" in attempt && attempt.port !== 853);
    });

    it("takes a sample of every group, the same each time, and keeps the controls", () => {
        const many = {
            ...contract(),
            destinations: Array.from({ length: 40 }, (_, index) =>
                destination(`host-${index}.example.com`, [port("tls", 443)], ["payments/api"]),
            ),
        };
        const sample = probeCatalogue(many, { ...OPTIONS, sample: 3 });
        assert.deepEqual(
            ids(sample, "allowed/"),
            ["host-0", "host-13", "host-26"].map(host => `allowed/payments/api/${host}.example.com:443`),
        );
        assert.equal(ids(probeCatalogue(many, OPTIONS), "allowed/").length, 40);
        assert.ok(ids(sample, "control/").length > 0);
    });

    it("uses the echo host as a workload that may, and refuses one that nobody declared", () => {
        const [echo] = ids(
            probeCatalogue(contract(), { ...OPTIONS, echoes: [{ host: "istio.io", path: "/ip" }] }),
            "source-address/",
        );
        assert.equal(echo, "source-address/payments/api/istio.io");
        assert.throws(
            () => probeCatalogue(contract(), { ...OPTIONS, echoes: [{ host: "ip.example.org", path: "/" }] }),
            /got "ip\.example\.org", expected the host of a declared destination/,
        );
    });

    it("refuses targets that prove nothing, all at once", () => {
        const targets = { ...DEFAULT_TARGETS, publicAddress: "one.one.one.one", undeclaredHost: "istio.io" };
        assert.throws(
            () => probeCatalogue(contract(), { ...OPTIONS, targets }),
            (error: Error) =>
                /2 problems/.test(error.message) &&
                /--public-address/.test(error.message) &&
                /--undeclared-host/.test(error.message),
        );
    });
});
