import { type Fields, fields, fieldsList, texts } from "../kubernetes";
import { type Exemption } from "../verdict";
import { type World } from "../world/world";
import { AdmissionControl } from "./admission";
import { type AdmissionRequest, type BoundPolicy } from "./admissionRequest";
import { literalsOf } from "./choices";
import { waysIntoTheGateway } from "./gatewayWays";
import { NAME_LABEL, namesInSelector, namespaceLiterals, namespaceSelectorsOf } from "./matching";
import { gatewayNodes } from "./nodePools";
import { TENANT } from "./podWays";
import { waysFrom } from "./ways";

/** A namespace that nothing names. */
const ELSEWHERE = "some-other-namespace";

/** A policy, and a request that it refuses a tenant. */
interface Case {
    readonly bound: BoundPolicy;
    readonly request: AdmissionRequest;
}

/**
 * Whom the registered policies let pass: every user, group and namespace that one of them names and that a request passes with which it
 * refuses a tenant. Tried are the ways onto gateway nodes, and for each policy something that its rules, selectors and conditions pick.
 */
export function exemptionsIn(world: World): Exemption[] {
    const control = new AdmissionControl(world.objects);
    const gateways = world.gateways.map(gateway => gatewayNodes({ ...world, gateway }));
    const ways = gateways.flatMap(nodes =>
        nodes.pools
            .slice(0, 1)
            .flatMap(pool => [...waysFrom(ELSEWHERE, pool), ...waysIntoTheGateway(pool, nodes, [ELSEWHERE])]),
    );
    const requests = firstOfEach(ways.flatMap(way => way.requests.filter(({ user }) => user === TENANT)));
    const gatewayNamespaces = gateways.flatMap(({ gatewayNamespace }) => gatewayNamespace ?? []);
    const found = new Map<
        string,
        { readonly kind: Exemption["kind"]; readonly name: string; readonly from: string[] }
    >();
    for (const bound of control.bound.filter(({ unknown }) => unknown === undefined)) {
        const cases = [
            ...requests.filter(request => control.asked(request).includes(bound)).map(request => ({ bound, request })),
            ...pickedBy(bound),
        ].filter(one => judged(control, one) === "refused");
        const passing = candidates(bound, gatewayNamespaces).filter(({ as }) =>
            cases.some(one => judged(control, { ...one, request: as(one.request) }) === "passes"),
        );
        for (const { kind, name } of passing.filter(one => !passing.some(other => covers(other, one)))) {
            const key = `${kind} ${name}`;
            const exemption = found.get(key) ?? { kind, name, from: [] };
            exemption.from.push(bound.policy.name);
            found.set(key, exemption);
        }
    }
    const order = ["namespace", "group", "user"];
    return [...found.values()]
        .map(exemption => ({ ...exemption, from: [...new Set(exemption.from)].sort() }))
        .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
}

/** Whether whoever is called like the one is called like the other as well. */
function covers({ kind, name }: Candidate, other: Candidate): boolean {
    return kind === other.kind && name !== other.name && name.endsWith("*") && other.name.startsWith(name.slice(0, -1));
}

function judged(control: AdmissionControl, { bound, request }: Case): "refused" | "passes" | "unknown" {
    const { refusals, unreadable } = control.ask(bound, request, control.rootOf(request));
    return refusals.length > 0 ? "refused" : unreadable.length > 0 ? "unknown" : "passes";
}

function firstOfEach(requests: readonly AdmissionRequest[]): AdmissionRequest[] {
    const first = new Map<string, AdmissionRequest>();
    for (const request of requests) {
        const { operation, resource, subresource, namespace, object } = request;
        const key = [operation, resource, subresource, namespace, fields(object?.spec).nodeName !== undefined].join(
            " ",
        );
        first.set(key, first.get(key) ?? request);
    }
    return [...first.values()];
}

/** What the policy is asked about, in a form that refuses everything: what is left are its rules, selectors and conditions. */
function pickedBy(bound: BoundPolicy): Case[] {
    const { policy } = bound;
    const refusing = { ...policy, spec: { ...policy.spec, variables: [], validations: [{ expression: "false" }] } };
    const constraints = fields(policy.spec.matchConstraints);
    const [named] = namespacesOf(bound);
    return fieldsList(constraints.resourceRules).flatMap(rule =>
        texts(rule.operations)
            .slice(0, 1)
            .map(operation => requestFor(rule, operation === "*" ? "CREATE" : operation, named ?? ELSEWHERE))
            .flatMap(request => [
                { bound, request },
                { bound: { ...bound, policy: refusing }, request },
            ]),
    );
}

/** Namespaces for which alone the policy is; none where it is for all. */
function namespacesOf(bound: BoundPolicy): readonly string[] {
    return namespaceSelectorsOf(bound).flatMap(selector =>
        fieldsList(fields(selector).matchExpressions).flatMap(({ key, operator, values }) =>
            key === NAME_LABEL && operator === "In" ? texts(values) : [],
        ),
    );
}

const CLUSTER_WIDE = new Set(["nodes", "namespaces", "runtimeclasses", "computeclasses"]);

function requestFor(rule: Fields, operation: string, namespace: string): AdmissionRequest {
    const first = (values: unknown, any: string): string =>
        texts(values).map(value => (value === "*" ? any : value))[0] ?? any;
    const [resource = "", subresource] = first(rule.resources, "configmaps").replace("*/*", "configmaps").split("/", 2);
    const isNamespace = resource === "namespaces";
    const name = isNamespace ? namespace : "some-object";
    const own = { name, labels: {}, annotations: {}, ...(isNamespace ? {} : { namespace }) };
    const object = { metadata: own, spec: {} };
    return {
        operation: operation as AdmissionRequest["operation"],
        group: first(rule.apiGroups, ""),
        version: first(rule.apiVersions, "v1"),
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        kind: isNamespace ? "Namespace" : resource,
        ...(CLUSTER_WIDE.has(resource) ? {} : { namespace }),
        name,
        user: TENANT,
        object: operation === "DELETE" ? null : object,
        oldObject: operation === "UPDATE" || operation === "DELETE" ? object : null,
    };
}

interface Candidate {
    readonly kind: Exemption["kind"];
    /** With `*` for what begins, or ends, like a name in the policy. */
    readonly name: string;
    readonly as: (request: AdmissionRequest) => AdmissionRequest;
}

function candidates(bound: BoundPolicy, gatewayNamespaces: readonly string[]): Candidate[] {
    const { policy } = bound;
    const names = literalsOf(bound).senders.filter(name => /^[\w.@:/-]+$/.test(name));
    const { written, imagined } = namespaceLiterals(policy.spec);
    const only = namespacesOf(bound);
    const namespaces = [...namespaceSelectorsOf(bound).flatMap(namesInSelector), ...written, ...imagined].filter(
        name =>
            // A gateway's namespace has rules of its own, and a policy for some namespaces exempts no other: it is not for it.
            !gatewayNamespaces.includes(name) && (only.length === 0 || only.includes(name)),
    );
    return [
        ...told(names).map(([told, username]): Candidate => ({
            kind: "user",
            name: told,
            as: request => ({ ...request, user: { username, groups: [] } }),
        })),
        ...names.map((group): Candidate => ({
            kind: "group",
            name: group,
            as: request => ({ ...request, user: { ...TENANT, groups: [group] } }),
        })),
        ...told([...new Set(namespaces)]).map(([told, namespace]): Candidate => ({
            kind: "namespace",
            name: told,
            as: request => inNamespace(request, namespace),
        })),
    ];
}

/** The names as people write them: for a name that begins like another one in the list, and goes on, that one with a `*`. */
function told(names: readonly string[]): (readonly [string, string])[] {
    const all = new Set(names);
    return names.map(name =>
        name.endsWith("x") && (all.has(name.slice(0, -1)) || /[-:]x$/.test(name))
            ? [`${name.slice(0, -1)}*`, name]
            : name.startsWith("x") && all.has(name.slice(1))
              ? [`*${name.slice(1)}`, name]
              : [name, name],
    );
}

function inNamespace(request: AdmissionRequest, namespace: string): AdmissionRequest {
    if (request.namespace === undefined) {
        return request;
    }
    const moved = (object: Fields | null): Fields | null =>
        object === null ? null : { ...object, metadata: { ...fields(object.metadata), namespace } };
    return { ...request, namespace, object: moved(request.object), oldObject: moved(request.oldObject) };
}
