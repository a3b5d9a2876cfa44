import { shortUrn } from "../../base/resource";
import { innerNameHost, meshHost } from "../../base/conventions";
import { fields, fieldsList, integer, type KubernetesObject, text, texts } from "../kubernetes";
import { meshFindings } from "../mesh/claims";
import { type Declaration, readDeclaration, target } from "../mesh/declared";
import { qualified } from "../mesh/hosts";
import { gatewayNames, meshOf } from "../mesh/model";
import { type Hop, type Witness } from "../verdict";
import { type World } from "../world/world";
import { type Found, type NamedGateway } from "./claims";

/** A gateway with what it is declared to forward. */
interface Forwarding {
    readonly gateway: NamedGateway;
    readonly declaration: Declaration;
    /** `host:port` by the names that routes lead to. */
    readonly places: ReadonlySet<string>;
    /** What clients dial. */
    readonly hosts: ReadonlySet<string>;
    /** Host name of its Service; absent where none is shown. */
    readonly service: string | undefined;
    readonly routes: readonly KubernetesObject[];
}

/**
 * Destinations that another gateway than their own forwards, or that clients are led to another one for. What a gateway accepts and forwards at
 * all is what C4 decides, for each gateway by itself; without it nothing is said here.
 */
export function forwardedByOthers(world: World, gateways: readonly NamedGateway[]): Found {
    const reasons: string[] = [];
    const all = gateways.flatMap((gateway): Forwarding[] => {
        const { result } = meshFindings({ ...world, gateway });
        if (result !== "holds") {
            reasons.push(`what gateway ${gateway.name} accepts and forwards is not as declared, or not known (C4)`);
        }
        const declaration = readDeclaration(world.resources, gateway.name);
        if (declaration === undefined || "reasons" in declaration) {
            reasons.push(...(declaration?.reasons ?? [`nothing declares what gateway ${gateway.name} forwards`]));
            return [];
        }
        return [forwardingOf(world, gateway, declaration)];
    });
    const witnesses = all.flatMap(one =>
        all
            .filter(other => other !== one)
            .flatMap(other => [...inBoth(one, other), ...forwards(one, other), ...leads(world, one, other)]),
    );
    return { witnesses, reasons };
}

function forwardingOf(world: World, gateway: NamedGateway, declaration: Declaration): Forwarding {
    const mesh = meshOf(world.objects, declaration.settings);
    const bound = new Set(mesh.gateways.map(({ namespace, name }) => `${namespace}/${name}`));
    return {
        gateway,
        declaration,
        places: new Set(
            declaration.ports.flatMap(({ host, port }) =>
                [host, meshHost(host), innerNameHost(host)].map(name => target(name, port)),
            ),
        ),
        hosts: new Set(declaration.ports.flatMap(({ host }) => [host, meshHost(host)])),
        service: mesh.gatewayService?.host,
        routes: [...mesh.gatewayRoutes].flatMap(([name, routes]) => (bound.has(name) ? routes : [])),
    };
}

function declaredHop({ gateway, declaration }: Forwarding): Hop {
    return { at: "destination", decision: `declared to leave by gateway ${gateway.name}`, resource: declaration.urn };
}

/** Told once for a pair. */
function inBoth(one: Forwarding, other: Forwarding): Witness[] {
    return one.gateway.name > other.gateway.name
        ? []
        : [...one.hosts]
              .filter(host => other.hosts.has(host))
              .map(host => ({
                  source: host,
                  hops: [declaredHop(one), { ...declaredHop(other), decides: true as const }],
                  remedy: "declare it for one gateway",
              }));
}

/** What one gateway forwards that is the other's to forward. */
function forwards(one: Forwarding, other: Forwarding): Witness[] {
    return one.routes.flatMap(route =>
        destinationsOf(route)
            .filter(place => other.places.has(place) && !one.places.has(place))
            .map(place => ({
                source: place,
                hops: [
                    declaredHop(other),
                    {
                        at: "VirtualService",
                        decision: `gateway ${one.gateway.name} has a route to it`,
                        resource: route.urn,
                        decides: true as const,
                    },
                ],
                remedy: `take the route out of ${shortUrn(route.urn)}`,
            })),
    );
}

/** Clients' routes for what is the other's, that lead to this one. */
function leads({ objects }: World, one: Forwarding, other: Forwarding): Witness[] {
    return objects
        .filter(({ group, kind }) => group === "networking.istio.io" && kind === "VirtualService")
        .filter(
            ({ spec, namespace }) =>
                gatewayNames(spec.gateways, namespace).includes("mesh") &&
                texts(spec.hosts).some(host => other.hosts.has(qualified(host, namespace))),
        )
        .filter(route => destinationsOf(route).some(place => place.replace(/:\d+$/, "") === one.service))
        .map(route => ({
            source: texts(route.spec.hosts).join(", "),
            hops: [
                declaredHop(other),
                {
                    at: "VirtualService",
                    decision: `clients are led to gateway ${one.gateway.name}`,
                    resource: route.urn,
                    decides: true as const,
                },
            ],
            remedy: `let ${shortUrn(route.urn)} lead to ${other.service ?? `the Service of gateway ${other.gateway.name}`}`,
        }));
}

/** Everything that its routes lead to, whatever they match. */
function destinationsOf({ spec, namespace }: KubernetesObject): string[] {
    return ["http", "tls", "tcp"].flatMap(key =>
        fieldsList(spec[key]).flatMap(route =>
            [...fieldsList(route.route), { destination: fields(route.mirror) }, ...fieldsList(route.mirrors)].flatMap(
                each => {
                    const { host, port } = fields(each.destination);
                    const name = text(host);
                    return name === undefined
                        ? []
                        : [target(qualified(name, namespace).toLowerCase(), integer(fields(port).number) ?? 0)];
                },
            ),
        ),
    );
}
