import assert from "node:assert/strict";
import fc from "fast-check";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { Authorization } from "../../../containment/mesh/authorization";
import { type Access } from "../../../containment/mesh/policyRules";
import { hasMember, Universe } from "../../../containment/mesh/principals";
import { resourceOf } from "./fixture";

/** A policy with the fields that the model follows exactly. */
interface Policy {
    readonly action: "ALLOW" | "DENY";
    readonly rules: readonly Rule[];
}

interface Rule {
    readonly from?: readonly Source[];
    readonly to?: readonly Operation[];
}

interface Source {
    readonly principals?: readonly string[];
    readonly notPrincipals?: readonly string[];
    readonly namespaces?: readonly string[];
    readonly notNamespaces?: readonly string[];
}

interface Operation {
    readonly ports?: readonly string[];
    readonly notPorts?: readonly string[];
    readonly hosts?: readonly string[];
}

const PEOPLE = ["payments/api", "payments/web", "orders/web", "tools/x"] as const;
const HOSTS = ["a.example", "b.example"] as const;
/** A caller writes the Host header as it likes; policies ignore case, and nothing else. */
const spellings = (host: string): string[] => [host, `${host}:80`, host.toUpperCase(), `${host}.`];
const principal = (person: string): string => `cluster.local/ns/${person.replace("/", "/sa/")}`;

/** Istio's "Authorization Policy" page, read line by line: for one caller, one port, one Host header or none. */
function admitsByTheBook(
    policies: readonly Policy[],
    caller: string | undefined,
    port: number,
    host: string | undefined,
): boolean {
    const name = caller === undefined ? "" : principal(caller);
    const namespace = caller?.split("/")[0] ?? "";
    const matches = (pattern: string, value: string): boolean =>
        pattern === "*"
            ? value !== ""
            : pattern.endsWith("*")
              ? value.startsWith(pattern.slice(0, -1))
              : pattern.startsWith("*")
                ? value.endsWith(pattern.slice(1))
                : pattern === value;
    const one = (patterns: readonly string[] | undefined, value: string): boolean =>
        patterns === undefined || patterns.some(pattern => matches(pattern, value));
    const none = (patterns: readonly string[] | undefined, value: string): boolean =>
        patterns === undefined || !patterns.some(pattern => matches(pattern, value));
    const applies = (rule: Rule, action: Policy["action"]): boolean => {
        const from =
            rule.from === undefined ||
            rule.from.some(
                source =>
                    one(source.principals, name) &&
                    none(source.notPrincipals, name) &&
                    one(source.namespaces, namespace) &&
                    none(source.notNamespaces, namespace),
            );
        const to =
            rule.to === undefined ||
            rule.to.some(operation => {
                const hosts =
                    host === undefined
                        ? action === "DENY"
                            ? true
                            : operation.hosts === undefined
                        : one(operation.hosts, host);
                return one(operation.ports, String(port)) && none(operation.notPorts, String(port)) && hosts;
            });
        return from && to;
    };
    const any = (action: Policy["action"]): boolean =>
        policies.some(policy => policy.action === action && policy.rules.some(rule => applies(rule, action)));
    return !any("DENY") && (!policies.some(({ action }) => action === "ALLOW") || any("ALLOW"));
}

const optional = <T>(values: readonly T[]): fc.Arbitrary<T[] | undefined> =>
    fc.option(fc.subarray([...values], { minLength: 1, maxLength: Math.min(2, values.length) }), { nil: undefined });
const named = [...PEOPLE.map(principal), "*", "cluster.local/ns/payments/*", "*/sa/web"];
const source = fc.record({
    principals: optional(named),
    notPrincipals: optional(named),
    namespaces: optional(["payments", "orders", "tools"]),
    notNamespaces: optional(["payments", "tools"]),
});
const operation = fc.record({
    ports: optional(["8080", "8443"]),
    notPorts: optional(["8443"]),
    hosts: optional(HOSTS.flatMap(host => [[host, `${host}:*`]]).flat()),
});
const list = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[] | undefined> =>
    fc.option(fc.array(element, { minLength: 1, maxLength: 2 }), { nil: undefined });
const rule = fc.record({ from: list(source), to: list(operation) });
const policy: fc.Arbitrary<Policy> = fc.record({
    action: fc.constantFrom("ALLOW", "DENY"),
    rules: fc.array(rule, { maxLength: 2 }),
});

describe("Authorization", () => {
    it("admits whom Istio's documentation says that it admits", () => {
        fc.assert(
            fc.property(
                fc.array(policy, { maxLength: 3 }),
                fc.constantFrom(8080, 8443),
                fc.option(fc.constantFrom(...HOSTS.flatMap(spellings)), { nil: undefined }),
                (policies, port, authority) => {
                    const { authorization, universe } = build(policies);
                    const admission = authorization.admits({
                        port,
                        authenticated: true,
                        ...(authority === undefined ? {} : { authority }),
                    });

                    for (const caller of [...PEOPLE, undefined]) {
                        const expected = admitsByTheBook(policies, caller, port, authority?.toLowerCase());
                        const index =
                            caller === undefined
                                ? universe.withoutCertificate
                                : universe.classOf(...(caller.split("/") as [string, string]));
                        assert.equal(
                            hasMember(admission.perhaps, index),
                            expected,
                            `${caller} ${JSON.stringify(policies)}`,
                        );
                    }
                },
            ),
            { numRuns: 2_000 },
        );
    });

    it("sees no identity at all on a connection whose certificate nobody checked", () => {
        const { authorization, universe } = build([{ action: "ALLOW", rules: [{ from: [{ principals: ["*"] }] }] }]);

        assert.deepEqual(authorization.admits({ port: 8443, authenticated: false }).perhaps, universe.nobody);
        assert.deepEqual(authorization.admits({ port: 8443, authenticated: true }).surely, universe.authenticated);
    });

    it("admits everybody where there is no policy", () => {
        const { authorization, universe } = build([]);

        assert.deepEqual(authorization.admits({ port: 8443, authenticated: true }).surely, universe.everyone);
    });

    it("does not guess about properties that it does not follow", () => {
        const access: Access = { port: 8080, authority: "a.example", authenticated: true };
        const withPaths = build([{ action: "ALLOW", rules: [{ to: [{ paths: ["/v1/*"] } as Operation] }] }]);
        const admission = withPaths.authorization.admits(access);

        assert.deepEqual(
            [admission.surely, admission.perhaps],
            [withPaths.universe.nobody, withPaths.universe.everyone],
        );
        assert.match(admission.reasons.join(), /properties of the call that the model does not follow/);
    });
});

function build(policies: readonly Policy[]): { readonly authorization: Authorization; readonly universe: Universe } {
    const objects = kubernetesObjects(
        policies.map((spec, index) =>
            resourceOf({
                apiVersion: "security.istio.io/v1",
                kind: "AuthorizationPolicy",
                metadata: { name: `p${index}`, namespace: "istio-egress" },
                spec: manifestOf(spec),
            }),
        ),
    );
    const universe = new Universe(
        "cluster.local",
        [...PEOPLE.map(principal), "cluster.local/ns/payments/*", "*/sa/web"],
        ["payments", "orders", "tools"],
    );
    return { authorization: new Authorization(objects, universe), universe };
}

function manifestOf({ action, rules }: Policy): Record<string, unknown> {
    const wrapped = rules.map(({ from, to }) => ({
        ...(from === undefined ? {} : { from: from.map(source => ({ source })) }),
        ...(to === undefined ? {} : { to: to.map(operation => ({ operation })) }),
    }));
    return { action, rules: wrapped };
}
