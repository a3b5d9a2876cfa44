import { type Settings } from "../../settings/settings";
import { secretAccess, serviceAccount } from "./access";
import { deployment } from "./deployment";
import { type GatewayObject } from "./gatewayObject";
import { gatewayNamespace } from "./namespace";
import { autoscaler, disruptionBudget } from "./scaling";
import { service } from "./service";

/** The part of the settings that the gateway follows from. */
export type GatewaySettings = Pick<Settings, "gateway" | "mesh" | "platform" | "destinations">;

/** All Kubernetes objects of the gateway, in the order in which they have to exist. */
export function compileGateway(settings: GatewaySettings): GatewayObject[] {
    return [
        gatewayNamespace(settings),
        serviceAccount(settings),
        ...secretAccess(settings),
        disruptionBudget(settings),
        deployment(settings),
        service(settings),
        autoscaler(settings),
    ];
}
