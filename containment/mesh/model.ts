import {
    type Fields,
    type KubernetesObject,
    fieldsList,
    hasLabels,
    integer,
    kubernetesObjects,
    stringMap,
    text,
    texts,
} from "../kubernetes";
import { type Resource } from "../resource";
import { ByHost, qualified } from "./hosts";

/** Where the mesh keeps what applies everywhere, and what it does with unknown destinations. */
export interface MeshSettings {
    /** Istio's root namespace. Default `istio-system`. */
    readonly rootNamespace: string;
    /** Default `cluster.local`. */
    readonly trustDomain: string;
    readonly gatewayNamespace: string;
    /** `meshConfig.outboundTrafficPolicy`, where no Sidecar says otherwise. Istio's default is to allow. */
    readonly outboundTraffic: "ALLOW_ANY" | "REGISTRY_ONLY";
}

/** Istio reads the protocol of a Service port from `appProtocol` or the name; without either the proxy detects it. */
export type PortProtocol = "http" | "tls" | "tcp" | "auto";

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

export interface Mesh {
    readonly settings: MeshSettings;
    readonly services: Exported<MeshService>;
    /** Filed under their hosts; those that apply to sidecars (`mesh`) and those bound to a Gateway, `<namespace>/<name>`. */
    readonly meshRoutes: Exported<HostedVirtualService>;
    readonly gatewayRoutes: ReadonlyMap<string, readonly KubernetesObject[]>;
    readonly destinationRules: ReadonlyMap<string, ByHost<KubernetesObject>>;
    readonly sidecars: ReadonlyMap<string, readonly KubernetesObject[]>;
    /** Gateways that select the gateway's pods, from any namespace. */
    readonly gateways: readonly KubernetesObject[];
    readonly authorizationPolicies: readonly KubernetesObject[];
    /** Service port to pod port, where a Service in front of the gateway's pods translates it. */
    readonly podPorts: ReadonlyMap<number, number>;
    readonly gatewayService: MeshService | undefined;
    readonly gatewayWorkloads: readonly KubernetesObject[];
    readonly objects: readonly KubernetesObject[];
}

export interface HostedVirtualService {
    readonly host: string;
    readonly virtualService: KubernetesObject;
}

/** Configuration by the namespaces that see it (`exportTo`). */
export class Exported<T> {
    private readonly everywhere: T[] = [];
    private readonly byNamespace = new Map<string, T[]>();

    add(value: T, exportTo: readonly string[], namespace: string): void {
        // Absent means everywhere (`meshConfig.defaultServiceExportTo` and its siblings, unless set).
        if (exportTo.length === 0 || exportTo.includes("*")) {
            this.everywhere.push(value);
            return;
        }
        for (const target of new Set(exportTo.map(entry => (entry === "." ? namespace : entry)))) {
            // `~` exports to nobody.
            if (target !== "~") {
                append(this.byNamespace, target, value);
            }
        }
    }

    visibleTo(namespace: string): readonly T[] {
        return [...(this.byNamespace.get(namespace) ?? []), ...this.everywhere];
    }
}

const WORKLOAD_KINDS = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]);
const ISTIO_GROUPS = new Set(["networking.istio.io", "security.istio.io", "extensions.istio.io", "telemetry.istio.io"]);

export function isIstioObject({ group }: KubernetesObject): boolean {
    return ISTIO_GROUPS.has(group);
}

/** Builds the model. Order among objects is the order of the resources; where Istio orders by age, the deciders say so. */
export function readMesh(resources: readonly Resource[], settings: MeshSettings): Mesh {
    return meshOf(kubernetesObjects(resources), settings);
}

export function meshOf(objects: readonly KubernetesObject[], settings: MeshSettings): Mesh {
    const of = (group: string, kind: string): KubernetesObject[] =>
        objects.filter(object => object.kind === kind && object.group === group);
    const services = new Exported<MeshService>();
    for (const entry of of("networking.istio.io", "ServiceEntry")) {
        for (const service of servicesOfEntry(entry)) {
            services.add(service, texts(entry.spec.exportTo), entry.namespace);
        }
    }
    const kubernetesServices = of("", "Service");
    for (const object of kubernetesServices) {
        services.add(
            serviceOfKubernetes(object),
            (object.annotations["networking.istio.io/exportTo"] ?? "").split(",").filter(Boolean),
            object.namespace,
        );
    }

    const meshRoutes = new Exported<HostedVirtualService>();
    const gatewayRoutes = new Map<string, KubernetesObject[]>();
    for (const virtualService of of("networking.istio.io", "VirtualService")) {
        const gateways = gatewayNames(virtualService.spec.gateways, virtualService.namespace);
        if (gateways.includes("mesh")) {
            for (const host of texts(virtualService.spec.hosts)) {
                meshRoutes.add(
                    { host: qualified(host, virtualService.namespace), virtualService },
                    texts(virtualService.spec.exportTo),
                    virtualService.namespace,
                );
            }
        }
        // A virtual service that the gateway's namespace does not see is not bound, whatever it names.
        if (isExportedTo(virtualService, settings.gatewayNamespace)) {
            for (const gateway of gateways.filter(name => name !== "mesh")) {
                append(gatewayRoutes, gateway, virtualService);
            }
        }
    }

    const destinationRules = new Map<string, ByHost<KubernetesObject>>();
    for (const rule of of("networking.istio.io", "DestinationRule")) {
        const rules = destinationRules.get(rule.namespace) ?? new ByHost<KubernetesObject>();
        rules.add(qualified(text(rule.spec.host) ?? "", rule.namespace), rule);
        destinationRules.set(rule.namespace, rules);
    }

    const sidecars = new Map<string, KubernetesObject[]>();
    for (const sidecar of of("networking.istio.io", "Sidecar")) {
        append(sidecars, sidecar.namespace, sidecar);
    }

    const workloads = objects.filter(
        ({ kind, namespace }) => WORKLOAD_KINDS.has(kind) && namespace === settings.gatewayNamespace,
    );
    const podLabels = workloads.map(podLabelsOf);
    const fronting = kubernetesServices.filter(
        ({ namespace, spec }) =>
            namespace === settings.gatewayNamespace &&
            Object.keys(stringMap(spec.selector)).length > 0 &&
            podLabels.some(labels => hasLabels(labels, stringMap(spec.selector))),
    );
    const podPorts = new Map<number, number>();
    for (const port of fronting.flatMap(service => serviceOfKubernetes(service).ports)) {
        // The first Service that has the port decides (`resolvePorts` in pilot/pkg/model/gateway.go).
        if (typeof port.targetPort === "number" && !podPorts.has(port.number)) {
            podPorts.set(port.number, port.targetPort);
        }
    }

    return {
        settings,
        services,
        meshRoutes,
        gatewayRoutes,
        destinationRules,
        sidecars,
        gateways: of("networking.istio.io", "Gateway").filter(({ spec }) =>
            podLabels.some(labels => hasLabels(labels, stringMap(spec.selector))),
        ),
        authorizationPolicies: of("security.istio.io", "AuthorizationPolicy").filter(
            ({ namespace, spec }) =>
                (namespace === settings.gatewayNamespace || namespace === settings.rootNamespace) &&
                spec.targetRef === undefined &&
                spec.targetRefs === undefined &&
                podLabels.some(labels =>
                    hasLabels(labels, stringMap((spec.selector as Fields | undefined)?.matchLabels)),
                ),
        ),
        podPorts,
        gatewayService: fronting[0] === undefined ? undefined : serviceOfKubernetes(fronting[0]),
        gatewayWorkloads: workloads,
        objects,
    };
}

/** Gateways of a virtual service or match, qualified by namespace; `mesh` is the sidecars, and the default. */
export function gatewayNames(gateways: unknown, namespace: string): readonly string[] {
    const names = texts(gateways);
    return names.length === 0
        ? ["mesh"]
        : names.map(name => (name === "mesh" || name.includes("/") ? name : `${namespace}/${name}`));
}

export function isExportedTo({ spec, namespace }: KubernetesObject, viewer: string): boolean {
    const exportTo = texts(spec.exportTo);
    return (
        exportTo.length === 0 ||
        exportTo.some(target => target === "*" || target === viewer || (target === "." && namespace === viewer))
    );
}

/** Files the value under the key, behind what is already there. */
export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
    const values = map.get(key);
    if (values === undefined) {
        map.set(key, [value]);
    } else {
        values.push(value);
    }
}

export function podLabelsOf(workload: KubernetesObject): Readonly<Record<string, string>> {
    const template = workload.spec.template as Fields | undefined;
    return stringMap((template?.metadata as Fields | undefined)?.labels);
}

function servicesOfEntry(entry: KubernetesObject): MeshService[] {
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

function serviceOfKubernetes(object: KubernetesObject): MeshService {
    const { spec } = object;
    const clusterAddress = text(spec.clusterIP);
    return {
        host: `${object.name}.${object.namespace}.svc.cluster.local`,
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
