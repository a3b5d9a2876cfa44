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

    it("takes what an update leaves behind in the cloud: retained, abandoned, only read, or deleted by somebody else", () => {
        const left = (op: string, name: string, more: object): object => ({ op, oldState: resource(name, {}, more) });
        const found = read({
            steps: [
                step("same", "a"),
                left("delete", "gone", {}),
                left("delete", "retained", { retainOnDelete: true }),
                left("delete-replaced", "a", { retainOnDelete: true }),
                left("delete", "abandoned", { inputs: { deletionPolicy: "ABANDON" } }),
                left("delete", "deleted", { inputs: { deletionPolicy: "DELETE" } }),
                left("discard", "read", { external: true, outputs: { v: 1 } }),
                left("delete", "with", { deletedWith: "urn:network" }),
                left("remove-pending-replace", "removed", {}),
            ],
        });
        assert.deepEqual(
            found.map(({ name, inputs, doubt }) => [name, inputs, doubt !== undefined]),
            [
                ["a", {}, false],
                ["retained", {}, false],
                ["a", {}, false],
                ["abandoned", { deletionPolicy: "ABANDON" }, false],
                ["read", { v: 1 }, false],
                ["with", {}, true],
                ["removed", {}, true],
            ],
        );
        assert.equal(new Set(found.map(({ urn }) => urn)).size, found.length);
    });

    it("reads what a resource that is only read showed, and keeps the outputs of all", () => {
        const [read1, own] = read({
            deployment: {
                resources: [
                    resource("read", {}, { external: true, id: "9", outputs: { priority: 10 } }),
                    resource("own", { v: 1 }, { outputs: { v: 2, policyId: "7" } }),
                ],
            },
        });
        assert.deepEqual([read1!.inputs, read1!.external, read1!.id], [{ priority: 10 }, true, "9"]);
        assert.deepEqual([own!.inputs, own!.outputs, own!.external], [{ v: 1 }, { v: 2, policyId: "7" }, undefined]);
    });

    it("takes a state with what waits for deletion beside its successor, and with both kinds of dependencies", () => {
        const state = {
            version: 3,
            deployment: {
                resources: [
                    resource("a"),
                    resource("b", {}, { delete: true }),
                    resource("c", {}, { pendingReplacement: true }),
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
        const [, , , b] = read(state);
        assert.deepEqual(
            read(state).map(({ name, doubt }) => [name, doubt !== undefined]),
            [
                ["a", false],
                ["b", true],
                ["c", true],
                ["b", false],
            ],
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
            /resources\[0\].*inputs or outputs that are no object/,
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

describe("reading Kubernetes manifests", () => {
    const POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {hostNetwork: yes}";
    const types = (text: string) => readResources(text).map(({ type, name }) => `${type} ${name}`);

    it("takes several documents, lists of any kind, and JSON, under the type that a program would register", () => {
        assert.deepEqual(
            types(`${POD}\n---\n# nothing\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\n`),
            ["kubernetes:core/v1:Pod shop/a", "kubernetes:apps/v1:Deployment b"],
        );
        assert.deepEqual(types(`apiVersion: v1\nkind: List\nitems:\n- ${POD.replaceAll("\n", "\n  ")}\n`), [
            "kubernetes:core/v1:Pod shop/a",
        ]);
        assert.deepEqual(
            types(
                JSON.stringify({ apiVersion: "apps/v1", kind: "DeploymentList", items: [{ metadata: { name: "b" } }] }),
            ),
            ["kubernetes:apps/v1:Deployment b"],
        );
    });

    it("reads YAML as Kubernetes does", () => {
        assert.equal((readResources(POD)[0]!.inputs["spec"] as { hostNetwork: unknown }).hostNetwork, true);
        const dated = readResources("apiVersion: v1\nkind: Pod\nmetadata: {creationTimestamp: 2026-01-01T00:00:00Z}");
        assert.match(
            String((dated[0]!.inputs["metadata"] as { creationTimestamp: unknown }).creationTimestamp),
            /^2026-01-01T00:00:00/,
        );
    });

    it("says which document is none", () => {
        assert.throws(() => readResources(`${POD}\n---\nname: x\n`), /no apiVersion and kind in document 2/);
        assert.throws(() => readResources("a: [1"), ReaderError);
    });
});
