import assert from "node:assert/strict";
import fc from "fast-check";
import { type Taint } from "../../../containment/scheduling/nodePools";
import { repellingTaint } from "../../../containment/scheduling/taints";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
const taint = fc.record({
    key: fc.constantFrom("a", "b"),
    value: fc.constantFrom("", "x", "y"),
    effect: fc.constantFrom(...EFFECTS),
});
const toleration = fc.record(
    {
        key: fc.constantFrom("a", "b"),
        operator: fc.constantFrom("Equal", "Exists"),
        value: fc.constantFrom("x", "y"),
        effect: fc.constantFrom(...EFFECTS),
    },
    { requiredKeys: [] },
);

describe("repellingTaint", () => {
    it("agrees with the Kubernetes documentation, case by case", () => {
        fc.assert(
            fc.property(
                fc.array(taint, { maxLength: 3 }),
                fc.array(toleration, { maxLength: 3 }),
                fc.boolean(),
                (taints, tolerations, named) => {
                    const expected = taints.find(
                        candidate => hard(candidate, named) && tolerations.every(each => !byTheBook(each, candidate)),
                    );

                    assert.deepEqual(
                        repellingTaint(taints, { tolerations, ...(named ? { nodeName: "node-1" } : {}) }),
                        expected,
                    );
                },
            ),
            { numRuns: 2_000 },
        );
    });

    const gateway: Taint = { key: "egress-gateway/node", value: "true", effect: "NoExecute" };

    it("keeps a pod off that names its node, if the effect is NoExecute", () => {
        assert.equal(repellingTaint([gateway], { nodeName: "node-1" }), gateway);
    });

    it("does not, if the effect is NoSchedule: no scheduler is asked", () => {
        assert.equal(repellingTaint([{ ...gateway, effect: "NoSchedule" }], { nodeName: "node-1" }), undefined);
    });

    it("lets a pod on that tolerates the taint for a minute", () => {
        assert.equal(
            repellingTaint([gateway], {
                tolerations: [{ key: gateway.key, operator: "Exists", tolerationSeconds: 60 }],
            }),
            undefined,
        );
    });
});

/** "A taint with effect PreferNoSchedule is a preference"; the scheduler knows both others, the kubelet NoExecute alone. */
function hard({ effect }: Taint, named: boolean): boolean {
    return effect === "NoExecute" || (effect === "NoSchedule" && !named);
}

/** "A toleration matches a taint if the keys are the same and the effects are the same, and the operator is Exists or the values are equal." */
function byTheBook(
    each: { key?: string; operator?: string; value?: string; effect?: string },
    { key, value, effect }: Taint,
): boolean {
    if (each.effect !== undefined && each.effect !== effect) {
        return false;
    }
    if (each.operator === "Exists") {
        return each.key === undefined || each.key === key;
    }
    return each.key === key && (each.value ?? "") === value;
}
