import * as pulumi from "@pulumi/pulumi";
import { NETWORK_POLICIES, type NetworkPoliciesInputs } from "../../declared/networkPolicies";
import { registerObject } from "../registerObject";
import { type NetworkPolicy } from "./networkPolicy";

/**
 * Network policies of one side of the traffic. The gateway's and the clients' are two instances, because they belong to two
 * moments: the gateway's namespace is closed before its first pod runs, a client's when the way through the gateway is ready.
 */
export class NetworkPolicies extends pulumi.ComponentResource {
    constructor(name: string, policies: readonly NetworkPolicy[], opts?: pulumi.ComponentResourceOptions) {
        const namespaces = [...new Set(policies.map(({ metadata }) => metadata.namespace))].sort();
        super(NETWORK_POLICIES.type, name, { namespaces } satisfies NetworkPoliciesInputs, opts);
        policies.forEach(policy => registerObject(policy, { parent: this }));
        this.registerOutputs({});
    }
}
