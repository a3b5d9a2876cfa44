import * as pulumi from "@pulumi/pulumi";
import { GATEWAY_NAME, GATEWAY_NODE_KEY, gatewayNodeValue, gatewayPodLabels } from "../../base/conventions";
import { GATEWAY, GATEWAY_NAMESPACE, type GatewayInputs, type GatewayNamespaceInputs } from "../../declared/gateway";
import { gatewayNamed } from "../../settings/gateways";
import { type Settings } from "../../settings/settings";
import { registerObject } from "../registerObject";
import { secretAccess, serviceAccount } from "./access";
import { gatewayNamespace, type GatewaySettings } from "./compile";
import { deployment, terminationGraceSeconds } from "./deployment";
import { autoscaler, disruptionBudget } from "./scaling";
import { service } from "./service";

/**
 * The gateway's namespace. It is a component of its own because the namespace's network policies have to exist before the
 * first gateway pod, and they need the namespace.
 */
export class GatewayNamespace extends pulumi.ComponentResource {
    constructor(name: string, settings: Pick<Settings, "gateway">, opts?: pulumi.ComponentResourceOptions) {
        const inputs: GatewayNamespaceInputs = { namespace: settings.gateway.namespace, ...gatewayNamed(settings) };
        super(GATEWAY_NAMESPACE.type, name, inputs, opts);
        registerObject(gatewayNamespace(settings), { parent: this });
        this.registerOutputs({});
    }
}

/** The pool exists by then, with a node in every zone; what takes longer does not become ready by itself. */
const ROLLOUT_MINUTES = 10;

/** The gateway itself, in a namespace that exists. Ready when its pods are; whoever routes to it depends on this. */
export class Gateway extends pulumi.ComponentResource {
    constructor(name: string, settings: GatewaySettings, opts?: pulumi.ComponentResourceOptions) {
        const inputs: GatewayInputs = {
            namespace: settings.gateway.namespace,
            serviceAccount: GATEWAY_NAME,
            podLabels: gatewayPodLabels(settings.gateway.name),
            nodeKey: GATEWAY_NODE_KEY,
            nodeValue: gatewayNodeValue(settings.gateway.name),
            ...gatewayNamed(settings),
        };
        super(GATEWAY.type, name, inputs, opts);

        const identity = [serviceAccount(settings), ...secretAccess(settings)].map(object =>
            registerObject(object, { parent: this }),
        );
        const budget = registerObject(disruptionBudget(settings), { parent: this });
        const drainMinutes = Math.ceil(terminationGraceSeconds(settings.gateway) / 60);
        const pods = registerObject(deployment(settings), {
            parent: this,
            hooks: { beforeCreate: [saysWhereToLook(name, settings)] },
            dependsOn: [...identity, budget],
            customTimeouts: {
                create: `${ROLLOUT_MINUTES}m`,
                update: `${ROLLOUT_MINUTES + drainMinutes}m`,
                delete: `${ROLLOUT_MINUTES + drainMinutes}m`,
            },
        });
        // After the pods: Pulumi waits until a Service has endpoints, and gives up long before new nodes may be there. On the
        // way down the Service goes first, so that the pods drain.
        const afterPods = { parent: this, dependsOn: [pods] };
        registerObject(service(settings), afterPods);
        registerObject(autoscaler(settings), afterPods);

        this.registerOutputs({});
    }
}

/** Pulumi shows how many pods are ready, and not why others are not: a refusal is in the events of their ReplicaSet. */
function saysWhereToLook(name: string, { gateway, mesh }: GatewaySettings): pulumi.ResourceHook {
    return new pulumi.ResourceHook(`${name}-says-where-to-look`, () =>
        pulumi.log.info(
            `Waiting up to ${ROLLOUT_MINUTES} minutes for the gateway's pods. If none becomes ready: \`kubectl -n ${gateway.namespace} get events\`. ` +
                `"was not injected" means that revision ${mesh.revision} of Istio is not installed or its webhook not reachable (15017); ` +
                "`npm run preflight` checks both. Pods that are not ready do not reach istiod (15012) or DNS.",
        ),
    );
}
