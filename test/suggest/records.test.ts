import assert from "node:assert/strict";
import fc from "fast-check";
import { type LeftOutReason } from "../../suggest/observation";
import { Records } from "../../suggest/records";

const MEGABYTE = 1024 * 1024;

function taken(
    bytes: Buffer,
    pieces: readonly number[] = [bytes.length],
): { records: string[]; left: LeftOutReason[] } {
    const records: string[] = [];
    const left: LeftOutReason[] = [];
    const reader = new Records(
        record => records.push(record),
        ({ reason }) => left.push(reason),
    );
    let start = 0;
    for (const piece of [...pieces, bytes.length]) {
        reader.write(bytes.subarray(start, start + piece));
        start = Math.min(bytes.length, start + piece);
    }
    reader.end();
    return { records: records.filter(record => record !== ""), left };
}

describe("records of a log", () => {
    const entries = fc.array(
        fc.record({ a: fc.string({ unit: "grapheme" }), b: fc.array(fc.dictionary(fc.string(), fc.string())) }),
        { maxLength: 6 },
    );
    const pieces = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });

    it("are its lines, however it arrives", () => {
        fc.assert(
            fc.property(entries, pieces, (all, cuts) => {
                const lines = all.map(entry => JSON.stringify(entry));
                assert.deepEqual(taken(Buffer.from(lines.join("\n")), cuts), { records: lines, left: [] });
            }),
        );
    });

    it("are the elements of a JSON array, printed on one line or on many", () => {
        fc.assert(
            fc.property(entries, pieces, fc.constantFrom(undefined, 2), (all, cuts, indent) => {
                const { left, records } = taken(Buffer.from(JSON.stringify(all, undefined, indent)), cuts);
                assert.deepEqual(
                    [records.map(record => JSON.parse(record) as unknown), left],
                    [JSON.parse(JSON.stringify(all)), []],
                );
            }),
        );
    });

    it("are as many as there are good ones, whatever stands between them", () => {
        const text = Buffer.concat([
            Buffer.from("\ufefffirst\n"),
            Buffer.alloc(2 * MEGABYTE, "x"),
            Buffer.from("\nsecond\n"),
            Buffer.from([0xff, 0xfe, 0x41]),
            Buffer.from("\nthird"),
        ]);
        for (const cuts of [[text.length], Array.from({ length: 40 }, () => 64 * 1024), [3, 5, MEGABYTE]]) {
            assert.deepEqual(taken(text, cuts), {
                records: ["first", "second", "third"],
                left: ["longer than 1 MB", "not UTF-8"],
            });
        }
    });

    it("of an array go on behind a text that a line end breaks off", () => {
        assert.deepEqual(taken(Buffer.from('[\n{"a":"x\n},\n{"b":1}\n]')), {
            records: ['{"a":"x\n}', '{"b":1}'],
            left: [],
        });
    });

    it("of an array that is cut off are those that are whole", () => {
        assert.deepEqual(taken(Buffer.from('[{"a":1},{"b":"}]')), { records: ['{"a":1}'], left: ["broken JSON"] });
    });
});
