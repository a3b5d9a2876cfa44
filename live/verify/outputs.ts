import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { UNKNOWN } from "../../containment/resource";
import { type EgressOutputs, egressOutputsSchema } from "../../contract/egress";
import { InputError } from "../../base/problem";
import { checked } from "../../base/schemaProblems";

/** What the probes follow from. The addresses are absent where they are not known. */
export type VerifiedOutputs = Pick<EgressOutputs, "destinations" | "gateway"> &
    Partial<Pick<EgressOutputs, "natAddresses">>;

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

/** What an offline plan says that the stack will give; NAT addresses are not known before `up`. */
export function plannedOutputs({
    outputs,
    stack,
}: {
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly stack: string;
}): VerifiedOutputs {
    const { natAddresses, gateways: _, ...others } = outputs;
    return checkedOutputs(natAddresses === UNKNOWN ? others : outputs, `outputs of the plan of ${stack}`);
}

function checkedOutputs(outputs: unknown, path: string): VerifiedOutputs {
    const schema = egressOutputsSchema.partial({ natAddresses: true });
    const { value, problems } = checked(schema, outputs, path);
    if (value === undefined) {
        throw new InputError("the stack does not give what the probes follow from", problems);
    }
    const { destinations, gateway, gateways = {}, natAddresses } = value;
    // Counters are read in one namespace, so the gateway `default` is tried: its destinations, and its addresses.
    const others = Object.values(gateways).flatMap(other => other.natAddresses);
    return {
        destinations: destinations.filter(destination => destination.gateway === undefined),
        gateway,
        ...(natAddresses === undefined
            ? {}
            : { natAddresses: natAddresses.filter(address => !others.includes(address)) }),
    };
}
