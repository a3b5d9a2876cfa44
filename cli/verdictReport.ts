import { printableIn } from "../base/printable";
import { counted, firstOf } from "../base/words";
import { shortUrn } from "../base/resource";
import { type Account, type KindCount } from "../containment/account";
import { colours as pc } from "./colours";
import { changesFor, holesOf } from "../containment/holes";
import {
    type Claim,
    type Exemption,
    type FoundPool,
    type GatewayFound,
    type Hop,
    type Lock,
    packetText,
    type Result,
    type Verdict,
    type Witness,
} from "../containment/verdict";
import { OFFLINE_PLAN } from "../plan/evidence";
import { type Provenance } from "../plan/provenance";
import { table } from "./table";

/** What belongs to a verdict and is not decided by it. */
export interface About {
    /** What had to be assumed without other stacks, and is shown by them. */
    readonly settled?: readonly string[];
    readonly provenance?: Provenance;
}

/** The verdict for people: the claims first, then what breaks them, then what the answer rests on. */
export function verdictReport(given: Verdict, about: About = {}): string {
    const verdict = printableIn(given);
    const { settled = [], provenance } = printableIn(about);
    return [
        `${pc.bold("Verdict")}: ${verdictColour(verdict.verdict)}${askedText(verdict)}`,
        ...(provenance === undefined ? [] : provenanceLines(provenance)),
        table(verdict.claims.map(({ id, result, statement }) => [id, resultColour(result), statement])),
        titled("What to change", "what closes most comes first; the ways are below", changeLines(verdict).join("\n")),
        ...verdict.claims.flatMap(claimDetails),
        titled("Gateway", "what the claims are about, and why that", gatewayLines(verdict.gateway).join("\n")),
        titled("Locks", "what each claim becomes when this lock alone is taken away", lockMatrix(verdict)),
        titled("Exemptions", "whom the guard lets pass, and which of its policies", exemptionLines(verdict.exemptions)),
        titled("Assumptions", "what no given resource shows", bullets(verdict.assumptions)),
        titled("No longer assumed", "the other stacks' resources show it, or say it more exactly", bullets(settled)),
        titled("Residual risks", "what stays open even when every claim holds", bullets(verdict.residualRisks)),
    ]
        .filter(part => part !== "")
        .join("\n");
}

function provenanceLines(provenance: Provenance): string[] {
    const { stacks, sources, commit, version, time, resources, accounts = [] } = provenance;
    return [
        `Stack ${stacks.join(", ")}: ${resources} resources from ${sources.join(", ")}.`,
        // Of its own plan nothing is left out.
        ...accounts
            .filter(({ spelling }) => spelling !== OFFLINE_PLAN)
            .flatMap(accountLines)
            .map(line => pc.dim(line)),
        pc.dim(`Commit ${commit ?? "unknown (no git repository)"}, egress-gateway ${version}, judged at ${time}.`),
    ];
}

/** Kinds, and reasons, that a line has place for; the JSON has all. */
const SHOWN = { kinds: 5, reasons: 2 };

export function accountLines({ source, spelling, read, harmless, notRead, leftOut, cannotShow }: Account): string[] {
    const kinds = (counts: readonly KindCount[]): string[] => counts.map(({ kind, count }) => `${count} ${kind}`);
    const firstOf = (list: readonly string[], count: number): string[] =>
        list.length > count ? [...list.slice(0, count), "…"] : [...list];
    const parts: readonly (readonly [string, readonly string[]])[] = [
        ["read", firstOf(kinds(read), SHOWN.kinds)],
        ["not read, so that the verdict is unknown", firstOf(kinds(notRead), SHOWN.kinds)],
        ["move no packets", harmless === 0 ? [] : [String(harmless)]],
        [
            "left out",
            firstOf(
                leftOut.map(({ what, why, count }) => `${count} ${what} (${why})`),
                SHOWN.reasons,
            ),
        ],
        ["such a source cannot show", cannotShow === undefined ? [] : [cannotShow]],
    ];
    return [
        `${source}, ${spelling}`,
        ...parts.filter(([, list]) => list.length > 0).map(([title, list]) => `  ${title}: ${list.join(", ")}`),
    ];
}

function askedText({ asked }: Verdict): string {
    return asked === undefined ? "" : ` (of ${asked.join(", ")} alone: nothing else was judged)`;
}

/** What the answer is about: the first thing to check where it surprises. */
function gatewayLines(found: GatewayFound): string[] {
    const { pools, alike, possible, namespace, gateways, reasons, elsewhere, networksLeftOut = [] } = found;
    const poolLine = ({ name, because, shared }: FoundPool): string =>
        `pool ${name}: ${because}${shared === undefined ? "" : `; not its alone: ${shared}`}`;
    return [
        ...pools.map(pool => `  ${poolLine(pool)}`),
        ...(pools.length === 0
            ? ["  no pool: none is registered, marked or selected by a gateway's workload; --gateway-pool names it"]
            : []),
        ...possible.map(name => `  pool ${name}: it may be the gateway's or not`),
        ...alike.map(({ name, because }) => `  pool ${name} is not the gateway's, but ${because}`),
        ...(gateways === undefined
            ? [
                  namespace === undefined
                      ? "  no namespace: none is registered, and no workload shows it; --gateway-namespace names it"
                      : `  namespace ${namespace.name}: ${namespace.because}`,
              ]
            : gateways.map(
                  each =>
                      `  gateway ${each.name}: namespace ${each.namespace ?? "not shown"}, pool ${each.pools.join(", ") || "not shown"}`,
              )),
        ...reasons.map(reason => `  ${pc.yellow(reason)}`),
        ...(elsewhere.length === 0
            ? []
            : [
                  `  ${elsewhere.length} Kubernetes objects are in other clusters, and left out: ${shortUrn(elsewhere[0]!)}, …`,
              ]),
        ...(networksLeftOut.length === 0
            ? []
            : [
                  `  ${counted(networksLeftOut.length, "network")} left out, as they hold other clusters only: ${firstOf(networksLeftOut, 5)}`,
              ]),
    ];
}

/** Those that the same policies let pass stand together. */
function exemptionLines(exemptions: readonly Exemption[]): string {
    const groups = new Map<string, Exemption[]>();
    for (const exemption of exemptions) {
        const key = `${exemption.kind} ${exemption.from.join(" ")}`;
        groups.set(key, [...(groups.get(key) ?? []), exemption]);
    }
    return [...groups.values()]
        .map(([first, ...others]) => {
            const names = [first!, ...others].map(({ name }) => name).join(", ");
            const policies = first!.from.map(name => name.replace(/^egress-gateway\./, "")).join(", ");
            return `  ${first!.kind}${others.length === 0 ? "" : "s"} ${names}\n    ${pc.dim(policies)}`;
        })
        .join("\n");
}

/** The verdict in a few lines, for a plan. */
export function verdictSummary({ verdict, claims: given, assumptions, residualRisks }: Verdict): string {
    const claims = printableIn(given);
    const open = claims.filter(({ result }) => result !== "holds");
    return [
        `  ${verdictColour(verdict)}: ${claims.map(({ id, result }) => `${id} ${resultColour(result)}`).join(", ")}`,
        ...open.flatMap(({ id, statement, witnesses, reasons }) => [
            `  ${id}  ${statement}`,
            ...holesOf(witnesses)
                .slice(0, 1)
                .flatMap(({ witness }) => witnessLines(witness).map(line => `    ${line}`)),
            ...reasons.slice(0, 3).map(reason => `      ${reason}`),
        ]),
        `  ${assumptions.length} assumptions, ${residualRisks.length} residual risks: \`npm run prove\` lists them, with the locks.`,
    ].join("\n");
}

/** One line a hop: where, what was decided, and by which resource. */
export function hopLines(hops: readonly Hop[]): string[] {
    const width = Math.max(0, ...hops.map(({ at }) => at.length));
    return hops.map(({ at, decision, resource }) => {
        const by = resource === undefined ? "" : pc.dim(`  [${shortUrn(resource)}]`);
        return `${at.padEnd(width)}  ${decision}${by}`;
    });
}

function claimDetails({ id, result, witnesses, reasons }: Claim): string[] {
    if (result === "holds") {
        return [];
    }
    return [
        `\n${pc.bold(id)} ${resultColour(result)}`,
        ...holesOf(witnesses).flatMap(({ witness, alike }) =>
            [...witnessLines(witness), ...alike.map(alikeLine)].map(line => `  ${line}`),
        ),
        ...reasons.map(reason => `  ${reason}`),
    ];
}

export function witnessLines({ source, packet, hops, remedy }: Witness): string[] {
    return [
        `${pc.red("✗")} ${source}${packet === undefined ? "" : ` → ${packetText(packet)}`}`,
        ...hopLines(hops).map(line => `    ${line}`),
        `    ${pc.dim("remedy")}  ${remedy}`,
    ];
}

/** The shortest way to `contained`. */
function changeLines(verdict: Verdict): string[] {
    const changes = changesFor(verdict).map(
        ({ change, closes }, index) =>
            `  ${index + 1}. ${change} ${pc.dim(
                `(${Object.entries(closes)
                    .map(([id, count]) => `${id}: ${count}`)
                    .join(", ")})`,
            )}`,
    );
    const unknown = verdict.claims.filter(({ result }) => result === "unknown").map(({ id }) => id);
    return changes.length === 0 || unknown.length === 0
        ? changes
        : [
              ...changes,
              `  Then ${unknown.join(", ")} can still not be told: the reasons below say what would settle it.`,
          ];
}

function alikeLine(source: string, index: number): string {
    return `    ${pc.dim((index === 0 ? "alike" : "").padEnd("remedy".length))}  ${source}`;
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

export function bullets(lines: readonly string[]): string {
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
