import { type Fields } from "../kubernetes";
import { type Hop } from "../verdict";
import { type AdmissionControl, type Labels } from "./admission";
import { type AdmissionRequest, type BoundPolicy, type Sender, type Undertaking } from "./admissionRequest";
import { NOTHING, withValueAt } from "./choices";
import { type Refusal } from "./judgement";
import { servedVersions } from "./matching";
import { type Asking, type Choice, isAt, openAt } from "./open";
import { podRootOf, TENANT } from "./podWays";
import { placeOf } from "./tracked";
import { type Trust } from "./trust";

export type SearchOutcome =
    | { readonly kind: "open"; readonly hops: readonly Hop[] }
    /**
     * With the places that its refusals rest on, where requests that differ elsewhere in their objects alone are closed by the same
     * refusals; absent where more than that counted.
     */
    | { readonly kind: "closed"; readonly restsOn?: ReadonlySet<string> }
    | { readonly kind: "unknown"; readonly reasons: readonly string[] };

/** Turns of one undertaking that are tried before it is given up as undecided. */
const TURNS = 3000;

/**
 * Whether everything that the undertaking asks for can be admitted. First as the requests are; then, as long as some policy refuses,
 * with every other value at the places that its refusal rests on. A refusal that rests on nothing that the sender may choose is
 * final. So the answer is about all requests of that kind and no sample of them.
 */
export function search(undertaking: Undertaking, control: AdmissionControl, trust: Trust): SearchOutcome {
    const outcomes: SearchOutcome[] = [];
    for (const requests of inVersions(undertaking.requests, control)) {
        const outcome = searchInVersion({ ...undertaking, requests }, control, trust);
        if (outcome.kind === "open") {
            return outcome;
        }
        outcomes.push(outcome);
    }
    return worstOf(outcomes);
}

/** Where some policy is asked about the versions alone that its rules name, whoever asks chooses the version. */
function inVersions(
    requests: readonly AdmissionRequest[],
    control: AdmissionControl,
): readonly (readonly AdmissionRequest[])[] {
    return !control.tellsVersions
        ? [requests]
        : requests.reduce<readonly (readonly AdmissionRequest[])[]>(
              (lists, request) => {
                  const versions = request.user === TENANT ? servedVersions(request) : [request.version];
                  return lists.flatMap(before => versions.map(version => [...before, { ...request, version }]));
              },
              [[]],
          );
}

function worstOf(outcomes: readonly SearchOutcome[]): SearchOutcome {
    const reasons = outcomes.flatMap(outcome => (outcome.kind === "unknown" ? outcome.reasons : []));
    return reasons.length > 0
        ? { kind: "unknown", reasons: [...new Set(reasons)] }
        : closed(outcomes.map(outcome => (outcome.kind === "closed" ? outcome.restsOn : undefined)));
}

function closed(restsOn: readonly (ReadonlySet<string> | undefined)[]): SearchOutcome {
    return restsOn.includes(undefined)
        ? { kind: "closed" }
        : { kind: "closed", restsOn: new Set(restsOn.flatMap(places => [...places!])) };
}

function searchInVersion(undertaking: Undertaking, control: AdmissionControl, trust: Trust): SearchOutcome {
    const turns: (readonly Choice[])[] = [[]];
    const known = new Set<string>();
    const restsOn: (ReadonlySet<string> | undefined)[] = [];
    const doubts = new Set<string>();
    for (let count = 0; turns.length > 0; count++) {
        if (count > TURNS) {
            doubts.add(`the policies leave more to choose than is tried for ${asked(undertaking.requests[0]!)}`);
            break;
        }
        const choices = turns.pop()!;
        const { refused, reasons } = answerTo(undertaking, choices, control, trust);
        if (refused !== undefined) {
            restsOn.push(refused.restsOn);
            refused.doubts.forEach(doubt => doubts.add(doubt));
            for (const choice of refused.alternatives) {
                const next = [...choices, choice];
                const key = next.map(nameOf).sort().join(" ");
                if (!known.has(key)) {
                    known.add(key);
                    turns.push(next);
                }
            }
            continue;
        }
        const labelling = labelsAdmitted(undertaking, choices, control, trust);
        if (labelling.kind === "closed") {
            restsOn.push(undefined);
        } else if (reasons.length > 0 || labelling.kind === "unknown") {
            [...reasons, ...(labelling.kind === "unknown" ? labelling.reasons : [])].forEach(reason =>
                doubts.add(reason),
            );
        } else {
            return { kind: "open", hops: [...labelling.hops, ...hopsOf(undertaking, choices)] };
        }
    }
    return doubts.size > 0 ? { kind: "unknown", reasons: [...doubts] } : closed(restsOn);
}

interface Refused {
    readonly alternatives: readonly Choice[];
    readonly doubts: readonly string[];
    /** The places that it and its alternatives rest on; undefined where the alternatives hold more of the request than what is there. */
    readonly restsOn: ReadonlySet<string> | undefined;
}

/** The refusal that leaves least to choose, or else why it is not known whether there is one. */
function answerTo(
    undertaking: Undertaking,
    choices: readonly Choice[],
    control: AdmissionControl,
    trust: Trust,
): { readonly refused?: Refused; readonly reasons: readonly string[] } {
    const reasons: string[] = [];
    let least: Refused | undefined;
    // A pod that a controller makes of a template comes last, and no template gets past what refuses the pod.
    for (let index = undertaking.requests.length - 1; index >= 0; index--) {
        const request = chosen(undertaking.requests[index]!, index, choices);
        const root = control.rootOf(request, labelsOf(request, choices, control));
        for (const bound of control.asked(request)) {
            const { refusals, unreadable } = control.ask(bound, request, root);
            reasons.push(...unreadable);
            for (const refusal of refusals) {
                const refused = alternativesTo(refusal, bound, { request, index, choices, undertaking, trust });
                if (refused.alternatives.length === 0 && refused.doubts.length === 0) {
                    control.preferred(bound, request);
                    return { refused, reasons: [] };
                }
                least = least === undefined || weight(refused) < weight(least) ? refused : least;
            }
        }
        reasons.push(...control.webhooksFor(request));
    }
    return least === undefined ? { reasons } : { refused: least, reasons: [] };
}

function weight({ alternatives, doubts }: Refused): number {
    return doubts.length * 1000 + alternatives.length;
}

/** What else the sender might have put where the refusal looked. */
function alternativesTo(refusal: Refusal, bound: BoundPolicy, asking: Asking): Refused {
    const alternatives: Choice[] = [];
    const doubts: string[] = [];
    const { asWritten } = asking.undertaking;
    const places = asWritten === true ? refusal.places : (refusal.besides?.() ?? refusal.places);
    for (const pointer of places) {
        const open = openAt(placeOf(pointer), bound, asking, refusal);
        if (open === undefined || asking.choices.some(choice => isAt(choice, open))) {
            continue;
        }
        alternatives.push(...open.choices.values.map(value => ({ at: open.at, place: open.place, value })));
        if (!open.choices.exhaustive || refusal.vague.has(pointer)) {
            doubts.push(
                `${bound.policy.urn} looks at ${placeOf(pointer).join(".")}, which whoever asks may choose, and what it makes of every value is not decided`,
            );
        }
    }
    // Else an alternative may be a list with all that the request has in it.
    const asItStands = asWritten !== undefined && places === refusal.places;
    return { alternatives, doubts, restsOn: asItStands ? places : undefined };
}

/** The request with what the sender chose. */
function chosen(request: AdmissionRequest, index: number, choices: readonly Choice[]): AdmissionRequest {
    let changed = request;
    const pod = podRootOf(request.kind);
    for (const { at, place, value } of choices) {
        if (at === "sender") {
            changed = request.user === TENANT ? { ...changed, user: value as Sender } : changed;
        } else if (at === "pod" && pod !== undefined && changed.object !== null && request.subresource !== "binding") {
            changed = { ...changed, object: withValueAt(changed.object, [...pod, ...place], value) as Fields };
        } else if (at === index) {
            const [root, ...rest] = place as ["object" | "oldObject", ...string[]];
            changed = { ...changed, [root]: withValueAt(changed[root], rest, value) as Fields };
            if (root === "object" && rest.join(".") === "metadata.name") {
                changed = { ...changed, name: String(value) };
            }
        }
    }
    return changed;
}

function labelsOf(
    { namespace }: AdmissionRequest,
    choices: readonly Choice[],
    control: AdmissionControl,
): Labels | undefined {
    if (namespace === undefined || !choices.some(({ at }) => at === "namespace")) {
        return undefined;
    }
    return labelsIn(control.labelsOf(namespace), choices);
}

function labelsIn(labels: Labels, choices: readonly Choice[]): Labels {
    const object = { metadata: { labels } };
    const changed = choices
        .filter(({ at }) => at === "namespace")
        .reduce<unknown>((before, { place, value }) => withValueAt(before, place, value), object);
    return (changed as typeof object).metadata.labels;
}

/** Labels of a namespace are chosen by whoever may make or label one, as far as no policy refuses that. */
function labelsAdmitted(
    { requests }: Undertaking,
    choices: readonly Choice[],
    control: AdmissionControl,
    trust: Trust,
): SearchOutcome {
    const namespace = requests.find(request => request.namespace !== undefined)?.namespace;
    if (namespace === undefined || !choices.some(({ at }) => at === "namespace")) {
        return { kind: "open", hops: [] };
    }
    const before = control.labelsOf(namespace);
    const labels = labelsIn(before, choices);
    const ways = [
        namespaceRequest("UPDATE", namespace, labels, before),
        ...(control.exists(namespace) ? [] : [namespaceRequest("CREATE", namespace, labels, before)]),
    ];
    const outcomes = ways.map(request => search({ requests: [request], asWritten: true }, control, trust));
    return outcomes.find(({ kind }) => kind === "open") ?? worstOf(outcomes);
}

export function namespaceRequest(
    operation: "CREATE" | "UPDATE",
    name: string,
    labels: Labels,
    before: Labels,
): AdmissionRequest {
    const object = (its: Labels): Fields => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: its } });
    return {
        operation,
        group: "",
        version: "v1",
        resource: "namespaces",
        kind: "Namespace",
        name,
        user: TENANT,
        object: object(labels),
        oldObject: operation === "CREATE" ? null : object(before),
    };
}

function nameOf({ at, place, value }: Choice): string {
    return JSON.stringify([at, place, value === NOTHING ? "nothing" : value]);
}

function asked({ operation, resource, subresource }: AdmissionRequest): string {
    return `${operation} ${resource}${subresource === undefined ? "" : `/${subresource}`}`;
}

function hopsOf({ requests }: Undertaking, choices: readonly Choice[]): Hop[] {
    return requests.map((request, index) => {
        const { user } = chosen(request, index, choices);
        const group =
            user.groups.length > 0 && !user.username.startsWith("system:") ? ` of group ${user.groups.join(", ")}` : "";
        const how = choices.filter(({ at }) => at === index || at === "pod" || at === "namespace").map(inWords);
        return {
            at: "admission",
            decision:
                `no policy that is bound with Deny refuses ${asked(request)} by ${user.username}${group}` +
                (how.length > 0 ? `, with ${how.join(", ")}` : ""),
            decides: true,
        };
    });
}

function inWords({ at, place, value }: Choice): string {
    const what = place.filter(key => key !== "object").join(".");
    const put = value === NOTHING ? `no ${what}` : `${what} ${JSON.stringify(value)}`;
    return at === "namespace" ? `${put} on the namespace` : put;
}
