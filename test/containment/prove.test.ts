import * as assert from "node:assert/strict";
import { explain } from "../../containment/explain";
import { networkClaims, prove } from "../../containment/prove";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Claim, type ClaimId, type ClaimModule, type Result } from "../../containment/verdict";
import { WorldError } from "../../containment/world/inputs";
import { readWorld } from "../../containment/world/world";
import { added, changed, compute, removed, resource, SELF_LINK } from "./worlds/build";
import { APP, B1, B3, GATEWAY, MUTATIONS, PROJECT, SWITCHES } from "./worlds/threeLocks";

function claim(world: readonly Resource[], id: ClaimId): Claim {
    return networkClaims(world).claims.find(found => found.id === id)!;
}

function withNetworkConfig(world: readonly Resource[], pool: string, more: object): Resource[] {
    return changed(world, pool, inputs => ({
        ...inputs,
        networkConfig: { ...(inputs["networkConfig"] as object), ...more },
    }));
}

describe("a foreign world without a gateway", () => {
    const network = resource(compute("Network"), "legacy", { name: "legacy", project: "p" });
    const subnet = resource(compute("Subnetwork"), "a", {
        name: "a",
        project: "p",
        region: "r",
        network: "legacy",
        ipCidrRange: "10.1.0.0/20",
    });
    const nat = [
        resource(compute("Router"), "router", {
            name: "router",
            project: "p",
            region: "r",
            network: `${SELF_LINK}projects/p/global/networks/legacy`,
        }),
        resource(compute("RouterNat"), "nat", {
            name: "nat",
            project: "p",
            region: "r",
            router: "router",
            natIpAllocateOption: "AUTO_ONLY",
            sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        }),
    ];
    const cluster = resource("gcp:container/cluster:Cluster", "k", {
        name: "k",
        project: "p",
        location: "r",
        network: "legacy",
        subnetwork: "a",
        initialNodeCount: 3,
        privateClusterConfig: { enablePrivateNodes: true },
    });
    const denyWeb = resource(compute("Firewall"), "deny-web", {
        network: "legacy",
        project: "p",
        direction: "EGRESS",
        denies: [{ protocol: "tcp", ports: ["80", "443"] }],
        destinationRanges: ["0.0.0.0/0"],
    });
    const world = [network, subnet, ...nat, cluster, denyWeb];

    it("is violated by whatever its classic rules forget", () => {
        const { result, witnesses } = claim(world, "C1");
        assert.equal(result, "violated");
        const node = witnesses.find(({ source }) => source === "node of pool k/default-pool")!;
        assert.equal(node.extent, "everything but tcp 80, 443 to all of the public IPv4 internet");
        assert.deepEqual(node.packet, { protocol: "tcp", destination: "1.1.1.1", port: 53 });
        assert.deepEqual(
            node.hops.map(({ at }) => at),
            ["source", "firewall", "route", "NAT"],
        );
        assert.match(
            node.remedy,
            /^Give network legacy a firewall policy with a rule that denies egress to the public IPv4 internet/,
        );
    });

    it("is enclosed once a rule denies everything", () => {
        const denyAll = resource(compute("Firewall"), "deny-all", {
            network: "legacy",
            project: "p",
            direction: "EGRESS",
            priority: 65000,
            denies: [{ protocol: "all" }],
        });
        assert.equal(claim([...world, denyAll], "C1").result, "holds");
        assert.equal(
            claim([...world, { ...denyAll, inputs: { ...denyAll.inputs, disabled: true } }], "C1").result,
            "violated",
        );
        assert.equal(
            claim([...world, { ...denyAll, inputs: { ...denyAll.inputs, network: "another" } }], "C1").result,
            "violated",
        );
    });

    it("cannot be decided about a gateway that is not there, and says what to give", () => {
        const { result, reasons } = claim(world, "C3");
        assert.equal(result, "unknown");
        assert.match(
            reasons[0]!,
            /no node pool is the egress gateway's.*Give the gateway's node pool and Deployment too/,
        );
    });

    it("without NAT still reaches Google's addresses, which need none, and the rest cannot be told", () => {
        const open = removed([network, subnet, ...nat, cluster], "nat");
        const { result, witnesses } = claim(open, "C1");
        assert.equal(result, "violated");
        assert.ok(witnesses.every(({ packet }) => ["199.36.153.8", "34.126.0.1"].includes(packet!.destination)));
    });
});

describe("two networks", () => {
    const other = [
        resource(compute("Network"), "lab", { name: "lab", project: PROJECT }),
        resource(compute("Subnetwork"), "lab", {
            name: "lab",
            project: PROJECT,
            region: "us-central1",
            network: "lab",
            ipCidrRange: "10.99.0.0/20",
        }),
        resource(compute("Router"), "lab-router", {
            name: "lab-router",
            project: PROJECT,
            region: "us-central1",
            network: "lab",
        }),
        resource(compute("RouterNat"), "lab-nat", {
            name: "lab-nat",
            project: PROJECT,
            region: "us-central1",
            router: "lab-router",
            sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        }),
    ];

    it("an open network beside the cluster's is none of its business", () => {
        assert.equal(claim([...B3, ...other], "C1").result, "holds");
    });

    it("a second interface of a node in the open network is", () => {
        const bridged = withNetworkConfig([...B3, ...other], "pool-apps", {
            additionalNodeNetworkConfigs: [{ network: "lab", subnetwork: "lab" }],
        });
        const { result, witnesses } = claim(bridged, "C1");
        assert.equal(result, "violated");
        assert.equal(witnesses[0]!.source, "node of pool fl/apps, further interface in network lab");
    });

    it("a network of the same name in another project is another network", () => {
        const namesake = [
            resource(compute("Network"), "vpc-2", { name: "fl-vpc", project: "elsewhere" }),
            resource(compute("Firewall"), "open", {
                name: "open",
                project: "elsewhere",
                network: "fl-vpc",
                direction: "EGRESS",
                priority: 0,
                allows: [{ protocol: "all" }],
            }),
        ];
        assert.equal(claim([...B1, ...namesake], "C1").result, "holds");
        const same = resource(compute("Firewall"), "open", {
            name: "open",
            project: PROJECT,
            network: "fl-vpc",
            direction: "EGRESS",
            priority: 0,
            allows: [{ protocol: "all" }],
        });
        assert.equal(claim(SWITCHES.order([...B1, same]), "C1").result, "violated");
    });
});

describe("what machines have", () => {
    it("an external address leaves past NAT, once firewall and route let it", () => {
        const open = SWITCHES.route(removed(B3, "rule-60000", "belt"));
        assert.ok(
            claim(open, "C1").witnesses.every(({ packet }) => packet!.destination !== "1.1.1.1"),
            "NAT serves the gateway only",
        );
        const external = withNetworkConfig(open, "pool-apps", { enablePrivateNodes: false });
        const witness = claim(external, "C1").witnesses.find(({ packet }) => packet!.destination === "1.1.1.1")!;
        assert.equal(witness.source, "node of pool fl/apps");
        assert.equal(witness.hops.at(-1)!.decision, "its external address needs no NAT");
    });

    it("a VM with an access configuration does, and one without does not", () => {
        const open = SWITCHES.route(removed(B3, "rule-60000", "belt"));
        const vm = (more: object): Resource =>
            resource(compute("Instance"), "relay", {
                name: "relay",
                project: PROJECT,
                zone: "us-central1-a",
                networkInterfaces: [{ subnetwork: "fl-apps", ...more }],
            });
        const internet = (world: readonly Resource[]) =>
            claim(world, "C1").witnesses.filter(
                ({ source, packet }) => source === "VM relay" && packet!.destination === "1.1.1.1",
            );
        assert.equal(internet([...open, vm({ accessConfigs: [{}] })]).length, 1);
        assert.equal(internet([...open, vm({})]).length, 0);
    });

    it("pods that keep their own address are served by NAT for their range and not for the node's", () => {
        const open = SWITCHES.route(removed(B3, "rule-60000", "belt"));
        const ownAddress = changed(open, "cluster", inputs => ({ ...inputs, defaultSnatStatus: { disabled: true } }));
        const served = changed(ownAddress, "nat", inputs => ({
            ...inputs,
            subnetworks: [
                {
                    name: "fl-apps",
                    sourceIpRangesToNats: ["LIST_OF_SECONDARY_IP_RANGES"],
                    secondaryIpRangeNames: ["fl-pods"],
                },
            ],
        }));
        const sources = claim(served, "C1")
            .witnesses.filter(({ packet }) => packet!.destination === "1.1.1.1")
            .map(({ source }) => source);
        // Whoever is root on a node, or gives a VM an alias address, sends from that range too.
        assert.deepEqual(sources, [
            "node of pool fl/apps",
            "pod on a node of pool fl/apps",
            "node of pool fl/system",
            "pod on a node of pool fl/system",
            "any other VM or future node pool in network fl-vpc",
        ]);
    });

    it("a pool that names no subnet may land in the gateway's, so NAT alone cannot be relied on", () => {
        const open = SWITCHES.route(removed(B3, "rule-60000", "belt"));
        const { reasons, result } = claim(
            changed(open, "pool-apps", ({ networkConfig: _, ...inputs }) => inputs),
            "C1",
        );
        assert.equal(result, "violated", "Google's ranges are open");
        assert.equal(
            networkClaims(changed(B3, "pool-apps", ({ networkConfig: _, ...inputs }) => inputs)).locks.find(
                ({ lock }) => lock === "nat",
            )!.alone,
            "unknown",
        );
        assert.deepEqual(reasons, []);
    });

    it("a ComputeClass with the gateway's account is stopped by route and NAT, and by nothing where they are gone", () => {
        const computeClass = resource("kubernetes:cloud.google.com/v1:ComputeClass", "sneaky", {
            apiVersion: "cloud.google.com/v1",
            kind: "ComputeClass",
            metadata: { name: "sneaky" },
            spec: { nodePoolConfig: { serviceAccount: GATEWAY } },
        });
        assert.equal(claim([...B3, computeClass], "C1").result, "holds");
        const { result, witnesses } = claim([...B1, computeClass], "C1");
        assert.equal(result, "violated");
        assert.equal(witnesses[0]!.source, "nodes of ComputeClass sneaky");
    });
});

describe("C3", () => {
    it("names the port that nothing declares", () => {
        const wide = changed(B3, "rule-400", inputs => ({
            ...inputs,
            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp", ports: ["443", "8443"] }] },
        }));
        const { result, witnesses } = claim(wide, "C3");
        assert.equal(result, "violated");
        assert.deepEqual(witnesses[0]!.packet, { protocol: "tcp", destination: "1.1.1.1", port: 8443 });
        assert.equal(witnesses[0]!.extent, "tcp 8443 to all of the public IPv4 internet");
        const declared = changed(wide, "stripe", inputs => ({
            ...inputs,
            spec: { ...(inputs["spec"] as object), ports: [{ number: 443 }, { number: 8443 }] },
        }));
        assert.equal(claim(declared, "C3").result, "holds");
    });

    it("counts what the gateway's own namespace declares, and not what a tenant does", () => {
        const wide = changed(B3, "rule-400", inputs => ({
            ...inputs,
            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp" }] },
        }));
        const tenant = resource("kubernetes:networking.istio.io/v1:ServiceEntry", "x", {
            apiVersion: "networking.istio.io/v1",
            kind: "ServiceEntry",
            metadata: { name: "x", namespace: "team-a" },
            spec: { location: "MESH_EXTERNAL", ports: [{ number: 22 }] },
        });
        assert.equal(
            claim([...wide, tenant], "C3").witnesses[0]!.extent,
            "everything but tcp 443 to all of the public IPv4 internet".replace(
                "everything but tcp 443",
                "tcp 0-442, 444-65535",
            ),
        );
    });

    it("names the private address that the gateway does not need, and none that it needs", () => {
        const { result, witnesses } = claim(removed(B3, "rule-390"), "C3");
        assert.equal(result, "violated");
        assert.deepEqual(
            witnesses.map(({ packet }) => packet),
            [{ protocol: "tcp", destination: "10.0.0.1", port: 443 }],
        );
        assert.match(witnesses[0]!.extent!, /^tcp 443 to \d+ ranges of private and link-local addresses$/);
    });

    it("counts what the network itself uses inside, whatever the registries call it", () => {
        const subnet = (ipCidrRange: string, secondary?: string): Resource =>
            resource(compute("Subnetwork"), "more", {
                name: "more",
                project: PROJECT,
                region: "us-central1",
                network: "fl-vpc",
                ipCidrRange,
                ...(secondary === undefined
                    ? {}
                    : { secondaryIpRanges: [{ rangeName: "more-pods", ipCidrRange: secondary }] }),
            });
        const route = (destRange: string): Resource =>
            resource(compute("Route"), "more", {
                project: PROJECT,
                network: "fl-vpc",
                destRange,
                nextHopIp: "10.10.0.9",
            });
        assert.equal(claim(B3, "C3").result, "holds");
        for (const [what, inside, address] of [
            ["a subnet in class E", subnet("240.10.0.0/20"), "240.10.0.0"],
            ["a subnet in the space for benchmarks", subnet("198.18.4.0/22"), "198.18.4.0"],
            ["a subnet with public addresses", subnet("30.1.0.0/16"), "30.1.0.0"],
            ["a secondary range", subnet("10.10.32.0/22", "21.0.0.0/12"), "21.0.0.0"],
            ["a route that leads inside", route("44.0.0.0/16"), "44.0.0.0"],
        ] as const) {
            const { result, witnesses } = claim([...B3, inside], "C3");
            assert.equal(result, "violated", what);
            assert.deepEqual(
                witnesses.map(({ packet }) => packet!.destination),
                [address],
                what,
            );
        }
        const outside = resource(compute("Route"), "more", {
            project: PROJECT,
            network: "fl-vpc",
            destRange: "44.0.0.0/16",
            nextHopGateway: "default-internet-gateway",
            tags: ["fl-exit"],
        });
        assert.equal(claim([...B3, outside], "C3").result, "holds", "a route to the internet");
        const assumed = networkClaims(B3).assumptions.join("\n");
        assert.match(assumed, /198\.18\.0\.0\/15 or 240\.0\.0\.0\/4/);
    });

    it("is not decided where nothing declares a destination", () => {
        assert.match(
            claim(removed(B3, "stripe"), "C3").reasons[0]!,
            /no ServiceEntry declares an external destination/,
        );
    });
});

describe("the firewall's layers", () => {
    const project = resource("gcp:organizations/project:Project", "project", { projectId: PROJECT, folderId: "77" });
    const folder = resource("gcp:organizations/folder:Folder", "folder", { folderId: "77", parent: "organizations/9" });
    const policy = resource(compute("FirewallPolicy"), "corp", { parent: "organizations/9", shortName: "corp" });
    const rule = (more: object, action = "allow"): Resource =>
        resource(compute("FirewallPolicyRule"), "corp-1", {
            firewallPolicy: "corp",
            priority: 1,
            direction: "EGRESS",
            action,
            match: { destIpRanges: ["1.1.1.0/24"], layer4Configs: [{ ipProtocol: "tcp", ports: ["853"] }] },
            ...more,
        });
    const attached = (target: string): Resource =>
        resource(compute("FirewallPolicyAssociation"), "corp-at", { firewallPolicy: "corp", attachmentTarget: target });

    it("an organization's allow outranks everything below it", () => {
        const { result, witnesses } = claim(
            [...B1, project, folder, policy, rule({}), attached("organizations/9")],
            "C1",
        );
        assert.equal(result, "violated");
        assert.equal(witnesses[0]!.extent, "tcp 853 to 1.1.1.0-1.1.1.255 of the public IPv4 internet");
        assert.match(witnesses[0]!.hops[1]!.decision, /^hierarchical policy corp: rule priority 1/);
    });

    it("and so does a folder's, unless another folder's", () => {
        assert.equal(
            claim([...B1, project, folder, policy, rule({}), attached("folders/77")], "C1").result,
            "violated",
        );
        assert.equal(claim([...B1, project, folder, policy, rule({}), attached("folders/78")], "C1").result, "holds");
    });

    it("one for other networks, a disabled one, and one that hands on leave the rest to decide", () => {
        for (const harmless of [
            rule({ targetResources: [`${SELF_LINK}projects/${PROJECT}/global/networks/other`] }),
            rule({ disabled: true }),
            rule({ direction: "INGRESS" }),
            rule({}, "goto_next"),
        ]) {
            assert.equal(
                claim([...B1, project, folder, policy, harmless, attached("organizations/9")], "C1").result,
                "holds",
            );
        }
        assert.equal(
            claim(
                [
                    ...B1,
                    project,
                    folder,
                    policy,
                    rule({ targetResources: [`projects/${PROJECT}/global/networks/fl-vpc`] }),
                    attached("organizations/9"),
                ],
                "C1",
            ).result,
            "violated",
        );
    });

    it("whose place above the project nothing shows makes the verdict unknown, and a deny there does not count", () => {
        const { result, reasons } = claim([...B1, policy, rule({}), attached("organizations/9")], "C1");
        assert.equal(result, "unknown");
        assert.match(reasons.join("\n"), /whether organizations\/9 lies above the network's project is not shown/);
        const denying = rule({ match: { layer4Configs: [{ ipProtocol: "all" }] } }, "deny");
        assert.equal(
            claim([...removed(B1, "rule-60000", "rule-60001"), policy, denying, attached("organizations/9")], "C1")
                .result,
            "unknown",
        );
        assert.equal(
            claim(
                [
                    ...removed(B1, "rule-60000", "rule-60001"),
                    project,
                    folder,
                    policy,
                    denying,
                    attached("organizations/9"),
                ],
                "C1",
            ).result,
            "holds",
        );
    });

    it("a regional policy concerns machines of its region only", () => {
        const regional = (region: string): Resource[] => [
            resource(compute("RegionNetworkFirewallPolicyWithRules"), "regional", {
                name: "regional",
                project: PROJECT,
                region,
                rules: [
                    {
                        priority: 1,
                        action: "deny",
                        direction: "EGRESS",
                        match: { layer4Configs: [{ ipProtocol: "all" }] },
                    },
                ],
            }),
            resource(compute("RegionNetworkFirewallPolicyAssociation"), "regional-at", {
                project: PROJECT,
                region,
                firewallPolicy: "regional",
                attachmentTarget: "fl-vpc",
            }),
        ];
        const open = removed(B1, "rule-60000", "rule-60001");
        assert.equal(
            claim([...open, ...regional("us-central1")], "C1").witnesses.filter(({ source }) =>
                source.startsWith("node"),
            ).length,
            0,
        );
        assert.ok(
            claim([...open, ...regional("us-east1")], "C1").witnesses.some(
                ({ source }) => source === "node of pool fl/apps",
            ),
        );
    });

    it("at equal priority a classic deny wins, whatever comes first in the list", () => {
        const allow = resource(compute("Firewall"), "allow", {
            network: "fl-vpc",
            project: PROJECT,
            direction: "EGRESS",
            priority: 10,
            allows: [{ protocol: "all" }],
        });
        const deny = resource(compute("Firewall"), "deny", {
            network: "fl-vpc",
            project: PROJECT,
            direction: "EGRESS",
            priority: 10,
            denies: [{ protocol: "all" }],
        });
        const open = removed(B1, "rule-60000", "rule-60001");
        assert.equal(claim([...open, allow, deny], "C1").result, "holds");
        assert.equal(claim([...open, allow], "C1").result, "violated");
    });

    it("a policy that nothing attaches decides nothing, and is told", () => {
        const loose = removed(B1, "attached");
        assert.equal(claim(loose, "C1").result, "violated");
        assert.match(networkClaims(loose).residualRisks.join("\n"), /NetworkFirewallPolicy\) is attached to nothing/);
    });

    it("rules that observe instead of deny enclose nothing", () => {
        const observing = ["rule-60000", "rule-60001"].reduce<Resource[]>(
            (world, name) => changed(world, name, inputs => ({ ...inputs, action: "allow", enableLogging: true })),
            [...B1],
        );
        const { result, witnesses } = claim(observing, "C1");
        assert.equal(result, "violated");
        assert.match(witnesses[0]!.hops[1]!.decision, /rule r60000 \(priority 60000, for every machine\) allows it/);
    });
});

describe("what cannot be decided", () => {
    const rule = (match: object): Resource =>
        resource(compute("NetworkFirewallPolicyRule"), "fqdn", {
            firewallPolicy: "fl-egress",
            project: PROJECT,
            priority: 500,
            direction: "EGRESS",
            action: "allow",
            match: { layer4Configs: [{ ipProtocol: "tcp" }], ...match },
        });

    for (const [what, match] of [
        ["names", { destFqdns: ["api.example.com"] }],
        ["countries", { destRegionCodes: ["US"] }],
        ["threat lists", { destThreatIntelligences: ["iplist-tor-exit-nodes"] }],
        ["address groups", { destAddressGroups: ["projects/p/locations/global/addressGroups/g"] }],
        ["network contexts", { destNetworkContext: "INTERNET" }],
    ] as const) {
        it(`an allow by ${what} may open the world, and says why it cannot be told`, () => {
            const { result, reasons } = claim([...B1, rule(match)], "C1");
            assert.equal(result, "unknown");
            assert.match(
                reasons.join("\n"),
                new RegExp(`rule priority 500 .*: it matches destinations by .*${what.split(" ").at(-1)!.slice(0, 5)}`),
            );
            assert.equal(claim([...B3, rule(match)], "C1").result, "holds", "route and NAT hold whatever it matches");
        });

        it(`a deny by ${what} does not count as one`, () => {
            const denied = removed(
                [
                    ...B1,
                    {
                        ...rule({ ...match, layer4Configs: [{ ipProtocol: "all" }] }),
                        inputs: { ...rule(match).inputs, action: "deny" },
                    },
                ],
                "rule-60000",
            );
            assert.notEqual(claim(denied, "C1").result, "holds");
        });
    }

    it("an unmodelled resource in sight makes the verdict unknown, whatever else holds", () => {
        for (const [type, because] of [
            ["gcp:networkservices/gateway:Gateway", /Secure Web Proxy/],
            ["gcp:networkconnectivity/policyBasedRoute:PolicyBasedRoute", /another way than the routes/],
            ["gcp:compute/somethingNew:SomethingNew", /does not know/],
            ["kubernetes:compute.cnrm.cloud.google.com/v1beta1:ComputeFirewall", /Config Connector/],
        ] as const) {
            const { result, reasons } = claim([...B3, resource(type, "x", {})], "C1");
            assert.equal(result, "unknown", type);
            assert.match(reasons.join("\n"), because);
        }
        for (const type of [
            "gcp:storage/bucket:Bucket",
            "gcp:compute/subnetworkIAMMember:SubnetworkIAMMember",
            "gcp:compute/healthCheck:HealthCheck",
            "kubernetes:core/v1:ConfigMap",
            "random:index/randomId:RandomId",
        ]) {
            assert.equal(claim([...B3, resource(type, "x", {})], "C1").result, "holds", type);
        }
    });

    it("a proxy endpoint group and a Google endpoint for all APIs count, their inner cousins do not", () => {
        const group = (kind: string): Resource =>
            resource(compute("RegionNetworkEndpointGroup"), "neg", { networkEndpointType: kind });
        assert.equal(claim([...B3, group("INTERNET_FQDN_PORT")], "C1").result, "unknown");
        assert.equal(claim([...B3, group("GCE_VM_IP_PORT")], "C1").result, "holds");
        const endpoint = (target: string): Resource => resource(compute("GlobalForwardingRule"), "psc", { target });
        assert.equal(claim([...B3, endpoint("all-apis")], "C1").result, "unknown");
        assert.equal(claim([...B3, endpoint("vpc-sc")], "C1").result, "holds");
    });

    it("routes that a neighbour announces may lead anywhere, once no firewall stops the packet", () => {
        const peer = resource(compute("NetworkPeering"), "to-hub", {
            network: `projects/${PROJECT}/global/networks/fl-vpc`,
            peerNetwork: "hub",
            importCustomRoutes: true,
        });
        assert.equal(claim([...B3, peer], "C1").result, "holds");
        assert.match(networkClaims([...B3, peer]).residualRisks.join("\n"), /R6: what lies beyond to-hub/);
        const { result, reasons } = claim([...removed(B3, "rule-60000", "belt"), peer], "C1");
        assert.equal(result, "unknown");
        assert.match(reasons.join("\n"), /it imports routes of its peer that are not shown/);
    });

    it("an order of evaluation that nothing shows counts only where it matters", () => {
        const unseen = removed(B1, "vpc");
        assert.deepEqual(claim(unseen, "C1").reasons, []);
        const allow = resource(compute("Firewall"), "allow", {
            network: "fl-vpc",
            project: PROJECT,
            direction: "EGRESS",
            allows: [{ protocol: "all" }],
        });
        const { result, reasons } = claim([...unseen, allow], "C1");
        assert.equal(result, "unknown");
        assert.match(reasons.join("\n"), /whether network fl-vpc evaluates policies or classic rules first/);
    });

    it("every value of a world, made unknown in turn, leaves each claim as it is or makes it unknown", () => {
        const worlds = [B1, B3, MUTATIONS.c2(B1), MUTATIONS.c3c(B3), MUTATIONS.c5b(B3), removed(B3, "rule-390")];
        const known = worlds.map(results);
        // With VEIL_EVERY=1 every single one; else a third of them, another third for each world.
        const every = Number(process.env["VEIL_EVERY"] ?? 3);
        let veils = 0;
        worlds.forEach((world, which) =>
            world.forEach(({ inputs, type }, index) =>
                paths(inputs).forEach((path, place) => {
                    // The type of a Kubernetes object is part of its resource's type, never a value that is computed.
                    if ((place + which) % every === 0 && path[0] !== "apiVersion") {
                        const veiled = changedAt(world, index, replaced(inputs, path) as Resource["inputs"]);
                        const after = resultsOrError(veiled) ?? {};
                        for (const id of ["C1", "C3"] as const) {
                            const [was, is] = [known[which]![id], after[id]];
                            assert.ok(
                                is === undefined || is === "unknown" || is === was,
                                `world ${which}, ${type} ${path.join(".")}: ${id} ${was!} became ${is!}`,
                            );
                        }
                        veils++;
                    }
                }),
            ),
        );
        assert.ok(veils > 100);
    }).timeout(600_000);
});

describe("resources that describe no world", () => {
    for (const [what, world, because] of [
        ["no resources at all", [], /there are none/],
        [
            "an unreadable range",
            changed(B3, "rule-60000", inputs => ({
                ...inputs,
                match: { destIpRanges: ["0.0.0.0/33"], layer4Configs: [{ ipProtocol: "all" }] },
            })),
            /rule-60000, match\.destIpRanges: got "0\.0\.0\.0\/33"/,
        ],
        [
            "a range with host bits",
            changed(B3, "apps", inputs => ({ ...inputs, ipCidrRange: "10.10.0.1/22" })),
            /apps, ipCidrRange: got "10\.10\.0\.1\/22".*write "10\.10\.0\.0\/22"/,
        ],
        [
            "targets of two kinds",
            changed(B3, "belt", inputs => ({ ...inputs, targetTags: ["a"], targetServiceAccounts: [APP] })),
            /belt, targetServiceAccounts, targetTags: got both/,
        ],
        [
            "a rule that allows and denies",
            changed(B3, "belt", inputs => ({ ...inputs, allows: [{ protocol: "all" }] })),
            /got both allows and denies/,
        ],
        [
            "two rules in one place",
            changed(B3, "rule-390", inputs => ({ ...inputs, priority: 400 })),
            /got priority 400 for both "r390" and "r400"/,
        ],
        [
            "a port that is none",
            changed(B3, "rule-300", inputs => ({
                ...inputs,
                match: { layer4Configs: [{ ipProtocol: "tcp", ports: ["443x"] }] },
            })),
            /got port "443x"/,
        ],
        [
            "a route without a next hop",
            changed(B3, "google", ({ nextHopGateway: _, ...inputs }) => inputs),
            /google, nextHop…: got none, expected exactly one next hop/,
        ],
        [
            "an order that does not exist",
            changed(B3, "vpc", inputs => ({ ...inputs, networkFirewallPolicyEnforcementOrder: "FIRST" })),
            /got "FIRST", expected AFTER_CLASSIC_FIREWALL or BEFORE_CLASSIC_FIREWALL/,
        ],
        [
            "a second global policy for the network",
            added(
                B3,
                resource(compute("NetworkFirewallPolicy"), "p2", { name: "p2" }),
                resource(compute("NetworkFirewallPolicyAssociation"), "a2", {
                    firewallPolicy: "p2",
                    attachmentTarget: "fl-vpc",
                }),
            ),
            /expected one global policy for each network/,
        ],
        [
            "text where a number belongs",
            changed(B3, "belt", inputs => ({ ...inputs, priority: "high" })),
            /belt, priority: got "high", expected a number/,
        ],
    ] as const) {
        it(`are refused: ${what}`, () => {
            assert.throws(
                () => prove(world as readonly Resource[], { modules: [] }),
                (error: unknown) => error instanceof WorldError && because.test(error.message),
            );
        });
    }

    it("are refused with every problem at once", () => {
        const broken = changed(
            changed(B3, "apps", inputs => ({ ...inputs, ipCidrRange: "ten" })),
            "belt",
            inputs => ({ ...inputs, denies: [{ protocol: "tcpp" }] }),
        );
        assert.throws(
            () => prove(broken, { modules: [] }),
            (error: unknown) => error instanceof WorldError && error.problems.length === 2,
        );
    });
});

describe("the platform's word", () => {
    const platform = resource("egress-gateway:platform:Platform", "platform", {
        project: PROJECT,
        region: "us-central1",
        network: "fl-vpc",
        firewallOrder: "BEFORE_CLASSIC_FIREWALL",
        cluster: {
            name: "fl",
            location: "us-central1",
            nodeCidrs: ["10.10.0.0/22"],
            podCidrs: ["10.20.0.0/16"],
            serviceCidr: "10.21.0.0/20",
            controlPlaneCidr: "10.30.0.0/28",
            defaultSnat: true,
            nodeServiceAccounts: [],
        },
        egressSubnet: { name: "fl-exit", nodeCidr: "10.10.8.0/28", podRange: "fl-exit-pods", podCidr: "10.10.16.0/22" },
    });
    const owned = ["vpc", "apps", "exit", "cluster", "pool-apps", "pool-system", "ssh"];
    const alone = [...removed(B3, ...owned), platform];

    it("stands in for what other stacks own, as assumptions that fall when they are given", () => {
        assert.deepEqual(
            ["C1", "C3"].map(id => claim(alone, id as ClaimId).result),
            ["holds", "holds"],
        );
        const list = networkClaims(alone).assumptions.join("\n");
        assert.match(
            list,
            /Network fl-vpc evaluates BEFORE_CLASSIC_FIREWALL and has no default route of Google's own, as the platform says/,
        );
        assert.match(list, /application nodes of cluster fl are in 10\.10\.0\.0\/22/);
        assert.match(list, /Subnet fl-exit has 10\.10\.8\.0\/28/);
        const both = networkClaims([...B3, platform]).assumptions.join("\n");
        assert.doesNotMatch(both, /as the platform says|own resource is not given/);
        assert.equal(claim([...B3, platform], "C1").result, "holds");
    });

    it("is not believed against the resources themselves", () => {
        const order = claim([...SWITCHES.order(B3), platform], "C1");
        assert.equal(order.result, "unknown");
        assert.match(
            order.reasons.join("\n"),
            /platform says that network fl-vpc evaluates BEFORE_CLASSIC_FIREWALL, and the network's own resource says AFTER_CLASSIC_FIREWALL/,
        );
        const range = claim(
            [...changed(B3, "exit", inputs => ({ ...inputs, ipCidrRange: "10.10.12.0/28" })), platform],
            "C1",
        );
        assert.match(
            range.reasons.join("\n"),
            /subnet fl-exit has 10\.10\.8\.0\/28, and the subnet's own resource says 10\.10\.12\.0\/28/,
        );
    });

    it("application nodes that nothing else shows stay inside by the deny alone, and leave without it", () => {
        const open = claim(
            SWITCHES.nat(
                added(
                    removed(alone, "rule-60000", "belt"),
                    resource(compute("Route"), "all", {
                        network: "fl-vpc",
                        project: PROJECT,
                        destRange: "0.0.0.0/0",
                        nextHopGateway: "default-internet-gateway",
                    }),
                ),
            ),
            "C1",
        );
        assert.equal(open.result, "violated");
        assert.ok(open.witnesses.some(({ source }) => source === "application nodes of cluster fl"));
    });

    it("leaves it to the subnet of the application nodes, once that is given, whether they have NAT and IPv6", () => {
        const apps = B3.find(({ type, name }) => type === compute("Subnetwork") && name === "apps")!;
        const given = [...alone, apps];
        assert.match(
            networkClaims(given).assumptions.join("\n"),
            /application nodes of cluster fl are in 10\.10\.0\.0\/22, .*no IPv6/,
        );
        const answer = (resources: readonly Resource[], destination: string) =>
            explain(readWorld(resources), "node:fl/applications", { protocol: "tcp", destination, port: 443 }).fate;
        const open = added(
            removed(given, "rule-60000", "rule-60001", "belt"),
            resource(compute("Route"), "all", {
                network: "fl-vpc",
                project: PROJECT,
                destRange: "0.0.0.0/0",
                nextHopGateway: "default-internet-gateway",
            }),
        );
        assert.equal(answer(open, "1.1.1.1"), "not known");
        assert.equal(answer(SWITCHES.nat(open), "1.1.1.1"), "leaves");
        assert.equal(answer(open, "2606:4700:4700::1111"), "dropped");
        const dual = changed(open, "apps", inputs => ({
            ...inputs,
            stackType: "IPV4_IPV6",
            ipv6AccessType: "EXTERNAL",
        }));
        assert.equal(answer(dual, "2606:4700:4700::1111"), "not known");
        assert.doesNotMatch(networkClaims(dual).assumptions.join("\n"), /no IPv6/);
    });

    it("that must be known is refused where it is not", () => {
        assert.throws(
            () =>
                networkClaims([
                    ...alone.slice(0, -1),
                    { ...platform, inputs: { ...platform.inputs, firewallOrder: UNKNOWN } },
                ]),
            /firewallOrder: is absent or not known before up/,
        );
    });

    it("a cluster without a Google network around it cannot be judged", () => {
        const kind = resource("egress-gateway:platform:Platform", "platform", {
            kind: "kubernetes",
            cluster: { name: "kind" },
        });
        const { result, reasons } = claim([kind], "C1");
        assert.equal(result, "unknown");
        assert.match(reasons[0]!, /no VPC network is among the resources/);
    });

    it("a perimeter for the cluster's own nodes only says what lies outside", () => {
        const perimeter = resource("egress-gateway:perimeter:Perimeter", "perimeter", {
            network: `projects/${PROJECT}/global/networks/fl-vpc`,
            scope: "cluster",
        });
        const narrowed = ["rule-60000", "rule-60001"].reduce<Resource[]>(
            (world, name) =>
                changed(world, name, inputs => ({
                    ...inputs,
                    targetServiceAccounts: [APP, `fl-system-nodes@${PROJECT}.iam.gserviceaccount.com`, GATEWAY],
                })),
            [...B1],
        );
        assert.equal(claim(narrowed, "C1").result, "violated");
        assert.equal(claim([...narrowed, perimeter], "C1").result, "holds");
        assert.match(
            networkClaims([...narrowed, perimeter]).residualRisks.join("\n"),
            /denies for the cluster's own node accounts only: every other machine of the network/,
        );
    });
});

describe("depth", () => {
    it("tells the lock with nothing behind it, and leaves the verdict alone", () => {
        const holding: ClaimModule = {
            claims: ["C2", "C4"],
            judge: () => ({
                claims: (["C2", "C4"] as const).map(id => ({
                    id,
                    statement: id,
                    result: "holds",
                    witnesses: [],
                    reasons: [],
                })),
                locks: [],
                assumptions: [],
                residualRisks: [],
            }),
        };
        const verdict = prove(B1, { modules: [holding] });
        assert.equal(verdict.verdict, "contained");
        const depth = verdict.claims.find(({ id }) => id === "C5")!;
        assert.equal(depth.result, "violated");
        assert.deepEqual(
            depth.witnesses.map(({ source }) => source),
            ['the network without its lock "firewall"'],
        );
        assert.match(depth.witnesses[0]!.remedy, /Add a second lock: nat \(.*, or route \(/);
        assert.deepEqual(verdict.locks[0]!.without, { C1: "violated", C2: "holds", C3: "violated", C4: "holds" });
    });

    it("a verdict without C2 or C4 is unknown: what nobody decided does not hold", () => {
        const verdicts: readonly (readonly [Result, string])[] = (["holds", "violated", "unknown"] as const).map(
            result => [
                result,
                prove(B3, {
                    modules: [
                        {
                            claims: ["C2"],
                            judge: () => ({
                                claims: [{ id: "C2", statement: "", result, witnesses: [], reasons: [] }],
                                locks: [],
                                assumptions: [],
                                residualRisks: [],
                            }),
                        },
                    ],
                }).verdict,
            ],
        );
        assert.deepEqual(verdicts, [
            ["holds", "unknown"],
            ["violated", "violated"],
            ["unknown", "unknown"],
        ]);
    });
});

type Results = Partial<Record<ClaimId, Result>>;

function results(world: readonly Resource[]): Results {
    return Object.fromEntries(networkClaims(world).claims.map(({ id, result }) => [id, result]));
}

/** Undefined where the world cannot be judged at all. */
function resultsOrError(world: readonly Resource[]): Results | undefined {
    try {
        return results(world);
    } catch (error) {
        assert.ok(error instanceof WorldError, String(error));
        return undefined;
    }
}

function changedAt(world: readonly Resource[], index: number, inputs: Resource["inputs"]): Resource[] {
    return world.map((entry, position) => (position === index ? { ...entry, inputs } : entry));
}

function paths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
    const below =
        typeof value === "object" && value !== null
            ? Object.entries(value).flatMap(([key, item]) => paths(item, [...path, key]))
            : [];
    return path.length === 0 ? below : [path, ...below];
}

function replaced(value: unknown, [key, ...rest]: readonly string[]): unknown {
    if (key === undefined) {
        return UNKNOWN;
    }
    return Array.isArray(value)
        ? value.map((item: unknown, index) => (String(index) === key ? replaced(item, rest) : item))
        : { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest) };
}
