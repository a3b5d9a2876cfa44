import { serviceHost } from "../../base/conventions";
import { type Fields, type KubernetesObject, fieldsList, integer, text, texts } from "../kubernetes";

/** Istio reads the protocol of a Service port from `appProtocol` or the name; without either the proxy detects it. */
type PortProtocol = "http" | "tls" | "tcp" | "auto";

export interface ServicePort {
    readonly number: number;
    readonly protocol: PortProtocol;
    /** Port at the endpoints; the same as `number` where none is given. */
    readonly targetPort: number | string;
}

/** A service of the mesh's registry: one per host of a ServiceEntry, and one per Kubernetes Service. */
export interface MeshService {
    readonly host: string;
    readonly namespace: string;
    readonly ports: readonly ServicePort[];
    /** Addresses and ranges that clients use; empty means any address. */
    readonly addresses: readonly string[];
    readonly resolution: "DNS" | "STATIC" | "NONE" | "DYNAMIC" | "KUBERNETES" | "ALIAS";
    readonly endpoints: readonly Fields[];
    /** The endpoints are workloads of the cluster that a selector picks. */
    readonly selectsWorkloads: boolean;
    readonly source: KubernetesObject;
}

export function servicesOfEntry(entry: KubernetesObject): MeshService[] {
    const { spec } = entry;
    const ports = fieldsList(spec.ports).flatMap(({ number, protocol, targetPort }): ServicePort[] => {
        const port = integer(number);
        return port === undefined
            ? []
            : [{ number: port, protocol: entryProtocol(text(protocol)), targetPort: integer(targetPort) ?? port }];
    });
    const resolution = text(spec.resolution) ?? "NONE";
    return texts(spec.hosts).map(host => ({
        host: host.toLowerCase(),
        namespace: entry.namespace,
        ports,
        addresses: texts(spec.addresses),
        resolution: resolution.startsWith("DYNAMIC")
            ? "DYNAMIC"
            : resolution.startsWith("DNS")
              ? "DNS"
              : resolution === "STATIC"
                ? "STATIC"
                : "NONE",
        endpoints: fieldsList(spec.endpoints),
        selectsWorkloads: spec.workloadSelector !== undefined,
        source: entry,
    }));
}

function entryProtocol(protocol: string | undefined): PortProtocol {
    switch (protocol?.toUpperCase()) {
        case "HTTP":
        case "HTTP2":
        case "GRPC":
        case "GRPC-WEB":
        case "HTTP_PROXY":
            return "http";
        case "TLS":
        case "HTTPS":
            return "tls";
        case undefined:
            return "auto";
        default:
            return "tcp";
    }
}

export function serviceOfKubernetes(object: KubernetesObject): MeshService {
    const { spec } = object;
    const clusterAddress = text(spec.clusterIP);
    return {
        host: serviceHost(object.name, object.namespace),
        namespace: object.namespace,
        ports: fieldsList(spec.ports).flatMap(({ port, targetPort, name, appProtocol }): ServicePort[] => {
            const number = integer(port);
            return number === undefined
                ? []
                : [
                      {
                          number,
                          protocol: serviceProtocol(text(appProtocol) ?? text(name)),
                          targetPort: integer(targetPort) ?? text(targetPort) ?? number,
                      },
                  ];
        }),
        addresses: clusterAddress === undefined || clusterAddress === "None" ? [] : [clusterAddress],
        resolution: spec.type === "ExternalName" ? "ALIAS" : "KUBERNETES",
        endpoints: [],
        selectsWorkloads: true,
        source: object,
    };
}

function serviceProtocol(name: string | undefined): PortProtocol {
    const protocol = name
        ?.replace(/^kubernetes\.io\//, "")
        .split("-")[0]
        ?.toLowerCase();
    switch (protocol) {
        case "http":
        case "http2":
        case "grpc":
        case "h2c":
            return "http";
        case "https":
        case "tls":
            return "tls";
        case "tcp":
        case "mysql":
        case "mongo":
        case "redis":
        case "postgres":
            return "tcp";
        default:
            return "auto";
    }
}
