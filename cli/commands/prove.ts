import { printableJson } from "../../base/printable";
import { InputError } from "../../base/problem";
import { CLAIMS, type ProofOptions, prove as proveContainment } from "../../containment/prove";
import { type ClaimId, type Verdict } from "../../containment/verdict";
import { type Resource } from "../../containment/resource";
import { WorldError } from "../../containment/world/inputs";
import {
    DEFAULT_STACK,
    evidence,
    type Evidence,
    evidenceWithAccounts,
    type EvidenceOptions,
} from "../../plan/evidence";
import { Places } from "../../plan/places";
import { type Provenance, provenanceOf, timeOfCommit } from "../../plan/provenance";
import { type LiveOptions } from "./deployed";
import { verdictJunit } from "../evidence/junit";
import { verdictMetrics } from "../evidence/metrics";
import { assessmentResultsOf } from "../evidence/oscal";
import { sarifOf } from "../evidence/sarif";
import { statementOf } from "../evidence/statement";
import { answer, exitOf, sayData, writeBeside } from "../output";
import { verdictReport } from "../verdictReport";

export interface ProveOptions extends EvidenceOptions, LiveOptions {
    /** Judge what is deployed. */
    readonly live?: boolean;
    /** Separated by commas, for example `C1,C3`. */
    readonly claims?: string;
    readonly gatewayPool?: readonly string[];
    readonly gatewayNamespace?: string;
    readonly json?: boolean;
    readonly evidence?: keyof typeof EVIDENCE;
    /** Files. */
    readonly sarif?: string;
    readonly junit?: string;
    readonly metrics?: string;
}

// `npm run docs` makes `schemas/verdict.json` of these types.
/** A verdict, as `egress-gateway prove --json` prints it. */
export interface ProofJson extends Verdict {
    readonly provenance: Provenance;
    /** With `--with` alone: what had to be assumed without the other stacks, and is shown by them. */
    readonly settled?: readonly string[];
}

export async function prove(options: ProveOptions): Promise<void> {
    const began = Date.now();
    const asked = askedOf(options);
    const { resources, accounts, cluster } = await evidenceOf(options);
    const verdict = proveContainment(resources, { ...asked, gateway: { cluster, ...asked.gateway } });
    const provenance = provenanceOf(options, resources, new Date(), accounts);
    if (options.sarif !== undefined) {
        const places = new Places(options, resources);
        const log = sarifOf(resources, verdict, provenance, urns => places.of(urns));
        writeBeside(options.sarif, `${printableJson(log)}\n`);
    }
    if (options.junit !== undefined) {
        writeBeside(options.junit, verdictJunit(verdict, provenance, (Date.now() - began) / 1000));
    }
    if (options.metrics !== undefined) {
        writeBeside(options.metrics, verdictMetrics(verdict, provenance));
    }
    const settled =
        options.with === undefined || options.live === true ? [] : await assumptionsSettled(verdict, options, asked);
    if (options.evidence === undefined) {
        const told: ProofJson = { provenance, ...verdict, ...(options.with === undefined ? {} : { settled }) };
        answer(options.json, told, () => verdictReport(verdict, { settled, provenance }));
    } else {
        sayData(printableJson(EVIDENCE[options.evidence](resources, verdict, provenance)));
    }
    process.exitCode = exitOf(verdict.verdict);
}

/** Of what will be, or of what is; of that the stack says which cluster is meant. */
async function evidenceOf(options: ProveOptions): Promise<Evidence & { readonly cluster?: string }> {
    if (options.live !== true) {
        return evidenceWithAccounts(options);
    }
    // Files are judged without the SDK, which settings need.
    const { deployedEvidence } = require("./deployed") as typeof import("./deployed");
    return deployedEvidence({ ...options, stack: options.stack ?? DEFAULT_STACK });
}

/** The forms that a verdict can be filed in. */
const EVIDENCE = {
    "in-toto": statementOf,
    oscal: (resources: readonly Resource[], verdict: Verdict, provenance: Provenance) =>
        assessmentResultsOf(resources, verdict, provenance, timeOfCommit(provenance)),
} as const;

/** @throws InputError for a claim that there is not */
function askedOf({ claims, gatewayPool, gatewayNamespace, cluster }: ProveOptions): ProofOptions {
    const ids = claims?.split(",").map(id => id.trim().toUpperCase());
    const wrong = ids?.filter(id => !CLAIMS.includes(id as ClaimId)) ?? [];
    if (wrong.length > 0) {
        throw new InputError("no such claim", [
            {
                path: "--claims",
                given: claims!,
                expected: `some of ${CLAIMS.join(", ")}, separated by commas`,
                remedy: `${wrong.map(id => (id === "" ? "an empty name" : id)).join(", ")} is none of them.`,
            },
        ]);
    }
    return {
        ...(ids === undefined ? {} : { claims: ids as ClaimId[] }),
        gateway: {
            ...(gatewayPool === undefined ? {} : { pools: gatewayPool }),
            ...(gatewayNamespace === undefined ? {} : { namespace: gatewayNamespace }),
            ...(typeof cluster === "string" ? { cluster } : {}),
        },
    };
}

/** What had to be assumed without the other stacks, and is shown by them. */
async function assumptionsSettled(verdict: Verdict, options: ProveOptions, asked: ProofOptions): Promise<string[]> {
    let alone: Verdict;
    try {
        alone = proveContainment(await evidence({ ...options, with: [] }), asked);
    } catch (error) {
        // A pool or cluster that was named may be the other stack's: without it there is nothing to compare with.
        if (error instanceof WorldError) {
            return [];
        }
        throw error;
    }
    return alone.assumptions.filter(assumption => !verdict.assumptions.includes(assumption));
}
