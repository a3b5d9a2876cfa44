import * as assert from "node:assert/strict";
import { manifestResources } from "../../../containment/manifests";
import { networkClaims, prove } from "../../../containment/prove";
import { type Resource } from "../../../containment/resource";
import { B3 } from "../worlds/threeLocks";
import { ANCESTORS, compute, edited, line, type Line, read, threeLocks, without } from "./assets";

const APP = "fl-app-nodes@fl-prod.iam.gserviceaccount.com";
const EXIT = "fl-exit-nodes@fl-prod.iam.gserviceaccount.com";
const NETWORK = "https://www.googleapis.com/compute/v1/projects/fl-prod/global/networks/fl-vpc";
const GATEWAY_NODE = "instances/gke-fl-gateway-1f2e3d4c-x7k2";

/** Each network claim with the packets of its witnesses, whatever the resources are called. */
function told(resources: readonly Resource[]) {
    return networkClaims(resources).claims.map(({ id, result, witnesses }) => ({
        id,
        result,
        witnesses: witnesses.map(({ source, packet }) => ({ source, packet })),
    }));
}

function c1(lines: readonly Line[]) {
    return networkClaims(read(lines)).claims.find(({ id }) => id === "C1")!;
}

/** A packet of everybody's leaves: no lock is left. */
function open(lines: readonly Line[]): Line[] {
    return [
        ...edited(
            edited(without(lines, "firewalls/fl-belt"), "firewallPolicies/fl-egress", data => {
                data.rules = data.rules.filter(({ priority }: { priority: number }) => priority < 60000);
            }),
            "routers/fl-router",
            data => {
                data.nats[0].sourceSubnetworkIpRangesToNat = "ALL_SUBNETWORKS_ALL_IP_RANGES";
            },
        ),
        compute("Route", "global/routes/default", {
            name: "default",
            network: NETWORK,
            destRange: "0.0.0.0/0",
            nextHopGateway:
                "https://www.googleapis.com/compute/v1/projects/fl-prod/global/gateways/default-internet-gateway",
            priority: 1000,
        }),
    ];
}

describe("the verdict about an inventory", () => {
    it("is the one about the same network as a program registers it", () => {
        const objects = B3.filter(({ type }) => type.startsWith("kubernetes:"));
        const google = read(threeLocks()).filter(({ type }) => !type.startsWith("kubernetes:"));
        assert.deepEqual(told([...google, ...objects]), told(B3));
    });

    it("judges the network of the cluster that is asked about, and names the others", () => {
        const other = (path: string): string =>
            path
                .replaceAll("fl-vpc", "open-vpc")
                .replaceAll("clusters/fl", "clusters/open")
                .replaceAll("gke-fl-", "gke-open-")
                .replaceAll("subnetworks/fl-", "subnetworks/open-");
        // A second cluster, in a network without any lock.
        const second = threeLocks()
            .filter(({ name }) => /networks\/fl-vpc$|subnetworks\/fl-|clusters\/fl(\/|$)/.test(name))
            .map(each => JSON.parse(other(JSON.stringify(each))) as Line)
            .map(each => {
                const data = each.resource?.data;
                if (data?.name === "fl") {
                    Object.assign(data, { name: "open", network: "open-vpc" });
                }
                delete data?.firewallPolicy;
                return each;
            });
        const vpc = NETWORK.replace("fl-vpc", "open-vpc");
        const ways = [
            compute("Route", "global/routes/open", {
                network: vpc,
                destRange: "0.0.0.0/0",
                nextHopGateway: "projects/fl-prod/global/gateways/default-internet-gateway",
            }),
            compute("Router", "regions/us-central1/routers/open", {
                network: vpc,
                nats: [{ name: "open", sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES" }],
            }),
        ];
        const resources = read([...threeLocks(), ...second, ...ways]);
        const of = (cluster?: string) =>
            prove(resources, { claims: ["C1"], ...(cluster === undefined ? {} : { gateway: { cluster } }) });
        assert.notEqual(of().verdict, "contained");
        const asked = of("fl");
        assert.deepEqual(asked.claims[0]!.witnesses, []);
        assert.equal(asked.verdict, "contained");
        assert.deepEqual(asked.gateway.networksLeftOut, ["open-vpc"]);
    });

    it("leaves open what only the cluster's objects show, and none of them is given", () => {
        const c2 = (lines: readonly Line[], ...objects: Resource[]) =>
            prove([...read(lines.filter(({ assetType }) => !assetType.includes("k8s.io"))), ...objects], {
                gateway: { pools: ["fl/gateway"] },
            }).claims.find(({ id }) => id === "C2")!;
        const alone = c2(threeLocks());
        assert.equal(alone.result, "unknown");
        assert.match(alone.reasons[0]!, /admission policies and Istio objects: an inventory does not show them/);
        // A cluster that is shown, and has no guard.
        const objects = manifestResources([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "apps" } }]);
        assert.equal(c2(threeLocks(), ...objects).result, "violated");
    });

    it("names the packet that leaves where the locks are gone", () => {
        const claim = c1(open(threeLocks()));
        assert.equal(claim.result, "violated");
        assert.ok(claim.witnesses.some(({ source }) => source === "node of pool fl/apps"));
    });

    it("judges a machine that was made by hand, and a node that somebody changed, as machines of their own", () => {
        const own = compute("Instance", "zones/us-central1-b/instances/jump", {
            name: "jump",
            networkInterfaces: [
                { network: NETWORK, accessConfigs: [{ type: "ONE_TO_ONE_NAT", natIP: "203.0.113.9" }] },
            ],
            serviceAccounts: [{ email: EXIT }],
            tags: { items: ["fl-exit"] },
        });
        const sources = (lines: readonly Line[]): string[] => [
            ...new Set(c1(lines).witnesses.map(({ source }) => source)),
        ];
        assert.deepEqual(sources(threeLocks()), []);
        assert.deepEqual(sources([...threeLocks(), own]), ["VM jump"]);
        for (const edit of [
            data => (data.networkInterfaces[0].accessConfigs = [{ natIP: "203.0.113.9" }]),
            data => data.tags.items.push("web"),
            data => (data.tags.items = []),
            data => (data.serviceAccounts[0].email = APP),
            data => (data.networkInterfaces[0].network = `${NETWORK}-other`),
            data => (data.metadata.items = []),
        ] satisfies Parameters<typeof edited>[2][]) {
            const changed = read(edited(threeLocks(), GATEWAY_NODE, edit));
            assert.equal(
                changed.filter(({ type }) => type === "gcp:compute/instance:Instance").length,
                1,
                String(edit),
            );
        }
    });

    it("takes firewall policies of a folder above the project, and none of another one", () => {
        const policy = (target: string): Line => ({
            ...line(
                "//compute.googleapis.com/locations/global/firewallPolicies/991",
                "compute.googleapis.com/FirewallPolicy",
                {
                    name: "991",
                    shortName: "everything",
                    parent: "organizations/77",
                    associations: [{ name: "a", attachmentTarget: target, firewallPolicyId: "991" }],
                    rules: [
                        {
                            action: "allow",
                            direction: "EGRESS",
                            priority: 1,
                            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
                        },
                    ],
                },
            ),
            ancestors: ["organizations/77"],
        });
        const without60000 = edited(open(threeLocks()), "firewallPolicies/fl-egress", data => {
            data.rules.push({
                action: "deny",
                direction: "EGRESS",
                priority: 60000,
                match: { destIpRanges: ["0.0.0.0/0", "::/0"], layer4Configs: [{ ipProtocol: "all" }] },
            });
        });
        assert.equal(c1(without60000).result, "holds");
        assert.equal(c1([...without60000, policy("folders/551")]).result, "violated");
        assert.equal(
            c1([...without60000, policy("https://www.googleapis.com/compute/v1/organizations/77")]).result,
            "violated",
        );
        assert.equal(c1([...without60000, policy("folders/552")]).result, "holds");
        const unplaced = without60000
            .map(({ ancestors: _, ...rest }) => rest)
            .filter(each => !/Project$/.test(each.assetType));
        assert.equal(c1([...unplaced, policy("folders/551")]).result, "unknown");
    });

    it("takes a firewall policy that only the network names as one that may hold anything", () => {
        const { reasons } = c1(without(open(threeLocks()), "firewallPolicies/fl-egress"));
        assert.match(reasons.join(" "), /fl-egress/);
    });

    it("does not know of Google's own default route where no routes were exported", () => {
        const locksGone = open(threeLocks()).filter(({ assetType }) => assetType !== "compute.googleapis.com/Route");
        assert.equal(c1(locksGone).result, "unknown");
        assert.match(c1(locksGone).reasons.join(" "), /default route is not shown/);
    });

    it("takes grants from the policies of projects, of what is above them and of accounts", () => {
        const policy = (name: string, assetType: string, members: string[], role: string): Line => ({
            name,
            assetType,
            ancestors: ANCESTORS,
            iamPolicy: { bindings: [{ role, members }] },
        });
        const dev = ["user:dev@example.com"];
        const granted = (...lines: Line[]): string => {
            const reasons = networkClaims(read([...threeLocks(), ...lines])).claims.flatMap(claim => claim.reasons);
            return reasons.filter(reason => reason.includes("dev@example.com")).join(" ");
        };
        assert.equal(granted(), "");
        const accounts = "//iam.googleapis.com/projects/fl-prod/serviceAccounts";
        const actAs = "roles/iam.serviceAccountUser";
        for (const lines of [
            policy(
                "//cloudresourcemanager.googleapis.com/projects/fl-prod",
                "cloudresourcemanager.googleapis.com/Project",
                dev,
                "roles/editor",
            ),
            policy(
                "//cloudresourcemanager.googleapis.com/folders/551",
                "cloudresourcemanager.googleapis.com/Folder",
                dev,
                "roles/editor",
            ),
            policy(
                "//cloudresourcemanager.googleapis.com/organizations/77",
                "cloudresourcemanager.googleapis.com/Organization",
                dev,
                "roles/editor",
            ),
            policy(`${accounts}/102552233445566778899`, "iam.googleapis.com/ServiceAccount", dev, actAs),
            policy(`${accounts}/${EXIT}`, "iam.googleapis.com/ServiceAccount", dev, actAs),
        ]) {
            assert.match(granted(lines), /dev@example\.com act as fl-exit-nodes@/, lines.name);
        }
        assert.equal(
            granted(policy(`${accounts}/100552233445566778899`, "iam.googleapis.com/ServiceAccount", dev, actAs)),
            "",
        );
        assert.equal(
            granted(policy("//storage.googleapis.com/x", "storage.googleapis.com/Bucket", dev, "roles/owner")),
            "",
        );
    });

    it("is unknown for a type that nobody reads, and names it", () => {
        const verdict = prove(
            read([
                ...threeLocks(),
                line("//new.googleapis.com/projects/fl-prod/things/t", "new.googleapis.com/Thing", {}),
            ]),
            {
                claims: ["C1"],
            },
        );
        assert.equal(verdict.verdict, "unknown");
        assert.match(verdict.claims[0]!.reasons.join(" "), /Thing.*does not know what it does to packets/);
    });

    it("keeps the objects of several clusters apart", () => {
        const deployment = (cluster: string): Line =>
            line(
                `//container.googleapis.com/projects/fl-prod/zones/us-central1-b/clusters/${cluster}/k8s/namespaces/mesh-exit/apps/deployments/istio-egressgateway`,
                "apps.k8s.io/Deployment",
                {
                    spec: {
                        template: { metadata: { labels: { istio: "egressgateway", app: "istio-egressgateway" } } },
                    },
                },
            );
        const { gateway } = prove(read([...threeLocks(), deployment("other")]), {
            gateway: { cluster: "projects/fl-prod/locations/us-central1/clusters/fl" },
        });
        assert.deepEqual(
            gateway.elsewhere.map(urn => urn.replace(/^.*clusters\//, "")),
            ["other/k8s/namespaces/mesh-exit/apps/deployments/istio-egressgateway"],
        );
    });
});
