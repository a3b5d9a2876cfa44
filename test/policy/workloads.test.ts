import assert from "node:assert/strict";
import { GUARD_RULES } from "../../components/guard/rules";
import { packPolicies, packRules } from "../../policy/pack";
import { DEFAULT_SETTINGS } from "../../policy/settings";
import { catalogueSettings, type HostileCase, hostileCases, type Sender } from "../../attacks";
import { POD_KINDS } from "../../attacks/objects";
import { CASES } from "./cases";
import { registered } from "./cases/workloads";
import { violations } from "./sdk";

/** The pack's settings for the cluster that the catalogue is about. */
const CONFIG = {
    "pack-settings": {
        ...DEFAULT_SETTINGS,
        gatewayPodLabels: catalogueSettings.gatewayPodLabels,
        clientNamespaces: catalogueSettings.clientNamespaces,
        systemNamespaces: catalogueSettings.exemptNamespaces,
        resolverNamespace: catalogueSettings.resolverNamespace,
    },
};

const GUARD = new Set<string>(GUARD_RULES.map(({ id }) => id));

/** A program creates objects, as somebody who is neither part of the cluster nor of its control plane. */
function isSeenAtPreview({ id, rule, request, as }: HostileCase): boolean {
    return (
        !isOfTheCluster(id, rule) &&
        request.operation === "create" &&
        request.below === undefined &&
        !as.user.startsWith("system:")
    );
}

/** What the pack cannot know: which namespaces are clients', and the addresses of the gateway. */
function isOfTheCluster(id: string, rule: string): boolean {
    return rule === "client-namespace-labels" || /^client-endpoints\/gateway-/.test(id);
}

/** Whoever deploys the gateway is the gateway's own project at preview; nobody else is exempt. */
function projectOf({ user, groups }: Sender): string {
    const deploys =
        catalogueSettings.exemptUsers.includes(user) ||
        (groups ?? []).some(group => catalogueSettings.exemptGroups?.includes(group));
    return deploys ? "egress-gateway" : "shop";
}

/** Specs of pods, wherever the object has them. */
function podsIn(value: unknown): string[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([key, inner]) =>
        key === "spec" && Array.isArray((inner as { containers?: unknown }).containers)
            ? [JSON.stringify(inner)]
            : podsIn(inner),
    );
}

describe("the guard's catalogue of hostile objects, at preview", () => {
    const pack = packPolicies();
    const seen = hostileCases.filter(isSeenAtPreview);

    for (const hostile of seen) {
        it(`${hostile.rule} refuses ${hostile.id} and lets its twin pass`, async () => {
            assert.deepEqual(await refusals(hostile.request, hostile.as), [hostile.rule]);
            const { request, as } = hostile.twin;
            assert.deepEqual(await refusals(request, as ?? hostile.as), []);
        });
    }

    async function refusals(request: HostileCase["request"], as: Sender): Promise<string[]> {
        // A twin may be sent by the cluster itself, which no program is.
        if (request.operation !== "create" || as.user.startsWith("system:")) {
            return [];
        }
        const found = await violations(pack, [registered(request.object)], CONFIG, projectOf(as));
        return [...new Set(found.map(({ policy }) => policy).filter(policy => GUARD.has(policy)))];
    }

    it("is seen at preview except for what exists already, is looked into, or comes from the cluster itself", () => {
        const unseen = hostileCases.filter(hostile => !isSeenAtPreview(hostile));
        for (const { id, rule, request, as } of unseen) {
            assert.ok(
                isOfTheCluster(id, rule) ||
                    request.operation !== "create" ||
                    request.below !== undefined ||
                    as.user.startsWith("system:"),
            );
        }
        assert.ok(seen.length > 300, `${seen.length} of ${hostileCases.length} cases`);
    });

    it("gives the pack's own cases every pod that they refuse", () => {
        const catalogued = new Set(
            hostileCases.flatMap(({ request }) => podsIn("object" in request ? request.object : {})),
        );
        // The other rules judge the whole stack, which has a gateway.
        const ofObjects = CASES.filter(({ rule }) => GUARD.has(rule) || rule === "object-namespace");
        const refused = ofObjects.flatMap(({ rule, fails }) =>
            Object.entries(fails).flatMap(([name, { resources }]) =>
                resources.flatMap(({ type, inputs }) =>
                    POD_KINDS.some(kind => type.endsWith(`:${kind}`))
                        ? podsIn(inputs).map(pod => ({ id: `${rule}, ${name}`, pod }))
                        : [],
                ),
            ),
        );
        assert.ok(refused.length > 10, `${refused.length} pods`);
        assert.deepEqual(
            refused.filter(({ pod }) => !catalogued.has(pod)).map(({ id }) => id),
            [],
        );
    });

    it("has a rule in the pack for every rule of the guard that is about creating objects", () => {
        const inPack = new Set(packRules().map(({ name }) => name));
        const missing = GUARD_RULES.map(({ id }) => id).filter(id => !inPack.has(id));
        // Both are about what exists already: looking into pods, and the namespaces of clients.
        assert.deepEqual(missing, ["gateway-pod-access", "client-namespace-labels"]);
    });
});
