import { type RuleCases } from "../case";
import { exitsCases } from "./exits";
import { firewallCases } from "./firewall";
import { gatewayIdentityCases } from "./gatewayIdentity";
import { machinesCases } from "./machines";

export const perimeterCases: readonly RuleCases[] = [
    ...exitsCases,
    ...firewallCases,
    ...machinesCases,
    ...gatewayIdentityCases,
];
