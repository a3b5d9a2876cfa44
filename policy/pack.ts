import { containmentRules } from "./containment";
import { type RuleFactory, rulesWith } from "./configuration";
import { policies, type PackPolicy } from "./crossguard";
import { governanceRules } from "./governance";
import { meshRules } from "./mesh";
import { PACK_RULES } from "./ownRules";
import { perimeterRules } from "./perimeter";
import { type RuleInfo } from "./rule";
import { workloadRules } from "./workloads";

/** One module a concern. */
const FACTORIES: readonly RuleFactory[] = [
    perimeterRules,
    meshRules,
    workloadRules,
    settings => governanceRules(settings),
    containmentRules,
];

/** What the pack consists of, for `index.ts`, the tests and `npm run policies`. */
export function packPolicies(): PackPolicy[] {
    return policies(FACTORIES);
}

export function packRules(): readonly (RuleInfo & { readonly scope: "resource" | "stack" | "pack" })[] {
    return [...rulesWith(FACTORIES), ...PACK_RULES.map(rule => ({ ...rule, scope: "pack" as const }))];
}
