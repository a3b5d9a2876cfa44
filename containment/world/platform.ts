import { registeredAs } from "../../declared/component";
import { PERIMETER } from "../../declared/perimeter";
import { PLATFORM } from "../../declared/platform";
import { type AddressRange } from "../kernel/address";
import { type Resource } from "../resource";
import { type FirewallOrder, firewallOrder } from "./firewallPolicies";
import { Inputs, known, knownOf, NOT_KNOWN, type WorldProblem } from "./inputs";
import { parseReference, type Reference } from "./references";

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
        ({ type, inputs }) => type === PLATFORM.type && inputs["kind"] !== "kubernetes",
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
    // A shared VPC's network is its host project's.
    const networkProject = text("networkProject") ?? project;
    const networkPlace = networkProject === undefined ? {} : { project: networkProject };
    const order = required("firewallOrder");
    const snat = inputs.flag("cluster.defaultSnat");
    const controlPlane = known(inputs.range("cluster.controlPlaneCidr"));
    return {
        resource: resource.urn,
        network: { ...networkPlace, ...parseReference(required("network")) },
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
        subnets: egressSubnets(inputs, { ...networkPlace, ...(region === undefined ? {} : { location: region }) }),
    };
}

/** The subnets of gateways, and those that a change leaves; two ranges for pods may be of one subnet. */
function egressSubnets(inputs: Inputs, place: Pick<Reference, "project" | "location">): PlatformFacts["subnets"] {
    const subnets = new Map<string, PlatformFacts["subnets"][number]>();
    const further = ["egressSubnets", "retiringEgressSubnets"].flatMap(key =>
        keysOf(inputs, key).map(gateway => `${key}.${gateway}`),
    );
    for (const key of ["egressSubnet", "retiringEgressSubnet", ...further]) {
        const name = known(inputs.name(`${key}.name`));
        if (name === undefined) {
            continue;
        }
        const primary = known(inputs.range(`${key}.nodeCidr`));
        const podRange = known(inputs.name(`${key}.podRange`));
        const reference = { ...place, ...parseReference(name) };
        const earlier = subnets.get(reference.name);
        subnets.set(reference.name, {
            reference,
            name: reference.name,
            ...(primary === undefined ? {} : { primary }),
            ...earlier,
            secondary: new Map([
                ...(earlier?.secondary ?? []),
                ...(podRange === undefined ? [] : [[podRange, known(inputs.range(`${key}.podCidr`))] as const]),
            ]),
        });
    }
    return [...subnets.values()];
}

function keysOf(inputs: Inputs, key: string): string[] {
    const entries = inputs.map(key);
    return entries === undefined || entries === NOT_KNOWN ? [] : [...entries.keys()];
}

/** The VPC networks whose perimeter was told to deny for the cluster's own nodes only, because others share the network. */
export function sharedNetworks(resources: readonly Resource[]): readonly Reference[] {
    return registeredAs(PERIMETER, resources).flatMap(perimeter => {
        const fact = perimeter.readAll("scope", "network");
        return fact.known && fact.value.scope === "cluster" ? [parseReference(fact.value.network)] : [];
    });
}
