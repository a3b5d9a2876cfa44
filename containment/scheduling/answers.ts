import { type Fields, type KubernetesObject } from "../kubernetes";
import { type BoundPolicy } from "./admissionRequest";
import { listsBeside, literalsOf, valueAt, withValueAt } from "./choices";
import { type Judgement, type Refusal } from "./judgement";
import { standsBeside } from "./tendency";
import { placeOf, type Read, type Seen, Trace } from "./tracked";

/** What a policy reads next, and what follows from what it sees there; at the end the answer. */
type Node = { readonly look: Read["look"]; readonly next: Map<Seen, Node> } | { readonly answer: Judgement };

/** By policy and binding, which never change. */
const TREES = new WeakMap<KubernetesObject, WeakMap<KubernetesObject, Map<string, Node>>>();

type Evaluate = (root: Fields, trace: Trace) => Judgement;

/**
 * What a policy answers, found by what it read when it was asked before: variables that look alike at all those places are not
 * evaluated again. Most requests differ in nothing that a given policy reads, such as the kind of a workload or the namespace.
 */
export function remembered(bound: BoundPolicy, root: Fields, evaluate: Evaluate): Judgement {
    const trees = treesOf(bound);
    const key = Object.values(root)
        .map(part => (part === null ? "0" : "1"))
        .join("");
    let node = trees.get(key);
    while (node !== undefined && "next" in node) {
        node = node.next.get(node.look(root));
    }
    if (node !== undefined) {
        return node.answer;
    }
    const trace = new Trace();
    const { refusals, unreadable } = evaluate(root, trace);
    const withBesides = (refusal: Refusal): Refusal => {
        let places: ReadonlySet<string> | undefined;
        return { ...refusal, besides: () => (places ??= besides(refusal, bound, root, evaluate)) };
    };
    const answer = { refusals: refusals.map(withBesides), unreadable };
    grow(trees, key, trace, answer);
    return answer;
}

function treesOf({ policy, binding }: BoundPolicy): Map<string, Node> {
    const bindings = TREES.get(policy) ?? new WeakMap<KubernetesObject, Map<string, Node>>();
    TREES.set(policy, bindings);
    const trees = bindings.get(binding) ?? new Map<string, Node>();
    bindings.set(binding, trees);
    return trees;
}

/** An evaluation reads in the same order whatever looks alike so far, so that the reads make a tree. */
function grow(trees: Map<string, Node>, key: string, trace: Trace, answer: Judgement): void {
    let [parent, edge]: [Map<Seen, Node>, Seen] = [trees, key];
    for (const { seen, look } of trace.reads.values()) {
        let node = parent.get(edge);
        if (node === undefined) {
            node = { look, next: new Map() };
            parent.set(edge, node);
        }
        if (!("next" in node)) {
            return;
        }
        [parent, edge] = [node.next, seen];
    }
    parent.set(edge, { answer });
}

/**
 * The refusal without the lists whose length it does not rest on: the policy refuses just as well when other containers or
 * tolerations stand beside those that are there. Nothing else changes with the list, so that only expressions that read it count.
 */
function besides(refusal: Refusal, bound: BoundPolicy, root: Fields, evaluate: Evaluate): ReadonlySet<string> {
    let places = refusal.places;
    for (const pointer of refusal.places) {
        const place = placeOf(pointer);
        const lists =
            place[0] === "object"
                ? listsBeside(place, valueAt(root, place), literalsOf(bound, refusal.readersOf(pointer)))
                : undefined;
        if (lists === undefined) {
            continue;
        }
        const others = new Set(places);
        others.delete(pointer);
        if (refusal.expression !== undefined && standsBeside(bound.policy, refusal.expression, place, root)) {
            places = others;
            continue;
        }
        const still = lists.every(list => {
            const changed = withValueAt(root, place, list) as Fields;
            const [again] = evaluate(changed, new Trace()).refusals;
            again?.places.forEach(other => !other.startsWith(pointer) && others.add(other));
            return again !== undefined;
        });
        places = still ? others : places;
    }
    return places;
}
