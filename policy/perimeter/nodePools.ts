import { type Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "../../containment/world/inputs";
import { GATEWAY_TAINT_EFFECT_GCP } from "../../base/conventions";
import { type Finding, type ResourceRule, undecided } from "../rule";
import { type PackSettings } from "../settings";
import { isGatewayAccount, isGatewaySubnet, isGatewayTag } from "./gatewayIdentity";
import { hasNodes, type Nodes, nodesOf, presence } from "./machines";

/** The judgement of every pool of a resource, and what could not be read. */
function eachPool(judge: (nodes: Nodes) => readonly Finding[]): ResourceRule["judge"] {
    return resource => {
        const { pools, unclear } = nodesOf(resource);
        return [...pools.flatMap(judge), ...unclear];
    };
}

/** What a pool has of the gateway. */
function gatewayTraits(inputs: Inputs, settings: PackSettings): string[] {
    const account = inputs.name("nodeConfig.serviceAccount");
    const subnet = inputs.name("networkConfig.subnetwork");
    const tags = knownOf(inputs.texts("nodeConfig.tags"));
    const labels = inputs.map("nodeConfig.labels");
    return [
        ...(typeof account === "string" && isGatewayAccount(account, settings) ? [`service account ${account}`] : []),
        ...(typeof subnet === "string" && isGatewaySubnet(subnet, settings) ? [`subnet ${subnet}`] : []),
        ...tags.filter(tag => isGatewayTag(tag, settings)).map(tag => `network tag ${tag}`),
        ...(labels !== undefined && labels !== NOT_KNOWN && labels.has(settings.gatewayNodeKey)
            ? [`label ${settings.gatewayNodeKey}`]
            : []),
    ];
}

/** Whether the pool keeps everything but the gateway off its nodes. */
export function hasGatewayTaint(inputs: Inputs, settings: PackSettings): "yes" | "no" | "weak" | "unknown" {
    const taints = inputs.objects("nodeConfig.taints");
    const own = knownOf(taints).filter(taint => taint.name("key") === settings.gatewayNodeKey);
    const effects = own.map(taint => taint.name("effect"));
    if (effects.includes(GATEWAY_TAINT_EFFECT_GCP)) {
        return "yes";
    }
    const open =
        someUnknown(taints) ||
        effects.includes(NOT_KNOWN) ||
        knownOf(taints).some(taint => taint.name("key") === NOT_KNOWN);
    return open ? "unknown" : own.length > 0 ? "weak" : "no";
}

export function gatewayTaint(settings: PackSettings): ResourceRule {
    const values = [settings.gatewayNodeValue, ...settings.furtherGateways.map(({ nodeValue }) => nodeValue)];
    const taint = `${settings.gatewayNodeKey}=${values.join(" or ")}:${GATEWAY_TAINT_EFFECT_GCP}`;
    return {
        scope: "resource",
        name: "gateway-taint",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description: "Gateway nodes have their taint, with an effect that the kubelet enforces.",
        stops: "Pods on gateway nodes: NO_SCHEDULE is asked by the scheduler alone, and a pod that names its node never meets it.",
        remedy: `Add the taint ${taint} to nodeConfig.taints; NO_SCHEDULE may stand beside it, not instead.`,
        concerns: hasNodes,
        judge: eachPool(({ at, inputs }) => {
            const traits = gatewayTraits(inputs, settings);
            const state = hasGatewayTaint(inputs, settings);
            if (state === "weak") {
                return [
                    {
                        found: `${at}nodeConfig.taints has ${settings.gatewayNodeKey} without effect ${GATEWAY_TAINT_EFFECT_GCP}.`,
                    },
                ];
            }
            if (state === "yes" || traits.length === 0) {
                return [];
            }
            return state === "unknown"
                ? [
                      undecided(
                          `${at}nodeConfig.taints`,
                          `whether anything but the gateway can run on nodes with ${traits.join(", ")}`,
                      ),
                  ]
                : [{ found: `${at || "The pool "}has ${traits.join(", ")} and no taint ${settings.gatewayNodeKey}.` }];
        }),
    };
}

export function metadataServer(): ResourceRule {
    return {
        scope: "resource",
        name: "metadata-server",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "Nodes run the GKE metadata server.",
        stops: "The token of the node's service account, which any pod could read and use with Google's APIs.",
        remedy: "Set nodeConfig.workloadMetadataConfig.mode to GKE_METADATA.",
        concerns: hasNodes,
        judge: eachPool(({ at, inputs }) => {
            const path = "nodeConfig.workloadMetadataConfig.mode";
            const mode: Maybe<string> = inputs.name(path);
            return mode === "GKE_METADATA"
                ? []
                : mode === NOT_KNOWN
                  ? [undecided(at + path, "whether pods can read the node's token")]
                  : [{ found: `${at}${path} is ${mode ?? "absent"}.` }];
        }),
    };
}

/** Not a way out by itself: who holds the default account's token may edit firewalls and routes of the project. */
export function nodeAccount(): ResourceRule {
    return {
        scope: "resource",
        name: "node-service-account",
        concern: "perimeter",
        severity: "medium",
        enforcement: "advisory",
        description: "Nodes run as a service account of their own.",
        stops: "The Compute Engine default account, which may edit the firewall in projects with the older default grants.",
        remedy: "Create an account with roles/container.defaultNodeServiceAccount and name it in nodeConfig.serviceAccount.",
        concerns: hasNodes,
        judge: eachPool(({ at, inputs }) => {
            const account = inputs.name("nodeConfig.serviceAccount");
            return typeof account === "string" && account !== "default" && !/^\d+-compute@developer\./.test(account)
                ? []
                : account === NOT_KNOWN
                  ? // Some account of this program: not the default one, whose address nobody has to wait for.
                    []
                  : [
                        {
                            found: `${at}nodeConfig.serviceAccount is ${account ?? "absent"}: the Compute Engine default account.`,
                        },
                    ];
        }),
    };
}

export function secondaryInterfaces(): ResourceRule {
    return {
        scope: "resource",
        name: "node-pool-interfaces",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "Nodes have one network interface.",
        stops: "A second interface into a network with another firewall, NAT or default route.",
        remedy: "Remove the additional network configurations.",
        concerns: hasNodes,
        judge: eachPool(({ at, inputs }) =>
            ["additionalNodeNetworkConfigs", "additionalPodNetworkConfigs"].flatMap((key): Finding[] => {
                const path = `networkConfig.${key}`;
                switch (presence(inputs.objects(path))) {
                    case "present":
                        return [{ found: `${at}${path} adds a network interface.` }];
                    case "unknown":
                        return [undecided(at + path, "whether the nodes have a second network interface")];
                    case "absent":
                        return [];
                }
            }),
        ),
    };
}
