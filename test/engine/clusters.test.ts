import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { type Configuration, Engine, type EngineFailure, type StackUnderTest, withStack } from "./harness";
import { ADDRESS, DENY, NAT, NODE_POOL, ROUTE, typeOf } from "./order";

const ROOT = path.resolve(__dirname, "..", "..");
const POLICY = "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy";
const RULE = "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule";
const BELT = "gcp:compute/firewall:Firewall";
const RESERVED = "projects/acme-host/regions/europe-west1/addresses/partner-ip-1";

/** What is in the clusters has no part in this. */
const networkOnly = (config: Configuration) => {
    config["egress-gateway:disabledComponents"] = ["guard", "gateway", "mesh", "network-policies"];
};

describe("two stacks in one network", () => {
    // The steps of one life, in order: each begins where the one before it ended.
    let engine: Engine;
    let blue: StackUnderTest;
    let green: StackUnderTest;

    before(async () => {
        engine = await Engine.start();
        engine.drift(world => world.give(ADDRESS, RESERVED));
        blue = await engine.stack({ name: "blue", configure: networkOnly });
        green = await engine.stack({ name: "green", configure: networkOnly });
    });
    after(() => engine.remove());

    /** What the providers did, in order. */
    async function done(work: () => Promise<unknown>): Promise<string[]> {
        const before = engine.journal().length;
        await work();
        return engine
            .journal()
            .slice(before)
            .map(({ operation, urn }) => `${operation} ${typeOf(urn)} ${urn.split("::").at(-1)}`);
    }

    const refused = (work: Promise<unknown>, words: RegExp) =>
        assert.rejects(work, ({ output }: EngineFailure) => {
            assert.match(output, words);
            return true;
        });
    const first = (list: readonly string[], part: string): number => {
        const at = list.findIndex(entry => entry.includes(part));
        assert.notEqual(at, -1, `${part} in ${list.join(", ")}`);
        return at;
    };
    const last = (list: readonly string[], part: string): number => {
        first(list, part);
        return list.findLastIndex(entry => entry.includes(part));
    };
    /** Without the rules that others have in its policy. */
    const of = (stack: string) =>
        engine.objects().filter(({ id }) => id.includes(`acme-${stack}`) && !/\/rules\/2\d{4}$/.test(id));

    it("begin with the one that owns the perimeter: the other makes nothing before the deny is there", async () => {
        await refused(green.preview(), /blue.*first\. Its deny has to be there before nodes of this one are/s);
        assert.deepEqual(engine.objects(), []);
        const made = await done(() => blue.up());
        assert.ok(last(made, ` ${RULE} `) < first(made, ` ${DENY} `), "the policy is whole when it is attached");
        [ROUTE, NAT, NODE_POOL].forEach(exit => assert.ok(first(made, ` ${DENY} `) < first(made, ` ${exit} `)));
    });

    it("go on with the one that joins: rules, then its way out, and neither a policy nor a belt", async () => {
        const made = await done(() => green.up());
        [POLICY, DENY, BELT].forEach(type => assert.ok(!made.some(entry => entry.includes(` ${type} `)), type));
        assert.ok(first(made, "perimeter-firewall-20390") < first(made, "perimeter-firewall-20400"));
        [ROUTE, NAT, NODE_POOL].forEach(exit => assert.ok(last(made, ` ${RULE} `) < first(made, ` ${exit} `)));
        await green.preview({ expectNoChanges: true });
        await blue.preview({ expectNoChanges: true });
    });

    it("change each for itself: the owner's change leaves the rules of the other alone", async () => {
        const ofGreen = () => engine.objects().filter(({ id }) => /\/rules\/2\d{4}$/.test(id));
        const before = ofGreen();
        assert.ok(before.length >= 7);
        blue.configure(config =>
            config["egress-gateway:destinations"].push({
                host: "more.example.com",
                ports: [{ number: 8443, protocol: "tls" }],
                allow: [{ namespace: "payments", serviceAccount: "api" }],
            }),
        );
        assert.deepEqual(await done(() => blue.up()), [`update ${RULE} perimeter-firewall-400`]);
        assert.deepEqual(ofGreen(), before);
    });

    it("do not take a third that would own the perimeter too: refused at preview where the platform says who does, else by Google, and nothing that leaves is made", async () => {
        const written = fs.readFileSync(path.join(ROOT, "Pulumi.blue.yaml"), "utf8");
        const red = await engine.stack({
            name: "red",
            files: {
                "Pulumi.yaml": fs.readFileSync(path.join(ROOT, "Pulumi.yaml"), "utf8"),
                "Pulumi.red.yaml": written.replaceAll("acme-blue", "acme-red"),
            },
            configure: networkOnly,
        });
        await refused(red.preview(), /which owns the perimeter of the network, as the platform says/);
        red.configure(config => delete config["egress-gateway:platform"].perimeterOwner);
        await refused(red.up(), /already associated/);
        assert.deepEqual(
            of("red").filter(({ type }) => [ROUTE, NAT, NODE_POOL, BELT].includes(type)),
            [],
        );
        await red.unprotect();
        await red.destroy();
        assert.deepEqual(of("red"), []);
    });

    it("keep the deny while others rest on it: the owner's policy, its denies, association and belt are protected", async () => {
        await refused(blue.previewDestroy(), /protected/);
        const kept = (await blue.resources()).filter(({ protect }) => protect === true).map(({ urn }) => urn);
        assert.deepEqual(
            kept
                .filter(urn => typeOf(urn) !== ADDRESS)
                .map(urn => `${typeOf(urn).split(":").at(-1)!} ${urn.split("::").at(-1)!}`)
                .sort(),
            [
                "Firewall perimeter-belt-ipv4",
                "Firewall perimeter-belt-ipv6",
                "NetworkFirewallPolicy perimeter-firewall",
                "NetworkFirewallPolicyAssociation perimeter-firewall",
                "NetworkFirewallPolicyRule perimeter-firewall-390",
                "NetworkFirewallPolicyRule perimeter-firewall-60000",
                "NetworkFirewallPolicyRule perimeter-firewall-60001",
            ],
        );
    });

    it("let the one that joined go first, its deny after its way out, and nothing of the owner's", async () => {
        const owners = of("blue").length;
        await green.unprotect();
        const gone = await done(() => green.destroy());
        [ROUTE, NAT, NODE_POOL].forEach(exit => assert.ok(last(gone, ` ${exit} `) < first(gone, ` ${RULE} `)));
        assert.ok(first(gone, "perimeter-firewall-20400") < first(gone, "perimeter-firewall-20390"));
        assert.equal(of("blue").length, owners);
        assert.ok(!gone.some(entry => entry.includes("partner-ip-1")));
        await blue.preview({ expectNoChanges: true });
    });

    it("go the wrong way round only where somebody unprotects the deny; who joined then says what is missing, and can go", async () => {
        await green.up();
        await blue.unprotect();
        const gone = await done(() => blue.destroy());
        assert.ok(last(gone, ` ${BELT} `) < first(gone, ` ${DENY} `));
        assert.ok(first(gone, ` ${DENY} `) < first(gone, ` ${RULE} `), "the deny holds until its policy is detached");
        await refused(green.preview(), /was never deployed, or was destroyed/);
        await green.unprotect();
        await green.destroy();
        assert.deepEqual(engine.objects(), []);
    });
});

describe("a stack that begins to share its perimeter", () => {
    it("has the new policy whole before the old one is detached, and the belt all the time", async () => {
        await withStack({ name: "dev", configure: networkOnly }, async (stack, engine) => {
            await stack.up();
            stack.configure(config => (config["egress-gateway:perimeter"] = { shared: true }));
            const before = engine.journal().length;
            await stack.up();
            const done = engine
                .journal()
                .slice(before)
                .map(
                    ({ operation, urn }) => `${operation} ${urn.split("::").at(-1)!} ${typeOf(urn).split(":").at(-1)!}`,
                );
            const at = (entry: string) => done.findIndex(each => each === entry);
            const detached = at("delete perimeter-firewall NetworkFirewallPolicyAssociation");
            const attached = at("create perimeter-firewall NetworkFirewallPolicyAssociation");
            assert.equal(attached, detached + 1, done.join(", "));
            assert.ok(done.findLastIndex(each => each.endsWith(" NetworkFirewallPolicyRule")) < detached);
            assert.ok(attached < at("delete perimeter-firewall NetworkFirewallPolicyWithRules"));
            assert.ok(!done.some(each => each.endsWith(" Firewall")));
        });
    });
});
