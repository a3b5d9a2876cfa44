import * as pulumi from "@pulumi/pulumi";
import { GATEWAY_NAME, GATEWAY_NODE_KEY, GATEWAY_NODE_VALUE, GATEWAY_POD_LABELS } from "../../settings/conventions";
import { registerObject } from "../registerObject";
import { secretAccess, serviceAccount } from "./access";
import { type GatewaySettings } from "./compile";
import { deployment, terminationGraceSeconds } from "./deployment";
import { autoscaler, disruptionBudget } from "./scaling";
import { service } from "./service";

/** Nodes may have to be made first, and a roll-out waits for every connection of every pod. */
const ROLLOUT_MINUTES = 20;

/** The gateway itself, in a namespace that exists. Ready when its pods are; whoever routes to it depends on this. */
export class Gateway extends pulumi.ComponentResource {
    constructor(name: string, settings: GatewaySettings, opts?: pulumi.ComponentResourceOptions) {
        super(
            "egress-gateway:gateway:Gateway",
            name,
            {
                namespace: settings.gateway.namespace,
                serviceAccount: GATEWAY_NAME,
                podLabels: GATEWAY_POD_LABELS,
                nodeKey: GATEWAY_NODE_KEY,
                nodeValue: GATEWAY_NODE_VALUE,
            },
            opts,
        );

        const identity = [serviceAccount(settings), ...secretAccess(settings)].map(object =>
            registerObject(object, { parent: this }),
        );
        const budget = registerObject(disruptionBudget(settings), { parent: this });
        const drainMinutes = Math.ceil(terminationGraceSeconds(settings.gateway) / 60);
        const pods = registerObject(deployment(settings), {
            parent: this,
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
