import { createHash } from "node:crypto";
import { printableIn } from "../../base/printable";
import { type Resource } from "../../base/resource";
import {
    type Claim,
    type ClaimId,
    packetText,
    type Result,
    type Verdict,
    type Witness,
} from "../../containment/verdict";
import { type Provenance } from "../../plan/provenance";

import { type Control, CONTROLS, supported } from "./controls";
import { type Subject, subjectOf } from "./subject";

/** The version of the model that is written; the test has its published schema. */
export const OSCAL_VERSION = "1.2.3";

/**
 * The verdict as assessment results of OSCAL (NIST, "Assessment Results Model"): an observation a claim, a finding a control. What
 * a finding speaks of is an objective of its own, as far as the claims go: nobody is told that a whole control is satisfied.
 *
 * @param time When it was judged, for whoever asks: the caller takes the commit's, so that the same commit gives the same bytes.
 */
export function assessmentResultsOf(
    resources: readonly Resource[],
    given: Verdict,
    provenance: Provenance,
    time: string,
): object {
    // Not the verdict as a whole: whom the guard exempts is found by trying it, when it is asked for.
    const { verdict, claims, assumptions, residualRisks } = printableIn({
        verdict: given.verdict,
        claims: given.claims,
        assumptions: given.assumptions,
        residualRisks: given.residualRisks,
    });
    const subject = printableIn(subjectOf(resources, provenance));
    const uuid = uuids(`${subject.sha256} ${subject.commit ?? ""} ${provenance.version} ${time}`);
    const plan = uuid("assessment plan");
    const results = new Map(claims.map(({ id, result }) => [id, result]));
    return {
        "assessment-results": {
            uuid: uuid("document"),
            metadata: {
                title: `Containment of egress: ${subject.name}`,
                "last-modified": time,
                version: subject.commit ?? "no commit",
                "oscal-version": OSCAL_VERSION,
                remarks:
                    "Times are those of the last commit, so that the same tree gives the same bytes; whoever signs says when.",
            },
            "import-ap": { href: `#${plan}` },
            "local-definitions": { "objectives-and-methods": CONTROLS.map(control => objective(control, claims)) },
            results: [
                {
                    uuid: uuid("result"),
                    title: `Verdict: ${verdict}`,
                    description: `Judged by egress-gateway ${provenance.version} from ${subject.sources.join(", ")}.`,
                    start: time,
                    props: [property("resources-sha256", subject.sha256), ...commitOf(subject)],
                    "local-definitions": {
                        "inventory-items": subject.urns.map(urn => ({ uuid: uuid(urn), description: urn })),
                    },
                    "reviewed-controls": {
                        "control-selections": [
                            { "include-controls": CONTROLS.map(control => ({ "control-id": controlId(control) })) },
                        ],
                        "control-objective-selections": [
                            {
                                "include-objectives": CONTROLS.map(control => ({
                                    "objective-id": objectiveId(control),
                                })),
                            },
                        ],
                    },
                    observations: claims.map(claim => observation(claim, uuid, time)),
                    findings: CONTROLS.map(control => finding(control, results, uuid)),
                    remarks: [
                        ...assumptions.map(text => `Assumed: ${text}`),
                        ...residualRisks.map(text => `Residual risk: ${text}`),
                    ].join("\n\n"),
                },
            ],
            "back-matter": {
                resources: [
                    {
                        uuid: plan,
                        title: `egress-gateway ${provenance.version}: the claims C1 to C5, decided over registered resources`,
                    },
                ],
            },
        },
    };
}

type Uuid = (name: string) => string;

/** Name-based (RFC 9562, version 5): the same evidence has the same identifiers. */
function uuids(namespace: string): Uuid {
    return name => {
        const hex = createHash("sha1").update(`${namespace} ${name}`).digest("hex");
        const variant = "89ab"[Number.parseInt(hex[16]!, 16) % 4]!;
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    };
}

function property(name: string, value: string): object {
    return { name, ns: "urn:egress-gateway", value };
}

function commitOf({ commit }: Subject): object[] {
    return commit === undefined ? [] : [property("git-commit", commit)];
}

/** As NIST's own catalogue spells its controls (`sc-7.5`); PCI has no catalogue, and is named by its standard. */
function controlId({ framework, id }: Control): string {
    return framework.startsWith("NIST")
        ? id.toLowerCase().replace(/\((\d+)\)/, ".$1")
        : `${framework} ${id}`.toLowerCase().replaceAll(" ", "-");
}

function objectiveId(control: Control): string {
    return `${controlId(control)}_egress-gateway`;
}

function objective(control: Control, claims: readonly Claim[]): object {
    const prose = claims
        .filter(({ id }) => control.claims.includes(id))
        .map(({ id, statement }) => `${id}: ${statement}`);
    return {
        "control-id": controlId(control),
        description: `${control.framework} ${control.id}, ${control.title} Not shown: ${control.notShown}`,
        parts: [
            {
                id: objectiveId(control),
                name: "assessment-objective",
                prose: prose.length === 0 ? "Not judged." : prose.join("\n\n"),
            },
        ],
    };
}

function observation({ id, statement, result, reasons, witnesses }: Claim, uuid: Uuid, time: string): object {
    const deciding = [
        ...new Set(witnesses.flatMap(({ hops }) => hops.flatMap(({ resource }) => resource ?? []))),
    ].sort();
    return {
        uuid: uuid(id),
        title: `${id} ${result}`,
        description: [statement, ...reasons, ...witnesses.map(witnessText)].join("\n\n"),
        methods: ["TEST"],
        types: ["control-objective"],
        ...(deciding.length === 0
            ? {}
            : { subjects: deciding.map(urn => ({ "subject-uuid": uuid(urn), type: "inventory-item", title: urn })) }),
        collected: time,
    };
}

function witnessText({ source, packet, hops, remedy }: Witness): string {
    const way = hops.map(({ at, decision }) => `${at}: ${decision}`).join("; ");
    return `${source}${packet === undefined ? "" : ` → ${packetText(packet)}`}: ${way}. Remedy: ${remedy}`;
}

function finding(control: Control, results: ReadonlyMap<ClaimId, Result>, uuid: Uuid): object {
    const state = supported(control.claims, results);
    const judged = control.claims.filter(id => results.has(id));
    return {
        uuid: uuid(objectiveId(control)),
        title: `${control.framework} ${control.id}: ${state}`,
        description: `${control.title} Not shown: ${control.notShown}`,
        target: {
            type: "objective-id",
            "target-id": objectiveId(control),
            status: {
                state: state === "supported" ? "satisfied" : "not-satisfied",
                reason: { supported: "pass", contradicted: "fail", "cannot be told": "other" }[state],
            },
        },
        ...(judged.length === 0
            ? {}
            : { "related-observations": judged.map(id => ({ "observation-uuid": uuid(id) })) }),
    };
}
