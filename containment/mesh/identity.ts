import { type KubernetesObject, fields, fieldsList, texts } from "../kubernetes";
import { type Result, type Witness } from "../verdict";
import { Authorization } from "./authorization";
import { type Call } from "./call";
import { type Declaration, type DeclaredPort, principalsOf, target } from "./declared";
import { exampleOf, excessWitness, upstreamInWords } from "./excess";
import { admitted, type Chain, gatewayView, hostsToTry, routesForHost } from "./gateway";
import { hop } from "./hops";
import { type Mesh, meshOf } from "./model";
import { type CallerSet, isEmpty, union, type Universe, without } from "./principals";
import { type Route } from "./routes";
import { universeOf } from "./universe";
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
    /** Callers of chains whose routes the model does not follow. */
    private unfollowed: CallerSet;
    private found = 0;

    constructor(
        private readonly mesh: Mesh,
        private readonly declaration: Declaration,
        private readonly enough: number,
    ) {
        this.universe = universeOf(mesh, declaration);
        this.unfollowed = this.universe.nobody;
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
        if (reasons.length > 0) {
            // Wherever these routes lead, they may lead there.
            this.unfollowed = union(this.unfollowed, admission.perhaps);
            reasons.forEach(reason => this.reasons.add(reason));
        }
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
                excessWitness(
                    {
                        chain,
                        host,
                        route,
                        upstream,
                        callers: excess,
                        declared: declared !== undefined,
                        policies: admission.deciding,
                        rivals: situation.rivals,
                    },
                    this.universe,
                    this.declaration,
                ),
            );
        } else if (!isEmpty(perhapsExcess)) {
            const reasons =
                admission.reasons.length > 0
                    ? admission.reasons
                    : [`${route.virtualService.urn} asks for properties of the call that the model does not follow`];
            reasons.forEach(reason => this.reasons.add(`${upstreamInWords(upstream)}: ${reason}`));
        }
    }

    /** The declared direction: who is allowed gets there, on both legs. */
    private judgeDeclared(port: DeclaredPort): void {
        const key = target(port.host, port.port);
        const wanted = this.universe.exactly(principalsOf(port, this.declaration.settings));
        const missing = without(wanted, this.granted.get(key) ?? this.universe.nobody);
        if (!isEmpty(missing)) {
            const perhaps = union(this.unfollowed, this.perhapsGranted.get(key) ?? this.universe.nobody);
            if (isEmpty(without(missing, perhaps))) {
                this.reasons.add(
                    `whether ${key} admits ${exampleOf(missing, this.universe).words} depends on the age of objects, or on properties of the call that the model does not follow`,
                );
            } else {
                this.witness("declared caller refused", () => ({
                    source: exampleOf(missing, this.universe).words,
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
