import { googleNames, type GoogleSettings, onGoogle } from "../settings/googleNames";
import { type Settings } from "../settings/settings";
import { InputError } from "../settings/values/problem";
import { type ClusterApi } from "../verify/cluster/api";
import { type Check, unreadable } from "./check";
import { kubernetesChecks } from "./cluster/checks";
import { readKubernetes } from "./cluster/read";
import { clusterChecks } from "./google/cluster";
import { type GoogleFacts } from "./google/facts";
import { firewallChecks } from "./google/firewall";
import { networkChecks, ownNames } from "./google/network";
import { type GoogleScope } from "./google/read";

/** How the live things are read; each may be left out. */
export interface PreflightReaders {
    readonly google?: (scope: GoogleScope) => Promise<GoogleFacts>;
    readonly cluster?: () => ClusterApi;
}

/**
 * Compares what the settings say of the platform with what is there. Reads only.
 *
 * @throws InputError with what is missing on either side: credentials, a kubeconfig, a context.
 */
export async function preflight(settings: Settings, { cluster, google }: PreflightReaders): Promise<Check[]> {
    const sides = await Promise.allSettled([
        google === undefined || !onGoogle(settings)
            ? []
            : readable("google", "Google Cloud", () => googleChecks(settings, google)),
        cluster === undefined ? [] : clusterSide(settings, cluster),
    ]);
    const refusals = sides.flatMap(side => (side.status === "rejected" ? [side.reason as unknown] : []));
    const unexpected = refusals.find(reason => !(reason instanceof InputError));
    if (unexpected !== undefined) {
        throw unexpected;
    }
    if (refusals.length > 0) {
        throw new InputError(
            "the live platform cannot be asked",
            refusals.flatMap(reason => (reason as InputError).problems),
        );
    }
    return sides.flatMap(side => (side.status === "fulfilled" ? side.value : []));
}

async function clusterSide(settings: Settings, connect: () => ClusterApi): Promise<Check[]> {
    const cluster = connect();
    const { clientNamespaces, mesh } = settings;
    return readable("cluster", `cluster of context ${cluster.context}`, async () =>
        kubernetesChecks(settings, await readKubernetes(cluster, { ...mesh, clientNamespaces })),
    );
}

async function googleChecks(
    settings: GoogleSettings,
    read: (scope: GoogleScope) => Promise<GoogleFacts>,
): Promise<Check[]> {
    const { google, platform } = settings;
    const facts = await read({ ...google, network: platform.network, cluster: platform.cluster });
    const own = ownNames(googleNames(settings), settings.gateway.networkTag);
    return [
        ...networkChecks(platform, facts, own),
        ...(facts.network === undefined ? [] : firewallChecks(platform, facts.firewall, own)),
        ...clusterChecks(
            platform,
            facts.cluster,
            own,
            settings.perimeter.scope,
            !settings.disabledComponents.has("guard"),
        ),
    ];
}

/** One part that cannot be read must not hide what the other says. Bad input is not part of this: a person can mend it. */
async function readable(id: string, subject: string, check: () => Promise<Check[]>): Promise<Check[]> {
    try {
        return await check();
    } catch (error) {
        if (error instanceof Error && ["GoogleError", "ClusterError"].includes(error.name)) {
            return [
                unreadable(
                    { id: `${id}/read`, subject, expected: "can be read" },
                    error.message,
                    "Mend the access, and run it again: what could not be read is not checked.",
                ),
            ];
        }
        throw error;
    }
}
