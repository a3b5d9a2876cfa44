import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { googleNames, type GoogleSettings } from "../../settings/googleNames";

/**
 * The service account of the gateway nodes. The firewall lets this identity out and no other, so nothing but the gateway's
 * node pool may run as it. It is created before the firewall rules that name it.
 */
export class GatewayNodeIdentity extends pulumi.ComponentResource {
    constructor(
        name: string,
        settings: Pick<GoogleSettings, "google" | "platform" | "gateway">,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        const names = googleNames(settings);
        super("egress-gateway:node-pool:GatewayNodeIdentity", name, { account: names.gatewayNodeAccount }, opts);

        const account = new gcp.serviceaccount.Account(
            name,
            {
                project: names.project,
                accountId: settings.gateway.nodeAccountId,
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
        const { imageRepository } = settings.platform;
        if (imageRepository !== undefined) {
            new gcp.artifactregistry.RepositoryIamMember(
                `${name}-images`,
                {
                    ...repositoryParts(imageRepository),
                    role: "roles/artifactregistry.reader",
                    member: `serviceAccount:${names.gatewayNodeAccount}`,
                },
                { parent: this, dependsOn: [account] },
            );
        }
        this.registerOutputs();
    }
}

/** The parts of `projects/…/locations/…/repositories/…`. */
function repositoryParts(path: string): { project: string; location: string; repository: string } {
    const [, project = "", , location = "", , repository = ""] = path.split("/");
    return { project, location, repository };
}
