import * as pulumi from "@pulumi/pulumi";
import { type Settings } from "../../settings/settings";
import { registerObject } from "../registerObject";
import { gatewayNamespace } from "./namespace";

/**
 * The gateway's namespace. It is a component of its own because the namespace's network policies have to exist before the
 * first gateway pod, and they need the namespace.
 */
export class GatewayNamespace extends pulumi.ComponentResource {
    constructor(name: string, settings: Pick<Settings, "gateway">, opts?: pulumi.ComponentResourceOptions) {
        super("egress-gateway:gateway:GatewayNamespace", name, { namespace: settings.gateway.namespace }, opts);
        registerObject(gatewayNamespace(settings), { parent: this });
        this.registerOutputs({});
    }
}
