import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { equal, has, intersect, type Intervals, subtract, union, unionOf } from "../../../containment/kernel/intervals";

const SIZE = 24;
const someIntervals = fc
    .array(fc.tuple(fc.nat(SIZE), fc.nat(SIZE)), { maxLength: 6 })
    .map(list => ({ list, set: unionOf(list), members: new Set(list.flatMap(([from, to]) => numbers(from, to))) }));

function numbers(from: number, to: number): number[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function members(set: Intervals): number[] {
    return numbers(0, SIZE).filter(point => has(set, point));
}

describe("interval sets of integers", () => {
    it("have exactly the members of the intervals they were made of", () => {
        fc.assert(
            fc.property(someIntervals, ({ set, members: expected }) =>
                assert.deepEqual(
                    members(set),
                    numbers(0, SIZE).filter(n => expected.has(n)),
                ),
            ),
        );
    });

    it("are equal lists exactly when they have the same members", () => {
        fc.assert(
            fc.property(someIntervals, someIntervals, (a, b) =>
                assert.equal(
                    equal(a.set, b.set),
                    numbers(0, SIZE).every(n => a.members.has(n) === b.members.has(n)),
                ),
            ),
        );
    });

    for (const [name, operation, law] of [
        ["union", union, (a: boolean, b: boolean) => a || b],
        ["intersect", intersect, (a: boolean, b: boolean) => a && b],
        ["subtract", subtract, (a: boolean, b: boolean) => a && !b],
    ] as const) {
        it(`${name} decides every integer as the sets' members say, in canonical form`, () => {
            fc.assert(
                fc.property(someIntervals, someIntervals, (a, b) => {
                    const result = operation(a.set, b.set);
                    const expected = numbers(0, SIZE).filter(n => law(a.members.has(n), b.members.has(n)));
                    assert.deepEqual(members(result), expected);
                    assert.deepEqual(result, unionOf(expected.map(n => [n, n + 1])));
                }),
            );
        });
    }

    it("finds the part of a long list that a short one meets", () => {
        const long = unionOf(numbers(0, 1000).map(n => [n * 10, n * 10 + 5]));
        assert.deepEqual(intersect(long, [4012, 4032]), [4012, 4015, 4020, 4025, 4030, 4032]);
        assert.deepEqual(intersect([4012, 4032], long), [4012, 4015, 4020, 4025, 4030, 4032]);
        assert.deepEqual(intersect(long, [4005, 4010]), []);
    });
});
