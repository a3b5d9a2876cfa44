import { type Resource } from "../resource";
import { Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { MACHINE_READERS, type MachineFacts } from "./machineReaders";
import { choose, type Directory, only, targetsOf } from "./references";
import {
    COPIES,
    copyOf,
    GROUP_MANAGERS,
    GROUP_MEMBERS,
    keepsExternalAddress,
    TEMPLATES,
    VIRTUAL_MACHINES,
    virtualMachine,
} from "./virtualMachines";

/** Machines that a resource describes, and what to call them. */
export interface Described {
    readonly resource: Resource;
    readonly facts: MachineFacts;
    readonly id: string;
    /** For people. */
    readonly name: string;
}

const NOTHING_KNOWN: MachineFacts = {
    account: NOT_KNOWN,
    tags: NOT_KNOWN,
    secureTags: NOT_KNOWN,
    interfaces: NOT_KNOWN,
};

/** Reads every resource that machines come from: VMs, what they are made after, groups of them, and services that create them. */
export class Descriptions {
    private readonly forwardedTo: readonly Forwarded[];

    constructor(
        private readonly directory: Directory,
        private readonly problems: WorldProblem[],
    ) {
        this.forwardedTo = forwarded(directory);
    }

    all(): Described[] {
        return [
            ...this.directory.ofType(...VIRTUAL_MACHINES).map(resource => this.machine(resource)),
            ...this.forwardedTo
                .filter(({ instance }) => instance === undefined)
                .map(({ target }) => ({
                    resource: target,
                    facts: NOTHING_KNOWN,
                    id: target.name,
                    name: `the machine of target instance ${target.name}, which is not given`,
                })),
            ...this.directory.ofType(...Object.keys(COPIES)).map(resource => this.copy(resource)),
            ...this.directory.ofType(...GROUP_MANAGERS).flatMap(resource => this.group(resource, resource)),
            ...this.directory.ofType(...Object.keys(GROUP_MEMBERS)).flatMap(resource => this.member(resource)),
            ...this.directory
                .ofType(...Object.keys(MACHINE_READERS))
                .flatMap(resource =>
                    serviceMachines(resource, MACHINE_READERS[resource.type]!(Inputs.of(resource, this.problems))),
                ),
            ...this.directory
                .ofType("gcp:workstations/workstationConfig:WorkstationConfig")
                .flatMap(resource => serviceMachines(resource, this.workstations(resource))),
        ];
    }

    private machine(resource: Resource): Described {
        const facts = virtualMachine(Inputs.of(resource, this.problems));
        const template = (TEMPLATES as readonly string[]).includes(resource.type);
        return {
            resource,
            facts: this.forwardedTo.some(({ instance }) => instance === resource)
                ? withExternalAddress(facts, NOT_KNOWN)
                : facts,
            id: resource.name,
            name: `${template ? "VM of template" : "VM"} ${resource.name}`,
        };
    }

    private copy(resource: Resource): Described {
        const { source, under } = COPIES[resource.type]!;
        const inputs = Inputs.of(resource, this.problems);
        const block = under === undefined ? inputs : inputs.object(under);
        const original = this.template(resource, inputs.name(source));
        return {
            resource,
            facts: block === undefined || block === NOT_KNOWN ? NOTHING_KNOWN : copyOf(block, original),
            id: resource.name,
            name: `VM ${resource.name}, a copy`,
        };
    }

    /** Machines of a group whose template is given are that template's; only what differs from it is described here. */
    private group(manager: Resource, by: Resource): Described[] {
        const inputs = Inputs.of(manager, this.problems);
        const versions = inputs.objects("versions");
        const names = [
            ...knownOf(versions).map(version => version.name("instanceTemplate")),
            ...(someUnknown(versions) ? [NOT_KNOWN as Maybe<string>] : []),
        ];
        const templates = names.map(name => this.template(manager, name));
        const external = keepsExternalAddress(by) || keepsExternalAddress(manager);
        return [...new Set(templates)].flatMap((facts): Described[] =>
            facts !== undefined && !external
                ? []
                : [
                      {
                          resource: by,
                          facts: facts === undefined ? NOTHING_KNOWN : withExternalAddress(facts, true),
                          id: by.name,
                          name: `machines of group ${manager.name}${facts === undefined ? ", whose template is not given" : ""}`,
                      },
                  ],
        );
    }

    private member(resource: Resource): Described[] {
        const group = Inputs.of(resource, this.problems).name(GROUP_MEMBERS[resource.type]!);
        const manager = only(this.directory.resolve(resource, group, ...GROUP_MANAGERS));
        return manager === undefined
            ? [
                  {
                      resource,
                      facts: NOTHING_KNOWN,
                      id: resource.name,
                      name: `machines of ${resource.name}, whose group is not given`,
                  },
              ]
            : keepsExternalAddress(resource)
              ? this.group(manager, resource)
              : [];
    }

    private template(resource: Resource, value: Maybe<string>): MachineFacts | undefined {
        const found = only(this.directory.resolve(resource, value, ...TEMPLATES));
        return found === undefined ? undefined : virtualMachine(Inputs.of(found, this.problems));
    }

    private workstations(resource: Resource): readonly MachineFacts[] {
        const inputs = Inputs.of(resource, this.problems);
        const cluster = inputs.name("workstationClusterId");
        const type = "gcp:workstations/workstationCluster:WorkstationCluster";
        const named = this.directory
            .ofType(type)
            .filter(({ inputs: other }) => other["workstationClusterId"] === cluster);
        const found =
            named.length > 0
                ? only(choose(named, () => "yes"))
                : only(this.directory.resolve(resource, cluster === undefined ? undefined : NOT_KNOWN, type));
        const place = found === undefined ? undefined : Inputs.of(found, []);
        const hidden = inputs.flag("host.gceInstance.disablePublicIpAddresses");
        return [
            {
                account: inputs.name("host.gceInstance.serviceAccount"),
                tags: inputs.texts("host.gceInstance.tags"),
                interfaces: [
                    {
                        network: place === undefined ? NOT_KNOWN : place.name("network"),
                        subnetwork: place === undefined ? NOT_KNOWN : place.name("subnetwork"),
                        externalIpv4: hidden === NOT_KNOWN ? hidden : hidden !== true,
                    },
                ],
            },
        ];
    }
}

interface Forwarded {
    readonly target: Resource;
    /** Absent where it is not given. */
    readonly instance: Resource | undefined;
}

/**
 * Instances that an external forwarding rule hands packets to: they may send with the rule's address, which needs no NAT (VPC
 * documentation, "Protocol forwarding").
 */
function forwarded(directory: Directory): Forwarded[] {
    return directory.ofType("gcp:compute/forwardingRule:ForwardingRule").flatMap(rule => {
        const inputs = Inputs.of(rule, []);
        const scheme = inputs.name("loadBalancingScheme") ?? "EXTERNAL";
        const found = directory.resolve(rule, inputs.name("target"), "gcp:compute/targetInstance:TargetInstance");
        if (scheme !== NOT_KNOWN && !scheme.startsWith("EXTERNAL")) {
            return [];
        }
        return targetsOf(found).map(target => {
            const name = Inputs.of(target, []).name("instance");
            return { target, instance: only(directory.resolve(target, name, "gcp:compute/instance:Instance")) };
        });
    });
}

function withExternalAddress(facts: MachineFacts, externalIpv4: Maybe<boolean>): MachineFacts {
    const { interfaces } = facts;
    return interfaces === undefined || interfaces === NOT_KNOWN
        ? facts
        : {
              ...facts,
              interfaces: interfaces.map((facing, index) =>
                  index > 0 || facing.externalIpv4 === true ? facing : { ...facing, externalIpv4 },
              ),
          };
}

function serviceMachines(resource: Resource, list: readonly MachineFacts[]): Described[] {
    const kind = resource.type.split(":").at(-1)!;
    return list.map((facts, index) => ({
        resource,
        facts,
        id: `${resource.name}${index === 0 ? "" : `/${index}`}`,
        name: `machines that ${kind} ${resource.name} creates${facts.suffix === undefined ? "" : ` (${facts.suffix})`}`,
    }));
}
