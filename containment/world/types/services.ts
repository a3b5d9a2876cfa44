import { harmless, type TypeGroup } from "./group";

/** Types of services that put nothing into a VPC network, or nothing that opens a connection of its own. */
export const SERVICE_TYPES: readonly TypeGroup[] = [
    {
        treatment: harmless("says who may do what in Google Cloud, not what a packet may do"),
        types: {
            accesscontextmanager:
                "AccessLevel AccessLevelCondition AccessLevels AccessPolicy AuthorizedOrgsDesc EgressPolicy " +
                "GcpUserAccessBinding IngressPolicy ServicePerimeter ServicePerimeterDryRunEgressPolicy " +
                "ServicePerimeterDryRunIngressPolicy ServicePerimeterDryRunResource ServicePerimeterEgressPolicy " +
                "ServicePerimeterIngressPolicy ServicePerimeterResource ServicePerimeters",
            binaryauthorization: "Attestor Policy",
            cloudidentity: "Group GroupMembership Policy",
            folder: "AccessApprovalSettings IamAuditConfig OrganizationPolicy ServiceIdentity",
            iam:
                "AccessBoundaryPolicy DenyPolicy FolderAccessPolicy FoldersPolicyBinding OauthClient " +
                "OauthClientCredential OrganizationAccessPolicy OrganizationsPolicyBinding " +
                "PrincipalAccessBoundaryPolicy ProjectAccessPolicy ProjectsPolicyBinding WorkforcePool " +
                "WorkforcePoolProvider WorkforcePoolProviderKey WorkforcePoolProviderScimTenant " +
                "WorkforcePoolProviderScimToken WorkloadIdentityPool WorkloadIdentityPoolManagedIdentity " +
                "WorkloadIdentityPoolNamespace WorkloadIdentityPoolProvider WorkloadIdentityServiceAgent",
            organizations: "AccessApprovalSettings IAMCustomRole IamAuditConfig Policy ServiceIdentity",
            orgpolicy: "CustomConstraint Policy",
            identityplatform:
                "Config DefaultSupportedIdpConfig InboundSamlConfig OauthIdpConfig Tenant " +
                "TenantDefaultSupportedIdpConfig TenantInboundSamlConfig TenantOauthIdpConfig",
            agentidentity: "AuthProvider",
            projects:
                "AccessApprovalSettings ApiKey DefaultServiceAccounts IAMAuditConfig IAMCustomRole IamMemberRemove " +
                "OrganizationPolicy Service ServiceIdentity UsageExportBucket",
            resourcemanager: "Capability Lien",
            serviceaccount: "Account",
            serviceAccount: "Account",
            tags: "TagKey TagValue",
            privilegedaccessmanager: "Settings",
            assuredworkloads: "Workload",
        },
    },
    {
        treatment: harmless("is a store of data, keys or images on Google's side, met at Google's APIs"),
        types: {
            artifactregistry: "ProjectConfig Repository Rule VpcscConfig",
            biglake:
                "Catalog Database HiveCatalog HiveDatabase HiveTable IcebergCatalog IcebergNamespace IcebergTable " +
                "Table",
            bigqueryanalyticshub: "DataExchange DataExchangeSubscription Listing ListingSubscription QueryTemplate",
            bigquerydatapolicy: "DataPolicy",
            bigtable: "AppProfile AuthorizedView GCPolicy Instance LogicalView MaterializedView SchemaBundle Table",
            certificateauthority: "Authority CaPool Certificate CertificateTemplate",
            containeranalysis: "Note Occurence",
            datacatalog: "Entry EntryGroup PolicyTag Tag TagTemplate Taxonomy",
            datalineage: "Config",
            dataplex:
                "AspectType Asset DataAsset DataProduct DataProductDataAsset Datascan Entry EntryGroup EntryLink " +
                "EntryType Glossary GlossaryCategory GlossaryTerm Lake MetadataFeed Task Zone",
            dataform: "Config Folder Repository RepositoryReleaseConfig RepositoryWorkflowConfig TeamFolder",
            documentai: "Schema",
            healthcare: "ConsentStore Dataset DicomStore FhirStore Hl7Store PipelineJob Workspace",
            kms:
                "AutokeyConfig CryptoKey CryptoKeyVersion EkmConnection FolderKajPolicyConfig KeyHandle KeyRing " +
                "KeyRingImportJob OrganizationKajPolicyConfig ProjectAutokeyConfig ProjectKajPolicyConfig " +
                "SecretCiphertext",
            parametermanager: "Parameter ParameterVersion RegionalParameter RegionalParameterVersion",
            pubsub: "LiteReservation LiteSubscription LiteTopic Schema Subscription Topic",
            runtimeconfig: "Config Variable",
            secretmanager: "RegionalSecret RegionalSecretVersion Secret SecretVersion",
            sourcerepo: "Repository",
            spanner: "BackupSchedule Database Instance InstanceConfig InstancePartition",
            vectorsearch: "Collection DataObject Index",
            essentialcontacts:
                "Contact DocumentAiProcessor DocumentAiProcessorDefaultVersion DocumentAiWarehouseDocumentSchema " +
                "DocumentAiWarehouseLocation",
            bigquery:
                "AppProfile BiReservation CapacityCommitment DataTransferConfig Datapolicyv2DataPolicy Dataset " +
                "DatasetAccess Job Reservation ReservationAssignment ReservationGroup Routine RowAccessPolicy Table",
            firestore: "BackupSchedule ChangeStream Database Document Field Index UserCreds",
            storage:
                "AnywhereCache BatchOperationsJob Bucket BucketACL BucketAccessControl BucketObject " +
                "ControlFolderIntelligenceConfig ControlOrganizationIntelligenceConfig " +
                "ControlProjectIntelligenceConfig DefaultObjectACL DefaultObjectAccessControl Folder HmacKey " +
                "InsightsDatasetConfig InsightsReportConfig ManagedFolder Notification ObjectACL ObjectAccessControl " +
                "TransferAgentPool TransferJob",
            dataloss:
                "PreventionDeidentifyTemplate PreventionDiscoveryConfig PreventionInspectTemplate " +
                "PreventionJobTrigger PreventionStoredInfoType",
            modelarmor: "Floorsetting Template",
            sql: "Database ProvisionScript SourceRepresentationInstance SslCert User",
            alloydb: "Backup User",
            datastream: "ConnectionProfile Stream",
            databasemigrationservice: "ConnectionProfile",
            gkebackup: "BackupChannel BackupPlan RestoreChannel RestorePlan",
            backupdisasterrecovery: "BackupPlan BackupPlanAssociation BackupVault ManagementServer ServiceConfig",
            dataproc: "MetastoreFederation",
            securesourcemanager: "BranchRule Hook Instance Repository",
        },
    },
    {
        treatment: harmless("watches, records or reports"),
        types: {
            chronicle:
                "BigQueryExport CustomList DashboardChart DataAccessLabel DataAccessScope DataExport DataTable " +
                "DataTableRow Environment EnvironmentGroup Feed FindingsRefinement FindingsRefinementDeployment " +
                "NativeDashboard Parser ParserExtension ReferenceList Retrohunt Rule RuleDeployment SoarDomain " +
                "SoarNetwork Watchlist",
            cloudasset: "FolderFeed OrganizationFeed ProjectFeed",
            cloudsecuritycompliance: "CloudControl Framework FrameworkDeployment",
            cloudsupport: "SupportEventSubscription",
            logging:
                "BillingAccountBucketConfig BillingAccountExclusion BillingAccountSink FolderBucketConfig " +
                "FolderExclusion FolderSettings FolderSink LinkedDataset LogScope LogView Metric " +
                "OrganizationBucketConfig OrganizationExclusion OrganizationSettings OrganizationSink " +
                "ProjectBucketConfig ProjectExclusion ProjectSink SavedQuery",
            monitoring:
                "AlertPolicy CustomService Dashboard GenericService Group MetricDescriptor MonitoredProject " +
                "NotificationChannel Slo UptimeCheckConfig",
            networkmanagement: "ConnectivityTest OrganizationVpcFlowLogsConfig VpcFlowLogsConfig",
            observability: "FolderSettings OrganizationSettings ProjectSettings TraceScope",
            securitycenter:
                "EventThreatDetectionCustomModule FolderCustomModule FolderNotificationConfig FolderSccBigQueryExport " +
                "ManagementFolderSecurityHealthAnalyticsCustomModule " +
                "ManagementOrganizationEventThreatDetectionCustomModule " +
                "ManagementOrganizationSecurityHealthAnalyticsCustomModule " +
                "ManagementProjectSecurityHealthAnalyticsCustomModule MuteConfig NotificationConfig " +
                "OrganizationCustomModule OrganizationSccBigQueryExport ProjectCustomModule ProjectNotificationConfig " +
                "ProjectSccBigQueryExport Source V2FolderMuteConfig V2FolderNotificationConfig " +
                "V2FolderSccBigQueryExport V2OrganizationMuteConfig V2OrganizationNotificationConfig " +
                "V2OrganizationSccBigQueryExport V2OrganizationSccBigQueryExports V2OrganizationSource " +
                "V2ProjectMuteConfig V2ProjectNotificationConfig V2ProjectSccBigQueryExport",
            securityposture: "Posture PostureDeployment",
            billing: "Budget ProjectInfo SubAccount",
            migrationcenter:
                "AssetsExportJob DiscoveryClient Group ImportDataFile ImportJob PreferenceSet Report ReportConfig " +
                "Settings Source",
            licensemanager: "Configuration",
        },
    },
    {
        treatment: harmless("runs on Google's side without an interface in a VPC network, and is met at Google's APIs"),
        types: {
            agenticapplications: "AnalystAgentPersona",
            agentregistry: "Binding Service",
            apihub: "ApiHubInstance Curation HostProjectRegistration Plugin PluginInstance RuntimeProjectAttachment",
            apphub: "Application Boundary Service ServiceProjectAttachment Workload",
            applicationintegration: "AuthConfig Client",
            ces:
                "Agent App AppRootAgentAssociation AppVersion Deployment Evaluation Example Guardrail " +
                "SecuritySettings Tool Toolset",
            clouddeploy: "Automation CustomTargetType DeliveryPipeline DeployPolicy Target",
            cloudscheduler: "Job",
            cloudtasks: "Queue",
            contactcenterinsights:
                "AnalysisRule AssessmentRule AutoLabelingRule EncryptionSpec QaQuestion QaScorecard " +
                "QaScorecardRevision View",
            developerconnect: "AccountConnector Connection GitRepositoryLink InsightsConfig",
            diagflow:
                "Agent ConversationProfile CxAgent CxEntityType CxEnvironment CxFlow CxGenerativeSettings CxGenerator " +
                "CxIntent CxPage CxPlaybook CxSecuritySettings CxTestCase CxTool CxToolVersion CxVersion CxWebhook " +
                "EncryptionSpec EntityType Environment Fulfillment Generator Intent SipTrunk Version",
            discoveryengine:
                "AclConfig Assistant ChatEngine CmekConfig Control DataConnector DataStore LicenseConfig " +
                "RecommendationEngine Schema SearchEngine ServingConfig Sitemap TargetSite UserStore WidgetConfig",
            eventarc: "Channel Enrollment GoogleApiSource GoogleChannelConfig MessageBus",
            gemini:
                "CodeRepositoryIndex CodeToolsSetting CodeToolsSettingBinding DataSharingWithGoogleSetting " +
                "DataSharingWithGoogleSettingBinding GeminiGcpEnablementSetting GeminiGcpEnablementSettingBinding " +
                "LoggingSetting LoggingSettingBinding ReleaseChannelSetting ReleaseChannelSettingBinding " +
                "RepositoryGroup",
            ml: "EngineModel",
            transcoder: "Job JobTemplate",
            workflows: "Workflow",
            firebase:
                "AiLogicConfig AiLogicPromptTemplate AiLogicPromptTemplateLock AndroidApp AppCheckAppAttestConfig " +
                "AppCheckDebugToken AppCheckDeviceCheckConfig AppCheckPlayIntegrityConfig " +
                "AppCheckRecaptchaEnterpriseConfig AppCheckRecaptchaV3Config AppCheckResourcePolicy " +
                "AppCheckServiceConfig AppHostingBackend AppHostingBuild AppHostingDefaultDomain AppHostingDomain " +
                "AppHostingTraffic AppleApp DataConnectService DatabaseInstance ExtensionsInstance HostingChannel " +
                "HostingCustomDomain HostingRelease HostingSite HostingVersion Project RemoteConfigRemoteConfig " +
                "StorageBucket StorageDefaultBucket WebApp",
            firebaserules: "Release Ruleset",
            gkehub:
                "Fleet Membership MembershipBinding MembershipRbacRoleBinding Namespace RolloutSequence Scope " +
                "ScopeRbacRoleBinding",
            cloudbuild: "BitbucketServerConfig Trigger",
            cloudbuildv2: "Connection Repository",
            appengine:
                "Application ApplicationUrlDispatchRules DomainMapping EngineSplitTraffic FirewallRule " +
                "ServiceNetworkSettings StandardAppVersion",
            apigee:
                "AddonsConfig Api ApiDeployment ApiProduct AppGroup ControlPlaneAccess DataCollector Datastore " +
                "Developer DeveloperApp DnsZone EndpointAttachment EnvGroup EnvGroupAttachment EnvKeystore " +
                "EnvReferences Environment EnvironmentAddonsConfig EnvironmentApiRevisionDeployment " +
                "EnvironmentDebugmask EnvironmentKeyvaluemaps EnvironmentKeyvaluemapsEntries Flowhook " +
                "InstanceAttachment KeystoresAliasesKeyCertFile KeystoresAliasesPkcs12 KeystoresAliasesSelfSignedCert " +
                "NatAddress Organization SecurityAction SecurityFeedback SecurityMonitoringCondition " +
                "SecurityProfileV2 Sharedflow SharedflowDeployment Space SyncAuthorization TargetServer",
            integrationconnectors: "Connection EndpointAttachment ManagedZone",
            cloudrun: "DomainMapping",
            cloudfunctions: "Function",
            vertex:
                "AiAgentAnomalyDetectionScope AiDataset AiEndpointWithModelGardenDeployment AiEvaluationMetric " +
                "AiFeatureGroup AiFeatureGroupFeature AiFeatureOnlineStore AiFeatureOnlineStoreFeatureview " +
                "AiFeatureStore AiFeatureStoreEntityType AiFeatureStoreEntityTypeFeature AiIndex " +
                "AiIndexEndpointDeployedIndex AiMetadataStore AiModelGardenEnableModel AiRagEngineConfig " +
                "AiSemanticGovernancePolicyEngine AiTensorboard AiTensorboardExperiment AiTensorboardRun",
            dataproc: "GdcApplicationEnvironment GdcServiceInstance GdcSparkApplication",
        },
    },
    {
        treatment: harmless(
            "answers in a network of Google's that a private connection joins, and opens no connection of its own",
        ),
        types: {
            activedirectory: "Domain DomainTrust Peering",
            filestore: "Backup Instance Snapshot",
            lustre: "Instance",
            memcache: "Instance",
            memorystore: "AclPolicy Instance InstanceDesiredUserCreatedEndpoints",
            managedkafka: "Acl Cluster Connector Topic",
            netapp:
                "ActiveDirectory Backup BackupPolicy BackupVault HostGroup Kmsconfig Volume VolumeQuotaRule " +
                "VolumeReplication VolumeSnapshot",
            parallelstore: "Instance",
            redis: "Cluster ClusterAclPolicy ClusterUserCreatedConnections Instance",
            dataproc: "MetastoreService",
        },
    },
    {
        treatment: harmless("shapes what a unit creates, which counts"),
        types: {
            saasruntime: "Release RolloutKind SaaS Tenant UnitKind",
        },
    },
];
