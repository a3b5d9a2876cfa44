import { strict as assert } from "node:assert";
import { type SharedPerimeter } from "../../../contract/sharedPerimeter";
import { settingsOf } from "../../../cli/commands/deployed";
import { type Settings } from "../../../settings/settings";
import { egress, FakeGoogle, nat, NETWORK, pool, route, type World, wrong } from "./google";

const STACK = "organization/egress-gateway/blue";
const OWN = "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com";
const JOINED = {
    network: "projects/acme-dev/global/networks/acme-dev",
    project: "acme-dev",
    policy: "acme-blue-egress-shared",
    mode: "enforce" as const,
    cluster: "projects/acme-dev/locations/europe-west1/clusters/acme-blue",
    accounts: [] as string[],
    networkTags: [] as string[],
} satisfies SharedPerimeter;

describe("preflight of stacks that share a network", () => {
    let google: FakeGoogle;
    let settings: Settings;

    before(async () => {
        google = await new FakeGoogle().listening();
        settings = await settingsOf("dev");
    });
    after(() => google.stop());

    const wrongWith = async (change: (world: World) => void, more: Partial<Settings>): Promise<string[]> =>
        wrong(await google.checks({ ...settings, ...more }, change));

    const joining = (): Partial<Settings> => ({
        joined: JOINED,
        perimeter: { ...settings.perimeter, stack: STACK, band: 2 },
    });
    const targeted = (priority: number, account: string) => ({
        ...egress(priority, "deny", ["10.0.0.0/8"]),
        targetServiceAccounts: [account],
    });
    /** The owner's policy, with this stack's rules in it, and its belt. */
    const owned =
        (...rules: object[]) =>
        (world: World): void => {
            world.effectiveFirewalls = {
                firewallPolicys: [
                    {
                        name: "1",
                        shortName: JOINED.policy,
                        type: "NETWORK",
                        rules: [egress(60000, "deny", ["0.0.0.0/0"]), targeted(22390, OWN), ...rules],
                    },
                ],
            };
        };
    const neighbour = (world: World): void => {
        world.routers.push({
            name: "acme-blue-egress",
            network: NETWORK,
            nats: [nat("acme-blue-egress", "LIST_OF_SUBNETWORKS", ["acme-blue-egress"])],
        });
        world.routes.push(
            route("acme-blue-egress-default-blue", "0.0.0.0/0", {
                nextHopGateway: "x/default-internet-gateway",
                tags: ["blue"],
            }),
        );
    };

    it("agrees where the owner's policy denies and the band is free, and only notes the neighbour's way out", async () => {
        assert.deepEqual(await wrongWith(owned(), joining()), []);
        assert.deepEqual(
            await wrongWith(world => {
                owned()(world);
                neighbour(world);
            }, joining()),
            [
                "attention route/default/acme-blue-egress-default-blue",
                "attention nat/others/acme-blue-egress/acme-blue-egress",
            ],
        );
    });

    it("says where nothing denies: no policy, or one without its deny", async () => {
        assert.deepEqual(await wrongWith(world => (world.effectiveFirewalls = {}), joining()), [
            "contradicts firewall/joined",
        ]);
        const policy = (rules: object[]) => [{ name: "1", shortName: JOINED.policy, type: "NETWORK", rules }];
        const narrow = { ...egress(60000, "deny", ["0.0.0.0/0"]), targetServiceAccounts: [OWN] };
        assert.deepEqual(
            await wrongWith(world => (world.effectiveFirewalls = { firewallPolicys: policy([narrow]) }), joining()),
            ["contradicts firewall/joined"],
        );
    });

    it("says that the band is another's", async () => {
        assert.deepEqual(await wrongWith(owned(targeted(22400, "red@acme-dev.iam.gserviceaccount.com")), joining()), [
            "contradicts firewall/band",
        ]);
        assert.deepEqual(
            await wrongWith(owned(targeted(24400, "red@acme-dev.iam.gserviceaccount.com")), joining()),
            [],
        );
    });

    it("says that another stack's policy is attached where this one has its own, and that it can be joined", async () => {
        assert.deepEqual(await wrongWith(owned(), {}), [`contradicts firewall/attached/${JOINED.policy}`]);
    });

    it("says that another stack has a gateway in the cluster", async () => {
        const second = pool(
            "second-gateway",
            { serviceAccount: "second@acme-dev.iam.gserviceaccount.com", labels: { "egress-gateway/node": "true" } },
            "second-egress",
        );
        assert.deepEqual(await wrongWith(world => (world.cluster!["nodePools"] as object[]).push(second), {}), [
            "contradicts cluster/pool/second-gateway/stack",
        ]);
    });

    it("reads a shared VPC where it is: the network in its host project, the cluster in its own", async () => {
        const platform = { ...settings.platform, networkProject: "acme-host" } as Settings["platform"];
        const hosted = (world: World) => (world.networkProject = "acme-host");
        assert.deepEqual(await wrongWith(hosted, { platform }), []);
        const empty = (world: World) => {
            hosted(world);
            world.quotas = [{ metric: "STATIC_ADDRESSES", limit: 2, usage: 2 }];
            world.cluster!["nodePools"] = [];
        };
        assert.deepEqual(await wrongWith(empty, { platform }), ["contradicts quota/STATIC_ADDRESSES"]);
        // Its own project has no network, and nothing of it.
        assert.notDeepEqual(await wrongWith(hosted, {}), []);
    });
});
