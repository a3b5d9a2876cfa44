import { type KubernetesObject, fields, fieldsList, text, texts } from "../kubernetes";
import { type Hop, type Result, type Witness } from "../verdict";
import { Authorization } from "./authorization";
import { type Call } from "./call";
import { hop } from "./client";
import { type Declaration, type DeclaredPort, principalsOf, target } from "./declared";
import { admitted, type Chain, gatewayView, hostsToTry, routesForHost } from "./gateway";
import { type Mesh, meshOf } from "./model";
import {
    type Caller,
    type CallerSet,
    hasMember,
    isEmpty,
    principalOfSpiffe,
    union,
    Universe,
    without,
} from "./principals";
import { type Route } from "./routes";
import { type Upstream } from "./upstream";
import { Walker } from "./walk";

/** What contradicts the claim, or keeps the model from deciding it. */
export interface Findings {
    readonly result: Result;
    readonly witnesses: readonly Witness[];
    readonly reasons: readonly string[];
}

type Kind = "too many callers" | "undeclared destination" | "declared caller refused" | "declared path broken";

/** Witnesses of one kind that are listed; beyond that they repeat themselves. */
const WITNESSES_OF_A_KIND = 5;

/**
 * Compares what the gateway accepts with what is declared, destination by destination, in both directions. The caller is taken
 * to control everything up to the handshake, its own sidecar included; only the two checks of the gateway count against it.
 *
 * @param enough number of witnesses after which the comparison may stop; default: all are looked for
 */
export function compareIdentities(
    objects: readonly KubernetesObject[],
    declaration: Declaration,
    enough = Infinity,
): Findings {
    return new Comparison(meshOf(objects, declaration.settings), declaration, enough).findings();
}

class Comparison {
    private readonly universe: Universe;
    private readonly walker: Walker;
    private readonly authorization: Authorization;
    private readonly declared = new Map<string, CallerSet>();
    private readonly granted = new Map<string, CallerSet>();
    private readonly perhapsGranted = new Map<string, CallerSet>();
    private readonly witnesses = new Map<Kind, Witness[]>();
    private readonly further = new Map<Kind, number>();
    private readonly reasons = new Set<string>();
    private found = 0;

    constructor(
        private readonly mesh: Mesh,
        private readonly declaration: Declaration,
        private readonly enough: number,
    ) {
        this.universe = universeOf(mesh, declaration);
        this.walker = new Walker(mesh, gatewayView(mesh, this.universe));
        this.authorization = new Authorization(mesh.authorizationPolicies, this.universe);
        for (const port of declaration.ports) {
            const key = target(port.host, port.port);
            this.declared.set(
                key,
                union(
                    this.declared.get(key) ?? this.universe.nobody,
                    this.universe.exactly(principalsOf(port, declaration.settings)),
                ),
            );
        }
    }

    findings(): Findings {
        for (const step of this.steps()) {
            step();
            if (this.found >= this.enough) {
                break;
            }
        }
        const witnesses = [...this.witnesses.values()].flat();
        const more = [...this.further].map(
            ([kind, count]) => `${count} more witnesses of the same kind (${kind}) are not listed`,
        );
        return {
            result: witnesses.length > 0 ? "violated" : this.reasons.size > 0 ? "unknown" : "holds",
            witnesses,
            reasons: [...this.reasons, ...more],
        };
    }

    private *steps(): Generator<() => void> {
        for (const chain of this.walker.gateway.chains) {
            yield () => this.judge(chain);
        }
        for (const port of this.declaration.ports) {
            yield () => this.judgeDeclared(port);
        }
    }

    private judge(chain: Chain): void {
        if (chain.kind === "tcp") {
            this.judgeRoutes(chain, undefined, chain.routes, chain.contested, chain.reasons);
            return;
        }
        const { settings } = this.mesh;
        for (const host of hostsToTry(chain, this.mentionedHosts())) {
            const { routes, contested, reasons } = routesForHost(chain, host, settings.gatewayNamespace, name =>
                this.walker.registry.first(name),
            );
            this.judgeRoutes(chain, host, routes, [...chain.contested, ...contested], reasons);
        }
    }

    private mentioned: readonly string[] | undefined;

    private mentionedHosts(): readonly string[] {
        this.mentioned ??= [
            ...this.declaration.ports.map(({ host }) => host),
            ...this.mesh.authorizationPolicies.flatMap(({ spec }) =>
                fieldsList(spec.rules).flatMap(rule =>
                    fieldsList(rule.to).flatMap(({ operation }) => texts(fields(operation).hosts)),
                ),
            ),
        ].filter(host => !host.includes("*") && !host.includes(":"));
        return this.mentioned;
    }

    private judgeRoutes(
        chain: Chain,
        host: string | undefined,
        routes: readonly Route[],
        contested: readonly string[],
        reasons: readonly string[],
    ): void {
        if (routes.length === 0 && reasons.length === 0) {
            return;
        }
        const admission = admitted(chain, this.authorization, this.universe, host);
        if (isEmpty(admission.perhaps)) {
            return;
        }
        reasons.forEach(reason => this.reasons.add(reason));
        for (const [index, route] of routes.entries()) {
            const upstreams = this.walker.registry.upstreams(route);
            const claimants = new Set(upstreams.map(({ source }) => source?.urn));
            const rivals = [
                ...contested,
                ...(claimants.size > 1 ? [...claimants].filter(urn => urn !== undefined) : []),
            ];
            for (const upstream of upstreams) {
                this.judgeUpstream(chain, host, route, upstream, admission, { rivals, first: index === 0 });
            }
        }
    }

    private judgeUpstream(
        chain: Chain,
        host: string | undefined,
        route: Route,
        upstream: Upstream,
        admission: {
            readonly surely: CallerSet;
            readonly perhaps: CallerSet;
            readonly deciding: readonly KubernetesObject[];
            readonly reasons: readonly string[];
        },
        situation: { readonly rivals: readonly string[]; readonly first: boolean },
    ): void {
        if (upstream.kind === "none") {
            return;
        }
        if (upstream.kind === "unknown") {
            this.reasons.add(upstream.reason);
            return;
        }
        const key = upstream.kind === "name" ? target(upstream.name, upstream.port) : undefined;
        const declared = key === undefined ? undefined : this.declared.get(key);
        // A later route is reached only by calls that the conditional ones before it leave; the model does not follow which.
        const reachable = situation.first || !route.conditional;
        const surely = reachable ? admission.surely : this.universe.nobody;
        const excess = without(surely, declared ?? this.universe.nobody);
        const perhapsExcess = without(admission.perhaps, declared ?? this.universe.nobody);
        if (key !== undefined && declared !== undefined) {
            const certain = situation.rivals.length === 0 && !route.conditional;
            add(certain ? this.granted : this.perhapsGranted, key, certain ? surely : admission.perhaps);
            add(this.perhapsGranted, key, admission.perhaps);
        }
        if (!isEmpty(excess)) {
            this.witness(declared === undefined ? "undeclared destination" : "too many callers", () =>
                this.excessWitness(chain, host, route, upstream, excess, admission.deciding, situation.rivals),
            );
        } else if (!isEmpty(perhapsExcess)) {
            const reasons =
                admission.reasons.length > 0
                    ? admission.reasons
                    : [`${route.virtualService.urn} asks for properties of the call that the model does not follow`];
            reasons.forEach(reason => this.reasons.add(`${words(upstream)}: ${reason}`));
        }
    }

    private excessWitness(
        chain: Chain,
        host: string | undefined,
        route: Route,
        upstream: Upstream & { readonly kind: "name" | "endpoint" | "workloads" },
        excess: CallerSet,
        deciding: readonly KubernetesObject[],
        rivals: readonly string[],
    ): Witness {
        const caller = this.example(excess);
        const checks =
            chain.handshake.kind === "mesh"
                ? "the handshake accepts this certificate of the mesh"
                : "nobody is asked for a certificate of the mesh";
        const names = chain.serverNames.join(", ");
        const [policy] = deciding;
        const hops: Hop[] = [
            hop(
                "Gateway server",
                `port ${chain.port}, server name ${names === "*" ? "any" : names}: ${checks}`,
                chain.gateway,
            ),
            hop(
                "AuthorizationPolicy",
                this.authorization.policies.length === 0
                    ? "there is none, so everybody passes"
                    : `lets the call pass${host === undefined ? "" : ` with Host ${host}`}`,
                policy,
            ),
            hop("VirtualService", `routes it to ${target(route.host, route.port)}`, route.virtualService),
            hop(
                upstream.source.kind === "ServiceEntry" ? "ServiceEntry" : "service",
                `the gateway connects to ${words(upstream)}${rivals.length > 0 ? `, if this is the oldest of ${[...new Set(rivals)].join(", ")}` : ""}`,
                upstream.source,
            ),
        ];
        const address =
            upstream.kind === "endpoint" && /^[0-9.]+$|:/.test(upstream.address) ? upstream.address : undefined;
        return {
            source: callerInWords(caller, excess, this.universe),
            ...(address === undefined || upstream.kind !== "endpoint"
                ? {}
                : { packet: { protocol: "tcp" as const, destination: address, port: upstream.port } }),
            hops,
            remedy: this.remedyFor(chain, upstream, host),
        };
    }

    private remedyFor(
        chain: Chain,
        upstream: Upstream & { readonly kind: "name" | "endpoint" | "workloads" },
        host: string | undefined,
    ): string {
        const key = upstream.kind === "name" ? target(upstream.name, upstream.port) : undefined;
        if (key === undefined || !this.declared.has(key)) {
            return `declare ${words(upstream)} as a destination, or remove ${upstream.source.urn} or the route that leads there`;
        }
        if (!this.declaration.mutualTls) {
            return "set mesh.mutualTls to true, so that the gateway asks every caller for its identity";
        }
        return host === undefined
            ? `list exactly the declared identities of ${key} in tls.subjectAltNames of ${chain.gateway.urn}`
            : `allow Host ${host} to the declared identities of ${key} alone, by an AuthorizationPolicy with principals, ports and hosts`;
    }

    /** The declared direction: who is allowed gets there, on both legs. */
    private judgeDeclared(port: DeclaredPort): void {
        const key = target(port.host, port.port);
        const wanted = this.universe.exactly(principalsOf(port, this.declaration.settings));
        const missing = without(wanted, this.granted.get(key) ?? this.universe.nobody);
        if (!isEmpty(missing)) {
            if (isEmpty(without(missing, this.perhapsGranted.get(key) ?? this.universe.nobody))) {
                this.reasons.add(
                    `whether ${key} admits ${this.example(missing).words} depends on the age of objects, or on properties of the call that the model does not follow`,
                );
            } else {
                this.witness("declared caller refused", () => ({
                    source: this.example(missing).words,
                    hops: [
                        hop(
                            "gateway",
                            `no chain of the gateway leads this caller to ${key}, though ${this.declaration.urn} declares it`,
                        ),
                    ],
                    remedy: `give ${key} a Gateway server, a VirtualService and a ServiceEntry that the gateway's namespace sees, and name the caller in subjectAltNames or an AuthorizationPolicy`,
                }));
            }
            return;
        }
        for (const namespace of new Set(port.allow.map(workload => workload.namespace))) {
            this.judgeClientLeg(port, namespace);
        }
    }

    private judgeClientLeg(port: DeclaredPort, namespace: string): void {
        const journey = this.walker.journey(namespace, callTo(port, this.walker, namespace));
        const unknown = journey.sidecar.unknown ?? journey.gateway?.unknown;
        if (unknown !== undefined) {
            this.reasons.add(unknown);
            return;
        }
        const arrived = journey.gateway?.error === undefined ? journey.gateway?.destination : undefined;
        if (arrived?.host !== port.host || arrived.port !== port.port) {
            const last = journey.gateway ?? journey.sidecar;
            this.witness("declared path broken", () => ({
                source: `a workload of namespace ${namespace} that may use ${target(port.host, port.port)}`,
                hops: [
                    ...journey.sidecar.hops,
                    ...(journey.gateway?.hops ?? []),
                    hop("outcome", last.error ?? last.cluster ?? `answered ${last.status} by the sidecar`),
                ],
                remedy: `align the VirtualService, the DestinationRule's subset and server name, and the Gateway's server of ${target(port.host, port.port)}`,
            }));
        }
    }

    /** A caller of the set that says most: one that is named, rather than a group. */
    private example(set: CallerSet): Caller {
        const members = this.universe.members(set);
        return members.find(({ named }) => named) ?? members[0]!;
    }

    private witness(kind: Kind, witness: () => Witness): void {
        this.found += 1;
        const list = this.witnesses.get(kind) ?? [];
        this.witnesses.set(kind, list);
        if (list.length < WITNESSES_OF_A_KIND) {
            list.push(witness());
        } else {
            this.further.set(kind, (this.further.get(kind) ?? 0) + 1);
        }
    }
}

/** The call that an application makes to use a declared port. */
export function callTo(port: DeclaredPort, walker: Walker, namespace: string): Call {
    if (port.protocol === "tls") {
        return { port: port.clientPort, protocol: "tcp", tls: "tls", sni: port.host };
    }
    if (port.protocol === "tcp") {
        const address = walker.client(namespace).service(port.host)?.addresses[0];
        return {
            port: port.clientPort,
            protocol: "tcp",
            tls: "plaintext",
            ...(address === undefined ? {} : { address }),
        };
    }
    return { port: port.clientPort, protocol: "http", tls: "plaintext", host: port.host };
}

function add(sets: Map<string, CallerSet>, key: string, callers: CallerSet): void {
    const before = sets.get(key);
    sets.set(key, before === undefined ? callers : union(before, callers));
}

function words(upstream: Upstream & { readonly kind: "name" | "endpoint" | "workloads" }): string {
    switch (upstream.kind) {
        case "name":
            return target(upstream.name, upstream.port);
        case "endpoint":
            return target(upstream.address, upstream.port);
        default:
            return `workloads behind ${upstream.source.kind} ${upstream.source.namespace}/${upstream.source.name}`;
    }
}

function callerInWords(example: Caller, excess: CallerSet, universe: Universe): string {
    if (hasMember(excess, universe.withoutCertificate)) {
        return "any pod that reaches the gateway, with or without an identity of the mesh";
    }
    if (hasMember(excess, universe.elsewhere)) {
        return `any workload of the mesh, for example ${example.words}`;
    }
    return example.named ? `the workload ${example.words}` : example.words;
}

/** Every identity and namespace that any object tells apart. */
export function universeOf(mesh: Mesh, declaration: Declaration): Universe {
    const principals = new Set<string>(declaration.ports.flatMap(port => principalsOf(port, declaration.settings)));
    const namespaces = new Set<string>();
    for (const gateway of mesh.gateways) {
        for (const server of fieldsList(gateway.spec.servers)) {
            texts(fields(server.tls).subjectAltNames).forEach(name => principals.add(principalOfSpiffe(name) ?? ""));
        }
    }
    for (const policy of mesh.authorizationPolicies) {
        for (const rule of fieldsList(policy.spec.rules)) {
            const sources = fieldsList(rule.from).map(({ source }) => fields(source));
            const conditions = fieldsList(rule.when);
            const of = (positive: string, negative: string, key: string): readonly string[] => [
                ...sources.flatMap(source => [...texts(source[positive]), ...texts(source[negative])]),
                ...conditions
                    .filter(condition => text(condition.key) === key)
                    .flatMap(condition => [...texts(condition.values), ...texts(condition.notValues)]),
            ];
            of("principals", "notPrincipals", "source.principal").forEach(principal => principals.add(principal));
            of("namespaces", "notNamespaces", "source.namespace").forEach(namespace =>
                namespaces.add(namespace.replaceAll("*", "")),
            );
            for (const account of of("serviceAccounts", "notServiceAccounts", "source.serviceAccount")) {
                const [namespace, name] = account.includes("/") ? account.split("/", 2) : [policy.namespace, account];
                principals.add(`${declaration.settings.trustDomain}/ns/${namespace}/sa/${name}`);
            }
        }
    }
    principals.delete("");
    namespaces.delete("");
    return new Universe(declaration.settings.trustDomain, principals, namespaces);
}
