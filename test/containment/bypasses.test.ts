import * as assert from "node:assert/strict";
import { BYPASSES, bypass } from "../../containment/bypasses";
import { prove } from "../../containment/prove";
import { probeCatalogue } from "../../live/verify/catalogue/catalogue";
import { DEFAULT_TARGETS } from "../../live/verify/catalogue/targets";
import { plannedOutputs } from "../../live/verify/outputs";
import { hostileCases } from "../../attacks";
import { CASES } from "../policy/cases";
import { planned } from "../program/planned";
import { ACCESS_ATTEMPTS } from "./attempts/access";
import { NETWORK_ATTEMPTS } from "./attempts/network";

describe("the list of bypasses", () => {
    it("is numbered without gaps, each with a claim that it would break or with a residual risk", () => {
        assert.deepEqual(
            BYPASSES.map(({ number }) => bypass(number).number),
            BYPASSES.map((_, index) => index + 1),
        );
        assert.deepEqual(
            BYPASSES.filter(({ claim, residualRisk }) => (claim === undefined) === (residualRisk === undefined)),
            [],
        );
    });

    it("names residual risks that the verdict of the dev stack prints", async () => {
        const { residualRisks } = prove((await planned("dev")).resources);
        const printed = residualRisks.flatMap(risk => /^(R\d+(, R\d+)*):/.exec(risk)?.[1]!.split(", ") ?? []);
        assert.deepEqual(
            BYPASSES.flatMap(({ residualRisk }) => residualRisk ?? []).filter(risk => !printed.includes(risk)),
            [],
        );
    });

    /** Refused where destinations are declared, so that no plan of this program has them. */
    const BY_POLICY: Readonly<Record<number, string>> = { 42: "host-wildcards" };

    it("is tried from one end to the other: on the proof, on the guard, on the live cluster, or by a policy", async () => {
        const probes = probeCatalogue(plannedOutputs(await planned("dev")), {
            targets: DEFAULT_TARGETS,
            image: "probe",
            gatewayNodeNamespace: "kube-system",
        });
        const tried = new Set([
            ...[...NETWORK_ATTEMPTS, ...ACCESS_ATTEMPTS, ...probes].flatMap(({ bypasses }) => bypasses),
            ...hostileCases.flatMap(({ bypass: number }) => number ?? []),
            ...Object.keys(BY_POLICY).map(Number),
        ]);
        assert.ok(Object.values(BY_POLICY).every(rule => CASES.some(one => one.rule === rule)));
        assert.deepEqual(
            BYPASSES.filter(({ claim, number }) => claim !== undefined && !tried.has(number)).map(
                ({ number, title }) => `${number} ${title}`,
            ),
            [],
        );
    });

    it("has the layer admission where the guard refuses it", () => {
        const refused = new Set(hostileCases.flatMap(({ bypass: number }) => number ?? []));
        assert.deepEqual(
            [...refused].filter(number => !bypass(number).layers.includes("admission")),
            [],
        );
    });
});
