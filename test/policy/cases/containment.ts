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
function platform(): Subject {
    return {
        type: "egress-gateway:platform:Platform",
        name: "platform",
        inputs: {
            kind: "gke",
            project: "acme-dev",
            region: "europe-west1",
            network: "acme-dev",
            firewallOrder: "BEFORE_CLASSIC_FIREWALL",
            cluster: {
                name: "acme-dev",
                location: "europe-west1",
                nodeCidrs: ["10.0.0.0/22"],
                podCidrs: ["10.4.0.0/14"],
            },
        },
    };
}

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
                    /^C1 is violated \(".+"\): VM web reaches 1\.1\.1\.1:443\/tcp \(source: .*\[Instance web\]; firewall: .*; route: .*; external IPv4 address: .*\)\. .*Deny egress/,
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
                messages: [
                    /^The stack cannot be judged: destRange: got "0\.0\.0\.0\/33", expected a range/,
                    /destRange/,
                ],
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
        passes: { "a stack without the gateway": [network(), machine()] },
        fails: {
            "the route alone": {
                resources: [platform()],
                messages: [/^C5 is violated \(".+"\): the network without its lock "route"/, /^C5 is violated/],
            },
        },
        unknown: {
            "whether any lock is there": {
                resources: [
                    platform(),
                    { ...network({ name: "acme-dev", deleteDefaultRoutesOnCreate: UNKNOWN }), name: "acme-dev" },
                ],
                messages: [/^C5 cannot be decided/],
            },
        },
    },
];
