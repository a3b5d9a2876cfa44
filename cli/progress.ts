import { clearLine, cursorTo } from "node:readline";
import { beforeOutput } from "./output";

/** Says on a terminal that something is at work until the first line of an answer; large stacks take minutes. */
export function working(what: string): void {
    if (process.stderr.isTTY !== true || process.env["CI"] !== undefined) {
        return;
    }
    process.stderr.write(`${what}: at work …`);
    beforeOutput(() => {
        clearLine(process.stderr, 0);
        cursorTo(process.stderr, 0);
    });
}
