import * as assert from "node:assert/strict";
import { ReaderError, readResources } from "../../containment/readers";
import { UNKNOWN } from "../../containment/resource";
import { B3 } from "./worlds/threeLocks";

const resource = (name: string, inputs: unknown = {}, more: object = {}): object => ({
    urn: `urn:pulumi:dev::p::t:m:T::${name}`,
    type: "t:m:T",
    inputs,
    ...more,
});
const step = (op: string, name: string, inputs: unknown = {}): object => ({
    op,
    urn: `urn:pulumi:dev::p::t:m:T::${name}`,
    newState: resource(name, inputs),
});

function read(document: unknown) {
    return readResources(JSON.stringify(document));
}

describe("reading resources", () => {
    it("takes a plan as it is", () => {
        assert.deepEqual(read({ stack: "dev", resources: B3, outputs: {}, verdict: {} }), B3);
    });

    it("takes what a preview leaves behind: created, updated, unchanged and replaced, and not what it deletes", () => {
        const preview = {
            steps: [
                step("same", "a"),
                step("create", "b"),
                step("update", "c", { v: 2 }),
                { ...step("delete", "d"), oldState: resource("d"), newState: undefined },
                step("create-replacement", "e", { v: 1 }),
                step("replace", "e", { v: 1 }),
                { op: "delete-replaced", urn: "x", oldState: resource("e") },
            ],
            changeSummary: { same: 1, create: 1 },
        };
        assert.deepEqual(
            read(preview).map(({ name, inputs }) => [name, inputs]),
            [
                ["a", {}],
                ["b", {}],
                ["c", { v: 2 }],
                ["e", { v: 1 }],
            ],
        );
    });

    it("takes a state without what waits for deletion, with both kinds of dependencies", () => {
        const state = {
            version: 3,
            deployment: {
                resources: [
                    resource("a"),
                    resource("old", {}, { delete: true }),
                    resource(
                        "b",
                        {},
                        {
                            dependencies: ["urn:a"],
                            propertyDependencies: { network: ["urn:a", "urn:c"] },
                            parent: "urn:p",
                            protect: true,
                            provider: "urn:q::1",
                        },
                    ),
                ],
            },
        };
        const [, b] = read(state);
        assert.deepEqual(
            read(state).map(({ name }) => name),
            ["a", "b"],
        );
        assert.deepEqual(b, {
            urn: "urn:pulumi:dev::p::t:m:T::b",
            type: "t:m:T",
            name: "b",
            parent: "urn:p",
            inputs: {},
            dependsOn: ["urn:a", "urn:c"],
            protect: true,
            provider: "urn:q::1",
        });
    });

    it("unwraps secrets that can be read, and takes what cannot be read for not known", () => {
        const secret = (more: object): object => ({
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            ...more,
        });
        const inputs = {
            plain: secret({ plaintext: '{"a":[1,true]}' }),
            encrypted: secret({ ciphertext: "v1:abc" }),
            blotted: "[secret]",
            output: { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", value: "v" },
            unknownOutput: { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" },
            unknownNumber: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
            list: ["x", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"],
        };
        assert.deepEqual(read({ resources: [resource("a", inputs)] })[0]!.inputs, {
            plain: { a: [1, true] },
            encrypted: UNKNOWN,
            blotted: UNKNOWN,
            output: "v",
            unknownOutput: UNKNOWN,
            unknownNumber: UNKNOWN,
            list: ["x", UNKNOWN],
        });
    });

    const whole = JSON.stringify({ stack: "dev", resources: B3 });
    for (const [what, text, because] of [
        ["a file that is cut off", whole.slice(0, whole.length / 2), /ends in the middle.*cut off/],
        ["text that is no JSON", "error: no stack selected", /not JSON/],
        ["an empty file", "", /not JSON/],
        ["a list", "[]", /JSON that is a list, expected an object/],
        [
            "JSON of something else",
            '{"Records": [], "kind": "List"}',
            /keys Records, kind, expected a plan.*--show-sames.*stack export/,
        ],
        ["an empty plan", '{"resources": []}', /the plan has no resources/],
        ["an empty state", '{"version": 3, "deployment": {"manifest": {}}}', /the state export has no resources/],
        ["a preview of nothing", '{"steps": []}', /the preview has no resources/],
        [
            "a preview that hides what does not change",
            JSON.stringify({ steps: [step("create", "a")], changeSummary: { create: 1, same: 7 } }),
            /counts 7 unchanged resources and shows 0.*--show-sames/,
        ],
        [
            "a preview that failed",
            JSON.stringify({
                steps: [step("create", "a")],
                diagnostics: [{ severity: "error", message: "error: boom\nmore" }],
            }),
            /ended with an error: error: boom; expected a preview that ran to its end/,
        ],
        [
            "a state in the middle of an update",
            JSON.stringify({ deployment: { resources: [resource("a")], pending_operations: [{}] } }),
            /1 operations that were interrupted.*pulumi refresh/,
        ],
        ["a resource without a type", '{"resources": [{"urn": "urn:x"}]}', /resources\[0\] has no "urn" and "type"/],
        [
            "inputs that are no object",
            JSON.stringify({ resources: [resource("a", [1])] }),
            /resources\[0\].*inputs that are no object/,
        ],
    ] as const) {
        it(`refuses ${what}`, () => {
            assert.throws(
                () => readResources(text),
                (error: unknown) => error instanceof ReaderError && because.test(error.message),
            );
        });
    }
});
