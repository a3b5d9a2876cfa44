import { deployment } from "../../../components/gateway/deployment";
import { disruptionBudget } from "../../../components/gateway/scaling";
import { type Settings } from "../../../settings/settings";

/** What the rendered objects say about how pods come and go. */
export interface Lifecycle {
    readonly minReadySeconds: number;
    readonly maxSurge: number;
    readonly maxUnavailable: number;
    /** Of the disruption budget. */
    readonly maxDisrupted: number;
    readonly graceSeconds: number;
    readonly minimumDrainSeconds: number;
    readonly exitOnZeroActiveConnections: boolean;
    readonly terminationDrainSeconds: number;
}

/** Read from the objects, so that a change of them changes what is tried. */
export function lifecycleOf(settings: Settings, replicas: number): Lifecycle {
    const { spec } = deployment(settings);
    const { rollingUpdate } = spec!.strategy!;
    const pod = spec!.template.spec!;
    const env = new Map((pod.containers[0]!.env ?? []).map(({ name, value }) => [name, value ?? ""]));
    const config = JSON.parse(spec!.template.metadata!.annotations!["proxy.istio.io/config"]!) as {
        terminationDrainDuration: string;
    };
    return {
        minReadySeconds: spec!.minReadySeconds ?? 0,
        maxSurge: numberOf(rollingUpdate!.maxSurge, replicas, Math.ceil),
        maxUnavailable: numberOf(rollingUpdate!.maxUnavailable, replicas, Math.floor),
        maxDisrupted: numberOf(disruptionBudget(settings).spec!.maxUnavailable, replicas, Math.ceil),
        graceSeconds: pod.terminationGracePeriodSeconds ?? 30,
        // Istio's own, where nothing is set (istio/istio, `pilot/cmd/pilot-agent/options`).
        minimumDrainSeconds: seconds(env.get("MINIMUM_DRAIN_DURATION") ?? "5s"),
        exitOnZeroActiveConnections: env.get("EXIT_ON_ZERO_ACTIVE_CONNECTIONS") === "true",
        terminationDrainSeconds: seconds(config.terminationDrainDuration),
    };
}

function seconds(duration: string): number {
    return Number(/^(\d+)s$/.exec(duration)![1]);
}

function numberOf(value: unknown, replicas: number, rounded: (x: number) => number): number {
    return typeof value === "number" ? value : rounded((Number.parseFloat(String(value)) / 100) * replicas);
}
