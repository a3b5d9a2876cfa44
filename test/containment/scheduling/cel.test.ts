import assert from "node:assert/strict";
import { evaluateCel } from "../../../containment/scheduling/cel";

const pod = {
    spec: { tolerations: [{ key: "a", operator: "Exists" }], priority: 5n },
    metadata: { labels: { app: "x" } },
};

/** Expected values from the Kubernetes documentation ("Common Expression Language in Kubernetes") and the CEL specification. */
const VALUES: readonly (readonly [string, unknown])[] = [
    [`object.spec.tolerations.exists(t, t.key == "a")`, true],
    [`object.spec.?nodeName.orValue("") == ""`, true],
    [`has(object.spec.nodeName)`, false],
    [`object.spec.priority == 5`, true],
    [`"a-b-c".replace("-", "_")`, "a_b_c"],
    [`"a-b-c".replace("-", "_", 1)`, "a_b-c"],
    [`"a-b-c".replace("-", "_", -1)`, "a_b_c"],
    [`"abc".charAt(1)`, "b"],
    [`"abc 123".find("[0-9]+")`, "123"],
    [`"1, 2, 345".findAll("[0-9]+")`, ["1", "2", "345"]],
    [`["a", "b", "a"].indexOf("a")`, 0n],
    [`["a", "b", "a"].lastIndexOf("a")`, 2n],
    [`["b", "a"].isSorted()`, false],
    [`["a", "a", "b"].distinct()`, ["a", "b"]],
    [`sets.contains(["a", "b"], ["b"])`, true],
    [`sets.contains(["a", "b"], ["c"])`, false],
    [`sets.intersects(["a"], ["b", "a"])`, true],
    [`sets.equivalent(["a", "b", "a"], ["b", "a"])`, true],
    [`isIP("10.0.0.1") && !isIP("10.0.0.256")`, true],
    [`isCIDR("10.0.0.0/8") && !isCIDR("10.0.0.0/33")`, true],
    [`cidr("10.0.0.0/8").containsIP("10.1.2.3")`, true],
    [`cidr("10.0.0.0/8").containsIP(ip("11.1.2.3"))`, false],
    [`ip("2001:db8::1").family()`, 6n],
    [`{"a": object}[?"b"] == {"a": object}[?"c"]`, true],
];

describe("evaluateCel", () => {
    for (const [expression, value] of VALUES) {
        it(`evaluates ${expression}`, () => {
            assert.deepEqual(evaluateCel(expression, { object: pod }), { kind: "value", value });
        });
    }

    it("gives an error for a field that is not there, as the API server does", () => {
        assert.deepEqual(evaluateCel("object.spec.nodeName == 'x'", { object: pod }).kind, "error");
    });

    it("forgets the error of one side when the other side decides", () => {
        assert.deepEqual(evaluateCel("object.spec.nodeName == 'x' || true", { object: pod }), {
            kind: "value",
            value: true,
        });
    });

    for (const expression of [
        "object.spec.(",
        "frobnicate(object)",
        "object.frobnicate()",
        `authorizer.group("").resource("pods").check("get").allowed()`,
        `quantity("1Gi").isGreaterThan(quantity("1Mi"))`,
    ]) {
        it(`does not pretend to read ${expression}`, () => {
            assert.equal(evaluateCel(expression, { object: pod }).kind, "unreadable");
        });
    }

    it("does not pretend to read a pattern that JavaScript has no syntax for", () => {
        assert.equal(
            evaluateCel('object.metadata.labels.app.matches("(?P<name>a)")', { object: pod }).kind,
            "unreadable",
        );
    });
});
