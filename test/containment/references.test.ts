import * as assert from "node:assert/strict";
import { type Resource } from "../../containment/resource";
import { prove } from "../../containment/prove";
import { Directory } from "../../containment/world/references";
import { compute, resource } from "./worlds/build";
import { B1 } from "./worlds/threeLocks";

const NETWORK = compute("Network");
const SUBNET = compute("Subnetwork");
const POLICY = compute("NetworkFirewallPolicy");

const provider = (name: string, inputs: Record<string, unknown>): Resource => ({
    ...resource("pulumi:providers:gcp", name, inputs),
    urn: `urn:pulumi:live::landing-zone::pulumi:providers:gcp::${name}`,
});
const by = (owner: Resource, made: Resource): Resource => ({ ...made, provider: `${owner.urn}::4f0e` });
const rule = (inputs: Record<string, unknown>): Resource => resource(compute("Firewall"), "rule", inputs);

function target(resources: readonly Resource[], from: Resource, value: string, type: string): string {
    const found = new Directory([...resources, from]).resolve(from, value, type);
    return found.kind === "one"
        ? found.target.name
        : found.kind === "none"
          ? "none"
          : found.candidates.map(({ name }) => name).join(" or ");
}

describe("what a reference stands for", () => {
    const [a, b] = [provider("a", { project: "p-a", region: "r-a1" }), provider("b", { project: "p-b" })];
    const networks = [
        by(a, resource(NETWORK, "in-a", { name: "main" })),
        by(b, resource(NETWORK, "in-b", { name: "main" })),
    ];

    it("is in the project of the referrer's provider, and in another one only where the link says so", () => {
        const world = [a, b, ...networks];
        assert.equal(target(world, by(a, rule({})), "main", NETWORK), "in-a");
        assert.equal(target(world, by(b, rule({})), "main", NETWORK), "in-b");
        assert.equal(target(world, by(b, rule({ project: "p-a" })), "main", NETWORK), "in-a");
        assert.equal(target(world, by(a, rule({})), "projects/p-b/global/networks/main", NETWORK), "in-b");
        assert.equal(target(world, by(a, rule({})), "projects/p-c/global/networks/main", NETWORK), "none");
    });

    it("is not known where several agree in all that is said", () => {
        assert.equal(target([a, b, ...networks], rule({}), "main", NETWORK), "in-a or in-b");
    });

    it("is in the referrer's own region, or in that of its zone", () => {
        const subnets = ["europe-west1", "us-east1"].map(region =>
            resource(SUBNET, region, { name: "apps", project: "p", region }),
        );
        const from = (inputs: object): Resource => resource(compute("Instance"), "vm", { project: "p", ...inputs });
        assert.equal(target(subnets, from({ zone: "us-east1-b" }), "apps", SUBNET), "us-east1");
        assert.equal(target(subnets, from({ region: "europe-west1" }), "apps", SUBNET), "europe-west1");
        assert.equal(target(subnets, from({ region: "asia-east1" }), "apps", SUBNET), "none");
        assert.equal(target(subnets, from({}), "apps", SUBNET), "europe-west1 or us-east1");
        assert.equal(
            target(subnets, from({ zone: "us-east1-b" }), "projects/p/regions/europe-west1/subnetworks/apps", SUBNET),
            "europe-west1",
        );
    });

    it("is the same in every form of a link", () => {
        const world = [by(a, resource(NETWORK, "in-a", { name: "main" })), a];
        for (const prefix of [
            "https://www.googleapis.com/compute/v1/",
            "https://www.googleapis.com/compute/beta/",
            "https://compute.googleapis.com/compute/v1/",
            "//compute.googleapis.com/",
            "",
        ]) {
            const link = `${prefix}projects/p-a/global/networks/main`;
            assert.equal(target(world, rule({}), link, NETWORK), "in-a", link);
        }
        assert.equal(target(world, by(a, rule({})), "global/networks/main", NETWORK), "in-a");
    });

    it("goes by number where the evidence shows numbers, and is not known where it does not", () => {
        const numbered = (name: string, outputs: object): Resource => ({
            ...resource(POLICY, name, { name, project: "p" }),
            outputs: { ...outputs },
        });
        const from = rule({ project: "p" });
        const shown = [
            numbered("one", { networkFirewallPolicyId: "11" }),
            numbered("two", {
                selfLinkWithId: "https://www.googleapis.com/compute/v1/projects/p/global/firewallPolicies/22",
            }),
        ];
        assert.equal(target(shown, from, "11", POLICY), "one");
        assert.equal(target(shown, from, "22", POLICY), "two");
        assert.equal(target(shown, from, "33", POLICY), "none");
        assert.equal(target([...shown, resource(POLICY, "three", { name: "three" })], from, "33", POLICY), "three");
        const project = {
            ...resource("gcp:organizations/project:Project", "p", { projectId: "p" }),
            outputs: { number: "7" },
        };
        assert.equal(target([...shown, project], rule({}), "projects/7/global/firewallPolicies/two", POLICY), "two");
    });

    it("is the owner's where one stack owns what another one reads", () => {
        const owned = resource(NETWORK, "owned", { name: "main", project: "p" });
        const read: Resource = { ...resource(NETWORK, "read", { name: "main", project: "p" }), external: true };
        assert.equal(target([read, owned], rule({ project: "p" }), "main", NETWORK), "owned");
    });
});

describe("firewall rules whose policy cannot be told", () => {
    const allowAll = (firewallPolicy: string): Resource =>
        resource(compute("NetworkFirewallPolicyRule"), "stray", {
            firewallPolicy,
            priority: 1,
            direction: "EGRESS",
            action: "allow",
            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
        });
    const c1 = (resources: readonly Resource[]) => prove(resources).claims.find(({ id }) => id === "C1")!;

    it("count as possible rules of every policy that may be meant", () => {
        const claim = c1([...B1, allowAll("4455667788")]);
        assert.equal(claim.result, "unknown");
        assert.ok(
            claim.reasons.some(reason => reason.includes("4455667788")),
            claim.reasons.join("\n"),
        );
    });
});
