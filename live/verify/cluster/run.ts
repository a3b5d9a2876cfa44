import { randomBytes } from "node:crypto";
import { type CatalogueOptions, probeCatalogue } from "../catalogue/catalogue";
import { chosenProbes } from "../catalogue/chosen";
import { clientsOf } from "../catalogue/destinations";
import { type Tried } from "../judge/evidence";
import { judgeStep } from "../judge/judge";
import { gatewaysOf, type VerifiedGateway, type VerifiedOutputs } from "../outputs";
import { GATEWAY_POD, RANDOM_LABEL, type NetworkProbe, type Probe } from "../probe";
import { type ProbeResult } from "../result";
import { type Patience } from "../script";
import { type ClusterApi, type Impersonation } from "../../cluster/api";
import { askApiServer } from "./asking";
import { counterWindow, type GatewayPod, gatewayPods, readCounters } from "./gateway";
import { MadeObjects } from "./made";
import { podsFor, type PodSettings } from "./pods";
import { checkClients, prepare } from "./preparation";
import { runPods } from "./podRun";

export interface RunOptions extends Patience {
    readonly outputs: VerifiedOutputs;
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
    const clients = clientsOf(outputs.destinations);
    const declared = gatewaysOf(outputs);
    await checkClients(
        api,
        declared.map(({ namespace }) => namespace),
        clients,
    );
    const gateways = await running(api, declared);
    const pods = [...gateways.values()].flatMap(gateway => gateway.pods);
    const image = options.image ?? pods.find(pod => pod.image !== undefined)?.image ?? "";
    const chosen = chosenProbes(probeCatalogue(outputs, { ...catalogue, image }), options.only);
    const probes = withRandomNames(atGatewayPod(chosen.probes, gateways), run);

    const [untried, asked, network] = [
        probes.filter(probe => probe.kind === "untried"),
        probes.filter(probe => probe.kind !== "network" && probe.kind !== "untried"),
        probes.filter(probe => probe.kind === "network"),
    ];
    for (const probe of untried) {
        onResult({ probe, outcome: "not-run", seen: "nothing was tried", because: probe.why, nodes: [] });
    }
    if (asked.length > 0) {
        onStep("Asking the API server");
    }
    for (const probe of asked) {
        onResult(await askApiServer(api, probe, options.tenant, signal));
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
        gatewayNodes: new Map([...gateways].map(([name, gateway]) => [name, gateway.pods[0]!.node])),
        secondsToLive: options.secondsPerStep + 60,
        ...(outputs.gateway.revision === undefined ? {} : { revision: outputs.gateway.revision }),
    };
    for (const [index, { title, probes: own }] of steps(network).entries()) {
        const controls = own.filter(({ claim }) => claim === undefined).length;
        onStep(`${title}: ${own.length - controls} probes${controls === 0 ? "" : `, ${controls} controls`}`);
        const before = await readings(api, gateways);
        const tried: Tried[] = await runPods(
            api,
            made,
            podsFor(own, index + 1, settings),
            own,
            options.secondsPerStep,
            signal,
        );
        const after = await readings(api, gateways);
        judgeStep(tried, gateway => {
            const natAddresses = gateways.get(gateway)?.natAddresses;
            return {
                counters: counterWindow(
                    before.get(gateway) ?? "the probe is about no gateway",
                    after.get(gateway) ?? "the probe is about no gateway",
                ),
                allowedNeeds: options.allowedNeeds,
                addressOwners: addressOwners(declared),
                ...(natAddresses === undefined ? {} : { natAddresses }),
            };
        }).forEach(onResult);
    }
}

interface RunningGateway extends VerifiedGateway {
    readonly pods: readonly GatewayPod[];
}

/** By the name that probes have for it. */
type ByGateway<T> = ReadonlyMap<string | undefined, T>;

async function running(api: ClusterApi, gateways: readonly VerifiedGateway[]): Promise<ByGateway<RunningGateway>> {
    return new Map(
        await Promise.all(
            gateways.map(
                async gateway => [gateway.name, { ...gateway, pods: await gatewayPods(api, gateway) }] as const,
            ),
        ),
    );
}

async function readings(
    api: ClusterApi,
    gateways: ByGateway<RunningGateway>,
): Promise<ByGateway<Awaited<ReturnType<typeof readCounters>>>> {
    return new Map(
        await Promise.all(
            [...gateways].map(async ([name, gateway]) => [name, await readCounters(api, gateway)] as const),
        ),
    );
}

function addressOwners(gateways: readonly VerifiedGateway[]): ReadonlyMap<string, string> {
    return new Map(
        gateways.flatMap(({ name, natAddresses = [] }) =>
            name === undefined ? [] : natAddresses.map(address => [address, name] as const),
        ),
    );
}

/** Names that nobody asked for before, so that no cache knows them. */
function withRandomNames(probes: readonly Probe[], run: string): Probe[] {
    return probes.map(probe =>
        probe.kind === "network" && probe.attempt.action === "dns"
            ? { ...probe, attempt: { ...probe.attempt, name: probe.attempt.name.replace(RANDOM_LABEL, `v-${run}`) } }
            : probe,
    );
}

function atGatewayPod(probes: readonly Probe[], gateways: ByGateway<RunningGateway>): Probe[] {
    return probes.map(probe =>
        probe.kind === "network" && "host" in probe.attempt && probe.attempt.host === GATEWAY_POD
            ? { ...probe, attempt: { ...probe.attempt, host: gateways.get(probe.gateway)!.pods[0]!.address } }
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
