import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../../containment/resource";

/** A resource as a program registers it. {@link UNKNOWN} stands for a value that another resource gives after `up`. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    /** Names of resources before it that give the values of an input which are not known. */
    readonly madeFrom?: Readonly<Record<string, readonly string[]>>;
}

/** A program that registers these resources, whatever their types, in the given order. */
export function registering(resources: readonly Registration[]): () => Promise<void> {
    return async () => {
        const google = new gcp.Provider("google", { project: "acme-dev", region: "europe-west1" });
        const cluster = new k8s.Provider("cluster", { kubeconfig: "{}", clusterIdentifier: "acme-dev" });
        const later = new gcp.serviceaccount.Account("later", { accountId: "later" }, { provider: google }).uniqueId;
        const made = new Map<string, pulumi.CustomResource>();
        for (const { type, name, inputs, madeFrom = {} } of resources) {
            const given = Object.fromEntries(
                Object.entries(inputs).map(([key, value]) => {
                    const source = made.get(madeFrom[key]?.[0] ?? "");
                    return [key, withUnknowns(value, source?.id ?? later)];
                }),
            ) as pulumi.Inputs;
            if (/^(gcp|kubernetes):/.test(type)) {
                const provider = type.startsWith("gcp:") ? google : cluster;
                made.set(name, new Registered(type, name, given, { provider }));
            } else {
                new pulumi.ComponentResource(type, name, given).urn.apply(() => undefined);
            }
        }
    };
}

class Registered extends pulumi.CustomResource {}

function withUnknowns(value: unknown, later: pulumi.Output<unknown>): unknown {
    if (value === UNKNOWN) {
        return later;
    }
    if (Array.isArray(value)) {
        return value.map(item => withUnknowns(item, later));
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withUnknowns(item, later)]))
        : value;
}
