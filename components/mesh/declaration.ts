import { type Destination } from "../../settings/schema";
import { type MeshSettings } from "./compile";

/**
 * What the mesh is declared to allow, as the component registers it: the proof holds the objects against it, and policies
 * read owners and dates from it. Plain data, known at preview.
 */
export interface MeshDeclaration {
    readonly trustDomain: string;
    readonly gatewayNamespace: string;
    readonly mutualTls: boolean;
    readonly googleApis: MeshSettings["googleApis"];
    readonly clients: MeshSettings["clients"];
    readonly clientNamespaces: readonly string[];
    /** Without `source`: where something is written is no part of what it means. */
    readonly destinations: readonly Omit<Destination, "source">[];
}

export function meshDeclaration(settings: MeshSettings): MeshDeclaration {
    const { mesh, gateway, googleApis, clients, clientNamespaces, destinations } = settings;
    return {
        trustDomain: mesh.trustDomain,
        gatewayNamespace: gateway.namespace,
        mutualTls: mesh.mutualTls,
        googleApis,
        clients,
        clientNamespaces,
        destinations: destinations.map(({ host, ports, allow, owner, reason, expires }) => ({
            host,
            ports,
            allow,
            ...(owner === undefined ? {} : { owner }),
            ...(reason === undefined ? {} : { reason }),
            ...(expires === undefined ? {} : { expires }),
        })),
    };
}
