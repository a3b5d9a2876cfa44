import { type KubernetesObject, fields, fieldsList, resourceOfKind, texts } from "../kubernetes";
import { AdmissionControl } from "../scheduling/admission";
import { type AdmissionRequest } from "../scheduling/admissionRequest";
import { namespaceClasses } from "../scheduling/namespaces";
import { changeableParameters } from "../scheduling/parameterChanges";
import { TENANT } from "../scheduling/podWays";
import { search } from "../scheduling/search";
import { trustOf } from "../scheduling/trust";
import { type Witness } from "../verdict";
import { type World } from "../world/world";
import { type Declaration } from "./declared";
import { compareIdentities, type Findings } from "./identity";
import { meshOf } from "./model";
import { type Move, movesFrom } from "./tenantMoves";

/**
 * What tenants may add to the mesh themselves. Each move is sent through the registered admission policies; what they admit is
 * added to the objects and the comparison is made again, so that a move counts only if it changes who reaches what.
 */
export function tenantFindings({ objects, resources }: World, declaration: Declaration): Findings {
    const control = new AdmissionControl(objects);
    const { gatewayNamespace, rootNamespace } = declaration.settings;
    const special = { gatewayNamespace, rootNamespaces: [rootNamespace] };
    const trust = trustOf(resources, special);
    const clients = [...new Set(declaration.ports.flatMap(({ allow }) => allow.map(({ namespace }) => namespace)))];
    const { tenants } = namespaceClasses(control, objects, clients, special);
    const reasons = new Set(changeableParameters(control, trust, [rootNamespace]));
    const witnesses: Witness[] = [];
    const done = new Set<string>();
    // One destination shows it; the others need not be looked at again.
    const victim = declaration.ports[0];
    const near = victim === undefined ? [] : objectsNear(victim.host, objects, declaration);
    const mesh = meshOf(near, declaration.settings);
    if (victim === undefined || mesh.gatewayWorkloads.length === 0) {
        return { result: "holds", witnesses: [], reasons: [] };
    }
    const narrowed = { ...declaration, ports: declaration.ports.filter(({ host }) => host === victim.host) };
    for (const namespace of tenants) {
        // Whoever writes where the guard's own declaration leaves pods alone could do the same with a pod there.
        const exempt = trust.isTrusted(`system:serviceaccounts:${namespace}`);
        for (const move of movesFrom(namespace, mesh, victim)) {
            if (exempt && move.likePods === true) {
                continue;
            }
            // One namespace shows it; the others differ in nothing but their name.
            if (done.has(move.id)) {
                continue;
            }
            const requests = move.objects.map(move.status === true ? statusRequest : requestFor);
            const admission = search({ requests, asWritten: "but for labels" }, control, trust);
            if (admission.kind === "closed") {
                continue;
            }
            if (admission.kind === "unknown") {
                admission.reasons.forEach(reason => reasons.add(reason));
                continue;
            }
            done.add(move.id);
            if (move.unmodelled !== undefined) {
                reasons.add(move.unmodelled);
                continue;
            }
            const after = compareIdentities([...near, ...move.objects], narrowed);
            const witness = after.witnesses[0];
            if (witness !== undefined) {
                witnesses.push({
                    ...witness,
                    hops: [
                        { at: "tenant", decision: wordsOf(move) },
                        ...admission.hops,
                        // Without the tenant's object they would be what is declared.
                        ...witness.hops.map(({ decides: _, ...inner }) => inner),
                    ],
                    remedy: "refuse such objects outside the gateway's namespace by a ValidatingAdmissionPolicy that is bound with Deny",
                });
            } else {
                after.reasons.forEach(reason => reasons.add(`${move.words} in namespace ${namespace}: ${reason}`));
            }
        }
    }
    return {
        result: witnesses.length > 0 ? "violated" : reasons.size > 0 ? "unknown" : "holds",
        witnesses,
        reasons: [...reasons],
    };
}

function wordsOf({ words, objects }: Move): string {
    const kinds = objects.map(({ kind }) => kind).join(" and a ");
    return `writes ${words}: a ${kinds} in namespace ${objects[0]!.namespace}`;
}

function requestFor(object: KubernetesObject): AdmissionRequest {
    const { group, version, kind, namespace, name } = object;
    return {
        operation: "CREATE",
        group,
        version,
        resource: resourceOfKind(kind),
        kind,
        namespace,
        name,
        user: TENANT,
        object: object.object,
        oldObject: null,
    };
}

function statusRequest(object: KubernetesObject): AdmissionRequest {
    const { status: _, ...before } = object.object;
    return { ...requestFor(object), operation: "UPDATE", subresource: "status", oldObject: before };
}

/** The objects that a move could touch: everything but what is about other declared hosts. */
function objectsNear(
    victim: string,
    objects: readonly KubernetesObject[],
    { ports }: Declaration,
): readonly KubernetesObject[] {
    const others = new Set(ports.map(({ host }) => host).filter(host => host !== victim));
    const isFar = (host: string): boolean => others.has(host) || others.has(host.replace(/^p\d+\./, ""));
    return objects.filter(({ spec }) => {
        const hosts = hostsOf(spec);
        return hosts.length === 0 || !hosts.every(isFar);
    });
}

/** Hosts that an object is about: its own, those of a Gateway's servers, or those of a policy's operations. */
function hostsOf(spec: KubernetesObject["spec"]): string[] {
    const servers = fieldsList(spec.servers).flatMap(({ hosts }) => texts(hosts));
    const operations = fieldsList(spec.rules).flatMap(({ to }) =>
        fieldsList(to).map(({ operation }) => fields(operation)),
    );
    return [...texts(spec.hosts), ...servers, ...operations.flatMap(({ hosts }) => texts(hosts))].map(host =>
        host.toLowerCase().replace(/:(?:\*|\d+)$/, ""),
    );
}
