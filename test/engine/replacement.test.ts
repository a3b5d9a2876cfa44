import assert from "node:assert/strict";
import { Engine, type StackUnderTest } from "./harness";

const NODE_POOL = "gcp:container/nodePool:NodePool";
const ROUTE = "gcp:compute/route:Route";

describe("a setting that Google cannot change in place", () => {
    let engine: Engine;
    let stack: StackUnderTest;

    before(async () => {
        engine = await Engine.start();
        stack = await engine.stack({ name: "dev" });
        await stack.up();
    });
    after(() => engine.remove());

    const idsOf = (type: string) => engine.objects().flatMap(object => (object.type === type ? [object.id] : []));

    /** What the providers did to objects of a type during an up, in order. */
    async function doneTo(type: string): Promise<string[]> {
        const before = engine.journal().length;
        await stack.up();
        const entries = engine.journal().slice(before);
        return entries.flatMap(({ operation, urn, id }) => (urn.includes(`$${type}::`) ? [`${operation} ${id}`] : []));
    }

    it("has the new gateway nodes before the old ones go, because the pool's name is generated", async () => {
        const [old] = idsOf(NODE_POOL);
        stack.configure(config => (config["egress-gateway:gateway"].machineType = "e2-standard-8"));
        const done = await doneTo(NODE_POOL);
        const [now, ...others] = idsOf(NODE_POOL);
        assert.deepEqual(others, []);
        assert.notEqual(now, old);
        assert.deepEqual(done, [`create ${now}`, `delete ${old}`]);
    });

    it("takes the old default route away before the new one stands, because its name can exist only once", async () => {
        const [route] = idsOf(ROUTE);
        stack.configure(config => (config["egress-gateway:gateway"].networkTag = "another-tag"));
        assert.deepEqual(await doneTo(ROUTE), [`delete ${route}`, `create ${route}`]);
        assert.deepEqual(idsOf(ROUTE), [route]);
    });
});
