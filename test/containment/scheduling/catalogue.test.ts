import assert from "node:assert/strict";
import { compileGuard } from "../../../components/guard/compile";
import { GUARD_RULE_LABEL } from "../../../components/guard/policy";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { AdmissionControl } from "../../../containment/scheduling/admission";
import { type GuardSettings } from "../../../components/guard/settings";
import { catalogueSettings, hostileCases, systemRequests } from "../../../attacks";
import {
    SEVERAL_GATEWAY_NAMESPACES,
    severalGatewayCases,
    severalGatewaySettings,
} from "../../../attacks/severalGateways";
import { NAMESPACES } from "../../../attacks/surroundings";
import { type KubernetesManifest, resourceOf } from "../mesh/fixture";
import { admissionRequest } from "./requests";

function controlOf(settings: GuardSettings): AdmissionControl {
    return new AdmissionControl(
        kubernetesObjects(
            [
                ...[...NAMESPACES, ...SEVERAL_GATEWAY_NAMESPACES].map(name => ({
                    apiVersion: "v1",
                    kind: "Namespace",
                    metadata: { name },
                })),
                ...(compileGuard(settings) as unknown as readonly KubernetesManifest[]),
            ].map(resourceOf),
        ),
    );
}

/** The same catalogue is run against a real API server by the cluster tier; here the proof's own reading of the policies is. */
const control = controlOf(catalogueSettings);

describe("AdmissionControl reads the guard as the API server does", () => {
    for (const hostile of hostileCases) {
        it(`${hostile.id}: refuses it by rule ${hostile.rule}`, () => {
            const decision = control.decide(admissionRequest(hostile.request, hostile.as));

            assert.equal(decision.result, "refused", JSON.stringify(decision));
            assert.equal(decision.result === "refused" ? decision.policy.labels[GUARD_RULE_LABEL] : "", hostile.rule);
        });

        it(`${hostile.id}: admits its twin`, () => {
            assert.deepEqual(control.decide(admissionRequest(hostile.twin.request, hostile.twin.as ?? hostile.as)), {
                result: "admitted",
            });
        });
    }

    for (const { id, title, request, as } of systemRequests) {
        it(`${id}: ${title}`, () => {
            assert.deepEqual(control.decide(admissionRequest(request, as)), { result: "admitted" });
        });
    }
});

describe("the guard of several gateways", () => {
    const several = controlOf(severalGatewaySettings);

    for (const hostile of severalGatewayCases) {
        it(`${hostile.id}: ${hostile.title}`, () => {
            const decision = several.decide(admissionRequest(hostile.request, hostile.as));
            assert.equal(decision.result, "refused", JSON.stringify(decision));
            assert.equal(decision.result === "refused" ? decision.policy.labels[GUARD_RULE_LABEL] : "", hostile.rule);
            assert.deepEqual(several.decide(admissionRequest(hostile.twin.request, hostile.twin.as ?? hostile.as)), {
                result: "admitted",
            });
        });
    }

    it("refuses and admits what that of one does", () => {
        const answers = (judge: AdmissionControl) =>
            hostileCases.flatMap(({ id, request, as, twin }) => [
                [id, judge.decide(admissionRequest(request, as)).result],
                [id, judge.decide(admissionRequest(twin.request, twin.as ?? as)).result],
            ]);
        assert.deepEqual(answers(several), answers(control));
    });
});
