import { CLUSTER_DNS_CONFIG_MAPS } from "../../base/conventions";
import { type ResolverInputs } from "../../declared/resolver";
import {
    type Fields,
    fields,
    fieldsList,
    hasLabels,
    hasUnknown,
    type KubernetesObject,
    list,
    stringMap,
    text,
    texts,
} from "../kubernetes";
import { podRootOf } from "../scheduling/podWays";
import { type Hop, type Witness } from "../verdict";
import { calledIn, isMadeByController } from "../world/controlled";
import { below, Configuration } from "./configuration";
import { parseCorefile, type ServerBlock, UnreadableCorefile } from "./corefile";

/** What the given objects make of the resolver, from the cluster's own DNS to what it asks. */
export interface Deployed {
    /** The resolver's configuration; undefined where it cannot be told. */
    readonly configuration: Configuration | undefined;
    readonly witnesses: readonly Witness[];
    readonly reasons: readonly string[];
    /** URNs of what it is made of. */
    readonly resources: readonly string[];
    /** Where a query goes until the resolver has it. */
    readonly way: readonly Hop[];
}

/** Stands for every name that nobody declares. */
export const ANY_NAME = below("");

/** Collects what is found on the way. */
class Findings {
    readonly witnesses: Witness[] = [];
    readonly reasons: string[] = [];
    readonly resources: string[] = [];
    readonly way: Hop[] = [];

    doubt(reason: string): undefined {
        this.reasons.push(reason);
        return undefined;
    }

    /** Names past the resolver. */
    around(hop: Omit<Hop, "decides">, remedy: string, name = ANY_NAME): undefined {
        this.witnesses.push(namesWitness(name, undefined, [...this.way, { ...hop, decides: true }], remedy));
        return undefined;
    }
}

export function namesWitness(
    name: string,
    type: string | undefined,
    hops: readonly Hop[],
    remedy: string,
    source = "any pod of a client namespace",
): Witness {
    return { source, extent: `the name ${name}${type === undefined ? "" : `, type ${type}`}`, hops, remedy };
}

export function deployedResolver(objects: readonly KubernetesObject[], declared: ResolverInputs): Deployed {
    const findings = new Findings();
    clusterDns(objects, declared, findings);
    const blocks = resolverBlocks(objects, declared, findings);
    return { ...findings, configuration: blocks === undefined ? undefined : new Configuration(blocks) };
}

function clusterDns(objects: readonly KubernetesObject[], declared: ResolverInputs, findings: Findings): void {
    const { namespace, name } = declared.clusterDns;
    const steering = objects.filter(
        object =>
            isConfigMap(object) && object.namespace === namespace && CLUSTER_DNS_CONFIG_MAPS.includes(object.name),
    );
    for (const { urn } of steering.filter(object => object.name !== name)) {
        findings.doubt(`${urn} says something of the cluster's DNS as well, which is not followed`);
    }
    const own = steering.filter(object => object.name === name);
    findings.resources.push(...own.map(({ urn }) => urn));
    if (own.length === 0) {
        findings.around(
            {
                at: "cluster DNS",
                decision: `no ConfigMap ${namespace}/${name} is given, so it asks the servers of its node for every name`,
            },
            `set the upstream servers in ConfigMap ${namespace}/${name} to ${declared.address}`,
        );
    }
    for (const object of own) {
        const data = fields(object.object["data"]);
        if (hasUnknown(object.object["data"])) {
            findings.doubt(`${object.urn} has values that are not known before up`);
        } else if (name === "kube-dns") {
            kubeDns(object, data, declared, findings);
        } else {
            coreDns(object, text(data["Corefile"]) ?? "", declared, findings);
        }
    }
    findings.way.push({
        at: "cluster DNS",
        decision: `asks ${declared.address} for what is not in the cluster (ConfigMap ${namespace}/${name})`,
        ...(own[0] === undefined ? {} : { resource: own[0].urn }),
    });
}

/** `upstreamNameservers` and `stubDomains` (Kubernetes documentation, "Customizing DNS Service"). */
function kubeDns({ urn }: KubernetesObject, data: Fields, { address }: ResolverInputs, findings: Findings): void {
    const upstreams = json(data["upstreamNameservers"]);
    const stubs = json(data["stubDomains"]);
    const asked = Array.isArray(upstreams) ? texts(upstreams) : [];
    for (const other of asked.length === 0 ? ["the servers of its node"] : asked.filter(each => each !== address)) {
        findings.around(
            { at: "cluster DNS", decision: `asks ${other}, and not the resolver`, resource: urn },
            `let upstreamNameservers of ${urn} be ["${address}"]`,
        );
    }
    if (stubs === undefined) {
        findings.doubt(
            `${urn} leaves \`stubDomains\` to whoever else writes it: names below those are asked of others`,
        );
        return;
    }
    for (const [domain, servers] of Object.entries(fields(stubs))) {
        for (const other of texts(list(servers)).filter(each => each !== address)) {
            findings.around(
                { at: "cluster DNS", decision: `asks ${other} for names below ${domain}`, resource: urn },
                `take ${domain} out of stubDomains of ${urn}, and declare it under \`dns.zones\``,
                below(domain),
            );
        }
    }
}

function coreDns({ urn }: KubernetesObject, source: string, { address }: ResolverInputs, findings: Findings): void {
    const blocks = parsed(source, urn, findings);
    for (const { directives } of blocks ?? []) {
        for (const { name, args } of directives) {
            if (name !== "forward" && name !== "kubernetes" && !HARMLESS_THERE.has(name)) {
                findings.doubt(`${urn} has ${name}, which is not read here`);
            }
            for (const other of name === "forward" ? args.slice(1).filter(server => server !== address) : []) {
                findings.around(
                    { at: "cluster DNS", decision: `asks ${other}, and not the resolver`, resource: urn },
                    `let it forward to ${address} alone`,
                );
            }
        }
    }
}

/** What asks no server, of what kubeadm writes and people add. */
const HARMLESS_THERE: ReadonlySet<string> = new Set([
    ...[
        "errors",
        "health",
        "ready",
        "prometheus",
        "cache",
        "loop",
        "reload",
        "loadbalance",
        "log",
        "hosts",
        "template",
    ],
]);

function resolverBlocks(
    objects: readonly KubernetesObject[],
    declared: ResolverInputs,
    findings: Findings,
): readonly ServerBlock[] | undefined {
    const { namespace, address } = declared;
    const services = objects.filter(
        ({ kind, group, spec }) =>
            kind === "Service" && group === "" && [spec["clusterIP"], ...list(spec["clusterIPs"])].includes(address),
    );
    const service = services[0];
    if (service === undefined || services.length > 1 || service.namespace !== namespace) {
        return findings.doubt(
            `${service === undefined ? "no Service" : services.map(({ urn }) => urn).join(" and ")} has the address ${address}, expected one of namespace ${namespace}`,
        );
    }
    findings.resources.push(service.urn);
    findings.way.push({
        at: "resolver",
        decision: `Service ${service.namespace}/${service.name} has that address`,
        resource: service.urn,
    });
    const selector = stringMap(service.spec["selector"]);
    const running = objects.filter(object => object.namespace === namespace && podRootOf(object.kind) !== undefined);
    const names = new Set(running.map(calledIn));
    const workloads = running.filter(object => !isMadeByController(object, names));
    const [own, others] = [true, false].map(wanted =>
        workloads.filter(object => hasLabels(podLabels(object), selector) === wanted),
    ) as [KubernetesObject[], KubernetesObject[]];
    for (const { urn, kind, name } of others) {
        findings.around(
            {
                at: "resolver's namespace",
                decision: `${kind} ${name} runs beside the resolver, whose network policies let it ask the same servers for any name`,
                resource: urn,
            },
            `run ${urn} in another namespace`,
        );
    }
    const workload = own[0];
    if (workload === undefined || own.length > 1) {
        return findings.doubt(
            `${own.length === 0 ? "no workload" : own.map(({ urn }) => urn).join(" and ")} of namespace ${namespace} answers for ${service.urn}, expected one`,
        );
    }
    findings.resources.push(workload.urn);
    return configurationOf(workload, objects, findings);
}

/** The file that the one container is told to read, in the ConfigMap that it is mounted from. */
function configurationOf(
    workload: KubernetesObject,
    objects: readonly KubernetesObject[],
    findings: Findings,
): readonly ServerBlock[] | undefined {
    const pod = podSpec(workload);
    const [container, ...more] = fieldsList(pod["containers"]);
    const file = texts(container?.["args"]);
    const [option, place = ""] = file;
    const unexpected = [
        ...["hostNetwork", "initContainers", "hostPID", "shareProcessNamespace"].filter(key => pod[key] !== undefined),
        ...["command", "env", "envFrom", "lifecycle"].filter(key => container?.[key] !== undefined),
    ];
    const mount = fieldsList(container?.["volumeMounts"]).find(({ mountPath }) =>
        place.startsWith(`${String(mountPath)}/`),
    );
    const volume = fieldsList(pod["volumes"]).find(({ name }) => name === mount?.["name"]);
    const source = fields(volume?.["configMap"]);
    if (hasUnknown(workload.object)) {
        return findings.doubt(`${workload.urn} has values that are not known before up`);
    }
    if (
        more.length > 0 ||
        unexpected.length > 0 ||
        option !== "-conf" ||
        file.length !== 2 ||
        text(source["name"]) === undefined ||
        source["items"] !== undefined ||
        fieldsList(container?.["volumeMounts"]).length > 1
    ) {
        return findings.doubt(
            `${workload.urn} is more than CoreDNS with a configuration of a ConfigMap${unexpected.length === 0 ? "" : ` (${unexpected.join(", ")})`}, so that what it asks is not known`,
        );
    }
    const maps = objects.filter(
        object =>
            isConfigMap(object) && object.namespace === workload.namespace && object.name === text(source["name"]),
    );
    const [map] = maps;
    if (map === undefined || maps.length > 1) {
        return findings.doubt(
            `${maps.length === 0 ? "no ConfigMap" : maps.map(({ urn }) => urn).join(" and ")} has the configuration of ${workload.urn}, expected one`,
        );
    }
    findings.resources.push(map.urn);
    const corefile = fields(map.object["data"])[place.slice(String(mount!["mountPath"]).length + 1)];
    return typeof corefile === "string" && !hasUnknown(corefile)
        ? parsed(corefile, map.urn, findings)
        : findings.doubt(`${map.urn} does not show the configuration of the resolver`);
}

function parsed(source: string, urn: string, findings: Findings): readonly ServerBlock[] | undefined {
    try {
        return parseCorefile(source);
    } catch (error) {
        if (error instanceof UnreadableCorefile) {
            return findings.doubt(`${urn}: ${error.message}`);
        }
        throw error;
    }
}

function json(value: unknown): unknown {
    try {
        return typeof value === "string" ? JSON.parse(value) : undefined;
    } catch {
        return undefined;
    }
}

/** The object, or a change of it. */
function isConfigMap({ kind, group }: KubernetesObject): boolean {
    return group === "" && (kind === "ConfigMap" || kind === "ConfigMapPatch");
}

function template(object: KubernetesObject): Fields {
    return (podRootOf(object.kind) ?? []).reduce<Fields>((inner, key) => fields(inner[key]), object.object);
}

function podLabels(object: KubernetesObject): Readonly<Record<string, string>> {
    return stringMap(fields(template(object)["metadata"])["labels"]);
}

function podSpec(object: KubernetesObject): Fields {
    return fields(template(object)["spec"]);
}
