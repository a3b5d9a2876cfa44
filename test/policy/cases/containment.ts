import { CLEAN, FIREWALL_ALONE } from "./defects";
import { type RuleCases, type Subject, UNKNOWN } from "./case";

const network = (inputs: object = {}): Subject => ({
    type: "gcp:compute/network:Network",
    name: "shop",
    inputs: {
        project: "acme-dev",
        name: "shop",
        autoCreateSubnetworks: false,
        deleteDefaultRoutesOnCreate: true,
        networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
        ...inputs,
    },
});
const machine = (nic: object = {}): Subject => ({
    type: "gcp:compute/instance:Instance",
    name: "web",
    inputs: {
        project: "acme-dev",
        zone: "europe-west1-b",
        machineType: "e2-small",
        bootDisk: {},
        networkInterfaces: [{ network: "projects/acme-dev/global/networks/shop", ...nic }],
    },
});
/** What tells the gateway's own stack from others. */
const perimeter: Subject = { type: "egress-gateway:perimeter:Perimeter", name: "perimeter", inputs: {} };

/** Whole stacks are in `clean.test.ts` and `defects.test.ts`; these are the smallest that have something to say. */
export const containmentCases: readonly RuleCases[] = [
    {
        rule: "containment",
        passes: {
            "a network with no way out": [network(), machine()],
            "an application, which has no network": [
                {
                    type: "kubernetes:core/v1:ConfigMap",
                    inputs: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shop", namespace: "shop" } },
                },
            ],
            "a machine in somebody else's network, which the rule about machines judges": [
                machine({ accessConfigs: [{}] }),
            ],
        },
        fails: {
            "a machine with an external address": {
                resources: [
                    network({ deleteDefaultRoutesOnCreate: false }),
                    machine({ accessConfigs: [{}] }),
                    {
                        type: "gcp:compute/firewall:Firewall",
                        name: "google",
                        inputs: {
                            network: "projects/acme-dev/global/networks/shop",
                            project: "acme-dev",
                            direction: "EGRESS",
                            denies: [{ protocol: "all" }],
                            destinationRanges: ["199.36.153.8/30", "34.126.0.0/18"],
                        },
                    },
                ],
                messages: [
                    /^C1 is violated \(".+"\): VM web reaches 1\.1\.1\.1:443\/tcp \(source: .*\[Instance web\]; firewall: .*; route: .*; external IPv4 address: .*\)\. .*denies egress/,
                ],
            },
            "a range that no API takes": {
                resources: [
                    network(),
                    {
                        type: "gcp:compute/route:Route",
                        inputs: {
                            network: "shop",
                            destRange: "0.0.0.0/33",
                            nextHopGateway: "default-internet-gateway",
                        },
                    },
                ],
                messages: [/^The stack cannot be judged: destRange: got "0\.0\.0\.0\/33", expected a range/],
            },
        },
        unknown: {
            "whether there is a default route": {
                resources: [network({ deleteDefaultRoutesOnCreate: UNKNOWN }), machine({ accessConfigs: [{}] })],
                messages: [
                    /^C1 cannot be decided \(".+"\): VM web: whether network shop has Google's own default route is not shown/,
                ],
            },
        },
    },
    {
        rule: "containment-depth",
        passes: {
            "three locks": [...CLEAN, perimeter],
            "a stack without the gateway, enclosed by one lock": [...FIREWALL_ALONE],
        },
        fails: {
            "the firewall alone": {
                resources: [...FIREWALL_ALONE, perimeter],
                messages: [
                    /^C5 is violated \(".+"\): the network without its lock "firewall" \(.*\)\. .*Add a second lock/,
                ],
            },
        },
        unknown:
            "where a value decides that is not known, the claim itself cannot be decided, and the rule containment says so",
    },
];
