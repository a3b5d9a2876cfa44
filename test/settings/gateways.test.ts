import assert from "node:assert/strict";
import { gatewayViews } from "../../settings/gateways";
import { type GoogleSettings, googleNames } from "../../settings/googleNames";
import { destination, platform, problems, settings } from "./build";

const SUBNET = { name: "partners", nodeCidr: "10.0.9.0/27", podRange: "pods", podCidr: "10.2.0.0/22" };
const with_ = (others: Record<string, unknown>) => ({
    platform: { path: "egress-gateway:platform", value: platform(others) },
});
const TWO = with_({ egressSubnets: { partners: SUBNET } });

function paths(values: Record<string, unknown>, others = TWO): string[] {
    return problems(values, others).map(({ path }) => path);
}

describe("several gateways", () => {
    it("have each its own sizes, addresses, subnet, destinations and clients, and `default` is what stands alone", () => {
        const [first, partners] = gatewayViews(
            settings(
                {
                    nat: { addresses: 3 },
                    gateways: { partners: { minReplicas: 2, nat: { addresses: 1 } } },
                    destinations: [
                        destination("a.example.com"),
                        destination("b.example.com", {
                            gateway: "partners",
                            allow: [{ namespace: "orders", serviceAccount: "web" }],
                        }),
                    ],
                },
                TWO,
            ) as GoogleSettings,
        );
        assert.deepEqual(
            [first, partners].map(view => [
                view?.gateway.name,
                view?.gateway.namespace,
                view?.gateway.minReplicas,
                view?.nat.addresses,
                view?.platform.egressSubnet.name,
                view?.destinations.map(({ host }) => host),
                view?.clientNamespaces,
                view?.whole.clientNamespaces,
            ]),
            [
                [
                    undefined,
                    "istio-egress",
                    3,
                    3,
                    "acme-dev-egress",
                    ["a.example.com"],
                    ["payments"],
                    ["orders", "payments"],
                ],
                [
                    "partners",
                    "istio-egress-partners",
                    2,
                    1,
                    "partners",
                    ["b.example.com"],
                    ["orders"],
                    ["orders", "payments"],
                ],
            ],
        );
        assert.deepEqual(
            [first!, partners!].map(view => {
                const { nat, natAddress, gatewayNodeAccount, defaultRoute } = googleNames(view);
                return [nat, natAddress(1), gatewayNodeAccount.split("@")[0], defaultRoute];
            }),
            [
                [
                    "acme-dev-egress",
                    "acme-dev-egress-nat-1",
                    "egress-gateway-nodes",
                    "acme-dev-egress-default-egress-gateway",
                ],
                [
                    "acme-dev-egress-partners",
                    "acme-dev-egress-partners-nat-1",
                    "egress-gateway-partners",
                    "acme-dev-egress-default-egress-gateway-partners",
                ],
            ],
        );
    });

    it("are named by destinations, and the nearest name is told", () => {
        const [problem] = problems(
            { gateways: { partners: {} }, destinations: [destination("a.example.com", { gateway: "partner" })] },
            TWO,
        );
        assert.equal(problem?.path, "egress-gateway:destinations[0].gateway");
        assert.equal(problem.expected, "the name of a gateway: `default`, `partners`");
        assert.equal(problem.remedy, "Did you mean `partners`?");
    });

    it("refuse `default`, which is always there, and names that others could not be made of", () => {
        for (const name of ["default", "true", "Partners", "x".repeat(16)]) {
            assert.deepEqual(paths({ gateways: { [name]: {} } })[0], `egress-gateway:gateways.${name}`);
        }
    });

    it("share nothing that tells them apart, and all of it is told at once", () => {
        const same = {
            namespace: "istio-egress",
            networkTag: "egress-gateway",
            nodeAccountId: "egress-gateway-nodes",
        };
        const subnet = { ...SUBNET, name: "acme-dev-egress", nodeCidr: "10.0.8.0/28" };
        assert.deepEqual(paths({ gateways: { partners: same } }, with_({ egressSubnets: { partners: subnet } })), [
            "egress-gateway:gateways.partners.namespace",
            "egress-gateway:gateways.partners.networkTag",
            "egress-gateway:gateways.partners.nodeAccountId",
            "egress-gateway:platform.egressSubnets.partners.name",
            "egress-gateway:platform.egressSubnets.partners.nodeCidr",
        ]);
    });

    it("are judged each by its own sizes, where they are written", () => {
        assert.deepEqual(
            paths({
                gateways: {
                    partners: { minNodes: 9, maxNodes: 60, nat: { minPortsPerNode: 8192 } },
                    bank: { nodeAccountId: "egress-gateway-partners" },
                },
            }).sort(),
            [
                "egress-gateway:gateways.partners.nat.addresses",
                "egress-gateway:gateways.partners.nodeAccountId",
                "egress-gateway:platform.egressSubnets.bank",
                "egress-gateway:platform.egressSubnets.partners.nodeCidr",
                "egress-gateway:platform.egressSubnets.partners.podCidr",
            ],
        );
    });

    it("are as many as a firewall rule can name accounts", () => {
        const names = Array.from({ length: 10 }, (_, index) => `g${index}`);
        const egressSubnets = Object.fromEntries(
            names.map((name, index) => [
                name,
                {
                    name,
                    nodeCidr: `10.0.9.${index * 16}/28`,
                    podRange: "pods",
                    podCidr: `10.2.${index * 8}.0/21`,
                },
            ]),
        );
        const gateways = Object.fromEntries(names.map(name => [name, {}]));
        assert.deepEqual(paths({ gateways }, with_({ egressSubnets })), ["egress-gateway:gateways"]);
    });
});
