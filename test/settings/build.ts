import { type RawSettings, readSettings } from "../../settings/read";
import { type Settings } from "../../settings/settings";
import { InputError, type Problem } from "../../base/problem";

/** Settings that are good; tests change what matters to them. */
export function raw(values: Record<string, unknown> = {}, others: Partial<RawSettings> = {}): RawSettings {
    return {
        values: { destinations: [destination("api.example.com")], ...values },
        google: { project: "acme-dev", region: "europe-west1" },
        platform: { path: "egress-gateway:platform", value: platform() },
        files: [],
        ...others,
    };
}

export function destination(host: string, others: Record<string, unknown> = {}): Record<string, unknown> {
    return { host, allow: [{ namespace: "payments", serviceAccount: "api" }], ...others };
}

export function platform(
    others: Record<string, unknown> = {},
    cluster: Record<string, unknown> = {},
): Record<string, unknown> {
    return {
        network: "acme-dev",
        firewallOrder: "BEFORE_CLASSIC_FIREWALL",
        cluster: {
            name: "acme-dev",
            location: "europe-west1",
            nodeCidrs: ["10.0.0.0/22"],
            podCidrs: ["10.4.0.0/14"],
            serviceCidr: "10.8.0.0/20",
            controlPlaneCidr: "172.16.0.0/28",
            kubernetesVersion: "1.34",
            ...cluster,
        },
        egressSubnet: {
            name: "acme-dev-egress",
            nodeCidr: "10.0.8.0/27",
            podRange: "egress-pods",
            podCidr: "10.3.0.0/22",
        },
        ...others,
    };
}

export function settings(values: Record<string, unknown> = {}, others: Partial<RawSettings> = {}): Settings {
    return readSettings(raw(values, others));
}

/** The problems of settings that are bad. */
export function problems(values: Record<string, unknown>, others: Partial<RawSettings> = {}): readonly Problem[] {
    try {
        readSettings(raw(values, others));
    } catch (error) {
        if (error instanceof InputError) {
            return error.problems;
        }
        throw error;
    }
    return [];
}
