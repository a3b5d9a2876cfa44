import { type HostileCase, type PermittedRequest, type Request, type Sender, type SentObject } from "./case";
import { IMPOSTORS } from "./impostors";
import {
    GATEWAY_TOLERATION,
    gatewayDeployment,
    gatewayPod,
    gatewayProxy,
    POD_KINDS,
    type PodFields,
    workloadOf,
} from "./objects";
import {
    administrator,
    deployer,
    deploymentController,
    developer,
    GATEWAY,
    GATEWAY_LABELS,
    kubelet,
    NODE_KEY,
    onCall,
    operator,
    replicaSetController,
} from "./surroundings";

const NOT_MADE = "is not made by a Deployment of this program";
const CHANGED = "is changed or deleted by somebody else than a controller";

const deadOwner = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    name: "gone",
    uid: "00000000-0000-0000-0000-000000000000",
};

/** Pods that say of themselves what a gateway pod says, made or changed by somebody whose affair they are not. */
export const gatewayMakerCases: readonly HostileCase[] = [
    ...IMPOSTORS.map(({ name, words, proxy, pod: fields, annotations }): HostileCase => {
        const pod = (objectName: string): SentObject =>
            gatewayPod(
                objectName,
                { ...fields, ...(proxy === undefined ? {} : { containers: [{ ...gatewayProxy, ...proxy }] }) },
                annotations === undefined ? {} : { annotations },
            );
        const title = `${words[0]!.toUpperCase()}${words.slice(1)}.`;
        return makerCase(name, title, administrator, NOT_MADE, create(pod(`one-more-${name}`)), {
            title: "The ReplicaSet controller makes it: the deployer wrote it so.",
            as: replicaSetController,
            request: create(pod(`made-${name}`)),
        });
    }),
    ...POD_KINDS.filter(kind => kind !== "Pod" && kind !== "Deployment").map(kind =>
        makerCase(
            kind.toLowerCase(),
            `A ${kind} of the gateway's shape, by the deployer itself.`,
            deployer,
            NOT_MADE,
            create(gatewayWorkload(kind, `shaped-${kind.toLowerCase()}`)),
            {
                title: "The deployer writes a Deployment of that shape.",
                request: create(gatewayDeployment(`shaped-${kind.toLowerCase()}`)),
            },
        ),
    ),
    makerCase(
        "replicaset-by-stranger",
        "A ReplicaSet of the gateway's shape, whose pods would receive the clients' traffic.",
        administrator,
        NOT_MADE,
        create(gatewayWorkload("ReplicaSet", "strangers")),
        {
            title: "The Deployment controller makes one.",
            as: deploymentController,
            request: create(gatewayWorkload("ReplicaSet", "made-by-controller")),
        },
    ),
    makerCase(
        "replicaset-scaled",
        "A ReplicaSet of the gateway is scaled away.",
        administrator,
        CHANGED,
        change(scaled("scaled-away", 3), scaled("scaled-away", 0)),
        {
            title: "The Deployment controller scales it.",
            as: deploymentController,
            request: change(scaled("scaled-by-controller", 3), scaled("scaled-by-controller", 0)),
        },
    ),
    ...(["label", "label-through-status"] as const).map(name =>
        makerCase(
            name,
            "A gateway pod gets one more label, by which a Gateway of any namespace may select it.",
            administrator,
            CHANGED,
            labelled(name, { lane: "mine" }, name === "label" ? undefined : "status"),
            name === "label"
                ? {
                      title: "A controller adds a label.",
                      as: replicaSetController,
                      request: labelled(`${name}-twin`, { lane: "night" }),
                  }
                : {
                      title: "A kubelet reports the status of a gateway pod.",
                      as: kubelet("gateway-node-1"),
                      request: {
                          operation: "update",
                          subresource: "status",
                          before: gatewayPod("gateway-status-twin", { nodeName: "gateway-node-1" }),
                          object: {
                              ...gatewayPod("gateway-status-twin", { nodeName: "gateway-node-1" }),
                              status: { message: "running" },
                          },
                      },
                  },
        ),
    ),
    makerCase(
        "address-through-status",
        "A gateway pod's address is written by somebody else, and the Service's traffic goes there.",
        developer,
        CHANGED,
        {
            operation: "update",
            subresource: "status",
            before: gatewayPod("gateway-address"),
            object: { ...gatewayPod("gateway-address"), status: { podIP: "10.4.7.7", podIPs: [{ ip: "10.4.7.7" }] } },
        },
        {
            title: "The break-glass group may.",
            as: onCall,
            request: labelled("gateway-address-twin", { lane: "quarantine" }),
        },
    ),
    makerCase(
        "dead-owner",
        "A gateway pod gets an owner that does not exist, so that it is collected as garbage.",
        developer,
        CHANGED,
        change(gatewayPod("gateway-owned"), gatewayPod("gateway-owned", {}, { ownerReferences: [deadOwner] })),
        {
            title: "A controller adopts it.",
            as: replicaSetController,
            request: change(
                gatewayPod("gateway-adopted"),
                gatewayPod("gateway-adopted", {}, { ownerReferences: [deadOwner] }),
            ),
        },
    ),
    makerCase(
        "image",
        "A gateway pod that runs gets another image.",
        administrator,
        CHANGED,
        imageChanged("image", "registry.stranger.example/proxyv2:1"),
        {
            title: "A controller changes it.",
            as: replicaSetController,
            request: imageChanged("image-twin", "registry.acme.example/istio/proxyv2:1.30.4"),
        },
    ),
    makerCase(
        "deleted",
        "A developer deletes gateway pods.",
        developer,
        CHANGED,
        { operation: "delete", before: gatewayPod("gateway-deleted") },
        {
            title: "An operator of the gateway deletes one.",
            as: operator,
            request: { operation: "delete", before: gatewayPod("gateway-deleted-twin") },
        },
    ),
];

function makerCase(
    name: string,
    title: string,
    as: Sender,
    message: string,
    request: Request,
    twin: PermittedRequest,
): HostileCase {
    return {
        id: `gateway-maker/${name}`,
        rule: "gateway-namespace-pods",
        bypass: 19,
        title,
        as,
        message,
        request,
        twin,
    };
}

function create(object: SentObject): Request {
    return { operation: "create", object };
}

function change(before: SentObject, object: SentObject): Request {
    return { operation: "update", before, object };
}

function labelled(name: string, labels: Readonly<Record<string, string>>, subresource?: "status"): Request {
    return {
        operation: "update",
        ...(subresource === undefined ? {} : { subresource }),
        before: gatewayPod(`gateway-${name}`),
        object: gatewayPod(`gateway-${name}`, {}, { labels: { ...GATEWAY_LABELS, ...labels } }),
    };
}

function imageChanged(name: string, image: string): Request {
    const containers = [{ ...gatewayProxy, image }];
    return change(gatewayPod(`gateway-${name}`), gatewayPod(`gateway-${name}`, { containers }));
}

/** What the gateway's Deployment says, in another kind. */
function gatewayWorkload(kind: (typeof POD_KINDS)[number], name: string): SentObject {
    const fields = {
        serviceAccountName: "egress-gateway",
        nodeSelector: { [NODE_KEY]: "true" },
        tolerations: [GATEWAY_TOLERATION],
        containers: [{ name: "istio-proxy", image: "auto" }],
    };
    return workloadOf(kind, name, fields, { namespace: GATEWAY, labels: GATEWAY_LABELS });
}

function scaled(name: string, replicas: number): SentObject {
    const object = gatewayWorkload("ReplicaSet", name);
    return { ...object, spec: { ...(object.spec as PodFields), replicas } };
}
