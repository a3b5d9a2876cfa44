import { type Resource } from "../resource";
import { type Inputs, knownOf, type Maybe, NOT_KNOWN, someUnknown } from "./inputs";
import { type InterfaceFacts, type MachineFacts } from "./machineReaders";

/** Types whose machines are described in Compute Engine's own words. */
export const VIRTUAL_MACHINES = [
    "gcp:compute/instance:Instance",
    "gcp:compute/instanceTemplate:InstanceTemplate",
    "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate",
] as const;

export const TEMPLATES = VIRTUAL_MACHINES.slice(1);

/** Machines that are made after something else, and the input that names it. What they do not say, that says. */
export const COPIES: Readonly<Record<string, { readonly source: string; readonly under?: string }>> = {
    "gcp:compute/instanceFromTemplate:InstanceFromTemplate": { source: "sourceInstanceTemplate" },
    "gcp:compute/instanceFromMachineImage:InstanceFromMachineImage": { source: "sourceMachineImage" },
    "gcp:backupdisasterrecovery/restoreWorkload:RestoreWorkload": {
        source: "backupId",
        under: "computeInstanceRestoreProperties",
    },
};

/** Groups of machines that are made after templates. */
export const GROUP_MANAGERS = [
    "gcp:compute/instanceGroupManager:InstanceGroupManager",
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
] as const;

/** What adds machines to a group, or keeps one of its machines as it is; the input that names the group. */
export const GROUP_MEMBERS: Readonly<Record<string, string>> = {
    "gcp:compute/bulkPerInstanceConfig:BulkPerInstanceConfig": "instanceGroupManager",
    "gcp:compute/perInstanceConfig:PerInstanceConfig": "instanceGroupManager",
    "gcp:compute/regionPerInstanceConfig:RegionPerInstanceConfig": "regionInstanceGroupManager",
    "gcp:compute/regionResizeRequest:RegionResizeRequest": "instanceGroupManager",
    "gcp:compute/resizeRequest:ResizeRequest": "instanceGroupManager",
};

/** What the block of a machine says, in Compute Engine's own words. */
export function virtualMachine(inputs: Inputs): MachineFacts {
    const interfaces = inputs.objects("networkInterfaces");
    // Without a `serviceAccount` block a VM runs as nobody.
    const account = inputs.object("serviceAccount");
    return {
        account: account === undefined || account === NOT_KNOWN ? account : account.name("email"),
        withoutAccount: account === undefined,
        tags: inputs.texts("tags"),
        secureTags: inputs.map("params.resourceManagerTags") ?? inputs.map("resourceManagerTags"),
        interfaces: someUnknown(interfaces) ? NOT_KNOWN : knownOf(interfaces).map(interfaceOf),
    };
}

/** A copy: its own words where it has any, else those of what it is made after, else nothing is known. */
export function copyOf(inputs: Inputs, original: MachineFacts | undefined): MachineFacts {
    const own = virtualMachine(inputs);
    return {
        account: own.withoutAccount === true ? (original === undefined ? NOT_KNOWN : original.account) : own.account,
        withoutAccount: own.withoutAccount === true && original?.withoutAccount === true,
        tags: own.tags ?? (original === undefined ? NOT_KNOWN : original.tags),
        secureTags: own.secureTags ?? (original === undefined ? NOT_KNOWN : original.secureTags),
        interfaces:
            inputs.objects("networkInterfaces") === undefined ? (original?.interfaces ?? NOT_KNOWN) : own.interfaces,
    };
}

function interfaceOf(nic: Inputs): InterfaceFacts {
    const access = nic.objects("accessConfigs");
    const stack = nic.name("stackType");
    const aliases = nic.objects("aliasIpRanges");
    return {
        network: nic.name("network"),
        subnetwork: nic.name("subnetwork"),
        externalIpv4: access === NOT_KNOWN ? access : access !== undefined && access.length > 0,
        dualStack: stack === NOT_KNOWN ? stack : stack === "IPV4_IPV6" || stack === "IPV6_ONLY",
        aliasRanges: [
            ...(someUnknown(aliases) ? [NOT_KNOWN as Maybe<string>] : []),
            ...knownOf(aliases).map(alias => alias.name("subnetworkRangeName")),
        ],
        attachment: nic.name("networkAttachment"),
    };
}

/** Whether a machine of a group keeps an external address of its own. */
export function keepsExternalAddress({ inputs }: Resource): boolean {
    const state = inputs["preservedState"];
    const own =
        typeof state === "object" && state !== null ? (state as Record<string, unknown>)["externalIps"] : undefined;
    const stateful = inputs["statefulExternalIps"];
    return [own, stateful].some(
        list => list !== undefined && list !== null && !(Array.isArray(list) && list.length === 0),
    );
}
