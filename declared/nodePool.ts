import { type ComponentType } from "./component";
import { optional, text } from "./fact";

export interface GatewayNodeIdentityInputs {
    /** Address of the service account that gateway nodes run as. */
    readonly account: string;
}

export const GATEWAY_NODE_IDENTITY: ComponentType<GatewayNodeIdentityInputs> = {
    type: "egress-gateway:node-pool:GatewayNodeIdentity",
    inputs: { account: text },
};

export interface GatewayNodePoolInputs {
    /** Label and taint key of gateway nodes, and the value of both. */
    readonly nodeKey: string;
    readonly nodeValue: string;
    /** Address of the service account that gateway nodes run as. */
    readonly nodeAccount: string;
    /** Address of the account that nodes had before a change: until they are gone it has the same way out. */
    readonly retiringNodeAccount?: string;
    readonly networkTag: string;
    /** Its gateway's name; absent: `default`. */
    readonly gateway?: string;
}

export const GATEWAY_NODE_POOL: ComponentType<GatewayNodePoolInputs> = {
    type: "egress-gateway:node-pool:GatewayNodePool",
    inputs: {
        nodeKey: text,
        nodeValue: text,
        nodeAccount: text,
        retiringNodeAccount: optional(text),
        networkTag: text,
        gateway: optional(text),
    },
};
