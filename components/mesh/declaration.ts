import { type MeshInputs } from "../../declared/mesh";
import { gatewayNamed } from "../../settings/gateways";
import { type Destination } from "../../settings/schema";
import { type MeshSettings } from "./compile";

/** What the component registers: what others read of it, and what else tells a reviewer of the plan how the mesh is set. */
export interface MeshDeclaration extends MeshInputs {
    readonly googleApis: MeshSettings["googleApis"];
    readonly clients: MeshSettings["clients"];
    /** Without `source`: where something is written is no part of what it means. */
    readonly destinations: readonly Omit<Destination, "source">[];
}

export function meshDeclaration(settings: MeshSettings): MeshDeclaration {
    const { mesh, gateway, googleApis, clients, clientNamespaces, destinations } = settings;
    return {
        version: mesh.version,
        trustDomain: mesh.trustDomain,
        controlPlaneNamespace: mesh.controlPlaneNamespace,
        gatewayNamespace: gateway.namespace,
        ...gatewayNamed({ gateway }),
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
