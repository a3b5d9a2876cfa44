import { firstOf } from "../../base/words";
import { isWildcard } from "../../base/conventions";
import { type KubernetesObject, fields, fieldsList } from "../kubernetes";
import { type Claim, type ClaimSet, type Lock } from "../verdict";
import { type World } from "../world/world";
import { type Declaration, type DeclaredPort, readDeclaration, target } from "./declared";
import { compareIdentities, type Findings } from "./identity";
import { isIstioObject } from "./kinds";
import { obstaclesIn } from "./obstacles";
import { tenantFindings } from "./tenants";

const STATEMENT =
    "The identities that each destination's chain accepts are exactly those declared; nothing undeclared has a route; what the gateway is to encrypt, it encrypts and checks.";

/** The Istio whose own routing the model was held to. */
const MODELLED_VERSION = "1.30";

/**
 * Claim C4, with the locks that hold it. The declaration is the registered inputs of the stack's mesh component; everything else
 * is read from the objects, so that a compiler's mistake shows.
 */
export function meshClaims(world: World): ClaimSet {
    const declaration = readDeclaration(world.resources, world.gateway.name);
    const compare = rememberedComparison();
    const findings = decideIdentity(world, declaration, compare);
    // Of a lock only the result is told, so the first contradiction is enough.
    const decide = (objects: World["objects"]): Findings =>
        decideIdentity({ ...world, objects }, declaration, compare, 1);
    const claim: Claim = { id: "C4", statement: STATEMENT, ...findings };
    if (declaration === undefined || "reasons" in declaration) {
        return { claims: [claim], locks: [], assumptions: [], residualRisks: [] };
    }
    return {
        claims: [claim],
        get locks() {
            return locks(world.objects, declaration, decide);
        },
        assumptions: assumptions(declaration),
        residualRisks: residualRisks(declaration),
    };
}

/** What contradicts claim C4, or keeps the model from deciding it; without what its locks are worth. */
export function meshFindings(world: World): Findings {
    return decideIdentity(world, readDeclaration(world.resources, world.gateway.name), compareIdentities);
}

type Compare = typeof compareIdentities;

/** Taking the guard away leaves the mesh as it is: the comparison is made again only if one of its objects has changed. */
function rememberedComparison(): Compare {
    let last: { readonly objects: readonly KubernetesObject[]; readonly findings: Findings } | undefined;
    return (objects, declaration, enough) => {
        const relevant = objects.filter(({ group }) => group !== "admissionregistration.k8s.io");
        if (
            last?.objects.length === relevant.length &&
            last.objects.every((object, index) => object === relevant[index])
        ) {
            return last.findings;
        }
        const findings = compareIdentities(relevant, declaration, enough);
        last ??= { objects: relevant, findings };
        return findings;
    };
}

function decideIdentity(
    world: World,
    declaration: ReturnType<typeof readDeclaration>,
    compare: Compare,
    enough?: number,
): Findings {
    const { objects } = world;
    const relevant = objects.filter(isIstioObject);
    if (declaration === undefined) {
        return relevant.length === 0
            ? { result: "holds", witnesses: [], reasons: [] }
            : unknown([
                  `${relevant.length} Istio objects are given, but no component declares who may use them; give the stack that registers its mesh component`,
              ]);
    }
    if ("reasons" in declaration) {
        return unknown(declaration.reasons);
    }
    const compared = compare(objects, declaration, enough);
    if (compared.result === "violated") {
        // A contradiction stands, whatever else is not known or could be added.
        return compared;
    }
    const obstacles = obstaclesIn(world, declaration.settings);
    return combined([
        compared,
        tenantFindings(world, declaration),
        ...(obstacles.length > 0 ? [unknown(obstacles)] : []),
    ]);
}

function unknown(reasons: readonly string[]): Findings {
    return { result: "unknown", witnesses: [], reasons };
}

function combined(findings: readonly Findings[]): Findings {
    const results = findings.map(({ result }) => result);
    return {
        result: results.includes("violated") ? "violated" : results.includes("unknown") ? "unknown" : "holds",
        witnesses: findings.flatMap(({ witnesses }) => witnesses),
        reasons: findings.flatMap(({ reasons }) => reasons),
    };
}

function locks(
    objects: readonly KubernetesObject[],
    declaration: Declaration,
    decide: (objects: readonly KubernetesObject[]) => Findings,
): Lock[] {
    const { gatewayNamespace, rootNamespace } = declaration.settings;
    const isPolicy = ({ kind, namespace }: KubernetesObject): boolean =>
        kind === "AuthorizationPolicy" && [gatewayNamespace, rootNamespace].includes(namespace);
    const namesCallers = ({ group, kind, spec }: KubernetesObject): boolean =>
        group === "networking.istio.io" &&
        kind === "Gateway" &&
        fieldsList(spec.servers).some(({ tls }) => fields(tls).subjectAltNames !== undefined);
    const isAdmission = ({ kind }: KubernetesObject): boolean => /^ValidatingAdmissionPolicy(?:Binding)?$/.test(kind);
    const lock = (
        name: string,
        description: string,
        belongs: (object: KubernetesObject) => boolean,
        left: readonly KubernetesObject[],
    ): Lock => ({
        lock: name,
        description,
        resources: objects.filter(belongs).map(({ urn }) => urn),
        without: { C4: decide(left).result },
    });
    return [
        lock(
            "caller identity in the handshake",
            "each TLS server of the gateway accepts the declared certificates alone (subjectAltNames)",
            namesCallers,
            objects.map(object => (namesCallers(object) ? withoutNames(object) : object)),
        ),
        lock(
            "authorization policies",
            "the gateway denies by default and allows each Host to the declared principals",
            isPolicy,
            objects.filter(object => !isPolicy(object)),
        ),
        lock(
            "admission guard",
            "the API server refuses objects with which a tenant would become part of the gateway",
            isAdmission,
            objects.filter(object => !isAdmission(object)),
        ),
    ];
}

function withoutNames(gateway: KubernetesObject): KubernetesObject {
    const servers = fieldsList(gateway.spec.servers).map(server => {
        const { subjectAltNames: _, ...tls } = fields(server.tls);
        return server.tls === undefined ? server : { ...server, tls };
    });
    const spec = { ...gateway.spec, servers };
    return { ...gateway, spec, object: { ...gateway.object, spec } };
}

function assumptions({ settings }: Declaration): string[] {
    return [
        `Certificates of trust domain ${settings.trustDomain} come from the mesh's own authority, one identity for each service account.`,
        `Only administrators write Istio objects in ${settings.rootNamespace} and ${settings.gatewayNamespace}; RBAC is not judged here.`,
        `Routing follows Istio ${MODELLED_VERSION}${versionInWords(settings.version)}; istiod runs with its default feature flags, but for what its given configuration shows.`,
    ];
}

function versionInWords(version: string): string {
    return version === MODELLED_VERSION || version.startsWith(`${MODELLED_VERSION}.`)
        ? ""
        : `, and the mesh is declared to be ${version}: where the two differ, this is about ${MODELLED_VERSION}`;
}

function residualRisks({ ports, mutualTls }: Declaration): string[] {
    const risks: string[] = [];
    if (mutualTls && ports.some(({ protocol }) => protocol === "tls" || protocol === "tcp")) {
        risks.push(
            "A workload of the mesh that is refused can still make the gateway open and close an empty connection to a declared host: Envoy connects before the handshake has ended.",
        );
    }
    if (ports.length > 0) {
        risks.push(
            "R4: what an allowed host does with the bytes is not controlled: an account of someone else there.",
            ...serverNameRisks(ports, mutualTls),
            "R8: with Encrypted Client Hello the server name that is seen may be a front's: an allowed host that is the public name of a content network stands for all its sites.",
        );
    }
    const wildcards = ports.filter(({ host }) => isWildcard(host)).map(({ host, port }) => `${host}:${port}`);
    if (wildcards.length > 0) {
        risks.push(
            `Whoever owns a name below the domain, or comes to own one, is reached by ${wildcards.join(", ")}; the gateway resolves what the application names, which its DNS sees. It rests on an EnvoyFilter, which Istio does not keep compatible.`,
        );
    }
    const plain = ports.filter(({ protocol }) => protocol === "http").map(({ host, port }) => `${host}:${port}`);
    if (plain.length > 0) {
        risks.push(`Plain HTTP leaves the cluster unencrypted: ${plain.join(", ")}.`);
    }
    return risks;
}

/** Names that a person reads at once. */
const NAMES_IN_WORDS = 5;

/** What the application says inside its own TLS: the server name is seen where that is declared, the Host never. */
function serverNameRisks(ports: readonly DeclaredPort[], mutualTls: boolean): string[] {
    // Without mutual TLS the gateway routes by that name itself.
    const inside = ports.filter(({ protocol }) => (protocol === "tls" && mutualTls) || protocol === "tcp");
    const [checked, unseen] = [true, false].map(wanted =>
        inside
            .filter(({ checksInnerName, host }) => checksInnerName === wanted && !isWildcard(host))
            .map(({ host, port }) => target(host, port)),
    ) as [string[], string[]];
    return [
        ...(unseen.length === 0
            ? []
            : [
                  `R3: another site behind the same address: the server name inside the encrypted stream is not seen at ${firstOf(unseen, NAMES_IN_WORDS)}; \`innerName: checked\` on a \`tls\` port closes that.`,
              ]),
        ...(checked.length === 0
            ? []
            : [
                  `R3: at ${firstOf(checked, NAMES_IN_WORDS)} the gateway reads the server name and closes every other, by an EnvoyFilter without which it closes all; left is a far side that answers to a Host that contradicts that name.`,
              ]),
    ];
}
