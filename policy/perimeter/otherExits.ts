import { Inputs, NOT_KNOWN } from "../../containment/world/inputs";
import { type Finding, ofTypes, type ResourceRule, undecided } from "../rule";
import { elements, isMachine } from "./machines";

export function instanceInterfaces(): ResourceRule {
    return {
        scope: "resource",
        name: "instance-interfaces",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "Machines have one network interface.",
        stops: "A machine with a foot in two networks, one of which may have another firewall, NAT or default route.",
        remedy: "Remove the further interfaces, or peer the networks.",
        concerns: isMachine,
        judge: resource => {
            const { known, unclear } = elements(
                Inputs.of(resource, []),
                "networkInterfaces",
                "how many networks the machine is in",
            );
            return known.length > 1 ? [{ found: `networkInterfaces has ${known.length} entries.` }] : unclear;
        },
    };
}

export function ipForwarding(): ResourceRule {
    return {
        scope: "resource",
        name: "ip-forwarding",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "Machines do not forward packets of others.",
        stops: "A machine that is a router or NAT for others.",
        remedy: "Remove canIpForward.",
        concerns: isMachine,
        judge: resource => {
            const forwards = Inputs.of(resource, []).flag("canIpForward");
            return forwards === true
                ? [{ found: "canIpForward is true." }]
                : forwards === NOT_KNOWN
                  ? [undecided("canIpForward", "whether the machine forwards packets of others")]
                  : [];
        },
    };
}

export function secureWebProxy(): ResourceRule {
    return {
        scope: "resource",
        name: "secure-web-proxy",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "There is no Secure Web Proxy beside the gateway.",
        stops: "A managed proxy that leaves under Google's identity, past firewall, NAT and routes.",
        remedy: "Declare the destinations at the egress gateway instead.",
        concerns: ofTypes("gcp:networkservices/gateway:Gateway"),
        judge: resource => {
            const type = Inputs.of(resource, []).name("type");
            return type === "SECURE_WEB_GATEWAY"
                ? [{ found: "type is SECURE_WEB_GATEWAY." }]
                : type === NOT_KNOWN
                  ? [undecided("type", "whether the gateway is a Secure Web Proxy")]
                  : [];
        },
    };
}

export function internetEndpoints(): ResourceRule {
    return {
        scope: "resource",
        name: "internet-endpoints",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "No load balancer has endpoints on the internet.",
        stops: "A load balancer in front of internet endpoints: a proxy to the internet for whoever reaches it.",
        remedy: "Declare the destination at the egress gateway instead.",
        concerns: ofTypes(
            "gcp:compute/globalNetworkEndpointGroup:GlobalNetworkEndpointGroup",
            "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup",
            "gcp:compute/networkEndpointGroup:NetworkEndpointGroup",
        ),
        judge: resource => {
            const type = Inputs.of(resource, []).name("networkEndpointType");
            return type === NOT_KNOWN
                ? [undecided("networkEndpointType", "whether the endpoints are on the internet")]
                : type?.startsWith("INTERNET") === true
                  ? [{ found: `networkEndpointType is ${type}.` }]
                  : [];
        },
    };
}

/** `all-apis` is the same set of services as private.googleapis.com, *.run.app among them (VPC documentation, "Private Service Connect"). */
export function googleApisEndpoint(): ResourceRule {
    return {
        scope: "resource",
        name: "google-apis-endpoint",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        description: "Endpoints for Google APIs serve the restricted set.",
        stops: "An endpoint for all Google APIs, which serves *.run.app too: anybody's proxy to anywhere.",
        remedy: "Set target to vpc-sc.",
        concerns: ofTypes(
            "gcp:compute/globalForwardingRule:GlobalForwardingRule",
            "gcp:compute/forwardingRule:ForwardingRule",
        ),
        judge: (resource): Finding[] => {
            const target = Inputs.of(resource, []).name("target");
            // Of another resource, if it is not known: "all-apis" is a constant that nobody has to wait for.
            return typeof target === "string" && /(^|\/)all-apis$/.test(target)
                ? [{ found: `target is ${target}.` }]
                : [];
        },
    };
}
