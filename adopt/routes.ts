import { qualified } from "../containment/mesh/hosts";
import { type Account } from "./account";
import { type Adopted } from "./objects";
import { type Part } from "./part";

/** Where calls of a host go, once they are at the gateway, or straight from a sidecar. */
export interface Leg {
    readonly host: string;
    /** The port on which they arrive; absent: any. */
    readonly from?: number;
    readonly to: { readonly host: string; readonly port?: number; readonly subset?: string };
    readonly at: "mesh" | "gateway";
    readonly service: Adopted;
    readonly part: Part;
}

const CARRIED = "the routes of each destination are made anew, from the sidecars to the gateway and on to the host";

/** The legs of all routes for hosts outside; the rest is told to stay. */
export function legsOf(
    all: readonly Adopted[],
    isOutside: (host: string) => boolean,
    account: Account,
): readonly Leg[] {
    return all.flatMap(service => {
        const hosts = service.spec.at("hosts").shown();
        const outside = Array.isArray(hosts) && hosts.some(host => isOutside(String(host)));
        if (!outside) {
            account.tellWhole(
                service,
                service.spec,
                "not carried",
                "its hosts are none that these objects declare outside: it stays as it is",
            );
            return [];
        }
        return legsOfService(service, account);
    });
}

function legsOfService(service: Adopted, account: Account): readonly Leg[] {
    const { spec } = service;
    const hosts = spec
        .at("hosts")
        .texts()
        .map(host => host.toLowerCase());
    const gateways = spec.at("gateways").texts();
    account.tellWhole(service, spec.at("hosts"), "carried", CARRIED);
    account.tellWhole(service, spec.at("gateways"), "carried", CARRIED);
    account.tellWhole(service, spec.at("exportTo"), "changed", "who sees a route follows from `allow`");
    return ["http", "tls", "tcp"].flatMap(kind =>
        spec
            .at(kind)
            .list()
            .flatMap(route => legsOfRoute(service, route, hosts, gateways.length === 0 ? ["mesh"] : gateways, account)),
    );
}

function legsOfRoute(
    service: Adopted,
    route: Part,
    hosts: readonly string[],
    gateways: readonly string[],
    account: Account,
): readonly Leg[] {
    const matches = route.at("match").list().map(readMatch);
    route.at("name").whole();
    const [first, ...others] = route.at("route").list();
    others.forEach(other =>
        account.tellWhole(
            service,
            other,
            "not carried",
            "a destination has one far side: what was shared out among several all goes to the host",
        ),
    );
    if (first === undefined) {
        return [];
    }
    first.at("weight").whole();
    const destination = first.at("destination");
    const port = destination.at("port").at("number").number();
    const subset = destination.at("subset").text();
    const to = {
        host: qualified(destination.at("host").text() ?? "", service.namespace),
        ...(port === undefined ? {} : { port }),
        ...(subset === undefined ? {} : { subset }),
    };
    return (matches.length === 0 ? [ANY] : matches).flatMap(match => {
        const of = match.gateways.length > 0 ? match.gateways : gateways;
        return (match.hosts.length > 0 ? match.hosts : hosts).flatMap(host =>
            of.map((gateway): Leg => ({
                host,
                ...(match.port === undefined ? {} : { from: match.port }),
                to,
                at: gateway === "mesh" ? "mesh" : "gateway",
                service,
                part: destination,
            })),
        );
    });
}

/** What a route is for; empty: everything that its service is for. */
interface Match {
    readonly hosts: readonly string[];
    readonly gateways: readonly string[];
    readonly port?: number;
}

const ANY: Match = { hosts: [], gateways: [] };

/** `sni_hosts` is how the first API spelled it. */
function readMatch(match: Part): Match {
    const hosts = [...match.at("sniHosts").texts(), ...match.at("sni_hosts").texts()].map(host => host.toLowerCase());
    const port = match.at("port").number();
    return { hosts, gateways: match.at("gateways").texts(), ...(port === undefined ? {} : { port }) };
}

/** Routes that lead to another host than they are for, and not to a gateway on the way to it. */
export function tellStrays(legs: readonly Leg[], isOutside: (host: string) => boolean, account: Account): void {
    const told = new Set<string>();
    const reached = new Set(legs.filter(({ at }) => at === "gateway").map(({ host }) => host));
    for (const { at, host, part, service, to } of legs) {
        const isOnTheWay = at === "mesh" && !isOutside(to.host) && reached.has(host);
        if (to.host !== host && !isOnTheWay && !told.has(part.path)) {
            told.add(part.path);
            account.tell(
                service,
                part,
                "not carried",
                `calls of ${host} are led to ${to.host} here; a destination leads to itself`,
            );
        }
    }
}
