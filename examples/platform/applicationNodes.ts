import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { APPLICATION_NODES, googleNames, IMAGE_MIRROR, type PlatformSettings } from "./settings";

/** Who the application nodes are, and where they pull public images from. */
export class ApplicationNodeIdentity extends pulumi.ComponentResource {
    /** Registry and path in front of `/pilot` and `/proxyv2`. */
    public readonly istioHub: string;

    constructor(name: string, settings: PlatformSettings, opts?: pulumi.ComponentResourceOptions) {
        const { project, region } = settings;
        const account = googleNames(settings).nodeAccount;
        super("platform:cluster:ApplicationNodeIdentity", name, { account }, opts);

        const identity = new gcp.serviceaccount.Account(
            name,
            { project, accountId: APPLICATION_NODES, displayName: "Application nodes" },
            { parent: this },
        );
        const member = `serviceAccount:${account}`;
        const asIdentity = { parent: this, dependsOn: [identity] };
        new gcp.projects.IAMMember(
            `${name}-node`,
            // Logs and metrics; not Editor, which the default account of Compute Engine has.
            { project, role: "roles/container.defaultNodeServiceAccount", member },
            asIdentity,
        );
        // Nodes cannot reach docker.io: Artifact Registry fetches for them, and answers on pkg.dev.
        const mirror = new gcp.artifactregistry.Repository(
            `${name}-docker-hub`,
            {
                project,
                location: region,
                repositoryId: IMAGE_MIRROR,
                description: "Docker Hub, for nodes without a way out.",
                format: "DOCKER",
                mode: "REMOTE_REPOSITORY",
                remoteRepositoryConfig: { dockerRepository: { publicRepository: "DOCKER_HUB" } },
            },
            { parent: this },
        );
        new gcp.artifactregistry.RepositoryIamMember(
            `${name}-pull`,
            { project, location: region, repository: IMAGE_MIRROR, role: "roles/artifactregistry.reader", member },
            { parent: this, dependsOn: [identity, mirror] },
        );

        this.istioHub = `${region}-docker.pkg.dev/${project}/${IMAGE_MIRROR}/istio`;
        this.registerOutputs();
    }
}
