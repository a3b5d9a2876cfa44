import { harmless, MODELLED, type TypeGroup } from "./group";

/** Grants: each stem stands for its `Member`, its `Binding` and its `Policy`. */
export const GRANT_TYPES: readonly TypeGroup[] = [
    {
        treatment: MODELLED,
        types: {
            folder: "IAM",
            organizations: "IAM",
            projects: "IAM",
            serviceAccount: "IAM",
            serviceaccount: "IAM",
            tags: "TagKeyIam TagValueIam",
        },
    },
    {
        treatment: harmless("says who may administer a resource, not what a packet may do"),
        types: {
            accesscontextmanager: "AccessPolicyIam",
            apigateway: "ApiConfigIam ApiIam GatewayIam",
            apigee: "EnvironmentIam",
            artifactregistry: "RepositoryIam",
            beyondcorp: "SecurityGatewayApplicationIam SecurityGatewayIam",
            biglake:
                "HiveCatalogIam HiveDatabaseIam HiveTableIam IcebergCatalogIam IcebergNamespaceIam IcebergTableIam",
            bigquery: "ConnectionIam Datapolicyv2DataPolicyIam DatasetIam Iam RoutineIam",
            bigqueryanalyticshub: "DataExchangeIam ListingIam",
            bigquerydatapolicy: "DataPolicyIam",
            bigtable: "InstanceIam TableIam",
            billing: "AccountIam",
            binaryauthorization: "AttestorIam",
            certificateauthority: "CaPoolIam CertificateTemplateIam",
            cloudbuildv2: "ConnectionIAM",
            clouddeploy: "CustomTargetTypeIam DeliveryPipelineIam TargetIam",
            cloudfunctions: "FunctionIam",
            cloudfunctionsv2: "FunctionIam",
            cloudrun: "Iam",
            cloudrunv2: "JobIam ServiceIam WorkerPoolIam",
            cloudtasks: "QueueIam",
            colab: "RuntimeTemplateIam",
            compute:
                "BackendBucketIam BackendServiceIam DiskIam FirewallPolicyIam ImageIam InstanceIAM " +
                "InstanceTemplateIam InstantSnapshotIam MachineImageIam NetworkFirewallPolicyIam " +
                "RegionBackendBucketIam RegionBackendServiceIam RegionDiskIam RegionInstantSnapshotIam " +
                "RegionNetworkFirewallPolicyIam SnapshotIam StoragePoolIam SubnetworkIAM",
            containeranalysis: "NoteIam",
            datacatalog: "EntryGroupIam PolicyTagIam TagTemplateIam TaxonomyIam",
            dataform: "RepositoryIam",
            dataplex:
                "AspectTypeIam AssetIam DataProductIam DatascanIam EntryGroupIam EntryTypeIam GlossaryIam LakeIam " +
                "TaskIam ZoneIam",
            dataproc:
                "AutoscalingPolicyIam ClusterIAM JobIAM MetastoreDatabaseIam MetastoreFederationIam " +
                "MetastoreServiceIam MetastoreTableIam",
            discoveryengine: "SearchEngineIam",
            dns: "DnsManagedZoneIam",
            endpoints: "ConsumersIam ServiceIam",
            gemini: "RepositoryGroupIam",
            gkebackup: "BackupPlanIam RestorePlanIam",
            gkehub: "FeatureIam MembershipIam ScopeIam",
            healthcare: "ConsentStoreIam DatasetIam DicomStoreIam FhirStoreIam Hl7StoreIam",
            iam: "WorkforcePoolIam WorkloadIdentityPoolIam",
            iap:
                "AgentRegistryAgentIam AgentRegistryEndpointIam AgentRegistryIam AgentRegistryMcpServerIam " +
                "AppEngineServiceIam AppEngineVersionIam LocationWebIam TunnelDestGroupIam TunnelIam " +
                "TunnelInstanceIAM WebBackendServiceIam WebCloudRunServiceIam WebForwardingRuleServiceIam WebIam " +
                "WebRegionBackendServiceIam WebRegionForwardingRuleServiceIam WebTypeAppEngingIam WebTypeComputeIam",
            kms: "CryptoKeyIAM EkmConnectionIam KeyRingIAM",
            logging: "LogViewIam",
            networkconnectivity: "HubIam",
            networksecurity: "AddressGroupIam",
            notebooks: "InstanceIam RuntimeIam",
            pubsub: "SchemaIam SubscriptionIAM TopicIAM",
            runtimeconfig: "ConfigIam",
            secretmanager: "RegionalSecretIam SecretIam",
            securesourcemanager: "InstanceIam RepositoryIam",
            securitycenter: "InstanceIam SourceIam V2OrganizationSourceIam",
            servicedirectory: "NamespaceIam ServiceIam",
            sourcerepo: "RepositoryIam",
            spanner: "DatabaseIAM InstanceIAM",
            storage: "BucketIAM ManagedFolderIam",
            vertex:
                "AiEndpointIam AiFeatureGroupIam AiFeatureOnlineStoreFeatureviewIam AiFeatureOnlineStoreIam " +
                "AiFeatureStoreEntityTypeIam AiFeatureStoreIam AiReasoningEngineIam",
            workbench: "InstanceIam",
            workstations: "WorkstationConfigIam WorkstationIam",
        },
    },
];
