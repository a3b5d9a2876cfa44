import { isDeepStrictEqual } from "node:util";
import { type Problem } from "../base/problem";
import { PERIMETER } from "../declared/perimeter";
import { cuts } from "../declared/perimeterChange";
import { type PlannedResource } from "./registrations";

/** A resource that an `up` deletes and makes anew, because one of its inputs cannot be changed in place. */
export interface Replacement {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** The inputs that changed, for example `nodeConfig.serviceAccount`. */
    readonly inputs: readonly string[];
    /** What the replacement means for the way out; absent where nothing leaves through the resource. */
    readonly wayOut?: string;
}

interface ReplacedType {
    /** Inputs, with dots between the levels, whose change replaces the resource. */
    readonly replacing: readonly string[];
    /** Inputs, at the first level, that are changed in place, wholly or but for what `replacing` names of them. */
    readonly inPlace: readonly string[];
    readonly wayOut?: string;
}

const NO_ROUTE = "gateway nodes have no route to the internet until the new one is there";

/**
 * The types that this project registers. Source: `ForceNew` in the schemas of Google's provider 7.45 (google-beta), which the
 * npm package does not carry; a test asks for every planned input to be placed here.
 */
export const REPLACED_TYPES: Readonly<Record<string, ReplacedType>> = {
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": {
        replacing: ["location", "member", "project", "repository", "role"],
        inPlace: [],
    },
    "gcp:compute/address:Address": {
        replacing: ["addressType", "description", "name", "networkTier", "project", "region"],
        inPlace: [],
        wayOut: "the public address is given up, and partners have it on their lists",
    },
    "gcp:compute/firewall:Firewall": {
        replacing: ["direction", "name", "network", "project"],
        inPlace: ["denies", "description", "destinationRanges", "logConfig", "priority"],
    },
    "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy": {
        replacing: ["name", "project"],
        inPlace: ["description"],
        wayOut: "the network is without its firewall policy in between",
    },
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule": {
        replacing: ["firewallPolicy", "priority", "project"],
        inPlace: ["action", "description", "direction", "enableLogging", "match", "ruleName", "targetServiceAccounts"],
        wayOut: "what the rule decides is open to the rules behind it in between",
    },
    "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation": {
        replacing: ["attachmentTarget", "firewallPolicy", "name", "project"],
        inPlace: [],
        wayOut: "the network is without its firewall policy in between",
    },
    "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules": {
        replacing: ["name", "project"],
        inPlace: ["description", "rules"],
        wayOut: "the network is without its firewall policy in between",
    },
    "gcp:compute/route:Route": {
        replacing: ["description", "destRange", "name", "network", "nextHopGateway", "priority", "project", "tags"],
        inPlace: [],
        wayOut: NO_ROUTE,
    },
    "gcp:compute/router:Router": {
        replacing: ["name", "network", "project", "region"],
        inPlace: [],
        wayOut: "gateway nodes have no NAT until the new router has one",
    },
    "gcp:compute/routerNat:RouterNat": {
        replacing: ["endpointTypes", "name", "project", "region", "router"],
        inPlace: [
            "drainNatIps",
            "enableDynamicPortAllocation",
            "enableEndpointIndependentMapping",
            "logConfig",
            "maxPortsPerVm",
            "minPortsPerVm",
            "natIpAllocateOption",
            "natIps",
            "sourceSubnetworkIpRangesToNat",
            "subnetworks",
            "tcpEstablishedIdleTimeoutSec",
        ],
        wayOut: "gateway nodes have no NAT until the new one is there",
    },
    "gcp:container/nodePool:NodePool": {
        replacing: [
            "cluster",
            "initialNodeCount",
            "location",
            "maxPodsPerNode",
            "networkConfig.createPodRange",
            "networkConfig.podRange",
            "networkConfig.subnetwork",
            "nodeConfig.oauthScopes",
            "nodeConfig.serviceAccount",
            "nodeConfig.shieldedInstanceConfig",
            "nodeConfig.spot",
            "project",
        ],
        inPlace: ["autoscaling", "management", "networkConfig", "nodeConfig", "nodeLocations", "upgradeSettings"],
        wayOut: "a new pool is made before the old one goes; connections of the old nodes end with them",
    },
    "gcp:monitoring/alertPolicy:AlertPolicy": {
        replacing: ["project"],
        inPlace: [
            "alertStrategy",
            "combiner",
            "conditions",
            "displayName",
            "documentation",
            "notificationChannels",
            "severity",
        ],
    },
    "gcp:projects/iAMMember:IAMMember": { replacing: ["member", "project", "role"], inPlace: [] },
    "gcp:serviceaccount/account:Account": {
        replacing: ["accountId", "project"],
        inPlace: ["description", "displayName"],
    },
};

/** What an `up` from one plan to the other replaces, by URN. Resources that are only on one side are not replaced. */
export function replacements(
    before: readonly Pick<PlannedResource, "urn" | "inputs">[],
    after: readonly Pick<PlannedResource, "urn" | "type" | "name" | "inputs" | "ignoreChanges">[],
): Replacement[] {
    const earlier = new Map(before.map(resource => [resource.urn, resource.inputs]));
    return after.flatMap(({ urn, type, name, inputs, ignoreChanges = [] }): Replacement[] => {
        const was = earlier.get(urn);
        const known = REPLACED_TYPES[type];
        if (was === undefined || known === undefined) {
            return [];
        }
        const changed = known.replacing.filter(
            path => !ignoreChanges.includes(path) && !isDeepStrictEqual(at(was, path), at(inputs, path)),
        );
        return changed.length === 0
            ? []
            : [
                  {
                      urn,
                      type,
                      name,
                      inputs: changed,
                      ...(known.wayOut === undefined ? {} : { wayOut: known.wayOut }),
                  },
              ];
    });
}

/** What an `up` from one plan to the other refuses, because nodes that are still there would lose their way out. */
export function refusals(
    before: readonly Pick<PlannedResource, "urn" | "type" | "inputs">[],
    after: readonly Pick<PlannedResource, "urn" | "type" | "inputs">[],
): Problem[] {
    return after
        .filter(({ type }) => type === PERIMETER.type)
        .flatMap(({ urn, inputs }) => {
            const was = before.find(resource => resource.urn === urn);
            return was === undefined ? [] : cuts(was.inputs, inputs);
        });
}

/** The value at a path such as `nodeConfig.serviceAccount`. */
export function at(inputs: Readonly<Record<string, unknown>>, path: string): unknown {
    return path
        .split(".")
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], inputs);
}
