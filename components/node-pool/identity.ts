import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { type GoogleNames } from "../../settings/googleNames";

export interface GatewayNodeIdentityArgs {
    readonly names: GoogleNames;
    /** Part before the @ of the account. */
    readonly accountId: string;
}

/**
 * The service account of the gateway nodes. The firewall lets this identity out and no other, so nothing but the gateway's
 * node pool may run as it. It is created before the firewall rules that name it.
 */
export class GatewayNodeIdentity extends pulumi.ComponentResource {
    constructor(name: string, args: GatewayNodeIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
        const { names, accountId } = args;
        super("egress-gateway:node-pool:GatewayNodeIdentity", name, { account: names.gatewayNodeAccount }, opts);

        const account = new gcp.serviceaccount.Account(
            name,
            {
                project: names.project,
                accountId,
                displayName: "Egress gateway nodes",
                description: "Identity that the egress firewall lets out.",
            },
            { parent: this },
        );
        new gcp.projects.IAMMember(
            `${name}-node`,
            // Logs, metrics and nothing else; in particular no storage role, which would read every bucket of the project.
            {
                project: names.project,
                role: "roles/container.defaultNodeServiceAccount",
                member: `serviceAccount:${names.gatewayNodeAccount}`,
            },
            { parent: this, dependsOn: [account] },
        );
        this.registerOutputs();
    }
}
