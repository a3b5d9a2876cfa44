import { Inputs, NOT_KNOWN } from "../../containment/world/inputs";
import { type Finding, type ResourceRule, undecided } from "../rule";
import { CLUSTER, elements, hasNodes, isMachine, nodesOf, presence } from "./machines";

/** A machine with an address of its own needs neither NAT nor the gateway. */
export function externalAddress(): ResourceRule {
    return {
        scope: "resource",
        name: "external-address",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description: "Machines have no external address.",
        stops: "A machine that leaves under its own address, past NAT and gateway.",
        remedy: "Remove it: Google's APIs are reached by Private Google Access, and the internet by the egress gateway.",
        concerns: isMachine,
        judge: resource => {
            const question = "whether the machine has an external address";
            const { known, unclear } = elements(Inputs.of(resource, []), "networkInterfaces", question);
            return [
                ...known.flatMap(([path, nic]) =>
                    ["accessConfigs", "ipv6AccessConfigs"].flatMap((key): Finding[] => {
                        switch (presence(nic.objects(key))) {
                            case "present":
                                return [{ found: `${path}.${key} gives the machine an external address.` }];
                            case "unknown":
                                return [undecided(`${path}.${key}`, question)];
                            case "absent":
                                return [];
                        }
                    }),
                ),
                ...unclear,
            ];
        },
    };
}

export function privateNodes(): ResourceRule {
    return {
        scope: "resource",
        name: "private-nodes",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description: "GKE nodes are private.",
        stops: "Nodes with external addresses: every pod on them leaves past NAT and gateway.",
        remedy: "Set enablePrivateNodes to true: in privateClusterConfig of a cluster, in networkConfig of a node pool.",
        concerns: hasNodes,
        judge: resource => {
            const question = "whether the nodes have external addresses";
            const { pools, unclear } = nodesOf(resource);
            const places: [string, Inputs, string][] = pools
                .filter(({ isDefaultPool }) => !isDefaultPool)
                .map(({ at, inputs }) => [at, inputs, "networkConfig.enablePrivateNodes"]);
            if (resource.type === CLUSTER) {
                places.push(["", Inputs.of(resource, []), "privateClusterConfig.enablePrivateNodes"]);
            }
            return [
                ...places.flatMap(([at, inputs, key]): Finding[] => {
                    const isPrivate = inputs.flag(key);
                    return isPrivate === true
                        ? []
                        : isPrivate === NOT_KNOWN
                          ? [undecided(at + key, question)]
                          : [{ found: `${at}${key} is ${isPrivate === false ? "false" : "absent"}.` }];
                }),
                ...unclear,
            ];
        },
    };
}
