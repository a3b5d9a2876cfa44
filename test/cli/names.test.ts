import assert from "node:assert/strict";
import { nameOf } from "../../cli/endpoints";
import { planReport } from "../../cli/planReport";
import { explanationOf } from "../../containment/explanation";
import { type Resource } from "../../containment/resource";
import { variant } from "../program/variant";
import { InputError } from "../../base/problem";

describe("names, told to people", () => {
    let locked: Awaited<ReturnType<typeof variant>>;
    before(async () => {
        locked = await variant({ dns: { lock: "enforce", zones: [{ name: "corp", nameservers: ["10.20.0.53"] }] } });
    });
    const asked = (resources: readonly Resource[], from: string, name: string) => {
        const [namespace, serviceAccount] = from.split("/") as [string, string];
        return explanationOf(
            resources,
            { kind: "workload", namespace, serviceAccount },
            { kind: "name", name: nameOf(name) },
        );
    };

    it("have a section in the plan of a stack with the lock, and none without", async () => {
        const told = planReport(locked.plan, locked.verdict);
        assert.match(told, /Names\n {2}answered +7 hosts, and 4 domains/);
        assert.match(told, /anything else +does not exist/);
        assert.match(told, /while that is gone +names of the cluster are answered, and no others/);
        const { plan, verdict } = await variant({});
        assert.ok(!planReport(plan, verdict).includes("\nNames\n"));
    });

    for (const [name, arrives] of [
        ["api.stripe.com", true],
        ["API.Stripe.com./AAAA", true],
        ["api.stripe.com/TXT", false],
        ["x.api.stripe.com", false],
        ["x.evil.example", false],
        ["anything.corp", true],
        ["payments.orders.svc.cluster.local", false],
    ] as const) {
        it(`are ${arrives ? "asked of servers" : "answered inside"}: ${name}`, () => {
            const { arrives: told, legs } = asked(locked.plan.resources, "payments/api", name);
            assert.equal(told, arrives);
            assert.ok(legs[0]!.hops.some(({ decides }) => decides === true));
        });
    }

    it("leave all the same from a namespace whose pods may ask the metadata server", () => {
        const { arrives, answer } = asked(locked.plan.resources, "tools/x", "x.evil.example");
        assert.equal(arrives, true);
        assert.match(answer, /Not by the cluster's DNS; but pods of tools may ask the metadata server/);
    });

    it("leave without the lock, and past a cluster DNS that asks another", async () => {
        const { plan } = await variant({});
        assert.equal(asked(plan.resources, "payments/api", "x.evil.example").arrives, true);
        const changed = locked.plan.resources.map(resource =>
            resource.name === "kube-system/kube-dns"
                ? {
                      ...resource,
                      inputs: { ...resource.inputs, data: { upstreamNameservers: '["8.8.8.8"]', stubDomains: "{}" } },
                  }
                : resource,
        );
        const { arrives, legs } = asked(changed, "payments/api", "x.evil.example");
        assert.equal(arrives, true);
        assert.match(legs[0]!.hops.at(-1)!.decision, /asks 8\.8\.8\.8/);
    });

    it("are refused where they are none", () => {
        for (const name of ["", "1.1.1.1", "a..b", "x y", "istio.io/A/B"]) {
            assert.throws(
                () => nameOf(name),
                (error: unknown) => error instanceof InputError && error.problems[0]!.path === "--resolve",
                name,
            );
        }
    });
});
