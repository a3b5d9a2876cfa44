import { isAddress } from "../../base/cidr";
import { meshHost } from "../../base/conventions";
import { type Destination } from "../../settings/schema";
import { type ExportTo } from "./istioObject";

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

/** Visible in its own namespace only, whether that is the gateway's or a client's. */
export const OWN_NAMESPACE: ExportTo = ["."];

/** Visible to the namespaces that may use the destination. */
export function toClients({ allow }: Pick<Destination, "allow">): ExportTo {
    return toNamespaces(allow.map(({ namespace }) => namespace));
}

/**
 * Visible to the namespaces, each once and sorted.
 *
 * @throws Error on an empty list, which Istio would read as "visible to everybody".
 */
export function toNamespaces(namespaces: readonly string[]): ExportTo {
    const [first, ...rest] = [...new Set(namespaces)].sort();
    if (first === undefined) {
        throw new Error("an object that nobody may see must not be written at all");
    }
    return [first, ...rest];
}
