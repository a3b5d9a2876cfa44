import { GATEWAY_NAME, GATEWAY_POD_LABELS } from "../../base/conventions";
import { type Settings } from "../../settings/settings";

/** What finds the gateway's pods: the Service, the Deployment, Istio's Gateways. A Deployment's selector never changes. */
export const POD_SELECTOR = { app: GATEWAY_NAME, ...GATEWAY_POD_LABELS } as const;

/** On every object of the gateway. */
export const OBJECT_LABELS = { app: GATEWAY_NAME, "app.kubernetes.io/name": GATEWAY_NAME } as const;

/**
 * The pods ask for injection themselves, with the revision where the control plane has one. The namespace carries no
 * injection label: whatever else came to run there would be injected as a sidecar.
 */
export function podLabels({ revision }: Settings["mesh"]): Record<string, string> {
    return {
        ...OBJECT_LABELS,
        ...POD_SELECTOR,
        "sidecar.istio.io/inject": "true",
        ...(revision === "default" ? {} : { "istio.io/rev": revision }),
        // A gateway is a proxy already; an ambient mesh must not capture its traffic.
        "istio.io/dataplane-mode": "none",
    };
}
