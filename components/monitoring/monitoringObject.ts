import { type KubernetesObject } from "../kubernetesObject";
import { type Alert } from "./alerts";

/** Both kinds' way of naming what is read where. */
interface Endpoint {
    readonly port: string;
    readonly path: string;
    readonly interval: string;
}

interface Selector {
    readonly matchLabels: Readonly<Record<string, string>>;
}

interface RuleGroups {
    readonly groups: readonly { readonly name: string; readonly interval: string; readonly rules: readonly Alert[] }[];
}

/** Of Managed Service for Prometheus (GoogleCloudPlatform/prometheus-engine, `doc/api.md`). */
type PodMonitoring = KubernetesObject & {
    readonly apiVersion: "monitoring.googleapis.com/v1";
    readonly kind: "PodMonitoring";
    readonly spec: { readonly selector: Selector; readonly endpoints: readonly Endpoint[] };
};

type Rules = KubernetesObject & {
    readonly apiVersion: "monitoring.googleapis.com/v1";
    readonly kind: "Rules";
    readonly spec: RuleGroups;
};

/** Of the Prometheus operator (prometheus-operator/prometheus-operator, `Documentation/api-reference/api.md`). */
type PodMonitor = KubernetesObject & {
    readonly apiVersion: "monitoring.coreos.com/v1";
    readonly kind: "PodMonitor";
    readonly spec: { readonly selector: Selector; readonly podMetricsEndpoints: readonly Endpoint[] };
};

type PrometheusRule = KubernetesObject & {
    readonly apiVersion: "monitoring.coreos.com/v1";
    readonly kind: "PrometheusRule";
    readonly spec: RuleGroups;
};

export type MonitoringObject = PodMonitoring | Rules | PodMonitor | PrometheusRule;
