import {
    type Fields,
    type KubernetesObject,
    hasLabels,
    kubernetesObjects,
    stringMap,
    text,
    texts,
} from "../kubernetes";
import { type Resource } from "../resource";
import { append, Exported } from "./exported";
import { ByHost, qualified } from "./hosts";
import { type MeshService, serviceOfKubernetes, servicesOfEntry } from "./services";

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
    const byKind = new Map<string, KubernetesObject[]>();
    objects.forEach(object => append(byKind, `${object.group}/${object.kind}`, object));
    const of = (group: string, kind: string): readonly KubernetesObject[] => byKind.get(`${group}/${kind}`) ?? [];
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

export function podLabelsOf(workload: KubernetesObject): Readonly<Record<string, string>> {
    const template = workload.spec.template as Fields | undefined;
    return stringMap((template?.metadata as Fields | undefined)?.labels);
}
