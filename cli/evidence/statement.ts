import { type Resource } from "../../base/resource";
import { type Result, type Verdict } from "../../containment/verdict";
import { type Provenance } from "../../plan/provenance";
import { CONTROLS, supported } from "./controls";
import { subjectOf } from "./subject";

/**
 * The verdict as evidence that can be signed and kept: an in-toto statement (v1) with its predicate for test results (v0.1), whose
 * consumers leave alone what they do not know (in-toto attestation, "parsing rules"). The same resources give the same bytes: no
 * time is in it, for whoever signs says when.
 */
export function statementOf(resources: readonly Resource[], verdict: Verdict, provenance: Provenance): object {
    const { name, sha256, urns, sources, commit } = subjectOf(resources, provenance);
    const results = new Map(verdict.claims.map(({ id, result }) => [id, result]));
    const named = (wanted: Result): string[] =>
        verdict.claims.filter(({ result }) => result === wanted).map(({ id }) => id);
    return {
        _type: "https://in-toto.io/Statement/v1",
        subject: [{ name, digest: { sha256 } }],
        predicateType: "https://in-toto.io/attestation/test-result/v0.1",
        predicate: {
            result: { contained: "PASSED", violated: "FAILED", unknown: "WARNED" }[verdict.verdict],
            configuration: [
                {
                    name: "program and settings",
                    ...(commit === undefined ? {} : { digest: { gitCommit: commit } }),
                    annotations: { sources },
                },
            ],
            passedTests: named("holds"),
            warnedTests: named("unknown"),
            failedTests: named("violated"),
            tool: { name: "egress-gateway", version: provenance.version },
            verdict,
            resources: urns,
            controls: CONTROLS.map(control => ({ ...control, result: supported(control.claims, results) })),
        },
    };
}
