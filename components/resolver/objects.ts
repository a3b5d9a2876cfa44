import { DNS_PORT, RESOLVER_NAME, RESOLVER_PORTS } from "../../base/conventions";
import { resolverAddress } from "../../settings/dns";
import { type Settings } from "../../settings/settings";
import { OBJECT_LABELS, POD_SELECTOR } from "./labels";
import { type Namespace, type ResourceQuota, type Service, type ServiceAccount } from "./resolverObject";

/** Held to Kubernetes' `restricted` standard, which lets a container have the one capability that CoreDNS' binary carries. */
export function resolverNamespace({ dns }: Pick<Settings, "dns">): Namespace {
    return {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: dns.namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    };
}

export function serviceAccount({ dns }: Pick<Settings, "dns">): ServiceAccount {
    return {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: RESOLVER_NAME, namespace: dns.namespace, labels: OBJECT_LABELS },
        automountServiceAccountToken: false,
    };
}

/** GKE lets pods of this priority into a namespace of one's own only with a quota for it, and counts surge pods. */
export function criticalPods({ dns, platform }: Pick<Settings, "dns" | "platform">): ResourceQuota[] {
    return platform.kind === "gke"
        ? [
              {
                  apiVersion: "v1",
                  kind: "ResourceQuota",
                  metadata: { name: "critical-pods", namespace: dns.namespace, labels: OBJECT_LABELS },
                  spec: {
                      hard: { pods: String(2 * dns.replicas + 1) },
                      scopeSelector: {
                          matchExpressions: [
                              {
                                  scopeName: "PriorityClass",
                                  operator: "In",
                                  values: ["system-cluster-critical"],
                              },
                          ],
                      },
                  },
              },
          ]
        : [];
}

export function service(settings: Pick<Settings, "dns" | "platform">): Service {
    const { dns } = RESOLVER_PORTS;
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: RESOLVER_NAME, namespace: settings.dns.namespace, labels: OBJECT_LABELS },
        spec: {
            type: "ClusterIP",
            // Chosen, not given: what asks it is told an address.
            clusterIP: resolverAddress(settings),
            selector: POD_SELECTOR,
            ports: [
                { name: "dns", port: DNS_PORT, targetPort: dns, protocol: "UDP" },
                { name: "dns-tcp", port: DNS_PORT, targetPort: dns, protocol: "TCP" },
            ],
        },
    };
}
