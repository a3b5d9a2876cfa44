import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../containment/resource";
import { InputError, UserError } from "../base/problem";
import { loadLazily } from "./lazyModules";
import { acceptHooks, withoutEngineWork } from "./mockRuntime";
import { providerOutputs } from "./providerOutputs";
import { type PlannedResource, recordRegistrations, SECRET } from "./registrations";
import { readStackConfig } from "./stackConfig";

/** What a stack's program registers, found out without an engine, a cloud account or a cluster. */
export interface Plan {
    readonly project: string;
    readonly stack: string;
    readonly resources: readonly PlannedResource[];
    readonly outputs: Readonly<Record<string, unknown>>;
    /** The stack's configuration, by full key. */
    readonly config: Readonly<Record<string, string>>;
    /** What the program warned about. */
    readonly warnings: readonly string[];
    /** Files that answered for other stacks. */
    readonly stackOutputFiles: readonly string[];
}

/** Loaded when a program is run: whoever judges files alone needs no SDK. */
const sdk = () => {
    loadLazily();
    return require("@pulumi/pulumi") as typeof pulumi;
};

/**
 * Runs a project's program under Pulumi's own mock runtime, as a preview: what only creation can tell stays unknown, and what
 * Google composes from names is composed.
 *
 * One plan at a time: the mock runtime belongs to the process.
 *
 * @param directory The project's folder.
 * @param program Loads the program; called after the configuration is set. Default: the project's `index.ts`.
 * @throws InputError when the configuration is bad; whatever else the program throws.
 */
export async function planOffline(
    directory: string,
    stack: string,
    program: () => unknown = () => freshProgram(directory),
): Promise<Plan> {
    const config = readStackConfig(directory, stack);
    const referenced = new Map<string, string>();
    const unanswered = new Set<string>();
    const failures: unknown[] = [];
    const stackFailures: unknown[] = [];
    const onRejection = (reason: unknown): void => void failures.push(reason);

    await sdk().runtime.setMocks(
        {
            // Asked for what is read; what is registered is answered below.
            newResource: ({ type, name, inputs }) => {
                if (type !== "pulumi:pulumi:StackReference") {
                    const { id, outputs } = providerOutputs(type, name, inputs);
                    return { id: id as string, state: { ...(inputs as object), ...outputs } };
                }
                try {
                    return stackReference(directory, inputs["name"] as string, referenced);
                } catch (error) {
                    // Thrown here, it would reach people inside an error of the SDK, and twice.
                    stackFailures.push(error);
                    return { id: inputs["name"] as string, state: { outputs: {}, secretOutputNames: [] } };
                }
            },
            call: ({ token }) => {
                const answer = ANSWERS[token];
                if (answer === undefined) {
                    unanswered.add(token);
                }
                return answer ?? {};
            },
        },
        config.project,
        config.stack,
        true,
        "organization",
    );
    sdk().runtime.setAllConfig({ ...config.values }, [...config.secretKeys]);
    acceptHooks();
    const resources = recordRegistrations(sdk().runtime);

    const { warnings, restore } = recordWarnings();
    const putBack = withoutEngineWork();
    process.on("unhandledRejection", onRejection);
    try {
        const loaded = await program();
        const outputs: unknown = typeof loaded === "function" ? await (loaded as () => unknown)() : loaded;
        await sdk().runtime.disconnect();
        const plain = await plainOutputs(outputs);
        await new Promise(setImmediate);
        if (stackFailures.length > 0 || failures.length > 0) {
            throw stackFailures[0] ?? failures[0];
        }
        if (unanswered.size > 0) {
            throw new Error(
                `the program asks a provider for ${[...unanswered].join(", ")}, which an offline plan cannot answer`,
            );
        }
        return {
            project: config.project,
            stack,
            resources: [...resources].sort((a, b) => (a.urn < b.urn ? -1 : 1)),
            outputs: plain,
            config: config.values,
            warnings,
            stackOutputFiles: [...referenced.values()].sort(),
        };
    } catch (error) {
        throw stackFailures[0] ?? error;
    } finally {
        process.off("unhandledRejection", onRejection);
        restore();
        putBack();
    }
}

/** What the program asks providers for; a question that is not here is an error, not an empty answer. */
const ANSWERS: Readonly<Record<string, Record<string, unknown>>> = {
    // Somebody else's, so that only Google knows it.
    "gcp:compute/getAddress:getAddress": { address: UNKNOWN },
    // Ends in the provider's kubeconfig, which is a secret and never printed.
    "gcp:container/getCluster:getCluster": {
        endpoint: "control-plane.invalid",
        masterAuths: [{ clusterCaCertificate: "" }],
        controlPlaneEndpointsConfigs: [],
    },
};

/** Without an engine, the SDK would print warnings in the middle of whatever is being printed. */
function recordWarnings(): { warnings: string[]; restore: () => void } {
    const warnings: string[] = [];
    const log = sdk().log as { warn: typeof pulumi.log.warn };
    const original = log.warn;
    log.warn = message => {
        warnings.push(message);
        return Promise.resolve();
    };
    return { warnings, restore: () => void (log.warn = original) };
}

/** Loads the program anew, because a program registers its resources while it is loaded or called. */
export function freshProgram(directory: string): unknown {
    const entry = path.join(directory, "index.ts");
    if (!existsSync(entry)) {
        throw new UserError(
            `${directory} has no index.ts: a stack is planned in a checkout of this program. Elsewhere give what is planned, for example \`pulumi preview --json --show-sames > preview.json\` and \`--from preview.json\`.`,
        );
    }
    delete require.cache[entry];
    return require(entry) as unknown;
}

/** Where the outputs of another stack are kept, seen from the project's folder. */
export function stackOutputsFile(stack: string): string {
    return path.join("stack-outputs", `${stack.split("/").slice(-2).join(".")}.json`);
}

/** The outputs of another stack, from the file that `pulumi stack output --json` wrote. */
function stackReference(
    directory: string,
    name: string,
    referenced: Map<string, string>,
): { id: string; state: object } {
    const file = stackOutputsFile(name);
    const location = path.join(directory, file);
    if (!existsSync(location)) {
        throw new InputError(`the outputs of stack ${name} are not known`, [
            {
                path: file,
                given: undefined,
                expected: `the outputs of stack ${name}, because an offline plan cannot ask its backend`,
                remedy: `Run \`pulumi stack output --json -s ${name} > ${file}\` and commit the file.`,
            },
        ]);
    }
    referenced.set(name, file);
    const outputs = outputsIn(location, file, name);
    // `pulumi stack output --json` writes this for a secret, unless it is asked to show it.
    const secretOutputNames = Object.keys(outputs).filter(key => outputs[key] === SECRET);
    return { id: name, state: { name, outputs, secretOutputNames } };
}

function outputsIn(location: string, file: string, stack: string): Record<string, unknown> {
    let reason = "It holds something else.";
    try {
        const outputs = JSON.parse(readFileSync(location, "utf8")) as unknown;
        if (typeof outputs === "object" && outputs !== null && !Array.isArray(outputs)) {
            return outputs as Record<string, unknown>;
        }
    } catch (error) {
        reason = `${(error as Error).message}.`;
    }
    throw new InputError(`the outputs of stack ${stack} cannot be read`, [
        {
            path: file,
            given: undefined,
            expected: "the outputs of that stack, as a JSON object",
            remedy: `${reason} Write it anew: \`pulumi stack output --json -s ${stack} > ${file}\`.`,
        },
    ]);
}

async function plainOutputs(outputs: unknown): Promise<Record<string, unknown>> {
    if (typeof outputs !== "object" || outputs === null) {
        return {};
    }
    const entries = await Promise.all(
        Object.entries(outputs).map(async ([key, value]) => [key, await plainOutput(value)] as const),
    );
    return Object.fromEntries(entries);
}

/** Of an object of which something is not known, the rest is. */
async function plainOutput(value: unknown): Promise<unknown> {
    const output = sdk().output(value) as pulumi.Output<unknown> & {
        promise(withUnknowns?: boolean): Promise<unknown>;
        isKnown: Promise<boolean>;
        isSecret: Promise<boolean>;
    };
    if (await output.isSecret) {
        return SECRET;
    }
    if (await output.isKnown) {
        return output.promise();
    }
    return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
        ? plainOutputs(value)
        : UNKNOWN;
}
