import { colours as pc } from "./colours";
import {
    type Claim,
    type Hop,
    type Lock,
    type Packet,
    type Result,
    type Verdict,
    type Witness,
} from "../containment/verdict";
import { table } from "./table";

/** The verdict for people: the claims first, then what breaks them, then what the answer rests on. */
export function verdictReport(verdict: Verdict, settled: readonly string[] = []): string {
    return [
        `${pc.bold("Verdict")}: ${verdictColour(verdict.verdict)}`,
        table(verdict.claims.map(({ id, result, statement }) => [id, resultColour(result), statement])),
        ...verdict.claims.flatMap(claimDetails),
        titled("Locks", "what each claim becomes when this lock alone is taken away", lockMatrix(verdict)),
        titled("Assumptions", "what no given resource shows", bullets(verdict.assumptions)),
        titled("No longer assumed", "the other stacks' resources show it, or say it more exactly", bullets(settled)),
        titled("Residual risks", "what stays open even when every claim holds", bullets(verdict.residualRisks)),
    ]
        .filter(part => part !== "")
        .join("\n");
}

/** The verdict in a few lines, for a plan. */
export function verdictSummary(verdict: Verdict): string {
    const open = verdict.claims.filter(({ result }) => result !== "holds");
    return [
        `  ${verdictColour(verdict.verdict)}: ${verdict.claims.map(({ id, result }) => `${id} ${resultColour(result)}`).join(", ")}`,
        ...open.flatMap(({ id, statement, witnesses, reasons }) => [
            `  ${id}  ${statement}`,
            ...witnesses.slice(0, 1).flatMap(witness => witnessLines(witness).map(line => `    ${line}`)),
            ...reasons.slice(0, 3).map(reason => `      ${reason}`),
        ]),
        `  ${verdict.assumptions.length} assumptions, ${verdict.residualRisks.length} residual risks: \`npm run prove\` lists them, with the locks.`,
    ].join("\n");
}

export function packetText({ protocol, destination, port }: Packet): string {
    const address = destination.includes(":") && port !== undefined ? `[${destination}]` : destination;
    return port === undefined ? `${address} (${protocol})` : `${address}:${port}/${protocol}`;
}

/** One line a hop: where, what was decided, and by which resource. */
export function hopLines(hops: readonly Hop[]): string[] {
    const width = Math.max(0, ...hops.map(({ at }) => at.length));
    return hops.map(({ at, decision, resource }) => {
        const by = resource === undefined ? "" : pc.dim(`  [${shortUrn(resource)}]`);
        return `${at.padEnd(width)}  ${decision}${by}`;
    });
}

/** `type::name` of a URN: what a person needs to find the resource. */
export function shortUrn(urn: string): string {
    const [, , types, ...name] = urn.split("::");
    const type = types?.split("$").pop()?.split(":").pop();
    return type === undefined ? urn : `${type} ${name.join("::")}`;
}

function claimDetails({ id, result, witnesses, reasons }: Claim): string[] {
    if (result === "holds") {
        return [];
    }
    return [
        `\n${pc.bold(id)} ${resultColour(result)}`,
        ...witnesses.flatMap(witness => witnessLines(witness).map(line => `  ${line}`)),
        ...reasons.map(reason => `  ${reason}`),
    ];
}

function witnessLines({ source, packet, hops, remedy }: Witness): string[] {
    return [
        `${pc.red("✗")} ${source}${packet === undefined ? "" : ` → ${packetText(packet)}`}`,
        ...hopLines(hops).map(line => `    ${line}`),
        `    ${pc.dim("remedy")}  ${remedy}`,
    ];
}

function lockMatrix({ locks, claims }: Verdict): string {
    const ids = claims.map(({ id }) => id).filter(id => locks.some(({ without }) => without[id] !== undefined));
    const rows = locks.map(lock => [
        lock.lock,
        ...ids.map(id => resultColour(lock.without[id])),
        pc.dim(lockText(lock)),
    ]);
    return rows.length === 0
        ? ""
        : table(
              rows,
              ["without", ...ids, ""].map(title => pc.dim(title)),
          );
}

function lockText({ description, resources }: Lock): string {
    return resources.length === 0 ? `not there: ${description}` : description;
}

function titled(title: string, explanation: string, body: string): string {
    return body === "" ? "" : `\n${pc.bold(title)} ${pc.dim(`(${explanation})`)}\n${body}`;
}

function bullets(lines: readonly string[]): string {
    return lines.map(line => `  - ${line}`).join("\n");
}

function resultColour(result: Result | undefined): string {
    switch (result) {
        case "holds":
            return pc.green("holds");
        case "violated":
            return pc.red("violated");
        case "unknown":
            return pc.yellow("unknown");
        case undefined:
            return pc.dim("-");
    }
}

function verdictColour(verdict: Verdict["verdict"]): string {
    const paint = { contained: pc.green, violated: pc.red, unknown: pc.yellow }[verdict];
    return pc.bold(paint(verdict));
}
