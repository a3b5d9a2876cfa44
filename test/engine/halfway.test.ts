import assert from "node:assert/strict";
import { type Engine, type EngineFailure, type StackUnderTest, withStack } from "./harness";
import { DENY, DEPLOYMENT, NAT, NODE_POOL, ROUTE, VIRTUAL_SERVICE } from "./order";

describe("an up that fails halfway", () => {
    /** Where it fails, and what must not exist then, because it would let out or run what is not held back yet. */
    const FAULTS: readonly { readonly name: string; readonly type?: string; readonly absent: readonly string[] }[] = [
        { name: "perimeter-firewall", type: DENY, absent: [ROUTE, NAT, NODE_POOL, DEPLOYMENT] },
        { name: "gateway-pool", absent: [DEPLOYMENT] },
        { name: "egress-gateway.gateway-node-toleration", absent: [DEPLOYMENT] },
        { name: "istio-egress/egress-gateway", type: DEPLOYMENT, absent: [VIRTUAL_SERVICE] },
        { name: "istio-egress/istio-io-443", type: VIRTUAL_SERVICE, absent: [] },
    ];

    for (const { name, type, absent } of FAULTS) {
        it(`at ${name} leaves a state from which the next up completes, with nothing lost and nothing doubled`, () =>
            withStack({ name: "dev" }, async (stack, engine) => {
                engine.failOnce("create", name, type);
                await assert.rejects(stack.up(), (error: EngineFailure) =>
                    error.output.includes(`create of ${name} failed`),
                );
                assert.deepEqual(await idsInState(stack), idsInCloud(engine), "the state knows what exists");
                const early = engine.objects().filter(({ type }) => absent.includes(type));
                assert.deepEqual(
                    early.map(({ id }) => id),
                    [],
                );
                const kept = idsInCloud(engine);

                const { changes } = await stack.up();
                assert.deepEqual(Object.keys(changes), ["create"]);
                assert.deepEqual(await idsInState(stack), idsInCloud(engine));
                const lost = kept.filter(id => !idsInCloud(engine).includes(id));
                assert.deepEqual(lost, []);
                const created = engine.journal().filter(({ operation }) => operation === "create");
                assert.equal(new Set(created.map(({ urn }) => urn)).size, created.length);
                await stack.preview({ expectNoChanges: true });
            }));
    }
});

describe("a destroy that fails halfway", () => {
    it("keeps the deny, and the next destroy takes away the rest", () =>
        withStack({ name: "dev" }, async (stack, engine) => {
            await stack.up();
            await stack.unprotect();
            engine.failOnce("delete", "perimeter-nat");
            await assert.rejects(stack.destroy(), (error: EngineFailure) =>
                error.output.includes("delete of perimeter-nat failed"),
            );
            const left = engine.objects().map(({ type }) => type);
            assert.ok(left.includes(NAT));
            assert.ok(left.includes(DENY), `the deny is gone, but ${left} are not`);
            assert.deepEqual(await idsInState(stack), idsInCloud(engine));

            await stack.destroy();
            assert.deepEqual(engine.objects(), []);
        }));
});

function idsInCloud(engine: Engine): string[] {
    return engine
        .objects()
        .map(({ type, id }) => `${type} ${id}`)
        .sort();
}

async function idsInState(stack: StackUnderTest): Promise<string[]> {
    const resources = await stack.resources();
    return resources
        .filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))
        .map(({ type, id }) => `${type} ${id}`)
        .sort();
}
