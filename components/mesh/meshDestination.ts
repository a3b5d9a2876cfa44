import { isAddress } from "../../base/cidr";
import { meshHost } from "../../base/conventions";
import { type Destination } from "../../settings/schema";

/** A destination under the name by which the mesh knows it. */
export interface MeshDestination extends Destination {
    /** Name in its objects. */
    readonly host: string;
    /** Where the gateway connects to, and what clients dial; absent: a name is resolved. */
    readonly address?: string;
}

export function inMesh(destination: Destination): MeshDestination {
    const { host } = destination;
    return isAddress(host) ? { ...destination, host: meshHost(host), address: host } : destination;
}
