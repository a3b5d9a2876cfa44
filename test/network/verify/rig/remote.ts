import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import { type VerifyRun } from "./rig";

const ROOT = path.resolve(__dirname, "..", "..", "..", "..");

/** The rig, as tests see it: a process that is alone in network, mount and process namespaces of its own. */
export class RemoteRig {
    private next = 0;
    private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();

    private constructor(private readonly child: ChildProcess) {
        child.on("message", ({ error, id, result }: { id: number; result?: unknown; error?: string }) => {
            const call = this.waiting.get(id);
            this.waiting.delete(id);
            if (error === undefined) {
                call?.resolve(result);
            } else {
                call?.reject(new Error(error));
            }
        });
        child.once("exit", code =>
            this.waiting.forEach(({ reject }) => reject(new Error(`the rig ended with ${code}`))),
        );
    }

    /** @param settings of the dev stack that are others */
    static async start(settings: Readonly<Record<string, unknown>> = {}): Promise<RemoteRig> {
        const script = [path.join(ROOT, "dev", "run.cjs"), path.join(__dirname, "main.ts")];
        const child = spawn(
            "unshare",
            ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", process.execPath, ...script],
            {
                cwd: ROOT,
                stdio: ["ignore", "inherit", "inherit", "ipc"],
            },
        );
        const rig = new RemoteRig(child);
        await rig.call("start", settings);
        return rig;
    }

    /** Makes the world what the plan would make it without these locks. */
    async setLocks(removed: readonly string[]): Promise<void> {
        await this.call("setLocks", removed);
    }

    /** Runs the command; with `interruptAfter`, sends SIGINT as soon as it has printed that. */
    async verify(args: readonly string[], interruptAfter?: string): Promise<VerifyRun> {
        return (await this.call("verify", args, interruptAfter)) as VerifyRun;
    }

    async leftovers(): Promise<string[]> {
        return (await this.call("leftovers")) as string[];
    }

    async request(
        method: string,
        requestPath: string,
        body?: unknown,
        contentType?: string,
    ): Promise<{ status: number; body: unknown }> {
        return (await this.call("request", method, requestPath, body, contentType)) as {
            status: number;
            body: unknown;
        };
    }

    async stop(): Promise<void> {
        await this.call("stop");
        this.child.disconnect();
    }

    private call(method: string, ...args: unknown[]): Promise<unknown> {
        const id = this.next++;
        return new Promise((resolve, reject) => {
            this.waiting.set(id, { resolve, reject });
            this.child.send({ id, method, args });
        });
    }
}
