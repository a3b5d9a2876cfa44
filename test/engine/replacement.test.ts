import assert from "node:assert/strict";
import { type Configuration, Engine, type EngineFailure, type StackUnderTest } from "./harness";
import { ADDRESS, NAT, NODE_POOL, ROUTE } from "./order";

const FIREWALL = "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules";
const ACCOUNT = "gcp:serviceaccount/account:Account";

describe("a change of what gateway nodes leave by", () => {
    let engine: Engine;
    let stack: StackUnderTest;

    before(async () => {
        engine = await Engine.start();
        stack = await engine.stack({
            name: "dev",
            // What is in the cluster has no part in this.
            configure: config => {
                config["egress-gateway:nat"] = { addresses: 3 };
                config["egress-gateway:disabledComponents"] = ["guard", "gateway", "mesh", "network-policies"];
            },
        });
        await stack.up();
    });
    after(() => engine.remove());

    /** What the providers did to resources of these types during an up, in order, with their logical names. */
    async function done(...types: string[]): Promise<string[]> {
        const before = engine.journal().length;
        await stack.up();
        return engine
            .journal()
            .slice(before)
            .filter(({ urn }) => types.some(type => urn.includes(`$${type}::`)))
            .map(({ operation, urn }) => `${operation} ${urn.split("::").at(-1)}`);
    }

    async function refused(change: (config: Configuration) => void, ...words: readonly string[]): Promise<void> {
        stack.configure(change);
        await assert.rejects(stack.preview(), ({ output }: EngineFailure) => {
            words.forEach(word => assert.ok(output.includes(word), `no "${word}" in ${output}`));
            return true;
        });
    }

    it("has the new tag's default route before the nodes change, and the old tag's until they have", async () => {
        stack.configure(config => (config["egress-gateway:gateway"].networkTag = "another-tag"));
        assert.deepEqual(await done(ROUTE, NODE_POOL), [
            "create perimeter-default-route-another-tag",
            "update gateway-pool",
            "delete perimeter-default-route-egress-gateway",
        ]);
    });

    it("is refused for the account, and goes in two steps: both are let out while the pool is replaced", async () => {
        await refused(
            config => (config["egress-gateway:gateway"].nodeAccountId = "new-gateway-nodes"),
            "egress-gateway:gateway.nodeAccountId",
            "gateway.retiring: {nodeAccountId: egress-gateway-nodes}",
        );
        stack.configure(
            config => (config["egress-gateway:gateway"].retiring = { nodeAccountId: "egress-gateway-nodes" }),
        );
        assert.deepEqual(await done(ACCOUNT, FIREWALL, NODE_POOL), [
            "create gateway-nodes-new-gateway-nodes",
            "update perimeter-firewall",
            "create gateway-pool",
            "delete gateway-pool",
        ]);
        stack.configure(config => delete config["egress-gateway:gateway"].retiring);
        assert.deepEqual(await done(ACCOUNT, FIREWALL, NODE_POOL), [
            "update perimeter-firewall",
            "delete gateway-nodes-egress-gateway-nodes",
        ]);
    });

    it("is refused for the range of the pods, and goes in two steps: both are served while the pool is replaced", async () => {
        const subnet = {
            name: "acme-dev-egress",
            nodeCidr: "10.0.8.0/27",
            podRange: "egress-pods",
            podCidr: "10.3.0.0/22",
        };
        await refused(
            config =>
                (config["egress-gateway:platform"].egressSubnet = {
                    ...subnet,
                    podRange: "more-pods",
                    podCidr: "10.2.0.0/20",
                }),
            "egress-gateway:platform.egressSubnet",
            `gateway.retiring: {egressSubnet: ${JSON.stringify(subnet)}}`,
        );
        stack.configure(config => (config["egress-gateway:gateway"].retiring = { egressSubnet: subnet }));
        assert.deepEqual(await done(FIREWALL, NODE_POOL), [
            "update perimeter-firewall",
            "create gateway-pool",
            "delete gateway-pool",
        ]);
        stack.configure(config => delete config["egress-gateway:gateway"].retiring);
        assert.deepEqual(await done(FIREWALL, NODE_POOL), ["update perimeter-firewall"]);
    });

    it("is refused for fewer addresses, which drain first and then go without being unprotected", async () => {
        await refused(config => (config["egress-gateway:nat"].addresses = 2), "nat.drainingAddresses: 1");
        const before = engine.journal().length;
        await assert.rejects(stack.up(), "without its preview it is refused before it touches the way out");
        assert.deepEqual(engine.journal().slice(before), []);
        stack.configure(config => (config["egress-gateway:nat"].drainingAddresses = 1));
        assert.deepEqual(await done(ADDRESS, NAT), ["update perimeter-nat"]);
        stack.configure(config => delete config["egress-gateway:nat"].drainingAddresses);
        assert.deepEqual(await done(ADDRESS, NAT), ["update perimeter-nat", "delete perimeter-nat-3"]);
        await stack.preview({ expectNoChanges: true });
    });

    it("takes an address that is there beside its own, lets it drain, and leaves it alone when it goes", async () => {
        const reserved = "projects/acme-dev/regions/europe-west1/addresses/partner-ip-1";
        engine.drift(world => world.give(ADDRESS, reserved));
        stack.configure(config => (config["egress-gateway:nat"].addresses = [{ name: "partner-ip-1" }, { new: 2 }]));
        assert.deepEqual(await done(ADDRESS, NAT), ["update perimeter-nat"]);
        const { natAddresses } = await stack.outputs();
        assert.equal((natAddresses as string[]).length, 3);
        assert.ok(!(await stack.resources()).some(({ urn }) => urn.includes("partner-ip-1")));

        await refused(config => (config["egress-gateway:nat"].addresses = 2), "[{name: partner-ip-1}]");
        stack.configure(config => (config["egress-gateway:nat"].drainingAddresses = [{ name: "partner-ip-1" }]));
        assert.deepEqual(await done(ADDRESS, NAT), ["update perimeter-nat"]);
        stack.configure(config => delete config["egress-gateway:nat"].drainingAddresses);
        assert.deepEqual(await done(ADDRESS, NAT), ["update perimeter-nat"]);
        await stack.preview({ expectNoChanges: true });
    });
});
