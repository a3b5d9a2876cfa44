import { type RuleCases } from "./case";
import { containmentCases } from "./containment";
import { governanceCases } from "./governance";
import { meshCases } from "./mesh";
import { perimeterCases } from "./perimeter";
import { workloadCases } from "./workloads";

/** What every rule of the pack has to say, by rule. */
export const CASES: readonly RuleCases[] = [
    ...perimeterCases,
    ...meshCases,
    ...workloadCases,
    ...governanceCases,
    ...containmentCases,
];
