import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { capturesGateway, exempt } from "../../../components/guard/cel";
import { compileGuard } from "../../../components/guard/compile";
import {
    type AdmissionPolicy,
    type AdmissionPolicyBinding,
    GUARD_RULE_LABEL,
    policyWithBinding,
} from "../../../components/guard/policy";
import { GUARD_RULES } from "../../../components/guard/rules";
import { type GuardSettings } from "../../../components/guard/settings";
import { evaluateCel } from "../../../containment/scheduling/cel";
import { Trace } from "../../../containment/scheduling/tracked";
import { catalogueSettings } from "../../../attacks";

function compiled(settings: GuardSettings = catalogueSettings) {
    const objects = compileGuard(settings);
    return {
        policies: objects.filter((object): object is AdmissionPolicy => object.kind === "ValidatingAdmissionPolicy"),
        bindings: objects.filter(
            (object): object is AdmissionPolicyBinding => object.kind === "ValidatingAdmissionPolicyBinding",
        ),
    };
}

function evaluated(expression: string, variables: Record<string, unknown>): unknown {
    const result = evaluateCel(expression, new Trace().view(variables, "") as Record<string, unknown>);
    assert.equal(result.kind, "value", JSON.stringify(result));
    return (result as { value: unknown }).value;
}

describe("the compiled guard", () => {
    it("has a policy for every rule, and a binding for every policy", () => {
        const { policies, bindings } = compiled();
        const ruled = new Set(policies.map(({ metadata }) => metadata.labels![GUARD_RULE_LABEL]));
        assert.deepEqual([...ruled].sort(), GUARD_RULES.map(({ id }) => id).sort());
        assert.deepEqual(
            bindings.map(({ spec }) => spec.policyName),
            policies.map(({ metadata }) => metadata.name),
        );
        assert.equal(new Set(policies.map(({ metadata }) => metadata.name)).size, policies.length);
    });

    it("refuses when a policy cannot be evaluated, and writes what it refuses into the audit log", () => {
        const { policies, bindings } = compiled();
        for (const { spec } of policies) {
            assert.equal(spec.failurePolicy, "Fail");
            assert.equal(spec.matchConstraints.matchPolicy, "Equivalent");
        }
        for (const { spec } of bindings) {
            assert.deepEqual(spec.validationActions, ["Deny", "Audit"]);
        }
        for (const { spec } of compiled({ ...catalogueSettings, mode: "observe" }).bindings) {
            assert.deepEqual(spec.validationActions, ["Warn", "Audit"]);
        }
    });

    it("says in every message which rule it is, why, and what to do instead", () => {
        for (const { spec, metadata } of compiled().policies) {
            const rule = GUARD_RULES.find(({ id }) => id === metadata.labels![GUARD_RULE_LABEL])!;
            for (const { message, messageExpression } of spec.validations) {
                for (const text of [message, messageExpression]) {
                    assert.ok(
                        text.includes(`[${rule.id}] `) &&
                            text.includes(rule.why) &&
                            text.includes(rule.remedy.split('"')[0]!),
                        text,
                    );
                }
                assert.ok(message.length < 1024 && !message.includes("\n"), message);
            }
        }
    });

    it("judges pods everywhere but in the exempt namespaces, and clients' pods in their namespaces only", () => {
        const where = (name: string, settings = catalogueSettings) =>
            compiled(settings).bindings.find(({ metadata }) => metadata.name === `egress-gateway.${name}`)?.spec
                .matchResources?.namespaceSelector.matchExpressions;
        const key = "kubernetes.io/metadata.name";
        assert.deepEqual(
            where("gateway-node-toleration", { ...catalogueSettings, exemptNamespaces: ["kube-system", "agents"] }),
            [{ key, operator: "NotIn", values: ["agents", "istio-egress", "kube-system"] }],
        );
        assert.deepEqual(where("client-injection"), [
            { key, operator: "In", values: ["billing", "orders", "payments"] },
        ]);
        assert.deepEqual(where("gateway-namespace-pods"), [{ key, operator: "In", values: ["istio-egress"] }]);
        assert.equal(where("gateway-node-mark"), undefined, "nodes are in no namespace");
    });

    it("closes the resolver's namespace as the gateway's with the DNS lock, and asks who steers the cluster's DNS", () => {
        const selecting = (settings: GuardSettings, namespace: string) =>
            compiled(settings)
                .bindings.filter(({ spec }) =>
                    spec.matchResources?.namespaceSelector.matchExpressions.some(
                        ({ operator, values }) => operator === "In" && values.includes(namespace),
                    ),
                )
                .map(({ metadata }) => metadata.name.replace("egress-gateway.", ""));
        const { resolverNamespace, ...unlocked } = catalogueSettings;
        const closed = [
            "gateway-namespace-pods.maker",
            "gateway-namespace-owner",
            "gateway-pod-access",
            "gateway-service-account-token",
            "gateway-service-account-token.secret",
            "client-namespace-labels",
        ];
        assert.deepEqual(selecting(catalogueSettings, resolverNamespace!), closed);
        assert.deepEqual(selecting(catalogueSettings, unlocked.gatewayNamespace), [
            "gateway-namespace-pods",
            ...closed,
        ]);
        assert.deepEqual(selecting(catalogueSettings, "kube-system"), ["cluster-dns"]);
        assert.deepEqual(selecting(unlocked, resolverNamespace!), []);
        assert.deepEqual(selecting(unlocked, "kube-system"), []);
    });

    it("leaves the rules about clients out when there are none, since an empty list would match every namespace or none", () => {
        const { policies, bindings } = compiled({ ...catalogueSettings, clientNamespaces: [] });
        const rules = policies.map(({ metadata }) => metadata.labels![GUARD_RULE_LABEL]!);
        assert.deepEqual([...new Set(rules.filter(rule => rule.startsWith("client-")))].sort(), [
            "client-endpoints",
            "client-namespace-labels",
        ]);
        for (const { spec } of bindings) {
            for (const { values } of spec.matchResources?.namespaceSelector.matchExpressions ?? []) {
                assert.notDeepEqual(values, []);
            }
        }
    });

    it("does not depend on the order in which namespaces are listed", () => {
        const reversed = {
            ...catalogueSettings,
            clientNamespaces: [...catalogueSettings.clientNamespaces].reverse(),
            exemptNamespaces: [...catalogueSettings.exemptNamespaces].reverse(),
        };
        const scopes = (settings: GuardSettings) => compiled(settings).bindings;
        assert.deepEqual(scopes(reversed), scopes(catalogueSettings));
    });

    it("cannot be built with two variables of one name, which would end an API server that evaluates them", () => {
        const check = { name: "twice", finding: "is", offenders: "[]" };
        assert.throws(
            () =>
                policyWithBinding(
                    { policy: "mesh-registry", matches: [], variables: { twice: "[]" }, checks: [check] },
                    {},
                ),
            /two variables are called twice/,
        );
    });
});

describe("who is exempt", () => {
    const name = fc.oneof(
        fc.constantFrom(
            "system:kube-scheduler",
            "system:addon-manager",
            "system:node-problem-detector",
            "system:serviceaccount:gke-managed-new:agent",
            "system:serviceaccount:datadog:agent",
            "system:anonymous",
            "system:node:a",
            "system:serviceaccount:kube-system:x",
        ),
        fc.constantFrom(
            "system:serviceaccount:payments:api",
            "deployer",
            "deployer2",
            "system:masters",
            "System:kube-scheduler",
        ),
        fc.string({ unit: "grapheme", maxLength: 12 }),
    );

    it("are the named parts of the control plane, controllers of system namespaces, and the named users and groups, whatever their spelling", () => {
        fc.assert(
            fc.property(
                name,
                fc.array(name, { maxLength: 3 }),
                fc.array(name, { maxLength: 3 }),
                fc.array(name, { maxLength: 3 }),
                (user, groups, users, exemptGroups) => {
                    const exemptUsers = users.filter(one => !one.endsWith("*"));
                    const settings = {
                        ...catalogueSettings,
                        exemptNamespaces: [...catalogueSettings.exemptNamespaces, "datadog"],
                        exemptUsers: [...exemptUsers, "deploy*"],
                        exemptGroups,
                    };
                    const expected =
                        ["system:kube-scheduler", "system:addon-manager"].includes(user) ||
                        /^system:serviceaccount:(kube-system|gke-gmp-system|gke-managed-[^:]*|gmp-system):/u.test(
                            user,
                        ) ||
                        exemptUsers.includes(user) ||
                        user.startsWith("deploy") ||
                        groups.some(group => exemptGroups.includes(group));
                    assert.equal(
                        evaluated(exempt(settings), { request: { userInfo: { username: user, groups } } }),
                        expected,
                    );
                },
            ),
        );
    });
});

describe("which hosts capture the gateway", () => {
    /** Istio's own rule for hosts: equal, or a wildcard whose rest ends the name (istio/istio, pkg/config/host `Name.Matches`). */
    const matches = (host: string, name: string) =>
        host === name || (host.startsWith("*") && name.endsWith(host.slice(1)));
    const name = "egress-gateway.istio-egress.svc.cluster.local";

    it("are those that Istio would match, in any case and with or without the final dot", () => {
        const host = fc.oneof(
            fc.nat(name.length).map(length => `*${name.slice(length)}`),
            fc.nat(name.length).map(length => name.slice(length)),
            fc.nat(name.length).map(length => name.slice(0, length)),
            fc.domain(),
        );
        fc.assert(
            fc.property(host, fc.boolean(), fc.boolean(), (plain, upper, dotted) => {
                const written = `${upper ? plain.toUpperCase() : plain}${dotted ? "." : ""}`;
                const captured = evaluated(capturesGateway("host", catalogueSettings), { host: written });
                if (matches(plain, name)) {
                    assert.equal(captured, true, written);
                } else if (!plain.startsWith("*") && !name.startsWith(plain)) {
                    assert.equal(captured, false, written);
                }
            }),
        );
    });
});

describe("docs/guard.md", () => {
    const page = readFileSync(path.join(__dirname, "..", "..", "..", "docs", "guard.md"), "utf8");
    const sections = new Map(
        page
            .split(/^### /m)
            .slice(1)
            .map(section => {
                const [id = "", ...text] = section.split("\n");
                return [id, text.join("\n")] as const;
            }),
    );

    it("has a section for every rule, which begins with what it says, and none besides", () => {
        assert.deepEqual([...sections.keys()].sort(), GUARD_RULES.map(({ id }) => id).sort());
        for (const { id, title } of GUARD_RULES) {
            assert.ok(sections.get(id)!.startsWith(title), `### ${id} begins with: ${title}`);
        }
    });
});
