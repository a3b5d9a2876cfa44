import { clientPolicies, type ClientPolicySettings } from "./clientPolicies";
import { gatewayPolicies, type GatewayPolicySettings } from "./gatewayPolicies";
import { type NetworkPolicy } from "./networkPolicy";

/** All network policies of the stack. */
export function compileNetworkPolicies(settings: GatewayPolicySettings & ClientPolicySettings): NetworkPolicy[] {
    return [...gatewayPolicies(settings), ...clientPolicies(settings)];
}
