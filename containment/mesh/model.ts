import {
    type Fields,
    type KubernetesObject,
    fields,
    fieldsList,
    hasLabels,
    integer,
    stringMap,
    text,
    texts,
} from "../kubernetes";
import { workloadsIn } from "../world/gatewayWorkloads";
import { type InnerName, innerNamesIn } from "../world/innerNames";
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
    /** Version of Istio that is declared. */
    readonly version: string;
    /** `meshConfig.outboundTrafficPolicy`, where no Sidecar says otherwise. Istio's default is to allow. */
    readonly outboundTraffic: "ALLOW_ANY" | "REGISTRY_ONLY";
}

export interface MeshModel {
    readonly settings: MeshSettings;
    readonly services: Exported<MeshService>;
    /** Filed under their hosts; those that apply to sidecars (`mesh`) and those bound to a Gateway, `<namespace>/<name>`. */
    readonly meshRoutes: Exported<HostedVirtualService>;
    readonly gatewayRoutes: ReadonlyMap<string, readonly KubernetesObject[]>;
    readonly destinationRules: ReadonlyMap<string, ByHost<KubernetesObject>>;
    readonly sidecars: ReadonlyMap<string, readonly KubernetesObject[]>;
    /** Where the gateway reads the server name inside. */
    readonly innerNames: readonly InnerName[];
    /** Gateways that select the gateway's pods, from any namespace. */
    readonly gateways: readonly KubernetesObject[];
    readonly authorizationPolicies: readonly KubernetesObject[];
    /** Service port to pod port, where a Service in front of the gateway's pods translates it. */
    readonly podPorts: ReadonlyMap<number, number>;
    /** What the objects leave open about the gateway's own ports. */
    readonly doubts: readonly string[];
    readonly gatewayService: MeshService | undefined;
    readonly gatewayWorkloads: readonly KubernetesObject[];
    readonly objects: readonly KubernetesObject[];
}

export interface HostedVirtualService {
    readonly host: string;
    readonly virtualService: KubernetesObject;
}

/** Builds the model. Order among objects is the order of the resources; where Istio orders by age, the deciders say so. */
export function meshOf(objects: readonly KubernetesObject[], settings: MeshSettings): MeshModel {
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

    const workloads = workloadsIn(objects, settings.gatewayNamespace);
    const podLabels = workloads.map(podLabelsOf);
    const fronting = kubernetesServices.filter(
        ({ namespace, spec }) =>
            namespace === settings.gatewayNamespace &&
            Object.keys(stringMap(spec.selector)).length > 0 &&
            podLabels.some(labels => hasLabels(labels, stringMap(spec.selector))),
    );
    const { podPorts, doubts } = podPortsOf(fronting, workloads);

    return {
        settings,
        services,
        meshRoutes,
        gatewayRoutes,
        destinationRules,
        sidecars,
        innerNames: innerNamesIn(objects, settings.gatewayNamespace).filter(({ source }) =>
            podLabels.some(labels => hasLabels(labels, stringMap(fields(source.spec.workloadSelector).labels))),
        ),
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
        doubts,
        gatewayService: fronting[0] === undefined ? undefined : serviceOfKubernetes(fronting[0]),
        gatewayWorkloads: workloads,
        objects,
    };
}

/** The first Service that has the port decides (`resolvePorts` in pilot/pkg/model/gateway.go). A named port is what its pods call so. */
function podPortsOf(
    fronting: readonly KubernetesObject[],
    workloads: readonly KubernetesObject[],
): Pick<MeshModel, "podPorts" | "doubts"> {
    const podPorts = new Map<number, number>();
    const doubts: string[] = [];
    for (const service of fronting) {
        const selected = workloads.filter(workload =>
            hasLabels(podLabelsOf(workload), stringMap(service.spec.selector)),
        );
        for (const { number, targetPort } of serviceOfKubernetes(service).ports) {
            if (podPorts.has(number)) {
                continue;
            }
            if (typeof targetPort === "number") {
                podPorts.set(number, targetPort);
                continue;
            }
            const named = new Set(selected.map(workload => namedPort(workload, targetPort)));
            const [port] = named;
            if (named.size === 1 && port !== undefined) {
                podPorts.set(number, port);
            } else {
                doubts.push(
                    `${service.urn} leads port ${number} to the pods' port "${targetPort}", which ${named.size > 1 ? "they do not agree on" : "none of their containers names"}`,
                );
            }
        }
    }
    return { podPorts, doubts };
}

function namedPort(workload: KubernetesObject, name: string): number | undefined {
    const pod = fields(fields(workload.spec.template).spec);
    // A sidecar container is one of the init containers.
    const ports = [...fieldsList(pod.containers), ...fieldsList(pod.initContainers)].flatMap(container =>
        fieldsList(container.ports),
    );
    return integer(ports.find(port => port.name === name)?.containerPort);
}

/** Gateways of a virtual service or match, qualified by namespace; `mesh` is the sidecars, and the default. */
export function gatewayNames(gateways: unknown, namespace: string): readonly string[] {
    const names = texts(gateways);
    return names.length === 0
        ? ["mesh"]
        : names.map(name => (name === "mesh" || name.includes("/") ? name : `${namespace}/${name}`));
}

export function isExportedTo(
    { spec, namespace }: Pick<KubernetesObject, "spec" | "namespace">,
    viewer: string,
): boolean {
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
