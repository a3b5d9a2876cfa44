import { type ComponentType } from "./component";
import { mapOf, text } from "./fact";

export interface GatewayNamespaceInputs {
    readonly namespace: string;
}

export const GATEWAY_NAMESPACE: ComponentType<GatewayNamespaceInputs> = {
    type: "egress-gateway:gateway:GatewayNamespace",
    inputs: { namespace: text },
};

export interface GatewayInputs {
    readonly namespace: string;
    /** Kubernetes service account of the gateway's pods. */
    readonly serviceAccount: string;
    readonly podLabels: Readonly<Record<string, string>>;
    /** Label and taint key of the nodes that the pods run on, and the value of both. */
    readonly nodeKey: string;
    readonly nodeValue: string;
}

export const GATEWAY: ComponentType<GatewayInputs> = {
    type: "egress-gateway:gateway:Gateway",
    inputs: { namespace: text, serviceAccount: text, podLabels: mapOf(text), nodeKey: text, nodeValue: text },
};
