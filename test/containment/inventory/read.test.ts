import * as assert from "node:assert/strict";
import { ReaderError, readEvidence, readResources } from "../../../containment/readers";
import { type Resource, UNKNOWN } from "../../../containment/resource";
import { treatmentOf } from "../../../containment/world/catalogue";
import { compute, line, type Line, read, threeLocks } from "./assets";

const VPC = "https://www.googleapis.com/compute/v1/projects/fl-prod/global/networks/vpc";

/** What one asset becomes, without projects and folders. */
function of(asset: Line, ...others: readonly Line[]): Resource[] {
    return read([asset, ...others]).filter(
        ({ type, urn }) =>
            !/^gcp:organizations\/(project|folder):/.test(type) &&
            others.every(({ name }) => !urn.endsWith(name.replace(/^\/\/[^/]+\//, ""))),
    );
}

function inputs(asset: Line, ...others: readonly Line[]): unknown {
    return of(asset, ...others)[0]!.inputs;
}

function has(asset: Line, type: string, expected: object): void {
    const [found] = of(asset);
    assert.equal(found!.type, type);
    assert.deepEqual({ ...found!.inputs, ...expected }, found!.inputs);
}

describe("reading an inventory", () => {
    it("takes assets a line, in a list, from the API, from a search and in YAML", () => {
        const assets = threeLocks();
        const urns = (resources: readonly Resource[]): string[] => resources.map(({ urn }) => urn);
        const expected = urns(read(assets));
        assert.deepEqual(urns(readResources(JSON.stringify(assets, undefined, 2))), expected);
        assert.deepEqual(urns(readResources(JSON.stringify({ readTime: "2026-11-20T00:00:00Z", assets }))), expected);
        const search = assets.map(({ name, assetType, resource, iamPolicy }) =>
            iamPolicy === undefined
                ? { name, assetType, versionedResources: [{ version: resource!.version, resource: resource!.data }] }
                : { resource: name, assetType, policy: iamPolicy },
        );
        // Without ancestors, the project says what it is in.
        assert.deepEqual(
            urns(readResources(JSON.stringify(search))),
            expected.filter(urn => !urn.includes(":Folder::")),
        );
        const network =
            "---\nassetType: compute.googleapis.com/Network\nname: //compute.googleapis.com/projects/p/global/networks/n\nresource: {version: v1, data: {name: n}}\n";
        assert.deepEqual(urns(readResources(network)), [
            "urn:pulumi:inventory::inventory::gcp:organizations/project:Project::p",
            "urn:pulumi:inventory::inventory::gcp:compute/network:Network::projects/p/global/networks/n",
        ]);
    });

    it("takes the spelling of older exports: keys with underscores, lists in the singular, tags of their own", () => {
        const old = [
            {
                ...compute("Firewall", "global/firewalls/f"),
                data: {
                    allowed: [{ ipProtocol: "tcp", port: ["443"] }],
                    destinationRange: ["0.0.0.0/0"],
                    targetTag: ["web"],
                    direction: "EGRESS",
                    network: VPC,
                },
            },
            {
                ...compute("Instance", "zones/europe-west1-b/instances/i"),
                data: {
                    networkInterface: [{ network: VPC, accessConfig: [{}] }],
                    serviceAccount: [{ email: "a@x" }],
                    tags: { tag: ["web"] },
                },
            },
        ].map(({ name, assetType, data }) => ({ name, asset_type: assetType, resource: { version: "v1", data } }));
        const [rule, machine] = read(old).slice(-2);
        assert.deepEqual(rule!.inputs, {
            allows: [{ protocol: "tcp", ports: ["443"] }],
            destinationRanges: ["0.0.0.0/0"],
            targetTags: ["web"],
            direction: "EGRESS",
            network: VPC,
            name: "f",
            project: "fl-prod",
        });
        assert.deepEqual(machine!.inputs, {
            networkInterfaces: [{ network: VPC, accessConfigs: [{}] }],
            serviceAccount: { email: "a@x" },
            tags: ["web"],
            resourceManagerTags: UNKNOWN,
            name: "i",
            project: "fl-prod",
            zone: "europe-west1-b",
        });
    });

    it("keeps the asset that was updated last", () => {
        const at = (time: string, priority: number): Line => ({
            ...compute("Firewall", "global/firewalls/f", { priority }),
            updateTime: time,
        });
        const found = read([
            at("2026-02-01T00:00:00Z", 2),
            at("2026-03-01T00:00:00Z", 3),
            at("2026-01-01T00:00:00Z", 1),
        ]);
        assert.deepEqual(
            found.filter(({ type }) => /firewall/.test(type)).map(({ inputs: { priority } }) => priority),
            [3],
        );
    });

    it("takes what stands inside a network, a router and a policy as resources of their own", () => {
        const network = of(
            compute("Network", "global/networks/vpc", {
                peerings: [{ name: "p", network: `${VPC}2`, importCustomRoutes: true }],
            }),
        );
        assert.deepEqual(
            network.map(({ type, name }) => [type, name]),
            [
                ["gcp:compute/network:Network", "vpc"],
                ["gcp:compute/networkPeering:NetworkPeering", "p"],
            ],
        );
        assert.equal(network[1]!.inputs["network"], "projects/fl-prod/global/networks/vpc");
        const router = of(
            compute("Router", "regions/europe-west1/routers/r", {
                network: VPC,
                nats: [{ name: "n", subnetworks: [{ name: "s", sourceIpRangesToNat: ["ALL_IP_RANGES"] }] }],
                bgpPeers: [{ name: "b" }],
            }),
        );
        assert.deepEqual(
            router.map(({ type, name }) => [type, name]),
            [
                ["gcp:compute/router:Router", "r"],
                ["gcp:compute/routerNat:RouterNat", "n"],
                ["gcp:compute/routerPeer:RouterPeer", "b"],
            ],
        );
        assert.deepEqual(router[1]!.inputs["subnetworks"], [{ name: "s", sourceIpRangesToNats: ["ALL_IP_RANGES"] }]);
        const [, attached] = of(
            compute("FirewallPolicy", "regions/europe-west1/firewallPolicies/p", {
                rules: [],
                associations: [{ name: "a", attachmentTarget: VPC }],
            }),
        );
        assert.equal(
            attached!.type,
            "gcp:compute/regionNetworkFirewallPolicyAssociation:RegionNetworkFirewallPolicyAssociation",
        );
        assert.equal(attached!.inputs["region"], "europe-west1");
    });

    it("says of a network only what the export shows", () => {
        const network = compute("Network", "global/networks/vpc", {
            autoCreateSubnetworks: false,
            subnetworks: ["https://x/projects/fl-prod/regions/r/subnetworks/s"],
        });
        assert.equal((inputs(network) as Record<string, unknown>)["deleteDefaultRoutesOnCreate"], UNKNOWN);
        const route = compute("Route", "global/routes/r", {
            network: VPC,
            destRange: "10.0.0.0/8",
            nextHopNetwork: VPC,
        });
        assert.equal((inputs(network, route) as Record<string, unknown>)["deleteDefaultRoutesOnCreate"], true);
        const { autoCreateSubnetworks: _, ...data } = network.resource!.data;
        const listed = { ...network, resource: { data } };
        assert.equal((inputs(listed) as Record<string, unknown>)["autoCreateSubnetworks"], UNKNOWN);
    });

    it("takes routes by their next hop, and leaves out those that subnets and peerings show", () => {
        const route = (hop: object): Line =>
            compute("Route", "global/routes/r", { network: VPC, destRange: "0.0.0.0/0", priority: 7, ...hop });
        const common = { name: "r", project: "fl-prod", network: VPC, destRange: "0.0.0.0/0", priority: 7 };
        assert.deepEqual(inputs(route({ nextHopIlb: "10.0.0.9", tags: ["a"] })), {
            ...common,
            nextHopIlb: "10.0.0.9",
            tags: ["a"],
        });
        assert.deepEqual(inputs(route({ nextHopInterconnectAttachment: "x" })), { ...common, nextHopVpnTunnel: "x" });
        assert.deepEqual(of(route({ nextHopNetwork: VPC })), []);
        assert.deepEqual(of(route({ nextHopPeering: "p" }), compute("Network", "global/networks/vpc")), []);
        assert.equal(
            (inputs(route({ nextHopPeering: "p" })) as Record<string, unknown>)["importCustomRoutes"],
            UNKNOWN,
        );
        assert.equal(treatmentOf(of(route({ nextHopHub: "h" }))[0]!).kind, "unmodelled");
    });

    it("brings clusters and pools to the provider's words", () => {
        const cluster = (data: object): unknown =>
            inputs(
                line(
                    "//container.googleapis.com/projects/fl-prod/zones/europe-west1-b/clusters/k",
                    "container.googleapis.com/Cluster",
                    data,
                ),
            );
        const pool = {
            name: "p",
            config: { tags: ["t"], resourceManagerTags: { tags: { "tagKeys/1": "tagValues/2" } } },
        };
        assert.deepEqual(
            cluster({
                network: "vpc",
                networkConfig: {
                    network: "projects/host/global/networks/vpc",
                    defaultSnatStatus: { disabled: true },
                    defaultEnablePrivateNodes: true,
                },
                autopilot: { enabled: true },
                autoscaling: {
                    enableNodeAutoprovisioning: true,
                    autoprovisioningNodePoolDefaults: { serviceAccount: "a@x" },
                },
                nodePoolAutoConfig: {
                    networkTags: { tags: ["n"] },
                    resourceManagerTags: { tags: { "tagKeys/1": "tagValues/2" } },
                },
                nodePools: [pool],
            }),
            {
                name: "k",
                project: "fl-prod",
                location: "europe-west1-b",
                network: "projects/host/global/networks/vpc",
                networkConfig: {
                    network: "projects/host/global/networks/vpc",
                    defaultSnatStatus: { disabled: true },
                    defaultEnablePrivateNodes: true,
                },
                defaultSnatStatus: { disabled: true },
                enableAutopilot: true,
                privateClusterConfig: { enablePrivateNodes: true },
                autopilot: { enabled: true },
                autoscaling: {
                    enableNodeAutoprovisioning: true,
                    autoprovisioningNodePoolDefaults: { serviceAccount: "a@x" },
                },
                clusterAutoscaling: {
                    enableNodeAutoprovisioning: true,
                    enabled: true,
                    autoprovisioningNodePoolDefaults: { serviceAccount: "a@x" },
                    autoProvisioningDefaults: { serviceAccount: "a@x" },
                },
                nodePoolAutoConfig: {
                    networkTags: { tags: ["n"] },
                    resourceManagerTags: { "tagKeys/1": "tagValues/2" },
                },
                removeDefaultNodePool: true,
                nodePools: [
                    { name: "p", nodeConfig: { tags: ["t"], resourceManagerTags: { "tagKeys/1": "tagValues/2" } } },
                ],
            },
        );
    });

    it("brings Cloud Run's interfaces, in both versions of its API, to one shape", () => {
        const annotations = {
            "run.googleapis.com/network-interfaces": `[{"network":"vpc","tags":["t"]}]`,
            "run.googleapis.com/vpc-access-connector": "c",
        };
        const at = (kind: string, data: object): Line =>
            line(
                `//run.googleapis.com/projects/fl-prod/locations/europe-west1/x/${kind}`,
                `run.googleapis.com/${kind}`,
                data,
            );
        const access = { connector: "c", networkInterfaces: [{ network: "vpc", tags: ["t"] }] };
        const template = { metadata: { annotations }, spec: { serviceAccountName: "a@x" } };
        has(at("Service", { spec: { template } }), "gcp:cloudrun/service:Service", {
            template,
            location: "europe-west1",
        });
        has(at("Service", { template: { vpcAccess: access } }), "gcp:cloudrunv2/service:Service", {
            template: { vpcAccess: access },
        });
        has(
            at("Job", {
                spec: {
                    template: {
                        metadata: { annotations },
                        spec: { template: { spec: { serviceAccountName: "a@x" } } },
                    },
                },
            }),
            "gcp:cloudrunv2/job:Job",
            { template: { template: { serviceAccount: "a@x", vpcAccess: access } } },
        );
        has(at("WorkerPool", { spec: { template } }), "gcp:cloudrunv2/workerPool:WorkerPool", {
            template: { serviceAccount: "a@x", vpcAccess: access },
        });
        has(
            at("Revision", { metadata: { annotations }, spec: { serviceAccountName: "a@x" } }),
            "gcp:cloudrunv2/service:Service",
            { template: { serviceAccount: "a@x", vpcAccess: access } },
        );
        assert.deepEqual(of(at("Revision", { metadata: {}, spec: {} })), []);
    });

    it("brings services whose API has other words than the provider to the provider's", () => {
        const at = (service: string, kind: string, data: object, path = "locations/europe-west1/x/y"): Line =>
            line(`//${service}.googleapis.com/projects/fl-prod/${path}`, `${service}.googleapis.com/${kind}`, data);
        has(
            at("cloudfunctions", "Function", { serviceConfig: { directVpcNetworkInterface: [{ network: "n" }] } }),
            "gcp:cloudfunctionsv2/function:Function",
            { serviceConfig: { directVpcNetworkInterfaces: [{ network: "n" }] } },
        );
        has(
            at("dataproc", "Cluster", { config: { gceClusterConfig: { networkUri: "n", internalIpOnly: true } } }),
            "gcp:dataproc/cluster:Cluster",
            { clusterConfig: { gceClusterConfig: { networkUri: "n", network: "n", internalIpOnly: true } } },
        );
        has(
            at("cloudbuild", "WorkerPool", {
                privatePoolV1Config: { networkConfig: { peeredNetwork: "n", egressOption: "NO_PUBLIC_EGRESS" } },
            }),
            "gcp:cloudbuild/workerPool:WorkerPool",
            {
                networkConfig: { peeredNetwork: "n", egressOption: "NO_PUBLIC_EGRESS" },
                workerConfig: { noExternalIp: true },
            },
        );
        has(at("vpcaccess", "Connector", { network: "n" }), "gcp:vpcaccess/connector:Connector", {
            region: "europe-west1",
            name: "y",
        });
        has(
            at("sqladmin", "Instance", { settings: { ipConfiguration: { pscConfig: { networkAttachmentUri: "u" } } } }),
            "gcp:sql/databaseInstance:DatabaseInstance",
            {
                settings: {
                    ipConfiguration: {
                        pscConfig: { networkAttachmentUri: "u" },
                        pscConfigs: [{ networkAttachmentUri: "u" }],
                    },
                },
            },
        );
        has(
            at(
                "appengine",
                "Version",
                { env: "flexible", network: { name: "n", subnetworkName: "s" } },
                "services/s/versions/v",
            ),
            "gcp:appengine/flexibleAppVersion:FlexibleAppVersion",
            { network: { name: "n", subnetworkName: "s", subnetwork: "s" } },
        );
        has(
            at("appengine", "Version", { env: "standard" }, "services/s/versions/v"),
            "gcp:appengine/standardAppVersion:StandardAppVersion",
            {},
        );
        has(at("dataflow", "Job", { currentState: "JOB_STATE_RUNNING" }), "gcp:dataflow/job:Job", {
            network: UNKNOWN,
            subnetwork: UNKNOWN,
            serviceAccountEmail: UNKNOWN,
        });
        has(
            at("dataflow", "Job", {
                environment: {
                    serviceAccountEmail: "a@x",
                    workerPools: [{ subnetwork: "s", ipConfiguration: "WORKER_IP_PRIVATE" }],
                },
            }),
            "gcp:dataflow/job:Job",
            { subnetwork: "s", ipConfiguration: "WORKER_IP_PRIVATE", serviceAccountEmail: "a@x" },
        );
        assert.deepEqual(of(at("dataflow", "Job", { currentState: "JOB_STATE_DONE" })), []);
        has(
            at("aiplatform", "CustomJob", { jobSpec: { network: "n" } }),
            "gcp:vertex/aiPersistentResource:AiPersistentResource",
            { network: "n" },
        );
        assert.deepEqual(of(at("aiplatform", "CustomJob", { jobSpec: {} })), []);
        assert.deepEqual(
            of(at("gkehub", "Feature", { membershipSpecs: { m: { configmanagement: { configSync: {} } } } })).map(
                ({ type }) => type,
            ),
            ["gcp:gkehub/feature:Feature", "gcp:gkehub/featureMembership:FeatureMembership"],
        );
    });

    it("takes keys that somebody holds, roles, and objects of clusters", () => {
        const key = (data: object): Line =>
            line(
                "//iam.googleapis.com/projects/fl-prod/serviceAccounts/1/keys/k",
                "iam.googleapis.com/ServiceAccountKey",
                data,
            );
        const account = line(
            "//iam.googleapis.com/projects/fl-prod/serviceAccounts/1",
            "iam.googleapis.com/ServiceAccount",
            { email: "a@fl-prod.iam.gserviceaccount.com", uniqueId: "1" },
        );
        const found = read([account, key({ keyType: "USER_MANAGED" })]).find(({ type }) => /Key$/.test(type));
        assert.deepEqual(found!.inputs, {
            serviceAccountId: "projects/-/serviceAccounts/a@fl-prod.iam.gserviceaccount.com",
        });
        assert.deepEqual(of(key({ keyType: "SYSTEM_MANAGED" })), []);
        assert.deepEqual(of(key({ keyType: "USER_MANAGED", disabled: true })), []);
        has(
            line("//iam.googleapis.com/organizations/77/roles/r", "iam.googleapis.com/Role", {
                name: "organizations/77/roles/r",
                includedPermissions: ["a.b.c"],
            }),
            "gcp:organizations/iAMCustomRole:IAMCustomRole",
            { roleId: "r", permissions: ["a.b.c"] },
        );
        const [object] = read([
            line(
                "//container.googleapis.com/projects/p/zones/z/clusters/k/k8s/namespaces/shop/networking.k8s.io/networkpolicies/n",
                "networking.k8s.io/NetworkPolicy",
                { spec: {} },
            ),
        ]).slice(-1);
        assert.equal(object!.type, "kubernetes:networking.k8s.io/v1:NetworkPolicy");
        assert.deepEqual(object!.inputs, {
            apiVersion: "networking.k8s.io/v1",
            kind: "NetworkPolicy",
            metadata: { name: "n", namespace: "shop" },
            spec: {},
        });
        assert.match(object!.provider!, /projects\/p\/locations\/z\/clusters\/k$/);
    });

    it("says what it leaves out, and why", () => {
        const { leftOut } = readEvidence(
            threeLocks()
                .map(each => JSON.stringify(each))
                .join("\n"),
        );
        const reasons = new Map(leftOut.map(({ what, why }) => [what, why]));
        assert.equal(reasons.get("compute.googleapis.com/Instance"), "a node as its pool says, which is read");
        assert.equal(reasons.get("IAM policy of storage.googleapis.com/Bucket"), "says who may administer it");
    });

    const NETWORK = JSON.stringify(compute("Network", "global/networks/n"));
    for (const [what, text, because] of [
        [
            "a line that is cut off",
            `${NETWORK}\n${NETWORK.slice(0, 40)}`,
            /^line 2 of the inventory is not JSON .*expected one asset a line.*cut off/,
        ],
        ["a first line that is cut off", NETWORK.slice(0, 120), /^line 1 of the inventory is not JSON/],
        ["every line that is wrong", `${NETWORK}\nx\ny\n\nz\nw`, /line 2 .*; line 3 .*; line 5 .*; and 1 more/],
        [
            "a line that is something else",
            `${NETWORK}\n{"name": "x"}`,
            /^line 2 of the inventory has no "name" and "assetType"/,
        ],
        [
            "a name that is not whole",
            NETWORK.replace("//compute.googleapis.com/", ""),
            /^line 1 of the inventory has the name "projects.*expected a full one/,
        ],
        [
            "names alone",
            '{"name":"//compute.googleapis.com/projects/p/global/networks/n","assetType":"compute.googleapis.com/Network"}',
            /only names its assets.*--content-type=resource/,
        ],
        ["an element that is something else", `[${NETWORK}, 7]`, /^element 1 of the inventory has no "name"/],
    ] as const) {
        it(`refuses ${what}`, () => {
            assert.throws(
                () => readResources(text),
                (error: unknown) => error instanceof ReaderError && because.test(error.message),
            );
        });
    }
});
