import assert from "node:assert/strict";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { meshOf } from "../../../containment/mesh/model";
import { walk, walkerOf } from "../../../containment/mesh/walk";
import { SURROUNDINGS, type Variant, type VerifiedCall, resourceOf, verifiedCalls, verifiedObjects } from "./fixture";

const SETTINGS = {
    version: "1.30.0",
    rootNamespace: "istio-system",
    trustDomain: "cluster.local",
    gatewayNamespace: "istio-egress",
    outboundTraffic: "ALLOW_ANY",
} as const;

describe("walk", () => {
    for (const variant of ["mutual-tls", "no-mutual-tls"] satisfies Variant[]) {
        describe(`with the objects of ${variant}.yaml`, () => {
            const walker = walkerOf(
                meshOf(kubernetesObjects([...SURROUNDINGS, ...verifiedObjects(variant)].map(resourceOf)), SETTINGS),
            );

            for (const call of verifiedCalls(variant)) {
                it(`agrees with Istio's simulation: ${call.name} goes to ${expected(call)}`, () => {
                    const outcome = walk(walker, call.from === "client" ? { namespace: "payments" } : "gateway", call);

                    assert.equal(outcome.unknown, undefined);
                    assert.equal(outcome.cluster, call.cluster);
                    assert.equal(outcome.error, call.error);
                    assert.equal(
                        outcome.status,
                        call.cluster === undefined && call.error === undefined ? 502 : undefined,
                    );
                });
            }
        });
    }
});

function expected({ cluster, error }: VerifiedCall): string {
    return cluster ?? error ?? "a 502 of the sidecar";
}
