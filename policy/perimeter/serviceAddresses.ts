import { Inputs, type Maybe, NOT_KNOWN } from "../../containment/world/inputs";
import { MACHINE_READERS, type MachineFacts } from "../../containment/world/machineReaders";
import { type Finding, type ResourceRule } from "../rule";

const WORKSTATIONS = "gcp:workstations/workstationConfig:WorkstationConfig";

/** Whoever makes machines on somebody's behalf says whether they have external addresses, each in its own words. */
export function serviceAddresses(): ResourceRule {
    return {
        scope: "resource",
        name: "service-external-address",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description: "Machines that Google's services make have no external address.",
        stops: "Workers of Dataproc or Dataflow, notebooks, TPUs and workstations that leave under their own address.",
        remedy: "Ask for internal addresses only, as the service calls it: internalIpOnly, ipConfiguration WORKER_IP_PRIVATE, disablePublicIp, noPublicIp, disablePublicIpAddresses, enablePrivateEnvironment, or without enableExternalIps.",
        concerns: type => type === WORKSTATIONS || Object.hasOwn(MACHINE_READERS, type),
        judge: resource => {
            const inputs = Inputs.of(resource, []);
            const external =
                resource.type === WORKSTATIONS
                    ? [isNot(inputs.flag("host.gceInstance.disablePublicIpAddresses"))]
                    : MACHINE_READERS[resource.type]!(inputs).flatMap(addressesOf);
            // What nothing in the resource could tell of is the proof's to doubt, with the network in sight.
            return [...new Set(external)].flatMap((has): Finding[] =>
                has === true
                    ? [{ found: "Its machines have external addresses." }]
                    : has === NOT_KNOWN
                      ? [{ found: "Nothing in it says that its machines have internal addresses only." }]
                      : [],
            );
        },
    };
}

function addressesOf({ interfaces }: MachineFacts): readonly Maybe<boolean>[] {
    return interfaces === undefined || interfaces === NOT_KNOWN ? [] : interfaces.map(nic => nic.externalIpv4);
}

/** Absent: it does not. */
function isNot(flag: Maybe<boolean>): Maybe<boolean> {
    return flag === NOT_KNOWN ? flag : flag !== true;
}
