import { type Resource } from "../../../containment/resource";
import { type Manifest } from "./cluster";
import { type Answer, type Project } from "./google";

/** What Google and the API server show of a stack once it is deployed, with everything that they fill in by themselves. */
export interface Deployment {
    readonly project: Project;
    readonly objects: Manifest[];
}

const NUMBER = "123456789012";
const API = "https://www.googleapis.com/compute/v1/";
const PROJECT_POLICY = {
    version: 3,
    etag: "BwXhqA==",
    bindings: [
        {
            role: "roles/container.serviceAgent",
            members: [`serviceAccount:service-${NUMBER}@container-engine-robot.iam.gserviceaccount.com`],
        },
        {
            role: "roles/compute.serviceAgent",
            members: [`serviceAccount:service-${NUMBER}@compute-system.iam.gserviceaccount.com`],
        },
        { role: "roles/viewer", members: ["group:everybody@acme.example"] },
    ],
};

/** @param planned what the stack registers */
export function deploy(planned: readonly Resource[]): Deployment {
    const platform = inputsOf(planned, "egress-gateway:platform:Platform")[0]!;
    return {
        project: platform.kind === "gke" ? googleOf(planned, platform) : emptyProject(),
        objects: [...planned.flatMap(objectOf), ...surroundings(planned)],
    };
}

function inputsOf(planned: readonly Resource[], type: string): Answer[] {
    return planned.filter(resource => resource.type === type).map(({ inputs }) => structuredClone(inputs) as Answer);
}

export function emptyProject(): Project {
    return { id: "none", number: "1", compute: {}, above: [], clusters: [], policy: {}, accounts: {}, roles: [] };
}

function googleOf(planned: readonly Resource[], platform: Answer): Project {
    const { project: id, region, network, cluster, firewallOrder } = platform;
    const egressSubnets: Answer[] = [
        platform.egressSubnet,
        platform.retiringEgressSubnet,
        ...Object.values(platform.egressSubnets ?? {}),
        ...Object.values(platform.retiringEgressSubnets ?? {}),
    ].filter(subnet => subnet !== undefined);
    const inputs = (kind: string): Answer[] => inputsOf(planned, `gcp:${kind}`);
    const link = (path: string): string => `${API}${path.startsWith("projects/") ? path : `projects/${id}/${path}`}`;
    const NETWORK = link(`global/networks/${network}`);
    let serial = 1_000_000;
    const made = (kind: string, path: string, data: Answer): Answer => ({
        kind: `compute#${kind}`,
        id: String((serial += 7)),
        creationTimestamp: "2026-11-20T09:00:00.000-08:00",
        selfLink: link(path),
        name: path.split("/").at(-1),
        ...data,
    });
    const subnets: Answer[] = [
        ...cluster.nodeCidrs.map((cidr: string, index: number) => ({
            name: `nodes-${index}`,
            cidr,
            pods: [[`pods-${index}`, cluster.podCidrs[index] ?? cluster.podCidrs[0]]],
        })),
        ...egressSubnets.map(({ name, nodeCidr, podRange, podCidr }) => ({
            name,
            cidr: nodeCidr,
            pods: [[podRange, podCidr]],
        })),
    ];
    const compute: Project["compute"] = {
        "global/networks": [
            made("network", `global/networks/${network}`, {
                autoCreateSubnetworks: false,
                networkFirewallPolicyEnforcementOrder: firewallOrder,
                routingConfig: { routingMode: "REGIONAL" },
                subnetworks: subnets.map(({ name }) => link(`regions/${region}/subnetworks/${name}`)),
                ...(inputs("compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation").length > 0
                    ? { firewallPolicy: link(`global/firewallPolicies/${cluster.name}-egress`) }
                    : {}),
            }),
        ],
        [`regions/${region}/subnetworks`]: subnets.map(({ name, cidr, pods }) =>
            made("subnetwork", `regions/${region}/subnetworks/${name}`, {
                network: NETWORK,
                region: link(`regions/${region}`),
                ipCidrRange: cidr,
                gatewayAddress: cidr.replace(/\d+\/\d+$/, "1"),
                privateIpGoogleAccess: true,
                privateIpv6GoogleAccess: "DISABLE_GOOGLE_ACCESS",
                enableFlowLogs: false,
                purpose: "PRIVATE",
                stackType: "IPV4_ONLY",
                fingerprint: "vJ0=",
                secondaryIpRanges: pods.map(([rangeName, ipCidrRange]: [string, string]) => ({
                    rangeName,
                    ipCidrRange,
                })),
            }),
        ),
        "global/firewallPolicies": inputs("compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules").map(
            ({ name, description, rules }) =>
                made("firewallPolicy", `global/firewallPolicies/${name}`, {
                    description,
                    selfLinkWithId: link("global/firewallPolicies/4711"),
                    ruleTupleCount: 30,
                    rules: [
                        ...rules.map((rule: Answer) => ({
                            kind: "compute#firewallPolicyRule",
                            ruleTupleCount: 3,
                            disabled: false,
                            ...rule,
                        })),
                        ...["EGRESS", "INGRESS"].flatMap((direction, at) =>
                            ["::/0", "0.0.0.0/0"].map((range, index) => ({
                                kind: "compute#firewallPolicyRule",
                                action: "goto_next",
                                direction,
                                enableLogging: false,
                                priority: 2147483644 + 2 * index + at,
                                match: {
                                    [direction === "EGRESS" ? "destIpRanges" : "srcIpRanges"]: [range],
                                    layer4Configs: [{ ipProtocol: "all" }],
                                },
                            })),
                        ),
                    ],
                    associations: inputs(
                        "compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation",
                    ).map(association => ({
                        name: association.name,
                        attachmentTarget: NETWORK,
                        firewallPolicyId: "4711",
                        shortName: name,
                    })),
                }),
        ),
        "global/firewalls": [
            ...inputs("compute/firewall:Firewall").map(({ name, denies, allows, project: _, network: __, ...rest }) =>
                made("firewall", `global/firewalls/${name}`, {
                    ...rest,
                    network: NETWORK,
                    disabled: false,
                    ...(denies === undefined
                        ? {}
                        : { denied: denies.map(({ protocol, ports }: Answer) => ({ IPProtocol: protocol, ports })) }),
                    ...(allows === undefined
                        ? {}
                        : { allowed: allows.map(({ protocol, ports }: Answer) => ({ IPProtocol: protocol, ports })) }),
                }),
            ),
            made("firewall", "global/firewalls/gke-acme-1f2e-all", {
                network: NETWORK,
                direction: "INGRESS",
                priority: 1000,
                disabled: false,
                sourceRanges: cluster.podCidrs,
                allowed: [{ IPProtocol: "tcp" }, { IPProtocol: "udp" }, { IPProtocol: "icmp" }],
                targetTags: ["gke-acme-1f2e-node"],
            }),
        ],
        "global/routes": [
            ...subnets.map(({ cidr }, index) =>
                made("route", `global/routes/default-route-${index}`, {
                    network: NETWORK,
                    destRange: cidr,
                    nextHopNetwork: NETWORK,
                    priority: 0,
                    description: "Default local route to the subnetwork.",
                    routeType: "SUBNET",
                }),
            ),
            ...inputs("compute/route:Route").map(({ name, nextHopGateway, project: _, network: __, ...rest }) =>
                made("route", `global/routes/${name}`, {
                    ...rest,
                    network: NETWORK,
                    routeType: "STATIC",
                    ...(nextHopGateway === undefined
                        ? {}
                        : { nextHopGateway: link("global/gateways/default-internet-gateway") }),
                }),
            ),
        ],
        [`regions/${region}/addresses`]: inputs("compute/address:Address").map(
            ({ name, project: _, region: __, ...rest }) =>
                made("address", `regions/${region}/addresses/${name}`, {
                    address: "34.76.226.134",
                    addressType: "EXTERNAL",
                    networkTier: "PREMIUM",
                    status: "IN_USE",
                    users: [link(`regions/${region}/routers/${name.replace(/-nat-\d+$/, "")}`)],
                    region: link(`regions/${region}`),
                    ...rest,
                }),
        ),
        [`regions/${region}/routers`]: inputs("compute/router:Router").map(
            ({ name, project: _, network: __, ...rest }) =>
                made("router", `regions/${region}/routers/${name}`, {
                    ...rest,
                    region: link(`regions/${region}`),
                    network: NETWORK,
                    encryptedInterconnectRouter: false,
                    nats: inputs("compute/routerNat:RouterNat")
                        .filter(({ router }) => router === name)
                        .map(
                            ({
                                router: _router,
                                region: _region,
                                project: _project,
                                natIps,
                                subnetworks,
                                drainNatIps,
                                ...nat
                            }) => ({
                                type: "PUBLIC",
                                icmpIdleTimeoutSec: 30,
                                udpIdleTimeoutSec: 30,
                                autoNetworkTier: "PREMIUM",
                                ...nat,
                                ...(natIps === undefined ? {} : { natIps: natIps.map(link) }),
                                ...(drainNatIps === undefined ? {} : { drainNatIps: drainNatIps.map(link) }),
                                ...(subnetworks === undefined
                                    ? {}
                                    : {
                                          subnetworks: subnetworks.map(
                                              ({
                                                  name: subnet,
                                                  sourceIpRangesToNats,
                                                  secondaryIpRangeNames,
                                              }: Answer) => ({
                                                  name: link(subnet),
                                                  sourceIpRangesToNat: sourceIpRangesToNats,
                                                  ...(secondaryIpRangeNames === undefined
                                                      ? {}
                                                      : { secondaryIpRangeNames }),
                                              }),
                                          ),
                                      }),
                            }),
                        ),
                }),
        ),
    };
    const pools: Answer[] = [
        {
            name: "applications",
            config: {
                serviceAccount: cluster.nodeServiceAccounts[0] ?? `app-nodes@${id}.iam.gserviceaccount.com`,
                tags: [],
                labels: {},
                workloadMetadataConfig: { mode: "GKE_METADATA" },
            },
            networkConfig: {
                subnetwork: `projects/${id}/regions/${region}/subnetworks/nodes-0`,
                podRange: "pods-0",
                enablePrivateNodes: true,
            },
        },
        ...planned
            .filter(({ type }) => type === "gcp:container/nodePool:NodePool")
            .map(({ name, inputs: pool }) => {
                const { nodeConfig, cluster: _, location: __, project: ___, ...rest } = structuredClone(pool) as Answer;
                // Pulumi names it after the resource where no name is given.
                return {
                    name: rest.name ?? `${name}-4f1c2d3`,
                    ...rest,
                    config: {
                        ...nodeConfig,
                        metadata: { "disable-legacy-endpoints": "true" },
                        imageType: "COS_CONTAINERD",
                        kubeletConfig: { insecureKubeletReadonlyPortEnabled: false },
                    },
                };
            }),
    ].map(pool => ({
        ...pool,
        status: "RUNNING",
        version: "1.34.1-gke.1829001",
        etag: "0d3f",
        selfLink: `https://container.googleapis.com/v1/projects/${id}/locations/${cluster.location}/clusters/${cluster.name}/nodePools/${pool.name}`,
        instanceGroupUrls: [link(`zones/${region}-b/instanceGroupManagers/gke-${pool.name}-grp`)],
    }));
    compute[`zones/${region}-b/instanceGroupManagers`] = pools.map(pool =>
        made("instanceGroupManager", `zones/${region}-b/instanceGroupManagers/gke-${pool.name}-grp`, {
            instanceTemplate: link(`global/instanceTemplates/gke-${pool.name}-1`),
            targetSize: 1,
            versions: [
                {
                    instanceTemplate: link(`global/instanceTemplates/gke-${pool.name}-1`),
                    targetSize: { calculated: 1 },
                },
            ],
        }),
    );
    const machine = ({ config, networkConfig }: Answer): Answer => ({
        serviceAccounts: [{ email: config.serviceAccount, scopes: ["https://www.googleapis.com/auth/cloud-platform"] }],
        tags: { items: ["gke-acme-1f2e-node", ...(config.tags ?? [])], fingerprint: "x" },
        networkInterfaces: [
            {
                network: NETWORK,
                subnetwork: link(networkConfig.subnetwork),
                networkIP: "10.0.0.9",
                name: "nic0",
                stackType: "IPV4_ONLY",
            },
        ],
    });
    compute["global/instanceTemplates"] = pools.map(pool =>
        made("instanceTemplate", `global/instanceTemplates/gke-${pool.name}-1`, { properties: machine(pool) }),
    );
    compute[`zones/${region}-b/instances`] = pools.map(pool =>
        made("instance", `zones/${region}-b/instances/gke-${pool.name}-x7k2`, {
            ...machine(pool),
            status: "RUNNING",
            zone: link(`zones/${region}-b`),
            metadata: {
                items: [
                    {
                        key: "created-by",
                        value: `projects/${NUMBER}/zones/${region}-b/instanceGroupManagers/gke-${pool.name}-grp`,
                    },
                    { key: "cluster-name", value: cluster.name },
                ],
            },
        }),
    );
    return {
        id,
        number: NUMBER,
        compute,
        above: [],
        clusters: [
            {
                name: cluster.name,
                location: cluster.location,
                locations: [`${region}-b`],
                selfLink: `https://container.googleapis.com/v1/projects/${id}/locations/${cluster.location}/clusters/${cluster.name}`,
                status: "RUNNING",
                currentMasterVersion: `${cluster.kubernetesVersion}-gke.1829001`,
                endpoint: "172.16.0.2",
                network,
                subnetwork: "nodes-0",
                networkConfig: {
                    network: `projects/${id}/global/networks/${network}`,
                    subnetwork: `projects/${id}/regions/${region}/subnetworks/nodes-0`,
                    datapathProvider: cluster.dataplane === "v2" ? "ADVANCED_DATAPATH" : "LEGACY_DATAPATH",
                    defaultSnatStatus: cluster.defaultSnat === false ? { disabled: true } : {},
                    defaultEnablePrivateNodes: true,
                },
                privateClusterConfig: {
                    enablePrivateNodes: true,
                    masterIpv4CidrBlock: cluster.controlPlaneCidr,
                    privateEndpoint: "172.16.0.2",
                },
                clusterIpv4Cidr: cluster.podCidrs[0],
                servicesIpv4Cidr: cluster.serviceCidr,
                ipAllocationPolicy: {
                    clusterSecondaryRangeName: "pods-0",
                    clusterIpv4CidrBlock: cluster.podCidrs[0],
                    servicesIpv4CidrBlock: cluster.serviceCidr,
                    useIpAliases: true,
                    stackType: "IPV4",
                    additionalIpRangesConfigs: egressSubnets.map(({ name, podRange }) => ({
                        subnetwork: `projects/${id}/regions/${region}/subnetworks/${name}`,
                        podIpv4RangeNames: [podRange],
                        status: "ACTIVE",
                    })),
                },
                workloadIdentityConfig: { workloadPool: `${id}.svc.id.goog` },
                controlPlaneEgress: { mode: "NONE" },
                autoscaling: {},
                nodePools: pools,
            },
        ],
        policy: {
            ...PROJECT_POLICY,
            bindings: [
                ...PROJECT_POLICY.bindings,
                ...inputs("projects/iAMMember:IAMMember").map(({ role, member }) => ({ role, members: [member] })),
            ],
        },
        accounts: Object.fromEntries(
            inputs("serviceaccount/account:Account").map(({ accountId, displayName }) => {
                const email = `${accountId}@${id}.iam.gserviceaccount.com`;
                return [
                    email,
                    {
                        data: {
                            name: `projects/${id}/serviceAccounts/${email}`,
                            projectId: id,
                            uniqueId: "1097",
                            email,
                            displayName,
                            etag: "MDEw",
                            oauth2ClientId: "1097",
                        },
                        policy: { etag: "ACAB" },
                        keys: [],
                    },
                ];
            }),
        ),
        roles: [
            {
                name: `projects/${id}/roles/looker`,
                title: "Looker",
                stage: "GA",
                includedPermissions: ["compute.networks.get"],
            },
        ],
    };
}

/** A planned object as the API server keeps it. */
function objectOf({ type, inputs, name: logical }: Resource): Manifest[] {
    if (!/^kubernetes:/.test(type)) {
        return [];
    }
    const object = structuredClone(inputs) as Manifest;
    object["kind"] = String(object["kind"] ?? type.split(":").at(-1)).replace(/Patch$/, "");
    object["metadata"] = { name: logical, ...object["metadata"] };
    return [stored(object)];
}

let version = 4000;

/** With what the API server and the defaults of each kind fill in. */
function stored(object: Manifest): Manifest {
    const { kind, spec } = object;
    const metadata = {
        ...object["metadata"],
        uid: `0a1b2c3d-${version}`,
        resourceVersion: String((version += 3)),
        generation: 1,
        creationTimestamp: "2026-11-20T09:05:00Z",
        managedFields: [
            {
                manager: "pulumi-kubernetes",
                operation: "Apply",
                apiVersion: object["apiVersion"],
                time: "2026-11-20T09:05:00Z",
                fieldsType: "FieldsV1",
                fieldsV1: { "f:spec": {} },
            },
        ],
    };
    const kept: Manifest = { ...object, metadata };
    switch (kind) {
        case "Namespace":
            return {
                ...kept,
                metadata: { ...metadata, labels: { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name } },
                spec: { finalizers: ["kubernetes"] },
                status: { phase: "Active" },
            };
        case "ValidatingAdmissionPolicy":
            return {
                ...kept,
                spec: {
                    failurePolicy: "Fail",
                    ...spec,
                    matchConstraints: {
                        matchPolicy: "Equivalent",
                        namespaceSelector: {},
                        objectSelector: {},
                        ...spec.matchConstraints,
                        resourceRules: (spec.matchConstraints?.resourceRules ?? []).map((rule: Manifest) => ({
                            scope: "*",
                            ...rule,
                        })),
                    },
                },
                status: { observedGeneration: 1, typeChecking: {} },
            };
        case "ValidatingAdmissionPolicyBinding":
            return spec.matchResources === undefined
                ? kept
                : {
                      ...kept,
                      spec: {
                          ...spec,
                          matchResources: {
                              matchPolicy: "Equivalent",
                              namespaceSelector: {},
                              objectSelector: {},
                              ...spec.matchResources,
                          },
                      },
                  };
        case "Deployment": {
            const pod = spec.template.spec;
            return {
                ...kept,
                metadata: {
                    ...metadata,
                    annotations: { ...metadata.annotations, "deployment.kubernetes.io/revision": "1" },
                },
                spec: {
                    progressDeadlineSeconds: 600,
                    revisionHistoryLimit: 10,
                    ...spec,
                    template: {
                        ...spec.template,
                        metadata: { creationTimestamp: null, ...spec.template.metadata },
                        spec: {
                            dnsPolicy: "ClusterFirst",
                            restartPolicy: "Always",
                            schedulerName: "default-scheduler",
                            securityContext: {},
                            terminationGracePeriodSeconds: 30,
                            ...(pod.serviceAccountName === undefined ? {} : { serviceAccount: pod.serviceAccountName }),
                            ...pod,
                            containers: pod.containers.map((container: Manifest) => ({
                                imagePullPolicy: "IfNotPresent",
                                resources: {},
                                terminationMessagePath: "/dev/termination-log",
                                terminationMessagePolicy: "File",
                                ...container,
                            })),
                        },
                    },
                },
                status: { replicas: 3, readyReplicas: 3, observedGeneration: 1, conditions: [] },
            };
        }
        case "Service":
            return {
                ...kept,
                spec: {
                    clusterIP: "10.8.0.77",
                    clusterIPs: ["10.8.0.77"],
                    internalTrafficPolicy: "Cluster",
                    ipFamilies: ["IPv4"],
                    ipFamilyPolicy: "SingleStack",
                    sessionAffinity: "None",
                    type: "ClusterIP",
                    ...spec,
                    ports: (spec.ports ?? []).map((port: Manifest) => ({
                        protocol: "TCP",
                        targetPort: port["port"],
                        ...port,
                    })),
                },
                status: { loadBalancer: {} },
            };
        default:
            return kept;
    }
}

const SYSTEM_DAEMON: Manifest = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "netd", namespace: "kube-system", labels: { "k8s-app": "netd" } },
    spec: {
        selector: { matchLabels: { "k8s-app": "netd" } },
        template: {
            metadata: { labels: { "k8s-app": "netd" } },
            spec: {
                hostNetwork: true,
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "netd", image: "gke.gcr.io/netd:1" }],
            },
        },
    },
};

/** What is in every such cluster: the system's own, the mesh, the clients' namespaces, and the pods that controllers make. */
function surroundings(planned: readonly Resource[]): Manifest[] {
    const mesh = inputsOf(planned, "egress-gateway:mesh:Mesh")[0];
    const root: string = mesh?.controlPlaneNamespace ?? "istio-system";
    const own = new Set(
        planned
            .filter(({ type }) => type === "kubernetes:core/v1:Namespace")
            .map(({ inputs, name }) => (inputs["metadata"] as Manifest)["name"] ?? name),
    );
    const namespaces = [
        "default",
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "gmp-system",
        root,
        ...(mesh?.clientNamespaces ?? []),
    ].filter(name => !own.has(name));
    const role = (name: string, rules: unknown[]): Manifest => ({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name, labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
        rules,
    });
    const binding = (name: string, to: string, subjects: unknown[]): Manifest => ({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: to },
        subjects,
    });
    const group = (name: string) => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });
    return [
        ...[...new Set(namespaces)].map(name => ({
            apiVersion: "v1",
            kind: "Namespace",
            metadata: {
                name,
                ...((mesh?.clientNamespaces ?? []).includes(name) ? { labels: { "istio-injection": "enabled" } } : {}),
            },
        })),
        SYSTEM_DAEMON,
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: {
                name: "netd-abcde",
                namespace: "kube-system",
                labels: { "k8s-app": "netd" },
                ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "netd", controller: true }],
            },
            spec: { ...SYSTEM_DAEMON["spec"].template.spec, nodeName: "gke-gateway-pool-x7k2" },
            status: { phase: "Running" },
        },
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "istiod", namespace: root, labels: { app: "istiod" } },
            spec: {
                template: {
                    metadata: { labels: { app: "istiod" } },
                    spec: { containers: [{ name: "discovery", image: "docker.io/istio/pilot:1.30.3" }] },
                },
            },
        },
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "istio", namespace: root },
            data: {
                mesh: `defaultConfig:\n  discoveryAddress: istiod.${root}.svc:15012\nrootNamespace: ${root}\ntrustDomain: ${mesh?.trustDomain ?? "cluster.local"}\n`,
                meshNetworks: "networks: {}",
            },
        },
        {
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingWebhookConfiguration",
            metadata: { name: `istio-validator-${root}` },
            webhooks: [
                {
                    name: "rev.validation.istio.io",
                    rules: [
                        {
                            apiGroups: ["networking.istio.io"],
                            apiVersions: ["*"],
                            operations: ["CREATE", "UPDATE"],
                            resources: ["*"],
                        },
                    ],
                },
            ],
        },
        {
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingWebhookConfiguration",
            metadata: { name: "warden-validating.config.common-webhooks.networking.gke.io" },
            webhooks: [
                {
                    name: "warden-validating.common-webhooks.networking.gke.io",
                    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nodes"] }],
                },
            ],
        },
        role("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
        role("system:discovery", [{ nonResourceURLs: ["/api", "/apis"], verbs: ["get"] }]),
        role("system:basic-user", [
            { apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews"], verbs: ["create"] },
        ]),
        binding("cluster-admin", "cluster-admin", [group("system:masters")]),
        binding("system:discovery", "system:discovery", [group("system:authenticated")]),
        binding("system:basic-user", "system:basic-user", [group("system:authenticated")]),
        ...planned.filter(({ type }) => type === "kubernetes:apps/v1:Deployment").flatMap(podsOf),
        ...(mesh?.clientNamespaces ?? []).slice(0, 1).flatMap((namespace: string) => [
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: "web", namespace, labels: { app: "web" } },
                spec: {
                    selector: { matchLabels: { app: "web" } },
                    template: {
                        metadata: { labels: { app: "web" } },
                        spec: { containers: [{ name: "web", image: "web:1" }] },
                    },
                },
            },
        ]),
    ].map(object => stored(object));
}

/** What a Deployment's controller makes, and what the injector makes of that. */
function podsOf({ inputs }: Resource): Manifest[] {
    const { metadata, spec } = inputs as Manifest;
    const { name, namespace } = metadata;
    const template = structuredClone(spec.template);
    const hash = { "pod-template-hash": "6c8d4f7b9" };
    const labels = { ...template.metadata.labels, ...hash };
    const set = `${name}-6c8d4f7b9`;
    return [
        {
            apiVersion: "apps/v1",
            kind: "ReplicaSet",
            metadata: {
                name: set,
                namespace,
                labels,
                ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, controller: true }],
            },
            spec: {
                replicas: 3,
                selector: { matchLabels: labels },
                template: { ...template, metadata: { ...template.metadata, labels } },
            },
            status: { replicas: 3 },
        },
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: {
                name: `${set}-x2k4p`,
                namespace,
                labels,
                annotations: { ...template.metadata.annotations, "sidecar.istio.io/status": "{}" },
                ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: set, controller: true }],
            },
            spec: {
                ...template.spec,
                nodeName: "gke-gateway-pool-x7k2",
                containers: template.spec.containers.map((container: Manifest) => ({
                    ...container,
                    image: container["image"] === "auto" ? "docker.io/istio/proxyv2:1.30.3" : container["image"],
                })),
                tolerations: [
                    ...(template.spec.tolerations ?? []),
                    {
                        key: "node.kubernetes.io/not-ready",
                        operator: "Exists",
                        effect: "NoExecute",
                        tolerationSeconds: 300,
                    },
                ],
            },
            status: { phase: "Running" },
        },
    ];
}
