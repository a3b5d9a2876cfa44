import * as fs from "node:fs";

/** User and system time of a process (proc(5), `/proc/<pid>/stat`), in ticks of 10 ms. */
export function cpuSecondsOf(pid: number): number {
    const fields = fs
        .readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
}
