import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { settingsOf } from "../../../cli/commands/deployed";
import { type PreflightCheck } from "../../../live/preflight/check";
import { GoogleApi } from "../../../live/google/api";
import { preflight } from "../../../live/preflight/preflight";
import { preflightReport } from "../../../cli/preflightReport";
import { ClusterApi, ClusterError } from "../../../live/cluster/api";
import { furtherGateways } from "../../../settings/gateways";
import { sections } from "../../../settings/schema";
import { type Settings } from "../../../settings/settings";
import { InputError } from "../../../base/problem";
import { devWorld, egress, FakeGoogle, nat, NETWORK, pool, route, type World, wrong } from "./google";

const ROOT = path.resolve(__dirname, "..", "..", "..");

describe("preflight against Google's REST endpoints", () => {
    let google: FakeGoogle;
    let settings: Settings;

    before(async () => {
        google = await new FakeGoogle().listening();
        settings = await settingsOf("dev");
    });
    after(() => google.stop());

    const checksOf = (change?: (world: World) => void, more: Partial<Settings> = {}): Promise<PreflightCheck[]> =>
        google.checks({ ...settings, ...more }, change);

    it("agrees with the platform of the dev stack, its own objects included, and only reads", async () => {
        google.asked.length = 0;
        const checks = await checksOf();
        assert.deepEqual(wrong(checks), []);
        assert.ok(checks.length > 15, `${checks.length} checks`);
        assert.ok(google.asked.every(request => request.startsWith("GET ")));
        assert.equal(google.asked.filter(request => request.includes("getEffectiveFirewalls")).length, 1);
    });

    it("knows every gateway's NAT and route as the stack's own, and asks for the subnet of each", async () => {
        const further = furtherGateways({
            partners: sections.gateways.parse({ partners: {} })["partners"]!,
        });
        const egressSubnets = {
            partners: { name: "acme-dev-partners", nodeCidr: "10.0.8.32/27", podRange: "pods", podCidr: "10.3.4.0/22" },
        };
        const several = {
            gateways: further,
            platform: { ...settings.platform, egressSubnets } as Settings["platform"],
        };
        const withExit = (world: World): void => {
            world.routes.push(
                route("acme-dev-egress-default-egress-gateway-partners", "0.0.0.0/0", {
                    nextHopGateway: "default-internet-gateway",
                    tags: ["egress-gateway-partners"],
                }),
            );
            world.routers.push({
                name: "acme-dev-egress-partners",
                network: NETWORK,
                nats: [nat("acme-dev-egress-partners", "LIST_OF_SUBNETWORKS", ["acme-dev-partners"])],
            });
        };
        assert.deepEqual(wrong(await checksOf(withExit, several)), [
            "contradicts subnet/exists/partners",
            "contradicts cluster/egress-subnet/partners",
        ]);
        assert.deepEqual(wrong(await checksOf(withExit)), [
            "attention route/default/acme-dev-egress-default-egress-gateway-partners",
            "contradicts nat/others/acme-dev-egress-partners/acme-dev-egress-partners",
        ]);
    });

    it("does not tell anybody to delete the route that gateway nodes have while their tag changes", async () => {
        const checks = await checksOf(() => undefined, {
            gateway: { ...settings.gateway, networkTag: "another-tag" },
        });
        const route = checks.find(({ id }) => id === "route/default/acme-dev-egress-default-egress-gateway");
        assert.equal(route?.result, "attention");
        assert.match(route.remedy ?? "", /`up` removes it last/);
    });

    it("takes reserved addresses that Cloud NAT would take, and says of others what is wrong", async () => {
        const address = (more: object) => ({
            address: "203.0.113.9",
            addressType: "EXTERNAL",
            networkTier: "PREMIUM",
            ...more,
        });
        const routers = "https://www.googleapis.com/compute/v1/projects/acme-dev/regions/europe-west1/routers";
        const world: Record<string, object> = {
            "partner-ip-1": address({ users: [`${routers}/acme-dev-egress`] }),
            "partner-ip-2": address({ users: [] }),
            inside: address({ addressType: "INTERNAL" }),
            cheap: address({ networkTier: "STANDARD" }),
            six: address({ ipVersion: "IPV6" }),
            taken: address({ users: [`${routers}/old-nat`] }),
        };
        const checks = await checksOf(
            google =>
                Object.entries(world).forEach(([name, facts]) => {
                    google.addresses[name] = { name, ...facts };
                }),
            {
                nat: {
                    ...settings.nat,
                    addresses: ["partner-ip-1", "inside", "cheap", "six", "taken", "gone"].map(name => ({ name })),
                    drainingAddresses: [{ name: "partner-ip-2" }],
                },
            },
        );
        const found = checks.filter(({ id }) => id.startsWith("address/"));
        assert.deepEqual(wrong(found), [
            "contradicts address/inside",
            "contradicts address/cheap",
            "contradicts address/six",
            "contradicts address/taken",
            "contradicts address/gone",
        ]);
        assert.match(found.find(({ id }) => id === "address/taken")?.found ?? "", /used by routers\/old-nat/);
    });

    const contradictions: readonly (readonly [string, (world: World) => void, string, RegExp])[] = [
        [
            "a network in the default order",
            world => (world.network!["networkFirewallPolicyEnforcementOrder"] = "AFTER_CLASSIC_FIREWALL"),
            "network/firewall-order",
            /BEFORE_CLASSIC_FIREWALL/,
        ],
        ["a network that does not exist", world => (world.network = undefined), "network/exists", /gcp:project/],
        [
            "Google's own default route",
            world =>
                world.routes.push(
                    route("default-route-1", "0.0.0.0/0", { nextHopGateway: "x/default-internet-gateway" }),
                ),
            "route/default/default-route-1",
            /gcloud compute routes delete default-route-1/,
        ],
        [
            "a default route to a VM",
            world => world.routes.push(route("via-proxy", "0.0.0.0/0", { nextHopInstance: "x/proxy" })),
            "route/default/via-proxy",
            /leads past the NAT/,
        ],
        [
            "half a default route",
            world => world.routes.push(route("half", "128.0.0.0/1", { nextHopIp: "10.0.0.9" })),
            "route/default/half",
            /narrow its destination/,
        ],
        [
            "another NAT for all subnets",
            world =>
                world.routers.push({
                    name: "old",
                    network: NETWORK,
                    nats: [nat("old-nat", "ALL_SUBNETWORKS_ALL_IP_RANGES", [])],
                }),
            "nat/others/old/old-nat",
            /refuses any other NAT/,
        ],
        [
            "another NAT for the gateway's subnet",
            world =>
                world.routers.push({
                    name: "old",
                    network: NETWORK,
                    nats: [nat("n", "LIST_OF_SUBNETWORKS", ["acme-dev-egress"])],
                }),
            "nat/others/old/n",
            /one NAT only/,
        ],
        [
            "another NAT for application nodes",
            world =>
                world.routers.push({
                    name: "old",
                    network: NETWORK,
                    nats: [nat("n", "LIST_OF_SUBNETWORKS", ["acme-dev"])],
                }),
            "nat/others/old/n",
            /only the firewall holds them/,
        ],
        [
            "another firewall policy on the network",
            world =>
                (world.effectiveFirewalls["firewallPolicys"] = [
                    { name: "9", shortName: "company", type: "NETWORK", rules: [] },
                ]),
            "firewall/attached/company",
            /one global firewall policy/,
        ],
        [
            "an organization's policy that allows",
            world =>
                (world.effectiveFirewalls["firewallPolicys"] = [
                    { name: "1", shortName: "org", type: "HIERARCHY", rules: [egress(10, "allow", ["0.0.0.0/0"])] },
                ]),
            "firewall/hierarchy/org/10",
            /outranks every rule/,
        ],
        [
            "an egress subnet that does not exist",
            world => (world.subnetworks = world.subnetworks.filter(({ name }) => name !== "acme-dev-egress")),
            "subnet/exists",
            /egressSubnet\.name/,
        ],
        [
            "an egress subnet with another range",
            world => (world.subnetworks[1]!["ipCidrRange"] = "10.0.9.0/27"),
            "subnet/node-range",
            /nodeCidr/,
        ],
        [
            "an egress subnet without the pod range",
            world => (world.subnetworks[1]!["secondaryIpRanges"] = []),
            "subnet/pod-range",
            /add the range to the subnet/,
        ],
        [
            "a subnet with external IPv6",
            world => Object.assign(world.subnetworks[0]!, { stackType: "IPV4_IPV6", ipv6AccessType: "EXTERNAL" }),
            "subnet/ipv6",
            /needs no NAT/,
        ],
        [
            "node ranges that no subnet has",
            world => (world.subnetworks[0]!["ipCidrRange"] = "10.0.4.0/22"),
            "subnet/nodes/10.0.0.0/22",
            /nodeCidrs/,
        ],
        ["a cluster that does not exist", world => (world.cluster = undefined), "cluster/exists", /cluster\.name/],
        [
            "a cluster of another version",
            world => (world.cluster!["currentMasterVersion"] = "1.33.5-gke.1"),
            "cluster/version",
            /kubernetesVersion/,
        ],
        [
            "a cluster too old for the guard",
            world => (world.cluster!["currentMasterVersion"] = "1.29.9-gke.1"),
            "cluster/version",
            /guard needs 1\.30/,
        ],
        [
            "a missing subnet registration",
            world => (world.cluster!["ipAllocationPolicy"] = {}),
            "cluster/egress-subnet",
            /additional-ip-ranges=subnetwork=acme-dev-egress,pod-ipv4-range=egress-pods/,
        ],
        [
            "another pod range",
            world => (world.cluster!["clusterIpv4Cidr"] = "10.12.0.0/14"),
            "cluster/pods",
            /podCidrs/,
        ],
        [
            "a control plane elsewhere",
            world =>
                (world.cluster!["privateClusterConfig"] = { enablePrivateNodes: true, privateEndpoint: "10.0.0.77" }),
            "cluster/control-plane",
            /controlPlaneCidr/,
        ],
        [
            "a legacy data plane whose policies nothing enforces",
            world => Object.assign(world.cluster!["networkConfig"] as object, { datapathProvider: "LEGACY_DATAPATH" }),
            "cluster/network-policies",
            /NetworkPolicy=ENABLED/,
        ],
        [
            "another resolver",
            world =>
                Object.assign(world.cluster!["networkConfig"] as object, { dnsConfig: { clusterDns: "CLOUD_DNS" } }),
            "cluster/dns",
            /open DNS to this resolver only/,
        ],
        [
            "default SNAT switched off",
            world =>
                Object.assign(world.cluster!["networkConfig"] as object, { defaultSnatStatus: { disabled: true } }),
            "cluster/snat",
            /which range NAT serves/,
        ],
        [
            "no workload identity",
            world => (world.cluster!["workloadIdentityConfig"] = {}),
            "cluster/workload-identity",
            /node's token/,
        ],
        [
            "an application pool with the gateway's account",
            world =>
                (world.cluster!["nodePools"] = [
                    pool("apps", { serviceAccount: "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com" }),
                ]),
            "cluster/pool/apps/account",
            /lets that identity out/,
        ],
        [
            "an application pool with the gateway's tag",
            world => (world.cluster!["nodePools"] = [pool("apps", { tags: ["egress-gateway"] })]),
            "cluster/pool/apps/tag",
            /default route/,
        ],
        [
            "an application pool in the gateway's subnet",
            world => (world.cluster!["nodePools"] = [pool("apps", {}, "acme-dev-egress")]),
            "cluster/pool/apps/subnet",
            /NAT serves that subnet/,
        ],
    ];
    for (const [what, change, id, remedy] of contradictions) {
        it(`reports ${what}, and what to do about it`, async () => {
            const check = (await checksOf(change)).find(one => one.id === id);
            assert.equal(check?.result, "contradicts");
            assert.match(check!.remedy!, remedy);
        });
    }

    it("takes NodeLocal DNSCache for kube-dns, since policies leave both open", async () => {
        const cached = (world: World): void =>
            void (world.cluster!["addonsConfig"] = { dnsCacheConfig: { enabled: true } });
        assert.deepEqual(wrong(await checksOf(cached)), []);
    });

    it("reports a quota without room for the first `up`, and asks less once the gateway's nodes are there", async () => {
        const full = (world: World): void => {
            world.quotas = [
                { metric: "CPUS", limit: 24, usage: 12 },
                { metric: "SSD_TOTAL_GB", limit: 500, usage: 450 },
                { metric: "STATIC_ADDRESSES", limit: 1, usage: 0 },
            ];
        };
        const before = await checksOf(world => {
            full(world);
            world.cluster!["nodePools"] = [];
        });
        assert.deepEqual(wrong(before), [
            "contradicts quota/CPUS",
            "contradicts quota/SSD_TOTAL_GB",
            "contradicts quota/STATIC_ADDRESSES",
        ]);
        // Three zones and the node of an upgrade, with four processors each.
        assert.equal(before.find(({ id }) => id === "quota/CPUS")!.expected, "16 free");
        assert.deepEqual(wrong(await checksOf(full)), []);
    });

    it("reports nodes with public addresses, but not those of a cluster that is private as a whole", async () => {
        const open = (world: World): void =>
            void (world.cluster!["nodePools"] = [{ ...pool("apps", {}), networkConfig: {} }]);
        assert.deepEqual(wrong(await checksOf(open)), []);
        const both = (world: World): void => {
            open(world);
            world.cluster!["privateClusterConfig"] = { masterIpv4CidrBlock: "172.16.0.0/28" };
        };
        assert.deepEqual(wrong(await checksOf(both)), ["contradicts cluster/pool/apps/private"]);
    });

    it("takes classic allow rules for a hole in the order that puts them first, and for litter in the other", async () => {
        const allow = (world: World): void =>
            void (world.effectiveFirewalls["firewalls"] = [
                {
                    name: "allow-all",
                    direction: "EGRESS",
                    allowed: [{ IPProtocol: "all" }],
                    destinationRanges: ["0.0.0.0/0"],
                },
            ]);
        assert.deepEqual(wrong(await checksOf(allow)), ["attention firewall/classic"]);
        const platform = { ...settings.platform, firewallOrder: "AFTER_CLASSIC_FIREWALL" } as Settings["platform"];
        const after = (world: World): void => {
            allow(world);
            world.network!["networkFirewallPolicyEnforcementOrder"] = "AFTER_CLASSIC_FIREWALL";
        };
        assert.deepEqual(wrong(await checksOf(after, { platform })), ["contradicts firewall/classic"]);
    });

    it("asks for every node account when the perimeter denies for listed accounts only", async () => {
        assert.deepEqual(wrong(await checksOf(undefined, { perimeter: { ...settings.perimeter, scope: "cluster" } })), [
            "contradicts cluster/pool/applications/scope",
        ]);
    });

    it("notes a peering, a control plane that can call out, and auto-provisioning, without calling them wrong", async () => {
        const checks = await checksOf(world => {
            world.network!["peerings"] = [{ name: "to-shared", network: "x/shared", state: "ACTIVE" }];
            world.cluster!["controlPlaneEgress"] = undefined;
            world.cluster!["autoscaling"] = { enableNodeAutoprovisioning: true };
        });
        assert.deepEqual(wrong(checks), [
            "attention network/peering/to-shared to shared",
            "attention cluster/auto-provisioning",
            "attention cluster/control-plane-egress",
        ]);
    });

    it("says which permission is missing, and takes nothing for read that was not", async () => {
        const checks = await checksOf(world => (world.forbidden = /routers/));
        assert.deepEqual(
            checks.map(({ id, result }) => `${result} ${id}`),
            ["unreadable google/read"],
        );
        assert.match(checks[0]!.found, /compute\.routers\.list.*live\/roles\.yaml/);
    });

    it("says without credentials how to get some", async () => {
        const saved = { ...process.env };
        // No file, no folder, and no metadata server.
        Object.assign(process.env, {
            HOME: "/nonexistent",
            CLOUDSDK_CONFIG: "/nonexistent",
            METADATA_SERVER_DETECTION: "none",
        });
        delete process.env["GOOGLE_APPLICATION_CREDENTIALS"];
        try {
            await assert.rejects(GoogleApi.connect(), /gcloud auth application-default login/);
        } finally {
            process.env = saved;
        }
    });

    it("hands on how the program itself reaches the cluster: by DNS where that lets outsiders in, else by its address", async () => {
        const told = async (change: (world: World) => void): Promise<string | undefined> => {
            let server: string | undefined;
            google.world = devWorld();
            change(google.world);
            const checks = await preflight(settings, {
                google: () => GoogleApi.connect(google.options()),
                cluster: own => {
                    server = own === undefined ? undefined : ClusterApi.byKubeconfig(own).server;
                    throw new ClusterError("not asked");
                },
            });
            assert.equal(checks.find(({ id }) => id === "cluster/read")?.result, "unreadable");
            return server;
        };
        const dns = (allowExternalTraffic: boolean) => (world: World) =>
            Object.assign(world.cluster!, {
                endpoint: "172.16.0.2",
                controlPlaneEndpointsConfig: {
                    dnsEndpointConfig: { endpoint: "gke-1.europe-west1.gke.goog", allowExternalTraffic },
                },
            });
        assert.equal(await told(dns(true)), "https://gke-1.europe-west1.gke.goog");
        assert.equal(await told(dns(false)), "https://172.16.0.2");
        assert.equal(await told(world => (world.cluster = undefined)), undefined);
    });

    it("says what is missing on both sides at once, and lets no side's report hide it", async () => {
        const missing = (path: string): never => {
            throw new InputError("cannot be asked", [{ path, given: undefined, expected: "it", remedy: "Give it." }]);
        };
        await assert.rejects(
            preflight(settings, { google: async () => missing("credentials"), cluster: () => missing("--kubeconfig") }),
            (error: InputError) => {
                assert.deepEqual(
                    error.problems.map(problem => problem.path),
                    ["credentials", "--kubeconfig"],
                );
                return true;
            },
        );
    });

    it("says that nothing was checked when it was all left out", async () => {
        assert.match(preflightReport(await preflight(settings, {})), /^Nothing was checked/);
    });

    it("prints what docs/verify.md shows", async () => {
        const page = readFileSync(path.join(ROOT, "docs", "verify.md"), "utf8");
        const shown = /\$ npm run preflight -- --stack dev\n([\s\S]*?)\n```/.exec(page)![1]!.split("\n");
        const checks = await checksOf(world => {
            world.network!["networkFirewallPolicyEnforcementOrder"] = "AFTER_CLASSIC_FIREWALL";
            const policy = world.cluster!["ipAllocationPolicy"] as object;
            world.cluster!["ipAllocationPolicy"] = { ...policy, additionalIpRangesConfigs: [] };
        });
        const printed = stripVTControlCharacters(preflightReport(checks)).split("\n");
        assert.deepEqual(
            shown.filter(line => line !== "…" && !printed.includes(line)),
            [],
        );
        assert.ok(shown.length > 10);
    });

    it("tells people what contradicts last, where they look", async () => {
        const text = preflightReport(await checksOf(world => (world.cluster!["ipAllocationPolicy"] = {})));
        const lines = text.split("\n");
        assert.match(lines.at(-1)!, /^\d+ agree, 1 contradict, 0 to note, 0 could not be read$/);
        assert.match(lines.at(-5)!, /NO.*subnet acme-dev-egress in the cluster.*: no additional subnet is registered/);
    });
});
