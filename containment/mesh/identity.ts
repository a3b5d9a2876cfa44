import { shortUrn } from "../../base/resource";
import { type KubernetesObject, fields, fieldsList, texts } from "../kubernetes";
import { type Result, type Witness } from "../verdict";
import { authoritiesOf, authorityTexts, nameIn } from "./authorities";
import { Authorization } from "./authorization";
import { clusterName, deciding, hop } from "./call";
import { callersShownAs, type Declaration, type DeclaredPort, principalsOf, target } from "./declared";
import { DeclaredPaths } from "./declaredPaths";
import { exampleOf, excessWitness, upstreamInWords } from "./excess";
import { admitted, type Chain, gatewayView, hostsToTry, routesForHost } from "./gateway";
import { type MeshModel, meshOf } from "./model";
import { openingProblem } from "./origination";
import { type CallerSet, isEmpty, union, type Universe, without } from "./principals";
import { type MeshRoute } from "./routes";
import { universeOf } from "./universe";
import { placeOf, type Upstream } from "./upstream";
import { Walker } from "./walk";

/** What contradicts the claim, or keeps the model from deciding it. */
export interface Findings {
    readonly result: Result;
    readonly witnesses: readonly Witness[];
    readonly reasons: readonly string[];
}

type Kind =
    | "not encrypted as declared"
    | "too many callers"
    | "undeclared destination"
    | "declared caller refused"
    | "declared path broken";

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
    private readonly paths: DeclaredPaths;
    private readonly declared = new Map<string, CallerSet>();
    private readonly declaredPorts = new Map<string, DeclaredPort>();
    private readonly granted = new Map<string, CallerSet>();
    private readonly perhapsGranted = new Map<string, CallerSet>();
    private readonly witnesses = new Map<Kind, Witness[]>();
    private readonly further = new Map<Kind, number>();
    private readonly reasons = new Set<string>();
    /** What was shown already: ways to write one Host mostly lead to one place. */
    private readonly shown = new Set<string>();
    /** Callers of chains whose routes the model does not follow. */
    private unfollowed: CallerSet;
    private found = 0;

    constructor(
        private readonly mesh: MeshModel,
        private readonly declaration: Declaration,
        private readonly enough: number,
    ) {
        this.universe = universeOf(mesh, declaration);
        this.unfollowed = this.universe.nobody;
        this.walker = new Walker(mesh, gatewayView(mesh, this.universe));
        this.authorization = new Authorization(mesh.authorizationPolicies, this.universe);
        this.paths = new DeclaredPaths(this.walker, this.authorization, this.universe);
        for (const port of declaration.ports) {
            const key = target(port.host, port.port);
            this.declaredPorts.set(key, port);
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
        this.mesh.doubts.forEach(doubt => this.reasons.add(doubt));
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
        const compared = authorityTexts(chain.hosts.values(), this.mesh.authorizationPolicies);
        for (const host of hostsToTry(
            chain,
            [...this.mentionedHosts(), ...compared.byName.keys()],
            compared.prefixes,
        )) {
            for (const authority of authoritiesOf(host, compared)) {
                const { routes, contested, reasons } = routesForHost(
                    chain,
                    host,
                    authority,
                    settings.gatewayNamespace,
                    name => this.walker.registry.first(name),
                );
                this.judgeRoutes(chain, authority, routes, [...chain.contested, ...contested], reasons);
            }
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
        routes: readonly MeshRoute[],
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
        route: MeshRoute,
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
        const place = placeOf(upstream);
        const key = place === undefined ? undefined : target(place.host, place.port);
        const declared = key === undefined ? undefined : this.declaredFor(key, upstream);
        if (upstream.kind === "name" || upstream.kind === "endpoint") {
            this.judgeOpening(route, upstream);
        }
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
            const name = host === undefined ? "" : nameIn(host);
            const { urn } = route.virtualService;
            if (
                this.showsAgain(
                    chain.gateway.urn,
                    chain.serverNames.join(),
                    name,
                    urn,
                    upstreamInWords(upstream),
                    excess.join(),
                )
            ) {
                return;
            }
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

    /** Who may come to the place; where each namespace has a certificate of its own there, who may under that which is shown. */
    private declaredFor(key: string, upstream: Upstream): CallerSet | undefined {
        const port = this.declaredPorts.get(key);
        const shown = upstream.kind === "name" || upstream.kind === "endpoint" ? upstream.tls?.credential : undefined;
        return port === undefined || port.certificates.every(({ namespace }) => namespace === undefined)
            ? this.declared.get(key)
            : this.universe.exactly(principalsOf(callersShownAs(port, shown), this.declaration.settings));
    }

    /** Whoever calls: what leaves is as encrypted as it is declared to be. */
    private judgeOpening(route: MeshRoute, upstream: Extract<Upstream, { readonly kind: "name" | "endpoint" }>): void {
        const place = placeOf(upstream);
        if (place === undefined) {
            return;
        }
        const key = target(place.host, place.port);
        const port = this.declaredPorts.get(key);
        const problem = port === undefined ? undefined : openingProblem(port, upstream);
        if (problem === undefined || this.showsAgain(key, problem)) {
            return;
        }
        this.witness("not encrypted as declared", () => ({
            source: `whoever may use ${key}`,
            hops: [
                hop("VirtualService", `routes it to ${clusterName(route)}`, route.virtualService),
                deciding(hop("DestinationRule", `the gateway ${problem}`, upstream.rule ?? upstream.source)),
            ],
            remedy: `let ${upstream.rule === undefined ? "a DestinationRule of the gateway's namespace" : shortUrn(upstream.rule.urn)} for ${route.host} open port ${upstream.port} as ${port!.protocol} is declared: ${port!.protocol === "originate" ? `mode SIMPLE or MUTUAL, with subjectAltNames [${place.host}]` : "without TLS of its own"}`,
        }));
    }

    private showsAgain(...parts: readonly string[]): boolean {
        const key = parts.join(" ");
        const again = this.shown.has(key);
        this.shown.add(key);
        return again;
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
                        deciding(
                            hop(
                                "gateway",
                                `no chain of the gateway leads this caller to ${key}, though ${shortUrn(this.declaration.urn)} declares it`,
                            ),
                        ),
                    ],
                    remedy: `give ${key} a Gateway server, a VirtualService and a ServiceEntry that the gateway's namespace sees, and name the caller in subjectAltNames or an AuthorizationPolicy`,
                }));
            }
            return;
        }
        for (const namespace of new Set(port.allow.map(workload => workload.namespace))) {
            const { witness, reasons } = this.paths.judge(port, namespace);
            reasons.forEach(reason => this.reasons.add(reason));
            if (witness !== undefined) {
                this.witness("declared path broken", witness);
            }
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

function add(sets: Map<string, CallerSet>, key: string, callers: CallerSet): void {
    const before = sets.get(key);
    sets.set(key, before === undefined ? callers : union(before, callers));
}
