import { type PolicyConfigSchema } from "@pulumi/policy";
import { AddressError, parseRange } from "../containment/kernel/address";
import { DEFAULT_PROXY_IMAGES, GKE_SYSTEM_NAMESPACES } from "../components/guard/settings";
import {
    GATEWAY_NAME,
    GATEWAY_NODE_KEY,
    GATEWAY_NODE_VALUE,
    GATEWAY_POD_LABELS,
    GOOGLE_RESTRICTED_CIDR,
} from "../settings/conventions";

/** Lets one rule's finding on some resources pass. It is printed each time it is used. */
export interface Waiver {
    /** Name of the rule. */
    readonly rule: string;
    /** URN or logical name; `*` stands for any text. */
    readonly resource: string;
    /** Why this is acceptable, for whoever reads the preview. */
    readonly reason: string;
}

interface Texts {
    readonly kind: "texts";
    readonly default: readonly string[];
    readonly description: string;
}
interface Text {
    readonly kind: "text";
    readonly default: string;
    readonly description: string;
}
interface Labels {
    readonly kind: "labels";
    readonly default: Readonly<Record<string, string>>;
    readonly description: string;
}

function texts(description: string, value: readonly string[]): Texts {
    return { kind: "texts", default: value, description };
}

function text(description: string, value: string): Text {
    return { kind: "text", default: value, description };
}

/**
 * What the pack has to know, once for all rules. The defaults are the names that this project gives; whoever points the pack
 * at another project changes what differs there.
 */
export const SETTINGS = {
    gatewayAccounts: texts(
        "service accounts of gateway nodes: the part before the @, for any project, or the whole address",
        ["egress-gateway-nodes"],
    ),
    gatewayTags: texts("network tags of gateway nodes", ["egress-gateway"]),
    gatewaySecureTags: texts(
        "secure tag values of gateway nodes, as `tagValues/123` or `project/key/value`, where the firewall targets them",
        [],
    ),
    gatewaySubnets: texts("names of the gateway nodes' subnets; `*` stands for any text", ["*-egress"]),
    gatewayNodeKey: text("label and taint key of gateway nodes", GATEWAY_NODE_KEY),
    gatewayNodeValue: text("value of that label and taint", GATEWAY_NODE_VALUE),
    gatewayProjects: texts(
        "Pulumi projects that own the gateway: what only the deployer of the gateway may write in a cluster, their stacks may",
        ["egress-gateway"],
    ),
    gatewayNamespace: text("namespace of the gateway", "istio-egress"),
    gatewayServiceAccount: text("Kubernetes service account of the gateway's pods", GATEWAY_NAME),
    gatewayService: text("name of the gateway's Service", GATEWAY_NAME),
    gatewayPodLabels: {
        kind: "labels",
        default: { app: GATEWAY_NAME, ...GATEWAY_POD_LABELS },
        description: "labels of the gateway's pods that Istio Gateways select",
    } as Labels,
    clientNamespaces: texts(
        "namespaces whose workloads may use the gateway; `*` stands for any text. The system's, istiod's and the gateway's are never among them",
        ["*"],
    ),
    systemNamespaces: texts(
        "namespaces of the cluster's own components, which the workload rules leave alone",
        GKE_SYSTEM_NAMESPACES,
    ),
    controlPlaneNamespace: text("namespace of istiod, which is the mesh's root namespace", "istio-system"),
    proxyImages: texts(
        "images of the mesh's proxy, without tag; `*/` in front means any registry",
        DEFAULT_PROXY_IMAGES,
    ),
    clusterDomain: text("DNS domain of the cluster", "cluster.local"),
    allowedNats: texts("names of Cloud NATs that may serve other subnets than the gateway's", []),
    allowedEgress: texts("public ranges that every machine may reach and have a route to", [
        GOOGLE_RESTRICTED_CIDR,
        "2600:2d00:2:1000::/64",
    ]),
    deployers: texts(
        "IAM members that may act as the gateway nodes' account, for example `serviceAccount:deployer@acme-dev.iam.gserviceaccount.com`",
        [],
    ),
    wildcardHosts: texts("wildcard hosts that ServiceEntries may have: Google's APIs, which go past the gateway", [
        "*.googleapis.com",
        "*.gcr.io",
        "*.pkg.dev",
    ]),
    sharedHosts: texts("further hosts where anybody can have an account, for the advice on them", []),
    reviewedHosts: texts("hosts of that sort that were reviewed and are fine; `*` stands for any text", []),
} as const;

type Value<S> = S extends Texts ? readonly string[] : S extends Labels ? Readonly<Record<string, string>> : string;

export type PackSettings = { readonly [K in keyof typeof SETTINGS]: Value<(typeof SETTINGS)[K]> } & {
    readonly waivers: readonly Waiver[];
};

export const DEFAULT_SETTINGS: PackSettings = {
    ...(Object.fromEntries(Object.entries(SETTINGS).map(([key, setting]) => [key, setting.default])) as Omit<
        PackSettings,
        "waivers"
    >),
    waivers: [],
};

/** The engine fills in the defaults, and refuses configuration of another form before any rule runs. */
export const SETTINGS_SCHEMA: PolicyConfigSchema = {
    properties: {
        ...Object.fromEntries(
            Object.entries(SETTINGS).map(([key, setting]) => [
                key,
                {
                    description: setting.description,
                    default: toJson(setting.default),
                    ...(setting.kind === "texts"
                        ? { type: "array" as const, items: { type: "string" as const } }
                        : setting.kind === "labels"
                          ? { type: "object" as const, additionalProperties: { type: "string" as const } }
                          : { type: "string" as const, minLength: 1 }),
                },
            ]),
        ),
        waivers: {
            description: "findings that pass, each with a reason, and are printed",
            type: "array",
            default: [],
            items: {
                type: "object",
                properties: { rule: { type: "string" }, resource: { type: "string" }, reason: { type: "string" } },
                additionalProperties: false,
            },
        },
    },
};

function toJson(value: readonly string[] | string | Readonly<Record<string, string>>) {
    return typeof value === "string" ? value : Array.isArray(value) ? [...(value as string[])] : { ...value };
}

/** Fully qualified name of the gateway's Service. */
export function gatewayHost(settings: PackSettings): string {
    return `${settings.gatewayService}.${settings.gatewayNamespace}.svc.${settings.clusterDomain}`;
}

/** What is wrong with the settings, each as a sentence with its place; the schema has seen to their form. */
export function settingsProblems(settings: PackSettings, ruleNames: ReadonlySet<string>): string[] {
    return [...rangeProblems(settings), ...waiverProblems(settings, ruleNames)];
}

function rangeProblems({ allowedEgress }: PackSettings): string[] {
    return allowedEgress.flatMap((range, index) =>
        isRange(range) ? [] : [`allowedEgress[${index}] is "${range}", expected a range such as 199.36.153.4/30.`],
    );
}

export function isRange(text: string): boolean {
    try {
        parseRange(text);
        return true;
    } catch (error) {
        if (error instanceof AddressError) {
            return false;
        }
        throw error;
    }
}

function waiverProblems(settings: PackSettings, ruleNames: ReadonlySet<string>): string[] {
    return settings.waivers.flatMap((waiver, index) => {
        const at = `waivers[${index}]`;
        const missing = (["rule", "resource", "reason"] as const).filter(key => (waiver[key] ?? "").trim() === "");
        return [
            ...missing.map(key => `${at} has no ${key}: a waiver names a rule, a resource and the reason.`),
            ...(missing.includes("rule") || ruleNames.has(waiver.rule)
                ? []
                : [`${at}.rule is "${waiver.rule}", which is no rule of this pack; npm run policies lists them.`]),
        ];
    });
}

/** Whether a name fits a pattern in which `*` stands for any text. */
export function fits(pattern: string, name: string): boolean {
    const literal = pattern.split("*").map(part => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${literal.join(".*")}$`, "s").test(name);
}

export function fitsAny(patterns: readonly string[], name: string): boolean {
    return patterns.some(pattern => fits(pattern, name));
}
