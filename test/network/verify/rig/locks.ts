import { type Resource } from "../../../../containment/resource";

const NETWORK = "projects/acme-dev/global/networks/acme-dev";

/** The locks that the proof's matrix names, by what taking each of them away means for the registered resources. */
const REMOVALS: Readonly<Record<string, (resources: readonly Resource[]) => readonly Resource[]>> = {
    firewall: resources =>
        resources
            .filter(({ type }) => type !== "gcp:compute/firewall:Firewall")
            .map(resource =>
                resource.type.endsWith(":NetworkFirewallPolicyWithRules")
                    ? changed(resource, {
                          rules: (resource.inputs["rules"] as { action: string }[]).filter(
                              ({ action }) => action !== "deny",
                          ),
                      })
                    : resource,
            ),
    belt: resources => resources.filter(({ type }) => type !== "gcp:compute/firewall:Firewall"),
    nat: resources =>
        resources.map(resource =>
            resource.type.endsWith(":RouterNat")
                ? changed(resource, { sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES", subnetworks: [] })
                : resource,
        ),
    route: resources =>
        resources.map(resource =>
            resource.type.endsWith(":Route") ? changed(resource, { tags: undefined }) : resource,
        ),
    "taint of the gateway nodes": resources =>
        resources.map(resource =>
            resource.type.endsWith(":NodePool")
                ? changed(resource, { nodeConfig: { ...(resource.inputs["nodeConfig"] as object), taints: [] } })
                : resource,
        ),
    "admission guard": resources => resources.filter(({ type }) => !type.includes(":ValidatingAdmissionPolicy")),
    "caller identity in the handshake": resources =>
        resources.map(resource => {
            const spec = resource.inputs["spec"] as { servers?: { tls?: object }[] } | undefined;
            return resource.type.endsWith(":Gateway") && spec?.servers !== undefined
                ? changed(resource, {
                      spec: {
                          ...spec,
                          servers: spec.servers.map(server => ({
                              ...server,
                              tls: { ...server.tls, subjectAltNames: undefined },
                          })),
                      },
                  })
                : resource;
        }),
    "network policies": resources => resources.filter(({ type }) => !type.endsWith(":NetworkPolicy")),
    // The platform says nothing of IPv6 in these subnets, and the owner's stack does.
    "no external IPv6": resources => [
        ...resources,
        {
            urn: "urn:pulumi:dev::network::gcp:compute/subnetwork:Subnetwork::applications",
            type: "gcp:compute/subnetwork:Subnetwork",
            name: "applications",
            inputs: {
                project: "acme-dev",
                region: "europe-west1",
                name: "applications",
                network: NETWORK,
                ipCidrRange: "10.0.0.0/22",
                stackType: "IPV4_IPV6",
                ipv6AccessType: "EXTERNAL",
            },
            dependsOn: [],
        },
    ],
    // One NAT serves the subnets of all.
    "NAT of each gateway's own subnet": resources => {
        const isNat = ({ type }: Resource): boolean => type.endsWith(":RouterNat");
        const subnetworks = resources.filter(isNat).flatMap(({ inputs }) => inputs["subnetworks"] as readonly object[]);
        return resources.flatMap(resource =>
            !isNat(resource)
                ? [resource]
                : resource.name === "perimeter-nat"
                  ? [changed(resource, { subnetworks })]
                  : [],
        );
    },
    // A client of one gateway is let in by the other.
    "identity of another gateway's client": resources =>
        resources.map(resource => {
            const spec = resource.inputs["spec"] as { servers?: { tls: { subjectAltNames?: string[] } }[] } | undefined;
            return resource.name === "istio-egress/istio-io-443" && spec?.servers !== undefined
                ? changed(resource, {
                      spec: {
                          ...spec,
                          servers: spec.servers.map(({ tls, ...server }) => ({
                              ...server,
                              tls: {
                                  ...tls,
                                  subjectAltNames: [
                                      ...(tls.subjectAltNames ?? []),
                                      "spiffe://cluster.local/ns/payments/sa/ledger",
                                  ],
                              },
                          })),
                      },
                  })
                : resource;
        }),
    // No lock, but the opposite: the gateway's own way out.
    "way out": resources => resources.filter(({ type }) => !type.endsWith(":RouterNat")),
    "DNS lock": resources => resources.filter(({ name }) => name !== "kube-system/kube-dns"),
    "authorization policies": resources => resources.filter(({ type }) => !type.endsWith(":AuthorizationPolicy")),
};

/** Takes several locks away. */
export function withoutLocks(resources: readonly Resource[], locks: readonly string[]): readonly Resource[] {
    return locks.reduce((left, lock) => {
        const remove = REMOVALS[lock];
        if (remove === undefined) {
            throw new Error(`the rig does not know the lock "${lock}"`);
        }
        return remove(left);
    }, resources);
}

function changed(resource: Resource, change: object): Resource {
    return {
        ...resource,
        inputs: JSON.parse(JSON.stringify({ ...resource.inputs, ...change })) as Record<string, unknown>,
    };
}

/** What the network's owner has, as the rig has it: no default route of Google's own, and the private database's subnet. */
export const OWNERS_RESOURCES: readonly Resource[] = [
    {
        urn: "urn:pulumi:dev::network::gcp:compute/network:Network::acme-dev",
        type: "gcp:compute/network:Network",
        name: "acme-dev",
        inputs: {
            project: "acme-dev",
            name: "acme-dev",
            autoCreateSubnetworks: false,
            deleteDefaultRoutesOnCreate: true,
            networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
        },
        dependsOn: [],
    },
    {
        urn: "urn:pulumi:dev::network::gcp:compute/subnetwork:Subnetwork::ledger",
        type: "gcp:compute/subnetwork:Subnetwork",
        name: "ledger",
        inputs: {
            project: "acme-dev",
            region: "europe-west1",
            name: "ledger",
            network: NETWORK,
            ipCidrRange: "10.20.0.0/28",
            stackType: "IPV4_ONLY",
        },
        dependsOn: [],
    },
];
