import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GOOGLE_TYPES, treatmentOf } from "../../containment/world/catalogue";
import { MACHINE_READERS } from "../../containment/world/machineReaders";
import { SERVICE_WAYS } from "../../containment/world/serviceWays";
import { COPIES, GROUP_MANAGERS, GROUP_MEMBERS, VIRTUAL_MACHINES } from "../../containment/world/virtualMachines";
import { FORWARDING } from "../../containment/world/ways";

/** The resource types that the installed provider's SDK can construct. */
function typesOfSdk(): Set<string> {
    const root = dirname(require.resolve("@pulumi/gcp/package.json"));
    const modules = readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory());
    return new Set(
        modules.flatMap(({ name }) => {
            try {
                const text = readFileSync(join(root, name, "index.js"), "utf8");
                return [...text.matchAll(/case "(gcp:\w+\/\w+:\w+)":/g)].map(match => match[1]!);
            } catch {
                return [];
            }
        }),
    );
}

describe("the types of Google's provider", () => {
    const sdk = typesOfSdk();

    it("each have a place, and nothing else has", () => {
        assert.ok(sdk.size > 1400, `${sdk.size} types found: the SDK is laid out differently`);
        const unplaced = [...sdk].filter(type => !GOOGLE_TYPES.has(type));
        assert.deepEqual(unplaced, [], "put each into containment/world/types with its reason");
        // Aliases, which states of older programs still have.
        const former = /^gcp:(serviceAccount\/|compute\/(autoscalar|routerStatus):)/;
        const gone = [...GOOGLE_TYPES.keys()].filter(type => !sdk.has(type) && !former.test(type));
        assert.deepEqual(gone, [], "the SDK has these no more");
    });

    it("that place machines or may be ways out are read, each by somebody", () => {
        const listed = (kind: string): string[] =>
            [...GOOGLE_TYPES].filter(([, treatment]) => treatment.kind === kind).map(([type]) => type);
        const machines = [
            ...Object.keys(MACHINE_READERS),
            ...VIRTUAL_MACHINES,
            ...Object.keys(COPIES),
            ...GROUP_MANAGERS,
            ...Object.keys(GROUP_MEMBERS),
            "gcp:workstations/workstationConfig:WorkstationConfig",
        ];
        assert.deepEqual(listed("source").sort(), machines.sort());
        assert.deepEqual(listed("way").sort(), [...Object.keys(SERVICE_WAYS), ...Object.keys(FORWARDING)].sort());
    });

    it("that nobody has heard of are unknown", () => {
        const type = "gcp:compute/somethingNew:SomethingNew";
        assert.equal(treatmentOf({ urn: "u", type, name: "x", inputs: {}, dependsOn: [] }).kind, "unmodelled");
    });
});
