import { isWildcard } from "../../base/conventions";
import { registeredAs } from "../../declared/component";
import { type DeclaredWorkload, type DestinationProtocol, MESH } from "../../declared/mesh";
import { type Resource } from "../resource";
import { gatewayNames, gatewayOf } from "../world/gateways";
import { isWithin } from "./hosts";
import { type MeshSettings } from "./model";
import { principalOf } from "./principals";

/** One port of a destination, and who may use it. */
export interface DeclaredPort {
    readonly host: string;
    /** Port of the host. */
    readonly port: number;
    readonly protocol: DestinationProtocol;
    /** Port that the application dials; differs from `port` for `originate` alone. */
    readonly clientPort: number;
    readonly allow: readonly DeclaredWorkload[];
    /** The gateway closes what has another server name inside. */
    readonly checksInnerName: boolean;
    /** Secret with the authorities that the gateway believes, where it shows no certificate of its own. */
    readonly authority?: string;
    /** Secrets with the certificates that it may show, each with the namespace whose callers it stands for; absent: all of them. */
    readonly certificates: readonly { readonly secret: string; readonly namespace?: string }[];
}

/** What the stack says that it allows: the registered inputs of its mesh component. */
export interface Declaration {
    readonly urn: string;
    /** Name of the gateway that leads there. */
    readonly gateway: string;
    readonly settings: MeshSettings;
    readonly mutualTls: boolean;
    readonly ports: readonly DeclaredPort[];
}

/**
 * The declaration, `undefined` where no stack declares any, or the reasons why it cannot be read.
 *
 * @param gateway name of the gateway whose destinations are meant, where there are several
 */
export function readDeclaration(
    resources: readonly Resource[],
    gateway?: string,
): Declaration | undefined | { readonly reasons: readonly string[] } {
    const components = registeredAs(MESH, resources).filter(
        ({ resource }) => gateway === undefined || gatewayOf(resource) === gateway,
    );
    const [component, ...others] = components;
    if (component === undefined) {
        return undefined;
    }
    if (others.length > 0) {
        return {
            reasons: [
                `several components declare destinations (${components.map(({ urn }) => urn).join(", ")}); give one stack at a time`,
            ],
        };
    }
    const fact = component.readAll(
        "version",
        "trustDomain",
        "controlPlaneNamespace",
        "gatewayNamespace",
        "mutualTls",
        "destinations",
    );
    if (!fact.known) {
        return { reasons: fact.reasons };
    }
    const { version, trustDomain, controlPlaneNamespace, gatewayNamespace, mutualTls, destinations } = fact.value;
    return {
        urn: component.urn,
        gateway: gatewayOf(component.resource)!,
        mutualTls,
        settings: {
            trustDomain,
            gatewayNamespace,
            rootNamespace: controlPlaneNamespace,
            version,
            // Nothing that is registered speaks of the mesh's configuration: the wider of the two answers.
            outboundTraffic: "ALLOW_ANY",
        },
        ports: destinations.flatMap(({ host, ports, allow }) =>
            ports.map(({ number, protocol, plainPort, innerName, ...port }) => ({
                host: host.toLowerCase(),
                port: number,
                protocol,
                clientPort: plainPort !== undefined && protocol === "originate" ? plainPort : number,
                allow,
                checksInnerName: innerName === "checked" || isWildcard(host),
                ...(port.caCertificate === undefined ? {} : { authority: port.caCertificate.secret }),
                certificates:
                    port.clientCertificates ?? (port.clientCertificate === undefined ? [] : [port.clientCertificate]),
            })),
        ),
    };
}

/** The declaration of every gateway. */
export function readDeclarations(resources: readonly Resource[]): ReturnType<typeof readDeclaration>[] {
    const names = gatewayNames(resources);
    return names.length < 2 ? [readDeclaration(resources)] : names.map(name => readDeclaration(resources, name));
}

/** The declaration of the gateway that leads to the host; of `default`, or the only one, where none does. */
export function declarationLeadingTo(resources: readonly Resource[], host: string): ReturnType<typeof readDeclaration> {
    const all = readDeclarations(resources);
    return (
        all.find(one => one !== undefined && "ports" in one && one.ports.some(port => isWithin(host, port.host))) ??
        all[0]
    );
}

export function principalsOf({ allow }: DeclaredPort, { trustDomain }: MeshSettings): readonly string[] {
    return allow.map(({ namespace, serviceAccount }) => principalOf(trustDomain, namespace, serviceAccount));
}

/** Those of the callers for whom the gateway may show a certificate; with none to show, all of them. */
export function callersShownAs(port: DeclaredPort, secret: string | undefined): DeclaredPort {
    const { certificates, allow } = port;
    return certificates.length === 0
        ? port
        : {
              ...port,
              allow: allow.filter(workload =>
                  certificates.some(
                      one =>
                          one.secret === secret &&
                          (one.namespace === undefined || one.namespace === workload.namespace),
                  ),
              ),
          };
}

/** Key of a host and port. */
export function target(host: string, port: number): string {
    return `${host}:${port}`;
}
