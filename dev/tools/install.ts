import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Progress, stderrProgress } from "./progress";

/** Puts the wanted file into `folder`, an empty folder made for this call. */
export type Builder = (folder: string) => Promise<void>;

const LOOK_AGAIN_AFTER_MS = 500;
const TELL_EVERY_MS = 30_000;

/**
 * Builds into `destination` unless it is there. What stands at `destination` is always whole: the builder works in a
 * folder beside it, which is renamed at the end. The lock saves a second process the work; if it were ever broken
 * wrongly, the worst outcome is that something is built twice.
 */
export async function installOnce(
    destination: string,
    file: string,
    build: Builder,
    progress: Progress = stderrProgress,
): Promise<"there" | "built"> {
    const wanted = path.join(destination, file);
    fs.mkdirSync(path.dirname(destination), { recursive: true });
    const release = await lock(`${destination}.lock`, () => fs.existsSync(wanted), progress);
    if (release === undefined) {
        return "there";
    }
    removeAbandonedWorkplaces(destination);
    const workplace = fs.mkdtempSync(`${destination}.part-`);
    try {
        await build(workplace);
        if (!fs.existsSync(path.join(workplace, file))) {
            throw new Error(
                `expected the build to leave ${file} in ${workplace}; it left: ${fs.readdirSync(workplace)}`,
            );
        }
        fs.rmSync(destination, { recursive: true, force: true });
        fs.renameSync(workplace, destination);
        return "built";
    } finally {
        fs.rmSync(workplace, { recursive: true, force: true });
        release();
    }
}

/** What a killed process left half-built. Called under the lock, so nobody is working in them. */
function removeAbandonedWorkplaces(destination: string): void {
    const folder = path.dirname(destination);
    const abandoned = fs.readdirSync(folder).filter(name => name.startsWith(`${path.basename(destination)}.part-`));
    abandoned.forEach(name => fs.rmSync(path.join(folder, name), { recursive: true, force: true }));
}

/** Takes the lock, or answers undefined as soon as `isDone` says that nothing is left to do. */
async function lock(file: string, isDone: () => boolean, progress: Progress): Promise<(() => void) | undefined> {
    let toldMs = 0;
    for (;;) {
        if (isDone()) {
            return undefined;
        }
        if (take(file)) {
            return () => fs.rmSync(file, { force: true });
        }
        if (isAbandoned(file)) {
            fs.rmSync(file, { force: true });
            continue;
        }
        if (Date.now() - toldMs > TELL_EVERY_MS) {
            progress.say(`waiting for another process that works on ${path.basename(file, ".lock")} (lock: ${file})`);
            toldMs = Date.now();
        }
        await sleep(LOOK_AGAIN_AFTER_MS);
    }
}

function take(file: string): boolean {
    try {
        fs.writeFileSync(file, `${process.pid} ${os.hostname()}\n`, { flag: "wx" });
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") {
            return false;
        }
        throw error;
    }
}

/** A lock whose process on this machine has ended. Another machine's lock (a shared folder) is never judged. */
function isAbandoned(file: string): boolean {
    try {
        const [pid, host] = fs.readFileSync(file, "utf8").trim().split(" ");
        if (host !== os.hostname() || !Number.isInteger(Number(pid))) {
            return false;
        }
        process.kill(Number(pid), 0);
        return false;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
}
