/**
 * What else than Google's provider can make Google Cloud or Kubernetes resources. What they make is not among the given
 * resources, so a verdict cannot rest on those alone.
 */

/** Package of objects in a cluster that Terraform spells its own way, or fetches from elsewhere. */
export const OBJECTS_UNREAD = "terraform-kubernetes";

/** Packages of Pulumi providers whose resources are read as nothing that they make, by package name. */
export const CREATING_PACKAGES: Readonly<Record<string, string>> = {
    command: "it runs programs, which may change anything",
    google: "the bridged Terraform provider's spelling is not read",
    "google-beta": "the bridged Terraform provider's spelling is not read",
    "google-native": "the google-native provider's spelling is not read",
    "pulumi-nodejs": "it is a dynamic resource, whose code may change anything",
    "pulumi-python": "it is a dynamic resource, whose code may change anything",
    [OBJECTS_UNREAD]: "which objects Terraform makes of it in the cluster is not read",
    "terraform-module": "what the Terraform module creates is not among the given resources",
};

/** Packages that make nothing in Google Cloud and nothing in the cluster. */
export const HARMLESS_PACKAGES: ReadonlySet<string> = new Set(
    (
        "archive auth0 aws aws-native awsx azure azure-native azuread cloudamqp cloudflare cloudinit confluentcloud datadog digitalocean " +
        "dnsimple docker docker-build doppler dynatrace ec fastly gandi github gitlab grafana hcloud honeycomb kafka keycloak " +
        "launchdarkly linode local mailgun mongodbatlas mysql newrelic ns1 null okta onelogin opsgenie pagerduty postgresql pulumi " +
        "pulumiservice random sentry signalfx slack snowflake splunk statuscake std time tls vault vercel"
    ).split(" "),
);

/** API groups of Kubernetes objects from which a controller makes resources of its own. */
export const CREATING_GROUPS: readonly { readonly group: RegExp; readonly reason: string }[] = [
    {
        group: /(?:^|\.)cnrm\.cloud\.google\.com$/,
        reason: "Config Connector creates Google resources from it that are not among the given ones",
    },
    {
        group: /(?:^|\.)(?:crossplane|upbound)\.io$/,
        reason: "Crossplane creates resources from it that are not among the given ones",
    },
    { group: /^argoproj\.io$/, reason: "Argo CD applies objects from a repository that are not among the given ones" },
    {
        group: /(?:^|\.)toolkit\.fluxcd\.io$/,
        reason: "Flux applies objects from a repository that are not among the given ones",
    },
    {
        group: /^config(?:sync|management)\.gke\.io$/,
        reason: "Config Sync applies objects from a repository that are not among the given ones",
    },
    {
        group: /(?:^|\.)cluster\.x-k8s\.io$/,
        reason: "Cluster API creates machines from it that are not among the given ones",
    },
    {
        group: /^(?:app\.terraform\.io|infra\.contrib\.fluxcd\.io|tf\.upbound\.io)$/,
        reason: "it has Terraform run, and what that creates is not among the given resources",
    },
    {
        group: /^(?:auto\.)?pulumi\.com$/,
        reason: "it has another Pulumi program run, whose resources are not among the given ones",
    },
];

/** Kinds of such groups that only run pods or hold settings: their pods are judged as pods. */
export const CREATING_NOTHING: ReadonlySet<string> = new Set(
    (
        "Rollout AnalysisRun AnalysisTemplate ClusterAnalysisTemplate Experiment Workflow WorkflowTemplate ClusterWorkflowTemplate " +
        "CronWorkflow AppProject EventBus EventSource"
    ).split(" "),
);
