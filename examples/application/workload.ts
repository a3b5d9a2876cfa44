import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type AllowedDestination, type EgressGateway } from "egress-gateway-contract";

export interface WorkloadArgs {
    readonly egress: EgressGateway;
    readonly image: string;
    readonly releases: AllowedDestination;
    readonly hooks: AllowedDestination;
    readonly database: AllowedDestination;
}

/**
 * A pod that calls its three destinations once a minute and logs what came back. In an image of one's own the addresses go the
 * same way: as environment, from the contract.
 */
export class Workload extends pulumi.ComponentResource {
    constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
        const { egress, image, releases, hooks, database } = args;
        const { namespace, serviceAccount } = releases;
        super("application:workload:Workload", name, { namespace, serviceAccount }, opts);
        const labels = { app: name };

        const account = new k8s.core.v1.ServiceAccount(
            name,
            { metadata: { name: serviceAccount, namespace }, automountServiceAccountToken: false },
            { parent: this },
        );
        const template = egress.podTemplate([releases, hooks, database], {
            metadata: { labels },
            spec: {
                automountServiceAccountToken: false,
                securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
                containers: [
                    {
                        name,
                        image,
                        command: ["/bin/sh", "-c", SCRIPT],
                        env: [
                            { name: "RELEASES_URL", value: releases.url },
                            { name: "HOOKS_URL", value: hooks.url },
                            { name: "DATABASE_HOST", value: database.host },
                            { name: "DATABASE_PORT", value: String(database.port) },
                        ],
                        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
                        securityContext: {
                            allowPrivilegeEscalation: false,
                            readOnlyRootFilesystem: true,
                            capabilities: { drop: ["ALL"] },
                        },
                    },
                ],
            },
        });
        new k8s.apps.v1.Deployment(
            name,
            {
                metadata: { name, namespace, labels },
                spec: { replicas: 2, selector: { matchLabels: labels }, template },
            },
            { parent: this, dependsOn: [account] },
        );
        this.registerOutputs();
    }
}

/** `-s` and a time limit each; TCP is tried with curl's telnet, which needs no further tool. */
const SCRIPT = [
    "while true; do",
    '  echo "releases: $(curl -s -o /dev/null -m 10 -w "%{http_code}" "$RELEASES_URL")"',
    '  echo "hooks: $(curl -s -o /dev/null -m 10 -w "%{http_code}" "$HOOKS_URL")"',
    '  echo | curl -s -m 5 "telnet://$DATABASE_HOST:$DATABASE_PORT" >/dev/null; echo "database: $?"',
    "  sleep 60",
    "done",
].join("\n");
