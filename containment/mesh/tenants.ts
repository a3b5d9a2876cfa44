import { type KubernetesObject, fields } from "../kubernetes";
import { AdmissionControl } from "../scheduling/admission";
import { type AdmissionRequest } from "../scheduling/admissionRequest";
import { namespaceClasses } from "../scheduling/namespaces";
import { TENANT } from "../scheduling/podWays";
import { type Hop, type Witness } from "../verdict";
import { type Declaration } from "./declared";
import { HYPOTHETICAL } from "./hops";
import { compareIdentities, type Findings } from "./identity";
import { type Mesh, meshOf, podLabelsOf } from "./model";

/** Objects with which a tenant could become part of the gateway, and what they would do. */
interface Move {
    readonly id: string;
    readonly words: string;
    readonly objects: readonly KubernetesObject[];
    /** Beyond the model once it is admitted: the reason. */
    readonly unmodelled?: string;
}

const RESOURCES: Readonly<Record<string, string>> = {
    ServiceEntry: "serviceentries",
    VirtualService: "virtualservices",
    Gateway: "gateways",
    DestinationRule: "destinationrules",
    EnvoyFilter: "envoyfilters",
    WasmPlugin: "wasmplugins",
};

/** An address that is certainly not a declared destination's. */
const ATTACKER = "1.1.1.1";

/**
 * What tenants may add to the mesh themselves. Each move is sent through the registered admission policies; what they admit is
 * added to the objects and the comparison is made again, so that a move counts only if it changes who reaches what.
 */
export function tenantFindings(objects: readonly KubernetesObject[], declaration: Declaration): Findings {
    const control = new AdmissionControl(objects);
    const { gatewayNamespace, rootNamespace } = declaration.settings;
    const clients = [...new Set(declaration.ports.flatMap(({ allow }) => allow.map(({ namespace }) => namespace)))];
    const { tenants } = namespaceClasses(control, objects, clients, { gatewayNamespace, rootNamespace });
    const reasons = new Set<string>();
    const witnesses: Witness[] = [];
    const done = new Set<string>();
    const mesh = meshOf(objects, declaration.settings);
    if (mesh.gatewayWorkloads.length === 0 || declaration.ports.length === 0) {
        return { result: "holds", witnesses: [], reasons: [] };
    }
    for (const namespace of tenants) {
        for (const move of movesFrom(namespace, mesh, declaration)) {
            // One namespace shows it; the others differ in nothing but their name.
            if (done.has(move.id)) {
                continue;
            }
            const admission = admissionOf(move, control);
            if (admission.result === "refused") {
                continue;
            }
            if (admission.result === "unknown") {
                admission.reasons.forEach(reason => reasons.add(reason));
                continue;
            }
            done.add(move.id);
            if (move.unmodelled !== undefined) {
                reasons.add(move.unmodelled);
                continue;
            }
            const after = compareIdentities(
                [...objectsNear(move, objects, declaration), ...move.objects],
                narrowed(move, declaration),
            );
            const witness = after.witnesses[0];
            if (witness !== undefined) {
                witnesses.push({
                    ...witness,
                    hops: [...admission.hops, ...witness.hops],
                    remedy: "refuse such objects outside the gateway's namespace by a ValidatingAdmissionPolicy that is bound with Deny",
                });
            } else {
                after.reasons.forEach(reason => reasons.add(`${move.words} in namespace ${namespace}: ${reason}`));
            }
        }
    }
    return {
        result: witnesses.length > 0 ? "violated" : reasons.size > 0 ? "unknown" : "holds",
        witnesses,
        reasons: [...reasons],
    };
}

function admissionOf(
    move: Move,
    control: AdmissionControl,
):
    | { readonly result: "admitted"; readonly hops: readonly Hop[] }
    | { readonly result: "refused" }
    | { readonly result: "unknown"; readonly reasons: readonly string[] } {
    const reasons: string[] = [];
    for (const object of move.objects) {
        const decision = control.decide(requestFor(object));
        if (decision.result === "refused") {
            return decision;
        }
        if (decision.result === "unknown") {
            reasons.push(...decision.reasons);
        }
    }
    const kinds = move.objects.map(({ kind }) => kind).join(" and a ");
    const { namespace } = move.objects[0]!;
    return reasons.length > 0
        ? { result: "unknown", reasons }
        : {
              result: "admitted",
              hops: [
                  {
                      at: "admission",
                      decision: `no policy that is bound with Deny refuses ${move.words}: a ${kinds} in namespace ${namespace}`,
                  },
              ],
          };
}

function requestFor(object: KubernetesObject): AdmissionRequest {
    const { group, version, kind, namespace, name } = object;
    return {
        operation: "CREATE",
        group,
        version,
        resource: RESOURCES[kind] ?? `${kind.toLowerCase()}s`,
        kind,
        namespace,
        name,
        user: TENANT,
        object: object.object,
        oldObject: null,
    };
}

function movesFrom(namespace: string, mesh: Mesh, { settings, ports }: Declaration): Move[] {
    const { gatewayNamespace } = settings;
    const victim = ports[0]!;
    // The stolen destination is one that somebody else may use too, if there is any.
    const other = ports.find(({ host }) => host !== victim.host);
    const labels = podLabelsOf(mesh.gatewayWorkloads[0]!);
    const selector = Object.keys(labels).length > 0 ? labels : { istio: "egressgateway" };
    const object = (
        kind: string,
        name: string,
        spec: Record<string, unknown>,
        apiVersion = "networking.istio.io/v1",
    ): KubernetesObject => {
        const [group, version] = apiVersion.split("/") as [string, string];
        const metadata = { name, namespace };
        return {
            urn: HYPOTHETICAL,
            group,
            version,
            kind,
            namespace,
            name,
            labels: {},
            annotations: {},
            spec,
            object: { apiVersion, kind, metadata, spec },
        };
    };
    const to = (host: string, port: number): unknown[] => [
        { route: [{ destination: { host, port: { number: port } } }] },
    ];
    const ownHost = "tenant.example";
    const server = {
        port: { number: 443, name: "tls-tenant", protocol: "TLS" },
        hosts: [ownHost],
        tls: { mode: "ISTIO_MUTUAL" },
    };
    const gateway = mesh.gateways.find(candidate => candidate.namespace === gatewayNamespace);
    return [
        {
            id: "re-point",
            words: "a ServiceEntry that gives a declared host other endpoints",
            objects: [
                object("ServiceEntry", "re-point", {
                    hosts: [victim.host],
                    location: "MESH_EXTERNAL",
                    resolution: "STATIC",
                    ports: [{ number: victim.port, name: `tcp-${victim.port}`, protocol: "TCP" }],
                    endpoints: [{ address: ATTACKER }],
                }),
            ],
        },
        {
            id: "own server",
            words: "a Gateway that selects the gateway's pods, with a route to a declared destination",
            objects: [
                object("Gateway", "own-server", { selector, servers: [server] }),
                object("VirtualService", "own-server", {
                    hosts: [ownHost],
                    gateways: [`${namespace}/own-server`],
                    tcp: to(victim.host, victim.port),
                }),
            ],
        },
        ...(gateway === undefined || other === undefined
            ? []
            : [
                  {
                      id: "own route",
                      words: "a VirtualService that binds to the gateway's Gateway",
                      objects: [
                          object("VirtualService", "own-route", {
                              hosts: [victim.host],
                              gateways: [...mesh.gatewayRoutes.keys()]
                                  .filter(name => name.startsWith(`${gatewayNamespace}/`))
                                  .slice(0, 2),
                              tcp: to(other.host, other.port),
                              http: to(other.host, other.port),
                          }),
                      ],
                  },
              ]),
        ...["EnvoyFilter", "WasmPlugin"].map(kind => ({
            id: kind,
            words: kind === "EnvoyFilter" ? "an EnvoyFilter" : "a WasmPlugin",
            objects: [
                object(
                    kind,
                    "extension",
                    { configPatches: [] },
                    kind === "EnvoyFilter" ? "networking.istio.io/v1alpha3" : "extensions.istio.io/v1alpha1",
                ),
            ],
            unmodelled:
                `nothing refuses a tenant's ${kind} (tried in namespace ${namespace}): there it rewrites that namespace's proxies, in the root namespace ` +
                `${settings.rootNamespace} every proxy, the gateway's included, and what it does is not modelled; refuse ${kind}s outside the gateway's namespace`,
        })),
    ];
}

/** The objects that the move could touch: everything that names no declared host, or one that the move names. */
function objectsNear(
    move: Move,
    objects: readonly KubernetesObject[],
    declaration: Declaration,
): readonly KubernetesObject[] {
    const text = JSON.stringify(move.objects.map(({ spec }) => spec));
    const far = new Set(declaration.ports.map(({ host }) => host).filter(host => !text.includes(`"${host}"`)));
    return objects.filter(
        ({ spec }) => !hostsOf(spec).some(host => far.has(host) || far.has(host.replace(/^p\d+\./, ""))),
    );
}

function narrowed(move: Move, declaration: Declaration): Declaration {
    const text = JSON.stringify(move.objects.map(({ spec }) => spec));
    return { ...declaration, ports: declaration.ports.filter(({ host }) => text.includes(`"${host}"`)) };
}

/** Hosts that an object is about: its own, or those of a Gateway's servers. */
function hostsOf(spec: KubernetesObject["spec"]): string[] {
    const own = Array.isArray(spec.hosts) ? spec.hosts : [];
    const servers = Array.isArray(spec.servers)
        ? spec.servers.flatMap(server => (fields(server).hosts as unknown[] | undefined) ?? [])
        : [];
    return [...own, ...servers].map(host => String(host).toLowerCase());
}
