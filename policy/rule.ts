import { type Resource, UNKNOWN } from "../containment/resource";

export type Concern = "perimeter" | "mesh" | "workloads" | "governance" | "containment" | "pack";

type Severity = "low" | "medium" | "high" | "critical";

/** What is said about a rule before it has judged anything. */
export interface RuleInfo {
    /** Stable: configuration, waivers and the documentation's anchors use it. */
    readonly name: string;
    readonly concern: Concern;
    readonly severity: Severity;
    /** `mandatory` fails the preview. A pack's configuration can change it for each rule. */
    readonly enforcement: "mandatory" | "advisory";
    /** What has to hold, as a sentence. */
    readonly description: string;
    /** What the rule stops: the way out that breaking it would open. */
    readonly stops: string;
    /** What to do instead. Ends every message of the rule. */
    readonly remedy: string;
    /** Judges only where something names a gateway, the resource itself counting or not: elsewhere it has nothing to protect. */
    readonly aboutGateway?: "named by the stack" | "named by anything";
}

/** Judges one resource by its inputs, before it is created. */
export interface ResourceRule extends RuleInfo {
    readonly scope: "resource";
    /** Whether resources of this type can break the rule. */
    readonly concerns: (type: string) => boolean;
    /** Inputs hold the sentinel of `containment/resource` where a value is not known. */
    readonly judge: (resource: Resource) => readonly Finding[];
}

/** Judges all resources of a stack together, after the program ran. */
export interface StackRule extends RuleInfo {
    readonly scope: "stack";
    readonly judge: (resources: readonly StackResource[]) => readonly Finding[];
}

export interface StackResource extends Resource {
    /** URNs of what each input was made from. */
    readonly madeFrom: Readonly<Record<string, readonly string[]>>;
}

export type Rule = ResourceRule | StackRule;

export interface Finding {
    /** Complete sentences: where, what was given, what it means. */
    readonly found: string;
    /** Instead of the rule's own remedy. */
    readonly remedy?: string;
    /** URN; absent: the resource that was judged, or the stack. */
    readonly resource?: string;
}

/** A value that would decide is not known before `up`. A mandatory rule then refuses: nobody can say that it holds. */
export function undecided(path: string, question: string): Finding {
    return {
        found: `${path} is not known before deployment, and it decides ${question}.`,
        remedy: "Give it as a plain value, or compose it from plain values (a Google name or address follows from project, region and name), so that a preview can show it.",
    };
}

export function messageOf(finding: Finding, rule: RuleInfo): string {
    return `${finding.found} ${finding.remedy ?? rule.remedy}`.replaceAll(UNKNOWN, "(not known before deployment)");
}

/** For {@link ResourceRule.concerns}. */
export function ofTypes(...types: readonly string[]): (type: string) => boolean {
    const wanted = new Set(types);
    return type => wanted.has(type);
}

/** The page of the rule. */
export function pageOf({ name }: Pick<RuleInfo, "name">): string {
    return `docs/policies.md#${name}`;
}
