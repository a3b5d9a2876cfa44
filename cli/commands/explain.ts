import { printable, printableIn } from "../../base/printable";
import { colours as pc } from "../colours";
import { distance } from "fastest-levenshtein";
import { type Explanation, explanationOf, type Goal, type Origin } from "../../containment/explanation";
import { readDeclarations } from "../../containment/mesh/declared";
import { type Resource } from "../../containment/resource";
import { InputError } from "../../base/problem";
import { goalOf, nameOf, originOf } from "../endpoints";
import { evidence, type EvidenceOptions } from "../../plan/evidence";
import { EXIT, answer, complain } from "../output";
import { hopLines } from "../verdictReport";

export interface ExplainOptions extends Omit<EvidenceOptions, "from"> {
    /** `namespace/serviceAccount`, or a machine. */
    readonly from: string;
    /** `host:port`, or an address with port and protocol; either this or a name. */
    readonly to?: string;
    /** A name that is looked up, `x.evil.example` or `x.evil.example/TXT`. */
    readonly resolve?: string;
    /** A plan, a preview or a state export. */
    readonly file?: string;
    readonly json?: boolean;
}

/** A workload of a namespace that nothing knows may be a slip of the pen; it is answered all the same, as a stranger. */
export function nearMiss(resources: readonly Resource[], origin: Origin): string | undefined {
    const declarations = readDeclarations(resources).filter(one => one !== undefined && "ports" in one);
    if (declarations.length === 0) {
        return undefined;
    }
    const declared = [
        ...new Set(
            declarations
                .flatMap(({ ports }) => ports)
                .flatMap(({ allow }) => allow.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`)),
        ),
    ];
    if (origin.kind === "machine") {
        const own = declared.filter(one => one.startsWith(`${origin.name}/`));
        return own.length === 0
            ? undefined
            : `${origin.name} is a namespace. Did you mean one of its workloads: ${own.join(", ")}?`;
    }
    const asked = `${origin.namespace}/${origin.serviceAccount}`;
    const near = declared.filter(one => distance(one, asked) <= 2);
    if (declared.includes(asked)) {
        return undefined;
    }
    return near.length > 0
        ? `No destination names ${asked}. Did you mean ${near.join(" or ")}?`
        : declared.some(one => one.startsWith(`${origin.namespace}/`))
          ? undefined
          : `No destination names a workload of namespace ${origin.namespace}: it is answered for a stranger.`;
}

/** @throws InputError */
function asked({ to, resolve }: Pick<ExplainOptions, "to" | "resolve">): {
    readonly goal: Goal;
    readonly words: string;
} {
    if (to !== undefined && resolve === undefined) {
        return { goal: goalOf(to), words: to };
    }
    if (resolve !== undefined && to === undefined) {
        return { goal: { kind: "name", name: nameOf(resolve) }, words: `the name ${resolve}` };
    }
    throw new InputError("the question cannot be asked", [
        {
            path: "--to",
            given: to,
            expected: "one question: where to (--to), or a name that is looked up (--resolve)",
            remedy: "For example --to istio.io:443, or --resolve x.evil.example.",
        },
    ]);
}

export async function explain({ from, to, resolve, file, json, ...options }: ExplainOptions): Promise<void> {
    const origin = originOf(from);
    const { goal, words } = asked({ to, resolve });
    const resources = await evidence({ ...options, from: file });
    const hint = nearMiss(resources, origin);
    if (hint !== undefined) {
        complain(hint);
    }
    const explanation = explanationOf(resources, origin, goal);
    answer(json, explanation, told => explanationReport(from, words, told));
    process.exitCode =
        explanation.arrives === undefined ? EXIT.cannotTell : explanation.arrives ? EXIT.holds : EXIT.doesNotHold;
}

export function explanationReport(from: string, to: string, explanation: Explanation): string {
    const { answer, legs } = printableIn(explanation);
    return [
        `${pc.bold(printable(from))} → ${pc.bold(printable(to))}`,
        ...legs.flatMap(({ title, hops }) => [`\n${pc.dim(title)}`, ...hopLines(hops).map(line => `  ${line}`)]),
        `\n${pc.bold(answer)}`,
    ].join("\n");
}
