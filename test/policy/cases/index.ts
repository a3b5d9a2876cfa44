import { type RuleCases } from "./case";
import { containmentCases } from "./containment";
import { governanceCases } from "./governance";
import { meshCases } from "./mesh";
import { exitsCases } from "./perimeter/exits";
import { firewallCases } from "./perimeter/firewall";
import { gatewayIdentityCases } from "./perimeter/gatewayIdentity";
import { machinesCases } from "./perimeter/machines";
import { workloadCases } from "./workloads";

/** What every rule of the pack has to say, by rule. */
export const CASES: readonly RuleCases[] = [
    ...exitsCases,
    ...firewallCases,
    ...machinesCases,
    ...gatewayIdentityCases,
    ...meshCases,
    ...workloadCases,
    ...governanceCases,
    ...containmentCases,
];
