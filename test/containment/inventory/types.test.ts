import * as assert from "node:assert/strict";
import { treatmentOf } from "../../../containment/world/catalogue";
import { line, read } from "./assets";

/** Asset types that exports of ordinary projects hold, and that nothing of is read (Cloud Asset Inventory, "Asset types"). */
const UNREAD = (
    "alloydb.googleapis.com/Backup apigee.googleapis.com/Organization apihub.googleapis.com/ApiHubInstance " +
    "apikeys.googleapis.com/Key appengine.googleapis.com/Application artifactregistry.googleapis.com/DockerImage " +
    "artifactregistry.googleapis.com/Repository bigquery.googleapis.com/Dataset bigquery.googleapis.com/Table " +
    "bigtableadmin.googleapis.com/Instance cloudasset.googleapis.com/Feed cloudbilling.googleapis.com/ProjectBillingInfo " +
    "cloudbuild.googleapis.com/BuildTrigger cloudfunctions.googleapis.com/CloudFunction cloudkms.googleapis.com/CryptoKey " +
    "cloudkms.googleapis.com/CryptoKeyVersion cloudkms.googleapis.com/KeyRing cloudquotas.googleapis.com/QuotaPreference " +
    "cloudresourcemanager.googleapis.com/Lien cloudresourcemanager.googleapis.com/TagKey " +
    "cloudresourcemanager.googleapis.com/TagValue cloudtasks.googleapis.com/Queue compute.googleapis.com/Address " +
    "compute.googleapis.com/Autoscaler compute.googleapis.com/BackendBucket compute.googleapis.com/Commitment " +
    "compute.googleapis.com/Disk compute.googleapis.com/ExternalVpnGateway compute.googleapis.com/GlobalAddress " +
    "compute.googleapis.com/HealthCheck compute.googleapis.com/HttpHealthCheck compute.googleapis.com/Image " +
    "compute.googleapis.com/InstanceGroup compute.googleapis.com/InstanceSettings compute.googleapis.com/Interconnect " +
    "compute.googleapis.com/MachineImage compute.googleapis.com/NodeGroup compute.googleapis.com/NodeTemplate " +
    "compute.googleapis.com/PacketMirroring compute.googleapis.com/Project compute.googleapis.com/RegionDisk " +
    "compute.googleapis.com/Reservation compute.googleapis.com/ResourcePolicy compute.googleapis.com/ServiceAttachment " +
    "compute.googleapis.com/Snapshot compute.googleapis.com/SslCertificate compute.googleapis.com/SslPolicy " +
    "compute.googleapis.com/TargetHttpProxy compute.googleapis.com/TargetHttpsProxy compute.googleapis.com/TargetPool " +
    "compute.googleapis.com/TargetSslProxy compute.googleapis.com/TargetTcpProxy compute.googleapis.com/TargetVpnGateway " +
    "compute.googleapis.com/UrlMap compute.googleapis.com/VpnGateway config.googleapis.com/Preview " +
    "containerregistry.googleapis.com/Image dataform.googleapis.com/Repository dataplex.googleapis.com/DataScan " +
    "dataplex.googleapis.com/EntryGroup dataproc.googleapis.com/Job dns.googleapis.com/ResourceRecordSet " +
    "dns.googleapis.com/ResponsePolicy dns.googleapis.com/ResponsePolicyRule firebaserules.googleapis.com/Ruleset " +
    "firestore.googleapis.com/Database gkehub.googleapis.com/Membership iam.googleapis.com/WorkloadIdentityPool " +
    "iam.googleapis.com/WorkloadIdentityPoolProvider logging.googleapis.com/LogBucket logging.googleapis.com/LogMetric " +
    "logging.googleapis.com/LogSink logging.googleapis.com/SavedQuery memcache.googleapis.com/Instance " +
    "monitoring.googleapis.com/AlertPolicy monitoring.googleapis.com/Dashboard monitoring.googleapis.com/NotificationChannel " +
    "monitoring.googleapis.com/UptimeCheckConfig netapp.googleapis.com/Volume networkconnectivity.googleapis.com/InternalRange " +
    "networkmanagement.googleapis.com/ConnectivityTest networksecurity.googleapis.com/AddressGroup " +
    "osconfig.googleapis.com/OSPolicyAssignment privateca.googleapis.com/CaPool pubsub.googleapis.com/Schema " +
    "pubsub.googleapis.com/Subscription pubsub.googleapis.com/Topic recaptchaenterprise.googleapis.com/Key " +
    "redis.googleapis.com/Cluster redis.googleapis.com/Instance run.googleapis.com/Execution " +
    "secretmanager.googleapis.com/Secret secretmanager.googleapis.com/SecretVersion " +
    "securitycentermanagement.googleapis.com/SecurityCenterService servicedirectory.googleapis.com/Endpoint " +
    "servicedirectory.googleapis.com/Namespace servicedirectory.googleapis.com/Service servicenetworking.googleapis.com/Connection " +
    "serviceusage.googleapis.com/Service spanner.googleapis.com/Database spanner.googleapis.com/Instance " +
    "storage.googleapis.com/Bucket storagetransfer.googleapis.com/TransferJob workflows.googleapis.com/Workflow"
).split(" ");

/** Those that leave the verdict unknown: they may move packets, or make machines, and nobody reads how. */
const UNKNOWN_TO_THE_PROOF = (
    "networkconnectivity.googleapis.com/Spoke networkconnectivity.googleapis.com/PolicyBasedRoute " +
    "networksecurity.googleapis.com/InterceptDeployment backupdr.googleapis.com/Restore aiplatform.googleapis.com/PipelineJob " +
    "compute.googleapis.com/Thing new.googleapis.com/Network"
).split(" ");

function treatmentsOf(type: string): string[] {
    return read([line("//x.googleapis.com/projects/fl-prod/locations/l/things/t", type, {})])
        .filter(resource => !/^gcp:organizations\/(project|folder):/.test(resource.type))
        .map(resource => treatmentOf(resource).kind);
}

describe("asset types", () => {
    it("have a place where nothing of them moves packets", () => {
        assert.deepEqual(
            UNREAD.filter(type => treatmentsOf(type).some(kind => kind !== "harmless")),
            [],
        );
    });

    it("leave the verdict unknown where they may, or where nobody knows them", () => {
        assert.deepEqual(
            UNKNOWN_TO_THE_PROOF.filter(type => !treatmentsOf(type).includes("unmodelled")),
            [],
        );
    });
});
