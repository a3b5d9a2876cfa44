import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { Evaluation, type OwnRule } from "../../../containment/kernel/firstMatch";
import { type Action, type KernelRule } from "../../../containment/kernel/rule";
import {
    equalHeaders,
    hasHeader,
    headers,
    type HeaderSpace,
    intersect,
    subtract,
    towards,
    union,
    withServices,
} from "../../../containment/kernel/headers";
import { unionOf } from "../../../containment/kernel/intervals";

const CELLS = 5;
/** Services at which sets may begin or end; between two of them nothing changes. */
const SERVICES = [0, 443, 70_000, 400_000, 16_777_216];
const POINTS = SERVICES.slice(0, -1).flatMap(service =>
    Array.from({ length: CELLS }, (_, cell) => ({ service, cell })),
);

const someServices = fc
    .array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 2 })
    .map(list => unionOf(list.map(([a, b]) => [SERVICES[a]!, SERVICES[b]!])));
const someCells = fc.array(fc.tuple(fc.nat(CELLS), fc.nat(CELLS)), { maxLength: 2 }).map(list => unionOf(list));
const someHeaders = fc
    .array(fc.tuple(someServices, someCells), { maxLength: 3 })
    .map(list => list.reduce<HeaderSpace>((all, [s, c]) => union(all, headers(s, c)), []));

describe("header spaces", () => {
    for (const [name, operation, law] of [
        ["union", union, (a: boolean, b: boolean) => a || b],
        ["intersect", intersect, (a: boolean, b: boolean) => a && b],
        ["subtract", subtract, (a: boolean, b: boolean) => a && !b],
    ] as const) {
        it(`${name} decides every header, and equal sets are equal lists`, () => {
            fc.assert(
                fc.property(someHeaders, someHeaders, (a, b) => {
                    const result = operation(a, b);
                    const expected = POINTS.filter(p =>
                        law(hasHeader(a, p.service, p.cell), hasHeader(b, p.service, p.cell)),
                    );
                    assert.deepEqual(
                        POINTS.filter(p => hasHeader(result, p.service, p.cell)),
                        expected,
                    );
                    const rebuilt = expected.reduce<HeaderSpace>((all, p) => {
                        const end = SERVICES[SERVICES.indexOf(p.service) + 1]!;
                        return union(all, headers([p.service, end], [p.cell, p.cell + 1]));
                    }, []);
                    assert.ok(equalHeaders(result, rebuilt));
                }),
            );
        });
    }

    it("restricted to destinations and services are intersections", () => {
        fc.assert(
            fc.property(someHeaders, someCells, someServices, (space, cells, services) => {
                assert.ok(equalHeaders(towards(space, cells), intersect(space, headers([0, 16_777_216], cells))));
                assert.ok(equalHeaders(withServices(space, services), intersect(space, headers(services, [0, CELLS]))));
            }),
        );
    });
});

/** A rule as the test sees it: which sources it concerns, and how much of it is known. */
interface Sketch {
    readonly rule: KernelRule;
    readonly concerns: "everybody" | "certainly" | "possibly" | "others";
}

const someRule: fc.Arbitrary<Sketch> = fc
    .record({
        action: fc.constantFrom<Action>("allow", "deny", "next", "inspect", "unreadable"),
        may: someHeaders,
        part: someHeaders,
        known: fc.boolean(),
        concerns: fc.constantFrom("everybody", "everybody", "certainly", "possibly", "others"),
    })
    .map(({ action, may, part, known, concerns }) => ({
        rule: { action, may, must: known ? may : intersect(may, part) },
        concerns: concerns as Sketch["concerns"],
    }));
const someLayers = fc.array(fc.array(someRule, { maxLength: 5 }), { minLength: 1, maxLength: 3 });

/** Every way in which the doubtful matches can turn out, one packet at a time: what may become of it? */
function outcomes(layers: readonly (readonly Sketch[])[], service: number, cell: number): Set<string> {
    const found = new Set<string>();
    const walk = (layer: number, position: number): void => {
        const sketch = layers[layer]?.[position];
        if (layer === layers.length) {
            found.add("allow");
        } else if (sketch === undefined) {
            walk(layer + 1, 0);
        } else {
            const may = sketch.concerns !== "others" && hasHeader(sketch.rule.may, service, cell);
            const must = may && sketch.concerns !== "possibly" && hasHeader(sketch.rule.must, service, cell);
            const { action } = sketch.rule;
            if (may) {
                if (action === "allow" || action === "inspect" || action === "unreadable") {
                    found.add("allow");
                }
                if (action === "deny" || action === "inspect" || action === "unreadable") {
                    found.add("deny");
                }
                if (action === "next" || action === "unreadable") {
                    walk(layer + 1, 0);
                }
            }
            if (!must) {
                walk(layer, position + 1);
            }
        }
    };
    walk(0, 0);
    return found;
}

describe("first-match layers", () => {
    it("decide every packet as walking the rules one by one does, whatever is in doubt", () => {
        fc.assert(
            fc.property(someLayers, layers => {
                const sketches = new Map(layers.flat().map(sketch => [sketch.rule, sketch]));
                const evaluation = new Evaluation(
                    layers.map(layer => layer.map(({ rule }) => rule)),
                    rule => sketches.get(rule)!.concerns === "everybody",
                    CELLS,
                );
                const own = layers.map((layer, index) =>
                    layer.flatMap(({ rule, concerns }, position): OwnRule[] =>
                        concerns === "others" || evaluation.isShared(index, position)
                            ? []
                            : [{ position, rule, certain: concerns !== "possibly" }],
                    ),
                );
                const { mayAllow, mayDeny } = evaluation.decisionFor(own);
                for (const { service, cell } of POINTS) {
                    const expected = outcomes(layers, service, cell);
                    assert.equal(hasHeader(mayAllow, service, cell), expected.has("allow"), `allow ${service} ${cell}`);
                    assert.equal(hasHeader(mayDeny, service, cell), expected.has("deny"), `deny ${service} ${cell}`);
                }
            }),
            { numRuns: 2000 },
        );
    });
});
