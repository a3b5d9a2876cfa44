import { GATEWAY_NODE_KEY, GATEWAY_TAINT_EFFECT, gatewayNodeValue, gatewayPodLabels } from "../../../base/conventions";
import { type Judgement } from "../judge/denied";
import { type AccessProbe, type AdmissionProbe, type InspectionProbe, type KubernetesManifest } from "../probe";
import { type ProbeResult } from "../result";
import { type ApiAnswer, type ClusterApi, type Impersonation, reasonOf } from "../../cluster/api";
import { exemptNamespaces, isExempt } from "./exemptNamespaces";
import { gatewayPods } from "./gateway";
import { collectionPath } from "./paths";
import { RUN_LABEL } from "./made";

/** Probes that need no pod: the API server itself has the answer. */
export async function askApiServer(
    api: ClusterApi,
    probe: AdmissionProbe | AccessProbe | InspectionProbe,
    tenant: Impersonation,
    signal: AbortSignal,
): Promise<ProbeResult> {
    const judgement =
        probe.kind === "admission"
            ? await tryAdmission(api, probe, tenant, signal)
            : probe.kind === "access"
              ? await askAccess(api, probe, signal)
              : await inspect(api, probe, signal);
    return { probe, nodes: [], ...judgement };
}

type Seen = Judgement & { readonly seen: string };

/** Nothing is created: `dryRun=All` goes through admission and stops before storage (Kubernetes documentation, "Dry-run"). */
async function tryAdmission(
    api: ClusterApi,
    { object, control, rules }: AdmissionProbe,
    tenant: Impersonation,
    signal: AbortSignal,
): Promise<Seen> {
    const ask = (manifest: KubernetesManifest): Promise<ApiAnswer> =>
        api.request("POST", `${collectionPath(manifest)}?dryRun=All`, manifest, { as: tenant, signal });
    const benign = await ask(control);
    if (benign.status >= 300) {
        return {
            outcome: "not-run",
            seen: `${benign.status}: ${reasonOf(benign)}`,
            because:
                benign.status === 404
                    ? `the cluster does not serve ${control.kind}`
                    : `the harmless twin was refused, so a refusal would prove nothing: ${reasonOf(benign)}`,
        };
    }
    const answer = await ask(object);
    const seen = `${answer.status}: ${answer.status < 300 ? "admitted" : reasonOf(answer)}`;
    if (answer.status < 300) {
        return { outcome: "failed", seen, because: "the API server would admit it" };
    }
    return rules.some(rule => reasonOf(answer).includes(`[${rule}]`))
        ? { outcome: "passed", seen, because: `refused by ${rules.join(" or ")}, while the harmless twin is admitted` }
        : { outcome: "unproven", seen, because: `refused, but not by ${rules.join(" or ")}: ${reasonOf(answer)}` };
}

async function askAccess(api: ClusterApi, { user, action }: AccessProbe, signal: AbortSignal): Promise<Seen> {
    const { namespace, serviceAccount } = user;
    const answer = await api.request(
        "POST",
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SubjectAccessReview",
            spec: {
                user: `system:serviceaccount:${namespace}:${serviceAccount}`,
                groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
                resourceAttributes: action,
            },
        },
        { signal },
    );
    if (answer.status >= 300) {
        return {
            outcome: "not-run",
            seen: String(answer.status),
            because: `the API server does not say: ${reasonOf(answer)}`,
        };
    }
    const status = (answer.body as { status?: { allowed?: boolean; reason?: string } }).status;
    return status?.allowed === true
        ? { outcome: "failed", seen: "allowed", because: `it may: ${status.reason ?? "no reason is given"}` }
        : { outcome: "passed", seen: "denied", because: "no role grants it" };
}

interface Node {
    readonly metadata: { readonly name: string };
    readonly spec: {
        readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
    };
}

interface RunningPod {
    readonly metadata: {
        readonly name: string;
        readonly namespace: string;
        readonly labels?: Readonly<Record<string, string>>;
    };
    readonly status?: { readonly phase?: string };
}

async function inspect(api: ClusterApi, probe: InspectionProbe, signal: AbortSignal): Promise<Seen> {
    const mark = `${GATEWAY_NODE_KEY}=${gatewayNodeValue(probe.gateway)}`;
    const selector = encodeURIComponent(mark);
    const { items: nodes } = await api.get<{ items: Node[] }>(
        `/api/v1/nodes?labelSelector=${selector}`,
        "listing the gateway's nodes",
        { signal },
    );
    const names = nodes.map(({ metadata }) => metadata.name);
    if (nodes.length === 0) {
        return {
            outcome: "not-run",
            seen: "no node",
            because: `no node has the label ${mark}`,
        };
    }
    switch (probe.inspect) {
        case "gateway-node-taint":
            return taints(nodes, probe.gateway);
        case "gateway-node-pods":
            return strangers(api, names, signal, probe);
        case "gateway-pods":
            return podsAtHome(api, names, probe);
    }
}

/** Among several gateways the value counts as well: it says whose pods the taint lets in. */
function taints(nodes: readonly Node[], gateway: string | undefined): Seen {
    const wanted = gateway === undefined ? undefined : gatewayNodeValue(gateway);
    const taint = `${GATEWAY_NODE_KEY}${wanted === undefined ? "" : `=${wanted}`}:${GATEWAY_TAINT_EFFECT}`;
    const bare = nodes
        .filter(
            ({ spec }) =>
                spec.taints?.some(
                    ({ key, value, effect }) =>
                        key === GATEWAY_NODE_KEY &&
                        effect === GATEWAY_TAINT_EFFECT &&
                        (wanted === undefined || value === wanted),
                ) !== true,
        )
        .map(({ metadata }) => metadata.name);
    return bare.length === 0
        ? {
              outcome: "passed",
              seen: `${nodes.length} nodes`,
              because: `${nodes.length} gateway nodes have ${taint}`,
          }
        : {
              outcome: "failed",
              seen: bare.join(", "),
              because: `without the taint ${taint}: ${bare.join(", ")}`,
          };
}

async function podsAtHome(
    api: ClusterApi,
    nodes: readonly string[],
    { gateway, namespace }: InspectionProbe,
): Promise<Seen> {
    const pods = await gatewayPods(api, { namespace, ...(gateway === undefined ? {} : { name: gateway }) });
    const away = pods.filter(({ node }) => !nodes.includes(node)).map(({ name, node }) => `${name} on ${node}`);
    return away.length === 0
        ? { outcome: "passed", seen: `${pods.length} pods`, because: `its ${pods.length} pods run on its own nodes` }
        : { outcome: "failed", seen: away.join(", "), because: `on nodes that are not its own: ${away.join(", ")}` };
}

async function strangers(
    api: ClusterApi,
    nodes: readonly string[],
    signal: AbortSignal,
    { gateway, namespace }: InspectionProbe,
): Promise<Seen> {
    const labels = Object.entries(gatewayPodLabels(gateway));
    const exempt = await liveExemptions(api, signal);
    const lists = await Promise.all(
        nodes.map(node =>
            api.get<{ items: RunningPod[] }>(
                `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`,
                `listing the pods on ${node}`,
                { signal },
            ),
        ),
    );
    const foreign = lists
        .flatMap(({ items }) => items)
        .filter(({ metadata, status }) => {
            const own =
                metadata.namespace === namespace && labels.every(([key, value]) => metadata.labels?.[key] === value);
            const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
            return (
                !own && !ended && !isExempt(metadata.namespace, exempt) && metadata.labels?.[RUN_LABEL] === undefined
            );
        })
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    return foreign.length === 0
        ? {
              outcome: "passed",
              seen: `${nodes.length} nodes`,
              because: `${nodes.length} gateway nodes run the gateway, and nothing else but pods of the ${exempt.length} namespaces that the guard exempts`,
          }
        : { outcome: "failed", seen: foreign.join(", "), because: `these run on gateway nodes: ${foreign.join(", ")}` };
}

const TOLERATION_RULE = "egress-gateway.gateway-node-toleration";

async function liveExemptions(api: ClusterApi, signal: AbortSignal): Promise<readonly string[]> {
    const [policy, binding] = await Promise.all(
        ["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map(async plural => {
            const path = `/apis/admissionregistration.k8s.io/v1/${plural}/${TOLERATION_RULE}`;
            const { status, body } = await api.request("GET", path, undefined, { signal });
            return status === 200 ? (body as object) : undefined;
        }),
    );
    return exemptNamespaces({ policy, binding });
}
