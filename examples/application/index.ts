import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { EgressGateway } from "egress-gateway-contract";
import { Workload } from "./workload";

const NAMESPACE = "payments";
const SERVICE_ACCOUNT = "api";

/**
 * An application of the payments team. What it reaches outside is asked for first: if one of the three is not allowed for this
 * workload, the preview fails here, and says whom to ask for what.
 */
export = async () => {
    const config = new pulumi.Config();
    const egress = await EgressGateway.fromStack(config.require("egressStack"));
    const workload = { namespace: NAMESPACE, serviceAccount: SERVICE_ACCOUNT };

    const [releases, hooks, database] = egress.requireDestinations([
        // It opens TLS itself; the gateway carries the bytes.
        { ...workload, host: "istio.io", port: 443 },
        // It speaks plain HTTP to its sidecar; the gateway opens TLS and checks the name.
        { ...workload, host: "hooks.example.com", port: 443 },
        // Any TCP. The sidecar answers DNS for it.
        { ...workload, host: "db.example.com", port: 5432 },
    ]);

    const cluster = new k8s.Provider("cluster", { context: config.require("context") });
    const image = config.require("image");
    new Workload("api", { egress, image, releases, hooks, database }, { providers: [cluster] });

    return {
        // What this application's partners put on their allow-lists.
        sourceAddresses: egress.natAddresses,
        reaches: [releases, hooks, database].map(({ address }) => address),
    };
};
