import { type Check } from "./problem";

/** RFC 1123 label: Kubernetes namespaces, and names that become part of a host name. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain: Kubernetes service accounts and Secrets. */
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
/** Resource names of Google Compute Engine (RFC 1035 label). */
const GOOGLE_NAME = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const labelCheck: Check<string> = value =>
    LABEL.test(value)
        ? undefined
        : {
              expected: "1 to 63 lower-case letters, digits or hyphens, beginning and ending with a letter or digit",
              remedy: "Kubernetes refuses any other name; write it as `kubectl get` shows it.",
          };

export const subdomainCheck: Check<string> = value =>
    value.length <= 253 && SUBDOMAIN.test(value)
        ? undefined
        : {
              expected:
                  "lower-case letters, digits, hyphens and dots, at most 253, each part beginning and ending with a letter or digit",
              remedy: "Kubernetes refuses any other name; write it as `kubectl get` shows it.",
          };

export const googleNameCheck: Check<string> = value =>
    GOOGLE_NAME.test(value)
        ? undefined
        : {
              expected: "1 to 63 lower-case letters, digits or hyphens, beginning with a letter",
              remedy: "Write the name only, as `gcloud compute` shows it, without the path in front of it.",
          };

/** Resource Manager API: 6 to 30 characters. */
export const projectIdCheck: Check<string> = value =>
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(value)
        ? undefined
        : {
              expected: "a project's id: 6 to 30 lower-case letters, digits or hyphens, beginning with a letter",
              remedy: "Write what `gcloud projects list` shows under PROJECT_ID, neither its name nor its number.",
          };

/** A region; people write one of its zones (Google Cloud, "Regions and zones"). */
export const regionCheck: Check<string> = value => {
    const region = /^[a-z]+-[a-z]+[0-9]+(?=$|-[a-z]$)/.exec(value)?.[0];
    return region === value
        ? undefined
        : {
              expected: "a region such as `europe-west1`",
              remedy:
                  region === undefined
                      ? "`gcloud compute regions list` shows them."
                      : `That is a zone of it: write "${region}". Zones belong into \`platform.cluster.zones\`.`,
          };
};

/** GKE gives every node of a cluster a tag `gke-<cluster>-<hash>-node`. */
export const networkTagCheck: Check<string> = value =>
    value.startsWith("gke-")
        ? {
              expected: "a tag that does not begin with `gke-`",
              remedy: "Such tags are GKE's, which gives them to every node of a cluster: choose another.",
          }
        : googleNameCheck(value);

/** GKE API, `Cluster.name`. */
export const clusterNameCheck: Check<string> = value =>
    value.length > 40
        ? {
              expected: "at most 40 characters",
              remedy: "GKE has no longer names; write it as `gcloud container clusters list` shows it.",
          }
        : googleNameCheck(value);

/** A gateway's name is the end of other names; the shortest of them, a service account's id, leaves it 15 characters. */
export const gatewayNameCheck: Check<string> = value =>
    value === "default"
        ? {
              expected: "a name for a further gateway",
              remedy: "`default` is what `egress-gateway:gateway` and `egress-gateway:nat` describe: write it there.",
          }
        : value === "true" || !/^[a-z](?:[a-z0-9-]{0,13}[a-z0-9])?$/.test(value)
          ? {
                expected:
                    "1 to 15 lower-case letters, digits or hyphens, beginning with a letter, other than `true`, which marks the nodes of `default`",
                remedy: "It becomes part of the names of a namespace, an account, a subnet's NAT and its addresses.",
            }
          : undefined;

/** SPIFFE allows lower-case letters, digits, dots, hyphens and underscores in a trust domain (SPIFFE-ID, section 2.1). */
export const trustDomainCheck: Check<string> = value =>
    value.length <= 255 && /^[a-z0-9._-]+$/.test(value)
        ? undefined
        : {
              expected: "a SPIFFE trust domain: lower-case letters, digits, dots, hyphens and underscores",
              remedy: "Take it from the mesh configuration (`meshConfig.trustDomain`), without `spiffe://`; Istio's default is `cluster.local`.",
          };

/** IAM: 6 to 30 characters. */
export const serviceAccountIdCheck: Check<string> = value =>
    /^[a-z](?:[a-z0-9-]{4,28}[a-z0-9])$/.test(value)
        ? undefined
        : {
              expected: "6 to 30 lower-case letters, digits or hyphens, beginning with a letter",
              remedy: "Write the part before the @ of the account that is to be created.",
          };

export const serviceAccountEmailCheck: Check<string> = value =>
    /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/.test(value)
        ? undefined
        : {
              expected:
                  "the address of a Google service account, for example `app-nodes@acme-dev.iam.gserviceaccount.com`",
              remedy: "`gcloud container node-pools describe` shows it as `config.serviceAccount`.",
          };

/** Pulumi's name of a stack wherever it is asked from. */
export const stackNameCheck: Check<string> = value =>
    /^[\w.-]+\/[\w.-]+\/[\w.-]+$/.test(value)
        ? undefined
        : {
              expected: "the full name of a stack: `organization/<project>/<stack>`",
              remedy: "`pulumi stack ls --all` lists them.",
          };
