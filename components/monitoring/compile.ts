import { GATEWAY_COUNTERS, GATEWAY_NAME } from "../../base/conventions";
import { type Settings } from "../../settings/settings";
import { OBJECT_LABELS, podSelector } from "../gateway/gatewayObject";
import { alerts } from "./alerts";
import { type MonitoringObject } from "./monitoringObject";

const INTERVAL = "30s";

/**
 * What has the gateway's counters collected and judged, in the kinds of whoever collects. They stand in the gateway's own namespace,
 * where the guard lets the deployer alone write.
 */
export function compileMonitoring(settings: Pick<Settings, "gateway" | "monitoring">): MonitoringObject[] {
    const { collector, labels } = settings.monitoring;
    const metadata = {
        name: GATEWAY_NAME,
        namespace: settings.gateway.namespace,
        labels: { ...OBJECT_LABELS, ...labels },
    };
    const selector = { matchLabels: podSelector(settings.gateway) };
    const endpoints = [{ port: GATEWAY_COUNTERS.portName, path: GATEWAY_COUNTERS.path, interval: INTERVAL }];
    const groups = [{ name: GATEWAY_NAME, interval: INTERVAL, rules: alerts(settings) }];
    switch (collector) {
        case "none":
            return [];
        case "google-managed-prometheus": {
            const apiVersion = "monitoring.googleapis.com/v1";
            return [
                { apiVersion, kind: "PodMonitoring", metadata, spec: { selector, endpoints } },
                { apiVersion, kind: "Rules", metadata, spec: { groups } },
            ];
        }
        case "prometheus-operator": {
            const apiVersion = "monitoring.coreos.com/v1";
            return [
                { apiVersion, kind: "PodMonitor", metadata, spec: { selector, podMetricsEndpoints: endpoints } },
                { apiVersion, kind: "PrometheusRule", metadata, spec: { groups } },
            ];
        }
    }
}
