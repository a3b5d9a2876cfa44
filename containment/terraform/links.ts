import { type Within } from "./values";

/**
 * What others will refer to a resource by, composed from what is known of it. `{…}` stands for its own values, with the provider's
 * project and place where it names none.
 */
const LINKS: Readonly<Record<string, string>> = {
    google_compute_network: "projects/{project}/global/networks/{name}",
    google_compute_subnetwork: "projects/{project}/regions/{region}/subnetworks/{name}",
    google_compute_router: "projects/{project}/regions/{region}/routers/{name}",
    google_compute_address: "projects/{project}/regions/{region}/addresses/{name}",
    google_compute_network_firewall_policy: "projects/{project}/global/firewallPolicies/{name}",
    google_compute_region_network_firewall_policy: "projects/{project}/regions/{region}/firewallPolicies/{name}",
    google_compute_instance: "projects/{project}/zones/{zone}/instances/{name}",
    google_container_cluster: "projects/{project}/locations/{location}/clusters/{name}",
    google_service_account: "projects/{project}/serviceAccounts/{email}",
};

const EMAIL = "{account_id}@{project}.iam.gserviceaccount.com";

/** Inputs that are a reference and nothing else, by Pulumi's names, with the types that they may refer to. */
const REFERENCES: Readonly<Record<string, readonly string[]>> = {
    network: ["google_compute_network"],
    peerNetwork: ["google_compute_network"],
    attachmentTarget: ["google_compute_network"],
    subnetwork: ["google_compute_subnetwork"],
    router: ["google_compute_router"],
    cluster: ["google_container_cluster"],
    firewallPolicy: ["google_compute_network_firewall_policy", "google_compute_region_network_firewall_policy"],
    instance: ["google_compute_instance"],
    serviceAccount: ["google_service_account"],
    serviceAccountId: ["google_service_account"],
    email: ["google_service_account"],
};

/** The same for the only element of a list. */
const LISTED: Readonly<Record<string, readonly string[]>> = {
    natIps: ["google_compute_address"],
    targetServiceAccounts: ["google_service_account"],
};

/** Attributes by which Google's resources are referred to; a number, or a part of a resource, is none. */
const BY_LINK = new Set<string | undefined>(["id", "self_link", "name", undefined]);
const BY_EMAIL = new Set<string | undefined>(["email", undefined]);

/**
 * The text by which an input refers to a resource, where all of it is known.
 *
 * @param input Pulumi's name
 * @param known a value of the resource that is referred to
 */
export function linkTo(
    input: string,
    within: Within,
    type: string,
    attribute: string | undefined,
    known: (key: string) => string | undefined,
): string | undefined {
    // The subnets of a Cloud NAT are called by `name`.
    const types =
        within === "list"
            ? LISTED[input]
            : within === "block" && input === "name"
              ? ["google_compute_subnetwork"]
              : REFERENCES[input];
    if (types?.includes(type) !== true) {
        return undefined;
    }
    const account = type === "google_service_account";
    // A project of a domain has another form of address.
    const email = account && known("project")?.includes(":") === false ? composed(EMAIL, known) : undefined;
    if (account && input !== "serviceAccountId") {
        return BY_EMAIL.has(attribute) ? email : undefined;
    }
    return BY_LINK.has(attribute) ? composed(LINKS[type]!, key => (key === "email" ? email : known(key))) : undefined;
}

function composed(pattern: string, known: (key: string) => string | undefined): string | undefined {
    const parts = [...pattern.matchAll(/\{(\w+)\}/g)].map(([, key]) => known(key!));
    return parts.includes(undefined) ? undefined : pattern.replace(/\{\w+\}/g, () => parts.shift()!);
}
