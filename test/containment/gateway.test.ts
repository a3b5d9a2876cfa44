import * as assert from "node:assert/strict";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type GatewaySaid } from "../../containment/world/gateway";
import { WorldError } from "../../containment/world/inputs";
import { readWorld } from "../../containment/world/world";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { changed, removed, resource } from "./worlds/build";
import { B3 } from "./worlds/threeLocks";

const NODE_POOL = "gcp:container/nodePool:NodePool";
const OWN = "urn:pulumi:live::landing-zone::egress-gateway:node-pool:GatewayNodePool::own";

const pool = (name: string, nodeConfig: Record<string, unknown>): Resource =>
    resource(NODE_POOL, name, { name, project: "fl-prod", location: "us-central1", cluster: "fl", nodeConfig });
const deployment = (
    namespace: string,
    container: Record<string, unknown>,
    nodeSelector = { team: namespace },
): Resource =>
    resource("kubernetes:apps/v1:Deployment", `${namespace}/cache`, {
        metadata: { name: "cache", namespace },
        spec: {
            template: {
                metadata: { labels: { istio: "egressgateway" } },
                spec: { nodeSelector, tolerations: [{ operator: "Exists" }], containers: [container] },
            },
        },
    });
const teamPool = pool("team", {
    labels: { team: "payments" },
    taints: [{ key: "team", value: "payments", effect: "NO_SCHEDULE" }],
});
const proxy = { name: "istio-proxy", image: "auto" };

function found(world: readonly Resource[], said?: GatewaySaid) {
    const { pools, possible, namespace, reasons } = readWorld(world, said).gateway;
    return {
        pools: pools.map(each => each.pool.name),
        possible: possible.map(({ name }) => name),
        namespace: namespace?.name,
        reasons,
    };
}

describe("the gateway, found by who makes it", () => {
    const alone = { pools: ["gateway"], possible: [], namespace: "mesh-exit", reasons: [] };

    it("is where its proxies run, in a stack that registers nothing", () => {
        assert.deepEqual(found(B3), alone);
    });

    it("is not what a label says of pods that are no proxies", () => {
        assert.deepEqual(found([...B3, teamPool, deployment("payments", { name: "cache", image: "redis" })]), alone);
    });

    it("cannot be told where proxies of two namespaces carry the label, until somebody says it", () => {
        const world = [...B3, teamPool, deployment("payments", proxy)];
        const { pools, possible, namespace, reasons } = found(world);
        assert.deepEqual([pools, possible, namespace], [[], ["gateway", "team"], undefined]);
        assert.match(reasons.join(), /several namespaces: mesh-exit, payments.*--gateway-namespace/);
        assert.deepEqual(found(world, { namespace: "mesh-exit" }), alone);
        assert.deepEqual(found(world, { namespace: "payments" }).pools, ["team"]);
        const results = prove(world, { claims: ["C1", "C2", "C3"] }).claims.map(({ result }) => result);
        assert.deepEqual(results, ["unknown", "unknown", "unknown"]);
    });

    it("is what the component made, and no pool with its mark beside it", () => {
        const marked = pool("marked", { labels: { "egress-gateway/node": "true" } });
        const made = { ...pool("made", {}), parent: OWN };
        const component = resource("egress-gateway:node-pool:GatewayNodePool", "own", {});
        assert.deepEqual(found([...B3, marked]).pools, ["marked"]);
        assert.deepEqual(found([...B3, marked, made, component]).pools, ["made"]);
    });

    it("is what a person says, and a name that nothing has is refused", () => {
        assert.deepEqual(found(B3, { pools: ["fl/apps"] }).pools, ["apps"]);
        for (const [said, expected] of [
            [{ pools: ["no-such-pool"] }, /no given pool is called; expected one of fl\//],
            [{ namespace: "no-such-namespace" }, /no given object stands in it/],
            [{ cluster: "no-such-cluster" }, /no given cluster is called; expected one of fl/],
        ] as const) {
            assert.throws(
                () => found(B3, said),
                error => error instanceof WorldError && expected.test(error.message),
            );
        }
    });

    it("is in the namespace that components register, and in none where they disagree", () => {
        const registers = (type: string, name: string, inputs: Record<string, unknown>): Resource =>
            resource(`egress-gateway:${type}`, name, inputs);
        const one = registers("gateway:GatewayNamespace", "place", { namespace: "a" });
        const other = registers("gateway:Gateway", "gateway", { namespace: "b" });
        assert.equal(found([...B3, one]).namespace, "a");
        const { namespace, reasons } = found([...B3, one, other]);
        assert.equal(namespace, undefined);
        assert.match(
            reasons.join(),
            /several namespaces of the gateway: a \(component place\), b \(component gateway\)/,
        );
        assert.throws(() => found([...B3, one], { namespace: "mesh-exit" }), /the stack registers a/);
    });

    it("tells the claims asked for, and a verdict about them alone", () => {
        const { verdict, asked, claims } = prove(B3, { claims: ["C1", "C3"] });
        assert.deepEqual([verdict, asked, claims.map(({ id }) => id)], ["contained", ["C1", "C3"], ["C1", "C3"]]);
        assert.equal(prove(B3).verdict, "violated");
        assert.equal(prove(B3, { claims: ["C2"] }).verdict, "violated");
        assert.equal(prove(removed(B3, "attached", "belt", "default-exit"), { claims: ["C5"] }).claims.length, 1);
    });
});

describe("objects of several clusters", () => {
    let plan: readonly Resource[];
    before(async () => {
        plan = (await planOffline(PROJECT_DIRECTORY, "dev")).resources;
    });

    const provider = (inputs: Record<string, unknown>): Resource => ({
        ...resource("pulumi:providers:kubernetes", "other", inputs),
        urn: "urn:pulumi:dev::egress-gateway::pulumi:providers:kubernetes::other",
    });
    /** The plan with the guard installed by another provider. */
    const guardedBy = (inputs: Record<string, unknown>): Resource[] => [
        ...plan.map(each =>
            each.type.includes(":ValidatingAdmissionPolicy") ? { ...each, provider: provider(inputs).urn } : each,
        ),
        provider(inputs),
    ];
    const c2 = (world: readonly Resource[], said: GatewaySaid = {}) => prove(world, { claims: ["C2"], gateway: said });

    it("count where their provider names the gateway's cluster, in whichever way", () => {
        for (const inputs of [
            { clusterIdentifier: "projects/acme-dev/locations/europe-west1/clusters/acme-dev" },
            { context: "gke_acme-dev_europe-west1_acme-dev" },
            { kubeconfig: JSON.stringify({ "current-context": "gke_acme-dev_europe-west1_acme-dev" }) },
        ]) {
            assert.equal(c2(guardedBy(inputs)).verdict, "contained");
        }
    });

    it("are left out where it names another", () => {
        const { verdict, gateway } = c2(guardedBy({ context: "gke_acme-dev_europe-west1_other" }));
        assert.equal(verdict, "violated");
        assert.ok(gateway.elsewhere.some(urn => urn.includes("ValidatingAdmissionPolicy")));
    });

    it("may be there or not where it names none: what they hold is not held", () => {
        const { verdict, claims } = c2(guardedBy({ kubeconfig: "x" }));
        assert.equal(verdict, "violated");
        assert.match(claims[0]!.reasons.join("\n"), /where what provider urn:.*::other makes .* is not there/);
    });

    it("are those of the cluster that a person names", () => {
        const at = (context: string): GatewaySaid => ({ cluster: context });
        assert.equal(c2(plan, at("acme-dev")).verdict, "contained");
        assert.throws(() => c2(plan, at("other")), WorldError);
    });

    it("leave it open which gateway is meant where two clusters have one", () => {
        const twin = provider({ context: "gke_acme-dev_europe-west1_other" });
        const second = plan
            .filter(({ type, parent }) => type === "kubernetes:apps/v1:Deployment" && parent?.includes(":Gateway::"))
            .map(each => ({ ...each, urn: `${each.urn}-2`, provider: twin.urn }));
        assert.equal(second.length, 1);
        const { verdict, gateway } = c2([...plan, twin, ...second]);
        assert.equal(verdict, "unknown");
        assert.match(gateway.reasons.join(), /several clusters.*--cluster/);
        assert.equal(c2([...plan, twin, ...second], { cluster: "acme-dev" }).verdict, "contained");
    });
});

describe("the gateway's pool in a changed plan", () => {
    it("is asked for its taint in Google's spelling", () => {
        const { taints } = readWorld(
            changed(B3, "pool-gateway", inputs => ({
                ...inputs,
                nodeConfig: {
                    taints: [
                        { key: "a", value: "b", effect: "NO_EXECUTE" },
                        { key: "c", effect: "odd" },
                    ],
                },
            })),
        ).pools.find(({ resource: urn }) => urn?.endsWith("pool-gateway") === true)!;
        assert.deepEqual(
            taints.map(({ effect }) => effect),
            ["NoExecute", "PreferNoSchedule"],
        );
    });
});
