import assert from "node:assert/strict";
import { type Configuration, Engine, type StackUnderTest } from "./harness";
import { ADDRESS, assertInOrder, DENY, NAT, NODE_POOL, ROUTE, short, typeOf } from "./order";
import { assertShown } from "./walkthrough";

type Told = Readonly<Record<"bank" | "supplier", { readonly lists: readonly string[] }>>;

const SUPPLIER = "db.example.com";

const POLICY = "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules";
const NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

/** Everything of the gateway `supply`, as if it had never been written. */
const withoutSupply = (config: Configuration) => {
    const { supply: _, ...gateways } = config["egress-gateway:gateways"] as Record<string, unknown>;
    config["egress-gateway:gateways"] = gateways;
    const destinations = config["egress-gateway:destinations"] as { host: string }[];
    config["egress-gateway:destinations"] = destinations.filter(({ host }) => host !== SUPPLIER);
};

describe("a stack with several gateways", () => {
    // The steps of one life, in order: each begins where the one before it ended.
    let engine: Engine;
    let stack: StackUnderTest;
    let written: Configuration;

    const done = async (work: () => Promise<unknown>) => {
        const before = engine.journal().length;
        await work();
        return engine.journal().slice(before);
    };

    before(async () => {
        engine = await Engine.start();
        stack = await engine.stack({
            name: "teams",
            configure: config => {
                written = structuredClone(config);
                withoutSupply(config);
            },
        });
    });
    after(() => engine.remove());

    it("comes up with two, the deny first, and each with its own way out", async () => {
        await stack.up();
        assertInOrder(
            engine
                .journal()
                .filter(({ operation }) => operation === "create")
                .map(({ urn }) => urn),
        );
        const made = (type: string) => engine.objects().filter(object => object.type === type).length;
        assert.deepEqual([made(NAT), made(ROUTE), made(NODE_POOL), made(ADDRESS)], [2, 2, 2, 4]);
        await stack.preview({ expectNoChanges: true });
    });

    it("gets a third without touching the others but in the shared firewall, the guard, and what clients may reach", async () => {
        stack.configure(config => {
            for (const key of Object.keys(config)) {
                delete config[key];
            }
            Object.assign(config, structuredClone(written));
        });
        const journal = await done(() => stack.up());
        const changed = journal.filter(({ operation }) => operation !== "create");
        assert.deepEqual([...new Set(changed.map(({ operation }) => operation))], ["update"]);
        assert.deepEqual(
            changed
                .map(({ urn }) => short(urn))
                .filter(name => !/ValidatingAdmissionPolicy/.test(name))
                .sort(),
            [
                `${POLICY} perimeter-firewall`,
                // Clients' pods reach pods of every namespace but the gateways', and of gateways those that they use.
                `${NETWORK_POLICY} orders/egress-gateway-allow-cluster`,
                `${NETWORK_POLICY} orders/egress-gateway-allow-mesh`,
                `${NETWORK_POLICY} payments/egress-gateway-allow-cluster`,
            ],
        );
        const created = journal.filter(({ operation }) => operation === "create").map(({ urn }) => typeOf(urn));
        [NAT, ROUTE, NODE_POOL, ADDRESS].forEach(type =>
            assert.equal(created.filter(each => each === type).length, 1, type),
        );
        assert.ok(!created.includes(DENY));
        await stack.preview({ expectNoChanges: true });
    });

    it("tells each team's partner the addresses of that team's gateway, as docs/stacks.md shows it", async () => {
        const partners = await engine.stack({ name: "teams", folder: "examples/teams" });
        await partners.up();
        assertShown("partners", await partners.cli(["stack", "output"]));
        const told = async (): Promise<Told> => (await partners.outputs()) as unknown as Told;
        const before = await told();

        stack.configure(config => {
            const { supply } = config["egress-gateway:gateways"] as { supply: { nat: { addresses: number } } };
            supply.nat.addresses = 2;
        });
        await stack.up();
        await partners.up();
        const after = await told();
        assert.deepEqual(after.bank, before.bank);
        assert.deepEqual(after.supplier.lists.slice(0, 1), before.supplier.lists);
        assert.equal(after.supplier.lists.length, 2);
    });

    it("loses it again, and the others are left as they were", async () => {
        await stack.unprotect();
        stack.configure(withoutSupply);
        const journal = await done(() => stack.up());
        const deleted = journal.filter(({ operation }) => operation === "delete").map(({ urn }) => urn);
        assert.ok(deleted.length > 0);
        assert.deepEqual(
            deleted.filter(urn => !/supply|orders/.test(urn)),
            [],
        );
    });

    it("goes down in the order in which nothing leaves without the deny", async () => {
        await stack.unprotect();
        const gone = (await done(() => stack.destroy())).map(({ urn }) => typeOf(urn));
        [NAT, ROUTE, NODE_POOL].forEach(exit =>
            assert.ok(gone.lastIndexOf(exit) < gone.indexOf(DENY), `${exit} goes before the deny`),
        );
        assert.deepEqual(engine.objects(), []);
    });
});
