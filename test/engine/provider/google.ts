import { createHash } from "node:crypto";
import {
    at,
    canonical,
    changedKeys,
    DEFAULTS,
    type Checked,
    type Cloud,
    type Difference,
    type Properties,
    type Reference,
} from "./cloud";
import { shapeOf } from "./googleSchema";
import type { CloudObject } from "./world";

/** Inputs that Google cannot change in place, for every type (the provider's documentation calls them "forces replacement"). */
const REPLACES_EVERYWHERE = ["project", "region", "zone", "location", "name"];

/** The same by type, where a test rests on it. A type that is not listed is taken to change in place. */
const REPLACES: Readonly<Record<string, readonly string[] | "every input">> = {
    "gcp:compute/address:Address": ["address", "addressType", "networkTier", "purpose", "subnetwork", "description"],
    "gcp:compute/route:Route": "every input",
    "gcp:compute/network:Network": ["autoCreateSubnetworks", "description"],
    "gcp:compute/subnetwork:Subnetwork": ["network", "ipCidrRange"],
    "gcp:compute/router:Router": ["network"],
    "gcp:compute/routerNat:RouterNat": ["router"],
    "gcp:compute/firewall:Firewall": ["network", "direction"],
    "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation": "every input",
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule": ["firewallPolicy", "priority"],
    "gcp:serviceaccount/account:Account": ["accountId"],
    "gcp:projects/iAMMember:IAMMember": "every input",
    "gcp:serviceaccount/iAMMember:IAMMember": "every input",
    "gcp:container/nodePool:NodePool": [
        "cluster",
        "initialNodeCount",
        "maxPodsPerNode",
        "networkConfig.podRange",
        "nodeConfig.serviceAccount",
    ],
};

/** How Google addresses a resource of a type: fields of its inputs in braces. */
const ID_FORMS: Readonly<Record<string, string>> = {
    "gcp:compute/address:Address": "projects/{project}/regions/{region}/addresses/{name}",
    "gcp:compute/firewall:Firewall": "projects/{project}/global/firewalls/{name}",
    "gcp:compute/network:Network": "projects/{project}/global/networks/{name}",
    "gcp:compute/subnetwork:Subnetwork": "projects/{project}/regions/{region}/subnetworks/{name}",
    "gcp:compute/route:Route": "projects/{project}/global/routes/{name}",
    "gcp:compute/router:Router": "projects/{project}/regions/{region}/routers/{name}",
    "gcp:compute/routerNat:RouterNat": "{project}/{region}/{router}/{name}",
    "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy": "projects/{project}/global/firewallPolicies/{name}",
    "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules":
        "projects/{project}/global/firewallPolicies/{name}",
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule":
        "projects/{project}/global/firewallPolicies/{firewallPolicy}/rules/{priority}",
    "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation":
        "projects/{project}/global/firewallPolicies/{firewallPolicy}/associations/{name}",
    "gcp:container/cluster:Cluster": "projects/{project}/locations/{location}/clusters/{name}",
    "gcp:container/nodePool:NodePool": "projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}",
    "gcp:projects/iAMMember:IAMMember": "{project}/{role}/{member}",
    "gcp:serviceaccount/iAMMember:IAMMember": "{serviceAccountId}/{role}/{member}",
    "gcp:dns/managedZone:ManagedZone": "projects/{project}/managedZones/{name}",
    "gcp:dns/recordSet:RecordSet": "projects/{project}/managedZones/{managedZone}/rrsets/{name}/{type}",
    "gcp:artifactregistry/repository:Repository": "projects/{project}/locations/{location}/repositories/{repositoryId}",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember":
        "projects/{project}/locations/{location}/repositories/{repository}/{role}/{member}",
    "gcp:serviceaccount/account:Account":
        "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
};

const FIREWALL_POLICY = "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules";
const JOINABLE_POLICY = "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy";
const ASSOCIATION = "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation";
const CLUSTER = "gcp:container/cluster:Cluster";
const NETWORK = "gcp:compute/network:Network";
const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";
const ZONE = "gcp:dns/managedZone:ManagedZone";
const REPOSITORY = "gcp:artifactregistry/repository:Repository";

/** Google Cloud as far as the programs use it: names, addresses, what replaces, what rests on what. */
export class Google implements Cloud {
    private config: Properties = {};

    configure(config: Properties): void {
        this.config = config;
    }

    /** Another project is another place: nothing of the old one can be managed from there. */
    diffConfig(before: Properties, after: Properties): Difference {
        const changed = changedKeys(before, after);
        return { changed, replaces: changed.filter(key => key === "project"), deleteBeforeReplace: false };
    }

    check(
        type: string,
        name: string,
        before: Properties | undefined,
        after: Properties,
        isTaken: (inputs: Properties) => boolean,
    ): Checked {
        const { inputs: known } = shapeOf(type);
        const failures = Object.keys(after)
            .filter(key => !key.startsWith("__") && !known.has(key))
            .map(property => ({ property, reason: `${type} has no such input` }));
        if (!known.has("name") || after.name !== undefined) {
            return { inputs: { ...after, [DEFAULTS]: [] }, failures };
        }
        const named = (generated: unknown) => ({ ...after, name: generated, [DEFAULTS]: ["name"] });
        if (before !== undefined && isGenerated(before)) {
            return { inputs: named(before.name), failures };
        }
        // A name is generated so that a replacement can exist beside what it replaces.
        const attempts = Array.from(
            { length: 100 },
            (_, attempt) => `${name}-${hash(`${type} ${name} ${attempt}`).slice(0, 7)}`,
        );
        return { inputs: named(attempts.find(generated => !isTaken(named(generated)))), failures };
    }

    diff(type: string, before: Properties, after: Properties): Difference {
        const changed = changedKeys(before, after);
        const own = REPLACES[type] ?? [];
        const paths = own === "every input" ? changed : [...own, ...REPLACES_EVERYWHERE];
        const replaces = paths.filter(path => canonical(at(before, path)) !== canonical(at(after, path)));
        // A written name can exist only once. The providers built on the Terraform bridge decide in the same way.
        const keepsName = after.name !== undefined && after.name === before.name && !isGenerated(after);
        return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && keepsName };
    }

    id(type: string, inputs: Properties, name: string): string {
        const form = ID_FORMS[type] ?? `projects/{project}/${type}/{name}`;
        const fields: Properties = { project: this.config.project, region: this.config.region, name, ...inputs };
        return form.replace(/\{(\w+)\}/g, (_, field: string) => lastSegment(fields[field], field));
    }

    outputs(type: string, inputs: Properties, id: string): Properties {
        const project = inputs.project ?? this.config.project;
        const region = inputs.region ?? this.config.region;
        const { inputs: known, outputs } = shapeOf(type);
        const all: Properties = {
            selfLink: `https://www.googleapis.com/compute/v1/${id}`,
            creationTimestamp: "2026-01-01T00:00:00.000-00:00",
            etag: hash(id).slice(0, 12),
            fingerprint: hash(id).slice(0, 12),
            ...this.ownOutputs(type, inputs, id),
        };
        return {
            ...Object.fromEntries(Object.entries(all).filter(([key]) => outputs.includes(key) || known.has(key))),
            ...(known.has("project") ? { project } : {}),
            ...(known.has("region") && region !== undefined ? { region } : {}),
        };
    }

    private ownOutputs(type: string, inputs: Properties, id: string): Properties {
        switch (type) {
            case "gcp:compute/address:Address": {
                const [a, b] = Buffer.from(hash(id), "hex");
                // 34.0.0.0/8 is among the ranges from which Google gives addresses to its customers.
                return { address: inputs.address ?? `34.76.${a}.${b}` };
            }
            case "gcp:serviceaccount/account:Account": {
                const email = id.split("/").at(-1);
                return {
                    email,
                    name: id,
                    member: `serviceAccount:${email}`,
                    uniqueId: BigInt(`0x${hash(id).slice(0, 16)}`).toString(),
                };
            }
            case CLUSTER:
                return {
                    endpoint: "172.16.0.2",
                    masterVersion: "1.34.1-gke.1000",
                    masterAuth: { clusterCaCertificate: CA_CERTIFICATE },
                };
            case "gcp:compute/subnetwork:Subnetwork":
                return { gatewayAddress: String(inputs.ipCidrRange).replace(/\d+\/\d+$/, "1") };
            case "gcp:compute/network:Network":
                return { networkId: hash(id).slice(0, 12) };
            default:
                return {};
        }
    }

    computed(type: string): readonly string[] {
        // An external address is Google's choice, although it can be written as an input.
        return [...shapeOf(type).outputs, ...(type === "gcp:compute/address:Address" ? ["address"] : [])];
    }

    references(type: string, inputs: Properties): readonly Reference[] {
        return [...this.ownReferences(type, inputs), ...networkReferences(type, inputs)];
    }

    private ownReferences(type: string, inputs: Properties): readonly Reference[] {
        const project = String(inputs.project ?? this.config.project);
        switch (type) {
            // A policy goes with whatever rules are in it, but not while it is attached.
            case ASSOCIATION:
            case "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule":
                return [
                    {
                        type: FIREWALL_POLICY,
                        or: JOINABLE_POLICY,
                        id: this.id(FIREWALL_POLICY, { project, name: inputs.firewallPolicy }, ""),
                        holds: type === ASSOCIATION,
                    },
                ];
            case "gcp:compute/routerNat:RouterNat": {
                const router = { type: "gcp:compute/router:Router", holds: true };
                const addresses = (inputs.natIps as readonly string[] | undefined) ?? [];
                return [
                    { ...router, id: this.id(router.type, { ...inputs, project, name: inputs.router }, "") },
                    ...addresses.map(address => ({
                        type: "gcp:compute/address:Address",
                        id: address.replace(/^https:\/\/www\.googleapis\.com\/compute\/v1\//, ""),
                        holds: true,
                    })),
                ];
            }
            case "gcp:container/nodePool:NodePool":
                return serviceAccounts(project, (inputs.nodeConfig as Properties | undefined)?.serviceAccount);
            case "gcp:dns/recordSet:RecordSet":
                return [{ type: ZONE, id: this.id(ZONE, { project, name: inputs.managedZone }, ""), holds: true }];
            case "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember":
                return [
                    {
                        type: REPOSITORY,
                        id: this.id(REPOSITORY, { ...inputs, project, repositoryId: inputs.repository }, ""),
                        holds: false,
                    },
                    ...serviceAccounts(project, String(inputs.member).replace(/^serviceAccount:/, "")),
                ];
            case "gcp:projects/iAMMember:IAMMember":
            case "gcp:serviceaccount/iAMMember:IAMMember":
                return serviceAccounts(project, String(inputs.member).replace(/^serviceAccount:/, ""));
            default:
                return [];
        }
    }

    /** A network takes one global firewall policy. */
    conflict(type: string, { attachmentTarget }: Properties, objects: readonly CloudObject[]): string | undefined {
        const attached = objects.find(
            object =>
                type === ASSOCIATION && object.type === type && object.inputs.attachmentTarget === attachmentTarget,
        );
        return attached && `${String(attachmentTarget)} is already associated, with ${attached.id}`;
    }

    invoke(token: string, args: Properties, objects: () => readonly CloudObject[]): Properties {
        const project = args.project ?? this.config.project;
        switch (token) {
            case "gcp:container/getCluster:getCluster": {
                const location = args.location ?? this.config.region;
                const id = `projects/${project}/locations/${location}/clusters/${args.name}`;
                const created = objects().find(object => object.type === CLUSTER && object.id === id);
                return {
                    ...this.ownOutputs(CLUSTER, args, id),
                    ...created?.outputs,
                    id,
                    name: args.name,
                    location,
                    project,
                    controlPlaneEndpointsConfigs: [
                        {
                            dnsEndpointConfigs: [
                                { endpoint: "gke-test.europe-west1.gke.goog", allowExternalTraffic: false },
                            ],
                            ipEndpointsConfigs: [{ enabled: true }],
                        },
                    ],
                    masterAuths: [{ clusterCaCertificate: CA_CERTIFICATE, clientCertificate: "", clientKey: "" }],
                };
            }
            case "gcp:compute/getAddress:getAddress": {
                const id = `projects/${project}/regions/${args.region ?? this.config.region}/addresses/${args.name}`;
                return { id, name: args.name, ...this.ownOutputs("gcp:compute/address:Address", {}, id) };
            }
            case "gcp:organizations/getClientConfig:getClientConfig":
                return { id: "client", project, region: this.config.region ?? "", zone: "", accessToken: ACCESS_TOKEN };
            case "gcp:organizations/getProject:getProject":
                return { id: `projects/${project}`, projectId: project, name: project, number: "123456789012" };
            default:
                throw new Error(`no answer is known for ${token}; add what Google would say to ${__filename}`);
        }
    }
}

/** What must never stand in a plan or a state in plain text. */
const ACCESS_TOKEN = "ya29.a-token-that-must-not-leak";
/** A certificate is public, but it is recognisable in whatever holds a kubeconfig. */
export const CA_CERTIFICATE = Buffer.from("-----BEGIN CERTIFICATE-----\nof the test cluster\n").toString("base64");

function isGenerated(inputs: Properties): boolean {
    return ((inputs[DEFAULTS] ?? []) as readonly string[]).includes("name");
}

/** A project's own accounts only: Google's and other projects' exist without us. */
function serviceAccounts(project: string, email: unknown): Reference[] {
    return typeof email === "string" && email.endsWith(`@${project}.iam.gserviceaccount.com`)
        ? [
              {
                  type: "gcp:serviceaccount/account:Account",
                  id: `projects/${project}/serviceAccounts/${email}`,
                  holds: false,
              },
          ]
        : [];
}

/**
 * What stands in a network holds it, whichever stack made it: Google refuses to delete a network or a subnet that is in use.
 * They are written as paths by all programs here; a network that no stack of the test made is somebody else's.
 */
function networkReferences(type: string, inputs: Properties): Reference[] {
    const { networkConfig, ipAllocationPolicy, subnetworks, network, subnetwork } = inputs as {
        readonly networkConfig?: { readonly subnetwork?: string };
        readonly ipAllocationPolicy?: {
            readonly additionalIpRangesConfigs?: readonly { readonly subnetwork: string }[];
        };
        readonly subnetworks?: readonly { readonly name: string }[];
        readonly network?: string;
        readonly subnetwork?: string;
    };
    const held = (heldType: string, id: string | undefined): Reference[] =>
        id === undefined ? [] : [{ type: heldType, id, holds: true, foreign: true }];
    switch (type) {
        case SUBNETWORK:
        case "gcp:compute/firewall:Firewall":
        case "gcp:compute/route:Route":
        case "gcp:compute/router:Router":
            return held(NETWORK, network);
        case CLUSTER:
            return [
                ...held(NETWORK, network),
                ...held(SUBNETWORK, subnetwork),
                ...(ipAllocationPolicy?.additionalIpRangesConfigs ?? []).flatMap(range =>
                    held(SUBNETWORK, range.subnetwork),
                ),
            ];
        case "gcp:container/nodePool:NodePool":
            return held(SUBNETWORK, networkConfig?.subnetwork);
        case "gcp:compute/routerNat:RouterNat":
            return (subnetworks ?? []).flatMap(({ name }) => held(SUBNETWORK, name));
        default:
            return [];
    }
}

/** Google takes a name, an id or a self link wherever it takes a reference. */
function lastSegment(value: unknown, field: string): string {
    if (value === undefined) {
        throw new Error(`expected an input "${field}", or a provider configured with one`);
    }
    return field === "role" || field === "serviceAccountId" ? String(value) : String(value).split("/").at(-1)!;
}

function hash(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
