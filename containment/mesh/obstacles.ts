import { fields, hasUnknown, type KubernetesObject, opaqueInstallers, unknownPaths } from "../kubernetes";
import { isWorkload } from "../world/gatewayWorkloads";
import { type World } from "../world/world";
import { innerNamesIn } from "../world/innerNames";
import { isIstioObject, obstacleOf } from "./kinds";
import { meshConfigProblems } from "./meshConfig";
import { type MeshSettings } from "./model";

/** Charts that install the mesh itself and no traffic rule (istio/istio, manifests/charts). */
const CONTROL_PLANE_CHARTS = new Set(["base", "istiod", "cni", "ztunnel"]);

/** What the model does not follow and what could matter to the gateway. */
export function obstaclesIn({ resources, objects }: World, settings: MeshSettings): string[] {
    const near = ({ namespace }: KubernetesObject): boolean =>
        namespace === settings.gatewayNamespace || namespace === settings.rootNamespace;
    const own = new Set(innerNamesIn(objects, settings.gatewayNamespace).map(({ source }) => source));
    return [
        ...objects.flatMap((object): string[] => {
            const obstacle = own.has(object) ? undefined : obstacleOf(object, settings);
            if (obstacle !== undefined) {
                return [obstacle];
            }
            const matters =
                isIstioObject(object) || (near(object) && (object.kind === "Service" || isWorkload(object)));
            const paths = matters
                ? [
                      ...unknownPaths(routingFields(object)),
                      ...(hasUnknown(fields(object.object.metadata).namespace) ? ["metadata.namespace"] : []),
                  ]
                : [];
            return paths.map(path => `${object.urn}: ${path} is not known before up`);
        }),
        ...opaqueInstallers(resources)
            .filter(({ chart }) => !CONTROL_PLANE_CHARTS.has(chart))
            .map(({ urn, chart }) => `${urn} installs ${chart}, whose objects are not shown; render it into resources`),
        ...meshConfigProblems(resources, objects, settings),
    ];
}

/** Of a workload only the labels of its pods matter to the mesh; an image that is not known yet does not. */
function routingFields(object: KubernetesObject): unknown {
    return isWorkload(object)
        ? fields(fields(object.spec.template).metadata).labels
        : object.kind === "Service"
          ? { selector: object.spec.selector, ports: object.spec.ports }
          : object.spec;
}
