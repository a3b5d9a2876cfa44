import * as assert from "node:assert/strict";
import { sourcesOf } from "../../containment/explain";
import { networkClaims } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { changed, compute, removed, resource } from "./worlds/build";
import { B1, B3, PROJECT } from "./worlds/threeLocks";

type Inputs = Record<string, unknown>;

const c1 = (world: readonly Resource[]) => networkClaims(world).claims.find(({ id }) => id === "C1")!;
const alone = (world: readonly Resource[], lock: string) =>
    networkClaims(world).locks.find(({ lock: name }) => name === lock)!.alone;

const deny = { direction: "EGRESS", action: "deny", match: { layer4Configs: [{ ipProtocol: "all" }] } };
const EVERYTHING = ["0.0.0.0/0", "::/0"].map((range, index) => ({
    ...deny,
    priority: 60000 + index,
    match: { ...deny.match, destIpRanges: [range] },
}));

/** The policy is the only lock of B1: its deny moved to a regional policy of this region. */
function deniedInRegion(region: string, association: Inputs): Resource[] {
    return [
        ...removed(B1, "rule-60000", "rule-60001"),
        resource(compute("RegionNetworkFirewallPolicyWithRules"), "regional", {
            name: "regional",
            project: PROJECT,
            region,
            rules: EVERYTHING,
        }),
        resource(compute("RegionNetworkFirewallPolicyAssociation"), "regional-attached", {
            project: PROJECT,
            firewallPolicy: "regional",
            attachmentTarget: `projects/${PROJECT}/global/networks/fl-vpc`,
            ...association,
        }),
    ];
}

describe("a regional policy", () => {
    const custom = (world: readonly Resource[], shown: boolean): Resource[] =>
        changed(world, "vpc", inputs => ({ ...inputs, autoCreateSubnetworks: !shown }));

    it("encloses a network whose subnets are all in its region", () => {
        assert.equal(c1(B1).result, "holds");
        assert.equal(c1(custom(deniedInRegion("us-central1", { region: "us-central1" }), true)).result, "holds");
    });

    it("covers nobody elsewhere, and its association is in its region where it says none", () => {
        for (const association of [{ region: "europe-west1" }, {}]) {
            const { result } = c1(custom(deniedInRegion("europe-west1", association), true));
            assert.equal(result, "violated");
        }
        assert.equal(c1(custom(deniedInRegion("us-central1", {}), true)).result, "holds");
    });

    it("does not enclose a network that has subnets in every region", () => {
        const { result } = c1(custom(deniedInRegion("us-central1", { region: "us-central1" }), false));
        assert.equal(result, "unknown");
    });
});

describe("a second global policy for one network", () => {
    it("may be the one that counts, whichever is told first", () => {
        const second = resource(compute("NetworkFirewallPolicyAssociation"), "second", {
            project: PROJECT,
            name: "second",
            firewallPolicy: "of-somebody-else",
            attachmentTarget: `projects/${PROJECT}/global/networks/fl-vpc`,
        });
        assert.equal(c1([...B1, second]).result, "unknown");
        assert.equal(c1([second, ...B1]).result, "unknown");
    });
});

describe("what belongs to another project", () => {
    const provider = (name: string, project: string): Resource => ({
        ...resource("pulumi:providers:gcp", name, { project, region: "us-central1" }),
        urn: `urn:pulumi:live::landing-zone::pulumi:providers:gcp::${name}`,
    });
    const [own, other] = [provider("own", PROJECT), provider("other", "fl-other")];
    const withoutProject = (world: readonly Resource[], by: Resource, ...names: readonly string[]): Resource[] =>
        world.map(entry => {
            const { project: _, ...inputs } = entry.inputs;
            return names.includes(entry.name) ? { ...entry, inputs, provider: `${by.urn}::1` } : entry;
        });
    const twin = { ...resource(compute("Network"), "twin", { name: "fl-vpc" }), provider: `${other.urn}::1` };
    const POLICY = ["policy", "attached"];
    const named = changed(B1, "attached", inputs => ({ ...inputs, attachmentTarget: "fl-vpc" }));

    it("holds nothing here: a policy that is attached to the network of the same name there", () => {
        assert.equal(c1([own, other, twin, ...withoutProject(named, own, ...POLICY)]).result, "holds");
        assert.notEqual(c1([own, other, twin, ...withoutProject(named, other, ...POLICY)]).result, "holds");
    });
});

describe("a policy of a folder", () => {
    const folder = (action: string): Resource[] => [
        resource(compute("FirewallPolicyWithRules"), "above", {
            shortName: "above",
            parent: "folders/1",
            rules: [{ ...EVERYTHING[0]!, action, priority: 10 }],
        }),
        resource(compute("FirewallPolicyAssociation"), "above-attached", {
            name: "above",
            attachmentTarget: "folders/1",
            firewallPolicy: "above",
        }),
    ];

    it("that only denies opens nothing, whether or not the project is in the folder", () => {
        assert.equal(c1([...B1, ...folder("deny")]).result, "holds");
    });

    it("that allows leaves it open while nothing shows whether the project is in the folder", () => {
        assert.equal(c1([...B1, ...folder("allow")]).result, "unknown");
    });
});

describe("what is only read", () => {
    const read = (world: readonly Resource[], name: string): Resource[] =>
        world.map(entry => (entry.name === name ? { ...entry, external: true } : entry));

    it("is a network like another, and what it was created with is not known", () => {
        assert.equal(c1(read(B1, "vpc")).result, "holds");
        const said = changed(B3, "vpc", ({ deleteDefaultRoutesOnCreate: _, ...inputs }) => inputs);
        assert.equal(alone(said, "route"), "violated");
        assert.equal(alone(read(said, "vpc"), "route"), "unknown");
    });

    it("is not known where what was read is not given", () => {
        const { result, reasons } = c1([
            ...B3,
            { ...resource(compute("Firewall"), "rule", {}), external: true } as Resource,
        ]);
        assert.equal(result, "unknown");
        assert.match(reasons.join(), /::rule .*reads it with \.get\(\)/);
        const bucket = { ...resource("gcp:storage/bucket:Bucket", "bucket", {}), external: true } as Resource;
        assert.equal(c1([...B3, bucket]).result, "holds");
    });
});

describe("a masquerade agent that is told otherwise", () => {
    const config = (namespace: string): Resource =>
        resource("kubernetes:core/v1:ConfigMap", "masquerade", {
            metadata: { name: "ip-masq-agent", namespace },
            data: { config: "nonMasqueradeCIDRs: [0.0.0.0/0]" },
        });
    it("lets pods send with their own addresses; where the agent does not look, a file tells it nothing", () => {
        const ids = (world: readonly Resource[]) => sourcesOf(world).map(({ id }) => id);
        assert.ok(!ids(B3).includes("pod:fl/apps"));
        assert.ok(ids([...B3, config("kube-system")]).includes("pod:fl/apps"));
        assert.ok(!ids([...B3, config("default")]).includes("pod:fl/apps"));
    });
});
