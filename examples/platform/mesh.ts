import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { istiodValues } from "./meshValues";

export interface MeshArgs {
    /** Full Istio version of charts and images. */
    readonly version: string;
    /** Registry and path in front of `/pilot` and `/proxyv2`. */
    readonly hub: string;
    /** Namespaces with a sidecar in every pod. */
    readonly namespaces: readonly string[];
}

/** Fetched by whoever deploys, not by the nodes. */
const CHARTS = "https://istio-release.storage.googleapis.com/charts";
const CONTROL_PLANE = "istio-system";

/**
 * Istio's control plane, by Helm releases rather than rendered charts: istiod completes its own webhook configurations at run
 * time, so a program that applied the rendered objects would undo that at every `up`, and the charts keep the CRDs when a
 * release goes, so that destroying the control plane does not delete every Istio object of the cluster. The price is that
 * previews show values instead of objects.
 */
export class Mesh extends pulumi.ComponentResource {
    constructor(name: string, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
        super("platform:mesh:Mesh", name, { version: args.version, hub: args.hub }, opts);
        const namespace = new k8s.core.v1.Namespace(
            `${name}-${CONTROL_PLANE}`,
            { metadata: { name: CONTROL_PLANE } },
            { parent: this },
        );
        const release = (releaseName: string, chart: string, values: object, after: pulumi.Resource) =>
            new k8s.helm.v3.Release(
                `${name}-${chart}`,
                {
                    name: releaseName,
                    chart,
                    version: args.version,
                    repositoryOpts: { repo: CHARTS },
                    namespace: CONTROL_PLANE,
                    values,
                    // The next thing asks for what this one brings: CRDs, then webhooks that answer.
                    skipAwait: false,
                    timeout: 600,
                },
                { parent: this, dependsOn: [after] },
            );
        const base = release("istio-base", "base", { defaultRevision: "default" }, namespace);
        const istiod = release("istiod", "istiod", istiodValues(args.version, args.hub), base);

        new k8s.apiextensions.CustomResource(
            `${name}-strict-mutual-tls`,
            {
                apiVersion: "security.istio.io/v1",
                kind: "PeerAuthentication",
                metadata: { name: "default", namespace: CONTROL_PLANE },
                spec: { mtls: { mode: "STRICT" } },
            },
            { parent: this, dependsOn: [istiod] },
        );
        for (const meshNamespace of args.namespaces) {
            new k8s.core.v1.Namespace(
                `${name}-${meshNamespace}`,
                { metadata: { name: meshNamespace, labels: { "istio-injection": "enabled" } } },
                // Pods that come before istiod would have no sidecar.
                { parent: this, dependsOn: [istiod] },
            );
        }
        this.registerOutputs();
    }
}
