import { GOOGLE_TYPES } from "../world/catalogue";
import { googleType } from "../providerNames";
import { token } from "./translate";

/** Modules of `@pulumi/gcp` by the name of the service, where that is another one. */
const MODULES: Readonly<Record<string, string>> = {
    aiplatform: "vertexAi",
    apikeys: "projects",
    backupdr: "backupdisasterrecovery",
    bigqueryreservation: "bigquery",
    bigtableadmin: "bigtable",
    cloudbilling: "billing",
    cloudkms: "kms",
    cloudquotas: "cloudquotaS",
    cloudresourcemanager: "tags",
    connectors: "integrationconnectors",
    datamigration: "databasemigrationservice",
    dialogflow: "diagflow",
    dlp: "datalossPrevention",
    domains: "clouddomains",
    file: "filestore",
    identitytoolkit: "identityplatform",
    integrations: "applicationintegration",
    metastore: "dataprocMetastore",
    privateca: "certificateauthority",
    recaptchaenterprise: "recaptchaEnterprise",
    serviceusage: "projects",
    sqladmin: "sql",
    storagetransfer: "storage",
};

/** Assets that `@pulumi/gcp` calls something else. */
const OTHERWISE: Readonly<Record<string, string>> = {
    "apikeys.googleapis.com/Key": "projects/ApiKey",
    "apigee.googleapis.com/EnvironmentGroup": "apigee/EnvGroup",
    "bigquerydatatransfer.googleapis.com/TransferConfig": "bigquery/DataTransferConfig",
    "cloudasset.googleapis.com/Feed": "cloudasset/ProjectFeed",
    "cloudbilling.googleapis.com/BillingAccount": "billing/SubAccount",
    "cloudbilling.googleapis.com/ProjectBillingInfo": "billing/ProjectInfo",
    "cloudbuild.googleapis.com/BuildTrigger": "cloudbuild/Trigger",
    "cloudfunctions.googleapis.com/CloudFunction": "cloudfunctions/Function",
    "cloudkms.googleapis.com/ImportJob": "kms/KeyRingImportJob",
    "cloudresourcemanager.googleapis.com/Lien": "resourcemanager/Lien",
    "compute.googleapis.com/Commitment": "compute/RegionCommitment",
    "compute.googleapis.com/Project": "compute/ProjectMetadata",
    "compute.googleapis.com/TargetVpnGateway": "compute/VPNGateway",
    "compute.googleapis.com/VpnGateway": "compute/HaVpnGateway",
    "containerregistry.googleapis.com/Image": "container/Registry",
    "logging.googleapis.com/LogBucket": "logging/ProjectBucketConfig",
    "logging.googleapis.com/LogExclusion": "logging/ProjectExclusion",
    "logging.googleapis.com/LogMetric": "logging/Metric",
    "logging.googleapis.com/LogSink": "logging/ProjectSink",
    "logging.googleapis.com/RecentQuery": "logging/SavedQuery",
    "logging.googleapis.com/Settings": "logging/OrganizationSettings",
    "serviceusage.googleapis.com/Service": "projects/Service",
};

/**
 * Assets without a type in `@pulumi/gcp` that neither are machines nor carry packets: builds, images and runs that are over or are
 * counted where they come from, and what Google keeps about others.
 */
const NOTHING_TO_PACKETS: ReadonlySet<string> = new Set(
    (
        "accessapproval.googleapis.com/AccessApprovalSettings aiplatform.googleapis.com/Model " +
        "aiplatform.googleapis.com/ModelVersion artifactregistry.googleapis.com/DockerImage " +
        "artifactregistry.googleapis.com/MavenArtifact artifactregistry.googleapis.com/NpmPackage " +
        "artifactregistry.googleapis.com/Package artifactregistry.googleapis.com/PythonPackage " +
        "artifactregistry.googleapis.com/Version bigquery.googleapis.com/Model bigtableadmin.googleapis.com/Backup " +
        "bigtableadmin.googleapis.com/Cluster datalineage.googleapis.com/Process spanner.googleapis.com/Backup sqladmin.googleapis.com/BackupRun cloudbuild.googleapis.com/Build " +
        "clouddeploy.googleapis.com/Release clouddeploy.googleapis.com/Rollout compute.googleapis.com/License " +
        "compute.googleapis.com/MachineType config.googleapis.com/Preview gkebackup.googleapis.com/Backup " +
        "gkebackup.googleapis.com/VolumeBackup osconfig.googleapis.com/OSPolicyAssignmentReport " +
        "osconfig.googleapis.com/VulnerabilityReport pubsub.googleapis.com/Snapshot run.googleapis.com/Execution " +
        "securitycentermanagement.googleapis.com/SecurityCenterService " +
        "securitycentermanagement.googleapis.com/SecurityHealthAnalyticsCustomModule " +
        "securitycentermanagement.googleapis.com/EventThreatDetectionCustomModule " +
        "serviceusage.googleapis.com/ConsumerPolicy"
    ).split(" "),
);

export function doesNothingToPackets(assetType: string): boolean {
    return NOTHING_TO_PACKETS.has(assetType);
}

/**
 * The type of `@pulumi/gcp` of an asset whose data nobody needs: it is harmless, or known to be read by nobody. Any other one keeps
 * a token that nobody knows.
 */
export function typeOf(assetType: string): string {
    const [domain = "", kind = ""] = assetType.split("/");
    const service = domain.replace(/\.googleapis\.com$/, "");
    const otherwise = OTHERWISE[assetType];
    const found = otherwise === undefined ? googleType(`${MODULES[service] ?? service}${kind}`) : token(otherwise);
    const treatment = found === undefined ? undefined : GOOGLE_TYPES.get(found)?.kind;
    return treatment === "harmless" || treatment === "unmodelled" ? found! : `gcp:${domain}:${kind}`;
}
