import { fields, fieldsList, type KubernetesObject, text, texts } from "../../containment/kubernetes";
import { isWithin, qualified } from "../../containment/mesh/hosts";
import { gatewayNames, isExportedTo } from "../../containment/mesh/model";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Finding, type StackRule } from "../rule";
import { gatewayNamespaces, type PackSettings } from "../settings";
import { gatewaysOfPods } from "./gatewayServers";
import { objectsOf, unclear } from "./objects";
import { viewers } from "./serviceEntries";

/** The first place that has a rule for the host hides the others: the client's namespace, the service's, the root namespace. */
export function shadowedRules(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "destination-rule-shadowing",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        description: "A namespace sees one set of DestinationRules for a host.",
        stops: "A rule that hides another one, subsets and TLS included: routes to a hidden subset answer 503, and hidden TLS is no TLS.",
        remedy: "Keep the rules of a host in one namespace with one exportTo, or export each to its own namespace only.",
        judge: resources => {
            const rules = objectsOf(resources, "DestinationRule").filter(
                ({ spec }) => spec.workloadSelector === undefined,
            );
            return [
                ...rules.flatMap((rule, index) =>
                    rules.slice(0, index).flatMap((earlier): Finding[] => {
                        const problem = conflict(rule, earlier, settings);
                        return problem === undefined ? [] : [{ resource: rule.urn, found: problem }];
                    }),
                ),
                ...rules.flatMap(rule =>
                    unclear(rule, "whether another DestinationRule is hidden", "spec.host", "spec.exportTo"),
                ),
            ];
        },
    };
}

function conflict(rule: KubernetesObject, other: KubernetesObject, settings: PackSettings): string | undefined {
    const [host, otherHost] = [rule, other].map(({ spec, namespace }) => qualified(text(spec.host) ?? "", namespace));
    if (!isWithin(host!, otherHost!) && !isWithin(otherHost!, host!)) {
        return undefined;
    }
    const name = `${other.namespace}/${other.name}`;
    if (rule.namespace === other.namespace) {
        const alike = key(rule) === key(other);
        return host !== otherHost || alike
            ? undefined
            : `spec.exportTo differs from that of ${name} for the same host ${host}: of the two only the younger counts.`;
    }
    // In its own namespace a rule hides what is exported to it from elsewhere; the root namespace comes last.
    const [hiding, hidden] = sees(rule.namespace, other)
        ? [rule, other]
        : sees(other.namespace, rule)
          ? [other, rule]
          : [undefined, undefined];
    return hiding === undefined || hidden!.namespace === settings.controlPlaneNamespace
        ? undefined
        : `In namespace ${hiding.namespace} ${hiding === rule ? "it" : name} hides ${hiding === rule ? name : "it"} for ${host}.`;
}

function sees(namespace: string, rule: KubernetesObject): boolean {
    const seenBy = viewers(rule);
    return seenBy === "all" || seenBy.has(namespace);
}

function key({ spec }: KubernetesObject): string {
    return [...texts(spec.exportTo)].sort().join() || "*";
}

/** What the gateway's namespace does not see, the gateway does not do. */
export function gatewayVisibility(settings: PackSettings): StackRule {
    const namespaces = gatewayNamespaces(settings).join(" or ");
    return {
        scope: "stack",
        name: "gateway-visibility",
        concern: "mesh",
        severity: "medium",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "The gateway sees its own routes and the hosts that they lead to.",
        stops: "A VirtualService or ServiceEntry that the gateway does not see: the route is missing, or leads to no address.",
        remedy: `Add ${namespaces} to exportTo.`,
        judge: resources => {
            const gateways = new Set(
                gatewaysOfPods(resources, settings).map(({ namespace, name }) => `${namespace}/${name}`),
            );
            const routes = objectsOf(resources, "VirtualService").filter(({ spec, namespace }) =>
                gatewayNames(spec.gateways, namespace).some(name => gateways.has(name)),
            );
            return routes.flatMap((route): Finding[] => [
                ...(isSeenByGateway(route, settings)
                    ? []
                    : [
                          {
                              resource: route.urn,
                              found: `spec.exportTo has ${texts(route.spec.exportTo).join(", ")}, without the gateway's namespace.`,
                          },
                      ]),
                ...missingHosts(route, gateways, resources, settings),
                ...unclear(route, "whether the gateway sees the route", "spec.gateways", "spec.exportTo"),
            ]);
        },
    };
}

function isSeenByGateway(object: KubernetesObject, settings: PackSettings): boolean {
    return gatewayNamespaces(settings).some(namespace => isExportedTo(object, namespace));
}

function missingHosts(
    route: KubernetesObject,
    gateways: ReadonlySet<string>,
    resources: readonly Resource[],
    settings: PackSettings,
): Finding[] {
    const entries = objectsOf(resources, "ServiceEntry").filter(entry => isSeenByGateway(entry, settings));
    const known = (host: string): boolean =>
        host.endsWith(`.svc.${settings.clusterDomain}`) ||
        entries.some(({ spec }) => texts(spec.hosts).some(other => isWithin(host, other.toLowerCase())));
    const hosts = new Set(
        ["http", "tls", "tcp"].flatMap(kind =>
            fieldsList(route.spec[kind])
                .filter(({ match }) => atGateway(match, route, gateways))
                .flatMap(entry => fieldsList(entry.route))
                .map(({ destination }) => text(fields(destination).host))
                .filter(host => host !== undefined && host !== UNKNOWN)
                .map(host => qualified(host!, route.namespace)),
        ),
    );
    return [...hosts]
        .filter(host => !known(host))
        .map(host => ({
            resource: route.urn,
            found: `it leads to ${host}, and no ServiceEntry for that host is visible to the gateway's namespace.`,
            remedy: `Declare the host with a ServiceEntry whose exportTo has ${gatewayNamespaces(settings).join(" or ")}.`,
        }));
}

/** A match without gateways takes those of the VirtualService. */
function atGateway(match: unknown, route: KubernetesObject, gateways: ReadonlySet<string>): boolean {
    const matches = fieldsList(match);
    const named = (value: unknown): boolean => gatewayNames(value, route.namespace).some(name => gateways.has(name));
    return matches.length === 0
        ? named(route.spec.gateways)
        : matches.some(entry => named(texts(entry.gateways).length > 0 ? entry.gateways : route.spec.gateways));
}
