/** Address ranges that mean something by themselves. Every room takes them from here, the proof included. */

/** RFC 1918, and the shared address space of RFC 6598, which GKE also accepts for nodes and pods. */
export const PRIVATE_CIDRS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;

/** RFC 3927. */
export const LINK_LOCAL_CIDR = "169.254.0.0/16";

/** Reserved space that no internet route leads to, and that subnets may have (VPC documentation, "Valid IPv4 ranges"). */
export const RESERVED_CIDRS = ["198.18.0.0/15", "240.0.0.0/4"] as const;

/** This network, loopback, protocol assignments and multicast (IANA IPv4 Special-Purpose Address Registry): nobody is reached there. */
export const NOWHERE_CIDRS = ["0.0.0.0/8", "127.0.0.0/8", "192.0.0.0/24", "224.0.0.0/4"] as const;

/** Unique local addresses (RFC 4193), and link local ones (RFC 4291). */
export const PRIVATE_IPV6_CIDRS = ["fc00::/7", "fe80::/10"] as const;

/** restricted.googleapis.com: only APIs that VPC Service Controls can enclose (VPC Service Controls documentation). */
export const GOOGLE_RESTRICTED_CIDR = "199.36.153.4/30";
export const GOOGLE_RESTRICTED_IPV6_CIDR = "2600:2d00:2:1000::/64";

/** Google's metadata server (Compute Engine documentation): tokens for Workload Identity, and the resolver of Cloud DNS. */
export const GOOGLE_METADATA_ADDRESS = "169.254.169.254";
export const GOOGLE_METADATA_IPV6_ADDRESS = "fd20:ce::254";

/** Where NodeLocal DNSCache listens on every node that has it (Kubernetes documentation, NodeLocal DNSCache). */
export const NODE_LOCAL_DNS_ADDRESS = "169.254.20.10";
