import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { Ajv } from "ajv";
import { CONTROLS } from "../../cli/evidence/controls";
import { assessmentResultsOf, OSCAL_VERSION } from "../../cli/evidence/oscal";
import { statementOf } from "../../cli/evidence/statement";
import { CLAIMS, type ProofOptions, prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Provenance } from "../../plan/provenance";
import { planned } from "../program/planned";

const PROVENANCE: Provenance = {
    stacks: ["dev"],
    sources: ["offline plan of Pulumi.dev.yaml"],
    commit: "a".repeat(40),
    version: "0.1.0",
    time: "2027-01-01T00:00:00.000Z",
    resources: 0,
};

/** As the published predicate has it (in-toto/attestation, spec/predicates/test-result.md). */
interface Statement {
    readonly _type: string;
    readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
    readonly predicateType: string;
    readonly predicate: {
        readonly result: string;
        readonly configuration: readonly {
            readonly digest?: { readonly gitCommit: string };
            readonly annotations?: object;
        }[];
        readonly passedTests: readonly string[];
        readonly failedTests: readonly string[];
        readonly resources: readonly string[];
        readonly controls: readonly { readonly id: string; readonly result: string }[];
    };
}

async function evidenceOf(
    change: (resources: readonly Resource[]) => readonly Resource[] = resources => resources,
    provenance: Provenance = PROVENANCE,
): Promise<Statement> {
    const resources = change((await planned("dev")).resources);
    return statementOf(resources, prove(resources), provenance) as Statement;
}

/** Keys written in another order say the same. */
function otherwise(value: unknown): unknown {
    return Array.isArray(value)
        ? value.map(otherwise)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
                Object.entries(value)
                    .toReversed()
                    .map(([key, inner]) => [key, otherwise(inner)]),
            )
          : value;
}

/** The dev stack has neither the DNS lock nor several gateways. */
const CLAIMED = CLAIMS.filter(id => id !== "C6" && id !== "C7");

describe("evidence", function () {
    this.timeout(120_000);

    it("is a statement of in-toto about the judged resources and the commit", async () => {
        const { _type, subject, predicateType, predicate } = await evidenceOf();
        assert.equal(_type, "https://in-toto.io/Statement/v1");
        assert.equal(predicateType, "https://in-toto.io/attestation/test-result/v0.1");
        assert.match(subject[0]!.digest.sha256, /^[0-9a-f]{64}$/);
        assert.equal(predicate.result, "PASSED");
        assert.deepEqual(predicate.passedTests, CLAIMED);
        assert.equal(predicate.configuration[0]?.digest?.gitCommit, PROVENANCE.commit);
        assert.ok(predicate.resources.every(urn => urn.startsWith("urn:pulumi:dev::")));
        assert.ok(predicate.controls.every(({ result }) => result === "supported"));
    });

    it("has the same bytes at another time, and whatever the order of keys and resources", async () => {
        const first = JSON.stringify(await evidenceOf());
        const later = { ...PROVENANCE, time: "2028-01-01T00:00:00.000Z" };
        assert.equal(JSON.stringify(await evidenceOf(all => all, later)), first);
        const turned = await evidenceOf(all => (otherwise(all) as Resource[]).toReversed());
        assert.deepEqual(turned.subject, (JSON.parse(first) as Statement).subject);
    });

    it("is about other resources where one value differs, and names no commit that the tree is not", async () => {
        const changed = await evidenceOf(all =>
            all.map(one =>
                one.type.endsWith(":Router") ? { ...one, inputs: { ...one.inputs, description: "x" } } : one,
            ),
        );
        assert.notDeepEqual(changed.subject, (await evidenceOf()).subject);
        const dirty = await evidenceOf(all => all, { ...PROVENANCE, commit: `${PROVENANCE.commit!}-dirty` });
        assert.equal(dirty.predicate.configuration[0]?.digest, undefined);
    });

    it("contradicts the controls whose claims are violated, and those alone", async () => {
        const { predicate } = await evidenceOf(all =>
            all.filter(({ type }) => !type.endsWith(":ValidatingAdmissionPolicyBinding")),
        );
        assert.equal(predicate.result, "FAILED");
        assert.ok(predicate.failedTests.includes("C2") && !predicate.failedTests.includes("C1"));
        for (const { id, claims } of CONTROLS) {
            const expected = claims.some(claim => predicate.failedTests.includes(claim));
            const told = predicate.controls.find(control => control.id === id)?.result === "contradicted";
            assert.equal(told, expected, id);
        }
        assert.ok(new Set(CONTROLS.flatMap(({ claims }) => claims)).size >= 4);
    });

    it("names no folder of whoever made it", async () => {
        const { predicate } = await evidenceOf(all => all, { ...PROVENANCE, sources: ["/home/somebody/preview.json"] });
        assert.deepEqual(predicate.configuration[0]?.annotations, { sources: ["preview.json"] });
    });
});

const GUARD_BINDING = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding";

interface Results {
    readonly "assessment-results": {
        readonly metadata: { readonly version: string };
        readonly results: readonly [
            {
                readonly "local-definitions": {
                    readonly "inventory-items": readonly { readonly description: string }[];
                };
                readonly observations: readonly {
                    readonly uuid: string;
                    readonly title: string;
                    readonly subjects?: object[];
                }[];
                readonly findings: readonly {
                    readonly title: string;
                    readonly target: { readonly "target-id": string; readonly status: { readonly state: string } };
                    readonly "related-observations"?: readonly { readonly "observation-uuid": string }[];
                }[];
            },
        ];
    };
}

describe("evidence in OSCAL", function () {
    this.timeout(120_000);

    const schema = JSON.parse(
        readFileSync(path.join(__dirname, "fixtures", `oscal-assessment-results-${OSCAL_VERSION}.json`), "utf8"),
    ) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    const TIME = "2027-01-01T00:00:00.000Z";
    const oscalOf = async (
        change: (resources: readonly Resource[]) => readonly Resource[] = resources => resources,
        options: ProofOptions = {},
    ): Promise<Results> => {
        const resources = change((await planned("dev")).resources);
        return assessmentResultsOf(resources, prove(resources, options), PROVENANCE, TIME) as Results;
    };

    const CASES: Readonly<Record<string, () => Promise<Results>>> = {
        "a verdict that holds": oscalOf,
        "one that does not": () => oscalOf(all => all.filter(({ type }) => type !== GUARD_BINDING)),
        "one that cannot be told": () => oscalOf(all => all.filter(({ type }) => !type.endsWith(":NodePool"))),
        "some claims alone": () => oscalOf(all => all, { claims: ["C1"] }),
        "names that somebody else wrote": () =>
            oscalOf(all => all.map(one => ({ ...one, urn: `${one.urn}\u001b[2J\n`, name: `${one.name}\n\u202e` }))),
    };
    for (const [name, results] of Object.entries(CASES)) {
        it(`are results as the published schema has them: ${name}`, async () => {
            assert.ok(validate(await results()), JSON.stringify(validate.errors));
        });
    }

    it("would not pass with a part missing, or an identifier that is none", async () => {
        const text = JSON.stringify(await oscalOf());
        assert.ok(!validate(JSON.parse(text.replace('"import-ap"', '"import-plan"'))));
        assert.ok(!validate(JSON.parse(text.replaceAll(/"uuid":"[0-9a-f]/g, '"uuid":"x'))));
    });

    it("name the commit and every resource, and each finding what was observed", async () => {
        const document = await oscalOf();
        const { metadata, results } = document["assessment-results"];
        const [{ observations, findings, "local-definitions": local }] = results;
        const urns = (await planned("dev")).resources.map(({ urn }) => urn).sort();
        assert.equal(metadata.version, PROVENANCE.commit);
        assert.deepEqual(
            local["inventory-items"].map(({ description }) => description),
            urns,
        );
        assert.deepEqual(findings.map(({ target }) => [target["target-id"], target.status.state]).slice(-2), [
            ["sc-7.8_egress-gateway", "satisfied"],
            ["sc-7.10_egress-gateway", "satisfied"],
        ]);
        const observed = new Set(observations.map(({ uuid }) => uuid));
        assert.equal(observed.size, CLAIMED.length);
        for (const { "related-observations": related = [] } of findings) {
            assert.ok(related.length > 0 && related.every(one => observed.has(one["observation-uuid"])));
        }
    });

    it("satisfy nothing that is not shown, and name the resources that decided", async () => {
        const document = await CASES["one that does not"]!();
        const [{ observations, findings }] = document["assessment-results"].results;
        const holds = (claim: string) => observations.some(({ title }) => title === `${claim} holds`);
        for (const { id, claims } of CONTROLS) {
            const found = findings.find(({ title }) => title.includes(` ${id}:`))?.target.status.state;
            assert.equal(found, claims.every(holds) ? "satisfied" : "not-satisfied", id);
        }
        assert.ok(!holds("C2") && holds("C1"));
        assert.ok((observations.find(({ title }) => title.startsWith("C2"))?.subjects ?? []).length > 0);
    });

    it("have the same bytes for the same resources", async () => {
        assert.equal(JSON.stringify(await oscalOf()), JSON.stringify(await oscalOf()));
    });
});
