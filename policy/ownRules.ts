import { type RuleInfo } from "./rule";

/** Its entry in a pack's configuration holds the settings of all rules. */
export const SETTINGS_RULE: RuleInfo = {
    name: "pack-settings",
    concern: "pack",
    severity: "high",
    enforcement: "mandatory",
    description: "The pack's own settings and waivers exist, say why, and leave the rules on.",
    stops: "A key or a rule that does not exist, a waiver that says nothing, a value that switches a rule off for nobody knows how long.",
    remedy: "Correct the file given with --policy-pack-config.",
};

/** Print the waivers that were used. */
export const WAIVERS_RULES: Readonly<Record<"resource" | "stack", RuleInfo>> = {
    resource: {
        name: "waived",
        concern: "pack",
        severity: "low",
        enforcement: "advisory",
        description: "Findings on resources that a waiver lets pass.",
        stops: "Nothing: it prints what other rules would have refused, and why they did not.",
        remedy: "Remove the waiver when its reason has gone.",
    },
    stack: {
        name: "waived-in-stack",
        concern: "pack",
        severity: "low",
        enforcement: "advisory",
        description: "Findings on the stack that a waiver lets pass.",
        stops: "Nothing: it prints what other rules would have refused, and why they did not.",
        remedy: "Remove the waiver when its reason has gone.",
    },
};

/** Names that came too late, or that contradict each other. */
export const NAMES_RULE: RuleInfo = {
    name: "gateway-names",
    concern: "pack",
    severity: "high",
    enforcement: "mandatory",
    description: "Every resource is judged by the names that the gateway's components register.",
    stops: "A resource that is registered before the components are, or a stack with two gateways of different names.",
    remedy: "Register it after the gateway's components, and correct what is found.",
};

/** Prints what was not judged, since nothing names a gateway. */
export const UNNAMED_RULE: RuleInfo = {
    name: "gateway-unnamed",
    concern: "pack",
    severity: "low",
    enforcement: "advisory",
    description: "Something names the gateway that this stack lives beside.",
    stops: "Nothing: it prints which rules had nothing to protect, because neither the stack nor the pack's settings name a gateway.",
    remedy: "Where there is one, name it in pack-settings, for example with gatewaySubnets and clientNamespaces.",
};

/** What the pack says about itself, beside its rules. */
export const PACK_RULES: readonly (RuleInfo & { readonly judges: "resource" | "stack" })[] = [
    { ...SETTINGS_RULE, judges: "resource" },
    { ...WAIVERS_RULES.resource, judges: "resource" },
    { ...WAIVERS_RULES.stack, judges: "stack" },
    { ...NAMES_RULE, judges: "stack" },
    { ...UNNAMED_RULE, judges: "stack" },
];
