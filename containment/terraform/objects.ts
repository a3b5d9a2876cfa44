import { isObject, type Json } from "../document";
import { UNKNOWN } from "../resource";
import { OBJECTS_UNREAD } from "../world/types/creators";
import { type Marked, revealed } from "./values";

/** Kinds whose Terraform spelling says the same as their manifest: metadata, and for a ConfigMap its data. */
const PLAIN_KINDS: Readonly<Record<string, string>> = {
    kubernetes_namespace: "Namespace",
    kubernetes_service_account: "ServiceAccount",
    kubernetes_config_map: "ConfigMap",
};

/** An object in a cluster as its manifest; one that Terraform spells otherwise stays unread. */
export function objectOf(type: string, marked: Marked): { readonly type: string; readonly inputs: Json } {
    const values = revealed(marked);
    const found = isObject(values) ? values : {};
    const plainType = type.replace(/_v1$/, "");
    const object =
        type === "kubernetes_manifest"
            ? found["manifest"]
            : plainType === "kubernetes_network_policy"
              ? networkPolicyOf(found)
              : manifestOf(plainType, found);
    const [version, kind] = isObject(object) ? [object["apiVersion"], object["kind"]] : [];
    if (!isObject(object) || !isKnown(version) || !isKnown(kind)) {
        return { type: `${OBJECTS_UNREAD}:index/${type}:${type}`, inputs: found };
    }
    return { type: `kubernetes:${version.includes("/") ? version : `core/${version}`}:${kind}`, inputs: object };
}

function manifestOf(type: string, values: Json): Json | undefined {
    const kind = PLAIN_KINDS[type];
    const metadata = metadataOf(values, kind === "Namespace");
    return kind === undefined || metadata === undefined
        ? undefined
        : {
              apiVersion: "v1",
              kind,
              metadata,
              ...(kind === "ConfigMap" && values["data"] !== undefined ? { data: values["data"] } : {}),
          };
}

function metadataOf(values: Json, ofCluster = false): Json | undefined {
    const metadata = onlyOf(values["metadata"]);
    if (!isObject(metadata) || metadata["name"] === undefined) {
        return undefined;
    }
    const { name, namespace, labels, annotations } = metadata;
    return present({ name, namespace: ofCluster ? undefined : namespace, labels, annotations });
}

/** The block of a kind that a resource has once; one that is not known as a whole is {@link UNKNOWN}. */
function onlyOf(blocks: unknown): unknown {
    return Array.isArray(blocks) ? (blocks.length === 1 ? (blocks[0] ?? {}) : undefined) : blocks;
}

/** An empty block selects everything, a block that is not there selects nothing (provider's `kubernetes_network_policy`). */
function networkPolicyOf(values: Json): Json | undefined {
    const metadata = metadataOf(values);
    const spec = onlyOf(values["spec"]);
    if (metadata === undefined || !isObject(spec)) {
        return undefined;
    }
    return {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata,
        spec: present({
            podSelector: selectorOf(onlyOf(spec["pod_selector"]) ?? {}),
            policyTypes: spec["policy_types"],
            ingress: each(spec["ingress"], block => ruleOf(block, "from")),
            egress: each(spec["egress"], block => ruleOf(block, "to")),
        }),
    };
}

function ruleOf(block: Json, peers: "from" | "to"): Json {
    return present({
        [peers]: each(block[peers], peer =>
            present({
                ipBlock: onlyOf(peer["ip_block"]),
                namespaceSelector: selectorOf(onlyOf(peer["namespace_selector"])),
                podSelector: selectorOf(onlyOf(peer["pod_selector"])),
            }),
        ),
        ports: each(block["ports"], ({ port, protocol, end_port: endPort }) =>
            // Terraform has text for what is a number or a name.
            present({ port: /^\d+$/.test(String(port)) ? Number(port) : port || undefined, protocol, endPort }),
        ),
    });
}

function selectorOf(block: unknown): unknown {
    return isObject(block)
        ? present({
              matchLabels: block["match_labels"],
              matchExpressions: each(block["match_expressions"], expression => expression),
          })
        : block;
}

/** Each block of a list; a list, or a block in it, that is not known stays so. */
function each(blocks: unknown, translate: (block: Json) => Json): unknown {
    return Array.isArray(blocks)
        ? (blocks as unknown[]).map(block => (block === UNKNOWN ? block : translate(isObject(block) ? block : {})))
        : blocks;
}

function present(values: Json): Json {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}

function isKnown(value: unknown): value is string {
    return typeof value === "string" && value !== "" && value !== UNKNOWN;
}
