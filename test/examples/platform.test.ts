import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { type Plan } from "../../plan/offline";
import { googlePlatformSchema } from "../../contract/platform";
import { istiodValues } from "../../examples/platform/meshValues";
import { existingBefore } from "../program/planned";
import { plannedIn } from "./planned";

const ROOT = path.resolve(__dirname, "..", "..");
const FOLDER = "examples/platform";

function inputsOf(plan: Plan, type: string, name?: string): Record<string, unknown>[] {
    return plan.resources
        .filter(resource => resource.type === type && (name === undefined || resource.name === name))
        .map(({ inputs }) => inputs);
}

describe("the example platform", () => {
    let dev: Plan;
    let prod: Plan;

    before(async () => {
        dev = await plannedIn({ folder: FOLDER });
        prod = await plannedIn({ folder: FOLDER, stack: "prod" });
    });

    it("gives in dev what Pulumi.dev.yaml of the egress gateway writes by hand", () => {
        const settings = parse(fs.readFileSync(path.join(ROOT, "Pulumi.dev.yaml"), "utf8")) as {
            config: { "egress-gateway:platform": object };
        };
        const written = googlePlatformSchema.parse(settings.config["egress-gateway:platform"]);
        const given = googlePlatformSchema.parse(dev.outputs["platform"]);
        assert.deepEqual(
            { ...given, cluster: { ...given.cluster, nodeServiceAccounts: [] }, imageRepository: undefined },
            { ...written, imageRepository: undefined },
        );
        assert.deepEqual(given.cluster.nodeServiceAccounts, ["app-nodes@acme-dev.iam.gserviceaccount.com"]);
    });

    it("gives in prod what the egress gateway's prod stack reads", () => {
        const read: unknown = JSON.parse(
            fs.readFileSync(path.join(ROOT, "stack-outputs", "platform.prod.json"), "utf8"),
        );
        assert.deepEqual(prod.outputs, read);
    });

    it("makes a network that leads nowhere, evaluated before classic rules", () => {
        const [network] = inputsOf(dev, "gcp:compute/network:Network");
        assert.equal(network?.["deleteDefaultRoutesOnCreate"], true);
        assert.equal(network?.["autoCreateSubnetworks"], false);
        assert.equal(network?.["networkFirewallPolicyEnforcementOrder"], "BEFORE_CLASSIC_FIREWALL");
        assert.deepEqual(
            inputsOf(dev, "gcp:compute/route:Route").map(({ destRange }) => destRange),
            ["199.36.153.4/30"],
        );
        for (const type of [
            "gcp:compute/routerNat:RouterNat",
            "gcp:compute/router:Router",
            "gcp:compute/address:Address",
        ]) {
            assert.deepEqual(inputsOf(dev, type), []);
        }
        assert.deepEqual(
            inputsOf(dev, "gcp:compute/firewall:Firewall").filter(({ direction }) => direction !== "INGRESS"),
            [],
        );
    });

    it("makes both subnets with their ranges, IPv4 only", () => {
        const ranges = inputsOf(dev, "gcp:compute/subnetwork:Subnetwork").map(
            ({ name, ipCidrRange, secondaryIpRanges, stackType }) => ({
                name,
                ipCidrRange,
                stackType,
                secondary: (secondaryIpRanges as { rangeName: string; ipCidrRange: string }[]).map(
                    ({ rangeName, ipCidrRange: range }) => `${rangeName} ${range}`,
                ),
            }),
        );
        assert.deepEqual(ranges, [
            {
                name: "acme-dev-egress",
                ipCidrRange: "10.0.8.0/27",
                stackType: "IPV4_ONLY",
                secondary: ["egress-pods 10.3.0.0/22"],
            },
            {
                name: "acme-dev-nodes",
                ipCidrRange: "10.0.0.0/22",
                stackType: "IPV4_ONLY",
                secondary: ["pods 10.4.0.0/14", "services 10.8.0.0/20"],
            },
        ]);
    });

    it("makes a private cluster that knows the egress subnet and makes no nodes of its own accord", () => {
        const [cluster] = inputsOf(dev, "gcp:container/cluster:Cluster") as [Record<string, Record<string, unknown>>];
        assert.deepEqual(cluster["ipAllocationPolicy"]?.["additionalIpRangesConfigs"], [
            {
                subnetwork: "projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-egress",
                podIpv4RangeNames: ["egress-pods"],
                status: "ACTIVE",
            },
        ]);
        assert.deepEqual(cluster["privateClusterConfig"], {
            enablePrivateNodes: true,
            enablePrivateEndpoint: true,
            masterIpv4CidrBlock: "172.16.0.0/28",
        });
        assert.deepEqual(cluster["clusterAutoscaling"], { enabled: false });
        assert.equal(cluster["datapathProvider"], "ADVANCED_DATAPATH");
        assert.deepEqual(cluster["workloadIdentityConfig"], { workloadPool: "acme-dev.svc.id.goog" });
    });

    it("puts application nodes into their own subnet, with their own account and without public addresses", () => {
        const [pool] = inputsOf(dev, "gcp:container/nodePool:NodePool") as [Record<string, Record<string, unknown>>];
        assert.deepEqual(pool["networkConfig"], {
            subnetwork: "projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-nodes",
            podRange: "pods",
            createPodRange: false,
            enablePrivateNodes: true,
        });
        assert.equal(pool["nodeConfig"]?.["serviceAccount"], "app-nodes@acme-dev.iam.gserviceaccount.com");
        assert.deepEqual(pool["nodeConfig"]?.["workloadMetadataConfig"], { mode: "GKE_METADATA" });
        assert.equal(pool["nodeConfig"]?.["taints"], undefined);
    });

    it("leads Google's names to the restricted range, with every record in its zone", () => {
        const zones = inputsOf(dev, "gcp:dns/managedZone:ManagedZone");
        assert.deepEqual(
            zones.map(({ dnsName, visibility }) => `${dnsName as string} ${visibility as string}`),
            ["gcr.io. private", "googleapis.com. private", "pkg.dev. private"],
        );
        const records = inputsOf(dev, "gcp:dns/recordSet:RecordSet").map(
            ({ name, type, rrdatas }) => `${name as string} ${type as string} ${(rrdatas as string[]).join(" ")}`,
        );
        const restricted = "199.36.153.4 199.36.153.5 199.36.153.6 199.36.153.7";
        assert.deepEqual(records.sort(), [
            "*.gcr.io. CNAME gcr.io.",
            "*.googleapis.com. CNAME restricted.googleapis.com.",
            "*.pkg.dev. CNAME pkg.dev.",
            `gcr.io. A ${restricted}`,
            `pkg.dev. A ${restricted}`,
            `restricted.googleapis.com. A ${restricted}`,
        ]);
    });

    it("makes nodes only after what they need to register", () => {
        const cluster = dev.resources.find(({ type }) => type === "gcp:container/cluster:Cluster")!;
        const earlier = existingBefore(dev.resources, cluster);
        const needed = (type: string) => dev.resources.filter(resource => resource.type === type).map(({ urn }) => urn);
        for (const urn of [
            ...needed("gcp:compute/route:Route"),
            ...needed("gcp:dns/recordSet:RecordSet"),
            ...needed("gcp:compute/firewall:Firewall"),
            ...needed("gcp:projects/iAMMember:IAMMember"),
            ...needed("gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"),
        ]) {
            assert.ok(earlier.has(urn), `${urn} does not exist before the cluster`);
        }
    });

    it("has application nodes before Istio, and Istio before the namespaces whose pods it gives a sidecar", () => {
        const the = (type: string, name: string) =>
            dev.resources.find(resource => resource.type === type && resource.name === name)!;
        const istiod = the("kubernetes:helm.sh/v3:Release", "mesh-istiod");
        assert.ok(
            existingBefore(dev.resources, istiod).has(
                the("gcp:container/nodePool:NodePool", "cluster-applications").urn,
            ),
        );
        assert.ok(existingBefore(dev.resources, istiod).has(the("kubernetes:helm.sh/v3:Release", "mesh-base").urn));
        assert.ok(existingBefore(dev.resources, the("kubernetes:core/v1:Namespace", "mesh-payments")).has(istiod.urn));
    });

    it("pins Istio, and pulls its images from where nodes can", () => {
        const releases = inputsOf(dev, "kubernetes:helm.sh/v3:Release") as {
            chart: string;
            version: string;
            values: object;
        }[];
        assert.deepEqual(
            releases.map(({ chart, version }) => `${chart} ${version}`),
            ["base 1.30.4", "istiod 1.30.4"],
        );
        assert.deepEqual(
            releases[1]?.values,
            istiodValues("1.30.4", "europe-west1-docker.pkg.dev/acme-dev/docker-hub/istio"),
        );
    });

    it("asks of istiod what the egress gateway wants", () => {
        const { env, meshConfig } = istiodValues("1.30.4", "hub");
        assert.equal(env["PILOT_SCOPE_GATEWAY_TO_NAMESPACE"], "true");
        assert.equal(env["PILOT_FILTER_GATEWAY_CLUSTER_CONFIG"], "true");
        assert.equal(env["ENABLE_NATIVE_SIDECARS"], "true");
        assert.deepEqual(meshConfig["outboundTrafficPolicy"], { mode: "REGISTRY_ONLY" });
        assert.equal(meshConfig["defaultServiceExportTo"], undefined);
    });

    for (const stack of ["dev", "prod"] as const) {
        it(`gives every client namespace of the egress gateway's ${stack} stack a sidecar`, async () => {
            const platform = stack === "dev" ? dev : prod;
            const namespaces = inputsOf(platform, "kubernetes:core/v1:Namespace")
                .map(({ metadata }) => metadata as { name: string; labels?: Record<string, string> })
                .filter(({ labels }) => labels?.["istio-injection"] === "enabled")
                .map(({ name }) => name);
            const egress = await plannedIn({
                folder: ".",
                stack,
                configure: config => {
                    config["egress-gateway:platform"] = { stack: `organization/platform/${stack}` };
                },
                stackOutputs: { [`platform.${stack}`]: platform.outputs },
            });
            const destinations = egress.outputs["destinations"] as { allow: { namespace: string }[] }[];
            const clients = new Set(destinations.flatMap(({ allow }) => allow.map(({ namespace }) => namespace)));
            assert.ok(clients.size > 1);
            assert.deepEqual(
                [...clients].filter(client => !namespaces.includes(client)),
                [],
            );
        });
    }

    it("protects everything, until its settings say otherwise", async () => {
        const made = ({ resources }: Plan) => resources.filter(({ type }) => /^(gcp|kubernetes):/.test(type));
        assert.deepEqual(
            made(dev).filter(({ protect }) => protect !== true),
            [],
        );
        const open = await plannedIn({ folder: FOLDER, configure: config => (config["platform:protect"] = false) });
        assert.deepEqual(
            made(open).filter(({ protect }) => protect === true),
            [],
        );
    });

    it("uses its own providers only", () => {
        for (const resource of dev.resources.filter(({ type }) => /^(gcp|kubernetes):/.test(type))) {
            assert.match(resource.provider ?? "", /pulumi:providers:(gcp::google|kubernetes::cluster)$/, resource.urn);
        }
    });

    for (const [what, change, words] of [
        [
            "a range in a wrong form",
            { "platform:cluster": { serviceCidr: "10.8.0.0/33" } },
            /platform\.cluster\.serviceCidr/,
        ],
        [
            "an egress subnet inside the node range",
            { "platform:egressSubnet": { nodeCidr: "10.0.0.0/27" } },
            /Gateway nodes need a subnet of their own/,
        ],
        [
            "two node ranges",
            { "platform:cluster": { nodeCidrs: ["10.0.0.0/23", "10.0.2.0/23"] } },
            /has 2 ranges; this example makes one subnet/,
        ],
        [
            "an Istio version without its patch",
            { "platform:istioVersion": "1.30" },
            /expected a full version such as 1\.30\.4\s+→ at istioVersion/,
        ],
    ] as const) {
        it(`refuses ${what} before anything is made`, async () => {
            const refused = plannedIn({
                folder: FOLDER,
                configure: config => {
                    for (const [key, value] of Object.entries(change)) {
                        config[key] = typeof value === "string" ? value : { ...(config[key] as object), ...value };
                    }
                },
            });
            await assert.rejects(refused, words);
        });
    }
});
