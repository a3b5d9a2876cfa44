import {
    type KubernetesObject,
    fields,
    fieldsList,
    hasUnknown,
    kubernetesObjects,
    opaqueInstallers,
    unknownPaths,
} from "../kubernetes";
import { type Resource } from "../resource";
import { type Claim, type ClaimSet, type Lock } from "../verdict";
import { type Declaration, readDeclaration } from "./declared";
import { compareIdentities, type Findings } from "./identity";
import { isIstioObject } from "./model";
import { tenantFindings } from "./tenants";

const STATEMENT =
    "The identities that each destination's chain accepts are exactly those declared; nothing undeclared has a route.";

/** Charts that install the mesh itself and no traffic rule (istio/istio, manifests/charts). */
const CONTROL_PLANE_CHARTS = new Set(["base", "istiod", "cni", "ztunnel"]);

/** Kinds that rewrite what istiod generates, or load code into the proxies. */
const BEYOND_THE_MODEL = new Set(["EnvoyFilter", "WasmPlugin"]);

/**
 * Claim C4, with the locks that hold it. The declaration is the registered inputs of the stack's mesh component; everything else
 * is read from the objects, so that a compiler's mistake shows.
 */
export function meshClaims(resources: readonly Resource[]): ClaimSet {
    const declaration = readDeclaration(resources);
    const compare = rememberedComparison();
    const findings = decideIdentity(resources, declaration, compare);
    // Of a lock only the result is told, so the first contradiction is enough.
    const decide = (given: readonly Resource[]): Findings => decideIdentity(given, declaration, compare, 1);
    const claim: Claim = { id: "C4", statement: STATEMENT, ...findings };
    if (declaration === undefined || "reasons" in declaration) {
        return { claims: [claim], locks: [], assumptions: [], residualRisks: [] };
    }
    return {
        claims: [claim],
        locks: locks(resources, declaration, decide),
        assumptions: assumptions(declaration),
        residualRisks: residualRisks(declaration, resources),
    };
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
    resources: readonly Resource[],
    declaration: ReturnType<typeof readDeclaration>,
    compare: Compare,
    enough?: number,
): Findings {
    const objects = kubernetesObjects(resources);
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
    const obstacles = obstaclesIn(resources, objects, declaration);
    return combined([
        compared,
        tenantFindings(objects, declaration),
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

/** What the model does not follow and what could matter to the gateway. */
function obstaclesIn(
    resources: readonly Resource[],
    objects: readonly KubernetesObject[],
    declaration: Declaration,
): string[] {
    const { gatewayNamespace, rootNamespace } = declaration.settings;
    const near = (object: KubernetesObject): boolean =>
        object.namespace === gatewayNamespace || object.namespace === rootNamespace;
    const reasons = objects.flatMap((object): string[] => {
        if (isIstioObject(object) && object.kind.endsWith("Patch")) {
            return [`${object.urn} patches an object whose other fields are not shown; register the whole object`];
        }
        if (BEYOND_THE_MODEL.has(object.kind) && near(object)) {
            const scope = object.namespace === rootNamespace ? "every proxy of the mesh" : "the gateway's proxies";
            return [
                `${object.urn}: this ${object.kind} changes ${scope} in ways that the model does not follow; remove it`,
            ];
        }
        if (
            object.group === "gateway.networking.k8s.io" &&
            object.kind === "Gateway" &&
            (object.namespace === gatewayNamespace || Array.isArray(object.spec.addresses))
        ) {
            return [`${object.urn}: Gateway API objects in front of the gateway are not modelled; use Istio's Gateway`];
        }
        const matters = isIstioObject(object) || (near(object) && ["Service", "Deployment"].includes(object.kind));
        const paths = matters
            ? [
                  ...unknownPaths(routingFields(object)),
                  ...(hasUnknown(fields(object.object.metadata).namespace) ? ["metadata.namespace"] : []),
              ]
            : [];
        return paths.map(path => `${object.urn}: ${path} is not known before up`);
    });
    for (const { urn, chart } of opaqueInstallers(resources)) {
        if (!CONTROL_PLANE_CHARTS.has(chart)) {
            reasons.push(`${urn} installs chart ${chart}, whose objects are not shown; render it into resources`);
        }
    }
    return reasons;
}

/** Of a workload only the labels of its pods matter to the mesh; an image that is not known yet does not. */
function routingFields(object: KubernetesObject): unknown {
    return object.kind === "Deployment"
        ? fields(fields(object.spec.template).metadata).labels
        : object.kind === "Service"
          ? { selector: object.spec.selector, ports: object.spec.ports }
          : object.spec;
}

function locks(
    resources: readonly Resource[],
    declaration: Declaration,
    decide: (resources: readonly Resource[]) => Findings,
): Lock[] {
    const { gatewayNamespace, rootNamespace } = declaration.settings;
    const isGateway = (resource: Resource): boolean =>
        isKind(resource, "Gateway") && resource.type.includes("networking.istio.io");
    const isPolicy = (resource: Resource): boolean =>
        isKind(resource, "AuthorizationPolicy") &&
        [gatewayNamespace, rootNamespace].includes(String(fields(resource.inputs.metadata).namespace));
    const namesCallers = (resource: Resource): boolean =>
        isGateway(resource) &&
        fieldsList(fields(resource.inputs.spec).servers).some(({ tls }) => fields(tls).subjectAltNames !== undefined);
    const isAdmission = ({ type }: Resource): boolean => /:ValidatingAdmissionPolicy(?:Binding)?$/.test(type);
    const lock = (
        name: string,
        description: string,
        belongs: (resource: Resource) => boolean,
        removed: readonly Resource[],
    ): Lock => ({
        lock: name,
        description,
        resources: resources.filter(belongs).map(({ urn }) => urn),
        without: { C4: decide(removed).result },
    });
    return [
        lock(
            "caller identity in the handshake",
            "each TLS server of the gateway accepts the declared certificates alone (subjectAltNames)",
            namesCallers,
            resources.map(resource => (namesCallers(resource) ? withoutNames(resource) : resource)),
        ),
        lock(
            "authorization policies",
            "the gateway denies by default and allows each Host to the declared principals",
            isPolicy,
            resources.filter(resource => !isPolicy(resource)),
        ),
        lock(
            "admission guard",
            "the API server refuses objects with which a tenant would become part of the gateway",
            isAdmission,
            resources.filter(resource => !isAdmission(resource)),
        ),
    ];
}

function isKind({ type }: Resource, kind: string): boolean {
    return type.startsWith("kubernetes:") && type.endsWith(`:${kind}`);
}

function withoutNames(resource: Resource): Resource {
    const spec = fields(resource.inputs.spec);
    const servers = fieldsList(spec.servers).map(server => {
        const { subjectAltNames: _, ...tls } = fields(server.tls);
        return server.tls === undefined ? server : { ...server, tls };
    });
    return { ...resource, inputs: { ...resource.inputs, spec: { ...spec, servers } } };
}

function assumptions({ settings }: Declaration): string[] {
    return [
        `Certificates of trust domain ${settings.trustDomain} come from the mesh's own authority, one identity for each service account.`,
        `Only administrators write Istio objects in ${settings.rootNamespace} and ${settings.gatewayNamespace}; RBAC is not judged here.`,
        "Routing follows Istio 1.30; istiod exports objects without exportTo to every namespace, and PILOT_SCOPE_GATEWAY_TO_NAMESPACE is off.",
    ];
}

function residualRisks({ ports, mutualTls }: Declaration, resources: readonly Resource[]): string[] {
    const risks: string[] = [];
    if (mutualTls && ports.some(({ protocol }) => protocol === "tls" || protocol === "tcp")) {
        risks.push(
            "A workload of the mesh that is refused can still make the gateway open and close an empty connection to a declared host: Envoy connects before the handshake has ended.",
        );
    }
    if (ports.length > 0) {
        risks.push(
            "R3, R4: what an allowed host does with the bytes is not controlled: an account of someone else there, or another site behind the same address, since server names and Hosts inside the encrypted stream are not seen.",
            "R8: with Encrypted Client Hello the server name that is seen may be a front's: an allowed host that is the public name of a content network stands for all its sites.",
        );
    }
    const plain = ports.filter(({ protocol }) => protocol === "http").map(({ host, port }) => `${host}:${port}`);
    if (plain.length > 0) {
        risks.push(`Plain HTTP leaves the cluster unencrypted: ${plain.join(", ")}.`);
    }
    return [...risks, ...originationRisks(ports, resources)];
}

/** An explicit server name switches Istio's own check of the certificate's names off, unless the names are given too. */
function originationRisks(ports: Declaration["ports"], resources: readonly Resource[]): string[] {
    const originated = new Set(ports.filter(({ protocol }) => protocol === "originate").map(({ host }) => host));
    return kubernetesObjects(resources)
        .filter(({ kind, spec }) => kind === "DestinationRule" && originated.has(String(spec.host).toLowerCase()))
        .flatMap(({ urn, spec }) => {
            const policy = fields(spec.trafficPolicy);
            const settings = [policy, ...fieldsList(policy.portLevelSettings)].map(({ tls }) => fields(tls));
            return settings.some(({ sni, subjectAltNames }) => sni !== undefined && subjectAltNames === undefined)
                ? [
                      `${urn} gives a server name without subjectAltNames: the gateway takes any certificate of a trusted authority for that host.`,
                  ]
                : [];
        });
}
