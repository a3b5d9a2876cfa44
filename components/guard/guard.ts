import { setTimeout as sleep } from "node:timers/promises";
import * as admission from "@pulumi/kubernetes/admissionregistration/v1";
import * as pulumi from "@pulumi/pulumi";
import { GUARD } from "../../declared/guard";
import { logicalName } from "../kubernetesObject";
import { compileGuard } from "./compile";
import { type GuardSettings } from "./settings";

/**
 * API servers go by a changed policy when they have heard of it. Until then whoever has just been exempted is refused still, and that
 * is the deployer, where the next object waits for the guard.
 */
const SECONDS_UNTIL_HEARD = 3;

/**
 * Keeps everything but the gateway off the gateway's nodes, and tenants from granting themselves a way out. The API server
 * itself evaluates the policies, so nothing has to run for them to hold.
 */
export class Guard extends pulumi.ComponentResource {
    constructor(name: string, settings: GuardSettings, opts?: pulumi.ComponentResourceOptions) {
        super(GUARD.type, name, settings, opts);

        const objects = compileGuard(settings);
        // Both kinds are bound to their names, so that a replacement cannot stand beside what it replaces.
        const options = { parent: this, deleteBeforeReplace: true };
        const heard = new pulumi.ResourceHook(`${name}-heard`, () => sleep(SECONDS_UNTIL_HEARD * 1000));
        for (const object of objects) {
            if (object.kind === "ValidatingAdmissionPolicy") {
                new admission.ValidatingAdmissionPolicy(logicalName(object), object as never, {
                    ...options,
                    hooks: { afterUpdate: [heard] },
                });
            } else {
                new admission.ValidatingAdmissionPolicyBinding(logicalName(object), object as never, options);
            }
        }
        this.registerOutputs({});
    }
}
