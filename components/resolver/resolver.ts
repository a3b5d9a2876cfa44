import { ConfigMapPatch } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RESOLVER, type ResolverInputs } from "../../declared/resolver";
import { clusterDnsAddress, resolverAddress } from "../../settings/dns";
import { type Settings } from "../../settings/settings";
import { logicalName } from "../kubernetesObject";
import { resolverPolicies } from "../network-policies/resolverPolicies";
import { registerObject } from "../registerObject";
import { answersOf } from "./answers";
import { clusterDns, clusterDnsName, configuration, resolverCorefile } from "./configuration";
import { deployment, disruptionBudget } from "./deployment";
import { criticalPods, resolverNamespace, service, serviceAccount } from "./objects";

/**
 * The DNS lock: a resolver that knows the declared names, and the cluster's own DNS told to ask it. The latter comes last, when the
 * resolver answers, and goes first.
 */
export class Resolver extends pulumi.ComponentResource {
    constructor(
        name: string,
        settings: Settings,
        lock: ResolverInputs["lock"],
        opts?: pulumi.ComponentResourceOptions,
    ) {
        const inputs: ResolverInputs = {
            lock,
            namespace: settings.dns.namespace,
            address: resolverAddress(settings),
            clusterDns: {
                ...clusterDnsName(settings),
                address: clusterDnsAddress(settings.platform.cluster.serviceCidr),
            },
            ...answersOf(settings),
        };
        super(RESOLVER.type, name, inputs, opts);

        const corefile = resolverCorefile(settings);
        const namespace = registerObject(resolverNamespace(settings), { parent: this });
        const before = [
            ...resolverPolicies(settings),
            serviceAccount(settings),
            ...criticalPods(settings),
            configuration(settings, corefile),
            disruptionBudget(settings),
        ].map(object => registerObject(object, { parent: this, dependsOn: [namespace] }));
        const pods = registerObject(deployment(settings, corefile), {
            parent: this,
            dependsOn: before,
        });
        const served = registerObject(service(settings), { parent: this, dependsOn: [pods] });
        this.askedByTheCluster(settings, served);

        this.registerOutputs({});
    }

    /** Of GKE's own object these keys alone are this stack's, and go with it. */
    private askedByTheCluster(settings: Settings, served: pulumi.Resource): void {
        const { metadata, ...rest } = clusterDns(settings);
        new ConfigMapPatch(
            logicalName({ ...rest, metadata }),
            { ...rest, metadata: { ...metadata, annotations: { "pulumi.com/patchForce": "true" } } },
            {
                parent: this,
                dependsOn: [served],
                // kubeadm's CoreDNS does not start without the one key that this is.
                retainOnDelete: settings.platform.kind === "kubernetes",
            },
        );
    }
}
