import { printableIn } from "../base/printable";
import { type PreflightCheck, type CheckResult } from "../live/preflight/check";
import { colours as pc } from "./colours";

const MARKS: Readonly<Record<CheckResult, string>> = {
    agrees: pc.green("ok  "),
    contradicts: pc.red("NO  "),
    attention: pc.yellow("note"),
    unreadable: pc.yellow("?   "),
};

/** What agrees in one line each, and what contradicts last: people look at the end. */
export function preflightReport(given: readonly PreflightCheck[]): string {
    const checks = printableIn(given);
    const order: readonly CheckResult[] = ["agrees", "attention", "unreadable", "contradicts"];
    const sorted = [...checks].sort((a, b) => order.indexOf(a.result) - order.indexOf(b.result));
    if (checks.length === 0) {
        return "Nothing was checked: what the stack has was left out (--no-google, --no-cluster), or lies outside Google.";
    }
    const count = (result: CheckResult): number => checks.filter(check => check.result === result).length;
    return [
        ...sorted.map(lines),
        "",
        `${count("agrees")} agree, ${count("contradicts")} contradict, ${count("attention")} to note, ${count("unreadable")} could not be read`,
    ].join("\n");
}

function lines({ expected, found, remedy, result, subject }: PreflightCheck): string {
    return result === "agrees"
        ? `  ${MARKS[result]}  ${subject}: ${found}`
        : [
              `  ${MARKS[result]}  ${pc.bold(subject)}: ${found}`,
              `        expected: ${expected}`,
              ...(remedy === undefined ? [] : [`        ${remedy}`]),
          ].join("\n");
}
