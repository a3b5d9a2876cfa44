import { type ComponentType } from "./component";
import { oneOf } from "./fact";

export interface MonitoringInputs {
    readonly collector: "google-managed-prometheus" | "prometheus-operator";
}

export const MONITORING: ComponentType<MonitoringInputs> = {
    type: "egress-gateway:monitoring:Monitoring",
    inputs: { collector: oneOf("google-managed-prometheus", "prometheus-operator") },
};
