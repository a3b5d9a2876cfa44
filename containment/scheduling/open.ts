import { type AdmissionRequest, type BoundPolicy, type Sender, type Undertaking } from "./admissionRequest";
import { type Choices, choicesInObject, choicesOfLabel, literalsOf, valueAt } from "./choices";
import { type Refusal } from "./judgement";
import { podRootOf, serviceAccount, TENANT } from "./podWays";
import { type Trust } from "./trust";

/** Something that the sender chose, beside what the requests say. */
export interface Choice {
    readonly at: "namespace" | "sender" | "pod" | number;
    readonly place: readonly string[];
    readonly value: unknown;
}

/** A request that was refused, and what has been chosen so far. */
export interface Asking {
    readonly request: AdmissionRequest;
    readonly index: number;
    readonly choices: readonly Choice[];
    readonly undertaking: Undertaking;
    readonly trust: Trust;
}

/** A place that the sender may fill otherwise. */
export interface Open {
    readonly at: Choice["at"];
    readonly place: readonly string[];
    readonly choices: Choices;
}

/** What is below a value that was chosen was chosen with it; a structure is chosen to be there, and what it holds is open. */
export function isAt(choice: Choice, { at, place }: Open): boolean {
    const covers = choice.at === at && choice.place.every((key, index) => place[index] === key);
    const structure = typeof choice.value === "object" && choice.value !== null && !Array.isArray(choice.value);
    return covers && (at === "sender" || !structure || choice.place.length === place.length);
}

/** What the sender may put at a place that a refusal rests on; undefined for what is not theirs to choose. */
export function openAt(
    [root, ...place]: readonly string[],
    bound: BoundPolicy,
    { request, index, undertaking, trust, choices }: Asking,
    refusal: Refusal,
): Open | undefined {
    const literals = literalsOf(bound);
    const { asWritten } = undertaking;
    switch (root) {
        case "namespaceObject": {
            const labels = asWritten === true ? undefined : choicesOfLabel(place, literals.strings);
            return labels === undefined ? undefined : { at: "namespace", place, choices: labels };
        }
        case "request": {
            const open = asWritten === undefined || asWritten === "for example";
            const free = open && request.operation === "CREATE" && request.user === TENANT;
            if (place[0] === "name" && free && request.subresource === undefined && request.kind !== "Namespace") {
                const named = { values: literals.strings, exhaustive: true };
                return { at: index, place: ["object", "metadata", "name"], choices: named };
            }
            if (place[0] !== "userInfo" || place.length < 2 || !isFree(request.user, choices)) {
                return undefined;
            }
            return place[1] === "username" || place[1] === "groups"
                ? { at: "sender", place: [], choices: { values: sendersFor(bound, request, trust), exhaustive: true } }
                : { at: "sender", place: [], choices: { values: [], exhaustive: false } };
        }
        case "oldObject":
        case "object": {
            const object = root === "object" ? request.object : request.oldObject;
            const compared =
                place.at(-1) === "*" &&
                ["object", "oldObject"].every(name => refusal.places.has(`/${[name, ...place].join("/")}`));
            const old = root === "oldObject" && !["labels", "annotations"].includes(place[1] ?? "");
            if (
                object === null ||
                !mayDiffer(place, undertaking) ||
                request.operation === "CONNECT" ||
                compared ||
                old
            ) {
                return undefined;
            }
            if (asWritten === "for example" && !isLabel(place)) {
                // What somebody may do whom the policy names, as far as it looks at what they do, is tried as it is written.
                const there = valueAt(object, place);
                const isPart = typeof there === "object" && there !== null && !Array.isArray(there);
                return isPart || !isFree(request.user, choices)
                    ? undefined
                    : { at: index, place: [root, ...place], choices: UNDECIDED };
            }
            const fixed = request.kind === "Namespace" && place.join(".") === "metadata.name";
            const open = fixed ? undefined : choicesInObject(place, object, literals, request.operation);
            if (open === undefined) {
                return undefined;
            }
            const pod = podRootOf(request.kind);
            const inPod =
                root === "object" &&
                pod?.every((key, at) => place[at] === key) === true &&
                (place[pod.length] === "spec" || ["labels", "annotations"].includes(place[pod.length + 1] ?? ""));
            return inPod
                ? { at: "pod", place: place.slice(pod.length), choices: open }
                : { at: index, place: [root, ...place], choices: open };
        }
        default:
            return undefined;
    }
}

const UNDECIDED: Choices = { values: [], exhaustive: false };

/** Whether what stands there is the sender's choice too. */
function mayDiffer(place: readonly string[], { asWritten }: Undertaking): boolean {
    return asWritten === undefined || asWritten === "for example" || (asWritten !== true && isLabel(place));
}

function isLabel([root, key]: readonly string[]): boolean {
    return root === "metadata" && ["labels", "annotations"].includes(key ?? "");
}

function isFree(user: Sender, choices: readonly Choice[]): boolean {
    return user === TENANT && !choices.some(({ at }) => at === "sender");
}

/** Whoever a policy tells apart, as far as a tenant may be it: any user and group that is neither the system's nor declared exempt. */
function sendersFor(bound: BoundPolicy, { namespace }: AdmissionRequest, trust: Trust): readonly Sender[] {
    const names = literalsOf(bound).senders.filter(name => /^[\w.@:*/+-]+$/.test(name) && !trust.isTrusted(name));
    return [
        serviceAccount(namespace ?? "default"),
        ...names.map(username => ({ username, groups: [] })),
        ...names.map(group => ({ username: TENANT.username, groups: [group] })),
    ];
}
