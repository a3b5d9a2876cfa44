import { innerNameHost } from "../../../base/conventions";
import { hasTenants } from "../../../settings/certificates";
import { type Destination } from "../../../settings/schema";
import { outerSni, ridesTls } from "../../../settings/destinations";
import { type KubernetesManifest } from "./fixture";

/** What a mutation changes: the objects of a catalogue, which are its own to change. */
interface Target {
    readonly catalogue: readonly Destination[];
    readonly objects: Manifest[];
    /** Chooses one of several; undefined of none. */
    readonly pick: <T>(from: readonly T[]) => T | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- mutations reach into specs of many kinds
export type Manifest = { kind: string; metadata: { name: string; namespace: string }; spec: any };

/** Changes one object, or adds one, so that something is opened or breaks; false where the catalogue gives no occasion. */
export type Opening = (target: Target) => boolean;

const GATEWAY = "istio-egress";
const STRANGER = "spiffe://cluster.local/ns/strangers/sa/default";

/** Each destination with HTTP ports, beside the others. */
const httpHosts = ({ catalogue }: Target): readonly Destination[] =>
    catalogue.filter(({ ports }) => ports.some(port => !ridesTls(port)));

/** Whether somebody may use the one and not the other. */
const differs = (from: Destination, to: Destination): boolean =>
    from.allow.some(
        ({ namespace, serviceAccount }) =>
            !to.allow.some(other => other.namespace === namespace && other.serviceAccount === serviceAccount),
    );

/** A declared host and port that some caller of the destination may not use. */
function forbidden({ catalogue, pick }: Target, from: Destination): object | undefined {
    const to = pick(catalogue.filter(other => other !== from && differs(from, other)));
    const port = to === undefined ? undefined : pick(to.ports)!;
    return to === undefined || port === undefined
        ? undefined
        : { host: "innerName" in port ? innerNameHost(to.host) : to.host, port: { number: port.number } };
}

function one({ objects, pick }: Target, kind: string, fits: (object: Manifest) => boolean): Manifest | undefined {
    return pick(objects.filter(object => object.kind === kind && fits(object)));
}

function add({ objects }: Target, apiVersion: string, kind: string, namespace: string, spec: object): true {
    objects.push({ apiVersion, kind, metadata: { name: "added", namespace }, spec } as Manifest & KubernetesManifest);
    return true;
}

const INNER = /\.inner\.egress-gateway\.internal$/;

const isTlsServer = ({ spec, metadata }: Manifest): boolean =>
    metadata.namespace === GATEWAY && spec.servers[0].port.number === 443;
const isHttpServer = ({ spec }: Manifest): boolean => spec.servers[0].port.number === 80;
const isHttpPolicy = ({ metadata, spec }: Manifest): boolean =>
    metadata.name.endsWith("-http") && spec.rules !== undefined;
const isBehind =
    (leg: "tcp" | "http") =>
    ({ spec }: Manifest) =>
        !spec.gateways.includes("mesh") && spec[leg] !== undefined;
const isMeshLeg = ({ spec }: Manifest): boolean => spec.gateways.includes("mesh");
const isDns = ({ spec }: Manifest): boolean => spec.resolution === "DNS";
const isClients = ({ metadata }: Manifest): boolean => metadata.name.endsWith("-clients");
const isOrigination = ({ metadata, spec }: Manifest): boolean =>
    metadata.namespace === GATEWAY && spec.trafficPolicy.portLevelSettings !== undefined;
const isToGateway = ({ metadata }: Manifest): boolean => metadata.namespace !== GATEWAY;

const destinationOf = ({ catalogue }: Target, { spec }: Manifest): Destination | undefined =>
    catalogue.find(({ host, ports }) => [host, ...ports.map(port => outerSni(host, port))].includes(spec.hosts?.[0]));

/** A change of one object of a kind. */
const change =
    (kind: string, fits: (object: Manifest) => boolean, edit: (object: Manifest, target: Target) => unknown): Opening =>
    target => {
        const object = one(target, kind, fits);
        return object !== undefined && edit(object, target) !== false;
    };

const drop =
    (kind: string, fits: (object: Manifest) => boolean): Opening =>
    target => {
        const object = one(target, kind, fits);
        if (object !== undefined) {
            target.objects.splice(target.objects.indexOf(object), 1);
        }
        return object !== undefined;
    };

const server = (edit: (tls: Record<string, unknown>) => void): Opening =>
    change("Gateway", isTlsServer, ({ spec }) => edit(spec.servers[0].tls));

/** A route in front of those behind the HTTP server, to where some caller may not go. */
const routeInFront = (more: (host: string) => object): Opening =>
    change("VirtualService", isBehind("http"), (object, target) => {
        const from = destinationOf(target, object);
        const destination = from === undefined ? undefined : forbidden(target, from);
        if (from === undefined || destination === undefined) {
            return false;
        }
        object.spec.http.unshift({ ...more(from.host), route: [{ destination }] });
        return true;
    });

/** The route that is there takes one spelling of the Host alone; the others go where some caller may not. */
const routeBehind = (authority: (host: string) => object): Opening =>
    change("VirtualService", isBehind("http"), (object, target) => {
        const from = destinationOf(target, object);
        const destination = from === undefined ? undefined : forbidden(target, from);
        if (from === undefined || destination === undefined) {
            return false;
        }
        const last = object.spec.http.pop();
        object.spec.http.push({ ...last, match: [{ authority: authority(from.host) }] }, { route: [{ destination }] });
        return true;
    });

const originated = (edit: (tls: Record<string, unknown>, spec: Manifest["spec"]) => void): Opening =>
    change("DestinationRule", isOrigination, ({ spec }, { pick }) =>
        edit(
            pick(
                // With subsets, no route leads past them.
                (((spec.subsets as Manifest["spec"][] | undefined) ?? [spec]) as Manifest["spec"][])
                    .flatMap(
                        ({ trafficPolicy }) => trafficPolicy.portLevelSettings as { tls?: Record<string, unknown> }[],
                    )
                    .flatMap(({ tls }) => (tls === undefined ? [] : [tls])),
            )!,
            spec,
        ),
    );

const addedNear =
    (apiVersion: string, kind: string): Opening =>
    target =>
        add(target, apiVersion, kind, target.pick([GATEWAY, "istio-system"])!, {});

/** By what they do. None of them leaves a catalogue contained. */
export const OPENINGS: Readonly<Record<string, Opening>> = {
    "a server without names": server(tls => delete tls.subjectAltNames),
    "a server with one name more": server(tls => (tls.subjectAltNames as string[]).push(STRANGER)),
    "a server that asks for no certificate": server(tls => Object.assign(tls, { mode: "SIMPLE", credentialName: "x" })),
    "a server with another authority": server(tls => Object.assign(tls, { mode: "MUTUAL", credentialName: "x" })),
    "a server that takes callers without a certificate": server(tls => (tls.mode = "OPTIONAL_MUTUAL")),
    "a server that passes TLS on": server(tls => (tls.mode = "PASSTHROUGH")),
    "a server that passes TLS on to whatever it names": server(tls => (tls.mode = "AUTO_PASSTHROUGH")),
    "a server for another's name": change("Gateway", isTlsServer, (object, target) => {
        const other = one(target, "Gateway", candidate => isTlsServer(candidate) && candidate !== object);
        object.spec.servers[0].hosts = other?.spec.servers[0].hosts ?? ["elsewhere.example"];
    }),
    "a server on another port": change("Gateway", isTlsServer, ({ spec }) => {
        spec.servers[0].port.number = 9443;
    }),
    "plain HTTP": change("Gateway", isHttpServer, ({ spec }, target) => {
        delete spec.servers[0].tls;
        spec.servers[0].port.protocol = "HTTP";
        return httpHosts(target).length > 0;
    }),
    "plain HTTP beside it": change("Gateway", isHttpServer, ({ spec }, target) => {
        spec.servers.push({ port: { number: 80, name: "plain", protocol: "HTTP" }, hosts: ["*"] });
        spec.servers.reverse();
        return httpHosts(target).length > 0;
    }),
    "a Gateway of other pods": change("Gateway", isTlsServer, ({ spec }) => {
        spec.selector = { app: "elsewhere" };
    }),
    "no server": drop("Gateway", isTlsServer),

    "a policy for everybody": change("AuthorizationPolicy", isHttpPolicy, ({ spec }) => {
        spec.rules[0].from[0].source.principals = ["*"];
    }),
    "a policy for a namespace": change("AuthorizationPolicy", isHttpPolicy, ({ spec }) => {
        spec.rules[0].from[0].source.principals = ["cluster.local/ns/strangers/*"];
    }),
    "a policy for one more": change("AuthorizationPolicy", isHttpPolicy, ({ spec }) => {
        spec.rules[0].from[0].source.principals.push(STRANGER.replace("spiffe://", ""));
    }),
    "a policy without callers": change("AuthorizationPolicy", isHttpPolicy, ({ spec }) => {
        delete spec.rules[0].from;
    }),
    "a policy for all but one": change("AuthorizationPolicy", isHttpPolicy, ({ spec }) => {
        spec.rules[0].from = [{ source: { notPrincipals: [STRANGER.replace("spiffe://", "")] } }];
    }),
    "a policy for every Host": change("AuthorizationPolicy", isHttpPolicy, (object, target) => {
        const [host] = object.spec.rules[0].to[0].operation.hosts as string[];
        const from = target.catalogue.find(destination => destination.host === host);
        delete object.spec.rules[0].to[0].operation.hosts;
        return from !== undefined && httpHosts(target).some(to => differs(from, to));
    }),
    "a policy for another's Host": change("AuthorizationPolicy", isHttpPolicy, (object, target) => {
        const [host] = object.spec.rules[0].to[0].operation.hosts as string[];
        const from = target.catalogue.find(destination => destination.host === host);
        // Where each namespace has a certificate of its own, nothing answers to the plain Host.
        const to = target.pick(
            httpHosts(target).filter(other => from !== undefined && differs(from, other) && !hasTenants(other)),
        );
        object.spec.rules[0].to[0].operation.hosts.push(to?.host.toUpperCase());
        return to !== undefined;
    }),
    "no policy for a Host": drop("AuthorizationPolicy", isHttpPolicy),
    "a policy that refuses instead": change("AuthorizationPolicy", isHttpPolicy, ({ spec }) => {
        spec.action = "DENY";
    }),
    "a policy that asks somebody else": change("AuthorizationPolicy", isHttpPolicy, ({ spec }) => {
        spec.action = "CUSTOM";
    }),
    "the TLS leg's policy on the HTTP leg": change(
        "AuthorizationPolicy",
        ({ metadata }) => metadata.name === "tls-leg",
        ({ spec }, target) => {
            spec.rules[0].to[0].operation.ports.push("8080");
            return httpHosts(target).length > 0;
        },
    ),
    "the TLS leg's policy on every port": change(
        "AuthorizationPolicy",
        ({ metadata }) => metadata.name === "tls-leg",
        ({ spec }, target) => {
            delete spec.rules[0].to;
            return httpHosts(target).length > 0;
        },
    ),
    "a policy that allows everything": target =>
        httpHosts(target).length > 0 &&
        add(target, "security.istio.io/v1", "AuthorizationPolicy", target.pick([GATEWAY, "istio-system"])!, {
            rules: [{}],
        }),

    "another destination behind a server": change("VirtualService", isBehind("tcp"), (object, target) => {
        const from = destinationOf(target, object);
        const destination = from === undefined ? undefined : forbidden(target, from);
        object.spec.tcp[0].route = [{ destination }];
        return destination !== undefined;
    }),
    "a second destination behind a server": change("VirtualService", isBehind("tcp"), (object, target) => {
        const from = destinationOf(target, object);
        const destination = from === undefined ? undefined : forbidden(target, from);
        object.spec.tcp[0].route = [
            { ...object.spec.tcp[0].route[0], weight: 99 },
            { destination, weight: 1 },
        ];
        return destination !== undefined;
    }),
    "a cluster's Service behind a server": change("VirtualService", isBehind("tcp"), ({ spec }) => {
        spec.tcp[0].route = [{ destination: { host: "stock.inventory.svc.cluster.local", port: { number: 8080 } } }];
    }),
    "a route that its server does not have": change("VirtualService", isBehind("tcp"), ({ spec }) => {
        spec.gateways = ["elsewhere"];
    }),
    "a route for a path": routeInFront(() => ({ match: [{ uri: { prefix: "/x" } }] })),
    "a route for a header": routeInFront(() => ({ match: [{ headers: { "x-to": { exact: "y" } } }] })),
    "a route for a port in the Host": routeInFront(host => ({ match: [{ authority: { exact: `${host}:9999` } }] })),
    "a route for a Host in capitals": routeInFront(host => ({ match: [{ authority: { exact: host.toUpperCase() } }] })),
    "a route for the beginning of a Host": routeInFront(host => ({
        match: [{ authority: { prefix: host.slice(0, 1) } }],
    })),
    "a route for an expression": routeInFront(() => ({ match: [{ authority: { regex: ".*:1" } }] })),
    "a route for everything": routeInFront(() => ({})),
    "a route for one Host before another": routeBehind(host => ({ exact: host })),
    "a route for small letters before another": routeBehind(host => ({ prefix: host })),
    "a route for a port before another": routeBehind(host => ({ exact: `${host}:9999` })),
    "a way past the check of the name inside": change(
        "VirtualService",
        object => isBehind("tcp")(object) && INNER.test(object.spec.tcp[0].route[0].destination.host as string),
        ({ spec }, target) => {
            const { destination } = spec.tcp[0].route[0];
            destination.host = (destination.host as string).replace(INNER, "");
            return add(target, "networking.istio.io/v1", "ServiceEntry", GATEWAY, {
                hosts: [destination.host],
                location: "MESH_EXTERNAL",
                resolution: "DNS",
                ports: [{ number: destination.port.number, name: "tls", protocol: "TLS" }],
                exportTo: ["."],
            });
        },
    ),
    "no check of the name inside": drop("EnvoyFilter", ({ metadata }) => metadata.namespace === GATEWAY),
    "a mirror": change("VirtualService", isBehind("http"), (object, target) => {
        const from = destinationOf(target, object);
        const mirror = from === undefined ? undefined : forbidden(target, from);
        object.spec.http[0].mirror = mirror;
        return mirror !== undefined;
    }),
    "another VirtualService's business": change("VirtualService", isBehind("http"), ({ spec }) => {
        spec.http = [{ delegate: { name: "elsewhere" } }];
    }),
    "another Host at the far side": change("VirtualService", isBehind("http"), ({ spec }) => {
        spec.http.forEach((route: { rewrite: object }) => (route.rewrite = { authority: "elsewhere.example" }));
    }),
    "a route that clients do not see": change("VirtualService", isMeshLeg, ({ spec }) => {
        spec.exportTo = ["."];
    }),
    "no route to the gateway": drop("VirtualService", isMeshLeg),
    "no route behind it": drop("VirtualService", object => isBehind("tcp")(object) || isBehind("http")(object)),

    "an endpoint for a host": change("ServiceEntry", isDns, ({ spec }) => {
        spec.endpoints = [{ address: "1.1.1.1" }];
    }),
    "another port for a host": change("ServiceEntry", isDns, ({ spec }) => {
        spec.ports[0].targetPort = 9;
    }),
    "workloads for a host": change("ServiceEntry", isDns, ({ spec }) => {
        spec.workloadSelector = { labels: { app: "relay" } };
    }),
    "a host that is whatever the caller says": change("ServiceEntry", isDns, ({ spec }) => {
        spec.resolution = "DYNAMIC_DNS";
    }),
    "a host that clients see twice": change("ServiceEntry", isDns, ({ spec }) => {
        spec.exportTo = ["*"];
    }),
    "a host that the gateway sees twice": change("ServiceEntry", isClients, (object, { objects }) => {
        object.spec.exportTo = ["*"];
        // Where the name inside is read, the gateway knows the host by another name.
        return objects.some(
            other => other.kind === "ServiceEntry" && other !== object && other.spec.hosts[0] === object.spec.hosts[0],
        );
    }),
    "no host": drop("ServiceEntry", isDns),
    // On HTTP's own port the VirtualService would do.
    "no host for clients": drop(
        "ServiceEntry",
        object => isClients(object) && object.spec.ports.every((port: { number: number }) => port.number !== 80),
    ),

    "no origination": drop("DestinationRule", isOrigination),
    "origination in the clear": originated(tls => (tls.mode = "DISABLE")),
    "origination for whoever answers": originated(tls => (tls.insecureSkipVerify = true)),
    "origination without names": originated(tls => delete tls.subjectAltNames),
    "origination with one name more": originated(tls => (tls.subjectAltNames as string[]).push("elsewhere.example")),
    "origination under another name": originated(tls => (tls.sni = "elsewhere.example")),
    "origination with another certificate, or the authorities of another": originated(
        tls => (tls.credentialName = "elsewhere"),
    ),
    "origination that shows no certificate": change(
        "DestinationRule",
        object => isOrigination(object) && JSON.stringify(object.spec).includes('"MUTUAL"'),
        ({ spec }) => {
            for (const policy of [spec, ...(spec.subsets ?? [])]) {
                policy.trafficPolicy.portLevelSettings.forEach(({ tls }: { tls?: Record<string, unknown> }) => {
                    if (tls?.mode === "MUTUAL") {
                        tls.mode = "SIMPLE";
                        delete tls.credentialName;
                    }
                });
            }
        },
    ),
    "another namespace's certificate": change("VirtualService", isBehind("http"), ({ spec }, { objects }) => {
        const { host, subset } = spec.http.at(-1).route[0].destination;
        const rule = objects.find(({ kind, spec: other }) => kind === "DestinationRule" && other.host === host);
        const secretOf = (one: Manifest["spec"]) =>
            JSON.stringify(one.trafficPolicy.portLevelSettings.map(({ tls }: Manifest["spec"]) => tls?.credentialName));
        const subsets = (rule?.spec.subsets ?? []) as Manifest["spec"][];
        const own = subsets.find(({ name }) => name === subset);
        const other = subsets.find(one => own !== undefined && secretOf(one) !== secretOf(own));
        spec.http.forEach((route: Manifest["spec"]) => (route.route[0].destination.subset = other?.name));
        return other !== undefined;
    }),
    "origination by a proxy": originated((_, spec) => {
        spec.trafficPolicy.tunnel = { targetHost: "elsewhere.example", targetPort: 443 };
    }),
    "origination on another port": originated((_, spec) => {
        for (const { trafficPolicy } of [spec, ...((spec.subsets as Manifest["spec"][] | undefined) ?? [])]) {
            trafficPolicy.portLevelSettings.forEach((policy: { port: { number: number } }) => (policy.port.number = 1));
        }
    }),
    "no rule to the gateway": drop("DestinationRule", isToGateway),
    "another server name to the gateway": change("DestinationRule", isToGateway, ({ spec }, { pick }) => {
        const [policy] = pick<Manifest["spec"]>(spec.subsets).trafficPolicy.portLevelSettings;
        policy.tls.sni = "elsewhere.example";
        // The server for plain HTTP takes any.
        return policy.port.number === 443;
    }),
    "no TLS to the gateway": change("DestinationRule", isToGateway, ({ spec }, { pick }) => {
        pick<Manifest["spec"]>(spec.subsets).trafficPolicy.portLevelSettings.forEach(
            (policy: { tls: object }) => (policy.tls = { mode: "DISABLE" }),
        );
    }),
    "a Sidecar that hides the gateway": change(
        "Sidecar",
        () => true,
        ({ spec }) => {
            spec.egress = [{ hosts: ["./*"] }];
        },
    ),

    "an EnvoyFilter": addedNear("networking.istio.io/v1alpha3", "EnvoyFilter"),
    "code in the proxies": addedNear("extensions.istio.io/v1alpha1", "TrafficExtension"),
    "a module in the proxies": addedNear("extensions.istio.io/v1alpha1", "WasmPlugin"),
    "another bootstrap": addedNear("networking.istio.io/v1beta1", "ProxyConfig"),
    "a kind that nobody knows": addedNear("networking.istio.io/v3", "Wormhole"),
};
