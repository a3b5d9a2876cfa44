/**
 * Who may call, as exact sets. Every workload of the mesh falls into one class of a finite universe: each identity that some
 * object names is a class of its own, and the unnamed ones are grouped so that no object can tell two members of a group
 * apart. Sets of callers are therefore bit sets, and comparing them is exact.
 */
export interface Caller {
    /** Kubernetes namespace; absent for a caller without a mesh certificate. */
    readonly namespace?: string;
    /** Kubernetes service account. */
    readonly serviceAccount?: string;
    /** As authorization policies spell it: `<trust domain>/ns/<namespace>/sa/<service account>`. */
    readonly principal?: string;
    /** The class in words for people. */
    readonly words: string;
    /** An identity that some object names, as opposed to a group. */
    readonly named: boolean;
}

/** Bits by the position of the caller in {@link Universe.callers}, 32 to a word. Plain arrays: typed ones cost more to create than to use. */
export type CallerSet = readonly number[];

const PRINCIPAL = /^([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/;
/** Stands for any name that no object mentions; upper case, so that it is no Kubernetes name. */
const UNNAMED = "SOME-OTHER";

export class Universe {
    readonly callers: readonly Caller[];
    readonly everyone: CallerSet;
    readonly nobody: CallerSet;
    /** Everyone with a certificate of the mesh. */
    readonly authenticated: CallerSet;
    /** Position of those whose namespace no object names: who admits them admits every workload of the mesh. */
    readonly elsewhere: number;
    /** Position of those without a certificate of the mesh. */
    readonly withoutCertificate: number;
    private readonly byPrincipal = new Map<string, number>();

    /**
     * @param principals identities that any object names, and patterns (`prefix*`, `*suffix`) that policies use
     * @param namespaces namespaces that any object names
     */
    constructor(
        readonly trustDomain: string,
        principals: Iterable<string>,
        namespaces: Iterable<string>,
    ) {
        const names = new Set<string>();
        const patterns = new Set<string>();
        for (const principal of principals) {
            (principal.includes("*") ? patterns : names).add(principal);
        }
        const callers: Caller[] = [];
        const allNamespaces = new Set(namespaces);
        for (const principal of names) {
            const parts = PRINCIPAL.exec(principal);
            if (parts === null) {
                // No workload of the mesh has such an identity, so nobody gets in by it.
                continue;
            }
            allNamespaces.add(parts[2]!);
            callers.push({ namespace: parts[2]!, serviceAccount: parts[3]!, principal, words: principal, named: true });
        }
        const group = (namespace: string, serviceAccount: string, words: string): void => {
            const principal = principalOf(trustDomain, namespace, serviceAccount);
            if (!callers.some(caller => caller.principal === principal)) {
                callers.push({ namespace, serviceAccount, principal, words, named: false });
            }
        };
        for (const namespace of allNamespaces) {
            callers.push({
                namespace,
                serviceAccount: UNNAMED,
                principal: principalOf(trustDomain, namespace, UNNAMED),
                words: `any other service account of namespace ${namespace}`,
                named: false,
            });
        }
        for (const pattern of patterns) {
            const example = exampleOf(pattern, trustDomain);
            if (example !== undefined) {
                group(example.namespace, example.serviceAccount, `an identity that matches ${pattern}`);
            }
        }
        callers.push({
            namespace: UNNAMED,
            serviceAccount: UNNAMED,
            principal: principalOf(trustDomain, UNNAMED, UNNAMED),
            words: "any mesh identity of another namespace",
            named: false,
        });
        callers.push({ words: "any caller without a mesh certificate", named: false });
        this.callers = callers;
        this.withoutCertificate = callers.length - 1;
        this.elsewhere = callers.length - 2;
        callers.forEach(({ principal }, index) => principal !== undefined && this.byPrincipal.set(principal, index));
        this.nobody = new Array<number>(Math.ceil(callers.length / 32)).fill(0);
        this.everyone = this.where(() => true);
        this.authenticated = this.where(({ principal }) => principal !== undefined);
    }

    where(belongs: (caller: Caller) => boolean): CallerSet {
        const set = [...this.nobody];
        this.callers.forEach((caller, index) => {
            if (belongs(caller)) {
                set[index >>> 5]! |= 1 << (index & 31);
            }
        });
        return set;
    }

    /** The callers with exactly these identities; names that no workload of the mesh can have add nobody. */
    exactly(principals: readonly string[]): CallerSet {
        const set = [...this.nobody];
        for (const principal of principals) {
            const index = this.byPrincipal.get(principal);
            if (index !== undefined) {
                set[index >>> 5]! |= 1 << (index & 31);
            }
        }
        return set;
    }

    /** The class of one workload: its own if some object names it, else the group that it belongs to. */
    classOf(namespace: string, serviceAccount: string): number {
        return (
            this.byPrincipal.get(principalOf(this.trustDomain, namespace, serviceAccount)) ??
            this.byPrincipal.get(principalOf(this.trustDomain, namespace, UNNAMED)) ??
            this.elsewhere
        );
    }

    members(set: CallerSet): Caller[] {
        return this.callers.filter((_, index) => hasMember(set, index));
    }
}

export function principalOf(trustDomain: string, namespace: string, serviceAccount: string): string {
    return `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/** `spiffe://td/ns/n/sa/s` as policies spell it; undefined for a name of another form, which no mesh certificate carries. */
export function principalOfSpiffe(uri: string): string | undefined {
    return uri.startsWith("spiffe://") ? uri.slice("spiffe://".length) : undefined;
}

export function hasMember(set: CallerSet, index: number): boolean {
    return ((set[index >>> 5]! >>> (index & 31)) & 1) === 1;
}

export function isEmpty(set: CallerSet): boolean {
    return set.every(word => word === 0);
}

export function union(left: CallerSet, right: CallerSet): CallerSet {
    return left.map((word, index) => word | right[index]!);
}

export function both(left: CallerSet, right: CallerSet): CallerSet {
    return left.map((word, index) => word & right[index]!);
}

export function without(left: CallerSet, right: CallerSet): CallerSet {
    return left.map((word, index) => word & ~right[index]!);
}

/**
 * An identity that the pattern admits and that no other object names, so that what only the pattern lets in shows up.
 * Undefined where the pattern admits no identity of the trust domain.
 */
function exampleOf(pattern: string, trustDomain: string): { namespace: string; serviceAccount: string } | undefined {
    const whole = pattern.endsWith("*")
        ? complete(pattern.slice(0, -1), trustDomain)
        : completeBackwards(pattern.slice(1), trustDomain);
    const parts = whole === undefined ? null : PRINCIPAL.exec(whole);
    return parts === null || parts[1] !== trustDomain ? undefined : { namespace: parts[2]!, serviceAccount: parts[3]! };
}

function complete(prefix: string, trustDomain: string): string | undefined {
    const skeletons = [`${trustDomain}/ns/`, "/sa/"] as const;
    if (skeletons[0].startsWith(prefix)) {
        return principalOf(trustDomain, UNNAMED, UNNAMED);
    }
    if (!prefix.startsWith(skeletons[0])) {
        return undefined;
    }
    const rest = prefix.slice(skeletons[0].length);
    if (!rest.includes("/")) {
        return `${prefix}${UNNAMED}/sa/${UNNAMED}`;
    }
    const [namespace, ...tail] = rest.split("/");
    const end = `/${tail.join("/")}`;
    if ("/sa/".startsWith(end)) {
        return principalOf(trustDomain, namespace!, UNNAMED);
    }
    return end.startsWith("/sa/") ? `${prefix}${UNNAMED}` : undefined;
}

function completeBackwards(suffix: string, trustDomain: string): string | undefined {
    if (!suffix.includes("/")) {
        return principalOf(trustDomain, UNNAMED, `${UNNAMED}${suffix}`);
    }
    const parts = suffix.split("/");
    const serviceAccount = parts.at(-1)!;
    const before = parts.slice(0, -1).join("/");
    if ("/sa".endsWith(before) || before === "sa") {
        return principalOf(trustDomain, UNNAMED, serviceAccount);
    }
    const namespace = /^(?:(?:.*\/)?ns\/)?([^/]+)\/sa$|^([^/]*)\/sa$/.exec(before);
    if (namespace === null) {
        return undefined;
    }
    const end = namespace[1] ?? namespace[2] ?? "";
    return principalOf(trustDomain, before.includes("ns/") ? end : `${UNNAMED}${end}`, serviceAccount);
}
