import { accessSync, constants, existsSync, fstatSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { clearLine, cursorTo } from "node:readline";
import { printable, printableJson } from "../base/printable";
import { UserError } from "../base/problem";
import { type Verdict } from "../containment/verdict";
import { wrapped } from "./wrap";

/** Exit codes of every command. Bad input is a case of "cannot tell". */
export const EXIT = { holds: 0, doesNotHold: 1, cannotTell: 2 } as const;

/** Exit code of a proof. */
export function exitOf(verdict: Verdict["verdict"]): number {
    return { contained: EXIT.holds, violated: EXIT.doesNotHold, unknown: EXIT.cannotTell }[verdict];
}

/** Colours are the only escape sequences that a report may hold (ECMA-48, SGR). */
// eslint-disable-next-line no-control-regex
const COLOUR = /(\u001b\[\d{1,2}m)/;

/** A report, on the one way to a person's eyes: as wide as the terminal, and nothing but colours acts on it. */
export function say(text: string): void {
    const columns = terminalColumns();
    sayData(columns === undefined ? text : wrapped(text, columns));
}

/** An answer for machines as JSON, or for people as a report. */
export function answer<T>(json: boolean | undefined, data: T, report: (data: T) => string): void {
    if (json === true) {
        sayData(printableJson(data));
    } else {
        say(report(data));
    }
}

/** Text that others read line by line: JSON, YAML, Markdown. It is not wrapped; nothing but colours acts on a terminal either. */
export function sayData(text: string): void {
    told();
    if (file === undefined) {
        write(1, process.stdout, text);
    } else {
        intoFile(`${onlyColours(text)}\n`);
    }
}

/** A file that is no text for a terminal: it is written as it is, and its writer has escaped what is in it. */
export function sayExactly(text: string): void {
    told();
    if (file === undefined) {
        writeWhole(1, text);
    } else {
        intoFile(text);
    }
}

/** Where reports go, if not to standard output; opened by the first of them, so that a failure leaves what was there. */
let file: string | undefined;
let opened: number | undefined;

/**
 * From now on reports go into a file.
 *
 * @param path undefined: to standard output again
 * @throws UserError when it cannot be written
 */
export function sayInto(path: string | undefined): void {
    if (path === undefined) {
        [file, opened] = [undefined, undefined];
        return;
    }
    try {
        accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    } catch (error) {
        throw new UserError(`the output could not be written: ${(error as Error).message}`);
    }
    file = path;
}

/**
 * Writes a report of another form beside what is told to people.
 *
 * @throws UserError when it cannot be written
 */
export function writeBeside(path: string, text: string): void {
    try {
        writeFileSync(path, text);
    } catch (error) {
        throw new UserError(printable(`${path} could not be written: ${(error as Error).message}`));
    }
}

function intoFile(text: string): void {
    try {
        opened ??= openSync(file!, "w");
    } catch (error) {
        throw new UserError(`the output could not be written: ${(error as Error).message}`);
    }
    writeWhole(opened, text);
}

/** Columns of the terminal that reports go to; `undefined` where they go to a file or a pipe, which has none. */
export function terminalColumns(): number | undefined {
    return file === undefined && process.stdout.isTTY === true ? process.stdout.columns : undefined;
}

/** The same on standard error. */
export function complain(text: string): void {
    told();
    write(2, process.stderr, text);
}

/** Called before the next output, whichever way it takes. */
let once: () => void = () => undefined;

/** Says on a terminal that something is at work until the first line of an answer; large stacks take minutes. */
export function working(what: string): void {
    if (process.stderr.isTTY !== true || process.env["CI"] !== undefined) {
        return;
    }
    process.stderr.write(`${what}: at work …`);
    once = () => {
        clearLine(process.stderr, 0);
        cursorTo(process.stderr, 0);
    };
}

/** Says how far it has come, in the place of what {@link working} said; nothing where nobody watches. */
export function workingStill(how: string): void {
    if (process.stderr.isTTY === true && process.env["CI"] === undefined) {
        once();
        process.stderr.write(printable(how));
    }
}

function told(): void {
    once();
    once = () => undefined;
}

function write(descriptor: number, stream: NodeJS.WriteStream, text: string): void {
    const harmless = `${onlyColours(text)}\n`;
    const stat = fstatSync(descriptor);
    if (stream.isTTY === true || stat.isFIFO() || stat.isSocket()) {
        stream.write(harmless);
        return;
    }
    writeWhole(descriptor, harmless);
}

/** Into a file, a stream may write a part and say nothing. */
function writeWhole(descriptor: number, text: string): void {
    const bytes = Buffer.from(text);
    try {
        for (let written = 0; written < bytes.length;) {
            written += writeSync(descriptor, bytes, written);
        }
    } catch (error) {
        throw new UserError(`the output could not be written: ${(error as Error).message}`);
    }
}

/** Text of several lines in which nothing acts on a terminal but colours. */
export function onlyColours(text: string): string {
    return text.split("\n").map(line).join("\n");
}

function line(text: string): string {
    return text
        .split(COLOUR)
        .map((part, index) => (index % 2 === 1 ? part : printable(part)))
        .join("");
}
