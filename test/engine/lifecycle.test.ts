import assert from "node:assert/strict";
import { type Configuration, Engine, type EngineFailure, type Operation, type StackUnderTest } from "./harness";
import { ADDRESS, assertInOrder, DENY, NAT, NODE_POOL, ROUTE, short, typeOf } from "./order";
import { CA_CERTIFICATE } from "./provider/google";

/** One more destination, on a port that other destinations use already, so that the perimeter has nothing to open. */
const ADDED = "added.example.com";
const add = (config: Configuration) => {
    config["egress-gateway:destinations"].push({
        host: ADDED,
        allow: [{ namespace: "payments", serviceAccount: "api" }],
    });
};
const remove = (config: Configuration) => {
    const destinations = config["egress-gateway:destinations"] as { host: string }[];
    config["egress-gateway:destinations"] = destinations.filter(({ host }) => host !== ADDED);
};

describe("the life of the dev stack", () => {
    // The steps of one life, in order: each begins where the one before it ended.
    let engine: Engine;
    let stack: StackUnderTest;
    let firstObjects: readonly string[];
    const objects = () => engine.objects().map(({ type, id }) => `${type} ${id}`);
    /** What the providers did during `work`: components, which are only records in the state, are not among it. */
    const doneBy = async (work: () => Promise<unknown>) => {
        const before = engine.journal().length;
        await work();
        const done: Partial<Record<Operation, string[]>> = {};
        for (const { operation, urn } of engine.journal().slice(before)) {
            (done[operation] ??= []).push(short(urn));
        }
        return done;
    };

    before(async () => {
        engine = await Engine.start();
        stack = await engine.stack({ name: "dev" });
    });
    after(() => engine.remove());

    it("begins with a preview that touches nothing and an up that creates exactly what it said", async () => {
        const { changes } = await stack.preview();
        assert.deepEqual(engine.objects(), []);
        assert.deepEqual([...new Set(changes.map(({ op }) => op))], ["create"]);

        const { changes: done } = await stack.up();
        assert.deepEqual(done.create.toSorted(), changes.map(({ urn }) => urn).toSorted());
        assert.deepEqual(Object.keys(done), ["create"]);
        firstObjects = objects();
        assert.ok(firstObjects.length > 0);
    });

    it("creates the deny before anything that could leave", () => {
        const created = engine.journal().filter(({ operation }) => operation === "create");
        assertInOrder(created.map(({ urn }) => urn));
    });

    it("has nothing to do when nothing has changed", async () => {
        await stack.preview({ expectNoChanges: true });
        assert.deepEqual((await stack.up({ expectNoChanges: true })).changes, {});
        assert.deepEqual((await stack.refresh({ expectNoChanges: true })).changes, {});
    });

    it("uses the two providers of the program for everything, and no default provider", async () => {
        const resources = await stack.resources();
        const providers = resources.filter(({ type }) => type.startsWith("pulumi:providers:"));
        assert.deepEqual(providers.map(({ urn }) => short(urn)).sort(), [
            "pulumi:providers:gcp google",
            "pulumi:providers:kubernetes cluster",
        ]);
        const known = providers.map(({ urn, id }) => `${urn}::${id}`);
        const others = resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
        assert.deepEqual(
            others.filter(({ provider }) => !known.includes(provider ?? "")).map(({ urn }) => short(urn)),
            [],
        );
        assert.equal(others.length, engine.objects().length);
    });

    it("adds a destination by creating its own objects and updating its namespace's destination rule alone", async () => {
        stack.configure(add);
        const done = await doneBy(() => stack.up());
        const created = engine.objects().filter(({ type, id }) => !firstObjects.includes(`${type} ${id}`));

        assert.deepEqual(Object.keys(done).sort(), ["create", "update"]);
        assert.equal(done.create?.length, created.length);
        const foreign = created.filter(({ inputs }) => !JSON.stringify(inputs).includes(ADDED));
        assert.deepEqual(
            foreign.map(({ id }) => id),
            [],
        );
        for (const kind of ["Gateway", "ServiceEntry", "VirtualService"]) {
            assert.ok(
                created.some(({ inputs }) => inputs.kind === kind),
                `no ${kind} among ${created.map(({ id }) => id)}`,
            );
        }
        assert.deepEqual(done.update, ["kubernetes:networking.istio.io/v1:DestinationRule payments/egress-gateway"]);
    });

    it("removes a destination by deleting exactly those objects, and leaves the others as they were at first", async () => {
        const added = objects().filter(object => !firstObjects.includes(object));
        stack.configure(remove);
        const done = await doneBy(() => stack.up());
        assert.deepEqual(Object.keys(done).sort(), ["delete", "update"]);
        assert.equal(done.delete?.length, added.length);
        assert.deepEqual(done.update, ["kubernetes:networking.istio.io/v1:DestinationRule payments/egress-gateway"]);
        assert.deepEqual(objects(), firstObjects);
    });

    it("sees in a refresh what somebody deleted, and puts it back", async () => {
        const route = engine.objects().find(({ type }) => type === ROUTE)!;
        engine.drift(world => world.remove(route.type, route.id));

        const { changes } = await stack.refresh();
        assert.deepEqual(Object.values(changes).flat().map(typeOf), [route.type]);
        const { changes: repaired } = await stack.up();
        assert.deepEqual(repaired.create.map(typeOf), [route.type]);
        assert.deepEqual(objects(), firstObjects);
    });

    it("keeps the kubeconfig encrypted in state, preview and saved plan", async () => {
        const marks = [CA_CERTIFICATE, "gke-gcloud-auth-plugin"];
        const state = await stack.exportState();
        const shown = await stack.cli(["stack", "export", "--show-secrets"]);
        stack.configure(config => (config["egress-gateway:nat"].addresses += 1));
        const { document, savedPlan } = await stack.preview();
        stack.configure(config => (config["egress-gateway:nat"].addresses -= 1));
        for (const mark of marks) {
            assert.ok(shown.includes(mark), `${mark} is not in the state at all, so its absence says nothing`);
            for (const text of [state, savedPlan, JSON.stringify(document)]) {
                assert.ok(!text.includes(mark), `${mark} in plain text`);
            }
        }
    });

    it("refuses to destroy the protected addresses, which partners have on their lists, before touching anything", async () => {
        const before = objects();
        await assert.rejects(stack.previewDestroy(), (error: EngineFailure) => /protected/.test(error.output));
        assert.deepEqual(objects(), before);
    });

    it("keeps the addresses, and never an exit without the deny, when the destroy's own preview is skipped", async () => {
        const kept = (type: string) => objects().filter(object => object.startsWith(`${type} `));
        const addresses = kept(ADDRESS);
        assert.ok(addresses.length > 0);
        await assert.rejects(stack.destroy(), (error: EngineFailure) => /protected/.test(error.output));
        assert.deepEqual(kept(ADDRESS), addresses);
        const exits = [ROUTE, NAT, NODE_POOL].flatMap(kept);
        assert.ok(kept(DENY).length > 0 || exits.length === 0, `no deny, but ${exits}`);
    });

    it("destroys everything once they are unprotected, and the deny goes after all that it holds back", async () => {
        await stack.up();
        await stack.unprotect();
        const done = engine.journal().length;
        await stack.destroy();
        assert.deepEqual(engine.objects(), []);

        const deleted = engine
            .journal()
            .slice(done)
            .map(({ urn }) => urn);
        assertInOrder(deleted.toReversed());
    });
});
