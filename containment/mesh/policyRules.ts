import { type Fields, type KubernetesObject, fields, fieldsList, text, texts } from "../kubernetes";
import { nameIn } from "./authorities";
import { append } from "./exported";
import { both, type Caller, type CallerSet, hasMember, union, type Universe, without } from "./principals";

/** What a policy sees of a connection besides its caller. */
export interface Access {
    /** Port of the pod, not of the Service. */
    readonly port: number;
    /** Host header as it is written; absent where the gateway does not speak HTTP, so that HTTP attributes are not there to match. */
    readonly authority?: string;
    /** The outer server name. */
    readonly sni?: string;
    /** The caller's certificate was checked. Without, a policy sees no identity at all. */
    readonly authenticated: boolean;
}

interface Rule {
    readonly policy: KubernetesObject;
    readonly sources: readonly Fields[];
    readonly operations: readonly Fields[];
    readonly conditions: readonly Fields[];
    /** Host names, in lower case and without port patterns, if the rule applies to these alone. */
    readonly hosts: readonly string[] | undefined;
}

const HTTP_OPERATIONS = ["hosts", "notHosts", "methods", "notMethods", "paths", "notPaths"];

interface Matched {
    readonly surely: CallerSet;
    readonly perhaps: CallerSet;
    readonly policies: readonly KubernetesObject[];
    readonly reasons: readonly string[];
}

/** The rules of one action. Those about exact hosts are filed by host. */
export class RuleBook {
    private readonly byHost = new Map<string, Rule[]>();
    private readonly general: Rule[] = [];
    private readonly sources = new Map<Rule, { readonly surely: CallerSet; readonly perhaps: CallerSet }>();

    constructor(
        policies: readonly KubernetesObject[],
        private readonly action: "allow" | "deny",
        private readonly universe: Universe,
    ) {
        for (const policy of policies) {
            for (const rule of fieldsList(policy.spec.rules)) {
                const parsed = ruleOf(policy, rule);
                if (parsed.hosts === undefined) {
                    this.general.push(parsed);
                } else {
                    parsed.hosts.forEach(host => append(this.byHost, host, parsed));
                }
            }
        }
    }

    matching(access: Access): Matched {
        const { universe } = this;
        const rules =
            access.authority === undefined
                ? this.everyRule()
                : [...(this.byHost.get(nameIn(access.authority)) ?? []), ...this.general];
        let [surely, perhaps] = [universe.nobody, universe.nobody];
        const policies: KubernetesObject[] = [];
        const reasons: string[] = [];
        for (const rule of rules) {
            const certainty = this.certainty(rule, access);
            if (certainty === "no") {
                continue;
            }
            const callers = access.authenticated ? this.callersOf(rule) : this.anonymous(rule);
            perhaps = union(perhaps, callers.perhaps);
            if (certainty === "yes") {
                surely = union(surely, callers.surely);
            } else {
                reasons.push(`${rule.policy.urn} looks at properties of the call that the model does not follow`);
            }
            policies.push(rule.policy);
        }
        return { surely, perhaps, policies, reasons };
    }

    private everyRule(): Iterable<Rule> {
        return new Set([...this.general, ...(this.action === "deny" ? [...this.byHost.values()].flat() : [])]);
    }

    /**
     * Whether the rule applies, callers aside. On a connection that is not HTTP an ALLOW rule with an HTTP attribute never matches,
     * while a DENY rule loses the attribute and matches more.
     */
    private certainty(rule: Rule, access: Access): Match {
        const operations = rule.operations.map(operation => this.operationMatches(operation, access));
        const operation = rule.operations.length === 0 ? "yes" : any(operations);
        return all([operation, ...rule.conditions.map(condition => this.conditionMatches(condition, access))]);
    }

    private operationMatches(operation: Fields, access: Access): Match {
        const asksHttp = HTTP_OPERATIONS.some(key => texts(operation[key]).length > 0);
        if (access.authority === undefined && asksHttp && this.action === "allow") {
            return "no";
        }
        const verdicts: Match[] = [];
        const ports = texts(operation.ports);
        const notPorts = texts(operation.notPorts);
        verdicts.push(
            ports.length === 0 || ports.includes(String(access.port)) ? "yes" : "no",
            notPorts.includes(String(access.port)) ? "no" : "yes",
        );
        if (access.authority !== undefined) {
            verdicts.push(this.hostMatches(operation, access.authority.toLowerCase()));
            if (
                ["methods", "notMethods", "paths", "notPaths"].some(
                    key => texts(operation[key]).length > 0 && !texts(operation[key]).includes("*"),
                )
            ) {
                verdicts.push("maybe");
            }
        }
        return all(verdicts);
    }

    private hostMatches(operation: Fields, form: string): Match {
        const [hosts, notHosts] = [operation.hosts, operation.notHosts].map(value =>
            texts(value).map(pattern => pattern.toLowerCase()),
        ) as [string[], string[]];
        return (hosts.length === 0 || some(hosts, form)) && !some(notHosts, form) ? "yes" : "no";
    }

    private conditionMatches(condition: Fields, access: Access): Match {
        const [key, values, notValues] = [
            text(condition.key) ?? "",
            texts(condition.values),
            texts(condition.notValues),
        ];
        const compare = (actual: string): Match =>
            (values.length === 0 || values.some(value => matchesText(value, actual))) &&
            !notValues.some(value => matchesText(value, actual))
                ? "yes"
                : "no";
        switch (key) {
            case "destination.port":
                return compare(String(access.port));
            case "connection.sni":
                return access.sni === undefined ? "maybe" : compare(access.sni);
            case "source.principal":
            case "source.namespace":
            case "source.serviceAccount":
                // Decided with the callers.
                return "yes";
            default:
                return access.authority === undefined && key.startsWith("request.")
                    ? this.action === "allow"
                        ? "no"
                        : "yes"
                    : "maybe";
        }
    }

    /** Without a checked certificate a rule matches everybody or nobody. */
    private anonymous(rule: Rule): { readonly surely: CallerSet; readonly perhaps: CallerSet } {
        const { universe } = this;
        const spread = (set: CallerSet): CallerSet =>
            hasMember(set, universe.withoutCertificate) ? universe.everyone : universe.nobody;
        const { surely, perhaps } = this.callersOf(rule);
        return { surely: spread(surely), perhaps: spread(perhaps) };
    }

    private callersOf(rule: Rule): { readonly surely: CallerSet; readonly perhaps: CallerSet } {
        const known = this.sources.get(rule);
        if (known !== undefined) {
            return known;
        }
        const { universe } = this;
        let surely = rule.sources.length === 0 ? universe.everyone : universe.nobody;
        let perhaps = surely;
        for (const source of rule.sources) {
            const { callers, exact } = this.callersOfSource(source, rule.policy);
            surely = exact ? union(surely, callers) : surely;
            perhaps = union(perhaps, callers);
        }
        for (const condition of rule.conditions) {
            const callers = this.callersOfCondition(condition);
            surely = both(surely, callers);
            perhaps = both(perhaps, callers);
        }
        const result = { surely, perhaps };
        this.sources.set(rule, result);
        return result;
    }

    private callersOfSource(
        source: Fields,
        policy: KubernetesObject,
    ): { readonly callers: CallerSet; readonly exact: boolean } {
        const { universe } = this;
        const accounts = (value: unknown): string[] =>
            texts(value).map(entry => (entry.includes("/") ? entry : `${policy.namespace}/${entry}`));
        const restrict = (
            value: unknown,
            select: (wanted: readonly string[]) => CallerSet,
            negative: boolean,
        ): void => {
            const wanted = texts(value);
            if (wanted.length > 0) {
                callers = negative ? without(callers, select(wanted)) : both(callers, select(wanted));
            }
        };
        let callers = universe.everyone;
        for (const negative of [false, true]) {
            const key = (name: string): string => (negative ? `not${name[0]!.toUpperCase()}${name.slice(1)}` : name);
            restrict(source[key("principals")], wanted => this.withPrincipal(wanted), negative);
            restrict(
                source[key("namespaces")],
                wanted => universe.where(caller => some(wanted, caller.namespace)),
                negative,
            );
            restrict(
                source[key("serviceAccounts")],
                () => universe.where(caller => accounts(source[key("serviceAccounts")]).includes(accountOf(caller))),
                negative,
            );
        }
        const followed = new Set([
            "principals",
            "notPrincipals",
            "namespaces",
            "notNamespaces",
            "serviceAccounts",
            "notServiceAccounts",
        ]);
        const further = Object.entries(source).filter(([key, value]) => !followed.has(key) && texts(value).length > 0);
        return { callers, exact: further.length === 0 };
    }

    private callersOfCondition(condition: Fields): CallerSet {
        const { universe } = this;
        const [values, notValues] = [texts(condition.values), texts(condition.notValues)];
        const select = (pick: (caller: Caller) => string | undefined): CallerSet =>
            universe.where(
                caller => (values.length === 0 || some(values, pick(caller))) && !some(notValues, pick(caller)),
            );
        switch (text(condition.key)) {
            case "source.principal":
                return select(({ principal }) => principal);
            case "source.namespace":
                return select(({ namespace }) => namespace);
            case "source.serviceAccount":
                return select(accountOf);
            default:
                return universe.everyone;
        }
    }

    private withPrincipal(wanted: readonly string[]): CallerSet {
        const patterns = wanted.filter(value => value.includes("*"));
        const exact = this.universe.exactly(wanted);
        return patterns.length === 0
            ? exact
            : union(
                  exact,
                  this.universe.where(({ principal }) => some(patterns, principal)),
              );
    }
}

function ruleOf(policy: KubernetesObject, rule: Fields): Rule {
    const operations = fieldsList(rule.to).map(({ operation }) => fields(operation));
    const hosts = operations.flatMap(({ hosts: names }) => texts(names)).map(name => nameIn(name.replace(/:\*$/, "")));
    const exact =
        operations.length > 0 &&
        operations.every(operation => texts(operation.hosts).length > 0) &&
        hosts.every(host => !host.includes("*"));
    return {
        policy,
        sources: fieldsList(rule.from).map(({ source }) => fields(source)),
        operations,
        conditions: fieldsList(rule.when),
        hosts: exact ? [...new Set(hosts)] : undefined,
    };
}

function accountOf({ namespace, serviceAccount }: Caller): string {
    return `${namespace ?? ""}/${serviceAccount ?? ""}`;
}

function some(wanted: readonly string[], actual: string | undefined): boolean {
    return actual !== undefined && wanted.some(value => matchesText(value, actual));
}

/** Exact, `prefix*`, `*suffix`, or `*` for anything that is there (Istio, "Authorization Policy", values). */
function matchesText(pattern: string, actual: string): boolean {
    if (pattern === "*") {
        return actual !== "";
    }
    if (pattern.endsWith("*")) {
        return actual.startsWith(pattern.slice(0, -1));
    }
    return pattern.startsWith("*") ? actual.endsWith(pattern.slice(1)) : pattern === actual;
}

type Match = "yes" | "no" | "maybe";

function all(verdicts: readonly Match[]): Match {
    return verdicts.includes("no") ? "no" : verdicts.includes("maybe") ? "maybe" : "yes";
}

function any(verdicts: readonly Match[]): Match {
    return verdicts.includes("yes") ? "yes" : verdicts.includes("maybe") ? "maybe" : "no";
}
