import { Rig } from "./rig";

/**
 * The rig in a process of its own, alone in its namespaces, obeying the tests over Node's channel: each message names a method
 * of the rig and its arguments, and is answered with what it returns or why it failed.
 */
interface Request {
    readonly id: number;
    readonly method: "start" | "setLocks" | "verify" | "leftovers" | "request" | "stop";
    readonly args: readonly unknown[];
}

let rig: Rig | undefined;

process.on("message", (message: Request) => {
    void answer(message).then(
        result => process.send!({ id: message.id, result }),
        (error: unknown) =>
            process.send!({
                id: message.id,
                error: error instanceof Error ? (error.stack ?? error.message) : String(error),
            }),
    );
});
process.on("disconnect", () => process.exit(1));

async function answer({ args, method }: Request): Promise<unknown> {
    if (method === "start") {
        rig = await Rig.start(args[0] as Readonly<Record<string, unknown>>);
        return undefined;
    }
    if (rig === undefined) {
        throw new Error("the rig has not been started");
    }
    const result = await (rig[method] as (...given: unknown[]) => Promise<unknown>).apply(rig, [...args]);
    if (method === "stop") {
        setImmediate(() => process.exit(0));
    }
    return result;
}
