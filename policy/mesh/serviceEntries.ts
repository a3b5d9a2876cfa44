import { type KubernetesObject, text, texts } from "../../containment/kubernetes";
import { isWithin } from "../../containment/mesh/hosts";
import { type Finding, type ResourceRule, type StackRule } from "../rule";
import { type PackSettings } from "../settings";
import { objectOf, objectsOf, ofKind, unclear } from "./objects";

export function hostWildcards(settings: PackSettings): ResourceRule {
    const allowed = settings.wildcardHosts;
    return {
        scope: "resource",
        name: "host-wildcards",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "ServiceEntries name their hosts exactly.",
        stops: "A wildcard, which allows every name below a domain, and whoever can register one there.",
        remedy: "List the hosts; name a wildcard that has to be in wildcardHosts.",
        concerns: ofKind("ServiceEntry"),
        judge: resource => {
            const entry = objectOf(resource);
            return [
                // Without endpoints it leads nowhere by itself; where its routes lead, the stack rule judges.
                ...(isEmpty(entry) ? [] : texts(entry.spec.hosts))
                    .filter(host => host.includes("*") && !allowed.some(other => isWithin(host, other)))
                    .map(host => ({ found: `spec.hosts has ${host}.` })),
                ...unclear(entry, "whether a host is a wildcard", "spec.hosts"),
            ];
        },
    };
}

function isEmpty({ spec }: KubernetesObject): boolean {
    return spec.resolution === "STATIC" && spec.endpoints === undefined && spec.workloadSelector === undefined;
}

/** Of two entries that are not merged the older wins, for everybody who sees both (istio/istio#51466, #56826). */
export function duplicateHosts(): StackRule {
    return {
        scope: "stack",
        name: "service-entry-hosts",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        description: "A namespace sees one ServiceEntry for a host.",
        stops: "A second entry for a host, which takes the place of the first for whoever sees both.",
        remedy: "Keep one entry for the host, or make their exportTo lists disjoint.",
        judge: resources => {
            const entries = objectsOf(resources, "ServiceEntry");
            return [
                ...entries.flatMap((entry, index) =>
                    entries.slice(0, index).flatMap((earlier): Finding[] => {
                        const hosts = texts(entry.spec.hosts).filter(host => texts(earlier.spec.hosts).includes(host));
                        const shared = sharedNamespace(entry, earlier);
                        return hosts.length === 0 || shared === undefined || merges(entry, earlier)
                            ? []
                            : [
                                  {
                                      resource: entry.urn,
                                      found: `spec.hosts has ${hosts.join(", ")}, as ${earlier.namespace}/${earlier.name} has, and ${shared} sees both.`,
                                  },
                              ];
                    }),
                ),
                ...entries.flatMap(entry =>
                    unclear(entry, "whether another ServiceEntry has the same host", "spec.hosts", "spec.exportTo"),
                ),
            ];
        },
    };
}

/** Istio merges entries of one namespace and resolution (`canMergeServices`). */
function merges(left: KubernetesObject, right: KubernetesObject): boolean {
    return (
        left.namespace === right.namespace &&
        (text(left.spec.resolution) ?? "NONE") === (text(right.spec.resolution) ?? "NONE")
    );
}

/** A namespace that sees both, in words; absent `exportTo` means every namespace. */
function sharedNamespace(left: KubernetesObject, right: KubernetesObject): string | undefined {
    const [one, other] = [viewers(left), viewers(right)];
    if (one === "all") {
        return other === "all" ? "every namespace" : [...other][0];
    }
    return other === "all" ? [...one][0] : [...one].find(namespace => other.has(namespace));
}

export function viewers({ spec, namespace }: KubernetesObject): ReadonlySet<string> | "all" {
    const exportTo = texts(spec.exportTo);
    return exportTo.length === 0 || exportTo.includes("*")
        ? "all"
        : new Set(exportTo.filter(target => target !== "~").map(target => (target === "." ? namespace : target)));
}
