import assert from "node:assert/strict";
import * as fc from "fast-check";
import { compileMesh } from "../../../components/mesh/compile";
import {
    type DestinationRuleSpec,
    type IstioObject,
    type PortTrafficPolicy,
} from "../../../components/mesh/istioObject";
import { type Destination } from "../../../settings/schema";
import { anyCatalogue, anyDestination, meshSettings } from "./generators";
import { isVisible, walk } from "./walk";

/** Entries that name every client namespace. */
const FOR_ALL_CLIENTS = ["ServiceEntry istio-egress/google-apis", "ServiceEntry istio-egress/metadata-server"];

const NAMESPACES = ["payments", "orders", "web", "somebody-else"];

function portSettings({ trafficPolicy }: DestinationRuleSpec): readonly PortTrafficPolicy[] {
    return trafficPolicy !== undefined && "portLevelSettings" in trafficPolicy ? trafficPolicy.portLevelSettings : [];
}

describe("the mesh objects of any catalogue", () => {
    it("lead every allowed caller to exactly its host and port, and let nobody else through", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const objects = compileMesh(meshSettings(catalogue));
                for (const { host, ports, allow } of catalogue) {
                    const identitiesOf = (callers: Destination["allow"]) =>
                        callers.map(a => `cluster.local/ns/${a.namespace}/sa/${a.serviceAccount}`).sort();
                    const apart = ports.some(port => "clientCertificates" in port);
                    for (const port of ports) {
                        const dialled = port.protocol === "originate" ? port.plainPort : port.number;
                        const overHttp = port.protocol === "http" || port.protocol === "originate";
                        for (const namespace of NAMESPACES) {
                            const callers = allow.filter(a => !apart || !overHttp || a.namespace === namespace);
                            const certificate =
                                port.protocol === "originate"
                                    ? (port.clientCertificate ??
                                      port.clientCertificates?.find(one => one.namespace === namespace))
                                    : undefined;
                            const wildcard = host.startsWith("*.");
                            const checked = wildcard || "innerName" in port;
                            const arrival = walk(objects, namespace, wildcard ? `x.y${host.slice(1)}` : host, dialled);
                            const expected = allow.some(a => a.namespace === namespace)
                                ? {
                                      host,
                                      port: port.number,
                                      identities: identitiesOf(callers),
                                      ...(certificate === undefined ? {} : { certificate: certificate.secret }),
                                      ...(checked ? { inside: host } : {}),
                                  }
                                : undefined;
                            assert.deepEqual(arrival, expected, `${namespace} -> ${host}:${dialled}`);
                        }
                    }
                }
            }),
        );
    });

    it("open no server, and no host behind the HTTP server, that no destination declares", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const objects = compileMesh(meshSettings(catalogue));
                const servers = objects.flatMap(object => (object.kind === "Gateway" ? object.spec.servers : []));
                const tlsPorts = catalogue.flatMap(({ ports }) =>
                    ports.filter(({ protocol }) => protocol === "tls" || protocol === "tcp"),
                );
                assert.equal(servers.filter(({ port }) => port.number === 443).length, tlsPorts.length);
                assert.deepEqual(
                    servers.filter(({ port }) => port.number !== 443).map(({ port, hosts }) => [port.number, hosts]),
                    [[80, ["*"]]],
                );
                const httpHosts = objects.flatMap(object =>
                    object.kind === "VirtualService" && object.spec.gateways.includes("http") ? object.spec.hosts : [],
                );
                const declared = catalogue
                    .filter(({ ports }) =>
                        ports.some(({ protocol }) => protocol === "http" || protocol === "originate"),
                    )
                    .flatMap(({ host, ports, allow }) =>
                        ports.some(port => "clientCertificates" in port)
                            ? [...new Set(allow.map(({ namespace }) => namespace))].map(
                                  namespace => `${namespace}.${host}.tenant.egress-gateway.internal`,
                              )
                            : [host],
                    );
                assert.deepEqual([...httpHosts].sort(), declared.sort());
            }),
        );
    });

    it("check the certificate's name wherever the gateway opens TLS", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const objects = compileMesh(meshSettings(catalogue));
                for (const { host, ports } of catalogue) {
                    const rules = objects.filter(
                        object => object.kind === "DestinationRule" && object.spec.host === host,
                    ) as Extract<IstioObject, { kind: "DestinationRule" }>[];
                    const opened = rules
                        .flatMap(({ spec }) => portSettings(spec))
                        .flatMap(({ port, tls }) => (tls === undefined ? [] : [{ port, tls }]));
                    const expected = ports
                        .filter(port => port.protocol === "originate")
                        .map(port => ({
                            port: { number: port.number },
                            tls: {
                                ...(port.clientCertificate === undefined
                                    ? {
                                          mode: "SIMPLE",
                                          ...(port.caCertificate === undefined ? {} : { credentialName: "ca" }),
                                      }
                                    : { mode: "MUTUAL", credentialName: "client" }),
                                sni: host,
                                subjectAltNames: [host],
                            },
                        }))
                        .sort((a, b) => a.port.number - b.port.number);
                    assert.deepEqual(opened, expected);
                }
            }),
        );
    });

    it("ask the far side for its own Host, with its port unless that is the scheme's", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const objects = compileMesh(meshSettings(catalogue));
                for (const { host, ports } of catalogue) {
                    const asked = objects
                        .flatMap(object => (object.kind === "VirtualService" ? [object.spec] : []))
                        .filter(({ gateways }) => gateways.includes("http"))
                        .flatMap(({ http }) => http ?? [])
                        .filter(({ route }) => route[0]?.destination.host === host)
                        .map(({ rewrite, route }) =>
                            JSON.stringify([route[0]?.destination.port.number, rewrite.authority]),
                        );
                    const expected = ports.flatMap(({ protocol, number }) =>
                        protocol === "http" || protocol === "originate"
                            ? [
                                  JSON.stringify([
                                      number,
                                      number === (protocol === "http" ? 80 : 443) ? host : `${host}:${number}`,
                                  ]),
                              ]
                            : [],
                    );
                    assert.deepEqual([...new Set(asked)].sort(), expected.sort());
                }
            }),
        );
    });

    it("have legal names, each once among its kind and namespace", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const objects = compileMesh(meshSettings(catalogue));
                const identities = objects.map(o => `${o.kind} ${o.metadata.namespace}/${o.metadata.name}`);
                assert.equal(new Set(identities).size, identities.length);
                for (const name of objects.flatMap(namesIn)) {
                    assert.match(name, /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
                }
                for (const object of objects) {
                    for (const names of uniqueNamesIn(object)) {
                        assert.equal(new Set(names).size, names.length, names.join(" "));
                    }
                }
            }),
        );
    });

    it("stand in the gateway's namespace and the clients' and are seen from nowhere else", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const settings = meshSettings(catalogue);
                for (const object of compileMesh(settings)) {
                    assert.ok(["istio-egress", ...settings.clientNamespaces].includes(object.metadata.namespace));
                    if ("exportTo" in object.spec) {
                        assert.ok(!isVisible(object, "somebody-else"), `${object.kind} ${object.metadata.name}`);
                    }
                }
            }),
        );
    });

    it("show the two twins of a host to disjoint namespaces", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const entries = compileMesh(meshSettings(catalogue)).filter(({ kind }) => kind === "ServiceEntry");
                for (const namespace of [...NAMESPACES, "istio-egress"]) {
                    const hosts = entries.filter(entry => isVisible(entry, namespace)).flatMap(hostsOf);
                    assert.equal(new Set(hosts).size, hosts.length);
                }
            }),
        );
    });

    it("do not depend on the order in which anything is listed", () => {
        const shuffled = (catalogue: Destination[]) =>
            fc
                .shuffledSubarray(catalogue, { minLength: catalogue.length })
                .map(order => order.map(d => ({ ...d, ports: [...d.ports].reverse(), allow: [...d.allow].reverse() })));
        fc.assert(
            fc.property(
                anyCatalogue.chain(catalogue => fc.tuple(fc.constant(catalogue), shuffled(catalogue))),
                ([catalogue, other]) => {
                    assert.equal(
                        JSON.stringify(compileMesh(meshSettings(catalogue))),
                        JSON.stringify(compileMesh(meshSettings(other))),
                    );
                },
            ),
        );
    });

    it("stay as they are when a destination is added, but for the rules of its namespaces and the list of clients", () => {
        fc.assert(
            fc.property(anyCatalogue, anyDestination, (catalogue, added) => {
                fc.pre(catalogue.every(({ host }) => host !== added.host));
                const after = new Map(compileMesh(meshSettings([...catalogue, added])).map(o => [identity(o), o]));
                const namespaces = added.allow.map(({ namespace }) => namespace);
                for (const object of compileMesh(meshSettings(catalogue))) {
                    const shared =
                        (object.kind === "DestinationRule" && namespaces.includes(object.metadata.namespace)) ||
                        FOR_ALL_CLIENTS.includes(identity(object));
                    assert.ok(shared || after.has(identity(object)), `${identity(object)} is gone`);
                    if (!shared) {
                        assert.deepEqual(after.get(identity(object)), object);
                    }
                }
            }),
        );
    });

    it("keep what all clients share when the new destination brings no new namespace", () => {
        fc.assert(
            fc.property(anyCatalogue, anyDestination, (catalogue, added) => {
                const known = new Set(catalogue.flatMap(({ allow }) => allow.map(({ namespace }) => namespace)));
                const allow = added.allow.filter(({ namespace }) => known.has(namespace));
                fc.pre(allow.length > 0 && catalogue.every(({ host }) => host !== added.host));
                const shared = (list: readonly Destination[]) =>
                    compileMesh(meshSettings(list)).filter(object => FOR_ALL_CLIENTS.includes(identity(object)));
                assert.equal(shared(catalogue).length, FOR_ALL_CLIENTS.length);
                assert.deepEqual(shared([...catalogue, { ...added, allow }]), shared(catalogue));
            }),
        );
    });
});

function identity({ kind, metadata }: IstioObject): string {
    return `${kind} ${metadata.namespace}/${metadata.name}`;
}

function hostsOf(object: IstioObject): readonly string[] {
    return object.kind === "ServiceEntry" ? object.spec.hosts : [];
}

/** Every name that Istio wants to be a DNS label. */
function namesIn(object: IstioObject): string[] {
    return [object.metadata.name, ...uniqueNamesIn(object).flat()];
}

/** Lists of names that must differ from each other. */
function uniqueNamesIn({ kind, spec }: IstioObject): string[][] {
    switch (kind) {
        case "ServiceEntry":
            return [spec.ports.map(({ name }) => name), spec.ports.map(({ number }) => String(number))];
        case "Gateway":
            return [spec.servers.map(({ port }) => port.name)];
        case "DestinationRule":
            return [(spec.subsets ?? []).map(({ name }) => name)];
        default:
            return [];
    }
}
