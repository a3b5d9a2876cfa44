import { randomBytes } from "node:crypto";
import { type EgressOutputs } from "../../../contract/egress";
import { type CatalogueOptions, probeCatalogue } from "../catalogue/catalogue";
import { chosenProbes } from "../catalogue/chosen";
import { clientsOf } from "../catalogue/destinations";
import { type Tried } from "../judge/evidence";
import { judgeStep } from "../judge/judge";
import { GATEWAY_POD, RANDOM_LABEL, type NetworkProbe, type Probe } from "../probe";
import { type ProbeResult } from "../result";
import { type Patience } from "../script";
import { type ClusterApi, type Impersonation } from "../../cluster/api";
import { askApiServer } from "./asking";
import { counterWindow, gatewayPods, readCounters } from "./gateway";
import { MadeObjects } from "./made";
import { podsFor, type PodSettings } from "./pods";
import { checkClients, prepare } from "./preparation";
import { runPods } from "./podRun";

export interface RunOptions extends Patience {
    readonly outputs: Pick<EgressOutputs, "destinations" | "gateway"> & {
        readonly natAddresses?: readonly string[];
    };
    readonly catalogue: Omit<CatalogueOptions, "image">;
    /** Claims and probes that are tried alone. */
    readonly only?: readonly string[];
    /** @default the image of the gateway's own proxy, which the nodes can pull already */
    readonly image?: string;
    readonly imagePullSecret?: string;
    readonly allowedNeeds: number;
    /** Strangers try from so many nodes. */
    readonly nodes: number;
    /** A step that takes longer is given up. */
    readonly secondsPerStep: number;
    /** As whom the guard is tried: somebody whom it does not exempt. */
    readonly tenant: Impersonation;
    readonly signal: AbortSignal;
    readonly onStep: (title: string) => void;
    readonly onResult: (result: ProbeResult) => void;
}

export interface RunOutcome {
    readonly results: readonly ProbeResult[];
    /** Objects that are still there, with the reason. */
    readonly left: readonly string[];
    readonly run: string;
}

/** Everything that was left behind when a run ended early. */
export class RunEndedEarly extends Error {
    constructor(
        override readonly cause: unknown,
        readonly left: readonly string[],
        readonly run: string,
    ) {
        super(cause instanceof Error ? cause.message : String(cause));
        this.name = "RunEndedEarly";
    }
}

/**
 * Tries every probe on the live cluster and deletes everything that it made, however it ends.
 *
 * @throws RunEndedEarly with the cause (an InputError for what a person can mend) and with what is left.
 */
export async function runProbes(api: ClusterApi, options: RunOptions): Promise<RunOutcome> {
    const run = randomBytes(3).toString("hex");
    const made = new MadeObjects(api, run);
    const results: ProbeResult[] = [];
    let problem: unknown;
    try {
        await tryAll(api, run, made, options, result => {
            results.push(result);
            options.onResult(result);
        });
    } catch (error) {
        problem = error;
    }
    const left = await made.removeAll();
    if (problem !== undefined) {
        throw new RunEndedEarly(problem, left, run);
    }
    return { results, left, run };
}

async function tryAll(
    api: ClusterApi,
    run: string,
    made: MadeObjects,
    options: RunOptions,
    onResult: (result: ProbeResult) => void,
): Promise<void> {
    const { catalogue, onStep, outputs, signal } = options;
    const { namespace } = outputs.gateway;
    const clients = clientsOf(outputs.destinations);
    await checkClients(api, namespace, clients);
    const gateway = await gatewayPods(api, namespace);
    const image = options.image ?? gateway.find(pod => pod.image !== undefined)?.image ?? "";
    const chosen = chosenProbes(probeCatalogue(outputs, { ...catalogue, image }), options.only);
    const probes = withRandomNames(atGatewayPod(chosen.probes, gateway[0]!.address), run);

    const [asked, network] = [
        probes.filter(probe => probe.kind !== "network"),
        probes.filter(probe => probe.kind === "network"),
    ];
    if (asked.length > 0) {
        onStep("Asking the API server");
    }
    for (const probe of asked) {
        onResult(await askApiServer(api, probe, options.tenant, signal, namespace));
    }
    if (network.length === 0) {
        return;
    }

    onStep("Preparing");
    const strangers = await prepare(made, run, clients, signal);
    const settings: PodSettings = {
        ...options,
        run,
        image,
        strangerNamespace: strangers.namespace,
        strangerAccount: strangers.account,
        gatewayNode: gateway[0]!.node,
        secondsToLive: options.secondsPerStep + 60,
        ...(outputs.gateway.revision === undefined ? {} : { revision: outputs.gateway.revision }),
    };
    for (const [index, { title, probes: own }] of steps(network).entries()) {
        const controls = own.filter(({ claim }) => claim === undefined).length;
        onStep(`${title}: ${own.length - controls} probes${controls === 0 ? "" : `, ${controls} controls`}`);
        const before = await readCounters(api, namespace);
        const tried: Tried[] = await runPods(
            api,
            made,
            podsFor(own, index + 1, settings),
            own,
            options.secondsPerStep,
            signal,
        );
        const after = await readCounters(api, namespace);
        const { natAddresses } = outputs;
        judgeStep(tried, {
            counters: counterWindow(before, after),
            allowedNeeds: options.allowedNeeds,
            ...(natAddresses === undefined ? {} : { natAddresses }),
        }).forEach(onResult);
    }
}

/** Names that nobody asked for before, so that no cache knows them. */
function withRandomNames(probes: readonly Probe[], run: string): Probe[] {
    return probes.map(probe =>
        probe.kind === "network" && probe.attempt.action === "dns"
            ? { ...probe, attempt: { ...probe.attempt, name: probe.attempt.name.replace(RANDOM_LABEL, `v-${run}`) } }
            : probe,
    );
}

function atGatewayPod(probes: readonly Probe[], address: string): Probe[] {
    return probes.map(probe =>
        probe.kind === "network" && "host" in probe.attempt && probe.attempt.host === GATEWAY_POD
            ? { ...probe, attempt: { ...probe.attempt, host: address } }
            : probe,
    );
}

/**
 * Probes that read the same counters must not run at once with probes that move them otherwise: first what is allowed, then what
 * the gateway refuses, then what never gets to it.
 */
function steps(
    probes: readonly NetworkProbe[],
): { readonly title: string; readonly probes: readonly NetworkProbe[] }[] {
    const part = ({ claim, expect, id }: NetworkProbe): number => {
        if (claim === undefined) {
            return -1;
        }
        if (expect.allowed) {
            return 0;
        }
        return /^(refused|undeclared)\/|\/gateway-/.test(id) && !id.includes("/other-address-") ? 1 : 2;
    };
    return ["What is allowed", "What the mesh refuses", "What the perimeter stops"].flatMap((title, number) => {
        const own = probes.filter(probe => part(probe) === number);
        const controls = probes.filter(
            ({ id, claim }) => claim === undefined && own.some(({ control }) => control === id),
        );
        return own.length === 0 ? [] : [{ title, probes: [...controls, ...own] }];
    });
}
