/** Roles with a permission to run machines as an account, to get its tokens, or to give oneself either (IAM, "Roles index"). */
export const ACTING_ROLES: ReadonlySet<string> = new Set([
    "roles/owner",
    "roles/editor",
    "roles/iam.securityAdmin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountKeyAdmin",
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.serviceAccountUser",
    "roles/iam.workloadIdentityUser",
    "roles/resourcemanager.folderAdmin",
    "roles/resourcemanager.folderIamAdmin",
    "roles/resourcemanager.organizationAdmin",
    "roles/resourcemanager.projectIamAdmin",
]);

/** Roles that on an account itself let nobody act as it. */
export const WATCHING_ROLES: ReadonlySet<string> = new Set([
    "roles/browser",
    "roles/iam.securityReviewer",
    "roles/iam.serviceAccountOpenIdTokenCreator",
    "roles/iam.serviceAccountViewer",
    "roles/iam.serviceAccountApiKeyBindingAdmin",
    "roles/viewer",
]);

export const ACTING_PERMISSION =
    /^iam\.(serviceAccounts\.(actAs|getAccessToken|implicitDelegation|setIamPolicy|signBlob|signJwt)|serviceAccountKeys\.create)$|^resourcemanager\.(projects|folders|organizations)\.setIamPolicy$/;

/** Roles with a permission to change firewalls, routes, NAT, node pools or machines of a network (IAM, "Roles index"). */
export const PERIMETER_ROLES: ReadonlySet<string> = new Set([
    "roles/compute.admin",
    "roles/compute.instanceAdmin.v1",
    "roles/compute.networkAdmin",
    "roles/compute.orgFirewallPolicyAdmin",
    "roles/compute.orgSecurityPolicyAdmin",
    "roles/compute.securityAdmin",
    "roles/compute.xpnAdmin",
    "roles/container.admin",
    "roles/container.clusterAdmin",
    "roles/networkconnectivity.hubAdmin",
    "roles/resourcemanager.tagAdmin",
]);

/** Permissions of custom roles that do the same. */
export const PERIMETER_PERMISSION =
    /^compute\.(firewalls|firewallPolicies|networks|organizations|regionFirewallPolicies|routers|routes|subnetworks|vpnTunnels)\.(\w*[cC]reate|\w*[uU]pdate\w*|\w*[aA]dd\w*|\w*[rR]emove\w*|setSecurityPolicy|setFirewallPolicy|delete|use\w*Policy)$|^compute\.instances\.(create|addAccessConfig|setTags|setServiceAccount)$|^container\.(clusters|nodePools)\.(create|update)$/;
