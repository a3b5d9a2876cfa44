import assert from "node:assert/strict";
import { type Explanation, explanationOf } from "../../cli/commands/explain";
import { goalOf, originOf } from "../../cli/endpoints";
import { planned } from "../program/planned";

describe("explain, on the dev stack", () => {
    const ask = async (from: string, to: string): Promise<Explanation> =>
        explanationOf((await planned("dev")).resources, originOf(from), goalOf(to));

    const QUESTIONS: readonly (readonly [string, string, boolean | undefined, RegExp])[] = [
        ["payments/api", "istio.io:443", true, /^Yes/],
        ["payments/api", "hooks.example.com:80", true, /^Yes/],
        ["orders/web", "db.example.com:5432", true, /^Yes/],
        [
            "orders/web",
            "api.stripe.com:443",
            false,
            /^No: the mesh refuses it\. Past the mesh, the network policy stops it; the firewall and the route would as well\.$/,
        ],
        ["payments/api", "1.1.1.1:443", false, /the network policy stops it; the firewall and the route/],
        [
            "payments/api",
            "8.8.8.8:53/udp",
            false,
            /^No: the network policy stops it; the firewall and the route would as well\.$/,
        ],
        // No network policy covers ICMP.
        ["payments/api", "8.8.8.8/icmp", false, /^No: the firewall stops it; the route would as well\.$/],
        ["node:acme-dev/applications", "[2606:4700:4700::1111]:443", false, /the firewall stops it/],
        ["gateway", "1.1.1.1:443", true, /^Yes/],
        ["gateway", "1.1.1.1:25", false, /^No: the firewall stops it\.$/],
        ["gateway", "10.20.0.5:5432", false, /the firewall stops it/],
        // The firewall opens it; whether the network has a route there, only the platform knows.
        ["payments/api", "10.20.0.5:5432", undefined, /^Cannot tell/],
    ];
    for (const [from, to, arrives, answer] of QUESTIONS) {
        it(`${from} to ${to}: ${arrives === undefined ? "cannot tell" : arrives ? "gets there" : "does not"}`, async () => {
            const explanation = await ask(from, to);
            assert.equal(explanation.arrives, arrives);
            assert.match(explanation.answer, answer);
        });
    }

    it("names the resource that decides each hop on the way out", async () => {
        const { legs } = await ask("payments/api", "istio.io:443");
        const names = legs.flatMap(({ hops }) => hops.flatMap(({ resource }) => resource?.split("::").pop() ?? []));
        for (const name of [
            "payments/egress-gateway",
            "istio-egress/istio-io-443",
            "perimeter-firewall",
            "perimeter-default-route",
            "perimeter-nat",
        ]) {
            assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
        }
    });

    it("lists the machines there are when one is not known", async () => {
        await assert.rejects(ask("nobody", "1.1.1.1:443"), /expected one of\n- node:acme-dev\/gateway-pool/);
    });
});
