import { type HostileCase, type Request, type SentObject } from "./case";
import { CLIENT, deployer, developer } from "./surroundings";

type Egress = readonly Readonly<Record<string, unknown>>[];

const NAMES = [{ protocol: "UDP", port: 53 }];
const METADATA_SERVER = [{ ipBlock: { cidr: "169.254.169.254/32" } }];

/** NetworkPolicies of a client namespace that open another resolver, or take away what closes it. */
export const clientPolicyCases: readonly HostileCase[] = [
    ...(
        [
            ["metadata-server", [{ to: METADATA_SERVER, ports: NAMES }]],
            ["over-tcp", [{ to: METADATA_SERVER, ports: [{ port: 53 }] }]],
            ["every-port", [{ to: METADATA_SERVER }]],
            ["a-range-of-ports", [{ to: METADATA_SERVER, ports: [{ protocol: "UDP", port: 50, endPort: 60 }] }]],
            ["every-port-of-udp", [{ to: METADATA_SERVER, ports: [{ protocol: "UDP" }] }]],
            ["link-local", [{ to: [{ ipBlock: { cidr: "169.254.0.0/16" } }], ports: NAMES }]],
            ["wide", [{ to: [{ ipBlock: { cidr: "169.0.0.0/8" } }], ports: NAMES }]],
            ["everything", [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }], ports: NAMES }]],
            ["half-of-everything", [{ to: [{ ipBlock: { cidr: "128.0.0.0/1" } }], ports: NAMES }]],
            ["ipv6", [{ to: [{ ipBlock: { cidr: "fd20:ce::254/128" } }], ports: NAMES }]],
            ["everywhere", [{ ports: NAMES }]],
            ["anything", [{}]],
            [
                "among-others",
                [
                    { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: NAMES },
                    { to: [{ ipBlock: { cidr: "10.9.0.0/16" } }, ...METADATA_SERVER], ports: NAMES },
                ],
            ],
        ] as const satisfies readonly (readonly [string, Egress])[]
    ).map(([name, egress]) =>
        policyCase(
            name,
            "opens the metadata server's resolver, which answers every name: ",
            "A developer adds a policy that lets pods ask Google's servers for any name.",
            { operation: "create", object: policy("mine", egress) },
            {
                title: "One that opens the company's servers and other ports.",
                request: {
                    operation: "create",
                    object: policy("mine", [
                        { to: [{ ipBlock: { cidr: "10.20.0.53/32" } }], ports: NAMES },
                        { to: [{ ipBlock: { cidr: "169.254.20.10/32" } }], ports: NAMES },
                        { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ protocol: "TCP", port: 443 }] },
                        { to: METADATA_SERVER, ports: [{ protocol: "TCP", port: 80 }] },
                        { to: [{ podSelector: {} }], ports: [{ protocol: "UDP", port: "dns" }] },
                        { to: [{ podSelector: {} }] },
                    ]),
                },
            },
        ),
    ),
    policyCase(
        "changed",
        "opens the metadata server's resolver, which answers every name: ",
        "A developer opens it in a policy that is there.",
        {
            operation: "update",
            before: policy("mine", []),
            object: policy("mine", [{ to: METADATA_SERVER, ports: NAMES }]),
        },
        {
            title: "The deployer may.",
            as: deployer,
            request: {
                operation: "update",
                before: policy("mine", []),
                object: policy("mine", [{ to: METADATA_SERVER, ports: NAMES }]),
            },
        },
    ),
    policyCase(
        "own-deleted",
        "changes what this program closes: egress-gateway-default-deny",
        "A developer deletes what closes the namespace.",
        { operation: "delete", before: policy("egress-gateway-default-deny", []) },
        {
            title: "A policy of their own goes.",
            request: { operation: "delete", before: policy("mine", []) },
        },
    ),
    policyCase(
        "own-narrowed",
        "changes what this program closes: egress-gateway-default-deny",
        "A developer lets it select no pod.",
        {
            operation: "update",
            before: policy("egress-gateway-default-deny", []),
            object: policy("egress-gateway-default-deny", [], { matchLabels: { nobody: "has" } }),
        },
        {
            title: "The deployer may change it.",
            as: deployer,
            request: {
                operation: "update",
                before: policy("egress-gateway-default-deny", []),
                object: policy("egress-gateway-default-deny", [], { matchLabels: { nobody: "has" } }),
            },
        },
    ),
];

function policyCase(
    name: string,
    message: string,
    title: string,
    request: Request,
    twin: HostileCase["twin"],
): HostileCase {
    return {
        id: `client-network-policies/${name}`,
        rule: "client-network-policies",
        bypass: 6,
        ...{ title, as: developer, message, request, twin },
    };
}

function policy(name: string, egress: Egress, podSelector: Readonly<Record<string, unknown>> = {}): SentObject {
    return {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name, namespace: CLIENT },
        spec: { podSelector, policyTypes: ["Egress"], egress },
    };
}
