import { strict as assert } from "node:assert";
import { probeCatalogue } from "../../../live/verify/catalogue/catalogue";
import { chosenProbes } from "../../../live/verify/catalogue/chosen";
import { DEFAULT_TARGETS } from "../../../live/verify/catalogue/targets";
import { contract } from "./contract";

const ALL = probeCatalogue(contract(), {
    targets: DEFAULT_TARGETS,
    image: "registry.example/probe",
    gatewayNodeNamespace: "kube-system",
});
const tried = (only?: readonly string[]) => chosenProbes(ALL, only).probes.filter(({ claim }) => claim !== undefined);

describe("the probes that are chosen", () => {
    it("are all of them where nothing is said", () => {
        assert.deepEqual(chosenProbes(ALL, undefined), { probes: ALL, claims: ["C1", "C2", "C3", "C4"] });
    });

    it("are a claim's, which is then judged as a whole", () => {
        const { probes, claims } = chosenProbes(ALL, ["c1", "C3"]);
        assert.deepEqual(claims, ["C1", "C3"]);
        assert.deepEqual(
            tried(["c1", "C3"]).map(({ id }) => id),
            ALL.filter(({ claim }) => claim === "C1" || claim === "C3").map(({ id }) => id),
        );
        assert.ok(probes.length < ALL.length);
    });

    it("are one by its id, or those whose ids begin so, and no claim is judged by them", () => {
        const id = "allowed/payments/api/istio.io:443";
        assert.deepEqual(
            tried([id]).map(one => one.id),
            [id],
        );
        assert.deepEqual(chosenProbes(ALL, [id]).claims, []);
        const some = tried(["allowed/payments"]);
        assert.ok(some.length > 1 && some.every(one => one.id.startsWith("allowed/payments/")));
    });

    it("bring the controls along without which a silence proves nothing, before them", () => {
        const denied = ALL.find(
            probe => probe.kind === "network" && probe.control !== undefined && probe.claim === "C1",
        )!;
        const { probes } = chosenProbes(ALL, [denied.id]);
        const control = probes.findIndex(({ id }) => id === ("control" in denied ? denied.control : undefined));
        assert.ok(control >= 0 && control < probes.indexOf(denied));
        assert.equal(probes.length, 2);
    });

    it("are refused where a word chooses nothing, with what is near", () => {
        assert.throws(() => chosenProbes(ALL, ["C5", "alowed", "allowed/payments/api/istio.io:443"]), {
            name: "InputError",
            message: /2 problems[^]*got "C5"[^]*got "alowed"[^]*Did you mean allowed\?/,
        });
        // The beginning of a name is no beginning of an id.
        assert.throws(() => chosenProbes(ALL, ["allowed/pay"]), /--only/);
        assert.throws(() => chosenProbes(ALL, [""]), /--only/);
    });
});
