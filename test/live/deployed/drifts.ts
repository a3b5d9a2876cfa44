import * as assert from "node:assert/strict";
import { type Deployment } from "./deployed";
import { type Answer } from "./google";

const PROJECT = "https://www.googleapis.com/compute/v1/projects/acme-dev";
const NETWORK = `${PROJECT}/global/networks/acme-dev`;
const INTERNET = `${PROJECT}/global/gateways/default-internet-gateway`;

const list = ({ project }: Deployment, path: string): Answer[] => (project.compute[path] ??= []);
const policy = (deployment: Deployment): Answer => list(deployment, "global/firewallPolicies")[0]!;
const ruleAt = (deployment: Deployment, priority: number): Answer =>
    policy(deployment)["rules"].find((rule: Answer) => rule["priority"] === priority);
const object = ({ objects }: Deployment, kind: string, name: RegExp | string): Answer => {
    const found = objects.find(
        each =>
            each["kind"] === kind &&
            (typeof name === "string" ? each["metadata"].name === name : name.test(each["metadata"].name as string)),
    );
    assert.ok(found, `${kind} ${String(name)}`);
    return found;
};
const gone = ({ objects }: Deployment, kind: string, name: RegExp): void => {
    const at = objects.findIndex(each => each["kind"] === kind && name.test(each["metadata"].name as string));
    assert.ok(at >= 0, `${kind} ${String(name)}`);
    objects.splice(at, 1);
};
const pool = ({ project }: Deployment, name: RegExp): Answer =>
    project.clusters[0]!["nodePools"].find((each: Answer) => name.test(each["name"] as string));
const everything = { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] };
const project = (deployment: Deployment, path: string, name: RegExp): void => {
    const all = list(deployment, path);
    all.splice(
        all.findIndex(each => name.test(each["name"] as string)),
        1,
    );
};
const grant = ({ project }: Deployment, role: string, member: string): void =>
    void project.policy["bindings"].push({ role, members: [member] });

/** What somebody does by hand, and what of it is told; the verdict about it, where it is not `contained` any more. */
interface Seed {
    readonly what: string;
    readonly change: (deployment: Deployment) => void;
    readonly told: RegExp;
    readonly verdict: "contained" | "violated" | "unknown";
}

export const SEEDS: readonly Seed[] = [
    {
        what: "a rule was added that allows everything, before the denials",
        change: deployment =>
            policy(deployment)["rules"].push({
                priority: 50,
                action: "allow",
                direction: "EGRESS",
                disabled: false,
                match: everything,
            }),
        told: /lock firewall alone: holds before, violated now[\s\S]*rule 50 is there, and was not registered/,
        verdict: "violated",
    },
    {
        what: "the denial of everything comes after Google's own rules",
        change: deployment => void (ruleAt(deployment, 60000)["priority"] = 2147483647),
        told: /rule 60000 \(deny-ipv4\) is gone/,
        verdict: "contained",
    },
    {
        what: "the denial of everything is disabled, and the belt is gone",
        change: deployment => {
            ruleAt(deployment, 60000)["disabled"] = true;
            project(deployment, "global/firewalls", /belt-ipv4/);
        },
        told: /lock firewall alone: holds before, violated now[\s\S]*Firewall acme-dev-egress-belt-ipv4 is gone[\s\S]*rule 60000 \(deny-ipv4\)\.disabled: true is there/,
        verdict: "violated",
    },
    {
        what: "the denial of private addresses is for other nodes than the gateway's",
        change: deployment =>
            void (ruleAt(deployment, 390)["targetServiceAccounts"] = ["nobody@acme-dev.iam.gserviceaccount.com"]),
        told: /opened C3: holds before, violated now[\s\S]*rule 390 \(deny-gateway-private\)\.targetServiceAccounts: egress-gateway-nodes@/,
        verdict: "violated",
    },
    {
        what: "the policy was detached from the network",
        change: deployment => {
            policy(deployment)["associations"] = [];
            delete list(deployment, "global/networks")[0]!["firewallPolicy"];
        },
        told: /closed node of pool acme-dev\/gateway-pool-4f1c2d3[\s\S]*NetworkFirewallPolicyAssociation acme-dev-egress is gone/,
        verdict: "contained",
    },
    {
        what: "a folder's policy allows everything",
        change: ({ project: google }) =>
            void google.above.push({
                name: "991",
                shortName: "company",
                type: "HIERARCHY",
                rules: [{ priority: 10, action: "allow", direction: "EGRESS", match: everything }],
            }),
        told: /lock firewall alone: holds before, violated now/,
        verdict: "violated",
    },
    {
        what: "NAT serves all subnets",
        change: deployment => {
            const [nat] = list(deployment, "regions/europe-west1/routers")[0]!["nats"];
            nat.sourceSubnetworkIpRangesToNat = "ALL_SUBNETWORKS_ALL_IP_RANGES";
            delete nat.subnetworks;
        },
        told: /lock nat: there before, not there now[\s\S]*sourceSubnetworkIpRangesToNat: LIST_OF_SUBNETWORKS was registered, ALL_SUBNETWORKS_ALL_IP_RANGES is there/,
        verdict: "contained",
    },
    {
        what: "a second NAT serves the nodes of applications",
        change: deployment =>
            void list(deployment, "regions/europe-west1/routers").push({
                name: "old",
                network: NETWORK,
                region: `${PROJECT}/regions/europe-west1`,
                nats: [
                    {
                        name: "old",
                        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
                        subnetworks: [
                            {
                                name: `${PROJECT}/regions/europe-west1/subnetworks/nodes-0`,
                                sourceIpRangesToNat: ["ALL_IP_RANGES"],
                            },
                        ],
                    },
                ],
            }),
        told: /lock nat: there before, not there now/,
        verdict: "contained",
    },
    {
        what: "a default route was added for everybody",
        change: deployment =>
            void list(deployment, "global/routes").push({
                name: "default",
                network: NETWORK,
                destRange: "0.0.0.0/0",
                priority: 900,
                nextHopGateway: INTERNET,
            }),
        told: /lock route: there before, not there now/,
        verdict: "contained",
    },
    {
        what: "the gateway's default route is for everybody",
        change: deployment => {
            const route = list(deployment, "global/routes").find(({ name }) => name.includes("egress-default"))!;
            delete route["tags"];
        },
        told: /lock route: there before, not there now[\s\S]*Route acme-dev-egress-default-egress-gateway is not as it was registered\n {2}tags: \["egress-gateway"\] was registered, nothing is there/,
        verdict: "contained",
    },
    {
        what: "three locks are open at once",
        change: deployment => {
            SEEDS[0]!.change(deployment);
            SEEDS[6]!.change(deployment);
            SEEDS[8]!.change(deployment);
        },
        told: /opened C1: holds before, violated now[\s\S]*opened node of pool acme-dev\/applications: .* all of the public IPv4 internet/,
        verdict: "violated",
    },
    {
        what: "a machine with an external address runs as the gateway",
        change: deployment =>
            void list(deployment, "zones/europe-west1-b/instances").push({
                name: "jump",
                networkInterfaces: [
                    {
                        network: NETWORK,
                        subnetwork: `${PROJECT}/regions/europe-west1/subnetworks/acme-dev-egress`,
                        accessConfigs: [{ type: "ONE_TO_ONE_NAT", natIP: "203.0.113.9" }],
                    },
                ],
                serviceAccounts: [{ email: "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com" }],
                tags: { items: ["egress-gateway"] },
            }),
        told: /opened C1: holds before, violated now[\s\S]*opened VM jump: /,
        verdict: "violated",
    },
    {
        what: "the gateway's pool lost its taint",
        change: deployment => void (pool(deployment, /^gateway-pool/)["config"].taints = []),
        told: /taint[\s\S]*NodePool gateway-pool-4f1c2d3 is not as it was registered/,
        verdict: "violated",
    },
    {
        what: "the pool of applications runs as the gateway's account",
        change: deployment => {
            pool(deployment, /^applications/)["config"].serviceAccount =
                "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com";
        },
        told: /opened node of pool acme-dev\/applications: |lock firewall alone: holds before, violated now/,
        verdict: "violated",
    },
    {
        what: "somebody may act as the gateway's account",
        change: deployment => grant(deployment, "roles/iam.serviceAccountUser", "user:dev@acme.example"),
        told: /unknown C1: holds before, unknown now[\s\S]*user:dev@acme\.example/,
        verdict: "unknown",
    },
    {
        what: "a key of the gateway's account was made",
        change: ({ project: google }) => {
            const [email, account] = Object.entries(google.accounts)[0]!;
            account.keys.push({ name: `projects/acme-dev/serviceAccounts/${email}/keys/1`, keyType: "USER_MANAGED" });
        },
        told: /unknown C1: holds before, unknown now/,
        verdict: "unknown",
    },
    {
        what: "a policy of the guard is bound to warn",
        change: deployment =>
            void (object(deployment, "ValidatingAdmissionPolicyBinding", /toleration/)["spec"].validationActions = [
                "Warn",
                "Audit",
            ]),
        told: /opened C2: holds before, violated now[\s\S]*validationActions: Deny is gone/,
        verdict: "violated",
    },
    {
        what: "a policy of the guard is gone",
        change: deployment => gone(deployment, "ValidatingAdmissionPolicy", /toleration/),
        told: /opened C2: holds before, violated now[\s\S]*ValidatingAdmissionPolicy \S*toleration\S* is gone/,
        verdict: "violated",
    },
    {
        what: "the guard lets another user pass",
        change: ({ objects }) => {
            for (const each of objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicy")) {
                const text = JSON.stringify(each["spec"]).replaceAll(
                    String.raw`\"deployer@acme-dev.iam.gserviceaccount.com\"`,
                    String.raw`\"deployer@acme-dev.iam.gserviceaccount.com\", \"mallory@acme.example\"`,
                );
                each["spec"] = JSON.parse(text);
            }
        },
        told: /opened the guard lets user mallory@acme\.example pass/,
        verdict: "violated",
    },
    {
        what: "a condition leaves requests out of a policy of the guard",
        change: deployment =>
            void (object(deployment, "ValidatingAdmissionPolicy", /toleration/)["spec"].matchConditions = [
                { name: "some", expression: "request.namespace == 'nowhere'" },
            ]),
        told: /opened C2: holds before, violated now[\s\S]*matchConditions/,
        verdict: "violated",
    },
    {
        what: "a client's network policy is gone",
        change: ({ objects }) => {
            const at = objects.findIndex(
                ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.namespace === "payments",
            );
            objects.splice(at, 1);
        },
        told: /changed NetworkPolicy payments\/\S+ is gone/,
        verdict: "contained",
    },
    {
        what: "a destination's callers are anybody",
        change: ({ objects }) => {
            const found = objects.find(
                ({ kind, spec }) => kind === "AuthorizationPolicy" && JSON.stringify(spec).includes("principals"),
            )!;
            found["spec"].rules = [{}];
        },
        told: /changed AuthorizationPolicy \S+ is not as it was registered/,
        verdict: "violated",
    },
    {
        what: "somebody declares another host in the gateway's namespace",
        change: ({ objects }) =>
            void objects.push({
                apiVersion: "networking.istio.io/v1",
                kind: "ServiceEntry",
                metadata: { name: "more", namespace: "istio-egress" },
                spec: {
                    hosts: ["evil.example.com"],
                    location: "MESH_EXTERNAL",
                    ports: [{ number: 9999, name: "tls", protocol: "TLS" }],
                    resolution: "DNS",
                },
            }),
        told: /ServiceEntry istio-egress\/more is there, and was not registered/,
        verdict: "contained",
    },
    {
        what: "somebody changes the gateway's proxies",
        change: ({ objects }) =>
            void objects.push({
                apiVersion: "networking.istio.io/v1",
                kind: "EnvoyFilter",
                metadata: { name: "more", namespace: "istio-egress" },
                spec: {},
            }),
        told: /unknown C4: holds before, unknown now[\s\S]*EnvoyFilter/,
        verdict: "unknown",
    },
    {
        what: "the gateway's namespace allows privileged pods",
        change: deployment => {
            const { metadata } = object(deployment, "Namespace", "istio-egress");
            metadata.labels["pod-security.kubernetes.io/enforce"] = "privileged";
        },
        told: /changed Namespace istio-egress is not as it was registered\n {2}metadata\.labels/,
        verdict: "contained",
    },
    {
        what: "a stranger's pod runs on gateway nodes",
        change: ({ objects }) =>
            void objects.push({
                apiVersion: "v1",
                kind: "Pod",
                metadata: { name: "stranger", namespace: "orders" },
                spec: {
                    nodeSelector: { "egress-gateway/node": "true" },
                    tolerations: [{ operator: "Exists" }],
                    containers: [{ name: "a", image: "a" }],
                },
            }),
        told: /opened C2: holds before, violated now/,
        verdict: "violated",
    },
];

const nat = (deployment: Deployment, name: string): Answer =>
    list(deployment, "regions/europe-west1/routers").find(each => each["name"] === name)!["nats"][0];
const SUPPLY = "egress-gateway-supply@acme-teams.iam.gserviceaccount.com";

/** The same of a stack with several gateways, as only they can drift. */
export const TEAM_SEEDS: readonly Seed[] = [
    {
        what: "the subnet of one gateway moved to the NAT of another",
        change: deployment => {
            const [own, other] = [
                nat(deployment, "acme-teams-egress-supply"),
                nat(deployment, "acme-teams-egress-payments"),
            ];
            other.subnetworks.push(...own.subnetworks);
            own.subnetworks = [];
        },
        told: /opened C7: .*violated now[\s\S]*its nodes are those of gateway supply[\s\S]*leaves by NAT acme-teams-egress-payments, which is gateway payments's/,
        verdict: "violated",
    },
    {
        what: "the NAT of one gateway has an address of another",
        change: deployment =>
            nat(deployment, "acme-teams-egress-supply").natIps.push(
                nat(deployment, "acme-teams-egress-payments").natIps[0],
            ),
        told: /opened C7: .*violated now[\s\S]*has address acme-teams-egress-payments-nat-1, which is gateway payments's/,
        verdict: "violated",
    },
    {
        what: "the taint of one gateway's nodes is gone",
        change: deployment => void (pool(deployment, /^gateway-pool-supply/)["config"].taints = []),
        told: /opened C2: .*violated now[\s\S]*gateway-pool-supply-4f1c2d3[\s\S]*NodePool gateway-pool-supply-4f1c2d3 is not as it was registered/,
        verdict: "violated",
    },
    {
        what: "pods of one gateway select the nodes of another",
        change: ({ objects }) => {
            const { spec } = objects.find(
                ({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "istio-egress-payments",
            )!["spec"].template;
            const text = JSON.stringify({ tolerations: spec.tolerations, nodeSelector: spec.nodeSelector });
            Object.assign(spec, JSON.parse(text.replaceAll('"payments"', '"supply"')));
        },
        told: /opened C7: .*violated now[\s\S]*Deployment istio-egress-payments\/egress-gateway may run on pool acme-teams\/gateway-pool-supply/,
        verdict: "violated",
    },
    {
        what: "somebody may act as the account of a further gateway, and has a key of it",
        change: ({ project: google }) => {
            const account = google.accounts[SUPPLY]!;
            account.policy["bindings"] = [
                { role: "roles/iam.serviceAccountTokenCreator", members: ["user:dev@acme.example"] },
            ];
            account.keys.push({
                name: `projects/acme-teams/serviceAccounts/${SUPPLY}/keys/1`,
                keyType: "USER_MANAGED",
            });
        },
        told: /unknown C1: holds before, unknown now[\s\S]*user:dev@acme\.example/,
        verdict: "unknown",
    },
];
