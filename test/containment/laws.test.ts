import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { diffReachability } from "../../containment/diff";
import { equalHeaders, subtract } from "../../containment/kernel/headers";
import { networkClaims } from "../../containment/prove";
import { AS_IT_IS, type Conditions } from "../../containment/reach/conditions";
import { lineFor, Reach } from "../../containment/reach/reach";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Result } from "../../containment/verdict";
import { WorldError } from "../../containment/world/inputs";
import { readWorld } from "../../containment/world/world";
import { type Sketch, someSketch, toResources } from "./oracles/sketch";

const RUNS = Number(process.env["ORACLE_RUNS"] ?? 200);
const SEED = Number(process.env["ORACLE_SEED"] ?? 4711);

function c1(resources: readonly Resource[]): Result {
    return networkClaims(resources).claims.find(({ id }) => id === "C1")!.result;
}

/** What leaves and what is allowed, for every source that both worlds have. */
function compareReach(
    before: readonly Resource[],
    after: readonly Resource[],
    compare: (before: Reach, after: Reach, id: string) => void,
): void {
    const worlds = [readWorld(before), readWorld(after)] as const;
    const line = lineFor(...worlds);
    const [a, b] = [new Reach(worlds[0], line), new Reach(worlds[1], line)];
    for (const { id } of worlds[0].sources) {
        if (worlds[1].sources.some(source => source.id === id)) {
            compare(a, b, id);
        }
    }
}

function reachOf(reach: Reach, id: string, conditions: Conditions = AS_IT_IS) {
    const source = reach.world.sources.find(candidate => candidate.id === id)!;
    return { leaving: reach.leaving(source, cells => cells, conditions), allowed: reach.allowed(source, conditions) };
}

function assertNoMore(smaller: ReturnType<typeof reachOf>, larger: ReturnType<typeof reachOf>): void {
    for (const what of ["leaving", "allowed"] as const) {
        for (const bound of ["may", "must"] as const) {
            assert.deepEqual(subtract(smaller[what][bound], larger[what][bound]), [], `${what} ${bound}`);
        }
    }
}

function check(name: string, property: (sketch: Sketch, dice: fc.GeneratorValue) => void): void {
    it(`${name} (${RUNS} worlds, seed ${SEED})`, function () {
        this.timeout(0);
        fc.assert(fc.property(someSketch, fc.gen(), property), { numRuns: RUNS, seed: SEED });
    });
}

describe("laws of the proof", () => {
    check("what is certain is possible", sketch => {
        const reach = new Reach(readWorld(toResources(sketch)));
        for (const { id } of reach.world.sources) {
            const { leaving, allowed } = reachOf(reach, id);
            assert.deepEqual(subtract(leaving.must, leaving.may), []);
            assert.deepEqual(subtract(allowed.must, allowed.may), []);
        }
    });

    check("the order in which resources are registered means nothing", (sketch, dice) => {
        const resources = toResources(sketch);
        const shuffled = dice(fc.shuffledSubarray, resources, { minLength: resources.length });
        compareReach(resources, shuffled, (a, b, id) => assert.deepEqual(reachOf(a, id), reachOf(b, id)));
        assert.equal(c1(shuffled), c1(resources));
    });

    check("an allow more lets no packet less through, and a deny less neither", (sketch, dice) => {
        const index = dice(fc.nat, Math.max(0, sketch.rules.length - 1));
        const rule = sketch.rules[index];
        if (rule === undefined || rule.action === "next") {
            return;
        }
        const without = toResources({ ...sketch, rules: sketch.rules.filter(other => other !== rule) });
        const [smaller, larger] =
            rule.action === "allow" ? [without, toResources(sketch)] : [toResources(sketch), without];
        compareReach(smaller, larger, (a, b, id) => assertNoMore(reachOf(a, id), reachOf(b, id)));
    });

    check("a NAT less or a tagged route less opens nothing", (sketch, dice) => {
        const poorer = dice(fc.boolean)
            ? { ...sketch, nats: sketch.nats.slice(1) }
            : { ...sketch, routes: sketch.routes.slice(1) };
        compareReach(toResources(poorer), toResources(sketch), (a, b, id) =>
            assert.deepEqual(subtract(reachOf(a, id).leaving.may, reachOf(b, id).leaving.may), []),
        );
    });

    check("a destination in two halves is the destination", sketch => {
        const halves = (range: string): string[] =>
            range === "0.0.0.0/0"
                ? ["0.0.0.0/1", "128.0.0.0/1"]
                : range === "::/0"
                  ? ["::/1", "8000::/1"]
                  : range === "1.1.1.0/24"
                    ? ["1.1.1.0/25", "1.1.1.128/25"]
                    : [range];
        const split = {
            ...sketch,
            rules: sketch.rules.map(rule =>
                rule.destinations === undefined ? rule : { ...rule, destinations: rule.destinations.flatMap(halves) },
            ),
        };
        compareReach(toResources(sketch), toResources(split), (a, b, id) => {
            assert.ok(equalHeaders(reachOf(a, id).leaving.may, reachOf(b, id).leaving.may));
            assert.ok(equalHeaders(reachOf(a, id).allowed.may, reachOf(b, id).allowed.may));
        });
    });

    check("a lock taken away closes nothing", sketch => {
        const reach = new Reach(readWorld(toResources(sketch)));
        const removals: Partial<Conditions>[] = [
            { denialsRemoved: new Set(["classic rules"]) },
            { denialsRemoved: new Set(["classic rules", "network policy", "regional policy", "hierarchical policy"]) },
            { natEverywhere: true },
            { routeForAll: true },
            { externalIpv6: true },
        ];
        for (const { id } of reach.world.sources) {
            for (const removed of removals) {
                assert.deepEqual(
                    subtract(
                        reachOf(reach, id).leaving.may,
                        reachOf(reach, id, { ...AS_IT_IS, ...removed }).leaving.may,
                    ),
                    [],
                );
            }
        }
    });

    check("what is not known decides nothing that could be otherwise", (sketch, dice) => {
        const resources = toResources(sketch);
        const leaves = resources.flatMap((resource, index) =>
            resource.type.startsWith("gcp:organizations/") ? [] : paths(resource.inputs).map(path => ({ index, path })),
        );
        const { index, path } = leaves[dice(fc.nat, leaves.length - 1)]!;
        const veiled = resources.map((resource, position) =>
            position === index
                ? { ...resource, inputs: replaced(resource.inputs, path) as Resource["inputs"] }
                : resource,
        );
        const [before, after] = [c1(resources), resultOrError(veiled)];
        assert.ok(
            after === before || after === "unknown" || after === undefined,
            `${resources[index]!.type} ${path.join(".")}: ${before} with the value, ${after ?? "an error"} without`,
        );
    });

    check("a difference with itself is none, and what one side opens the other closes", (sketch, dice) => {
        const resources = toResources(sketch);
        assert.deepEqual(diffReachability(resources, resources), []);
        const other = toResources({
            ...sketch,
            rules: sketch.rules.slice(0, dice(fc.nat, sketch.rules.length)),
            snat: true,
        });
        const [there, back] = [diffReachability(resources, other), diffReachability(other, resources)];
        assert.deepEqual(
            there.map(({ id, opened, closed }) => ({ id, opened, closed })).sort(byId),
            back.map(({ id, opened, closed }) => ({ id, opened: closed, closed: opened })).sort(byId),
        );
    });
});

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
    return a.id.localeCompare(b.id);
}

function resultOrError(resources: readonly Resource[]): Result | undefined {
    try {
        return c1(resources);
    } catch (error) {
        assert.ok(error instanceof WorldError, String(error));
        return undefined;
    }
}

/** The way to every value, lists and objects included. */
function paths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
    const below =
        typeof value === "object" && value !== null
            ? Object.entries(value).flatMap(([key, item]) => paths(item, [...path, key]))
            : [];
    return path.length === 0 ? below : [path, ...below];
}

function replaced(value: unknown, [key, ...rest]: readonly string[]): unknown {
    if (key === undefined) {
        return UNKNOWN;
    }
    return Array.isArray(value)
        ? value.map((item: unknown, index) => (String(index) === key ? replaced(item, rest) : item))
        : { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest) };
}
