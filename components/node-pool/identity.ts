import * as artifactregistry from "@pulumi/gcp/artifactregistry";
import * as projects from "@pulumi/gcp/projects";
import * as serviceaccount from "@pulumi/gcp/serviceaccount";
import * as pulumi from "@pulumi/pulumi";
import { GATEWAY_NODE_IDENTITY, type GatewayNodeIdentityInputs } from "../../declared/nodePool";
import { googleNames, type GoogleSettings, nodeAccountAddress } from "../../settings/googleNames";

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
        const inputs: GatewayNodeIdentityInputs = { account: names.gatewayNodeAccount };
        const { nodeAccountId, retiring } = settings.gateway;
        super(GATEWAY_NODE_IDENTITY.type, name, inputs, opts);

        for (const id of [nodeAccountId, ...(retiring.nodeAccountId === undefined ? [] : [retiring.nodeAccountId])]) {
            nodeAccount(name, id, settings, this);
        }
        this.registerOutputs();
    }
}

/** The id is part of the logical names, so that a change makes the new account beside the old one. */
function nodeAccount(
    name: string,
    accountId: string,
    settings: Pick<GoogleSettings, "google" | "platform">,
    parent: pulumi.Resource,
): void {
    const { project } = settings.google;
    const member = `serviceAccount:${nodeAccountAddress(accountId, project)}`;
    const account = new serviceaccount.Account(
        `${name}-${accountId}`,
        {
            project,
            accountId,
            displayName: "Egress gateway nodes",
            description: "Identity that the egress firewall lets out.",
        },
        { parent },
    );
    new projects.IAMMember(
        `${name}-${accountId}-node`,
        // Logs, metrics and nothing else; in particular no storage role, which would read every bucket of the project.
        { project, role: "roles/container.defaultNodeServiceAccount", member },
        { parent, dependsOn: [account] },
    );
    const { imageRepository } = settings.platform;
    if (imageRepository !== undefined) {
        new artifactregistry.RepositoryIamMember(
            `${name}-${accountId}-images`,
            { ...repositoryParts(imageRepository), role: "roles/artifactregistry.reader", member },
            { parent, dependsOn: [account] },
        );
    }
}

/** The parts of `projects/…/locations/…/repositories/…`. */
function repositoryParts(path: string): { project: string; location: string; repository: string } {
    const [, project = "", , location = "", , repository = ""] = path.split("/");
    return { project, location, repository };
}
