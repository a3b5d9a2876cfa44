import { projectOf } from "../../base/resource";
import { compileGuard } from "../../components/guard/compile";
import { type AdmissionPolicy, GUARD_RULE_LABEL } from "../../components/guard/policy";
import { GUARD_RULES, type GuardRule, type GuardRuleId } from "../../components/guard/rules";
import { closedNamespaces, type GuardSettings } from "../../components/guard/settings";
import { type Fields, fields, hasUnknown, kubernetesObjects } from "../../containment/kubernetes";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { AdmissionControl } from "../../containment/scheduling/admission";
import { DEFAULT_NAMES, GATEWAY_TAINT_EFFECT } from "../../base/conventions";
import { isGatewayAccount } from "../perimeter/gatewayIdentity";
import { type Finding, type ResourceRule, type Rule, type StackRule, undecided } from "../rule";
import { fitsAny } from "../patterns";
import { configuredSettings, gatewayHost, gatewayNamespaces, type PackSettings } from "../settings";
import { type CreateRequest, createRequests } from "./requests";

/** The identity that deploys the gateway's own stack: the guard exempts it from what only the platform does. */
const DEPLOYER = { username: "deployer-of-the-gateway", groups: [] } as const;
/** Everybody else. */
const AUTHOR = { username: "author-of-the-program", groups: [] } as const;

/** Stands for a namespace that is no client. */
const NO_CLIENT = "no-client";
/** Stands for any namespace that is neither a client, nor the gateway's, nor the system's. */
const ELSEWHERE = "any-namespace";

const QUESTION = "whether the cluster's guard refuses the object";

/**
 * What the guard refuses at admission, refused at preview: the guard's own policies, compiled for the pack's settings and
 * asked about the creation of each object. No condition is written a second time.
 */
export function guardRules(settings: PackSettings): Rule[] {
    const guard = new Guard(settings);
    const seen = GUARD_RULES.filter(({ id }) => SEEN_AT_PREVIEW.has(id));
    return [...seen.map(rule => previewRule(rule, guard)), objectNamespace(settings, guard)];
}

const NAMESPACE = "kubernetes:core/v1:Namespace";

/**
 * Only the whole stack shows what an object depends on: where its namespace is one that the stack creates, the name of that
 * decides; a name that Pulumi makes up is no client's and not the gateway's.
 */
function objectNamespace(settings: PackSettings, guard: Guard): StackRule {
    return {
        scope: "stack",
        name: "object-namespace",
        concern: "workloads",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Which namespace an object goes to can be told from the stack.",
        stops: "An object that may come into the gateway's namespace or a client's, where it would be refused.",
        remedy: "Give the namespace as a plain value, or take it from the stack's own Namespace.",
        judge: resources => {
            const namespaces = new Map(
                resources.filter(({ type }) => type === NAMESPACE).map(namespace => [namespace.urn, nameOf(namespace)]),
            );
            return resources
                .filter(({ type, inputs }) => type.startsWith("kubernetes:") && hasUnknown(inputs))
                .flatMap(resource => {
                    const own = (resource.madeFrom.metadata ?? []).map(urn => namespaces.get(urn) ?? UNKNOWN);
                    if (own.length > 0 && !own.includes(UNKNOWN)) {
                        return guard.judgeIn(own, resource);
                    }
                    const somewhere = [
                        ...closedNamespaces(guardSettings(settings, NO_CLIENT, "", "")),
                        ELSEWHERE,
                        ...settings.clientNamespaces.map(name => name.replaceAll("*", ELSEWHERE)),
                    ];
                    const found = guard.judgeIn(somewhere, resource);
                    return found.length > 0
                        ? [{ ...undecided("metadata.namespace", QUESTION), resource: resource.urn }]
                        : [];
                });
        },
    };
}

/** What Pulumi names itself ends with seven random characters. */
function nameOf({ name, inputs }: Resource): string {
    const { name: given } = fields(inputs.metadata);
    return typeof given === "string" ? given : `${name}-0000000`;
}

function previewRule(rule: GuardRule & { readonly id: GuardRuleId }, guard: Guard): ResourceRule {
    return {
        scope: "resource",
        name: rule.id,
        concern: "workloads",
        // Who gets onto a gateway node, or into the gateway's namespace, is out; the rest weakens one of several locks.
        severity: rule.id.startsWith("gateway-") ? "critical" : "high",
        enforcement: "mandatory",
        description: rule.title,
        stops: rule.why,
        remedy: rule.remedy,
        aboutGateway: "named by anything",
        concerns: type => type.startsWith("kubernetes:"),
        judge: resource => guard.judge(rule.id, resource),
    };
}

class Guard {
    private readonly controls = new Map<string, ReadonlyMap<string, AdmissionControl>>();
    private readonly controlOf = new WeakMap<CreateRequest, ReadonlyMap<string, AdmissionControl>>();
    private readonly requests = new WeakMap<Resource, readonly CreateRequest[]>();

    constructor(private readonly settings: PackSettings) {}

    /** Where the namespace is not known, what is refused in any: the rest is told of with the whole stack in sight. */
    judge(id: GuardRuleId, resource: Resource): Finding[] {
        const found = this.requestsOf(resource).flatMap(request =>
            request.namespace === UNKNOWN ? this.anywhere(id, request) : this.findings(id, request),
        );
        // A template is asked about as the object and as a workload of its own.
        return [...new Map(found.map(finding => [finding.found, finding])).values()];
    }

    /** What else the objects of a resource are refused for if they come to one of these namespaces, by the rules' names. */
    judgeIn(namespaces: readonly string[], resource: Resource): Finding[] {
        const requests = this.requestsOf(resource).filter(({ namespace }) => namespace === UNKNOWN);
        return [...SEEN_AT_PREVIEW].flatMap(id =>
            requests.flatMap(request =>
                this.anywhere(id, request).length > 0
                    ? []
                    : namespaces
                          .flatMap(namespace => this.findings(id, { ...request, namespace }))
                          .map(finding => ({ ...finding, found: `${id}: ${finding.found}`, resource: resource.urn })),
            ),
        );
    }

    private anywhere(id: GuardRuleId, request: CreateRequest): Finding[] {
        const findings = [ELSEWHERE, ...gatewayNamespaces(this.settings)].map(namespace =>
            this.findings(id, { ...request, namespace }),
        );
        return findings.every(({ length }) => length > 0) ? findings[0]! : [];
    }

    /** Kept, because every rule of the guard asks about the same resource. */
    private requestsOf(resource: Resource): readonly CreateRequest[] {
        const known = this.requests.get(resource);
        if (known !== undefined) {
            return known;
        }
        const user = isOfGatewayProject(resource, this.settings) ? DEPLOYER : AUTHOR;
        const asked = this.settings.gatewayNamed || mentionsGateway(resource, this.settings);
        const requests = asked ? createRequests(resource, user) : [];
        this.requests.set(resource, requests);
        return requests;
    }

    private findings(id: GuardRuleId, request: CreateRequest): Finding[] {
        const control = this.controlFor(request).get(id);
        const decision = control !== undefined && isAsked(control, request) ? control.decide(request) : undefined;
        switch (decision?.result) {
            case "refused":
                return [{ found: `The ${request.kind} ${withoutRemedy(decision.message, id)}` }];
            case "unknown":
                // "<policy>: <path> is not known before up", or what else the evaluation met.
                return decision.reasons.map(reason => {
                    const path = /: (\S+) is not known before up$/.exec(reason)?.[1];
                    return path === undefined
                        ? { found: `The ${request.kind} cannot be judged: ${reason}.` }
                        : undecided(path, QUESTION);
                });
            default:
                return [];
        }
    }

    /** Kept, because every rule asks about the same requests. */
    private controlFor(request: CreateRequest): ReadonlyMap<string, AdmissionControl> {
        const control = this.controlOf.get(request) ?? this.chosenFor(request);
        this.controlOf.set(request, control);
        return control;
    }

    /** The guard for the object's namespace, and for the account and tag that a ComputeClass names. */
    private chosenFor({ kind, namespace, object }: CreateRequest): ReadonlyMap<string, AdmissionControl> {
        const client = namespace !== undefined && this.isClient(namespace) ? namespace : NO_CLIENT;
        const texts = kind === "ComputeClass" ? textsIn(object) : [];
        const account = texts.find(text => text.includes("@") && isGatewayAccount(text, this.settings))?.trim() ?? "";
        const tag = texts.find(text => this.settings.gatewayTags.includes(text)) ?? "";
        const key = [client, account, tag].join(" ");
        const control = this.controls.get(key) ?? controlsBy(guardSettings(this.settings, client, account, tag));
        this.controls.set(key, control);
        return control;
    }

    private isClient(namespace: string): boolean {
        const { clientNamespaces, systemNamespaces, resolverNamespace, controlPlaneNamespace } = this.settings;
        const own = gatewayNamespaces(this.settings);
        const reserved = [...systemNamespaces, ...own, resolverNamespace, controlPlaneNamespace];
        return fitsAny(clientNamespaces, namespace) && !reserved.includes(namespace);
    }
}

/** Where nothing else names a gateway, an object does that speaks of its nodes, its account or its Service. */
function mentionsGateway({ inputs }: Resource, settings: PackSettings): boolean {
    const text = JSON.stringify(inputs);
    return [settings.gatewayNodeKey, gatewayHost(settings), ...settings.gatewayAccounts].some(name =>
        text.includes(name),
    );
}

export function isOfGatewayProject({ urn }: Pick<Resource, "urn">, { gatewayProjects }: PackSettings): boolean {
    return gatewayProjects.includes(projectOf(urn));
}

const ASKED = new WeakMap<AdmissionControl, Map<string, boolean>>();

/** Whether any of its policies is about objects of this kind, which most rules are not; no policy is about single names. */
function isAsked(control: AdmissionControl, { name: _, ...request }: CreateRequest): boolean {
    const kinds = ASKED.get(control) ?? new Map<string, boolean>();
    ASKED.set(control, kinds);
    const kind = [request.group, request.version, request.resource, request.namespace === undefined].join(" ");
    const asked = kinds.get(kind) ?? control.asked(request).length > 0;
    kinds.set(kind, asked);
    return asked;
}

function textsIn(value: unknown): string[] {
    return typeof value === "string"
        ? [value]
        : typeof value === "object" && value !== null
          ? Object.values(value).flatMap(textsIn)
          : [];
}

/** "[id] finding: offenders. why remedy", without the id, and without the remedy, which the pack's messages end with. */
function withoutRemedy(message: string, id: GuardRuleId): string {
    const { remedy } = GUARD_RULES.find(rule => rule.id === id)!;
    return message.replace(`[${id}] `, "").replace(remedy, "").trim();
}

function guardSettings(settings: PackSettings, client: string, account: string, tag: string): GuardSettings {
    return {
        gatewayNamespace: settings.gatewayNamespace,
        gatewayServiceAccount: settings.gatewayServiceAccount,
        gatewayPodLabels: settings.gatewayPodLabels,
        gatewayHost: gatewayHost(settings),
        ...(settings.resolverNamespace === "" ? {} : { resolverNamespace: settings.resolverNamespace }),
        nodeKey: settings.gatewayNodeKey,
        nodeValue: settings.gatewayNodeValue,
        furtherGateways: settings.furtherGateways,
        taintEffect: GATEWAY_TAINT_EFFECT,
        // A ComputeClass alone is judged by these two, and it was looked through for them.
        gatewayNodeAccount: account === "" ? NO_CLIENT : account,
        networkTag: tag === "" ? NO_CLIENT : tag,
        clientNamespaces: [client],
        controlPlaneNamespace: settings.controlPlaneNamespace,
        exemptNamespaces: settings.systemNamespaces,
        exemptUsers: [DEPLOYER.username],
        breakGlassGroup: "nobody",
        // Of no consequence for the rules: they are compiled for every version from 1.30 on.
        kubernetesVersion: "1.30",
        proxyImages: settings.proxyImages,
    };
}

/** An admission control for each rule, so that a finding is one rule's. */
function controlsBy(settings: GuardSettings): ReadonlyMap<string, AdmissionControl> {
    const objects = compileGuard(settings);
    return new Map(
        GUARD_RULES.map(({ id }) => {
            const own = objects.filter(({ metadata }) => metadata.labels?.[GUARD_RULE_LABEL] === id);
            return [id, new AdmissionControl(kubernetesObjects(own.map(registered)))] as const;
        }),
    );
}

function registered(object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string };
}): Resource {
    const { apiVersion, kind, metadata } = object;
    const type = `kubernetes:${apiVersion}:${kind}`;
    return { urn: metadata.name, type, name: metadata.name, inputs: object as unknown as Fields, dependsOn: [] };
}

/** Rules about looking into pods, or about changes of what exists, have nothing to judge when objects are created. */
const SEEN_AT_PREVIEW: ReadonlySet<GuardRuleId> = new Set(
    compileGuard(
        guardSettings(configuredSettings({ resolverNamespace: DEFAULT_NAMES.resolverNamespace }), NO_CLIENT, "", ""),
    )
        .filter((object): object is AdmissionPolicy => object.kind === "ValidatingAdmissionPolicy")
        .filter(({ spec }) =>
            spec.matchConstraints.resourceRules.some(
                ({ operations, resources }) =>
                    operations.includes("CREATE") && resources.some(name => name === "*/*" || !name.includes("/")),
            ),
        )
        .flatMap(({ metadata }) => (metadata.labels?.[GUARD_RULE_LABEL] ?? []) as GuardRuleId)
        // Which namespaces will be clients' a Namespace does not say, and its labels may come from elsewhere.
        .filter(id => id !== "client-namespace-labels"),
);
