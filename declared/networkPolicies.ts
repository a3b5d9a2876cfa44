import { type ComponentType } from "./component";
import { listOf, text } from "./fact";

export interface NetworkPoliciesInputs {
    readonly namespaces: readonly string[];
}

export const NETWORK_POLICIES: ComponentType<NetworkPoliciesInputs> = {
    type: "egress-gateway:network-policies:NetworkPolicies",
    inputs: { namespaces: listOf(text) },
};
