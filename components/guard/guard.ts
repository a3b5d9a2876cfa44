import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { GUARD } from "../../declared/guard";
import { logicalName } from "../kubernetesObject";
import { compileGuard } from "./compile";
import { type GuardSettings } from "./settings";

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
        for (const object of objects) {
            if (object.kind === "ValidatingAdmissionPolicy") {
                new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
                    logicalName(object),
                    object as never,
                    options,
                );
            } else {
                new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
                    logicalName(object),
                    object as never,
                    options,
                );
            }
        }
        this.registerOutputs({});
    }
}
