import { type Fields, type KubernetesObject, fields, fieldsList, integer, text, texts } from "../kubernetes";
import { type CallTarget } from "./call";
import { qualified } from "./hosts";
import { gatewayNames } from "./model";
import { type MeshService } from "./services";

/** A route that a call may take. */
export interface MeshRoute extends CallTarget {
    /** The call has to have further properties (a path, a header) which the model does not follow; later routes stay possible. */
    readonly conditional: boolean;
    readonly virtualService: KubernetesObject;
}

/** What is known of a call when a route is looked for. */
export interface RouteContext {
    /** `mesh`, or the Gateway as `<namespace>/<name>`. */
    readonly gateway: string;
    /** Port of the listener, or of the Gateway's server. */
    readonly port: number;
    /** Host header as it is written, with its case and port. */
    readonly authority?: string;
    /** Namespace of the proxy. */
    readonly namespace: string;
}

/** Finds a service as the proxy in question sees it. */
export type ServiceLookup = (host: string) => MeshService | undefined;

export interface ChosenRoutes {
    readonly routes: readonly MeshRoute[];
    /** A route was reached whose conditions only its caller knows, or that the model does not follow. */
    readonly reason?: string;
    /** Some route applies whatever else the call says. */
    readonly certain: boolean;
}

/** First matching `http` route of the virtual service, and the conditional ones before it. */
export function httpRoutes(
    virtualService: KubernetesObject,
    context: RouteContext,
    lookup: ServiceLookup,
): ChosenRoutes {
    const routes: MeshRoute[] = [];
    for (const route of fieldsList(virtualService.spec.http)) {
        if (route.delegate !== undefined) {
            return { routes, certain: false, reason: `${virtualService.urn} delegates to another VirtualService` };
        }
        const match = httpMatch(route, context, virtualService);
        if (match === "no") {
            continue;
        }
        const mirrors = [
            ...(route.mirror === undefined ? [] : [{ destination: route.mirror }]),
            ...fieldsList(route.mirrors),
        ];
        const authority = rewrittenAuthority(route);
        // A redirect or a direct response has no destination and ends the search.
        for (const target of [...fieldsList(route.route), ...mirrors]) {
            if (target.weight !== 0 || fieldsList(route.route).length === 1) {
                routes.push({
                    ...destinationOf(target, virtualService, context.port, lookup),
                    conditional: match === "maybe",
                    virtualService,
                    ...(authority === undefined ? {} : { authority }),
                });
            }
        }
        if (match === "yes") {
            return { routes, certain: true };
        }
    }
    return { routes, certain: false };
}

/** Istio takes both spellings, and a header of that name as a rewrite (`translateHeadersOperations`). */
function rewrittenAuthority({ rewrite, headers }: Fields): string | undefined {
    const set = fields(fields(fields(headers).request).set);
    const header = Object.entries(set).find(([name]) => /^(?::authority|host)$/i.test(name));
    return text(fields(rewrite).authority) ?? text(header?.[1]);
}

/** First matching `tcp` route of the virtual service. */
export function tcpRoutes(
    virtualService: KubernetesObject,
    context: RouteContext,
    lookup: ServiceLookup,
): ChosenRoutes {
    return firstLayer4(virtualService, fieldsList(virtualService.spec.tcp), context, lookup);
}

function firstLayer4(
    virtualService: KubernetesObject,
    candidates: readonly Fields[],
    context: RouteContext,
    lookup: ServiceLookup,
): ChosenRoutes {
    const routes: MeshRoute[] = [];
    for (const route of candidates) {
        const matches = fieldsList(route.match);
        const verdicts =
            matches.length === 0 ? ["yes" as const] : matches.map(match => layer4Match(match, context, virtualService));
        if (verdicts.every(verdict => verdict === "no")) {
            continue;
        }
        const conditional = !verdicts.includes("yes");
        routes.push(...targetsOf(route, virtualService, context.port, lookup, conditional));
        if (!conditional) {
            return { routes, certain: true };
        }
    }
    return { routes, certain: false };
}

/** Each server name that the virtual service's `tls` blocks match, with its routes; the first block that has a name wins. */
export function tlsRoutes(
    virtualService: KubernetesObject,
    context: RouteContext,
    lookup: ServiceLookup,
): { readonly sni: string; readonly chosen: ChosenRoutes }[] {
    const bySni = new Map<string, ChosenRoutes>();
    for (const route of fieldsList(virtualService.spec.tls)) {
        for (const match of fieldsList(route.match)) {
            const verdict = layer4Match(match, context, virtualService);
            if (verdict === "no") {
                continue;
            }
            for (const sni of texts(match.sniHosts).map(name => name.toLowerCase())) {
                const earlier = bySni.get(sni);
                if (earlier === undefined || !earlier.certain) {
                    const routes = [
                        ...(earlier?.routes ?? []),
                        ...targetsOf(route, virtualService, context.port, lookup, verdict === "maybe"),
                    ];
                    bySni.set(sni, { routes, certain: verdict === "yes" });
                }
            }
        }
    }
    return [...bySni].map(([sni, chosen]) => ({ sni, chosen }));
}

function targetsOf(
    route: Fields,
    virtualService: KubernetesObject,
    port: number,
    lookup: ServiceLookup,
    conditional: boolean,
): MeshRoute[] {
    const targets = fieldsList(route.route);
    return targets
        .filter(({ weight }) => weight !== 0 || targets.length === 1)
        .map(target => ({ ...destinationOf(target, virtualService, port, lookup), conditional, virtualService }));
}

function destinationOf(
    target: Fields,
    virtualService: KubernetesObject,
    listenerPort: number,
    lookup: ServiceLookup,
): CallTarget {
    const destination = fields(target.destination);
    const host = qualified(text(destination.host) ?? "", virtualService.namespace);
    const subset = text(destination.subset);
    // Without a port the service's only one counts, else the listener's (`GetDestinationCluster`).
    const only = lookup(host)?.ports;
    const port = integer(fields(destination.port).number) ?? (only?.length === 1 ? only[0]!.number : listenerPort);
    return { host, port, ...(subset === undefined ? {} : { subset }) };
}

type Match = "yes" | "no" | "maybe";

function httpMatch(route: Fields, context: RouteContext, virtualService: KubernetesObject): Match {
    const matches = fieldsList(route.match);
    if (matches.length === 0) {
        return "yes";
    }
    const verdicts = matches.map((match): Match => {
        const fixed = staticMatch(match, context, virtualService);
        if (fixed === "no") {
            return "no";
        }
        const authority =
            match.authority === undefined ? "yes" : authorityMatch(fields(match.authority), context.authority);
        if (authority === "no") {
            return "no";
        }
        const followed = new Set(["name", "port", "gateways", "sourceNamespace", "sourceLabels", "authority"]);
        const further = Object.entries(match).some(([key, value]) => !followed.has(key) && !isPermissive(key, value));
        return further || authority === "maybe" || fixed === "maybe" ? "maybe" : "yes";
    });
    return verdicts.includes("yes") ? "yes" : verdicts.includes("maybe") ? "maybe" : "no";
}

/** Match fields that restrict nothing. */
function isPermissive(key: string, value: unknown): boolean {
    return key === "ignoreUriCase" || value === undefined || (key === "uri" && fields(value).prefix === "/");
}

/**
 * Envoy compares the header as it is written: case and port count, unlike for virtual hosts (RouteMatch, `headers`; Istio strips
 * the port for neither unless `ISTIO_GATEWAY_STRIP_HOST_PORT` says so).
 */
function authorityMatch(match: Fields, authority: string | undefined): Match {
    if (authority === undefined) {
        return "maybe";
    }
    const [exact, prefix, regex] = [match.exact, match.prefix, match.regex];
    if (typeof exact === "string") {
        return authority === exact ? "yes" : "no";
    }
    if (typeof prefix === "string") {
        return authority.startsWith(prefix) ? "yes" : "no";
    }
    return regex === ".*" || regex === ".+" ? "yes" : "maybe";
}

function layer4Match(match: Fields, context: RouteContext, virtualService: KubernetesObject): Match {
    const fixed = staticMatch(match, context, virtualService);
    return fixed === "yes" && (texts(match.destinationSubnets).length > 0 || match.sourceSubnet !== undefined)
        ? "maybe"
        : fixed;
}

/** Conditions that Istio decides when it generates a proxy's configuration. */
function staticMatch(match: Fields, context: RouteContext, virtualService: KubernetesObject): Match {
    const port = integer(match.port) ?? 0;
    if (port !== 0 && port !== context.port) {
        return "no";
    }
    const gateways = texts(match.gateways);
    if (gateways.length > 0 && !gatewayNames(gateways, virtualService.namespace).includes(context.gateway)) {
        return "no";
    }
    const sourceNamespace = text(match.sourceNamespace);
    if (sourceNamespace !== undefined && sourceNamespace !== context.namespace) {
        return "no";
    }
    // A service account does not tell the labels of its pods.
    return Object.keys(fields(match.sourceLabels)).length > 0 ? "maybe" : "yes";
}
