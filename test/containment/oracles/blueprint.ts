import { type Sketch, type SketchRule } from "./sketch";

/**
 * The defects of a public blueprint as sketches, so that an oracle can send their witnesses. Pool `one` is what must stay inside,
 * pool `two` is the gateway: account c, tag red, subnet exit.
 */
function rule(priority: number, action: SketchRule["action"], more: Partial<SketchRule> = {}): SketchRule {
    return {
        layer: "global",
        direction: "EGRESS",
        disabled: false,
        services: [{ protocol: "all", ports: [] }],
        priority,
        action,
        ...more,
    };
}

const tcp = (...ports: string[]): Pick<SketchRule, "services"> => ({ services: [{ protocol: "tcp", ports }] });
const [A, GATEWAY] = ["a@p.iam.gserviceaccount.com", "c@p.iam.gserviceaccount.com"];

const RULES: readonly SketchRule[] = [
    rule(100, "allow", { destinations: ["10.0.0.0/22", "10.0.8.0/27", "10.4.0.0/16", "10.3.0.0/22"] }),
    rule(300, "allow", { destinations: ["199.36.153.4/30"], ...tcp("443") }),
    rule(400, "allow", { destinations: ["0.0.0.0/0"], accounts: [GATEWAY], ...tcp("443") }),
    rule(60000, "deny", { destinations: ["0.0.0.0/0"] }),
    rule(60001, "deny", { destinations: ["::/0"] }),
];

/** The firewall is the only lock: NAT serves everybody, and everybody has a default route. */
const FIREWALL_ONLY: Sketch = {
    policiesFirst: true,
    ownDefaultRoute: true,
    snat: true,
    dualStack: false,
    rules: RULES,
    routes: [{ destination: "199.36.153.4/30", priority: 1000 }],
    nats: [{ serves: "all", region: "europe-west1" }],
    pools: [
        { name: "one", account: "b@p.iam.gserviceaccount.com", tags: [], subnet: "apps", external: false },
        { name: "two", account: GATEWAY, tags: ["red"], subnet: "exit", external: false },
    ],
};

/** Firewall, NAT and route each hold. */
const THREE_LOCKS: Sketch = {
    ...FIREWALL_ONLY,
    ownDefaultRoute: false,
    routes: [...FIREWALL_ONLY.routes, { destination: "0.0.0.0/0", priority: 1000, tags: ["red"] }],
    nats: [{ serves: [{ subnet: "exit", ranges: ["PRIMARY_IP_RANGE"] }], region: "europe-west1" }],
};

const without = (...priorities: number[]): SketchRule[] =>
    RULES.filter(({ priority }) => !priorities.includes(priority));
const inExit = FIREWALL_ONLY.pools.map(pool => ({ ...pool, subnet: "exit" }));
const direct: SketchRule[] = ["34.126.0.0/18", "2001:4860:8040::/42"].map(range =>
    rule(1000, "allow", { layer: "classic", destinations: [range] }),
);
const directRoutes = direct.map(({ destinations }) => ({ destination: destinations![0]!, priority: 1000 }));

/** Each opens the world; the value says which addresses the witnesses of pool `one` go to. */
export const OPENED: Readonly<Record<string, { readonly sketch: Sketch; readonly to: readonly string[] }>> = {
    "c2, a deny for some pools": {
        sketch: {
            ...FIREWALL_ONLY,
            rules: RULES.map(entry => (entry.priority >= 60000 ? { ...entry, accounts: [A] } : entry)),
        },
        to: ["1.1.1.1", "199.36.153.8", "34.126.0.1"],
    },
    "c3, no deny for IPv6, in a subnet with external IPv6": {
        sketch: { ...FIREWALL_ONLY, dualStack: true, rules: without(60001), pools: inExit },
        to: ["2606:4700:4700::1111", "2600:2d00:2:2000::", "2001:4860:8040::1"],
    },
    "c3b, classic allows before the policy": {
        sketch: {
            ...THREE_LOCKS,
            policiesFirst: false,
            rules: [...RULES, ...direct],
            routes: [...THREE_LOCKS.routes, ...directRoutes],
        },
        to: ["34.126.0.1"],
    },
    "c3c, an allow without a destination": {
        sketch: { ...FIREWALL_ONLY, rules: [...RULES, rule(1010, "allow", tcp("8002-8003"))] },
        to: ["1.1.1.1", "199.36.153.8", "34.126.0.1"],
    },
    "c5b, the private Google range": {
        sketch: {
            ...THREE_LOCKS,
            rules: [...without(300), rule(300, "allow", { destinations: ["199.36.153.8/30"], ...tcp() })],
            routes: THREE_LOCKS.routes.map(route =>
                route.destination === "199.36.153.4/30" ? { ...route, destination: "199.36.153.8/30" } : route,
            ),
        },
        to: ["199.36.153.8"],
    },
};

/** Nearly the same, and closed: what must not be said of them. */
export const CLOSED: Readonly<Record<string, Sketch>> = {
    "the firewall alone": FIREWALL_ONLY,
    "three locks": THREE_LOCKS,
    "c2 on three locks": { ...THREE_LOCKS, rules: OPENED["c2, a deny for some pools"]!.sketch.rules },
    "c3 without external IPv6": { ...FIREWALL_ONLY, rules: without(60001) },
    "external IPv6 with the deny": { ...FIREWALL_ONLY, dualStack: true, pools: inExit },
    "c3b behind the policy": { ...OPENED["c3b, classic allows before the policy"]!.sketch, policiesFirst: true },
    "c3c on three locks": { ...THREE_LOCKS, rules: OPENED["c3c, an allow without a destination"]!.sketch.rules },
};
