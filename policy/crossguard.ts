import {
    type PolicyResource,
    type ResourceValidationArgs,
    type ResourceValidationPolicy,
    type StackValidationPolicy,
} from "@pulumi/policy";
import { type Resource } from "../containment/resource";
import { resourceOf } from "./properties";
import { type Finding, messageOf, pageOf, type Rule, type RuleInfo } from "./rule";
import { DEFAULT_SETTINGS, fits, type PackSettings, SETTINGS_SCHEMA, settingsProblems, type Waiver } from "./settings";

export type Policy = ResourceValidationPolicy | StackValidationPolicy;

export type RuleFactory = (settings: PackSettings) => readonly Rule[];

/** Name of the entry in a pack's configuration that holds the settings of all rules. */
export const SETTINGS_POLICY = "pack-settings";
/** Prints the waivers that were used. */
export const WAIVERS_POLICY = "waived";

/**
 * The rules as policies of a pack.
 *
 * CrossGuard configures every policy on its own, and the settings are the same for all. The first policy takes them from its
 * configuration and hands them on: the SDK runs the policies of a pack in order for each resource. It also keeps the inputs of
 * every resource for the stack rules, which the engine otherwise shows the outputs only, and those of a component are not its
 * inputs.
 *
 * @param factories called with the settings; what they return may differ in judgement, never in names
 */
export function policies(factories: readonly RuleFactory[]): Policy[] {
    const pack = new Pack(factories);
    return [
        pack.settingsPolicy(),
        ...pack.rules.map(rule => pack.policy(rule)),
        pack.waiversPolicy("resource"),
        pack.waiversPolicy("stack"),
    ];
}

/** All rules with these settings. */
export function rulesWith(factories: readonly RuleFactory[], settings: PackSettings = DEFAULT_SETTINGS): Rule[] {
    return factories.flatMap(factory => factory(settings));
}

const SETTINGS_RULE: RuleInfo = {
    name: SETTINGS_POLICY,
    concern: "pack",
    severity: "high",
    enforcement: "mandatory",
    description: "The pack's own settings and waivers are complete.",
    stops: "A waiver that says nothing, or that names a rule which does not exist.",
    remedy: "Correct the file given with --policy-pack-config.",
};

const WAIVERS_RULES: Readonly<Record<"resource" | "stack", RuleInfo>> = {
    resource: {
        name: WAIVERS_POLICY,
        concern: "pack",
        severity: "low",
        enforcement: "advisory",
        description: "Findings on resources that a waiver lets pass.",
        stops: "Nothing: it prints what other rules would have refused, and why they did not.",
        remedy: "Remove the waiver when its reason has gone.",
    },
    stack: {
        name: `${WAIVERS_POLICY}-in-stack`,
        concern: "pack",
        severity: "low",
        enforcement: "advisory",
        description: "Findings on the stack that a waiver lets pass.",
        stops: "Nothing: it prints what other rules would have refused, and why they did not.",
        remedy: "Remove the waiver when its reason has gone.",
    },
};

/** What the pack says about itself, beside its rules. */
export const PACK_RULES: readonly RuleInfo[] = [SETTINGS_RULE, WAIVERS_RULES.resource, WAIVERS_RULES.stack];

class Pack {
    /** With the default settings: names and words do not depend on them. */
    readonly rules: readonly Rule[];
    private readonly names: ReadonlySet<string>;
    private readonly inputs = new Map<string, Resource>();
    private lastPlan: { readonly key: string; readonly plan: readonly Resource[] } = { key: "", plan: [] };
    private current: {
        readonly key: string;
        readonly settings: PackSettings;
        readonly rules: ReadonlyMap<string, Rule>;
    };

    constructor(private readonly factories: readonly RuleFactory[]) {
        this.rules = rulesWith(factories);
        this.names = new Set(this.rules.map(({ name }) => name));
        if (this.names.size < this.rules.length) {
            throw new Error(`two rules of one name among ${this.rules.map(({ name }) => name).join(", ")}`);
        }
        this.current = this.configured(DEFAULT_SETTINGS);
    }

    settingsPolicy(): ResourceValidationPolicy {
        return {
            ...said(SETTINGS_RULE),
            configSchema: SETTINGS_SCHEMA,
            validateResource: (args, report) => {
                const resource = resourceOf(args);
                this.inputs.set(resource.urn, resource);
                this.configure(args.getConfig<Partial<PackSettings>>());
                // Once for a stack: every stack has this one resource.
                if (args.type === "pulumi:pulumi:Stack") {
                    for (const problem of settingsProblems(this.current.settings, this.names)) {
                        report(messageOf({ found: problem }, SETTINGS_RULE));
                    }
                }
            },
        };
    }

    policy(rule: Rule): Policy {
        if (rule.scope === "resource") {
            return {
                ...said(rule),
                validateResource: (args, report) => {
                    for (const finding of this.judge(rule.name, args)) {
                        if (this.waiverOf(rule, args) === undefined) {
                            report(messageOf(finding, this.configuredRule(rule)));
                        }
                    }
                },
            };
        }
        return {
            ...said(rule),
            validateStack: (args, report) => {
                for (const finding of this.judgeStack(rule.name, args.resources)) {
                    const subject = this.subjectOf(finding, args.resources);
                    if (this.waiverOf(rule, subject) === undefined) {
                        report(messageOf(finding, this.configuredRule(rule)), finding.resource);
                    }
                }
            },
        };
    }

    waiversPolicy(scope: "resource" | "stack"): Policy {
        const info = said(WAIVERS_RULES[scope]);
        const rules = this.rules.filter(rule => rule.scope === scope);
        if (scope === "resource") {
            return {
                ...info,
                validateResource: (args, report) => {
                    for (const rule of this.current.settings.waivers.length === 0 ? [] : rules) {
                        const waiver = this.waiverOf(rule, args);
                        for (const finding of waiver === undefined ? [] : this.judge(rule.name, args)) {
                            report(waived(rule, waiver!, finding));
                        }
                    }
                },
            };
        }
        return {
            ...info,
            validateStack: (args, report) => {
                const names = new Set(this.current.settings.waivers.map(({ rule }) => rule));
                for (const rule of rules.filter(({ name }) => names.has(name))) {
                    for (const finding of this.judgeStack(rule.name, args.resources)) {
                        const waiver = this.waiverOf(rule, this.subjectOf(finding, args.resources));
                        if (waiver !== undefined) {
                            report(waived(rule, waiver, finding), finding.resource);
                        }
                    }
                }
            },
        };
    }

    /** What a rule says may name what it was configured with. */
    private configuredRule({ name }: Rule): Rule {
        return this.current.rules.get(name)!;
    }

    private configure(given: Partial<PackSettings>): void {
        const key = JSON.stringify(given);
        if (key !== this.current.key) {
            this.current = this.configured({ ...DEFAULT_SETTINGS, ...given }, key);
        }
    }

    private configured(settings: PackSettings, key = "{}"): typeof this.current {
        const rules = rulesWith(this.factories, settings);
        return { key, settings, rules: new Map(rules.map(rule => [rule.name, rule])) };
    }

    private judge(name: string, args: ResourceValidationArgs): readonly Finding[] {
        const rule = this.current.rules.get(name);
        if (rule?.scope !== "resource" || !rule.concerns(args.type)) {
            return [];
        }
        // The settings' policy has read the same properties for this request already.
        return rule.judge(this.inputs.get(args.urn) ?? resourceOf(args));
    }

    private judgeStack(name: string, resources: readonly PolicyResource[]): readonly Finding[] {
        const rule = this.current.rules.get(name);
        return rule?.scope === "stack" ? rule.judge(this.plan(resources)) : [];
    }

    /** The same list for all rules of a request, so that what several of them ask for is computed once. */
    private plan(resources: readonly PolicyResource[]): readonly Resource[] {
        // The engine shows them in another order each time; what is said should not depend on it.
        const plan = resources.map(resource => this.planned(resource)).sort((a, b) => (a.urn < b.urn ? -1 : 1));
        // The SDK makes its own list for every policy, so only the contents tell.
        const key = JSON.stringify(plan);
        if (key !== this.lastPlan.key) {
            this.lastPlan = { key, plan };
        }
        return this.lastPlan.plan;
    }

    /** In the form of a plan: what was given, and what it depends on. */
    private planned(resource: PolicyResource): Resource {
        const { inputs } = this.inputs.get(resource.urn) ?? resourceOf(resource);
        const dependencies = [...resource.dependencies, ...Object.values(resource.propertyDependencies).flat()];
        return {
            urn: resource.urn,
            type: resource.type,
            name: resource.name,
            inputs,
            dependsOn: [...new Set(dependencies.map(({ urn }) => urn))].sort(),
            ...(resource.parent === undefined ? {} : { parent: resource.parent.urn }),
            ...(resource.opts.protect ? { protect: true } : {}),
            ...(resource.provider === undefined ? {} : { provider: resource.provider.urn }),
        };
    }

    /** A finding that names no resource is about the stack, and a waiver names the stack then. */
    private subjectOf(
        finding: Finding,
        resources: readonly PolicyResource[],
    ): { readonly urn: string; readonly name: string } {
        const urn = finding.resource;
        return (
            resources.find(resource =>
                urn === undefined ? resource.type === "pulumi:pulumi:Stack" : resource.urn === urn,
            ) ?? {
                urn: urn ?? "",
                name: "",
            }
        );
    }

    private waiverOf(rule: RuleInfo, subject: { readonly urn: string; readonly name: string }): Waiver | undefined {
        return this.current.settings.waivers.find(
            waiver =>
                waiver.rule === rule.name &&
                (waiver.reason ?? "").trim() !== "" &&
                (fits(waiver.resource ?? "", subject.urn) || fits(waiver.resource ?? "", subject.name)),
        );
    }
}

function waived(rule: RuleInfo, waiver: Waiver, finding: Finding): string {
    return `${rule.name} is waived (${waiver.reason.trim().replace(/\.$/, "")}): ${finding.found}`;
}

function said(rule: RuleInfo) {
    return {
        name: rule.name,
        description: rule.description,
        enforcementLevel: rule.enforcement,
        severity: rule.severity,
        remediationSteps: rule.remedy,
        url: pageOf(rule),
        tags: [rule.concern],
    };
}
