import {
    type PolicyResource,
    type ResourceValidationArgs,
    type ResourceValidationPolicy,
    type StackValidationPolicy,
} from "@pulumi/policy";
import { type Resource } from "../containment/resource";
import { asks, Configuration, type RuleFactory, rulesWith, STACK } from "./configuration";
import { NAMES_RULE, SETTINGS_RULE, UNNAMED_RULE, WAIVERS_RULES } from "./ownRules";
import { fits } from "./patterns";
import { resourceOf } from "./properties";
import { type Finding, messageOf, pageOf, type Rule, type RuleInfo, type StackResource } from "./rule";
import { type ConfiguredSettings, SETTINGS_SCHEMA, type Waiver } from "./settings";

export type PackPolicy = ResourceValidationPolicy | StackValidationPolicy;

/**
 * The rules as policies of a pack.
 *
 * CrossGuard configures every policy on its own, and the settings are the same for all. The first policy takes them from its
 * configuration and hands them on: the SDK runs the policies of a pack in order for each resource. It also keeps the inputs of
 * every resource for the stack rules, which the engine otherwise shows the outputs only, and those of a component are not its
 * inputs. Where a stack has the gateway's components, the rules go by the names that those register.
 *
 * @param factories called with the settings; what they return may differ in judgement, never in names
 */
export function policies(factories: readonly RuleFactory[]): PackPolicy[] {
    const pack = new Pack(factories);
    return [
        pack.settingsPolicy(),
        ...pack.rules.map(rule => pack.policy(rule)),
        pack.waiversPolicy("resource"),
        pack.waiversPolicy("stack"),
        pack.namesPolicy(),
        pack.unnamedPolicy(),
    ];
}

function today(): string {
    return new Date().toISOString().slice(0, 10);
}

/** What a waiver names. */
interface Subject {
    readonly urn: string;
    readonly name: string;
}

class Pack {
    /** With the default settings: names and words do not depend on them. */
    readonly rules: readonly Rule[];
    private readonly configuration: Configuration;
    private readonly inputs = new Map<string, Resource>();
    private lastPlan: { readonly key: string; readonly plan: readonly StackResource[] } = { key: "", plan: [] };

    constructor(factories: readonly RuleFactory[]) {
        this.rules = rulesWith(factories);
        const names = new Set(this.rules.map(({ name }) => name));
        if (names.size < this.rules.length) {
            throw new Error(`two rules of one name among ${this.rules.map(({ name }) => name).join(", ")}`);
        }
        this.configuration = new Configuration(factories, names, today);
    }

    settingsPolicy(): ResourceValidationPolicy {
        return {
            ...said(SETTINGS_RULE),
            configSchema: SETTINGS_SCHEMA,
            validateResource: (args, report) => {
                const resource = resourceOf(args);
                this.inputs.set(resource.urn, resource);
                this.configuration.register(resource, args.getConfig<Partial<ConfiguredSettings>>());
                // Once for a stack: every stack has this one resource.
                for (const found of args.type === STACK ? this.configuration.problems : []) {
                    report(messageOf({ found }, SETTINGS_RULE));
                }
            },
        };
    }

    policy(rule: Rule): PackPolicy {
        if (rule.scope === "resource") {
            return {
                ...said(rule),
                validateResource: (args, report) => {
                    for (const finding of this.judge(rule.name, args)) {
                        if (this.waiverOf(rule, () => args) === undefined) {
                            report(messageOf(finding, this.configuration.rule(rule)));
                        }
                    }
                },
            };
        }
        return {
            ...said(rule),
            validateStack: (args, report) => {
                for (const finding of this.judgeStack(rule.name, args.resources)) {
                    if (this.waiverOf(rule, () => this.subjectOf(finding, args.resources)) === undefined) {
                        report(messageOf(finding, this.configuration.rule(rule)), finding.resource);
                    }
                }
            },
        };
    }

    waiversPolicy(scope: "resource" | "stack"): PackPolicy {
        const info = said(WAIVERS_RULES[scope]);
        const rules = this.rules.filter(rule => rule.scope === scope);
        if (scope === "resource") {
            return {
                ...info,
                validateResource: (args, report) => {
                    for (const rule of this.configuration.settings.waivers.length === 0 ? [] : rules) {
                        const waiver = this.waiverOf(rule, () => args);
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
                const names = new Set(this.configuration.settings.waivers.map(({ rule }) => rule));
                for (const rule of rules.filter(({ name }) => names.has(name))) {
                    for (const finding of this.judgeStack(rule.name, args.resources)) {
                        const waiver = this.waiverOf(rule, () => this.subjectOf(finding, args.resources));
                        if (waiver !== undefined) {
                            report(waived(rule, waiver, finding), finding.resource);
                        }
                    }
                }
            },
        };
    }

    /** What was registered before the names were known, and two gateways whose names differ. */
    namesPolicy(): StackValidationPolicy {
        return {
            ...said(NAMES_RULE),
            validateStack: (_, report) => {
                for (const found of this.configuration.conflicts) {
                    report(messageOf({ found }, NAMES_RULE));
                }
                for (const { resource, rule, finding } of this.configuration.late()) {
                    if (rule.enforcement === "mandatory" && this.waiverOf(rule, () => resource) === undefined) {
                        const found = `By the rule ${rule.name}, whose names came later: ${finding.found}`;
                        report(messageOf({ ...finding, found }, rule), resource.urn);
                    }
                }
            },
        };
    }

    /** A rule that judges the whole stack is told of where the stack has anything of Google's. */
    unnamedPolicy(): StackValidationPolicy {
        return {
            ...said(UNNAMED_RULE),
            validateStack: (args, report) => {
                const types = [...new Set(args.resources.map(({ type }) => type))];
                const silent = this.configuration
                    .silent()
                    .filter(rule => types.some(rule.scope === "resource" ? rule.concerns : type => /^gcp:/.test(type)));
                if (silent.length > 0) {
                    const names = silent.map(({ name }) => name).join(", ");
                    const found = `Nothing names an egress gateway, so these rules had nothing to protect: ${names}.`;
                    report(messageOf({ found }, UNNAMED_RULE));
                }
            },
        };
    }

    private judge(name: string, args: ResourceValidationArgs): readonly Finding[] {
        // The settings' policy has read the same properties for this request already.
        return this.configuration.findings(name, this.inputs.get(args.urn) ?? resourceOf(args));
    }

    private judgeStack(name: string, resources: readonly PolicyResource[]): readonly Finding[] {
        const rule = this.configuration.rule({ name });
        return rule.scope === "stack" && asks(rule, this.configuration.settings)
            ? rule.judge(this.plan(resources))
            : [];
    }

    /** The same list for all rules of a request, so that what several of them ask for is computed once. */
    private plan(resources: readonly PolicyResource[]): readonly StackResource[] {
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
    private planned(resource: PolicyResource): StackResource {
        const { inputs } = this.inputs.get(resource.urn) ?? resourceOf(resource);
        const madeFrom = Object.fromEntries(
            Object.entries(resource.propertyDependencies).map(([key, from]) => [
                key,
                from.map(({ urn }) => urn).sort(),
            ]),
        );
        const dependencies = [...resource.dependencies.map(({ urn }) => urn), ...Object.values(madeFrom).flat()];
        return {
            urn: resource.urn,
            type: resource.type,
            name: resource.name,
            inputs,
            dependsOn: [...new Set(dependencies)].sort(),
            madeFrom,
            ...(resource.parent === undefined ? {} : { parent: resource.parent.urn }),
            ...(resource.opts.protect ? { protect: true } : {}),
            ...(resource.provider === undefined ? {} : { provider: resource.provider.urn }),
        };
    }

    /** A finding that names no resource is about the stack, and a waiver names the stack then. */
    private subjectOf(finding: Finding, resources: readonly PolicyResource[]): Subject {
        const urn = finding.resource;
        return (
            resources.find(resource => (urn === undefined ? resource.type === STACK : resource.urn === urn)) ?? {
                urn: urn ?? "",
                name: "",
            }
        );
    }

    /** @param subjectOf looked up where the rule has a waiver at all, since a stack may have thousands of findings */
    private waiverOf(rule: RuleInfo, subjectOf: () => Subject): Waiver | undefined {
        const waivers = this.configuration.settings.waivers.filter(
            waiver => waiver.rule === rule.name && (waiver.reason ?? "").trim() !== "",
        );
        if (waivers.length === 0) {
            return undefined;
        }
        const { urn, name } = subjectOf();
        return waivers.find(({ resource = "" }) => fits(resource, urn) || fits(resource, name));
    }
}

function waived(rule: RuleInfo, waiver: Waiver, finding: Finding): string {
    const until = waiver.expires === undefined ? "" : `, until ${waiver.expires}`;
    return `${rule.name} is waived (${waiver.reason.trim().replace(/\.$/, "")}${until}): ${finding.found}`;
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
