import { harmless, MODELLED, SOURCE, type TypeGroup, unmodelled, WAY } from "./group";

/** Types that make networks, machines in them, ways out of them, or that stand near to those. */
export const NETWORK_TYPES: readonly TypeGroup[] = [
    {
        treatment: MODELLED,
        types: {
            tags: "LocationTagBinding TagBinding TagBindingCollection",
            compute:
                "Network Subnetwork Firewall NetworkFirewallPolicy NetworkFirewallPolicyWithRules " +
                "NetworkFirewallPolicyRule NetworkFirewallPolicyAssociation RegionNetworkFirewallPolicy " +
                "RegionNetworkFirewallPolicyWithRules RegionNetworkFirewallPolicyRule " +
                "RegionNetworkFirewallPolicyAssociation FirewallPolicy FirewallPolicyWithRules FirewallPolicyRule " +
                "FirewallPolicyAssociation OrganizationSecurityPolicy OrganizationSecurityPolicyRule " +
                "OrganizationSecurityPolicyAssociation Router RouterNat RouterPeer Route VPNTunnel " +
                "InterconnectAttachment NetworkPeering NetworkPeeringRoutesConfig TargetInstance",
            container: "Cluster NodePool",
            organizations: "Project Folder",
            privilegedaccessmanager: "entitlement",
            serviceaccount: "Key",
            serviceAccount: "Key",
        },
    },
    {
        treatment: SOURCE,
        types: {
            compute:
                "Instance InstanceTemplate RegionInstanceTemplate InstanceFromTemplate InstanceFromMachineImage " +
                "InstanceGroupManager RegionInstanceGroupManager PerInstanceConfig RegionPerInstanceConfig " +
                "BulkPerInstanceConfig ResizeRequest RegionResizeRequest",
            backupdisasterrecovery: "RestoreWorkload",
            appengine: "FlexibleAppVersion",
            cloudfunctionsv2: "Function",
            cloudrun: "Service",
            cloudrunv2: "Job Service WorkerPool",
            colab: "NotebookExecution RuntimeTemplate Schedule",
            composer: "Environment",
            dataflow: "FlexTemplateJob Job Pipeline",
            datafusion: "Instance",
            dataproc: "Batch Cluster SessionTemplate WorkflowTemplate",
            hypercomputecluster: "Cluster",
            notebooks: "Instance Runtime",
            tpu: "V2QueuedResource V2Vm",
            vertex: "AiSchedule",
            vpcaccess: "Connector",
            workbench: "Instance",
            workstations: "WorkstationConfig",
        },
    },
    {
        treatment: WAY,
        types: {
            compute:
                "ForwardingRule GlobalForwardingRule NetworkEndpointGroup RegionNetworkEndpointGroup " +
                "GlobalNetworkEndpointGroup NetworkAttachment",
            networkservices: "Gateway AgentGateway",
            networkconnectivity: "ServiceConnectionPolicy RegionalEndpoint",
            dns: "ManagedZone Policy",
            cloudbuild: "WorkerPool",
            gkehub: "Feature FeatureMembership",
            vertex: "AiEndpoint AiIndexEndpoint AiPersistentResource AiReasoningEngine",
            managedkafka: "ConnectCluster",
            apigee: "Instance",
            sql: "DatabaseInstance",
            alloydb: "Cluster Instance",
            bigquery: "Connection",
            databasemigrationservice: "PrivateConnection MigrationJob",
            datastream: "PrivateConnection",
            eventarc: "Pipeline Trigger",
            looker: "Instance",
            netapp: "StoragePool",
            blockchainnodeengine: "BlockchainNodes",
        },
    },
    {
        treatment: unmodelled("it can send packets another way than the routes of the network say"),
        types: {
            networkconnectivity: "PolicyBasedRoute GatewayAdvertisedRoute",
        },
    },
    {
        treatment: unmodelled("it joins the network to others, whose routes and ways out are not shown"),
        types: {
            networkconnectivity: "Spoke Transport",
            vmwareengine: "NetworkPeering",
            oracledatabase: "OdbNetwork",
            edgecontainer: "VpnConnection",
        },
    },
    {
        treatment: unmodelled("it hands packets to a third party, which may send them on"),
        types: {
            networksecurity:
                "InterceptDeployment InterceptDeploymentGroup InterceptEndpointGroup " +
                "InterceptEndpointGroupAssociation SacAttachment SacRealm",
        },
    },
    {
        treatment: unmodelled("it copies packets to a collector, and where that stands is not read"),
        types: {
            networksecurity:
                "MirroringDeployment MirroringDeploymentGroup MirroringEndpoint MirroringEndpointGroup " +
                "MirroringEndpointGroupAssociation UllMirroringCollector UllMirroringCollectorRule UllMirroringEngine",
        },
    },
    {
        treatment: unmodelled("it creates resources that are not among the given ones"),
        types: {
            deploymentmanager: "Deployment",
            configdeployment: "Deployment",
            saasruntime: "Unit UnitOperation",
        },
    },
    {
        treatment: harmless("groups or shapes machines that are sources of their own"),
        types: {
            compute:
                "InstanceGroup InstanceGroupMembership InstanceGroupNamedPort Autoscalar Autoscaler RegionAutoscaler " +
                "GlobalVmExtensionPolicy ZoneVmExtensionPolicy NodeGroup NodeTemplate MachineImage",
            workstations: "Workstation WorkstationCluster",
            colab: "Runtime",
            notebooks: "Environment",
            dataproc: "AutoscalingPolicy Job",
            composer: "UserWorkloadsConfigMap UserWorkloadsSecret",
        },
    },
    {
        treatment: harmless("is storage"),
        types: {
            compute:
                "AttachedDisk Disk DiskAsyncReplication DiskResourcePolicyAttachment RegionDisk " +
                "RegionDiskResourcePolicyAttachment Image Snapshot SnapshotSettings InstantSnapshot " +
                "RegionInstantSnapshot StoragePool",
            container: "Registry",
        },
    },
    {
        treatment: harmless(
            "an address leads nowhere until a machine, a NAT or a load balancer uses it; those are read",
        ),
        types: {
            compute: "Address GlobalAddress PublicAdvertisedPrefix PublicDelegatedPrefix RouterNatAddress",
            networkconnectivity: "InternalRange",
        },
    },
    {
        treatment: harmless("belongs to an endpoint group, which is read"),
        types: {
            compute: "NetworkEndpoint NetworkEndpointList GlobalNetworkEndpoint RegionNetworkEndpoint",
        },
    },
    {
        treatment: harmless("belongs to a router, whose peers are read"),
        types: {
            compute: "RouterInterface RouterNamedSet RouterRoutePolicy RouterStatus",
        },
    },
    {
        treatment: harmless("carries traffic only through tunnels, attachments or spokes, which count"),
        types: {
            compute:
                "ExternalVpnGateway HaVpnGateway VPNGateway Interconnect InterconnectGroup " +
                "InterconnectAttachmentGroup CrossSiteNetwork WireGroup",
            networkconnectivity: "Hub Group",
        },
    },
    {
        treatment: harmless(
            "serves load balancing: what stands behind it is a machine or an endpoint group, and those are read",
        ),
        types: {
            compute:
                "BackendBucket BackendBucketSignedUrlKey BackendService BackendServiceSignedUrlKey " +
                "CaExternalAccountKey HealthCheck HttpHealthCheck HttpsHealthCheck ManagedSslCertificate " +
                "MangedSslCertificate NetworkEdgeSecurityService RegionBackendBucket RegionBackendService " +
                "RegionCompositeHealthCheck RegionHealthAggregationPolicy RegionHealthCheck RegionHealthSource " +
                "RegionSecurityPolicy RegionSecurityPolicyRule RegionSslCertificate RegionSslPolicy " +
                "RegionTargetHttpProxy RegionTargetHttpsProxy RegionTargetTcpProxy RegionUrlMap SSLCertificate " +
                "SSLPolicy SecurityPolicy SecurityPolicyRule SecurityScanConfig TargetGrpcProxy TargetHttpProxy " +
                "TargetHttpsProxy TargetPool TargetSSLProxy TargetTCPProxy URLMap",
            networkservices:
                "AuthzExtension LbEdgeExtension LbRouteExtension LbTrafficExtension WasmPlugin EdgeCacheKeyset " +
                "EdgeCacheOrigin EdgeCacheService EndpointPolicy GrpcRoute HttpRoute TcpRoute TlsRoute Mesh " +
                "ServiceBinding ServiceLbPolicies",
            networksecurity:
                "AuthorizationPolicy AuthzPolicy BackendAuthenticationConfig ClientTlsPolicy ServerTlsPolicy",
            certificatemanager:
                "Certificate CertificateIssuanceConfig CertificateMap CertificateMapEntry DnsAuthorization " +
                "TrustConfig",
            iap: "Brand Client Settings TunnelDestGroup",
            endpoints: "Service",
            apigateway: "Api ApiConfig Gateway",
            recaptcha: "EnterpriseKey",
            beyondcorp: "AppConnection AppConnector AppGateway SecurityGateway SecurityGatewayApplication",
        },
    },
    {
        treatment: harmless("publishes a service to others; nothing leaves through it unasked"),
        types: {
            compute: "ServiceAttachment",
        },
    },
    {
        treatment: harmless("copies packets to a collector inside the network"),
        types: {
            compute: "PacketMirroring NetworkFirewallPolicyPacketMirroringRule",
        },
    },
    {
        treatment: harmless('lets other projects place machines in the network; they are covered by "any other VM"'),
        types: {
            compute: "SharedVPCHostProject SharedVPCServiceProject",
        },
    },
    {
        treatment: harmless("sets defaults, quotas, capacity or priorities"),
        types: {
            compute:
                "FutureReservation InstanceSettings PreviewFeature ProjectCloudArmorTier ProjectDefaultNetworkTier " +
                "ProjectMetadata ProjectMetadataItem RegionCommitment RegionNetworkPolicy " +
                "RegionNetworkPolicyTrafficClassificationRule Reservation ResourcePolicy ResourcePolicyAttachment " +
                "RolloutPlan",
            cloudquota: "SQuotaAdjusterSettings SQuotaPreference",
            serviceusage: "ConsumerQuotaOverride",
            networkconnectivity: "Destination MulticloudDataTransferConfig",
            vertex: "AiDeploymentResourcePool AiCacheConfig",
            oslogin: "SshPublicKey",
            osconfig:
                "GuestPolicies OsPolicyAssignment PatchDeployment V2PolicyOrchestrator V2PolicyOrchestratorForFolder " +
                "V2PolicyOrchestratorForOrganization",
        },
    },
    {
        treatment: harmless("inspects what a rule has let through, or is read where a rule names it"),
        types: {
            networksecurity:
                "AddressGroup DnsThreatDetector FirewallEndpoint FirewallEndpointAssociation SecurityProfile " +
                "SecurityProfileGroup",
            cloudids: "Endpoint",
        },
    },
    {
        treatment: harmless("works only in a Secure Web Proxy, which counts"),
        types: {
            networksecurity: "GatewaySecurityPolicy GatewaySecurityPolicyRule TlsInspectionPolicy UrlList",
        },
    },
    {
        treatment: harmless("answers names inside, or belongs to a zone or policy that is read"),
        types: {
            dns: "RecordSet ResponsePolicy ResponsePolicyRule",
            servicenetworking: "PeeredDnsDomain",
            servicedirectory: "Endpoint Namespace Service",
            clouddomains: "Registration",
            siteverification: "Owner WebResource",
        },
    },
    {
        treatment: harmless("narrows what a private connection reaches"),
        types: {
            servicenetworking: "VpcServiceControls",
        },
    },
    {
        treatment: harmless(
            "multicast stays among networks that subscribe to it, and carries nothing to a public address",
        ),
        types: {
            networkservices:
                "MulticastConsumerAssociation MulticastDomain MulticastDomainActivation MulticastDomainGroup " +
                "MulticastGroupConsumerActivation MulticastGroupProducerActivation MulticastGroupRange " +
                "MulticastGroupRangeActivation MulticastProducerAssociation",
        },
    },
    {
        treatment: harmless("lies in another network, which is joined to a VPC network only by what counts"),
        types: {
            vmwareengine:
                "Cluster Datastore ExternalAccessRule ExternalAddress Network NetworkPolicy PrivateCloud Subnet",
            oracledatabase:
                "AutonomousDatabase CloudExadataInfrastructure CloudExadataInfrastructureExascaleConfig " +
                "CloudVmCluster DbSystem ExadbVmCluster ExascaleDbStorageVault GoldengateConnection " +
                "GoldengateConnectionAssignment GoldengateDeployment OdbSubnet",
            edgecontainer: "Cluster NodePool",
            edgenetwork: "InterconnectAttachment Network Subnet",
            gkeonprem:
                "BareMetalAdminCluster BareMetalCluster BareMetalNodePool VMwareCluster VMwareNodePool " +
                "VmwareAdminCluster",
            container: "AttachedCluster AwsCluster AwsNodePool AzureClient AzureCluster AzureNodePool",
        },
    },
    {
        treatment: harmless("peers with Google's own service producers, whose networks hold managed services"),
        types: {
            servicenetworking: "Connection",
        },
    },
];
