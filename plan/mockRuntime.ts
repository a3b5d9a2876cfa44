import { UNKNOWN } from "../base/resource";
import { SIGNATURE } from "./registrations";

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
 * Leaves out what the SDK does for an engine alone, which takes most of the time and memory of a large plan: a stack trace for
 * every promise and every resource, a list of pending promises, protobuf messages that nobody is sent, promises for each value
 * inside an input, and outputs that nobody looks at.
 *
 * @returns puts everything back.
 */
export function withoutEngineWork(): () => void {
    const restores = [
        withoutEagerTraces(),
        withoutSourcePositions(),
        withoutPreparedErrors(),
        withoutLeakDetector(),
        withPlainStructs(),
        withPlainProperties(),
        withLazyProperties(),
        withLazyOutputs(),
    ];
    return () => restores.forEach(restore => restore());
}

/** V8 formats a trace when it is first looked at, so those of real errors are whole once the plan is made. */
function withoutEagerTraces(): () => void {
    return replaced(Error, "prepareStackTrace", () => "");
}

/** An engine is told where a program makes each resource. */
function withoutSourcePositions(): () => void {
    const { Resource } = require("@pulumi/pulumi/resource") as { Resource: { stackTrace(skip: number): object[] } };
    return replaced(Resource, "stackTrace", () => []);
}

/** An error for each resource, made in case that the engine refuses it, is half of what it takes to register one. */
function withoutPreparedErrors(): () => void {
    const sdk = require("@pulumi/pulumi/runtime/resource") as { registerResource(...args: unknown[]): void };
    const { registerResource } = sdk;
    return replaced(sdk, "registerResource", (...args) => {
        const { stackTraceLimit } = Error;
        Error.stackTraceLimit = 0;
        try {
            registerResource(...args);
        } finally {
            Error.stackTraceLimit = stackTraceLimit;
        }
    });
}

/** The list is looked at when a process ends, to tell an engine of promises that it would wait for. */
function withoutLeakDetector(): () => void {
    const debuggable = require("@pulumi/pulumi/runtime/debuggable") as {
        debuggablePromise: <T>(promise: Promise<T>) => Promise<T>;
    };
    return replaced(debuggable, "debuggablePromise", promise => promise);
}

interface Struct {
    toJavaScript(): Record<string, unknown>;
}

/** Mocks answer in this process: the message holds the object itself and not a tree of messages for each of its values. */
function withPlainStructs(): () => void {
    const location = require.resolve("google-protobuf/google/protobuf/struct_pb.js", {
        paths: [require.resolve("@pulumi/pulumi")],
    });
    const { Struct } = require(location) as {
        Struct: { new (): Struct; fromJavaScript(value: Record<string, unknown>): Struct };
    };
    return replaced(Struct, "fromJavaScript", value => {
        const message = new Struct();
        message.toJavaScript = () => value;
        return message;
    });
}

type Properties = Record<string, unknown>;

type Resolver = (...result: unknown[]) => void;

interface Rpc {
    serializeResourceProperties(
        label: string,
        properties: Properties,
        ...options: unknown[]
    ): Promise<[Properties, Map<string, Set<unknown>>]>;
    transferProperties(resource: Properties, label: string, properties: Properties): Record<string, Resolver>;
    deserializeProperties(struct: Struct, keepUnknowns?: boolean): Properties;
    deserializeProperty(value: unknown, keepUnknowns?: boolean): unknown;
}

const rpc = () => require("@pulumi/pulumi/runtime/rpc") as Rpc;

/** Plain data needs no translation, depends on nothing, and nobody writes into it; the SDK copies it, value by value, each in a promise. */
function withPlainProperties(): () => void {
    const { serializeResourceProperties, deserializeProperty } = rpc();
    const restores = [
        replaced(rpc(), "serializeResourceProperties", async (label, properties, ...options) => {
            const values: Properties = {};
            const dependencies = new Map<string, Set<unknown>>();
            for (const [key, value] of Object.entries(properties)) {
                if (key !== "id" && key !== "urn" && isPlain(value)) {
                    values[key] = value;
                    continue;
                }
                const [rest, itsDependencies] = await serializeResourceProperties(label, { [key]: value }, ...options);
                Object.assign(values, rest);
                itsDependencies.forEach((resources, its) => dependencies.set(its, resources));
            }
            return [values, dependencies];
        }),
        replaced(rpc(), "deserializeProperties", (struct, keepUnknowns) =>
            Object.fromEntries(
                Object.entries(struct.toJavaScript())
                    .filter(([, value]) => value !== undefined)
                    .map(([key, value]) => [key, isPlain(value) ? value : deserializeProperty(value, keepUnknowns)]),
            ),
        ),
    ];
    return () => restores.forEach(restore => restore());
}

/** Data as JSON has it, in which nothing stands for something else. */
function isPlain(value: unknown): boolean {
    switch (typeof value) {
        case "string":
            return value !== UNKNOWN;
        case "number":
        case "boolean":
            return true;
        case "object":
            return (
                value === null ||
                (Array.isArray(value)
                    ? value.every(isPlain)
                    : Object.getPrototypeOf(value) === Object.prototype &&
                      !(SIGNATURE in value) &&
                      Object.values(value).every(isPlain))
            );
        default:
            return false;
    }
}

/** Few of a plan's resources are asked for a property; it becomes an output when it is asked for. */
function withLazyProperties(): () => void {
    const { transferProperties } = rpc();
    return replaced(rpc(), "transferProperties", (resource, label, properties) => {
        const keys = Object.keys(properties).filter(key => key !== "id" && key !== "urn");
        return Object.fromEntries(
            keys.map((key): [string, Resolver] => {
                let resolver: Resolver | undefined;
                let result: Parameters<Resolver> | undefined;
                Object.defineProperty(resource, key, {
                    configurable: true,
                    enumerable: true,
                    get: () => {
                        delete resource[key];
                        resolver = transferProperties(resource, label, { [key]: properties[key] })[key]!;
                        if (result !== undefined) {
                            resolver(...result);
                        }
                        return resource[key];
                    },
                });
                return [key, (...given) => (resolver === undefined ? void (result = given) : resolver(...given))];
            }),
        );
    });
}

type OutputClass = new (...args: unknown[]) => object;

/** Its `id` and `urn` are outputs from the start; they are made up of promises when they are first looked at. */
function withLazyOutputs(): () => void {
    const sdk = require("@pulumi/pulumi/output") as { Output: OutputClass };
    const { Output } = sdk;
    const lazily = (args: unknown[]): object => {
        let output: object | undefined;
        return new Proxy(Object.create(Output.prototype) as object, {
            get: (_, key): unknown => key === "__pulumiOutput" || Reflect.get((output ??= new Output(...args)), key),
        });
    };
    return replaced(sdk, "Output", new Proxy(Output, { construct: (_, args: unknown[]) => lazily(args) }));
}

function replaced<T, K extends keyof T>(owner: T, key: K, value: T[K]): () => void {
    const original = owner[key];
    owner[key] = value;
    return () => void (owner[key] = original);
}
