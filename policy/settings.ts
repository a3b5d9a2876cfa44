import { GOOGLE_RESTRICTED_CIDR, GOOGLE_RESTRICTED_IPV6_CIDR } from "../base/addresses";
import { type PolicyConfigSchema } from "@pulumi/policy";
import {
    CLUSTER_DOMAIN,
    DEFAULT_NAMES,
    DEFAULT_PROXY_IMAGES,
    GATEWAY_NAME,
    GATEWAY_NODE_KEY,
    GATEWAY_NODE_VALUE,
    GATEWAY_POD_LABELS,
    GKE_SYSTEM_NAMESPACES,
    gatewayNodeValue,
    gatewayPodLabels as labelsOf,
    namesOfFurtherGateway,
} from "../base/conventions";
import { type GuardedGateway } from "../declared/guard";

/** Lets one rule's finding on some resources pass. It is printed each time it is used. */
export interface Waiver {
    /** Name of the rule. */
    readonly rule: string;
    /** URN or logical name; `*` stands for any text. */
    readonly resource: string;
    /** Why this is acceptable, for whoever reads the preview. */
    readonly reason: string;
    /**
     * The last day, `2027-01-31`, on which it counts.
     *
     * @default it counts until it is removed
     */
    readonly expires?: string;
}

/** Lets a value stand in the settings that switches a rule off, such as `0.0.0.0/0` in `allowedEgress`. */
interface Allowance {
    /** Key of the settings. */
    readonly setting: string;
    /** The value, as it stands there. */
    readonly value: string;
    readonly reason: string;
    /** The last day, `2027-01-31`, on which the value counts. */
    readonly expires: string;
}

/** A gateway beside the one that the other settings describe. */
interface FurtherGateway {
    /** As `gateways` of its stack's settings have it. */
    readonly name: string;
    /** @default the names that this program gives a gateway of that name */
    readonly namespace?: string;
    readonly nodeAccount?: string;
    readonly networkTag?: string;
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
 * What the pack has to know, once for all rules. A stack that has the gateway's components brings its own names; these keys are
 * for others. The defaults are the names that this program gives.
 */
export const SETTINGS = {
    gatewayAccounts: texts(
        "service accounts of gateway nodes: the part before the @, for any project, or the whole address",
        [DEFAULT_NAMES.nodeAccountId],
    ),
    gatewayTags: texts("network tags of gateway nodes", [DEFAULT_NAMES.networkTag]),
    gatewaySecureTags: texts(
        "secure tag values of gateway nodes, as `tagValues/123` or `project/key/value`, where the firewall targets them",
        [],
    ),
    gatewaySubnets: texts("names of the gateway nodes' subnets; `*` stands for any text", []),
    gatewayNodeKey: text("label and taint key of gateway nodes", GATEWAY_NODE_KEY),
    gatewayNodeValue: text("value of that label and taint", GATEWAY_NODE_VALUE),
    gatewayProjects: texts(
        "Pulumi projects that own the gateway: what only the deployer of the gateway may write in a cluster, their stacks may; written, the components of other projects are not taken for the gateway's",
        ["egress-gateway"],
    ),
    gatewayNamespace: text("namespace of the gateway", DEFAULT_NAMES.gatewayNamespace),
    resolverNamespace: text("namespace of the DNS lock's resolver; without one there is no lock", ""),
    gatewayServiceAccount: text("Kubernetes service account of the gateway's pods", GATEWAY_NAME),
    gatewayService: text("name of the gateway's Service", GATEWAY_NAME),
    gatewayPodLabels: {
        kind: "labels",
        default: { app: GATEWAY_NAME, ...GATEWAY_POD_LABELS },
        description: "labels of the gateway's pods that Istio Gateways select",
    } as Labels,
    clientNamespaces: texts(
        "namespaces whose workloads may use the gateway; `*` stands for any text. The system's, istiod's and the gateway's are never among them",
        [],
    ),
    systemNamespaces: texts(
        "namespaces of the cluster's own components, which the workload rules leave alone",
        GKE_SYSTEM_NAMESPACES,
    ),
    controlPlaneNamespace: text(
        "namespace of istiod, which is the mesh's root namespace",
        DEFAULT_NAMES.controlPlaneNamespace,
    ),
    proxyImages: texts(
        "images of the mesh's proxy, without tag; `*/` in front means any registry",
        DEFAULT_PROXY_IMAGES,
    ),
    clusterDomain: text("DNS domain of the cluster", CLUSTER_DOMAIN),
    allowedNats: texts("names of Cloud NATs that may serve other subnets than the gateway's", []),
    allowedEgress: texts("public ranges that every machine may reach and have a route to", [
        GOOGLE_RESTRICTED_CIDR,
        GOOGLE_RESTRICTED_IPV6_CIDR,
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

export type SettingKey = keyof typeof SETTINGS;

/** Whoever writes one of these says that there is a gateway. */
const NAMING: readonly SettingKey[] = [
    "gatewayAccounts",
    "gatewayTags",
    "gatewaySecureTags",
    "gatewaySubnets",
    "gatewayNodeKey",
    "gatewayNodeValue",
    "gatewayProjects",
    "gatewayNamespace",
    "resolverNamespace",
    "gatewayServiceAccount",
    "gatewayService",
    "gatewayPodLabels",
    "clientNamespaces",
];

type Value<S> = S extends Texts ? readonly string[] : S extends Labels ? Readonly<Record<string, string>> : string;

/** What a person may write. */
export type ConfiguredSettings = { readonly [K in SettingKey]: Value<(typeof SETTINGS)[K]> } & {
    readonly gateways: readonly FurtherGateway[];
    readonly waivers: readonly Waiver[];
    readonly allowances: readonly Allowance[];
};

export type PackSettings = ConfiguredSettings & {
    /** Something names a gateway: the stack's own components, or whoever configured the pack. */
    readonly gatewayNamed: boolean;
    /** Gateways beside the one that the other settings describe, as the stack's own guard or whoever configured the pack tells them. */
    readonly furtherGateways: readonly GuardedGateway[];
};

export const DEFAULT_SETTINGS: ConfiguredSettings = {
    ...(Object.fromEntries(Object.entries(SETTINGS).map(([key, setting]) => [key, setting.default])) as Pick<
        ConfiguredSettings,
        SettingKey
    >),
    gateways: [],
    waivers: [],
    allowances: [],
};

/** With the defaults for what was not written. */
export function configuredSettings(written: Partial<ConfiguredSettings>): PackSettings {
    const given = withGateways(written);
    const settings = { ...DEFAULT_SETTINGS, ...given };
    return {
        ...settings,
        gatewayNamed: NAMING.some(key => given[key] !== undefined),
        furtherGateways: settings.gateways.map(gateway => ({
            ...namesOf(gateway),
            podLabels: { ...settings.gatewayPodLabels, ...labelsOf(gateway.name) },
            host: hostIn(namesOf(gateway).namespace, settings),
            nodeValue: gatewayNodeValue(gateway.name),
        })),
    };
}

/** What was written, with the further gateways' accounts and tags in the lists of all. */
export function withGateways(given: Partial<ConfiguredSettings>): Partial<ConfiguredSettings> {
    const further = (given.gateways ?? []).map(namesOf);
    if (further.length === 0) {
        return given;
    }
    const { gatewayAccounts, gatewayTags } = { ...DEFAULT_SETTINGS, ...given };
    return {
        ...given,
        gatewayAccounts: [...gatewayAccounts, ...further.map(({ nodeAccount }) => nodeAccount)],
        gatewayTags: [...gatewayTags, ...further.map(({ networkTag }) => networkTag)],
    };
}

function namesOf({
    name,
    ...written
}: FurtherGateway): Pick<GuardedGateway, "namespace" | "nodeAccount" | "networkTag"> {
    const { namespace, networkTag, nodeAccountId } = namesOfFurtherGateway(name);
    return { namespace, networkTag, nodeAccount: nodeAccountId, ...written };
}

/** What the setting `gateways` is. */
export const FURTHER_GATEWAYS =
    "gateways beside the one that the keys above describe: `{name, namespace, nodeAccount, networkTag}`, of which all but the name have this program's names as defaults; their subnets stand in `gatewaySubnets`";

const TEXT = { type: "string" as const };

/**
 * The engine refuses configuration of another form before any rule runs; what it does not know it lets through. It fills in
 * no defaults, so that what was written can be told from what was not.
 */
export const SETTINGS_SCHEMA: PolicyConfigSchema = {
    properties: {
        ...Object.fromEntries(
            Object.entries(SETTINGS).map(([key, { kind, description }]) => [
                key,
                {
                    description,
                    ...(kind === "texts"
                        ? { type: "array" as const, items: TEXT }
                        : kind === "labels"
                          ? { type: "object" as const, additionalProperties: TEXT }
                          : { ...TEXT, minLength: 1 }),
                },
            ]),
        ),
        gateways: {
            description: FURTHER_GATEWAYS,
            type: "array",
            items: {
                type: "object",
                properties: {
                    name: { ...TEXT, minLength: 1 },
                    namespace: TEXT,
                    nodeAccount: TEXT,
                    networkTag: TEXT,
                },
                required: ["name"],
                additionalProperties: false,
            },
        },
        waivers: {
            description: "findings that pass, each with a reason, and are printed",
            type: "array",
            items: {
                type: "object",
                properties: { rule: TEXT, resource: TEXT, reason: TEXT, expires: TEXT },
                additionalProperties: false,
            },
        },
        allowances: {
            description: "values of these settings that switch a rule off, each with a reason and an end",
            type: "array",
            items: {
                type: "object",
                properties: { setting: TEXT, value: TEXT, reason: TEXT, expires: TEXT },
                additionalProperties: false,
            },
        },
    },
};

/** Fully qualified name of the gateway's Service. */
export function gatewayHost(settings: PackSettings): string {
    return hostIn(settings.gatewayNamespace, settings);
}

function hostIn(namespace: string, { gatewayService, clusterDomain }: ConfiguredSettings): string {
    return `${gatewayService}.${namespace}.svc.${clusterDomain}`;
}

export function gatewayNamespaces(settings: PackSettings): readonly string[] {
    return [settings.gatewayNamespace, ...settings.furtherGateways.map(({ namespace }) => namespace)];
}

/** Labels of each gateway's pods. */
export function gatewayPodLabels(settings: PackSettings): readonly Readonly<Record<string, string>>[] {
    return [settings.gatewayPodLabels, ...settings.furtherGateways.map(({ podLabels }) => podLabels)];
}
