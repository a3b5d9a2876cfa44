import { Inputs, NOT_KNOWN } from "../../containment/world/inputs";
import { ofTypes, type ResourceRule, undecided } from "../rule";
import { CLUSTER } from "./machines";

const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";

export function ipv4Only(): ResourceRule {
    return {
        scope: "resource",
        name: "ipv4-only",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "Subnets and clusters are IPv4 only.",
        stops: "External IPv6, which needs no NAT: machines that have it leave past the gateway.",
        remedy: "Set stackType to IPV4_ONLY on a subnet, or to IPV4 in ipAllocationPolicy of a cluster.",
        concerns: ofTypes(SUBNETWORK, CLUSTER),
        judge: resource => {
            const [path, expected] =
                resource.type === SUBNETWORK ? ["stackType", "IPV4_ONLY"] : ["ipAllocationPolicy.stackType", "IPV4"];
            const stack = Inputs.of(resource, []).name(path!);
            // Absent: IPv4 only, for both (VPC documentation, "Types of subnets"; GKE documentation, "Dual-stack networking").
            return stack === undefined || stack === expected
                ? []
                : stack === NOT_KNOWN
                  ? [undecided(path!, "whether machines get IPv6 addresses")]
                  : [{ found: `${path} is ${stack}.` }];
        },
    };
}
