import assert from "node:assert/strict";
import { nearMiss } from "../../cli/commands/explain";
import { type Explanation, explanationOf } from "../../containment/explanation";
import { goalOf, originOf } from "../../cli/endpoints";
import { type Resource } from "../../containment/resource";
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

    it("asks back where a workload is nearly one that is declared", async () => {
        const { resources } = await planned("dev");
        assert.equal(
            nearMiss(resources, originOf("paymets/api")),
            "No destination names paymets/api. Did you mean payments/api?",
        );
        assert.equal(nearMiss(resources, originOf("payments/api")), undefined);
        assert.equal(
            nearMiss(resources, originOf("payments")),
            "payments is a namespace. Did you mean one of its workloads: payments/api, payments/ledger?",
        );
        assert.equal(nearMiss(resources, originOf("gateway")), undefined);
        assert.equal(nearMiss(resources, originOf("payments/batch-of-another-kind")), undefined);
        assert.match(
            nearMiss(resources, originOf("elsewhere/api"))!,
            /namespace elsewhere: it is answered for a stranger/,
        );
    });

    it("shows the way through the mesh where no network is given", async () => {
        const { resources } = await planned("local");
        const { arrives, answer, legs } = explanationOf(resources, originOf("payments/api"), goalOf("istio.io:443"));
        assert.equal(arrives, undefined);
        assert.match(answer, /^The mesh leads it out by the gateway\. Cannot tell/);
        assert.ok(legs[0]!.hops.length > 2);
    });

    describe("beside policies of other APIs", () => {
        const POLICIES: readonly (readonly [string, string, string?])[] = [
            ["policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"],
            ["policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"],
            ["policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"],
            ["crd.projectcalico.org/v1", "GlobalNetworkPolicy"],
            ["projectcalico.org/v3", "NetworkPolicy", "payments"],
            ["cilium.io/v2", "CiliumClusterwideNetworkPolicy"],
            ["cilium.io/v2", "CiliumNetworkPolicy", "payments"],
            ["networking.gke.io/v1alpha1", "FQDNNetworkPolicy", "payments"],
        ];
        const beside = async (
            apiVersion: string,
            kind: string,
            to: string,
            namespace?: string,
        ): Promise<Explanation> => {
            const type = `kubernetes:${apiVersion}:${kind}`;
            const metadata = { name: "open", ...(namespace === undefined ? {} : { namespace }) };
            const inputs = { apiVersion, kind, metadata, spec: {} };
            const policy = { urn: `urn:pulumi:o::o::${type}::open`, type, name: "open", inputs, dependsOn: [] };
            const { resources } = await planned("dev");
            return explanationOf([...resources, policy], originOf("payments/api"), goalOf(to));
        };

        for (const [apiVersion, kind, namespace] of POLICIES) {
            it(`${kind} of ${apiVersion} takes the last word from a NetworkPolicy`, async () => {
                const { answer, legs } = await beside(apiVersion, kind, "8.8.8.8:53/udp", namespace);
                const [hop] = legs.flatMap(({ hops }) => hops).filter(({ at }) => at === "network policy");

                assert.equal(answer, "No: the firewall stops it; the route would as well.");
                assert.equal(hop?.stops, undefined);
                assert.ok(
                    hop?.decision.includes(`not the last word: urn:pulumi:o::o::kubernetes:${apiVersion}:${kind}`),
                );
            });
        }

        it("leaves it to them where they are about another namespace, and what is no policy changes nothing", async () => {
            for (const [apiVersion, kind] of [
                ["cilium.io/v2", "CiliumNetworkPolicy"],
                ["cilium.io/v2alpha1", "CiliumBGPPeeringPolicy"],
                ["crd.projectcalico.org/v1", "IPPool"],
            ] as const) {
                const { answer } = await beside(apiVersion, kind, "8.8.8.8:53/udp", "elsewhere");
                assert.match(answer, /^No: the network policy stops it/);
            }
        });
    });

    it("names the resource that decides each hop on the way out", async () => {
        const { legs } = await ask("payments/api", "istio.io:443");
        const names = legs.flatMap(({ hops }) => hops.flatMap(({ resource }) => resource?.split("::").pop() ?? []));
        for (const name of [
            "payments/egress-gateway",
            "istio-egress/istio-io-443",
            "perimeter-firewall",
            "perimeter-default-route-egress-gateway",
            "perimeter-nat",
        ]) {
            assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
        }
    });

    it("does not say that nothing leaves while something inside may carry it out", async () => {
        const { resources } = await planned("dev");
        const endpoint = {
            urn: "urn:pulumi:x::y::gcp:compute/forwardingRule:ForwardingRule::endpoint",
            type: "gcp:compute/forwardingRule:ForwardingRule",
            name: "endpoint",
            inputs: {
                network: "projects/acme-dev/global/networks/acme-dev",
                loadBalancingScheme: "",
                target: "projects/producer/regions/europe-west1/serviceAttachments/service",
            },
            dependsOn: [],
        };
        const answer = (more: typeof resources): Explanation =>
            explanationOf([...resources, ...more], originOf("node:acme-dev/applications"), goalOf("10.0.0.77:443"));
        assert.match(answer([]).answer, /nothing of this leaves/);
        const { arrives, answer: text } = answer([endpoint]);
        assert.equal(arrives, undefined);
        assert.match(text, /may carry it out: endpoint \(a Private Service Connect endpoint/);
    });

    it("lists the machines there are when one is not known", async () => {
        await assert.rejects(ask("nobody", "1.1.1.1:443"), /expected one of\n- node:acme-dev\/gateway-pool/);
    });

    it("answers for the node from which the packet gets furthest: nothing says where a pod runs", async () => {
        const dev = (await planned("dev")).resources;
        const pool = dev.find(({ type }) => type === "gcp:container/nodePool:NodePool")!;
        const another = (name: string, serviceAccount: string): Resource => ({
            ...pool,
            urn: `urn:pulumi:apps::apps::${pool.type}::${name}`,
            name,
            inputs: {
                ...pool.inputs,
                name,
                nodeConfig: { ...(pool.inputs["nodeConfig"] as object), serviceAccount, taints: [], labels: {} },
            },
        });
        const account = (pool.inputs["nodeConfig"] as { readonly serviceAccount: string }).serviceAccount;
        const pools = [another("batch", "batch@acme-dev.iam.gserviceaccount.com"), another("web", account)];
        for (const world of [
            [...dev, ...pools],
            [...dev, ...pools.toReversed()],
        ]) {
            const { arrives, legs } = explanationOf(world, originOf("shop/web"), goalOf("1.1.1.1:443"));
            assert.equal(arrives, true);
            assert.match(
                legs.at(-1)!.title,
                /^From the pod and its node \(node of pool acme-dev\/web\b.*; from other nodes it gets less far\)/,
            );
        }
    });
});
