import assert from "node:assert/strict";
import { type PlannedResource } from "../../plan/registrations";
import { planReport } from "../../cli/planReport";
import { prove } from "../../containment/prove";
import { existingBefore, planned, the } from "./planned";

const ASSOCIATION = "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation";
const ROUTE = "gcp:compute/route:Route";
const NAT = "gcp:compute/routerNat:RouterNat";
const NODE_POOL = "gcp:container/nodePool:NodePool";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";

describe("the order of creation, which a destroy reverses", () => {
    let resources: readonly PlannedResource[];

    before(async () => {
        ({ resources } = await planned("dev"));
    });

    const isBefore = (earlier: PlannedResource, later: PlannedResource): void =>
        assert.ok(
            existingBefore(resources, later).has(earlier.urn),
            `${earlier.urn} does not exist before ${later.urn}`,
        );

    it("has the gateway nodes' identity before the firewall that names it", () => {
        isBefore(
            the(resources, "gcp:serviceaccount/account:Account"),
            the(resources, "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules"),
        );
    });

    for (const type of [ROUTE, NAT, NODE_POOL, DEPLOYMENT]) {
        it(`has the deny in force before ${type}`, () => {
            isBefore(the(resources, ASSOCIATION), the(resources, type));
        });
    }

    it("has the policy in force before the classic belt, which alone would cut off the cluster", () => {
        for (const belt of resources.filter(({ type }) => type === "gcp:compute/firewall:Firewall")) {
            isBefore(the(resources, ASSOCIATION), belt);
        }
    });

    it("has NAT before the first node that needs it, and nodes before the first gateway pod", () => {
        isBefore(the(resources, NAT), the(resources, NODE_POOL));
        isBefore(the(resources, NODE_POOL), the(resources, DEPLOYMENT));
    });

    it("has every guard policy and binding before the first gateway pod", () => {
        const guard = resources.filter(({ type }) => type.startsWith("kubernetes:admissionregistration.k8s.io/"));
        assert.ok(guard.length > 0, "there is no guard");
        guard.forEach(policy => isBefore(policy, the(resources, DEPLOYMENT)));
    });

    it("has the gateway before the routes that lead clients to it", () => {
        const routes = resources.filter(({ type }) => type.endsWith(":VirtualService") || type.endsWith(":Sidecar"));
        assert.ok(routes.length > 0, "there are no routes");
        routes.forEach(route => isBefore(the(resources, DEPLOYMENT), route));
    });

    it("is the order in which a plan lists the components", async () => {
        const plan = await planned("dev");
        const report = planReport(plan, prove(plan.resources));
        const listed = [...report.matchAll(/^ {2}([a-z-]+) +\d+ /gm)].map(([, component]) => component);
        for (const [earlier, later] of [
            ["gateway-nodes", "perimeter"],
            ["perimeter", "gateway-pool"],
            ["gateway-pool", "gateway"],
            ["guard", "gateway"],
            ["gateway", "mesh"],
            ["mesh", "client-policies"],
        ] as const) {
            assert.ok(
                listed.includes(earlier) && listed.indexOf(earlier) < listed.indexOf(later),
                `${earlier} is not listed before ${later}: ${listed.join(", ")}`,
            );
        }
    });

    it("holds the gateway's pods by a network policy before they run", () => {
        const policies = resources.filter(
            ({ type, inputs }) =>
                type === "kubernetes:networking.k8s.io/v1:NetworkPolicy" &&
                (inputs["metadata"] as { namespace: string }).namespace === "istio-egress",
        );
        assert.ok(policies.length > 0, "the gateway's namespace has no network policy");
        policies.forEach(policy => isBefore(policy, the(resources, DEPLOYMENT)));
    });
});

describe("every registered resource", () => {
    for (const stack of ["dev", "prod"]) {
        it(`of ${stack} has an explicit provider, or is a component or a provider itself`, async () => {
            const { resources } = await planned(stack);
            const bare = resources.filter(
                ({ type, provider }) =>
                    !type.startsWith("egress-gateway:") &&
                    !type.startsWith("pulumi:providers:") &&
                    provider === undefined,
            );
            assert.deepEqual(
                bare.map(({ urn }) => urn),
                [],
            );
        });
    }

    it("is protected exactly where it is a public address", async () => {
        const { resources } = await planned("dev");
        assert.deepEqual(
            resources.filter(({ protect }) => protect === true).map(({ type }) => type),
            ["gcp:compute/address:Address", "gcp:compute/address:Address"],
        );
    });
});
