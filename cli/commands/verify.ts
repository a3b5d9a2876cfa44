import { printableJson } from "../../base/printable";
import { colours as pc } from "../colours";
import { isBelow, isWildcard } from "../../base/conventions";
import { InputError } from "../../base/problem";
import { ClusterApi } from "../../live/cluster/api";
import { probeCatalogue } from "../../live/verify/catalogue/catalogue";
import { chosenProbes } from "../../live/verify/catalogue/chosen";
import { MadeObjects } from "../../live/verify/cluster/made";
import { RunEndedEarly, type RunOptions, type RunOutcome, runProbes } from "../../live/verify/cluster/run";
import { claimResults } from "../../live/verify/judge/verdict";
import { deployedOutputs, outputsFrom, plannedOutputs, type VerifiedOutputs } from "../../live/verify/outputs";
import { overall, verifyReport } from "../../live/verify/report/json";
import { junitXml } from "../../live/verify/report/junit";
import { isQuiet, resultLine, verdictText } from "../probeReport";
import { EXIT, complain, say, sayData, writeBeside } from "../output";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { type VerifyFlags, runOptionsOf } from "./verifyFlags";

/** Probes that must pass and probes that must fail, on the live cluster, and the verdict claim by claim. */
export async function verify(flags: VerifyFlags): Promise<void> {
    const outputs = await outputsOf(flags);
    const asked = runOptionsOf(flags);
    // Before anything is asked of the cluster; which probes there are does not depend on it.
    const chosen = chosenProbes(probeCatalogue(outputs, { ...asked.catalogue, image: flags.image ?? "" }), asked.only);
    const api = ClusterApi.connect(flags);
    const tell = flags.json === true ? complain : say;
    const stop = stopOnSignals();
    const began = Date.now();
    const options: RunOptions = {
        ...asked,
        outputs,
        signal: stop.signal,
        onStep: title => tell(`\n${pc.bold(title)}`),
        onResult: result => {
            if (!isQuiet(result)) {
                tell(resultLine(result));
            }
        },
    };
    tell(`Verifying stack ${pc.bold(flags.stack)} in the cluster of context ${pc.bold(api.context)} (${api.server}).`);
    const outcome = await finished(runProbes(api, options));
    const claims = claimResults(outcome.results, chosen.claims);
    if (flags.junit !== undefined) {
        writeBeside(flags.junit, junitXml(flags.stack, claims, outcome.results, (Date.now() - began) / 1000));
    }
    if (flags.json === true) {
        sayData(
            printableJson(
                verifyReport(flags.stack, claims, outcome.results, outcome.left, notes(flags, outputs), asked.only),
            ),
        );
    } else {
        say(`\n${pc.bold("Verdict")}\n${verdictText(claims, outcome.results, asked.only)}`);
        notes(flags, outputs).forEach(note => say(`\n  ${note}`));
    }
    tellLeft(outcome.left, outcome.run);
    process.exitCode = { holds: EXIT.holds, violated: EXIT.doesNotHold, unknown: EXIT.cannotTell }[
        overall(claims, outcome.results)
    ];
}

async function outputsOf({ outputs, plan, stack }: VerifyFlags): Promise<VerifiedOutputs> {
    if (outputs !== undefined) {
        return outputsFrom(outputs);
    }
    if (plan !== true) {
        return deployedOutputs(PROJECT_DIRECTORY, stack);
    }
    // Only a plan needs the program, and loading it takes a second.
    const { planOffline } = require("../../plan/offline") as typeof import("../../plan/offline");
    return plannedOutputs(await planOffline(PROJECT_DIRECTORY, stack));
}

/** Ctrl-C stops the probes and lets what they made be deleted; a second one does not wait for that. */
function stopOnSignals(): AbortController {
    const stop = new AbortController();
    const interrupted = (signal: NodeJS.Signals): void => {
        if (stop.signal.aborted) {
            complain(
                `${signal} again: leaving without deleting the rest. Objects of this run carry the label egress-gateway/verify.`,
            );
            process.exit(EXIT.cannotTell);
        }
        complain(`\n${signal}: stopping, and deleting what was made. Once more leaves it where it is.`);
        stop.abort(new Error(`interrupted by ${signal}`));
    };
    process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
    return stop;
}

/** A run that ended early is told like any other bad input, after what it left. */
async function finished(run: Promise<RunOutcome>): Promise<RunOutcome> {
    try {
        return await run;
    } catch (error) {
        if (!(error instanceof RunEndedEarly)) {
            throw error;
        }
        tellLeft(error.left, error.run);
        if (error.left.length === 0) {
            complain("Everything that the run had made is deleted.");
        }
        throw error.cause instanceof InputError || isClusterError(error.cause) ? error.cause : error;
    }
}

function isClusterError(cause: unknown): cause is Error {
    return cause instanceof Error && cause.name === "ClusterError";
}

function tellLeft(left: readonly string[], run: string): void {
    if (left.length > 0) {
        complain(
            `\nThe run could not delete:\n${left.map(one => `  ${one}`).join("\n")}\nDelete it with\n  ${MadeObjects.command(run)}`,
        );
    }
}

function notes(
    { below = [], echo, plan }: VerifyFlags,
    { destinations, gateways, natAddresses }: VerifiedOutputs,
): string[] {
    const unnamed = destinations
        .map(({ host }) => host)
        .filter(host => isWildcard(host) && !below.some(name => isBelow(name.toLowerCase(), host)));
    return [
        ...(unnamed.length > 0
            ? [`Nothing below ${unnamed.join(", ")} was reached: --below names hosts that exist there.`]
            : []),
        // Of several gateways it is a claim, whose result says so.
        ...(echo === undefined && gateways === undefined
            ? ["Source addresses were not compared: --echo names a declared URL that tells callers their address."]
            : []),
        ...(plan === true && natAddresses === undefined
            ? ["The destinations are the settings', not the deployed stack's (--plan)."]
            : []),
        'Packets that the perimeter dropped are in the firewall log: `gcloud logging read \'logName:"compute.googleapis.com%2Ffirewall" AND jsonPayload.disposition="DENIED"\' --freshness=10m`.',
    ];
}
