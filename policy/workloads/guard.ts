import { compileGuard } from "../../components/guard/compile";
import { type AdmissionPolicy, GUARD_RULE_LABEL } from "../../components/guard/policy";
import { GUARD_RULES, type GuardRule, type GuardRuleId } from "../../components/guard/rules";
import { type GuardSettings } from "../../components/guard/settings";
import { type Fields, kubernetesObjects } from "../../containment/kubernetes";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { AdmissionControl } from "../../containment/scheduling/admission";
import { GATEWAY_TAINT_EFFECT } from "../../settings/conventions";
import { isGatewayAccount } from "../perimeter/gatewayIdentity";
import { type Finding, type ResourceRule, undecided } from "../rule";
import { fitsAny, gatewayHost, type PackSettings } from "../settings";
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
export function guardRules(settings: PackSettings): ResourceRule[] {
    const guard = new Guard(settings);
    const seen = rulesSeenAtPreview(settings);
    return GUARD_RULES.filter(({ id }) => seen.has(id)).map(rule => previewRule(rule, guard));
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
        concerns: type => type.startsWith("kubernetes:"),
        judge: resource => guard.judge(rule.id, resource),
    };
}

class Guard {
    private readonly controls = new Map<string, ReadonlyMap<string, AdmissionControl>>();
    private readonly requests = new WeakMap<Resource, readonly CreateRequest[]>();

    constructor(private readonly settings: PackSettings) {}

    judge(id: GuardRuleId, resource: Resource): Finding[] {
        return this.requestsOf(resource).flatMap(request => this.ask(id, request));
    }

    /** Kept, because every rule of the guard asks about the same resource. */
    private requestsOf(resource: Resource): readonly CreateRequest[] {
        const project = resource.urn.split("::")[1] ?? "";
        const user = this.settings.gatewayProjects.includes(project) ? DEPLOYER : AUTHOR;
        const requests = this.requests.get(resource) ?? createRequests(resource, user);
        this.requests.set(resource, requests);
        return requests;
    }

    private ask(id: GuardRuleId, request: CreateRequest): Finding[] {
        if (request.namespace !== UNKNOWN) {
            return this.findings(id, request);
        }
        const anyRefused = [this.settings.gatewayNamespace, ELSEWHERE].some(
            namespace => this.findings(id, { ...request, namespace }).length > 0,
        );
        return anyRefused ? [undecided("metadata.namespace", QUESTION)] : [];
    }

    private findings(id: GuardRuleId, request: CreateRequest): Finding[] {
        const decision = this.controlFor(request).get(id)?.decide(request);
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

    /** The guard for the object's namespace, and for the account and tag that a ComputeClass names. */
    private controlFor({ kind, namespace, object }: CreateRequest): ReadonlyMap<string, AdmissionControl> {
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
        const { clientNamespaces, systemNamespaces, gatewayNamespace, controlPlaneNamespace } = this.settings;
        const reserved = [...systemNamespaces, gatewayNamespace, controlPlaneNamespace];
        return fitsAny(clientNamespaces, namespace) && !reserved.includes(namespace);
    }
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
        nodeKey: settings.gatewayNodeKey,
        nodeValue: settings.gatewayNodeValue,
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
function rulesSeenAtPreview(settings: PackSettings): ReadonlySet<string> {
    return new Set(
        compileGuard(guardSettings(settings, NO_CLIENT, "", ""))
            .filter((object): object is AdmissionPolicy => object.kind === "ValidatingAdmissionPolicy")
            .filter(({ spec }) =>
                spec.matchConstraints.resourceRules.some(
                    ({ operations, resources }) =>
                        operations.includes("CREATE") && resources.some(name => !name.includes("/")),
                ),
            )
            .flatMap(({ metadata }) => metadata.labels?.[GUARD_RULE_LABEL] ?? []),
    );
}
