/** Tells a person on stderr what takes long, why, and how long it usually takes. */
export interface Progress {
    say(message: string): void;
}

export const stderrProgress: Progress = { say: message => void process.stderr.write(`tools: ${message}\n`) };

const REPEAT_EVERY_MS = 30_000;

/** Runs `work`, repeating the line with the time that has passed for as long as it takes. */
export async function whileTelling<T>(progress: Progress, what: string, work: () => Promise<T>): Promise<T> {
    const startedMs = Date.now();
    const timer = setInterval(() => progress.say(`${what}: ${elapsed(startedMs)} so far`), REPEAT_EVERY_MS);
    try {
        const result = await work();
        progress.say(`${what}: done in ${elapsed(startedMs)}`);
        return result;
    } finally {
        clearInterval(timer);
    }
}

function elapsed(sinceMs: number, nowMs: number = Date.now()): string {
    const seconds = Math.round((nowMs - sinceMs) / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
