// What an offline plan changes of the SDK's mock runtime (@pulumi/pulumi 3.248). Nothing here touches what a program registers.

/**
 * The SDK says that its mocks take hooks, and they do not (3.248, `runtime/mocks.ts`). None of them is run, so none needs the server
 * on loopback at which an engine would call it.
 */
export function acceptHooks(): void {
    const { getStore } = require("@pulumi/pulumi/runtime/state") as { getStore(): { callbacks: object } };
    getStore().callbacks = {
        registerResourceHook: () => Promise.resolve(),
        awaitStackRegistrations: () => Promise.resolve(),
        shutdown: () => undefined,
    };
}

/**
 * Leaves out what the SDK does for an engine alone, which takes two thirds of the time and memory of a large plan: a stack
 * trace for every promise and every resource, a list of pending promises, and protobuf messages that nobody is sent.
 *
 * @returns puts everything back.
 */
export function withoutEngineWork(): () => void {
    const restores = [withoutEagerTraces(), withoutLeakDetector(), withPlainStructs()];
    return () => restores.forEach(restore => restore());
}

/** V8 formats a trace when it is first looked at, so those of real errors are whole once the plan is made. */
function withoutEagerTraces(): () => void {
    return replaced(Error, "prepareStackTrace", () => "");
}

/** The list is looked at when a process ends, to tell an engine of promises that it would wait for. */
function withoutLeakDetector(): () => void {
    const debuggable = require("@pulumi/pulumi/runtime/debuggable") as {
        debuggablePromise: <T>(promise: Promise<T>) => Promise<T>;
    };
    return replaced(debuggable, "debuggablePromise", promise => promise);
}

interface Struct {
    toJavaScript(): object;
}

/** Mocks answer in this process: the message holds the object itself and not a tree of messages for each of its values. */
function withPlainStructs(): () => void {
    const location = require.resolve("google-protobuf/google/protobuf/struct_pb.js", {
        paths: [require.resolve("@pulumi/pulumi")],
    });
    const { Struct } = require(location) as {
        Struct: { new (): Struct; fromJavaScript(value: object): Struct };
    };
    return replaced(Struct, "fromJavaScript", value => {
        const message = new Struct();
        message.toJavaScript = () => value;
        return message;
    });
}

function replaced<T, K extends keyof T>(owner: T, key: K, value: T[K]): () => void {
    const original = owner[key];
    owner[key] = value;
    return () => void (owner[key] = original);
}
