import assert from "node:assert/strict";
import { type ClaimId, type Result } from "../../../containment/verdict";
import { type Resource } from "../../../containment/resource";
import { all, type Mutation } from "../worlds/build";

/** Known ways onto gateway nodes and to other workloads' destinations, for the plan of the dev stack. Numbers are those of containment/bypasses.ts. */
export interface AccessAttempt {
    readonly title: string;
    readonly bypasses: readonly number[];
    readonly claim: ClaimId;
    readonly mutation: Mutation;
    readonly becomes?: Result;
    /** What the witness, or the reason, has to say. */
    readonly says: RegExp;
}

type Fields = Readonly<Record<string, unknown>>;

/** Without a rule of the guard, all its parts. */
const withoutRule =
    (rule: string): Mutation =>
    world =>
        rejected(
            world,
            ({ type, name }) =>
                type.includes(":ValidatingAdmissionPolicy") && name.startsWith(`egress-gateway.${rule}`),
        );

/** Changes resources, of which there has to be one. */
const edit =
    (which: (resource: Resource) => boolean, change: (inputs: Fields) => Fields): Mutation =>
    world => {
        assert.ok(world.some(which));
        return world.map(entry =>
            which(entry) ? { ...entry, inputs: change(entry.inputs) as Record<string, unknown> } : entry,
        );
    };

function rejected(world: readonly Resource[], which: (resource: Resource) => boolean): Resource[] {
    assert.ok(world.some(which));
    return world.filter(entry => !which(entry));
}

const named =
    (kind: string, name: string) =>
    (resource: Resource): boolean =>
        resource.type.endsWith(`:${kind}`) && resource.name === name;

const spec = (kind: string, name: string, change: (spec: Fields) => Fields): Mutation =>
    edit(named(kind, name), inputs => ({
        ...inputs,
        spec: { ...(inputs["spec"] as Fields), ...change(inputs["spec"] as Fields) },
    }));

const pool = (change: Fields): Mutation =>
    edit(
        ({ type }) => type.endsWith(":NodePool"),
        inputs => ({ ...inputs, nodeConfig: { ...(inputs["nodeConfig"] as Fields), ...change } }),
    );

const NO_SCHEDULE = pool({ taints: [{ key: "egress-gateway/node", value: "true", effect: "NO_SCHEDULE" }] });
const TOLERATION = "egress-gateway.gateway-node-toleration";
const STRIPE = "istio-egress/api-stripe-com-443";

const stripeServer = (change: Fields): Mutation =>
    spec("Gateway", STRIPE, ({ servers }) => ({
        servers: (servers as Fields[]).map(server => ({ ...server, ...change })),
    }));

export const ACCESS_ATTEMPTS: readonly AccessAttempt[] = [
    {
        title: "a taint that only the scheduler looks at, and no rule about node names",
        bypasses: [20],
        claim: "C2",
        mutation: all(NO_SCHEDULE, withoutRule("gateway-node-name")),
        says: /a pod that names its node and tolerates nothing/,
    },
    {
        title: "a rule that lets pass what it cannot evaluate",
        bypasses: [52],
        claim: "C2",
        mutation: spec("ValidatingAdmissionPolicy", TOLERATION, () => ({ failurePolicy: "Ignore" })),
        becomes: "unknown",
        says: /failurePolicy Ignore/,
    },
    {
        title: "a rule that warns",
        bypasses: [52],
        claim: "C2",
        mutation: spec("ValidatingAdmissionPolicyBinding", TOLERATION, () => ({ validationActions: ["Warn"] })),
        says: /a pod that tolerates the taint[\s\S]*no policy that is bound with Deny/,
    },
    {
        title: "a client's namespace that is exempt",
        bypasses: [52],
        claim: "C2",
        mutation: spec("ValidatingAdmissionPolicyBinding", TOLERATION, () => ({
            matchResources: {
                namespaceSelector: {
                    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["payments"] }],
                },
            },
        })),
        says: /a pod that tolerates the taint .* in namespace payments/,
    },
    {
        title: "a server in plaintext, and no authorization policies",
        bypasses: [34],
        claim: "C4",
        mutation: all(
            world => rejected(world, ({ type }) => type.endsWith(":AuthorizationPolicy")),
            spec("Gateway", "istio-egress/http", ({ servers }) => ({
                servers: (servers as Fields[]).map(({ tls: _, ...server }) => server),
            })),
        ),
        says: /any pod that reaches the gateway, with or without an identity of the mesh/,
    },
    {
        title: "no names of callers",
        bypasses: [35],
        claim: "C4",
        mutation: stripeServer({ tls: { mode: "ISTIO_MUTUAL" } }),
        says: /any workload of the mesh[\s\S]*api\.stripe\.com: the handshake accepts this certificate/,
    },
    {
        title: "the caller's own choice of the address",
        bypasses: [36, 41],
        claim: "C4",
        mutation: spec("ServiceEntry", "istio-egress/api-stripe-com", () => ({ resolution: "NONE" })),
        says: /no chain of the gateway leads this caller to api\.stripe\.com:443/,
    },
];
