import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { refusals, replacements, REPLACED_TYPES } from "../../plan/replacements";
import { GOLDEN_STACKS, REPLACING_FILE, replacingInputs } from "./goldenPlan";
import { planned, the } from "./planned";

describe("what a change replaces", () => {
    for (const stack of GOLDEN_STACKS) {
        it(`is known for every input of every planned Google resource of ${stack}`, async () => {
            const { resources } = await planned(stack);
            const missing = resources
                .filter(({ type }) => type.startsWith("gcp:"))
                .flatMap(({ type, inputs }) => {
                    const known = REPLACED_TYPES[type];
                    const first = new Set([...(known?.replacing ?? []), ...(known?.inPlace ?? [])]);
                    return Object.keys(inputs).flatMap(key => (first.has(key) ? [] : [`${type}.${key}`]));
                });
            assert.deepEqual(missing, []);
        });

        it(`did not change in ${stack} without a word: say in CHANGELOG.md what is replaced, then \`npm run golden -- --replacing\``, async () => {
            const committed = JSON.parse(readFileSync(REPLACING_FILE, "utf8")) as Record<string, unknown>;
            const now = replacingInputs(await planned(stack));
            assert.deepEqual(JSON.parse(JSON.stringify(now)), committed[stack]);
        });
    }

    const changed = async (type: string, change: (inputs: Record<string, unknown>) => Record<string, unknown>) => {
        const { resources } = await planned("dev");
        const one = the(resources, type, type.endsWith(":Address") ? "perimeter-nat-1" : undefined);
        const after = resources.map(other => (other === one ? { ...one, inputs: change(one.inputs) } : other));
        return replacements(resources, after).map(({ name, inputs, wayOut }) => [name, inputs, wayOut !== undefined]);
    };

    it("is the route when its tag changes, which takes the way out", async () => {
        assert.deepEqual(await changed("gcp:compute/route:Route", inputs => ({ ...inputs, tags: ["other"] })), [
            ["perimeter-default-route-egress-gateway", ["tags"], true],
        ]);
    });

    it("is the pool when its identity changes, and not when its machines do", async () => {
        const pool = (key: string, value: unknown) =>
            changed("gcp:container/nodePool:NodePool", inputs => ({
                ...inputs,
                nodeConfig: { ...(inputs["nodeConfig"] as object), [key]: value },
            }));
        assert.deepEqual(await pool("serviceAccount", "other@acme-dev.iam.gserviceaccount.com"), [
            ["gateway-pool", ["nodeConfig.serviceAccount"], true],
        ]);
        assert.deepEqual(await pool("machineType", "e2-standard-8"), []);
    });

    it("is no address and no route for a word in its description", async () => {
        for (const type of ["gcp:compute/address:Address", "gcp:compute/route:Route"]) {
            assert.deepEqual(await changed(type, inputs => ({ ...inputs, description: "Other words." })), []);
        }
    });

    const PERIMETER = "egress-gateway:perimeter:Perimeter";

    /** What is refused when the perimeter registers something else than before. */
    async function refused(changes: Record<string, unknown>, earlier: Record<string, unknown> = {}): Promise<string[]> {
        const { resources } = await planned("dev");
        const one = the(resources, PERIMETER);
        const as = (others: Record<string, unknown>) =>
            resources.map(other => (other === one ? { ...one, inputs: { ...one.inputs, ...others } } : other));
        return refusals(as(earlier), as(changes)).map(({ path }) => path);
    }

    it("is refused where nodes that are still there would lose their way out, and not where both are served", async () => {
        const old = "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com";
        const account = { gatewayNodeAccount: "other@acme-dev.iam.gserviceaccount.com" };
        assert.deepEqual(await refused(account), ["egress-gateway:gateway.nodeAccountId"]);
        assert.deepEqual(await refused({ ...account, retiringNodeAccount: old }), []);
        assert.deepEqual(await refused(account, { ...account, retiringNodeAccount: old }), []);

        const was = {
            name: "acme-dev-egress",
            nodeCidr: "10.0.8.0/27",
            podRange: "egress-pods",
            podCidr: "10.3.0.0/22",
        };
        const now = { ...was, podRange: "more-pods", podCidr: "10.2.0.0/20" };
        assert.deepEqual(await refused({ gatewaySubnets: [now] }), ["egress-gateway:platform.egressSubnet"]);
        assert.deepEqual(await refused({ gatewaySubnets: [now, was] }), []);
        assert.deepEqual(await refused({ gatewaySubnets: [now] }, { gatewaySubnets: [now, was] }), []);

        assert.deepEqual(await refused({ natAddresses: 1 }), ["egress-gateway:nat.addresses"]);
        assert.deepEqual(await refused({ natAddresses: 1, drainingAddresses: 1 }), []);
        assert.deepEqual(await refused({ natAddresses: 1 }, { natAddresses: 1, drainingAddresses: 1 }), []);
        assert.deepEqual(await refused({ natAddresses: 3, networkTag: "other" }), []);
        const before = { natAddresses: 0, reservedAddresses: ["a", "b"] };
        assert.deepEqual(await refused({ natAddresses: 2, reservedAddresses: ["a"] }, before), [
            "egress-gateway:nat.addresses",
        ]);
        const draining = { natAddresses: 2, reservedAddresses: ["a"], drainingReservedAddresses: ["b"] };
        assert.deepEqual(await refused(draining, before), []);
        assert.deepEqual(await refused({ natAddresses: 2, reservedAddresses: ["a"] }, draining), []);
    });

    it("is not refused for what an earlier version did not register", async () => {
        const unregistered = { gatewayNodeAccount: undefined, gatewaySubnets: undefined, natAddresses: undefined };
        assert.deepEqual(await refused({ natAddresses: 1 }, unregistered), []);
    });
});
