import { PolicyPack } from "@pulumi/policy";
import { packPolicies } from "./pack";

// Starts the pack's server, so nothing else is in this module.
new PolicyPack("egress-gateway", {
    displayName: "Egress gateway",
    description: "Stops what would open a way out of a GKE cluster past its Istio egress gateway.",
    provider: "gcp",
    tags: ["security", "network", "istio"],
    enforcementLevel: "mandatory",
    policies: packPolicies(),
});
