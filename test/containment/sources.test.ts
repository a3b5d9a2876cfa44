import assert from "node:assert/strict";
import { networkClaims } from "../../containment/prove";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Claim } from "../../containment/verdict";
import { readWorld } from "../../containment/world/world";
import { added, changed, compute, removed, resource } from "./worlds/build";
import { B3, GATEWAY, PROJECT } from "./worlds/threeLocks";

/** The three locks as a world where one piece of the gateway's identity is enough: account, tag, and a NAT for everybody. */
const BY_ACCOUNT = changed(
    changed(removed(B3, "belt"), "default-exit", inputs => ({ ...inputs, tags: undefined })),
    "nat",
    inputs => ({ ...inputs, sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES", subnetworks: undefined }),
);
const BY_TAG = changed(removed(B3, "belt", "rule-60000"), "nat", inputs => ({
    ...inputs,
    sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
    subnetworks: undefined,
}));

const NETWORK = `projects/${PROJECT}/global/networks/fl-vpc`;
const APPS = `projects/${PROJECT}/regions/us-central1/subnetworks/fl-apps`;
const OWN = `batch@${PROJECT}.iam.gserviceaccount.com`;

function c1(world: readonly Resource[]): Claim {
    return networkClaims(world).claims.find(({ id }) => id === "C1")!;
}

/** What a machine of a service is made of, in the words of its resource. */
interface Words {
    readonly account: string;
    readonly tags: readonly string[];
}

type Inputs = Record<string, unknown>;

const gce = ({ account, tags }: Words): Inputs => ({
    subnetwork: APPS,
    serviceAccount: account,
    tags,
    internalIpOnly: true,
});
const direct = (tags: readonly string[]): Inputs => ({
    networkInterfaces: [{ network: "fl-vpc", subnetwork: "fl-apps", tags }],
});

const SERVICES: Readonly<Record<string, (words: Words) => Inputs>> = {
    "gcp:appengine/flexibleAppVersion:FlexibleAppVersion": ({ account, tags }) => ({
        network: { name: "fl-vpc", subnetwork: "fl-apps", instanceTag: tags[0], instanceIpMode: "INTERNAL" },
        serviceAccount: account,
    }),
    "gcp:cloudfunctionsv2/function:Function": ({ account, tags }) => ({
        location: "us-central1",
        serviceConfig: {
            serviceAccountEmail: account,
            directVpcNetworkInterfaces: [{ network: "fl-vpc", subnetwork: "fl-apps", tags }],
        },
    }),
    "gcp:cloudrun/service:Service": ({ account, tags }) => ({
        location: "us-central1",
        template: {
            metadata: {
                annotations: {
                    "run.googleapis.com/network-interfaces": JSON.stringify([
                        { network: "fl-vpc", subnetwork: "fl-apps", tags },
                    ]),
                },
            },
            spec: { serviceAccountName: account },
        },
    }),
    "gcp:cloudrunv2/job:Job": ({ account, tags }) => ({
        template: { template: { serviceAccount: account, vpcAccess: direct(tags) } },
    }),
    "gcp:cloudrunv2/service:Service": ({ account, tags }) => ({
        template: { serviceAccount: account, vpcAccess: direct(tags) },
    }),
    "gcp:cloudrunv2/workerPool:WorkerPool": ({ account, tags }) => ({
        template: { serviceAccount: account, vpcAccess: direct(tags) },
    }),
    "gcp:composer/environment:Environment": ({ account, tags }) => ({
        config: { nodeConfig: { network: NETWORK, subnetwork: APPS, serviceAccount: account, tags } },
    }),
    "gcp:dataflow/job:Job": ({ account, tags }) => ({
        subnetwork: APPS,
        serviceAccountEmail: account,
        ipConfiguration: "WORKER_IP_PRIVATE",
        additionalExperiments: [`use_network_tags=${tags.join(";")}`],
    }),
    "gcp:dataproc/batch:Batch": ({ account, tags }) => ({
        environmentConfig: { executionConfig: { subnetworkUri: APPS, serviceAccount: account, networkTags: tags } },
    }),
    "gcp:dataproc/cluster:Cluster": words => ({ clusterConfig: { gceClusterConfig: gce(words) } }),
    "gcp:dataproc/workflowTemplate:WorkflowTemplate": words => ({
        placement: { managedCluster: { config: { gceClusterConfig: gce(words) } } },
    }),
    "gcp:notebooks/instance:Instance": ({ account, tags }) => ({
        network: NETWORK,
        subnet: APPS,
        serviceAccount: account,
        tags,
        noPublicIp: true,
    }),
    "gcp:tpu/v2Vm:V2Vm": ({ account, tags }) => ({
        networkConfig: { network: "fl-vpc", subnetwork: "fl-apps" },
        serviceAccount: { email: account },
        tags,
    }),
    "gcp:workbench/instance:Instance": ({ account, tags }) => ({
        gceSetup: {
            networkInterfaces: [{ network: NETWORK, subnet: APPS }],
            serviceAccounts: [{ email: account }],
            tags,
            disablePublicIp: true,
        },
    }),
    [compute("InstanceFromTemplate")]: ({ account, tags }) => ({
        sourceInstanceTemplate: "not-given",
        networkInterfaces: [{ subnetwork: APPS }],
        serviceAccount: { email: account, scopes: ["cloud-platform"] },
        tags,
        params: { resourceManagerTags: {} },
    }),
};

const OF_TESTS: Words = { account: OWN, tags: ["batch"] };

describe("machines that services create", () => {
    for (const [type, inputs] of Object.entries(SERVICES)) {
        const name = type.split(":").at(-1)!;
        const placed = (words: Words): Resource =>
            resource(type, "made", { name: "made", project: PROJECT, zone: "us-central1-a", ...inputs(words) });

        it(`${type} runs as the account that it names`, () => {
            const { result, witnesses } = c1([...BY_ACCOUNT, placed({ ...OF_TESTS, account: GATEWAY })]);
            assert.equal(result, "violated");
            assert.ok(
                witnesses.some(({ source }) => source.includes("made")),
                JSON.stringify(witnesses),
            );
            assert.equal(c1([...BY_ACCOUNT, placed(OF_TESTS)]).result, "holds", `${name} with an account of its own`);
        });

        it(`${type} carries the tags that it names`, () => {
            const { witnesses } = c1([...BY_TAG, placed({ ...OF_TESTS, tags: ["fl-exit"] })]);
            assert.ok(
                witnesses.some(({ source }) => source.includes("made")),
                JSON.stringify(witnesses),
            );
            const harmless = c1([...BY_TAG, placed(OF_TESTS)]).witnesses;
            assert.ok(
                !harmless.some(({ source, packet }) => source.includes("made") && packet?.destination === "1.1.1.1"),
                `${name} with a tag of its own`,
            );
        });
    }

    it("are a problem that is named where what describes them is of another type", () => {
        const composer = resource("gcp:composer/environment:Environment", "made", {
            config: { nodeConfig: { subnetwork: APPS, tags: "fl-exit" } },
        });
        assert.throws(() => c1([...B3, composer]), /made, config\.nodeConfig\.tags: got "fl-exit", expected a list/);
    });

    it("without an interface in a VPC network are no source", () => {
        const plain = resource("gcp:cloudrunv2/service:Service", "plain", { template: { serviceAccount: GATEWAY } });
        assert.ok(readWorld([...B3, plain]).sources.every(({ name }) => !name.includes("plain")));
    });

    it("take what they do not say from the template that is given, and anything from one that is not", () => {
        const template = (account: string): Resource =>
            resource(compute("InstanceTemplate"), "shape", {
                name: "shape",
                project: PROJECT,
                networkInterfaces: [{ subnetwork: APPS }],
                serviceAccount: { email: account },
                tags: [],
            });
        const group = resource(compute("InstanceGroupManager"), "group", {
            project: PROJECT,
            versions: [{ instanceTemplate: "shape" }],
        });
        const copy = resource(compute("InstanceFromTemplate"), "copy", {
            project: PROJECT,
            sourceInstanceTemplate: "shape",
        });
        assert.equal(c1([...BY_ACCOUNT, template(OWN), group, copy]).result, "holds");
        assert.equal(c1([...BY_ACCOUNT, template(GATEWAY), copy]).result, "violated");
        assert.equal(c1([...BY_ACCOUNT, group]).result, "unknown");
        assert.equal(c1([...BY_ACCOUNT, copy]).result, "unknown");
    });

    it("of workstations are in the network of their cluster", () => {
        const cluster = resource("gcp:workstations/workstationCluster:WorkstationCluster", "desk", {
            workstationClusterId: "desk",
            network: NETWORK,
            subnetwork: APPS,
        });
        const config = (serviceAccount: string): Resource =>
            resource("gcp:workstations/workstationConfig:WorkstationConfig", "seat", {
                workstationClusterId: "desk",
                host: { gceInstance: { serviceAccount, disablePublicIpAddresses: true } },
            });
        assert.equal(c1([...BY_ACCOUNT, cluster, config(OWN)]).result, "holds");
        assert.equal(c1([...BY_ACCOUNT, cluster, config(GATEWAY)]).result, "violated");
        assert.equal(c1([...BY_ACCOUNT, config(GATEWAY)]).result, "unknown", "its cluster is not given");
    });
});

describe("nodes that GKE creates by itself", () => {
    const provisioned = (more: Inputs, world: readonly Resource[]): Resource[] =>
        changed(world, "cluster", inputs => ({ ...inputs, ...more }));

    it("carry the tags and the account that the cluster names for them", () => {
        const nap = { clusterAutoscaling: { enabled: true, autoProvisioningDefaults: { serviceAccount: OWN } } };
        const tags = (tag: string): Inputs => ({ nodePoolAutoConfig: { networkTags: { tags: [tag] } } });
        const sources = (world: readonly Resource[]): string[] => c1(world).witnesses.map(({ source }) => source);
        const auto = "node of pool fl/(auto-provisioned)";
        assert.ok(sources(provisioned({ ...nap, ...tags("fl-exit") }, BY_TAG)).includes(auto));
        assert.ok(!sources(provisioned({ ...nap, ...tags("batch") }, BY_TAG)).includes(auto));
        const asGateway = {
            clusterAutoscaling: { enabled: true, autoProvisioningDefaults: { serviceAccount: GATEWAY } },
        };
        assert.ok(sources(provisioned(asGateway, BY_ACCOUNT)).includes(auto));
        assert.equal(c1(provisioned(nap, BY_ACCOUNT)).result, "holds");
    });

    it("land sooner or later in each subnet that the cluster's pools use, the gateway's too", () => {
        const all = {
            clusterAutoscaling: { enabled: true, autoProvisioningDefaults: { serviceAccount: GATEWAY } },
            nodePoolAutoConfig: { networkTags: { tags: ["fl-exit"] } },
        };
        assert.equal(c1(provisioned(all, B3)).result, "violated");
    });

    it("have tags that nothing shows while those are not known", () => {
        const nap = {
            clusterAutoscaling: { enabled: true, autoProvisioningDefaults: { serviceAccount: OWN } },
            nodePoolAutoConfig: { networkTags: { tags: [UNKNOWN] } },
        };
        const reasons = c1(provisioned(nap, BY_TAG)).reasons.join("\n");
        assert.match(reasons, /network tags are not known/);
    });
});

describe("machines whose place is not plain", () => {
    const EDGE = added(
        B3,
        resource(compute("Network"), "edge", {
            name: "edge",
            project: PROJECT,
            autoCreateSubnetworks: false,
            networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
        }),
        resource(compute("Subnetwork"), "edge-subnet", {
            name: "edge",
            project: PROJECT,
            region: "us-central1",
            network: `projects/${PROJECT}/global/networks/edge`,
            ipCidrRange: "172.20.0.0/24",
            stackType: "IPV4_ONLY",
        }),
    );
    const machine = (...networkInterfaces: readonly Inputs[]): Resource =>
        resource(compute("Instance"), "jump", {
            name: "jump",
            project: PROJECT,
            zone: "us-central1-a",
            networkInterfaces,
        });
    const outside = { subnetwork: `projects/${PROJECT}/regions/us-central1/subnetworks/edge`, accessConfigs: [{}] };

    it("with one arm inside leave by the other", () => {
        assert.equal(c1([...EDGE, machine(outside)]).result, "holds", "nothing of it is inside");
        const { result, witnesses } = c1([...EDGE, machine({ subnetwork: APPS }, outside)]);
        assert.equal(result, "violated");
        assert.deepEqual([...new Set(witnesses.map(({ source }) => source))], ["VM jump, interface 1"]);
        assert.equal(c1([...EDGE, machine(outside, { subnetwork: APPS })]).result, "violated");
        const elsewhere = { network: `projects/${PROJECT}/global/networks/not-given` };
        assert.equal(c1([...EDGE, machine({ subnetwork: APPS }, elsewhere)]).result, "unknown");
    });

    it("have each interface in a network of its own, shown or not", () => {
        assert.equal(c1([...B3, machine({ subnetwork: "ops" })]).result, "holds");
        assert.equal(c1([...B3, machine({ subnetwork: APPS }, { subnetwork: "ops" })]).result, "unknown");
        assert.equal(c1([...B3, machine({ subnetwork: "ops" }, { subnetwork: "more" })]).result, "unknown");
    });

    it("in a subnet that nothing shows may be in any network", () => {
        const hidden = (world: readonly Resource[], account: string): Claim["result"] =>
            c1([
                ...world,
                changed([machine({ subnetwork: "ops" })], "jump", inputs => ({
                    ...inputs,
                    serviceAccount: { email: account },
                }))[0]!,
            ]).result;
        const two = [...BY_ACCOUNT, ...EDGE.slice(-2)];
        assert.equal(hidden(two, GATEWAY), "unknown");
        assert.equal(hidden(two, OWN), "holds");
        assert.equal(hidden(BY_ACCOUNT, GATEWAY), "unknown", "the subnet may be of another stack's network");
    });

    it("are placed by the subnet alone where it is given, whatever else there is", () => {
        const jump = changed([machine({ subnetwork: APPS })], "jump", inputs => ({
            ...inputs,
            serviceAccount: { email: GATEWAY },
        }));
        assert.equal(c1([...BY_ACCOUNT, ...EDGE.slice(-2), ...jump]).result, "violated");
    });
});

describe("the NAT as the only lock", () => {
    const alone = (world: readonly Resource[]): string | undefined =>
        networkClaims(world).locks.find(({ lock }) => lock === "nat")!.alone;
    const serving = (name: string, ranges: Inputs): Resource =>
        resource(compute("RouterNat"), "second-nat", {
            name: "second",
            project: PROJECT,
            region: "us-central1",
            router: "fl-router",
            natIpAllocateOption: "AUTO_ONLY",
            sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
            subnetworks: [{ name, ...ranges }],
        });
    const vm = (more: Inputs): Resource =>
        resource(compute("Instance"), "vm", {
            name: "vm",
            project: PROJECT,
            zone: "us-central1-a",
            networkInterfaces: [{ subnetwork: APPS, ...more }],
        });
    const pods = { sourceIpRangesToNats: ["LIST_OF_SECONDARY_IP_RANGES"], secondaryIpRangeNames: ["fl-pods"] };

    it("holds while it serves the gateway's addresses only", () => {
        assert.equal(alone(B3), "holds");
        assert.equal(alone([...B3, vm({})]), "holds");
    });

    it("does not where it serves the addresses of pods: root on their node sends with them", () => {
        assert.equal(alone([...B3, serving(APPS, pods)]), "violated");
    });

    it("does not for a machine with an address of its own outside", () => {
        assert.equal(alone([...B3, vm({ accessConfigs: [{}] })]), "violated");
        const flexible = resource("gcp:appengine/flexibleAppVersion:FlexibleAppVersion", "flex", {
            project: PROJECT,
            network: { name: "fl-vpc", subnetwork: "fl-apps" },
        });
        assert.equal(alone([...B3, flexible]), "violated");
    });

    it("cannot be told for a machine that an external forwarding rule hands packets to", () => {
        const target = resource(compute("TargetInstance"), "target", {
            name: "target",
            project: PROJECT,
            instance: "vm",
        });
        const rule = (loadBalancingScheme: string): Resource =>
            resource(compute("ForwardingRule"), "rule", {
                project: PROJECT,
                region: "us-central1",
                loadBalancingScheme,
                target: `projects/${PROJECT}/zones/us-central1-a/targetInstances/target`,
            });
        assert.equal(alone([...B3, vm({}), target, rule("EXTERNAL")]), "unknown");
        assert.equal(alone([...B3, vm({}), target, rule("INTERNAL")]), "holds");
        assert.equal(alone([...B3, target, rule("EXTERNAL")]), "unknown", "whichever machine that is");
    });

    it("is of its own region: the same names in another are another subnet's", () => {
        const twin = resource(compute("Subnetwork"), "twin", {
            name: "fl-apps",
            project: PROJECT,
            region: "europe-west1",
            network: "fl-vpc",
            ipCidrRange: "10.40.0.0/22",
            stackType: "IPV4_ONLY",
        });
        const primary = { sourceIpRangesToNats: ["PRIMARY_IP_RANGE"] };
        const served = (name: string): Resource[] => [...B3, twin, serving(name, primary)];
        assert.equal(alone(served(APPS)), "violated");
        assert.equal(alone([twin, ...served(APPS).filter(({ name }) => name !== "twin")]), "violated");
        assert.equal(alone(served("fl-apps")), "violated", "a plain name is of the NAT's own region");
    });
});
