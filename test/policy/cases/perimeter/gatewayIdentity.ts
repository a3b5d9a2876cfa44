import { type RuleCases, type Subject, undecided, UNKNOWN, whole } from "../case";
import {
    GATEWAY_ACCOUNT,
    APP_ACCOUNT,
    TAINT,
    of,
    nat,
    instance,
    template,
    nodeConfig,
    gatewayNodeConfig,
    gatewayNetworkConfig,
    pool,
    cluster,
    route,
    policyRule,
    accountGrant,
    projectGrant,
} from "./resources";

const account = (accountId: string): Subject => ({
    type: "gcp:serviceaccount/account:Account",
    name: accountId,
    inputs: { accountId, project: "acme-dev" },
});
const customRole = (permissions: readonly string[]): Subject => ({
    type: "gcp:projects/iAMCustomRole:IAMCustomRole",
    name: "network",
    inputs: { roleId: "network", permissions },
});

export const gatewayIdentityCases: readonly RuleCases[] = [
    {
        rule: "gateway-reserved",
        passes: {
            "the gateway's pool": pool({ nodeConfig: gatewayNodeConfig, networkConfig: gatewayNetworkConfig }),
            "a pool of its own": pool(),
            "a machine of its own": instance({ serviceAccount: { email: APP_ACCOUNT }, tags: ["web"] }),
            "a cluster that lists the gateway's subnet": cluster({
                ipAllocationPolicy: { additionalIpRangesConfigs: [{ subnetwork: "acme-dev-egress" }] },
            }),
            "the gateway's NAT and firewall": [...nat(), ...policyRule(), ...route()],
        },
        fails: {
            "a machine with the gateway's account": {
                resources: instance({ serviceAccount: { email: GATEWAY_ACCOUNT, scopes: [] } }),
                messages: [`serviceAccount.email is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`],
            },
            "a template with the gateway's tag": {
                resources: template({ tags: ["web", "egress-gateway"] }),
                messages: ["tags[1] is egress-gateway: that is the gateway nodes' network tag."],
            },
            "a machine in the gateway's subnet": {
                resources: instance({
                    networkInterfaces: [
                        { subnetwork: "projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-egress" },
                    ],
                }),
                messages: [
                    "networkInterfaces[0].subnetwork is projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-egress: that is the gateway nodes' subnet.",
                ],
            },
            "a pool without the gateway's taint": {
                resources: pool({
                    nodeConfig: { ...gatewayNodeConfig, taints: [{ ...TAINT, effect: "NO_SCHEDULE" }] },
                    networkConfig: gatewayNetworkConfig,
                }),
                messages: [
                    "networkConfig.subnetwork is acme-dev-egress: that is the gateway nodes' subnet.",
                    `nodeConfig.serviceAccount is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`,
                    "nodeConfig.tags[0] is egress-gateway: that is the gateway nodes' network tag.",
                ],
            },
            "nodes that the cluster provisions": {
                resources: cluster({
                    clusterAutoscaling: {
                        enabled: true,
                        autoProvisioningDefaults: { serviceAccount: GATEWAY_ACCOUNT },
                    },
                }),
                messages: [
                    `clusterAutoscaling.autoProvisioningDefaults.serviceAccount is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`,
                ],
            },
            "a job that runs as the gateway": {
                resources: of("gcp:cloudrunv2/service:Service")({
                    location: "europe-west1",
                    template: { serviceAccount: GATEWAY_ACCOUNT },
                }),
                messages: [
                    `template.serviceAccount is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`,
                ],
            },
        },
        unknown: "the rule gateway-later-values asks where the value comes from",
    },
    {
        rule: "gateway-later-values",
        passes: {
            "an account of the stack's own, in a pool, a service and a grant": [
                account("apps"),
                {
                    ...pool({ nodeConfig: { ...nodeConfig, serviceAccount: UNKNOWN } })[0]!,
                    madeFrom: { nodeConfig: ["apps"] },
                },
                {
                    type: "gcp:cloudrunv2/service:Service",
                    inputs: { template: { serviceAccount: UNKNOWN } },
                    madeFrom: { template: ["apps"] },
                },
                { ...accountGrant({ serviceAccountId: UNKNOWN })[0]!, madeFrom: { serviceAccountId: ["apps"] } },
            ],
            "a subnet of the stack's own": [
                { type: "gcp:compute/subnetwork:Subnetwork", name: "apps", inputs: { name: "apps" } },
                {
                    ...instance({ networkInterfaces: [{ subnetwork: UNKNOWN }] })[0]!,
                    madeFrom: { networkInterfaces: ["apps"] },
                },
            ],
        },
        fails: {
            "the gateway's account, by its resource": {
                resources: [
                    account("egress-gateway-nodes"),
                    {
                        type: "gcp:cloudrunv2/service:Service",
                        name: "service",
                        inputs: { template: { serviceAccount: UNKNOWN } },
                        madeFrom: { template: ["egress-gateway-nodes"] },
                    },
                ],
                messages: [undecided("template.serviceAccount", "whether it borrows the gateway's identity or place")],
            },
        },
        unknown: {
            "a pool's account": {
                resources: pool({ nodeConfig: { ...nodeConfig, serviceAccount: UNKNOWN } }),
                messages: [
                    undecided("nodeConfig.serviceAccount", "whether it borrows the gateway's identity or place"),
                ],
            },
            "a machine's subnet": {
                resources: instance({ networkInterfaces: [{ subnetwork: UNKNOWN }] }),
                messages: [
                    undecided("networkInterfaces[0].subnetwork", "whether it borrows the gateway's identity or place"),
                ],
            },
            "the account that a grant is on": {
                resources: accountGrant({ serviceAccountId: UNKNOWN }),
                messages: [
                    undecided(
                        "serviceAccountId",
                        "whether roles/iam.serviceAccountUser is granted on the gateway nodes' account",
                    ),
                ],
            },
        },
    },
    {
        rule: "perimeter-grants",
        passes: {
            "a role that only looks": projectGrant({ role: "roles/compute.networkViewer" }),
            "a custom role of the stack that only looks": [
                customRole(["compute.networks.get", "compute.firewalls.list"]),
                ...projectGrant({ role: "projects/acme-dev/roles/network" }),
            ],
            "a role on another account, which no perimeter belongs to": accountGrant({ serviceAccountId: APP_ACCOUNT }),
        },
        fails: {
            "the firewall of the project": {
                resources: projectGrant({ role: "roles/compute.securityAdmin" }),
                messages: [
                    "user:mallory@example.com gets roles/compute.securityAdmin on the project, which may change firewalls, routes, NAT or machines there.",
                ],
            },
            "the same by a custom role": {
                resources: [
                    customRole(["compute.firewalls.update"]),
                    ...projectGrant({ role: "projects/acme-dev/roles/network" }),
                ],
                messages: [
                    "user:mallory@example.com gets projects/acme-dev/roles/network on the project, which may change firewalls, routes, NAT or machines there.",
                ],
            },
        },
        unknown: {
            "a custom role that is not shown": {
                resources: projectGrant({ role: "projects/acme-dev/roles/network" }),
                messages: [
                    whole(
                        "What projects/acme-dev/roles/network permits on the project is not shown, and user:mallory@example.com gets it. Register the role in this stack, or list the member in deployers.",
                    ),
                ],
            },
        },
    },
    {
        rule: "gateway-account-grants",
        passes: {
            "a grant on another account": accountGrant({
                serviceAccountId: `projects/acme-dev/serviceAccounts/${APP_ACCOUNT}`,
            }),
            "a look at the gateway's account": accountGrant({ role: "roles/iam.serviceAccountViewer" }),
            "a harmless role whatever the account": accountGrant({
                role: "roles/iam.serviceAccountViewer",
                serviceAccountId: UNKNOWN,
            }),
            "a role of nodes on the project": projectGrant({
                role: "roles/container.defaultNodeServiceAccount",
                member: `serviceAccount:${GATEWAY_ACCOUNT}`,
            }),
        },
        fails: {
            "acting as the account": {
                resources: accountGrant(),
                messages: ["user:mallory@example.com gets roles/iam.serviceAccountUser on the gateway nodes' account."],
            },
            "making tokens for every account of the project": {
                resources: projectGrant(),
                messages: [
                    "user:mallory@example.com gets roles/iam.serviceAccountTokenCreator on the whole project, the gateway nodes' account included.",
                ],
            },
            "a policy among others": {
                resources: of("gcp:serviceaccount/iAMPolicy:IAMPolicy")({
                    serviceAccountId: GATEWAY_ACCOUNT,
                    policyData: JSON.stringify({
                        bindings: [
                            {
                                role: "roles/iam.workloadIdentityUser",
                                members: ["serviceAccount:acme-dev.svc.id.goog[payments/api]"],
                            },
                        ],
                    }),
                }),
                messages: [
                    "serviceAccount:acme-dev.svc.id.goog[payments/api] gets roles/iam.workloadIdentityUser on the gateway nodes' account.",
                ],
            },
            "a key": {
                resources: of("gcp:serviceaccount/key:Key")({ serviceAccountId: GATEWAY_ACCOUNT }),
                messages: [
                    whole(
                        `serviceAccountId is ${GATEWAY_ACCOUNT}: the key is the gateway nodes' identity, for whoever holds it. Remove the key: GKE nodes need none.`,
                    ),
                ],
            },
        },
        unknown: {
            "the role": {
                resources: accountGrant({ role: UNKNOWN }),
                messages: [undecided("role", "what is granted on the gateway nodes' account")],
            },
            "the member": {
                resources: accountGrant({ member: UNKNOWN }),
                messages: [undecided("member", "who gets roles/iam.serviceAccountUser on the gateway nodes' account")],
            },
        },
    },
    {
        rule: "gateway-taint",
        passes: {
            "the gateway's pool": pool({ nodeConfig: gatewayNodeConfig, networkConfig: gatewayNetworkConfig }),
            "another pool with other taints": pool({
                nodeConfig: { ...nodeConfig, taints: [{ key: "acme/batch", value: "true", effect: "NO_SCHEDULE" }] },
            }),
            "both effects": pool({
                nodeConfig: { ...gatewayNodeConfig, taints: [{ ...TAINT, effect: "NO_SCHEDULE" }, TAINT] },
            }),
        },
        fails: {
            "NO_SCHEDULE alone": {
                resources: pool({
                    nodeConfig: { ...gatewayNodeConfig, taints: [{ ...TAINT, effect: "NO_SCHEDULE" }] },
                    networkConfig: gatewayNetworkConfig,
                }),
                messages: ["nodeConfig.taints has egress-gateway/node without effect NO_EXECUTE."],
            },
            "none on a pool with the gateway's label": {
                resources: pool({ nodeConfig: { ...nodeConfig, labels: { "egress-gateway/node": "true" } } }),
                messages: ["The pool has label egress-gateway/node and no taint egress-gateway/node."],
            },
        },
        unknown: {
            "the taints of a gateway pool": {
                resources: pool({ nodeConfig: { ...gatewayNodeConfig, taints: UNKNOWN } }),
                messages: [
                    undecided(
                        "nodeConfig.taints",
                        `whether anything but the gateway can run on nodes with service account ${GATEWAY_ACCOUNT}, network tag egress-gateway`,
                    ),
                ],
            },
        },
    },
];
