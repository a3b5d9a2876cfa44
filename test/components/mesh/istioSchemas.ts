import * as envoyFilters from "@kubernetes-models/istio/networking.istio.io/v1alpha3";
import * as networking from "@kubernetes-models/istio/networking.istio.io/v1beta1";
import * as security from "@kubernetes-models/istio/security.istio.io/v1beta1";
import * as telemetry from "@kubernetes-models/istio/telemetry.istio.io/v1alpha1";

type Model = new (object: never) => { validate(): void };

/** Istio took these schemas over into v1 as they were (release notes of 1.22); this package has them under the older name. */
const MODELS: Readonly<Record<string, { readonly apiVersion: string; readonly kinds: object }>> = {
    "networking.istio.io/v1alpha3": { apiVersion: "networking.istio.io/v1alpha3", kinds: envoyFilters },
    "networking.istio.io/v1": { apiVersion: "networking.istio.io/v1beta1", kinds: networking },
    "security.istio.io/v1": { apiVersion: "security.istio.io/v1beta1", kinds: security },
    "telemetry.istio.io/v1": { apiVersion: "telemetry.istio.io/v1alpha1", kinds: telemetry },
};

/** @throws Error naming what Istio's schema refuses. Unknown fields pass: those the compiler's own types refuse. */
export function validateIstioObject(object: { readonly apiVersion: string; readonly kind: string }): void {
    const models = MODELS[object.apiVersion];
    const Model = models === undefined ? undefined : (models.kinds as Record<string, Model>)[object.kind];
    if (models === undefined || Model === undefined) {
        throw new Error(`no schema for ${object.apiVersion} ${object.kind}`);
    }
    new Model({ ...object, apiVersion: models.apiVersion } as never).validate();
}
