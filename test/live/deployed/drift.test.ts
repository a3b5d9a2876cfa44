import * as assert from "node:assert/strict";
import { type Drift, driftOf, isDrift } from "../../../live/deployed/drift";
import { type Deployment } from "./deployed";
import { SEEDS, TEAM_SEEDS } from "./drifts";
import { type Answer } from "./google";
import { devSetting } from "../../program/variant";
import { Rig, type Stack, stackOf, variantOf } from "./rig";

const platform = (more: object, cluster: object = {}) => {
    const own = devSetting<{ readonly cluster: object }>("platform");
    return { platform: { ...own, ...more, cluster: { ...own.cluster, ...cluster } } };
};
const guard = devSetting<object>("guard");
const ACCOUNT = "app-nodes@acme-dev.iam.gserviceaccount.com";

/** What settings may say otherwise than the dev stack's. */
const VARIANTS: readonly Record<string, unknown>[] = [
    { mesh: { trustDomain: "prod.acme.example" } },
    { mesh: { controlPlaneNamespace: "istio-control" } },
    { mesh: { keepAliveSeconds: 10 } },
    { gateway: { machineType: "n2-standard-4", diskSizeGb: 50 } },
    { gateway: { namespace: "my-egress" } },
    { gateway: { networkTag: "exit" } },
    { gateway: { nodeAccountId: "exit-nodes" } },
    { gateway: { minNodes: 4, maxNodes: 9 } },
    { nat: { addresses: 4 } },
    { dns: { lock: "enforce" } },
    platform({}, { dns: "node-local-dns" }),
    platform({}, { dns: "cloud-dns" }),
    platform({}, { dataplane: "legacy" }),
    platform({}, { defaultSnat: false }),
    platform({}, { nodeServiceAccounts: [ACCOUNT] }),
    { guard: { ...guard, exemptGroups: ["platform@acme.example"] } },
    { guard: { ...guard, exemptNamespaces: ["flux-system"] } },
    { disabledComponents: ["network-policies"] },
];

describe("drift", function () {
    this.timeout(60_000);
    const stacks = new Map<string, Stack>();
    let rig: Rig;

    before(async () => {
        for (const name of ["dev", "teams"]) {
            stacks.set(name, await stackOf(name));
        }
        rig = await Rig.start();
    });
    after(() => rig.stop());

    const told = ({ opened, closed, changed, unknown }: Drift): string =>
        Object.entries({ opened, closed, changed, unknown })
            .flatMap(([effect, entries]) =>
                entries.map(({ what, details, witness }) =>
                    [`${effect} ${what}`, ...details, ...(witness?.hops ?? []).map(({ decision }) => decision)].join(
                        "\n  ",
                    ),
                ),
            )
            .join("\n");

    for (const [name, seeds] of Object.entries({ dev: SEEDS, teams: TEAM_SEEDS })) {
        for (const { what, change, told: expected, verdict } of seeds) {
            it(`is found where ${what}`, async () => {
                const stack = stacks.get(name)!;
                rig.deploy(stack, change);
                const drift = driftOf(stack.planned, await rig.live(stack), stack.settings.platform.cluster.name);
                assert.match(told(drift), expected);
                // The proof about what is deployed, as `prove --live` tells it.
                assert.equal(drift.verdict.after, verdict, told(drift));
            });
        }
    }

    const CLEAN: readonly (readonly [string, () => Promise<Stack>])[] = [
        ...(["dev", "prod", "teams"] as const).map(
            name => [name, async () => stacks.get(name) ?? (await stackOf(name))] as const,
        ),
        ...VARIANTS.map(changes => [JSON.stringify(changes).slice(0, 60), () => variantOf(changes)] as const),
    ];
    for (const [index, [name, plan]] of CLEAN.entries()) {
        it(`is silent where everything is as it was registered: ${name}`, async () => {
            const other = await plan();
            rig.deploy(other, deployment => shuffle(deployment, index));
            const live = await rig.live(other);
            const drift = driftOf(other.planned, live, other.settings.platform.cluster.name);
            assert.equal(told(drift), "");
            assert.equal(isDrift(drift), false);
            assert.deepEqual(drift.verdict, { before: "contained", after: "contained" });
        });
    }
});

/** Google and Kubernetes answer in any order. */
function shuffle({ project: google, objects }: Deployment, seed: number): void {
    let state = seed + 1;
    const dice = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (const all of [objects, google.clusters[0]!["nodePools"] as Answer[], ...Object.values(google.compute)]) {
        const order = new Map(all.map(each => [each, dice()]));
        all.sort((a, b) => order.get(a)! - order.get(b)!);
    }
    google.clusters[0]!["nodePools"].find(({ name }: Answer) => name === "applications").name = `apps-${seed}`;
}
