import { type Resource, UNKNOWN } from "../resource";
import { fields, fieldsList, integer, text, unknownPaths } from "../kubernetes";
import { type MeshSettings } from "./model";
import { principalOf } from "./principals";

export interface Workload {
    readonly namespace: string;
    readonly serviceAccount: string;
}

export type DestinationProtocol = "tls" | "http" | "originate" | "tcp";

/** One port of a destination, and who may use it. */
export interface DeclaredPort {
    readonly host: string;
    /** Port of the host. */
    readonly port: number;
    readonly protocol: DestinationProtocol;
    /** Port that the application dials; differs from `port` for `originate` alone. */
    readonly clientPort: number;
    readonly allow: readonly Workload[];
}

/** What the stack says that it allows: the registered inputs of its mesh component. */
export interface Declaration {
    readonly urn: string;
    readonly settings: MeshSettings;
    readonly mutualTls: boolean;
    readonly ports: readonly DeclaredPort[];
}

const COMPONENT = /^egress-gateway:mesh:/;

/** The declaration, `undefined` where no stack declares any, or the reasons why it cannot be read. */
export function readDeclaration(
    resources: readonly Resource[],
): Declaration | undefined | { readonly reasons: readonly string[] } {
    const components = resources.filter(
        ({ type, inputs }) => COMPONENT.test(type) && inputs.destinations !== undefined,
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
    const { urn, inputs } = component;
    const unknown = unknownPaths(inputs);
    if (unknown.length > 0 || inputs.destinations === UNKNOWN) {
        return { reasons: unknown.map(path => `${urn}: ${path} is not known before up; make it plain data`) };
    }
    const trustDomain = text(inputs.trustDomain) ?? "cluster.local";
    const gatewayNamespace = text(inputs.gatewayNamespace);
    if (gatewayNamespace === undefined) {
        return { reasons: [`${urn}: gatewayNamespace is missing`] };
    }
    const ports = fieldsList(inputs.destinations).flatMap(destination => {
        const allow = fieldsList(destination.allow).flatMap(({ namespace, serviceAccount }) => {
            const workload = { namespace: text(namespace), serviceAccount: text(serviceAccount) };
            return workload.namespace === undefined || workload.serviceAccount === undefined
                ? []
                : [workload as Workload];
        });
        return fieldsList(destination.ports).flatMap((port): DeclaredPort[] => {
            const number = integer(port.number);
            const host = text(destination.host)?.toLowerCase();
            if (number === undefined || host === undefined) {
                return [];
            }
            const protocol = protocolOf(text(port.protocol));
            return [
                {
                    host,
                    port: number,
                    protocol,
                    clientPort: protocol === "originate" ? (integer(port.plainPort) ?? 80) : number,
                    allow,
                },
            ];
        });
    });
    const outboundTraffic = text(inputs.outboundTrafficPolicy) ?? text(fields(inputs.meshConfig).outboundTrafficPolicy);
    return {
        urn,
        mutualTls: inputs.mutualTls !== false,
        settings: {
            trustDomain,
            gatewayNamespace,
            rootNamespace: text(inputs.controlPlaneNamespace) ?? "istio-system",
            outboundTraffic: outboundTraffic === "REGISTRY_ONLY" ? "REGISTRY_ONLY" : "ALLOW_ANY",
        },
        ports,
    };
}

function protocolOf(protocol: string | undefined): DestinationProtocol {
    return protocol === "http" || protocol === "originate" || protocol === "tcp" ? protocol : "tls";
}

export function principalsOf({ allow }: DeclaredPort, { trustDomain }: MeshSettings): readonly string[] {
    return allow.map(({ namespace, serviceAccount }) => principalOf(trustDomain, namespace, serviceAccount));
}

/** Key of a host and port. */
export function target(host: string, port: number): string {
    return `${host}:${port}`;
}
