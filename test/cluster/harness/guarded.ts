import { compileGuard } from "../../../components/guard/compile";
import { GUARD_RULE_LABEL, type GuardObject } from "../../../components/guard/policy";
import { GUARD_RULES } from "../../../components/guard/rules";
import { type GuardSettings } from "../../../components/guard/settings";
import { catalogueSettings, hostileCases, systemRequests } from "../../../attacks";
import { type Api, succeeded } from "./api";
import { type Cluster, putInPlace, startCluster } from "./cluster";
import { until } from "./processes";
import { refusedBy, send } from "./send";

/** Everyone who sends something in the catalogue. */
export const everySender = [
    ...hostileCases.flatMap(({ as, twin }) => [as, twin.as ?? as]),
    ...systemRequests.map(({ as }) => as),
];

export const guardObjects: readonly GuardObject[] = compileGuard(catalogueSettings);

let shared: Promise<Cluster> | undefined;

/**
 * One API server with the guard in place, for all test files that leave it as they found it. Started by the first that
 * asks, stopped after the last test of the run.
 */
export function guardedCluster(): Promise<Cluster> {
    shared ??= startCluster(everySender).then(async cluster => {
        try {
            await putInPlace(cluster.api, guardObjects);
            await guardHolds(cluster.api);
            return cluster;
        } catch (error) {
            await cluster.stop();
            throw error;
        }
    });
    return shared;
}

if (typeof after !== "undefined")
    after(async () => {
        await (await shared)?.stop();
    });

/** Policies take effect a moment after they are stored: waits for the first case of every rule to be refused. */
export async function guardHolds(api: Api): Promise<void> {
    for (const { id } of GUARD_RULES) {
        const first = hostileCases.find(hostile => hostile.rule === id);
        if (first !== undefined) {
            await until(`rule ${id} to take effect`, 30, async () => {
                const answer = await send(api, first.request, first.as, true);
                if (refusedBy(answer) !== id) {
                    throw new Error(`${first.id} was answered ${answer.status}: ${answer.body?.message ?? ""}`);
                }
                return true;
            });
        }
    }
}

/** Removes the objects of a rule, runs the body, and puts them back. */
export async function withoutRule(api: Api, rule: string, body: () => Promise<void>): Promise<void> {
    const objects = guardObjects.filter(({ metadata }) => metadata.labels?.[GUARD_RULE_LABEL] === rule);
    for (const object of objects) {
        succeeded(await api.delete(object), `removing ${object.metadata.name}`);
    }
    try {
        await body();
    } finally {
        await putInPlace(api, objects);
        await guardHolds(api);
    }
}

/** The objects of a rule as other settings make them, while the body runs; they may not judge as the catalogue expects. */
export async function withRulesOf(
    api: Api,
    settings: GuardSettings,
    rule: string,
    body: () => Promise<void>,
): Promise<void> {
    await withoutRule(api, rule, async () => {
        const others = compileGuard(settings).filter(({ metadata }) => metadata.labels?.[GUARD_RULE_LABEL] === rule);
        await putInPlace(api, others);
        try {
            await body();
        } finally {
            for (const object of others) {
                succeeded(await api.delete(object), `removing ${object.metadata.name}`);
            }
        }
    });
}
