import * as pulumi from "@pulumi/pulumi";
import { GATEWAY_NAMESPACE, type GatewayNamespaceInputs } from "../../declared/gateway";
import { type Settings } from "../../settings/settings";
import { registerObject } from "../registerObject";
import { gatewayNamespace } from "./namespace";

/**
 * The gateway's namespace. It is a component of its own because the namespace's network policies have to exist before the
 * first gateway pod, and they need the namespace.
 */
export class GatewayNamespace extends pulumi.ComponentResource {
    constructor(name: string, settings: Pick<Settings, "gateway">, opts?: pulumi.ComponentResourceOptions) {
        const inputs: GatewayNamespaceInputs = { namespace: settings.gateway.namespace };
        super(GATEWAY_NAMESPACE.type, name, inputs, opts);
        registerObject(gatewayNamespace(settings), { parent: this });
        this.registerOutputs({});
    }
}
