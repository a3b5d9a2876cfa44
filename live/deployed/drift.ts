import { diffReachability, type ReachabilityChange } from "../../containment/diff";
import { covers, parseRange } from "../../containment/kernel/address";
import { GOOGLE, PUBLIC } from "../../containment/kernel/specialAddresses";
import { type KubernetesObject, kubernetesObjects, objectKey, resourceOfKind } from "../../containment/kubernetes";
import { diffGrants } from "../../containment/mesh/diff";
import { prove } from "../../containment/prove";
import { INVENTORY, MANIFESTS, type Resource } from "../../containment/resource";
import { isUnread } from "../../containment/unread";
import { type Exemption, packetText, type Result, type Verdict, type Witness } from "../../containment/verdict";
import { type ClaimChange, type LockChange, verdictChanges } from "../../plan/verdictChanges";
import { ADDS_NOTHING, googleDifferences, objectDifferences } from "./comparison";
import { givenName, isCounterpart, nameOf, rulesOf, strangeRules } from "./counterparts";
import { FURTHER_GROUPS, OBJECT_KINDS } from "./questions";

/** One thing that is otherwise than it was registered. */
export interface DriftEntry {
    /** In words, for example `lock route: holds alone no more`. */
    readonly what: string;
    /** For people: reasons, or where it differs. */
    readonly details: readonly string[];
    /** Of a claim that is violated now. */
    readonly witness?: Witness;
}

/** What became of a stack since its last `up`. */
export interface Drift {
    readonly verdict: { readonly before: Verdict["verdict"]; readonly after: Verdict["verdict"] };
    readonly opened: readonly DriftEntry[];
    readonly closed: readonly DriftEntry[];
    /** What is registered and is not there, or not so; what that opens or closes, the others tell. */
    readonly changed: readonly DriftEntry[];
    /** What can no longer be told. */
    readonly unknown: readonly DriftEntry[];
}

/**
 * Holds what is deployed against what the last `up` registered.
 *
 * @param cluster the stack's, as a person would name it
 * @param others what stacks register that share its network: what became of it is theirs to tell
 */
export function driftOf(
    planned: readonly Resource[],
    live: readonly Resource[],
    cluster: string,
    others: readonly Resource[] = [],
): Drift {
    const own = withNamesOf(live, planned);
    const before = [...own, ...others];
    const said = { cluster };
    const [then, now] = [before, live].map(each => prove(each, { gateway: said })) as [Verdict, Verdict];
    const { claims, locks } = verdictChanges(then, now);
    const judged = [
        ...claims.map(claimEntry),
        // A claim that changed has changed without any lock too.
        ...locks.filter(({ about }) => claims.every(({ id }) => id !== about)).map(lockEntry),
    ];
    const grants = diffGrants(before, live);
    const exemptions = exemptionChanges(then.exemptions, now.exemptions);
    const reach = reachChanges(before, live, cluster);
    const of = (effect: Effect): DriftEntry[] => judged.filter(each => each.effect === effect).map(each => each.entry);
    const granted = (change: "gained" | "lost"): DriftEntry[] =>
        grants
            .filter(grant => grant.change === change)
            .map(({ workload, destination }) => ({ what: `${workload} may use ${destination}`, details: [] }));
    return {
        verdict: { before: then.verdict, after: now.verdict },
        opened: [...of("opened"), ...reach.opened, ...granted("gained"), ...exemptions.added],
        closed: [...of("closed"), ...reach.closed, ...granted("lost"), ...exemptions.gone],
        changed: changedResources(own, others, live),
        unknown: of("unknown"),
    };
}

export function isDrift({ opened, closed, changed, unknown }: Drift): boolean {
    return opened.length + closed.length + changed.length + unknown.length > 0;
}

type Effect = "opened" | "closed" | "unknown";

function effectOf(after: Result | "there" | "not there" | undefined): Effect {
    return after === undefined || after === "unknown"
        ? "unknown"
        : after === "violated" || after === "not there"
          ? "opened"
          : "closed";
}

function claimEntry({ id, before, after, claim }: ClaimChange): { effect: Effect; entry: DriftEntry } {
    const [witness] = claim?.witnesses ?? [];
    return {
        effect: effectOf(after),
        entry: {
            what: `${id}: ${before ?? "not judged"} before, ${after ?? "not judged"} now: ${claim?.statement ?? "nothing is judged any more"}`,
            details: claim?.result === "holds" ? [] : (claim?.reasons.slice(0, 3) ?? []),
            ...(witness === undefined ? {} : { witness }),
        },
    };
}

function lockEntry({ lock, about, before, after }: LockChange): { effect: Effect; entry: DriftEntry } {
    const what =
        about === "presence"
            ? `lock ${lock}: ${before} before, ${after} now`
            : about === "alone"
              ? `lock ${lock} alone: ${before} before, ${after} now`
              : `${about} without lock ${lock}: ${before} before, ${after} now`;
    return { effect: effectOf(after), entry: { what, details: [] } };
}

function exemptionChanges(then: readonly Exemption[], now: readonly Exemption[]) {
    const missingIn = (others: readonly Exemption[]) => (one: Exemption) =>
        others.every(({ kind, name }) => kind !== one.kind || name !== one.name);
    const told = ({ kind, name, from }: Exemption): DriftEntry => ({
        what: `the guard lets ${kind} ${name} pass`,
        details: [`policies ${from.join(", ")}`],
    });
    return { added: now.filter(missingIn(then)).map(told), gone: then.filter(missingIn(now)).map(told) };
}

/** Of sources that only one side shows, what they reach outside: the plan need not know who else is in the network. */
function reachChanges(before: readonly Resource[], live: readonly Resource[], cluster: string) {
    const told =
        (source: string) =>
        ({ extent, example, certain }: ReachabilityChange): DriftEntry => ({
            what: `${source}: ${extent}`,
            details: [`for example ${packetText(example)}${certain ? "" : ", which cannot be told for certain"}`],
        });
    const differences = diffReachability(before, live, { cluster });
    // A plan tells less of the nodes that others make: what it took for possible is no drift, whether it is so or not.
    return {
        opened: differences.flatMap(({ source, presence, opened }) =>
            presence === "both"
                ? opened.filter(({ onlyCertainty }) => onlyCertainty !== true).map(told(source))
                : presence === "new"
                  ? opened.filter(leavesTheNetwork).map(told(source))
                  : [],
        ),
        closed: differences.flatMap(({ source, presence, closed }) =>
            presence === "both" ? closed.filter(({ certain }) => certain).map(told(source)) : [],
        ),
    };
}

function leavesTheNetwork({ example }: ReachabilityChange): boolean {
    const address = parseRange(example.destination);
    return PUBLIC.some(range => covers(range, address)) && !GOOGLE.restricted.some(range => covers(range, address));
}

/** Kinds of Google's that a stack makes and that are compared, each with what is unread where they were not shown. */
const COMPARED: Readonly<Record<string, string>> = {
    "gcp:compute/address:Address": "addresses",
    "gcp:compute/firewall:Firewall": "firewalls",
    "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy": "network firewall policies",
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule": "network firewall policies",
    "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules": "network firewall policies",
    "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation": "network firewall policies",
    "gcp:compute/route:Route": "routes",
    "gcp:compute/router:Router": "routers",
    "gcp:compute/routerNat:RouterNat": "routers",
    "gcp:container/nodePool:NodePool": "clusters",
    "gcp:serviceaccount/account:Account": "account",
};

function changedResources(
    planned: readonly Resource[],
    others: readonly Resource[],
    live: readonly Resource[],
): DriftEntry[] {
    const unread = live.filter(isUnread).map(({ name }) => name);
    const was = (what: string): boolean => unread.every(name => !name.startsWith(what));
    const isShown = (stack: string): boolean => live.some(each => each.urn.startsWith(stack) && !isUnread(each));
    const google = isShown(INVENTORY)
        ? planned.filter(({ type }) => COMPARED[type] !== undefined && was(COMPARED[type]))
        : [];
    const objects = isShown(MANIFESTS) ? planned.filter(({ type }) => type.startsWith("kubernetes:")) : [];
    const there = new Map(kubernetesObjects(live).map(object => [objectKey(object), object]));
    const byUrn = new Map(objects.map(resource => [resource.urn, resource]));
    const registered = kubernetesObjects(objects);
    const known = new Set(registered.map(objectKey));
    // The stack owns the namespaces that it makes: what others put there is not beside it, but in it.
    const own = new Set(registered.filter(({ kind }) => kind === "Namespace").map(({ name }) => name));
    const strangers = [...there.values()].filter(
        object => own.has(object.namespace) && ADDS_NOTHING.test(object.group) && !known.has(objectKey(object)),
    );
    const rules = rulesOf(live);
    return [
        ...google.flatMap(resource => {
            const found = counterpart(resource, [...live, ...rules]);
            return entry(
                `${resource.type.split(":").at(-1)!.replace("WithRules", "")} ${nameOf(resource)}`,
                found === undefined ? undefined : googleDifferences(resource, found),
            );
        }),
        ...strangeRules(planned, others, rules).map(({ inputs }) => ({
            what: `rule ${String(inputs["priority"])} of policy ${String(inputs["firewallPolicy"])} is there, and was not registered`,
            details: [],
        })),
        ...strangers.map(object => ({ what: `${calledOf(object)} is there, and was not registered`, details: [] })),
        ...registered.flatMap(object => {
            // A patch changes what somebody else made.
            const key = objectKey({ ...object, kind: object.kind.replace(/Patch$/, "") });
            const found = there.get(key);
            return !isAsked(object) || !was(`${resourceOfKind(object.kind)} of`)
                ? []
                : entry(
                      calledOf(object),
                      found === undefined ? undefined : objectDifferences(byUrn.get(object.urn)!, found),
                  );
        }),
    ];
}

/** @param differences undefined: it is not there */
function entry(name: string, differences: readonly string[] | undefined): DriftEntry[] {
    return differences === undefined
        ? [{ what: `${name} is gone`, details: [] }]
        : differences.length === 0
          ? []
          : [{ what: `${name} is not as it was registered`, details: differences }];
}

function calledOf({ kind, namespace, name }: KubernetesObject): string {
    return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}

/** Whether a live reading shows such objects at all. */
function isAsked({ group, kind }: KubernetesObject): boolean {
    const resource = resourceOfKind(kind.replace(/Patch$/, ""));
    const version = group === "" ? "v1" : `${group}/`;
    return (
        resource === "configmaps" ||
        OBJECT_KINDS.some(each => each.version.startsWith(version) && each.resources.includes(resource)) ||
        FURTHER_GROUPS.some(each => each.group.test(group))
    );
}

function counterpart(resource: Resource, live: readonly Resource[]): Resource | undefined {
    return live.find(each => isCounterpart(resource, each));
}

/** What gets its name from the engine is called in both as it is called where it is. */
function withNamesOf(live: readonly Resource[], planned: readonly Resource[]): readonly Resource[] {
    return planned.map(resource => {
        if (COMPARED[resource.type] === undefined || givenName(resource) !== undefined) {
            return resource;
        }
        const name = counterpart(resource, live)?.inputs["name"];
        return name === undefined ? resource : { ...resource, inputs: { ...resource.inputs, name } };
    });
}
