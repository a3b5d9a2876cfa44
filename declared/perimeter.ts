import { type ComponentType } from "./component";
import { flag, listOf, objectOf, oneOf, optional, text, wholeNumber } from "./fact";
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
    /** Stacks of further clusters may add rules to the firewall policy, each in a band of its own. */
    readonly shared?: boolean;
    /** The perimeter of another stack, in whose firewall policy this one's rules stand. */
    readonly joined?: JoinedPerimeter;
}

export interface JoinedPerimeter {
    /** `organization/<project>/<stack>` */
    readonly stack: string;
    /** Project of the policy, and its name. */
    readonly project: string;
    readonly policy: string;
    readonly network: string;
    readonly mode: "enforce" | "observe";
    /** Whose it is: `projects/…/locations/…/clusters/…` */
    readonly cluster: string;
    readonly band: number;
}

/** What one further gateway has in the network for itself: NAT with its addresses, and the default route of its nodes' tag. */
export interface GatewayExitInputs extends Pick<
    PerimeterInputs,
    | "network"
    | "gatewayNodeAccount"
    | "retiringNodeAccount"
    | "networkTag"
    | "gatewaySubnets"
    | "natAddresses"
    | "drainingAddresses"
    | "reservedAddresses"
    | "drainingReservedAddresses"
> {
    /** Its name; that of `default` is part of the perimeter. */
    readonly gateway: string;
}

const gatewayExit = {
    network: text,
    gatewayNodeAccount: text,
    retiringNodeAccount: optional(text),
    networkTag: text,
    gatewaySubnets: listOf(objectOf<EgressSubnet>({ name: text, nodeCidr: text, podRange: text, podCidr: text })),
    natAddresses: wholeNumber,
    drainingAddresses: wholeNumber,
    reservedAddresses: optional(listOf(text)),
    drainingReservedAddresses: optional(listOf(text)),
} satisfies ComponentType<Omit<GatewayExitInputs, "gateway">>["inputs"];

export const GATEWAY_EXIT: ComponentType<GatewayExitInputs> = {
    type: "egress-gateway:perimeter:GatewayExit",
    inputs: { gateway: text, ...gatewayExit },
};

export const PERIMETER: ComponentType<PerimeterInputs> = {
    type: "egress-gateway:perimeter:Perimeter",
    inputs: {
        mode: oneOf("enforce", "observe"),
        scope: oneOf("network", "cluster"),
        ...gatewayExit,
        shared: optional(flag),
        joined: optional(
            objectOf<JoinedPerimeter>({
                stack: text,
                project: text,
                policy: text,
                network: text,
                mode: oneOf("enforce", "observe"),
                cluster: text,
                band: wholeNumber,
            }),
        ),
    },
};
