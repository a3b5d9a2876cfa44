import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { UNKNOWN } from "../../containment/resource";
import { type EgressOutputs, egressOutputsSchema, type KnownGateway } from "../../contract/egress";
import { DEFAULT_GATEWAY } from "../../base/conventions";
import { InputError } from "../../base/problem";
import { checked } from "../../base/schemaProblems";

/** What the probes follow from. The addresses are absent where they are not known. */
export type VerifiedOutputs = Pick<EgressOutputs, "destinations" | "gateway"> &
    Partial<Pick<EgressOutputs, "natAddresses">> & {
        readonly gateways?: Readonly<Record<string, KnownGateway & Partial<Pick<EgressOutputs, "natAddresses">>>>;
    };

/** One gateway of the stack, with what leaves by it. */
export interface VerifiedGateway extends KnownGateway {
    /** Absent where it is the only one, which nobody has to tell from others. */
    readonly name?: string;
    /** Absent where they are not known. */
    readonly natAddresses?: readonly string[];
    readonly destinations: EgressOutputs["destinations"];
}

/** The stack's gateways, `default` first. */
export function gatewaysOf({
    destinations,
    gateway,
    gateways = {},
    natAddresses,
}: VerifiedOutputs): readonly [VerifiedGateway, ...VerifiedGateway[]] {
    const further = Object.entries(gateways);
    const ofOthers = new Set(further.flatMap(([, other]) => other.natAddresses ?? []));
    const leavingBy = (name: string): EgressOutputs["destinations"] =>
        destinations.filter(destination => (destination.gateway ?? DEFAULT_GATEWAY) === name);
    return [
        {
            ...(further.length === 0 ? {} : { name: DEFAULT_GATEWAY }),
            namespace: gateway.namespace,
            host: gateway.host,
            ...(natAddresses === undefined
                ? {}
                : { natAddresses: natAddresses.filter(address => !ofOthers.has(address)) }),
            destinations: leavingBy(DEFAULT_GATEWAY),
        },
        ...further.map(([name, other]) => ({ ...other, name, destinations: leavingBy(name) })),
    ];
}

/**
 * The outputs of a deployed stack, by the Pulumi CLI.
 *
 * @throws InputError when there is no CLI, no such stack, or when its outputs are not this contract.
 */
export function deployedOutputs(directory: string, stack: string): VerifiedOutputs {
    const { status, stdout, stderr, error } = spawnSync(
        "pulumi",
        ["stack", "output", "--json", "--stack", stack, "--non-interactive"],
        {
            cwd: directory,
            encoding: "utf8",
        },
    );
    if (error !== undefined || status !== 0) {
        const why =
            (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT"
                ? "`pulumi` is not on PATH."
                : `Pulumi says: ${(error?.message ?? stderr).trim().split("\n").pop() ?? ""}.`;
        throw new InputError(`the outputs of stack ${stack} cannot be read`, [
            {
                path: "--stack",
                given: stack,
                expected: "a stack that was deployed, and the Pulumi CLI on PATH, logged in",
                remedy: `${why} --plan takes the destinations from the settings instead.`,
            },
        ]);
    }
    let outputs: unknown;
    try {
        outputs = JSON.parse(stdout);
    } catch {
        outputs = undefined;
    }
    return checkedOutputs(outputs, `outputs of stack ${stack}`);
}

/**
 * The outputs as `pulumi stack output --json` has written them into a file.
 *
 * @throws InputError when there is no such file or it is not that.
 */
export function outputsFrom(file: string): VerifiedOutputs {
    let outputs: unknown;
    try {
        outputs = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
        throw new InputError("the stack's outputs cannot be read", [
            {
                path: "--outputs",
                given: file,
                expected: "a file with the stack's outputs as JSON",
                remedy: `${(error as Error).message}. Write it with \`pulumi stack output --json --stack <name>\`.`,
            },
        ]);
    }
    return checkedOutputs(outputs, file);
}

/** What an offline plan says that the stack will give; NAT addresses may not be known before `up`. */
export function plannedOutputs({
    outputs,
    stack,
}: {
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly stack: string;
}): VerifiedOutputs {
    return checkedOutputs(withoutUnknowns(outputs), `outputs of the plan of ${stack}`);
}

function withoutUnknowns(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
        Object.entries(outputs)
            .filter(([, value]) => value !== UNKNOWN)
            .map(([key, value]) => [key, isRecord(value) ? withoutUnknowns(value) : value]),
    );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

const known = { natAddresses: true } as const;
const schema = egressOutputsSchema.partial(known).extend({
    gateways: z.record(z.string(), egressOutputsSchema.shape.gateways.unwrap().valueType.partial(known)).optional(),
});

function checkedOutputs(outputs: unknown, path: string): VerifiedOutputs {
    const { value, problems } = checked(schema, outputs, path);
    const names = [DEFAULT_GATEWAY, ...Object.keys(value?.gateways ?? {})];
    const homeless = (value?.destinations ?? []).filter(({ gateway = DEFAULT_GATEWAY }) => !names.includes(gateway));
    if (value === undefined || homeless.length > 0) {
        throw new InputError("the stack does not give what the probes follow from", [
            ...problems,
            ...homeless.map(({ host, gateway }) => ({
                path: `${path}: gateway of destination ${host}`,
                given: gateway,
                expected: `one of the stack's gateways: ${names.join(", ")}`,
                remedy: "The outputs contradict themselves; write them anew with `pulumi stack output --json`.",
            })),
        ]);
    }
    return value;
}
