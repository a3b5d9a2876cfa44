import { type ComponentType } from "./component";
import { listOf, objectOf, oneOf, optional, text, wholeNumber } from "./fact";
import { type EgressSubnet } from "./platform";

export interface PerimeterInputs {
    /** `projects/…/global/networks/…` */
    readonly network: string;
    readonly mode: "enforce" | "observe";
    /** `cluster`: denies for the cluster's own nodes only, because others share the network. */
    readonly scope: "network" | "cluster";
    /** Address of the service account that the firewall lets out. */
    readonly gatewayNodeAccount: string;
    /** Address of the account that nodes had before a change, which the firewall lets out until they are gone. */
    readonly retiringNodeAccount?: string;
    /** The network tag that the default route is for. */
    readonly networkTag: string;
    /** Subnets that NAT and the firewall serve: that of the nodes first, then the one that a change leaves. */
    readonly gatewaySubnets: readonly EgressSubnet[];
    /** NAT addresses of the stack's own that new connections leave by. */
    readonly natAddresses: number;
    /** Its own with higher numbers, which only finish the connections that they have. */
    readonly drainingAddresses: number;
    /** Names of addresses that are somebody else's, and that new connections leave by. */
    readonly reservedAddresses?: readonly string[];
    /** Those of them that only finish the connections that they have. */
    readonly drainingReservedAddresses?: readonly string[];
}

export const PERIMETER: ComponentType<PerimeterInputs> = {
    type: "egress-gateway:perimeter:Perimeter",
    inputs: {
        network: text,
        mode: oneOf("enforce", "observe"),
        scope: oneOf("network", "cluster"),
        gatewayNodeAccount: text,
        retiringNodeAccount: optional(text),
        networkTag: text,
        gatewaySubnets: listOf(objectOf<EgressSubnet>({ name: text, nodeCidr: text, podRange: text, podCidr: text })),
        natAddresses: wholeNumber,
        drainingAddresses: wholeNumber,
        reservedAddresses: optional(listOf(text)),
        drainingReservedAddresses: optional(listOf(text)),
    },
};
