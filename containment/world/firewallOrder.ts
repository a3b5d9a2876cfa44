import { type Inputs } from "./inputs";

/** Whether classic rules are asked before a network's firewall policies or after them. */
export type FirewallOrder = "BEFORE_CLASSIC_FIREWALL" | "AFTER_CLASSIC_FIREWALL";

/** Absent means Google's default (Cloud NGFW documentation, "Policy and rule evaluation order"); anything else is refused. */
export function firewallOrder(inputs: Inputs, key: string, given: string | undefined): FirewallOrder {
    if (given === undefined || given === "AFTER_CLASSIC_FIREWALL" || given === "BEFORE_CLASSIC_FIREWALL") {
        return given ?? "AFTER_CLASSIC_FIREWALL";
    }
    inputs.refuse(key, `got "${given}", expected AFTER_CLASSIC_FIREWALL or BEFORE_CLASSIC_FIREWALL`);
    return "AFTER_CLASSIC_FIREWALL";
}
