import * as monitoring from "@pulumi/gcp/monitoring";
import * as pulumi from "@pulumi/pulumi";
import { MONITORING, type MonitoringInputs } from "../../declared/monitoring";
import { googleNames, type GoogleSettings, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { registerObject } from "../registerObject";
import { compileMonitoring } from "./compile";
import { googleAlerts } from "./googleAlerts";

/** Has the gateway's counters collected and judged, and on Google Cloud NAT and the firewall's log as well. Nothing rests on it. */
export class Monitoring extends pulumi.ComponentResource {
    constructor(
        name: string,
        settings: Settings,
        collector: MonitoringInputs["collector"],
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(MONITORING.type, name, { collector } satisfies MonitoringInputs, opts);
        compileMonitoring(settings).forEach(object => registerObject(object, { parent: this }));
        if (onGoogle(settings)) {
            alertPolicies(name, settings, this);
        }
        this.registerOutputs({});
    }
}

function alertPolicies(name: string, settings: GoogleSettings, parent: pulumi.Resource): void {
    // Metrics of NAT and the firewall's log are in the project of the network.
    const { nat, networkProject: project } = googleNames(settings);
    for (const { name: subject, help, ...alert } of googleAlerts(settings)) {
        new monitoring.AlertPolicy(
            `${name}-${subject}`,
            {
                ...alert,
                project,
                displayName: `${nat}-${subject}`,
                combiner: "OR",
                documentation: { content: help, mimeType: "text/markdown" },
                notificationChannels: [...settings.monitoring.notificationChannels],
            },
            { parent },
        );
    }
}
