import { GATEWAY_NAME } from "../../base/conventions";
import { type Settings } from "../../settings/settings";
import { OBJECT_LABELS, type Role, type RoleBinding, type ServiceAccount } from "./gatewayObject";

/** The gateway's identity. Nothing in its pods talks to the Kubernetes API, so no token is mounted for it. */
export function serviceAccount({ gateway }: Pick<Settings, "gateway">): ServiceAccount {
    return {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: GATEWAY_NAME, namespace: gateway.namespace, labels: OBJECT_LABELS },
        automountServiceAccountToken: false,
    };
}

/**
 * Lets the control plane hand out client certificates and private authorities, where a destination has one. The control plane reads the Secret
 * itself, and first asks whether the gateway's service account may list Secrets in its namespace (istio/istio
 * `pilot/pkg/credentials/kube/secrets.go`); a rule that names single Secrets would not answer that question.
 */
export function secretAccess({
    gateway,
    destinations,
}: Pick<Settings, "gateway" | "destinations">): (Role | RoleBinding)[] {
    const needed = destinations.some(({ ports }) =>
        ports.some(
            port =>
                port.protocol === "originate" &&
                (port.clientCertificate ?? port.clientCertificates ?? port.caCertificate) !== undefined,
        ),
    );
    const metadata = { name: `${GATEWAY_NAME}-secrets`, namespace: gateway.namespace, labels: OBJECT_LABELS };
    if (!needed) {
        return [];
    }
    return [
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "Role",
            metadata,
            rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }],
        },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "RoleBinding",
            metadata,
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
            subjects: [{ kind: "ServiceAccount", name: GATEWAY_NAME, namespace: gateway.namespace }],
        },
    ];
}
