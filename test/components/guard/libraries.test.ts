import assert from "node:assert/strict";
import { compileGuard } from "../../../components/guard/compile";
import { catalogueSettings } from "../../../attacks";

/**
 * What expressions may call on Kubernetes 1.30, the oldest version that has these policies by default (Kubernetes documentation, "CEL
 * in Kubernetes": the standard library and macros, extended strings, lists and optional types). Addresses came with 1.31.
 */
const SINCE_1_30 = new Set(
    (
        "all exists exists_one filter map has dyn size string int " +
        "contains startsWith endsWith matches charAt indexOf join lowerAscii replace split substring trim upperAscii find findAll " +
        "isSorted sum min max lastIndexOf orValue or optMap hasValue value"
    ).split(" "),
);

describe("the guard's expressions", () => {
    it("call nothing that Kubernetes 1.30 does not have", () => {
        const called = compileGuard(catalogueSettings)
            .flatMap(object => (object.kind === "ValidatingAdmissionPolicy" ? [object.spec] : []))
            .flatMap(({ matchConditions = [], variables, validations, auditAnnotations = [] }) => [
                ...[...matchConditions, ...variables].map(({ expression }) => expression),
                ...validations.flatMap(({ expression, messageExpression }) => [expression, messageExpression]),
                ...auditAnnotations.map(({ valueExpression }) => valueExpression),
            ])
            // Without what stands in quotation marks.
            .flatMap(expression => [...expression.replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/([A-Za-z_]\w*)\s*\(/g)])
            .map(match => match[1]!)
            // An operator in front of a parenthesis.
            .filter(name => name !== "in");
        assert.ok(called.length > 500, `${called.length} calls`);
        assert.deepEqual(
            [...new Set(called)].filter(name => !SINCE_1_30.has(name)),
            [],
        );
    });
});
