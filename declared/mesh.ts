import { type ComponentType } from "./component";
import { flag, listOf, objectOf, oneOf, optional, type Shape, text, wholeNumber } from "./fact";

/** A workload that may use a destination. */
export interface DeclaredWorkload {
    readonly namespace: string;
    readonly serviceAccount: string;
}

export const PROTOCOLS = ["tls", "http", "originate", "tcp"] as const;

export type DestinationProtocol = (typeof PROTOCOLS)[number];

interface RegisteredPort {
    readonly protocol: DestinationProtocol;
    /** Port of the host. */
    readonly number: number;
    /** `originate` alone, and always there: the port on which the application speaks plain HTTP. */
    readonly plainPort?: number | undefined;
    /** `tls` alone: the gateway closes what has another server name inside. Of a wildcard it always does. */
    readonly innerName?: "checked" | undefined;
    /** `originate` alone: whom the gateway believes; absent: the public authorities, or those beside its own certificate. */
    readonly caCertificate?: RegisteredSecret | undefined;
    /** `originate` alone: what the gateway shows, for everybody. */
    readonly clientCertificate?: RegisteredSecret | undefined;
    /** `originate` alone: what it shows for the workloads of each namespace. */
    readonly clientCertificates?: readonly RegisteredTenant[] | undefined;
}

/** A Secret of the gateway's namespace. */
interface RegisteredSecret {
    readonly secret: string;
}

interface RegisteredTenant extends RegisteredSecret {
    readonly namespace: string;
}

export interface RegisteredDestination {
    readonly host: string;
    readonly ports: readonly RegisteredPort[];
    readonly allow: readonly DeclaredWorkload[];
    readonly owner?: string | undefined;
    readonly reason?: string | undefined;
    /** A date, `2027-01-31`. */
    readonly expires?: string | undefined;
}

/**
 * What the mesh is declared to allow: the proof holds the objects against it, and policies read owners and dates from it. Plain
 * data, known at preview.
 */
export interface MeshInputs {
    /** Istio version of the control plane, `1.30` or longer. */
    readonly version: string;
    readonly trustDomain: string;
    /** Where istiod runs, which is the mesh's root namespace: what stands there applies to every proxy. */
    readonly controlPlaneNamespace: string;
    readonly gatewayNamespace: string;
    /** Name of the gateway that the destinations leave by; absent: `default`. */
    readonly gateway?: string;
    readonly mutualTls: boolean;
    readonly clientNamespaces: readonly string[];
    readonly destinations: readonly RegisteredDestination[];
}

const secret = objectOf<RegisteredSecret>({ secret: text });

const port: Shape<RegisteredPort> = (value, place) => {
    const read = objectOf<RegisteredPort>({
        protocol: oneOf(...PROTOCOLS),
        number: wholeNumber,
        plainPort: optional(wholeNumber),
        innerName: optional(oneOf("checked")),
        caCertificate: optional(secret),
        clientCertificate: optional(secret),
        clientCertificates: optional(listOf(objectOf<RegisteredTenant>({ namespace: text, secret: text }))),
    })(value, place);
    return read?.protocol === "originate" && read.plainPort === undefined
        ? place.at("plainPort").refuse(undefined, "the port on which the application speaks plain HTTP")
        : read;
};

export const MESH: ComponentType<MeshInputs> = {
    type: "egress-gateway:mesh:Mesh",
    inputs: {
        version: text,
        trustDomain: text,
        controlPlaneNamespace: text,
        gatewayNamespace: text,
        gateway: optional(text),
        mutualTls: flag,
        clientNamespaces: listOf(text),
        destinations: listOf(
            objectOf<RegisteredDestination>({
                host: text,
                ports: listOf(port),
                allow: listOf(objectOf<DeclaredWorkload>({ namespace: text, serviceAccount: text })),
                owner: optional(text),
                reason: optional(text),
                expires: optional(text),
            }),
        ),
    },
};
