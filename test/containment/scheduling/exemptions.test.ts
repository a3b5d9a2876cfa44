import assert from "node:assert/strict";
import { type GuardPolicyId, policyName } from "../../../components/guard/rules";
import { prove } from "../../../containment/prove";
import { type Resource } from "../../../containment/resource";
import { type Exemption, type Result, type Verdict } from "../../../containment/verdict";
import { planned } from "../../program/planned";
import { WITHOUT_POLICY } from "../attempts/withoutGuard";
import { resourceOf } from "../mesh/fixture";

type Fields = Readonly<Record<string, unknown>>;
type Change = (spec: Fields) => Fields;

const POLICY = "ValidatingAdmissionPolicy";
const BINDING = "ValidatingAdmissionPolicyBinding";

/** Policies without which some claim does not hold. */
const DECISIVE = (Object.keys(WITHOUT_POLICY) as (keyof typeof WITHOUT_POLICY)[]).filter(
    policy => "turns" in WITHOUT_POLICY[policy],
);

const condition =
    (expression: string): Change =>
    spec => ({
        ...spec,
        matchConditions: [...((spec["matchConditions"] ?? []) as Fields[]), { name: "weak", expression }],
    });

const rules =
    (change: (rule: Fields) => Fields | undefined): Change =>
    spec => {
        const constraints = spec["matchConstraints"] as Fields;
        const resourceRules = (constraints["resourceRules"] as Fields[]).flatMap(rule => change(rule) ?? []);
        return { ...spec, matchConstraints: { ...constraints, resourceRules } };
    };

const without = (key: string, value: string) => (rule: Fields) => {
    const left = (rule[key] as string[]).filter(one => one !== value);
    return left.length === 0 ? undefined : { ...rule, [key]: left };
};

const variable =
    (name: string, change: (expression: string) => string): Change =>
    spec => ({
        ...spec,
        variables: (spec["variables"] as Fields[]).map(one =>
            one["name"] === name ? { ...one, expression: change(one["expression"] as string) } : one,
        ),
    });

const label = (key: string) => ({ matchExpressions: [{ key, operator: "DoesNotExist" }] });

describe("a guard that lets somebody pass", () => {
    let dev: readonly Resource[];

    before(async () => {
        dev = (await planned("dev")).resources;
    });

    const with_ = (policy: GuardPolicyId, kind: string, change: Change): Resource[] => {
        const is = ({ type, name }: Resource): boolean => type.endsWith(`:${kind}`) && name === policyName(policy);
        assert.ok(dev.some(is));
        return dev.map(entry =>
            is(entry) ? { ...entry, inputs: { ...entry.inputs, spec: change(entry.inputs["spec"] as Fields) } } : entry,
        );
    };
    const exempt = ({ exemptions }: Verdict, kind: Exemption["kind"], name: string): readonly string[] =>
        exemptions.find(exemption => exemption.kind === kind && exemption.name === name)?.from ?? [];

    it("is the same guard for several gateways: the same identities pass, whom the same policies let", async () => {
        const told = ({ exemptions }: Verdict): string[] =>
            exemptions.map(
                ({ kind, name, from }) => `${kind} ${name.replace("acme-teams", "acme-dev")}: ${from.join()}`,
            );
        const teams = prove((await planned("teams")).resources, { claims: ["C2"] });
        assert.deepEqual(told(teams), told(prove(dev, { claims: ["C2"] })));
    });

    for (const policy of DECISIVE) {
        it(`${policy}: a group, or users of a prefix, whom nothing declares: not contained, and they are listed`, () => {
            const group = prove(with_(policy, POLICY, condition('!("friends" in request.userInfo.groups)')));
            assert.notEqual(group.verdict, "contained");
            assert.deepEqual(exempt(group, "group", "friends"), [policyName(policy)]);

            const prefix = prove(with_(policy, POLICY, condition('!request.userInfo.username.startsWith("ci-")')));
            assert.notEqual(prefix.verdict, "contained");
            assert.deepEqual(exempt(prefix, "user", "ci-*"), [policyName(policy)]);
        });

        for (const kind of [POLICY, BINDING]) {
            it(`${policy}: a patch of its ${kind} makes it unknown`, () => {
                const patch = resourceOf({
                    apiVersion: "admissionregistration.k8s.io/v1",
                    kind: `${kind}Patch`,
                    metadata: { name: policyName(policy) },
                    spec: {},
                });
                assert.notEqual(prove([...dev, patch]).verdict, "contained");
            });
        }
    }

    const WEAKER: readonly (readonly [string, GuardPolicyId, string, Change, Result?])[] = [
        [
            "an object's label",
            "gateway-node-toleration",
            BINDING,
            s => ({ ...s, matchResources: { objectSelector: label("ok") } }),
        ],
        [
            "a namespace's label",
            "gateway-node-toleration",
            BINDING,
            s => ({ ...s, matchResources: { namespaceSelector: label("ok") } }),
        ],
        [
            "an annotation",
            "gateway-node-toleration",
            POLICY,
            condition('!("ok" in object.metadata.?annotations.orValue({}))'),
        ],
        [
            "a label of what is made",
            "gateway-namespace-pods.maker",
            POLICY,
            condition('!("ok" in object.?metadata.?labels.orValue({}))'),
        ],
        ["the name of an object", "gateway-namespace-owner", POLICY, condition('request.?name.orValue("") != "own"')],
        [
            "names that begin so",
            "gateway-namespace-owner",
            POLICY,
            condition('!request.?name.orValue("").startsWith("ops-")'),
        ],
        ["a dry run", "gateway-node-toleration", POLICY, condition("!request.dryRun"), "holds"],
        [
            "operators, whatever they change",
            "gateway-namespace-owner",
            POLICY,
            variable(
                "stranger",
                e => `("ops" in request.userInfo.groups && request.resource.resource == "deployments") ? [] : ${e}`,
            ),
        ],
        [
            "operators who keep the containers' number",
            "gateway-namespace-owner",
            POLICY,
            variable(
                "stranger",
                e =>
                    `("ops" in request.userInfo.groups && request.resource.resource == "deployments" && request.operation == "UPDATE" && object.spec.template.spec.containers.size() == oldObject.spec.template.spec.containers.size()) ? [] : ${e}`,
            ),
        ],
        [
            "everybody who is no service account",
            "gateway-node-mark",
            POLICY,
            condition('request.userInfo.username.startsWith("system:serviceaccount:")'),
        ],
        ["pods", "gateway-node-toleration", POLICY, rules(without("resources", "pods"))],
        ["updates of pods", "gateway-node-toleration", POLICY, rules(without("operations", "UPDATE"))],
        [
            "updates of pods of the gateway",
            "gateway-namespace-pods.maker",
            POLICY,
            rules(without("operations", "UPDATE")),
        ],
        [
            "Jobs of the gateway's namespace",
            "gateway-namespace-pods.maker",
            POLICY,
            rules(without("resources", "jobs")),
            "holds",
        ],
        ["updates of Deployments", "gateway-namespace-owner", POLICY, rules(without("operations", "UPDATE"))],
        ["exec", "gateway-pod-access", POLICY, rules(without("resources", "pods/exec"))],
        ["attach", "gateway-pod-access", POLICY, rules(without("resources", "pods/attach"))],
        ["debug containers", "gateway-pod-access", POLICY, rules(without("resources", "pods/ephemeralcontainers"))],
        ["connections", "gateway-pod-access.kubelet", POLICY, rules(without("operations", "CONNECT"))],
        ["updates of nodes", "gateway-node-mark", POLICY, rules(without("operations", "UPDATE"))],
        ["nodes but for their status", "gateway-node-mark", POLICY, rules(without("resources", "nodes"))],
        [
            "the versions that are served",
            "gateway-node-toleration",
            POLICY,
            rules(rule => ({ ...rule, apiVersions: ["v1beta1"] })),
        ],
        [
            "all groups but one",
            "gateway-namespace-owner",
            POLICY,
            rules(rule => ({ ...rule, apiGroups: ["networking.istio.io"] })),
        ],
        ["ServiceEntries", "mesh-registry", POLICY, rules(without("resources", "serviceentries"))],
        [
            "other versions of ServiceEntries",
            "mesh-registry",
            POLICY,
            s => ({
                ...rules(rule => ({ ...rule, apiVersions: ["v1"] }))(s),
                matchConstraints: {
                    ...(rules(rule => ({ ...rule, apiVersions: ["v1"] }))(s)["matchConstraints"] as Fields),
                    matchPolicy: "Exact",
                },
            }),
        ],
        ["some names", "gateway-node-toleration", POLICY, rules(rule => ({ ...rule, resourceNames: ["web"] }))],
        [
            "everything, by an exclusion",
            "gateway-node-toleration",
            POLICY,
            s => ({
                ...s,
                matchConstraints: {
                    ...(s["matchConstraints"] as Fields),
                    excludeResourceRules: [
                        { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["pods"] },
                    ],
                },
            }),
        ],
        [
            "everything, by a binding to other kinds",
            "gateway-node-toleration",
            BINDING,
            s => ({
                ...s,
                matchResources: {
                    resourceRules: [
                        {
                            apiGroups: ["apps"],
                            apiVersions: ["v1"],
                            operations: ["CREATE"],
                            resources: ["deployments"],
                        },
                    ],
                },
            }),
        ],
        [
            "everything that a script of its own finds",
            "gateway-node-toleration",
            POLICY,
            s => ({ ...s, validations: [{ expression: "true" }] }),
        ],
    ];
    for (const [what, policy, kind, change, result] of WEAKER) {
        it(`${policy}, for which ${what} is left out: ${result === "holds" ? "contained" : "not contained"}`, () => {
            const { verdict } = prove(with_(policy, kind, change));
            assert.equal(verdict === "contained", result === "holds");
        });
    }

    describe("by parameters", () => {
        const parameterised = (namespace: string, data: Fields): Resource[] => [
            ...with_("gateway-node-toleration", POLICY, spec => ({
                ...condition('!(request.userInfo.username in params.data.users.split(","))')(spec),
                paramKind: { apiVersion: "v1", kind: "ConfigMap" },
            })).map(entry =>
                entry.type.endsWith(`:${BINDING}`) && entry.name === policyName("gateway-node-toleration")
                    ? {
                          ...entry,
                          inputs: {
                              ...entry.inputs,
                              spec: {
                                  ...(entry.inputs["spec"] as Fields),
                                  paramRef: { name: "guard", namespace, parameterNotFoundAction: "Deny" },
                              },
                          },
                      }
                    : entry,
            ),
            resourceOf({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "guard", namespace }, data }),
        ];

        it("whom they name is exempt, and listed", () => {
            const verdict = prove(parameterised("istio-egress", { users: "ci@acme.example,other@acme.example" }));
            assert.equal(verdict.verdict, "violated");
            assert.deepEqual(exempt(verdict, "user", "ci@acme.example"), [policyName("gateway-node-toleration")]);
        });

        it("whoever may write them exempts themselves", () => {
            const here = parameterised("istio-egress", { users: "deployer@acme-dev.iam.gserviceaccount.com" });
            assert.equal(prove(here).verdict, "contained");
            const elsewhere = prove(parameterised("tools", { users: "deployer@acme-dev.iam.gserviceaccount.com" }));
            assert.equal(elsewhere.verdict, "unknown");
            assert.match(
                elsewhere.claims.flatMap(({ reasons }) => reasons).join(),
                /nothing keeps others from writing it/,
            );
        });
    });
});
