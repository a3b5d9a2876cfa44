import { type AddressRange } from "../kernel/address";
import { type Resource } from "../resource";
import { type FirewallOrder, firewallOrder } from "./firewallOrder";
import { Inputs, known, knownOf, NOT_KNOWN, type WorldProblem } from "./inputs";
import { parseReference, type Reference } from "./references";

export const PLATFORM = "egress-gateway:platform:Platform";
export const PERIMETER = "egress-gateway:perimeter:Perimeter";

/**
 * What a stack relies on and does not own, as the component that carries it registered it. It stands in for the network, the
 * subnets, the cluster and its application nodes as long as their own resources are not given.
 */
export interface PlatformFacts {
    readonly resource: string;
    readonly network: Reference;
    readonly firewallOrder: FirewallOrder;
    readonly cluster: {
        readonly reference: Reference;
        readonly nodes: readonly AddressRange[];
        readonly pods: readonly AddressRange[];
        readonly controlPlane?: AddressRange;
        /** Empty: not said. */
        readonly nodeServiceAccounts: readonly string[];
        /** `undefined` when nothing says it; pods are then judged both ways. */
        readonly snat: boolean | undefined;
    };
    /** The gateway's own subnet, where there is one. */
    readonly subnets: readonly {
        readonly reference: Reference;
        readonly name: string;
        readonly primary?: AddressRange;
        readonly secondary: ReadonlyMap<string, AddressRange | undefined>;
    }[];
}

/** The platform with a Google network that the resources declare; a cluster without one has no network to judge. */
export function platformOf(resources: readonly Resource[], problems: WorldProblem[]): PlatformFacts | undefined {
    const [resource, ...others] = resources.filter(
        ({ type, inputs }) => type === PLATFORM && inputs["kind"] !== "kubernetes",
    );
    if (resource === undefined) {
        return undefined;
    }
    if (others.length > 0) {
        problems.push({
            resource: others[0]!.urn,
            path: "",
            reason: `got a second platform besides ${resource.urn}, expected the resources of one stack and its platform`,
        });
    }
    const inputs = Inputs.of(resource, problems);
    const text = (key: string): string | undefined => known(inputs.name(key));
    const required = (key: string): string => {
        const value = text(key);
        if (value === undefined) {
            inputs.refuse(key, "is absent or not known before up, expected a value: the proof cannot stand on less");
        }
        return value ?? "";
    };
    const project = text("project");
    const region = text("region");
    const place = { ...(project === undefined ? {} : { project }) };
    const order = required("firewallOrder");
    const snat = inputs.flag("cluster.defaultSnat");
    const controlPlane = known(inputs.range("cluster.controlPlaneCidr"));
    const egress = text("egressSubnet.name");
    const egressPrimary = known(inputs.range("egressSubnet.nodeCidr"));
    const podRange = text("egressSubnet.podRange");
    return {
        resource: resource.urn,
        network: { ...place, ...parseReference(required("network")) },
        firewallOrder: firewallOrder(inputs, "firewallOrder", order === "" ? undefined : order),
        cluster: {
            reference: {
                ...place,
                ...(text("cluster.location") === undefined ? {} : { location: text("cluster.location")! }),
                name: required("cluster.name"),
            },
            nodes: knownOf(inputs.ranges("cluster.nodeCidrs")),
            pods: knownOf(inputs.ranges("cluster.podCidrs")),
            ...(controlPlane === undefined ? {} : { controlPlane }),
            nodeServiceAccounts: knownOf(inputs.texts("cluster.nodeServiceAccounts")),
            snat: snat === NOT_KNOWN ? undefined : snat,
        },
        subnets:
            egress === undefined
                ? []
                : [
                      {
                          reference: {
                              ...place,
                              ...(region === undefined ? {} : { location: region }),
                              ...parseReference(egress),
                          },
                          name: parseReference(egress).name,
                          ...(egressPrimary === undefined ? {} : { primary: egressPrimary }),
                          secondary: new Map(
                              podRange === undefined ? [] : [[podRange, known(inputs.range("egressSubnet.podCidr"))]],
                          ),
                      },
                  ],
    };
}

/** The VPC networks whose perimeter was told to deny for the cluster's own nodes only, because others share the network. */
export function sharedNetworks(resources: readonly Resource[]): readonly Reference[] {
    return resources.flatMap(({ type, inputs }) =>
        type === PERIMETER && inputs["scope"] === "cluster" && typeof inputs["network"] === "string"
            ? [parseReference(inputs["network"])]
            : [],
    );
}
