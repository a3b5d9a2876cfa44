import assert from "node:assert/strict";
import { firewallRules } from "../../components/perimeter/firewallRules";
import { type GoogleSettings } from "../../settings/googleNames";
import { destination, platform, problems, settings } from "./build";

/** What of it is refused: path and the beginning of what is expected. */
const found = (...args: Parameters<typeof problems>): string[] => problems(...args).map(({ path }) => path);
const inCluster = (cluster: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
    platform: { path: "egress-gateway:platform", value: platform(others, cluster) },
});

describe("rules that Google's API alone would check", () => {
    it("hold for the names of project, region and cluster", () => {
        for (const project of ["acme", "Acme-dev", "123456789012", "a".repeat(31), "acme-dev-", "projects/acme-dev"]) {
            assert.deepEqual(found({}, { google: { project, region: "europe-west1" } }), ["gcp:project"], project);
        }
        const [zone] = problems({}, { google: { project: "acme-dev", region: "europe-west1-b" } });
        assert.equal(zone?.path, "gcp:region");
        assert.match(zone.remedy, /write "europe-west1"/);
        assert.deepEqual(found({}, { google: { project: "acme-dev", region: "europe" } }), ["gcp:region"]);
        assert.deepEqual(found({}, inCluster({ name: "c".repeat(40) })), []);
        assert.deepEqual(found({}, inCluster({ name: "c".repeat(41) })), ["egress-gateway:platform.cluster.name"]);
    });

    it("keep the gateway's network tag out of what GKE gives to every node", () => {
        assert.deepEqual(found({ gateway: { networkTag: "gke-acme-dev-1a2b3c4d-node" } }), [
            "egress-gateway:gateway.networkTag",
        ]);
        assert.deepEqual(found({ gateway: { networkTag: "gateway-of-gke" } }), []);
    });

    it("want the cluster and its zones in the region of NAT and subnet", () => {
        assert.deepEqual(found({}, inCluster({ location: "europe-west1-b", zones: ["europe-west1-b"] })), []);
        assert.deepEqual(found({}, inCluster({ location: "europe-west10", zones: ["us-east1-b", "europe-west1-c"] })), [
            "egress-gateway:platform.cluster.location",
            "egress-gateway:platform.cluster.zones[0]",
        ]);
    });

    it("refuse ranges that no subnet may have", () => {
        assert.deepEqual(
            found({}, inCluster({ podCidrs: ["10.4.0.0/14", "224.0.0.0/8"], serviceCidr: "199.36.153.0/24" })),
            ["egress-gateway:platform.cluster.podCidrs[1]", "egress-gateway:platform.cluster.serviceCidr"],
        );
        const egressSubnet = { name: "egress", nodeCidr: "127.0.0.0/27", podRange: "pods", podCidr: "10.3.0.0/22" };
        assert.deepEqual(found({}, inCluster({}, { egressSubnet })), ["egress-gateway:platform.egressSubnet.nodeCidr"]);
        assert.deepEqual(found({}, inCluster({ podCidrs: ["240.0.0.0/14"] })), []);
    });

    it("let a NAT have 350 addresses, those that drain included", () => {
        assert.deepEqual(found({ nat: { addresses: 300, drainingAddresses: 50 } }), []);
        assert.deepEqual(found({ nat: { addresses: 300, drainingAddresses: 51 } }), [
            "egress-gateway:nat.drainingAddresses",
        ]);
    });

    it("take addresses by name and by number, each once, and none that the stack makes itself", () => {
        const named = (...names: string[]) => names.map(name => ({ name }));
        assert.deepEqual(found({ nat: { addresses: [...named("partner-ip-1"), { new: 2 }] } }), []);
        assert.deepEqual(
            found({ nat: { addresses: named("a", "b"), drainingAddresses: [...named("c"), { new: 1 }] } }),
            [],
        );
        assert.deepEqual(found({ nat: { addresses: named("a", "b"), drainingAddresses: named("b") } }), [
            "egress-gateway:nat.drainingAddresses",
        ]);
        assert.deepEqual(found({ nat: { addresses: named("a", "a") } }), ["egress-gateway:nat.addresses"]);
        const own = named("acme-dev-egress-nat-2");
        assert.deepEqual(found({ nat: { addresses: [...own, { new: 2 }] } }), ["egress-gateway:nat.addresses"]);
        assert.deepEqual(found({ nat: { addresses: [...own, { new: 1 }] } }), []);
        assert.deepEqual(found({ nat: { addresses: [{ new: 300 }, ...named("a")], drainingAddresses: 50 } }), [
            "egress-gateway:nat.drainingAddresses",
        ]);
    });

    it("say what is wrong with an entry of addresses in the words of that form", () => {
        const told = (addresses: unknown) =>
            problems({ nat: { addresses } }).map(({ path, expected }) => `${path}: ${expected}`);
        const at = "egress-gateway:nat.addresses";
        assert.deepEqual(told("two"), [`${at}: a number, or a list`]);
        assert.deepEqual(told(0), [`${at}: a number that is at least 1`]);
        assert.deepEqual(told([]), [`${at}: at least one entry`]);
        assert.deepEqual(told([{ name: "a", new: 1 }]), [`${at}[0]: either \`name\` or \`new\``]);
        assert.deepEqual(told([{}]), [`${at}[0]: either \`name\` or \`new\``]);
        assert.equal(told([{ nmae: "a" }])[0], `${at}[0].nmae: one of the keys \`name\`, \`new\``);
        assert.match(told([{ name: "Not a name" }])[0] ?? "", /\[0\]\.name: /);
    });

    it("have priorities for 99 lists of ports of addresses, and none is anybody else's", () => {
        const listed = (count: number) =>
            Array.from({ length: count }, (_, index) => ({
                addresses: [`203.0.113.${index}`],
                ports: [{ number: 1000 + index, protocol: "tcp" }],
                allow: [{ namespace: "payments", serviceAccount: "api" }],
            }));
        assert.deepEqual(found({ destinations: listed(100) }), ["egress-gateway:destinations"]);
        const clients = {
            privateDestinations: [
                { name: "db", cidrs: ["10.9.0.0/28"], ports: [{ number: 5432 }], namespaces: ["payments"] },
            ],
        };
        const read = settings({ destinations: [...listed(99), destination("a.example.com")], clients });
        const priorities = firewallRules(read as GoogleSettings, () => ["a@b.iam.gserviceaccount.com"]).map(
            ({ priority }) => priority,
        );
        assert.ok(priorities.length > 100);
        assert.equal(new Set(priorities).size, priorities.length);
    });

    it("want a disk that the machine can boot from", () => {
        const disk = (machineType: string, diskType: string) => found({ gateway: { machineType, diskType } });
        assert.deepEqual(disk("n4-standard-4", "pd-balanced"), ["egress-gateway:gateway.diskType"]);
        assert.deepEqual(disk("n4-standard-4", "hyperdisk-balanced"), []);
        assert.deepEqual(disk("e2-standard-4", "hyperdisk-balanced"), ["egress-gateway:gateway.diskType"]);
        assert.deepEqual(disk("c3-standard-4", "hyperdisk-balanced"), []);
        assert.deepEqual(disk("c3-standard-4", "pd-ssd"), []);
    });

    it("are told all at once", () => {
        assert.equal(
            found(
                { gateway: { networkTag: "gke-x", machineType: "n4-standard-4" } },
                { google: { project: "x", region: "europe-west1-b" } },
            ).length,
            // What depends on the tag or the region is not asked while those are wrong.
            3,
        );
    });
});
