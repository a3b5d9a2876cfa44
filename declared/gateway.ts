import { type ComponentType } from "./component";
import { mapOf, optional, text } from "./fact";

export interface GatewayNamespaceInputs {
    readonly namespace: string;
    /** Its gateway's name; absent: `default`. */
    readonly gateway?: string;
}

export const GATEWAY_NAMESPACE: ComponentType<GatewayNamespaceInputs> = {
    type: "egress-gateway:gateway:GatewayNamespace",
    inputs: { namespace: text, gateway: optional(text) },
};

export interface GatewayInputs {
    readonly namespace: string;
    /** Kubernetes service account of the gateway's pods. */
    readonly serviceAccount: string;
    readonly podLabels: Readonly<Record<string, string>>;
    /** Label and taint key of the nodes that the pods run on, and the value of both. */
    readonly nodeKey: string;
    readonly nodeValue: string;
    /** Its name; absent: `default`. */
    readonly gateway?: string;
}

export const GATEWAY: ComponentType<GatewayInputs> = {
    type: "egress-gateway:gateway:Gateway",
    inputs: {
        namespace: text,
        serviceAccount: text,
        podLabels: mapOf(text),
        nodeKey: text,
        nodeValue: text,
        gateway: optional(text),
    },
};
