import { isDeepStrictEqual } from "node:util";
import { gatewayNodeValue } from "../../base/conventions";
import { gatewayViews } from "../../settings/gateways";
import { googleNames, type GoogleSettings, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { InputError } from "../../base/problem";
import { isUnreadable, type LiveReaders } from "../readers";
import { type PreflightCheck, unreadable } from "./check";
import { kubernetesChecks } from "./cluster/checks";
import { readKubernetes } from "./cluster/read";
import { addressChecks, reservedAddresses } from "./google/addresses";
import { clusterChecks, isGatewayPool } from "./google/cluster";
import { type GoogleFacts } from "./google/facts";
import { firewallChecks } from "./google/firewall";
import { quotaChecks } from "./google/quota";
import { networkChecks, ownNames } from "./google/network";
import { sharingChecks } from "./google/sharing";
import { type GoogleScope, readGoogle } from "./google/read";

/**
 * Compares what the settings say of the platform with what is there. Reads only.
 *
 * @throws InputError with what is missing on either side: credentials, a kubeconfig, a context.
 */
export async function preflight(settings: Settings, { cluster, google }: LiveReaders): Promise<PreflightCheck[]> {
    const googles = onGoogle(settings) ? settings : undefined;
    const facts = googles === undefined ? undefined : google?.().then(api => readGoogle(api, scopeOf(googles)));
    const sides = await Promise.allSettled([
        googles === undefined || facts === undefined
            ? []
            : readable("google", "Google Cloud", async () => googleChecks(googles, await facts)),
        cluster === undefined ? [] : clusterSide(settings, cluster, facts),
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

function scopeOf(settings: GoogleSettings): GoogleScope {
    const { cluster, networkProject, project, region } = googleNames(settings);
    return {
        project,
        networkProject,
        region,
        network: settings.platform.network,
        cluster,
        addresses: settings.disabledComponents.has("perimeter")
            ? []
            : gatewayViews(settings).flatMap(reservedAddresses),
    };
}

async function clusterSide(
    settings: Settings,
    connect: NonNullable<LiveReaders["cluster"]>,
    facts: Promise<GoogleFacts> | undefined,
): Promise<PreflightCheck[]> {
    // Why Google cannot be read is told by its own side.
    const own = await facts?.then(
        ({ cluster }) => cluster?.kubeconfig,
        () => undefined,
    );
    const { clientNamespaces, mesh, platform } = settings;
    return readable("cluster", `cluster ${platform.cluster.name}`, async () =>
        kubernetesChecks(settings, await readKubernetes(connect(own), { ...mesh, clientNamespaces })),
    );
}

/** For each gateway, to which the others' routes and NATs are the stack's own; what is found for several alike is told once. */
function googleChecks(settings: GoogleSettings, facts: GoogleFacts): PreflightCheck[] {
    const views = gatewayViews(settings);
    const told: PreflightCheck[] = [];
    for (const view of views) {
        const others = views.filter(other => other !== view).map(other => googleNames(other));
        const checks = checksOf(view, {
            ...facts,
            routes: facts.routes.filter(({ name }) => !others.some(({ defaultRoute }) => name === defaultRoute)),
            nats: facts.nats.filter(({ name }) => !others.some(({ nat }) => name === nat)),
        });
        const { name } = view.gateway;
        for (const check of checks) {
            const known = told.some(({ id: _, ...earlier }) => {
                const { id: __, ...rest } = check;
                return isDeepStrictEqual(earlier, rest);
            });
            if (!known) {
                told.push(name === undefined ? check : { ...check, id: `${check.id}/${name}` });
            }
        }
    }
    return told;
}

function checksOf(settings: GoogleSettings, facts: GoogleFacts): PreflightCheck[] {
    const { platform } = settings;
    const own = ownNames(googleNames(settings), settings);
    const value = gatewayNodeValue(settings.gateway.name);
    return [
        ...networkChecks(platform, facts, own),
        ...(facts.network === undefined ? [] : firewallChecks(platform, facts.firewall, own)),
        ...sharingChecks(settings, facts),
        ...(settings.disabledComponents.has("perimeter") ? [] : addressChecks(settings, facts.addresses, own)),
        ...clusterChecks(
            platform,
            facts.cluster,
            own,
            settings.perimeter.scope,
            !settings.disabledComponents.has("guard"),
        ),
        ...(settings.disabledComponents.has("node-pool")
            ? []
            : quotaChecks(settings, facts, facts.cluster?.pools.some(pool => isGatewayPool(pool, value)) === true)),
    ];
}

/** One part that cannot be read must not hide what the other says. */
async function readable(
    id: string,
    subject: string,
    check: () => Promise<PreflightCheck[]>,
): Promise<PreflightCheck[]> {
    try {
        return await check();
    } catch (error) {
        if (isUnreadable(error)) {
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
