import assert from "node:assert/strict";
import { type Plan } from "../../plan/offline";
import { prove } from "../../containment/prove";
import { type Verdict } from "../../containment/verdict";
import { plannedIn } from "./planned";

describe("the proof over platform and egress gateway together", () => {
    let alone: Verdict;
    let together: Verdict;
    let platform: Plan;
    let egress: Plan;

    before(async () => {
        platform = await plannedIn({ folder: "examples/platform" });
        egress = await plannedIn({
            folder: ".",
            configure: config => {
                config["egress-gateway:platform"] = { stack: "organization/platform/dev" };
            },
            stackOutputs: { "platform.dev": platform.outputs },
        });
        alone = prove(egress.resources);
        together = prove([...egress.resources, ...platform.resources]);
    });

    it("holds, as it does over the egress gateway alone", () => {
        assert.equal(alone.verdict, "contained");
        assert.equal(together.verdict, "contained", JSON.stringify(together.claims, undefined, 2));
    });

    it("no longer takes the platform's word for the network, its ranges and the application nodes", () => {
        const fell = alone.assumptions.filter(assumption => !together.assumptions.includes(assumption));
        assert.ok(together.assumptions.length < alone.assumptions.length);
        for (const subject of [
            /Network acme-dev evaluates/,
            /application nodes of cluster acme-dev/,
            /Subnet acme-dev-egress/,
        ]) {
            assert.ok(
                fell.some(assumption => subject.test(assumption)),
                `${subject} is still assumed`,
            );
        }
        // What its charts install, no resource shows.
        assert.deepEqual(
            together.assumptions
                .filter(assumption => !alone.assumptions.includes(assumption))
                .map(assumption => /Release::(\S+) installs .* runs nothing on gateway nodes/.exec(assumption)?.[1]),
            ["mesh-base", "mesh-istiod"],
        );
    });

    it("finds what a platform does that its facts do not say", () => {
        const leaking = platform.resources.map(resource =>
            resource.name === "network-restricted-google-apis"
                ? { ...resource, inputs: { ...resource.inputs, destRange: "0.0.0.0/0" } }
                : resource,
        );
        const verdict = prove([...egress.resources, ...leaking]);
        const results = ({ claims, locks }: Verdict) => ({
            inDepth: claims.find(({ id }) => id === "C5")?.result,
            routeIsALock: locks.find(({ lock }) => lock === "route")?.resources.length !== 0,
        });
        assert.deepEqual(results(together), { inDepth: "holds", routeIsALock: true });
        assert.deepEqual(results(verdict), { inDepth: "violated", routeIsALock: false });
    });
});
