import { type ComponentType } from "./component";
import { flag, listOf, mapOf, objectOf, oneOf, optional, text } from "./fact";

/** What the stack relies on and does not own. Without a Google network around the cluster only `kind` and `cluster` are there. */
export interface PlatformInputs {
    readonly kind: "gke" | "kubernetes";
    readonly project?: string | undefined;
    readonly region?: string | undefined;
    readonly network?: string | undefined;
    /** Where the network and its subnets are; absent: in `project`. */
    readonly networkProject?: string | undefined;
    readonly firewallOrder?: "BEFORE_CLASSIC_FIREWALL" | "AFTER_CLASSIC_FIREWALL" | undefined;
    readonly cluster: {
        readonly name: string;
        readonly location?: string | undefined;
        readonly nodeCidrs: readonly string[];
        readonly podCidrs: readonly string[];
        readonly controlPlaneCidr: string;
        readonly nodeServiceAccounts?: readonly string[] | undefined;
        readonly defaultSnat?: boolean | undefined;
        readonly dns: "kube-dns" | "node-local-dns" | "cloud-dns";
    };
    readonly egressSubnet?: EgressSubnet | undefined;
    /** Those of further gateways, by name. */
    readonly egressSubnets?: Readonly<Record<string, EgressSubnet>> | undefined;
    /** What `egressSubnet` was before a change: gateway nodes are still in it, or in its range for pods. */
    readonly retiringEgressSubnet?: EgressSubnet | undefined;
    /** The same of further gateways, by name. */
    readonly retiringEgressSubnets?: Readonly<Record<string, EgressSubnet>> | undefined;
}

/** A subnet of gateway nodes. */
export interface EgressSubnet {
    readonly name: string;
    readonly nodeCidr: string;
    /** Name of the secondary range of the pods. */
    readonly podRange: string;
    readonly podCidr: string;
}

/** The subnet as the component registers it. */
const subnet = objectOf<EgressSubnet>({ name: text, nodeCidr: text, podRange: text, podCidr: text });

export const PLATFORM: ComponentType<PlatformInputs> = {
    type: "egress-gateway:platform:Platform",
    inputs: {
        kind: oneOf("gke", "kubernetes"),
        project: optional(text),
        region: optional(text),
        network: optional(text),
        networkProject: optional(text),
        firewallOrder: optional(oneOf("BEFORE_CLASSIC_FIREWALL", "AFTER_CLASSIC_FIREWALL")),
        cluster: objectOf({
            name: text,
            location: optional(text),
            nodeCidrs: listOf(text),
            podCidrs: listOf(text),
            controlPlaneCidr: text,
            nodeServiceAccounts: optional(listOf(text)),
            defaultSnat: optional(flag),
            dns: oneOf("kube-dns", "node-local-dns", "cloud-dns"),
        }),
        egressSubnet: optional(subnet),
        egressSubnets: optional(mapOf(subnet)),
        retiringEgressSubnet: optional(subnet),
        retiringEgressSubnets: optional(mapOf(subnet)),
    },
};
