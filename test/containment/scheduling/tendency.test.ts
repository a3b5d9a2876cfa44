import assert from "node:assert/strict";
import * as fc from "fast-check";
import { compileGuard } from "../../../components/guard/compile";
import { catalogueSettings } from "../../../attacks";
import { type KubernetesObject, kubernetesObjects } from "../../../containment/kubernetes";
import { evaluateCel } from "../../../containment/scheduling/cel";
import { standsBeside } from "../../../containment/scheduling/tendency";
import { type KubernetesManifest, resourceOf } from "../mesh/fixture";

const PLACE = ["object", "spec", "tolerations"];

function policy(expression: string, condition = "true", variables: readonly object[] = []): KubernetesObject {
    const [object] = kubernetesObjects([
        resourceOf({
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingAdmissionPolicy",
            metadata: { name: "one" },
            spec: { matchConditions: [{ name: "c", expression: condition }], variables, validations: [{ expression }] },
        }),
    ]);
    return object!;
}

function root(tolerations: readonly unknown[], operation = "CREATE", old: unknown = null): Record<string, unknown> {
    return { object: { spec: { tolerations, hostname: "h" } }, oldObject: old, request: { operation } };
}

function stands(expression: string, condition?: string, variables?: readonly object[]): boolean {
    return standsBeside(policy(expression, condition, variables), expression, PLACE, root([{ key: "a" }]));
}

const LIST = "object.spec.?tolerations.orValue([])";

describe("standsBeside", () => {
    for (const expression of [
        `${LIST}.filter(t, t.?key.orValue("") == "a").map(t, "x" + t.key).size() == 0`,
        `!${LIST}.exists(t, t.key == "a")`,
        `${LIST}.all(t, t.key != "a")`,
        `!(${LIST}.exists(t, t.key == "a") && object.spec.hostname == "h")`,
        `${LIST}.size() < 1`,
        `object.spec.hostname != "h"`,
        `(${LIST}.exists(t, t.key == "a") ? ["a"] : []).size() == 0`,
    ]) {
        it(`is so of ${expression}`, () => assert.ok(stands(expression)));
    }

    for (const expression of [
        `${LIST}.exists(t, t.key == "b")`,
        `${LIST}[0].key != "a"`,
        `${LIST}.size() != 1`,
        `${LIST}.exists_one(t, t.key == "b")`,
        `!${LIST}.all(t, t.key == "a")`,
        `!(object.spec == object.metadata)`,
        `${LIST}.map(t, t.key) == ["b"]`,
        `has(object.spec.tolerations) && object.spec.hostname == ""`,
    ]) {
        it(`is not so of ${expression}`, () => assert.ok(!stands(expression)));
    }

    it("takes the conditions and the variables into account", () => {
        const expression = "variables.found.size() == 0";
        const found = [{ name: "found", expression: `${LIST}.filter(t, t.key == "a")` }];

        assert.ok(stands(expression, "true", found));
        assert.ok(!stands(expression, `${LIST}.size() < 3`, found));
        assert.ok(
            stands(expression, `!(request.operation == "UPDATE" && ${LIST} == oldObject.spec.tolerations)`, found),
        );
    });

    it("looks whether additions can make the object what it was before", () => {
        const expression = `${LIST}.size() == 0`;
        const condition = "!(object.spec == oldObject.spec)";
        const at = (old: readonly object[]): boolean =>
            standsBeside(
                policy(expression, condition),
                expression,
                PLACE,
                root([{ key: "a" }], "UPDATE", { spec: { tolerations: old } }),
            );

        assert.ok(at([]));
        assert.ok(!at([{ key: "a" }, { key: "b" }]));
    });

    it("spares the guard's rules on tolerations and on the gateway's pods every other evaluation", () => {
        const rules = kubernetesObjects(
            (compileGuard(catalogueSettings) as unknown as readonly KubernetesManifest[]).map(resourceOf),
        );
        const rule = rules.find(({ name }) => name === "egress-gateway.gateway-node-toleration")!;

        assert.ok(standsBeside(rule, "variables.byKey.size() == 0", PLACE, root([{ key: "a" }])));
    });

    it("never says so of an expression that some longer list meets", () => {
        const pieces = [
            `${LIST}.exists(t, t.key == "a")`,
            `${LIST}.all(t, t.key == "a")`,
            `${LIST}.size() > 1`,
            `${LIST}.size() == 0`,
            `${LIST}.filter(t, t.key != "b").size() <= 1`,
            `${LIST}.map(t, t.key).exists(k, k == "b")`,
            `${LIST}.exists_one(t, t.key == "b")`,
            `"b" in ${LIST}.map(t, t.key)`,
            `object.spec.hostname == "h"`,
            `request.operation == "UPDATE"`,
        ];
        const { expression } = fc.letrec<{ expression: string }>(tie => ({
            expression: fc.oneof(
                { depthSize: "small" },
                fc.constantFrom(...pieces),
                tie("expression").map(one => `!(${one})`),
                fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a}) && (${b})`),
                fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a}) || (${b})`),
                fc
                    .tuple(tie("expression"), tie("expression"), tie("expression"))
                    .map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
            ),
        }));
        const item = fc.constantFrom<object>({ key: "a" }, { key: "b" }, { key: "c" }, {});
        const given = fc.record({
            expression,
            items: fc.array(item, { maxLength: 3 }),
            added: fc.array(fc.tuple(item, fc.nat(3)), { maxLength: 3 }),
        });
        let stood = 0;
        fc.assert(
            fc.property(given, ({ expression: source, items, added }) => {
                const before = root(items);
                const refused = evaluateCel(source, before);
                if (refused.kind !== "value" || refused.value !== false) {
                    return;
                }
                if (!standsBeside(policy(source), source, PLACE, before)) {
                    return;
                }
                const longer = added.reduce<readonly unknown[]>((list, [one, at]) => list.toSpliced(at, 0, one), items);
                const after = evaluateCel(source, root(longer));
                stood++;
                assert.ok(after.kind === "error" || (after.kind === "value" && after.value === false), source);
            }),
            { numRuns: 1500 },
        );
        assert.ok(stood > 100, `only ${stood}`);
    });
});
