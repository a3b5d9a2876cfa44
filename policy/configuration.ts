import { stackUrn } from "../base/resource";
import { type Resource } from "../containment/resource";
import { googleType } from "../containment/providerNames";
import { NAMING_COMPONENTS, OWN_COMPONENTS, settingsFor } from "./names";
import { type Finding, type Rule } from "./rule";
import { type ConfiguredSettings, configuredSettings, type PackSettings } from "./settings";
import { checkedSettings } from "./settingsProblems";

export type RuleFactory = (settings: PackSettings) => readonly Rule[];

export const STACK = "pulumi:pulumi:Stack";

/** All rules with these settings. */
export function rulesWith(factories: readonly RuleFactory[], settings: PackSettings = configuredSettings({})): Rule[] {
    return factories.flatMap(factory => factory(settings));
}

/** Settings, and the rules that go by them. */
interface Judges {
    readonly settings: PackSettings;
    readonly rules: ReadonlyMap<string, Rule>;
}

/** What the rules go by, as far as the stack has told it: what was written, and what the components registered so far. */
export class Configuration {
    /** What is wrong with what was written. */
    problems: readonly string[] = [];
    /** What the components contradict each other about. */
    conflicts: readonly string[] = [];
    private current: Judges;
    private given = "{}";
    /** Of the stack that is judged now: the engine runs one, a test many. */
    private stack = "";
    private components: readonly Resource[] = [];
    private readonly seen = new Set<string>();
    /** By what each resource was judged; nothing yet for those whose component comes after them. */
    private readonly judged = new Map<Resource, Judges | undefined>();

    /** @param today in UTC, `2026-11-30` */
    constructor(
        private readonly factories: readonly RuleFactory[],
        private readonly names: ReadonlySet<string>,
        private readonly today: () => string,
    ) {
        const settings = configuredSettings({});
        this.current = { settings, rules: byName(rulesWith(factories, settings)) };
    }

    get settings(): PackSettings {
        return this.current.settings;
    }

    /** The rule as it is configured now: what it says may name what it was configured with. */
    rule<T extends { readonly name: string }>({ name }: T): Rule {
        return this.current.rules.get(name)!;
    }

    /** @param given as written, before defaults */
    register(resource: Resource, given: Partial<ConfiguredSettings>): void {
        const stack = stackUrn(resource.urn);
        let told = false;
        if (stack !== this.stack || resource.type === STACK) {
            told = this.components.length > 0;
            this.stack = stack;
            this.components = [];
            this.judged.clear();
            this.seen.clear();
        }
        this.seen.add(resource.type);
        if (NAMING_COMPONENTS.has(resource.type)) {
            this.components = [...this.components.filter(({ urn }) => urn !== resource.urn), resource];
            told = true;
        }
        const written = JSON.stringify(given);
        if (told || written !== this.given) {
            this.given = written;
            this.configure(given);
        }
        this.judged.set(resource, this.waits(resource) ? undefined : this.current);
    }

    /** The engine registers a component before what is in it; a list of resources may be in any order. */
    private waits({ urn }: Resource): boolean {
        return parentTypes(urn).some(parent => OWN_COMPONENTS.has(parent) && !this.seen.has(parent));
    }

    /** What resources are refused for by the names that were not known yet when they were judged. */
    late(): { readonly resource: Resource; readonly rule: Rule; readonly finding: Finding }[] {
        return [...this.judged]
            .filter(([, judges]) => judges !== this.current)
            .flatMap(([resource, before]) =>
                [...this.current.rules.values()].flatMap(rule => {
                    const said = new Set(
                        before === undefined
                            ? []
                            : findings(before.rules.get(rule.name)!, before.settings, resource).map(text),
                    );
                    return findings(rule, this.settings, resource)
                        .filter(finding => !said.has(text(finding)))
                        .map(finding => ({ resource, rule, finding }));
                }),
            );
    }

    findings(name: string, resource: Resource): readonly Finding[] {
        const waits = this.judged.has(resource) && this.judged.get(resource) === undefined;
        return waits ? [] : findings(this.rule({ name }), this.settings, resource);
    }

    /** Rules that have nothing to protect, because nothing names a gateway. */
    silent(): readonly Rule[] {
        return this.settings.gatewayNamed
            ? []
            : [...this.current.rules.values()].filter(({ aboutGateway }) => aboutGateway !== undefined);
    }

    private configure(given: Partial<ConfiguredSettings>): void {
        const { settings: named, conflicts } = settingsFor(this.components, given);
        const { settings, problems } = checkedSettings(named, given, this.names, this.today());
        this.problems = problems;
        this.conflicts = conflicts;
        // Most components tell nothing new.
        if (JSON.stringify(settings) !== JSON.stringify(this.settings)) {
            this.current = { settings, rules: byName(rulesWith(this.factories, settings)) };
        }
    }
}

/** The types of what a resource is in, which its URN tells: `…::parent$child::name`. */
function parentTypes(urn: string): readonly string[] {
    return (urn.split("::")[2] ?? "").split("$").slice(0, -1);
}

const BRIDGED = new WeakMap<Resource, Resource>();

/** The same object for every rule, since rules keep what they read of one. */
function bridged(resource: Resource): Resource {
    const known = BRIDGED.get(resource) ?? asGoogle(resource);
    BRIDGED.set(resource, known);
    return known;
}

function byName(rules: readonly Rule[]): ReadonlyMap<string, Rule> {
    return new Map(rules.map(rule => [rule.name, rule]));
}

export function asks(rule: Rule, { gatewayNamed }: PackSettings): boolean {
    return rule.aboutGateway !== "named by the stack" || gatewayNamed;
}

function findings(rule: Rule, settings: PackSettings, given: Resource): readonly Finding[] {
    const resource = bridged(given);
    return rule.scope === "resource" && asks(rule, settings) && rule.concerns(resource.type)
        ? rule.judge(resource)
        : [];
}

function text({ found }: Finding): string {
    return found;
}

/**
 * The resource as `@pulumi/gcp` would have it, for rules about single resources; others as they are. Pulumi bridges Google's
 * Terraform provider at run time ("Any Terraform Provider") as `google:index/computeRoute:ComputeRoute`.
 */
function asGoogle(resource: Resource): Resource {
    const name = /^google(?:-beta)?:index\/\w+:(\w+)$/.exec(resource.type)?.[1];
    const type = name === undefined ? undefined : googleType(name);
    return type === undefined ? resource : { ...resource, type };
}
