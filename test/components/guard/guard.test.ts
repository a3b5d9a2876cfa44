import assert from "node:assert/strict";
import { compileGuard } from "../../../components/guard/compile";
import { Guard } from "../../../components/guard/guard";
import { catalogueSettings } from "../../../attacks";
import { registered } from "../registered";

describe("Guard", () => {
    it("registers every object it compiles, under itself, as the class that policies know", async () => {
        const objects = compileGuard(catalogueSettings);
        const resources = await registered(() => void new Guard("guard", catalogueSettings), true);
        const children = resources.filter(({ parent }) => parent === "Guard guard");
        const byName = <T extends { name: string; type: string }>(list: readonly T[]) =>
            [...list].sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
        assert.deepEqual(
            byName(children.map(({ type, name, inputs }) => ({ type, name, spec: inputs["spec"] }))),
            byName(
                objects.map(({ kind, metadata, spec }) => ({
                    type: `kubernetes:admissionregistration.k8s.io/v1:${kind}`,
                    name: metadata.name,
                    spec,
                })),
            ),
        );
    });

    it("shows its exemptions as inputs of its own, where the proof and the policies read them", async () => {
        const resources = await registered(() => void new Guard("guard", catalogueSettings), true);
        const guard = resources.find(({ type }) => type === "egress-gateway:guard:Guard")!;
        assert.deepEqual(guard.inputs["exemptNamespaces"], catalogueSettings.exemptNamespaces);
        assert.deepEqual(guard.inputs["exemptUsers"], catalogueSettings.exemptUsers);
        assert.equal(guard.inputs["breakGlassGroup"], catalogueSettings.breakGlassGroup);
    });
});
