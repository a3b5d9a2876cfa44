import { isBelow } from "../base/conventions";
import { type ContractDestination, type ContractPort } from "./egress";

/** Who calls: a workload's Kubernetes identity. */
export interface Workload {
    readonly namespace: string;
    readonly serviceAccount: string;
}

/** What a workload needs to reach. */
export interface DestinationRequest extends Workload {
    /** Host name, or address, as in the egress stack's list; of a wildcard the name that the application uses. */
    readonly host: string;
    /**
     * Port of the destination, as in the egress stack's list: for `originate` the far side's port, not the one that the
     * application dials.
     *
     * @default the host's only port; naming it is required when the host has several
     */
    readonly port?: number;
}

/** A destination that a workload may use, and how it addresses it. */
export interface AllowedDestination extends Workload {
    readonly host: string;
    /** Port that the application dials. */
    readonly port: number;
    readonly protocol: ContractPort["protocol"];
    /** `https://host`, `http://host:8080`; `host:port` for `tcp`. */
    readonly address: string;
    /** The same as a URL; absent for `tcp`, which has none. */
    readonly url?: string;
    /** The application speaks plain HTTP, even where the gateway opens TLS to the far side. */
    readonly plainHttp: boolean;
    /** The workload's sidecar has to answer DNS; `podTemplate` sees to it. */
    readonly needsDnsCapture: boolean;
    readonly owner?: string;
    readonly reason?: string;
    /** A date; the egress stack's own checks judge it. */
    readonly expires?: string;
}

/** Why a request is not met, with the entry that comes nearest. */
export type Refusal =
    | { readonly kind: "host" }
    | { readonly kind: "port"; readonly destination: ContractDestination; readonly dialled?: ContractPort }
    | { readonly kind: "port-unnamed"; readonly destination: ContractDestination }
    | { readonly kind: "workload"; readonly destination: ContractDestination; readonly port: ContractPort };

/** The entry that a host belongs to: its own, or that of a wildcard above it. */
export function destinationOf(
    asked: string,
    destinations: readonly ContractDestination[],
): ContractDestination | undefined {
    return (
        destinations.find(({ host }) => host === asked) ??
        (asked.startsWith("*") ? undefined : destinations.find(({ host }) => isBelow(asked, host)))
    );
}

/** Decides a request from the egress stack's list alone. */
export function answer(
    request: DestinationRequest,
    destinations: readonly ContractDestination[],
): { readonly allowed: AllowedDestination } | { readonly refusal: Refusal } {
    const destination = destinationOf(request.host, destinations);
    if (destination === undefined) {
        return { refusal: { kind: "host" } };
    }
    const { ports } = destination;
    if (request.port === undefined && ports.length > 1) {
        return { refusal: { kind: "port-unnamed", destination } };
    }
    const port = request.port === undefined ? ports[0] : ports.find(({ number }) => number === request.port);
    if (port === undefined) {
        return {
            refusal: {
                kind: "port",
                destination,
                dialled: ports.find(({ clientPort }) => clientPort === request.port),
            },
        };
    }
    return mayUse(request, destination)
        ? { allowed: addressed(request, destination, port) }
        : { refusal: { kind: "workload", destination, port } };
}

export function mayUse({ namespace, serviceAccount }: Workload, { allow }: ContractDestination): boolean {
    return allow.some(workload => workload.namespace === namespace && workload.serviceAccount === serviceAccount);
}

function addressed(
    request: DestinationRequest,
    destination: ContractDestination,
    port: ContractPort,
): AllowedDestination {
    const { host, namespace, serviceAccount } = request;
    const { owner, reason, expires } = destination;
    const address = port.address.replace(destination.host, host);
    return {
        namespace,
        serviceAccount,
        host,
        port: port.clientPort,
        protocol: port.protocol,
        address,
        ...(port.protocol === "tcp" ? {} : { url: address }),
        plainHttp: port.plainHttp,
        needsDnsCapture: port.needsDnsCapture,
        ...(owner === undefined ? {} : { owner }),
        ...(reason === undefined ? {} : { reason }),
        ...(expires === undefined ? {} : { expires }),
    };
}
