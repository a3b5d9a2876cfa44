import { printableIn } from "../base/printable";
import { counted, firstOf } from "../base/words";
import { entryLines, type NewEntry, type NewPort } from "../plan/destinationsEdit";
import { type Caller, periodOf } from "../suggest/callers";
import { type Missing } from "../suggest/list";
import { type Suggestion } from "../suggest/suggest";
import { type Unclear } from "../suggest/unclear";
import { type Unused } from "../suggest/usage";
import { colours as pc } from "./colours";
import { section } from "./section";

/** As many of a kind as a person reads; `--json` has them all. */
const LINES_SHOWN = 200;
const CALLERS_SHOWN = 5;

/** What is missing, as entries of a list of destinations, with the evidence as comments. */
export function newEntries(missing: readonly Missing[]): NewEntry[] {
    return missing.map(({ allow, callers, entry, host, ports }) => ({
        host: entry ?? host,
        ports: ports as readonly NewPort[],
        allow,
        comments: [`seen ${when(callers)}: ${told(callers)}`],
    }));
}

/** What logs say of the list, for people: what is missing as YAML, and everything that a person has to decide. */
export function suggestionReport(given: Suggestion, unusedAfterDays: number): string {
    const found = printableIn(given);
    const fresh = found.missing.filter(({ source }) => source === undefined);
    const wider = found.missing.filter(({ source }) => source !== undefined);
    return [
        summary(found),
        ...shown(
            "Not in the list",
            newEntries(fresh)
                .flatMap(entryLines)
                .map(line => `  ${line}`),
        ),
        ...shown("In the list, and not for everybody who calls", wider.map(widerLine)),
        ...shown("Cannot be declared from this", found.unclear.map(unclear)),
        ...shown("Refused meanwhile: nothing is proposed", found.refused.map(unclear)),
        ...shown("Never answered: nothing is proposed", found.failed.map(unclear)),
        ...shown(`Not used for ${unusedAfterDays} days: remove, or say why not`, found.unused?.map(unused) ?? []),
        ...shown(
            "Names that were asked for, and no call to them is shown",
            found.askedOnly.map(({ name, times }) => `  ${name}  ${times}`),
        ),
        ...section(
            "Warnings",
            found.warnings.map(warning => `  ${pc.yellow("!")} ${warning}`),
        ),
    ].join("\n");
}

function summary(found: Suggestion): string {
    const { covered, explained, leftOut, lines, period, unused } = found;
    const left = Object.entries(leftOut).map(([reason, count]) => `${count!.toLocaleString("en")} (${reason})`);
    const number = (count: number): string => count.toLocaleString("en");
    return [
        `${number(lines.calls)} calls to the outside, ${number(lines.questions)} questions for names, ${number(lines.inside)} lines about nothing that leaves` +
            `${period === undefined ? "" : `; ${date(period.first)} to ${date(period.last)}`}.`,
        ...(left.length === 0 ? [] : [`Left out: ${left.join(", ")}.`]),
        `${covered} declared ports are used as declared; ${lack(found)}.`,
        ...(explained.length === 0
            ? []
            : [`${explained.length} addresses of the network's logs are those that proxies reached for names.`]),
        ...(unused === undefined
            ? ["The logs of proxies are of a shorter time than --unused-after: what is not used, they cannot say."]
            : []),
    ].join("\n");
}

function lack({ missing, unclear }: Suggestion): string {
    return missing.length > 0
        ? `${counted(missing.length, "host")} ${missing.length === 1 ? "lacks" : "lack"} something`
        : unclear.length > 0
          ? `nothing that can be declared is missing, and ${unclear.length} ${unclear.length === 1 ? "host or address" : "hosts and addresses"} cannot be`
          : "nothing is missing";
}

function shown(title: string, lines: readonly string[]): string[] {
    const more = lines.length - LINES_SHOWN;
    return section(title, [
        ...lines.slice(0, LINES_SHOWN),
        ...(more > 0 ? [`  and ${more} lines more: --json has them all`] : []),
    ]);
}

function widerLine({ allow, callers, entry, host, ports, source }: Missing): string {
    const parts = [
        ...ports.map(({ number, protocol }) => `${protocol} ${number}`),
        ...allow.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`),
    ];
    return `  ${host}: ${parts.join(", ")}  (${entry === undefined ? "" : `${entry}, `}${source!}; seen ${when(callers)}: ${told(callers)})`;
}

function unclear({ because, callers, what }: Unclear): string {
    return `  ${what}: ${because}${callers.length === 0 ? "" : `; ${told(callers)}, ${when(callers)}`}`;
}

function unused({ host, last, part, source }: Unused): string {
    return `  ${host}${part === undefined ? "" : `, ${part}`}: ${last === undefined ? "no call in these logs" : `last on ${date(last)}`}  (${source})`;
}

function told(callers: readonly Caller[]): string {
    return firstOf(
        callers.map(({ calls, who }) => `${who} ${calls.toLocaleString("en")}`),
        CALLERS_SHOWN,
    );
}

function when(callers: readonly Caller[]): string {
    const period = periodOf(callers);
    if (period === undefined) {
        return "at an unknown time";
    }
    const [first, last] = [date(period.first), date(period.last)];
    return first === last ? first : `${first} to ${last}`;
}

function date(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
}
