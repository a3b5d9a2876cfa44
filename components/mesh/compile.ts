import { hasTenants } from "../../settings/certificates";
import { outerSni, ridesTls } from "../../settings/destinations";
import { type Destination } from "../../settings/schema";
import { type Settings } from "../../settings/settings";
import { logicalName } from "../kubernetesObject";
import { gatewayAuthorization, httpAuthorization } from "./authorization";
import { clientSidecar, gatewayRule } from "./clientNamespaces";
import { connectionsOutside } from "./connections";
import { googleApisEntry, metadataServerEntry, privateEntry } from "./directDestinations";
import { httpGateway, tlsGateways } from "./gatewayServers";
import { type IstioObject } from "./istioObject";
import { inMesh, type MeshDestination } from "./meshDestination";
import { originationRules } from "./origination";
import { serviceEntries } from "./serviceEntries";
import { type GatewayFacts, gatewayFacts } from "./gatewayFacts";
import { innerNameFilters, sessionKeys } from "./envoyFilters";
import { accessLog } from "./telemetry";
import { virtualServices } from "./virtualServices";

/** The part of the settings that the mesh objects follow from. */
export type MeshSettings = Pick<
    Settings,
    "mesh" | "gateway" | "platform" | "googleApis" | "clients" | "destinations" | "clientNamespaces"
> & {
    /** The stack's, where this is what one gateway sees. */
    readonly whole?: Pick<Settings, "clientNamespaces">;
};

/**
 * All Istio objects of the stack, sorted by namespace, name and kind; the order of what is listed in the settings leaves no
 * trace.
 *
 * @throws Error when a destination needs the mesh's mutual TLS and the settings have it switched off.
 */
export function compileMesh(settings: MeshSettings): IstioObject[] {
    const gateway = gatewayFacts(settings);
    const destinations = settings.destinations.map(inMesh).sort((a, b) => compare(a.host, b.host));
    const namespaces = [...new Set(settings.clientNamespaces)].sort();
    const objects: IstioObject[] = [
        httpGateway(gateway),
        ...gatewayAuthorization(gateway),
        accessLog(gateway),
        connectionsOutside(gateway),
        ...destinations.flatMap(destination => destinationObjects(destination, gateway)),
        ...namespaces.flatMap(namespace => [
            gatewayRule(namespace, destinations, gateway),
            ...(gateway.mutualTls && gateway.sessionKeys > 1 ? [sessionKeys(namespace, gateway)] : []),
        ]),
        ...(settings.gateway.name === undefined ? clientObjects(settings, gateway) : []),
    ];
    return sorted(objects);
}

/** What clients have once, whichever gateways they use; it stands with `default`. */
function clientObjects(settings: MeshSettings, gateway: GatewayFacts): IstioObject[] {
    const namespaces = [...new Set((settings.whole ?? settings).clientNamespaces)].sort();
    return [
        ...namespaces.map(namespace => clientSidecar(namespace, settings.clients.outboundTraffic)),
        ...settings.clients.privateDestinations.map(destination => privateEntry(destination, gateway)),
        ...googleEntries(namespaces, settings, gateway),
    ];
}

/** What every client needs of Google; nothing when there is no client to show it to. */
function googleEntries(
    namespaces: readonly string[],
    { googleApis, platform }: MeshSettings,
    gateway: GatewayFacts,
): IstioObject[] {
    if (namespaces.length === 0) {
        return [];
    }
    return [
        ...(googleApis === "restricted" ? [googleApisEntry(namespaces, gateway)] : []),
        ...(platform.kind === "gke" ? [metadataServerEntry(namespaces, platform, gateway)] : []),
    ];
}

/** The objects that belong to one destination alone. */
export function destinationObjects(destination: MeshDestination, gateway: GatewayFacts): IstioObject[] {
    assertCarriable(destination, gateway);
    return [
        ...serviceEntries(destination, gateway),
        ...tlsGateways(destination, gateway),
        ...virtualServices(destination, gateway),
        ...originationRules(destination, gateway),
        ...innerNameFilters(destination, gateway),
        ...httpAuthorization(destination, gateway),
    ];
}

/** The settings refuse this with a remedy; here it must not become an object that silently does nothing. */
function assertCarriable({ host, ports }: Destination, { mutualTls }: GatewayFacts): void {
    const stranded = ports.filter(port =>
        ridesTls(port) ? outerSni(host, port) !== host : hasTenants({ ports: [port] }),
    );
    if (!mutualTls && stranded.length > 0) {
        const numbers = stranded.map(({ number }) => number).join(", ");
        throw new Error(
            `${host}: port ${numbers} can only ride the gateway inside mutual TLS, and mesh.mutualTls is false`,
        );
    }
}

function sorted(objects: readonly IstioObject[]): IstioObject[] {
    return objects
        .map(object => ({ object, key: `${logicalName(object)}\u0000${object.kind}` }))
        .sort((a, b) => compare(a.key, b.key))
        .map(({ object }) => object);
}

function compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}
