import { spawnSync } from "node:child_process";

/** Runs a command and answers what it printed. @throws Error with its own words when it fails. */
export function run(file: string, ...args: string[]): string {
    return withInput(undefined, file, ...args);
}

export function withInput(input: string | undefined, file: string, ...args: string[]): string {
    const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: "utf8", input, maxBuffer: 64e6 });
    if (error !== undefined || status !== 0) {
        throw new Error(`${file} ${args.join(" ").slice(0, 200)}: ${error?.message ?? stderr.trim()}`);
    }
    return stdout;
}

export function ip(...words: string[]): void {
    run("ip", ...words.flatMap(part => part.split(" ")));
}

/** Replaces the whole packet filter of a network namespace at once. */
export function packetFilter(namespace: string, ruleset: string): void {
    withInput(`flush ruleset\n${ruleset}`, "ip", "netns", "exec", namespace, "nft", "-f", "-");
}
