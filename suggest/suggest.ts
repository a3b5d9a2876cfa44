import { type ContractDestination } from "../contract/egress";
import { Evidence } from "./evidence";
import { gatewaysOf } from "./envoy";
import { compared, type Comparison } from "./list";
import { readLine } from "./line";
import { type LeftOutReason } from "./observation";
import { Pods } from "./pods";
import { type Progress, readRecords } from "./read";
import { spanOf } from "./seen";
import { suggestionWarnings } from "./warnings";

/** What is asked of logs. */
export interface Question {
    /** Files, folders, or `/dev/stdin`. */
    readonly logs: readonly string[];
    /** What `kubectl get pods -A -o json` wrote, at one or several times: who had which address. */
    readonly pods: readonly unknown[];
    readonly declared: readonly ContractDestination[];
    /** Services that are an egress gateway, beside Istio's own. */
    readonly gateways: readonly string[];
    readonly unusedAfterDays: number;
}

/** What logs say of a list of destinations. */
export interface Suggestion extends Comparison {
    readonly warnings: readonly string[];
    /** Times in milliseconds since 1970; absent where no line has any. */
    readonly period?: { readonly first: number; readonly last: number };
    readonly lines: { readonly calls: number; readonly questions: number; readonly inside: number };
    /** Lines that say nothing, by what is wrong with them. */
    readonly leftOut: Readonly<Partial<Record<LeftOutReason, number>>>;
    /** Names that were asked for and that no line shows being called, the most frequent first. */
    readonly askedOnly: readonly { readonly name: string; readonly times: number }[];
}

/** Reads logs once, keeps none of them, and holds what was called against what is declared. */
export async function suggest(question: Question, progress?: Progress): Promise<Suggestion> {
    const pods = new Pods();
    question.pods.forEach(list => pods.add(list));
    const evidence = new Evidence(pods);
    const isGateway = gatewaysOf(question.gateways);
    await readRecords(
        question.logs,
        record => evidence.add(readLine(record, isGateway)),
        why => evidence.add(why),
        progress,
    );
    const comparison = compared(evidence, question.declared, question.unusedAfterDays);
    const { first, last } = spanOf([...evidence.witnesses.values()]);
    return {
        ...comparison,
        warnings: suggestionWarnings(comparison, last),
        ...(Number.isFinite(first) ? { period: { first, last } } : {}),
        lines: evidence.lines,
        leftOut: Object.fromEntries(evidence.leftOut),
        askedOnly: askedOnly(evidence, question.declared),
    };
}

function askedOnly(
    { addresses, demands, questions }: Evidence,
    declared: readonly ContractDestination[],
): Suggestion["askedOnly"] {
    const called = new Set([...[...demands.values()].map(({ host }) => host), ...declared.map(({ host }) => host)]);
    for (const entry of addresses.all.values()) {
        const found = addresses.nameOf(entry);
        if ("name" in found) {
            called.add(found.name);
        }
    }
    return [...questions]
        .filter(([name]) => !called.has(name))
        .map(([name, seen]) => ({ name, times: seen.of("answered") + seen.of("refused") }))
        .toSorted((a, b) => b.times - a.times || (a.name < b.name ? -1 : 1));
}
