import assert from "node:assert/strict";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { AdmissionControl } from "../../../containment/scheduling/admission";
import { type Undertaking } from "../../../containment/scheduling/admissionRequest";
import { TENANT } from "../../../containment/scheduling/podWays";
import { search } from "../../../containment/scheduling/search";
import { Searches } from "../../../containment/scheduling/searches";
import { trustOf } from "../../../containment/scheduling/trust";
import { resourceOf } from "../mesh/fixture";

interface Policy {
    readonly resource: "services" | "namespaces";
    /** What is refused where it is false. */
    readonly expression: string;
    readonly matchResources?: object;
}

function controlBy(...policies: readonly Policy[]): AdmissionControl {
    const manifest = (kind: string, name: string, spec: object) =>
        resourceOf({ apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name }, spec });
    return new AdmissionControl(
        kubernetesObjects(
            policies.flatMap(({ resource, expression, matchResources = {} }) => [
                manifest("ValidatingAdmissionPolicy", resource, {
                    matchConstraints: {
                        resourceRules: [
                            {
                                apiGroups: [""],
                                apiVersions: ["v1"],
                                operations: ["CREATE", "UPDATE"],
                                resources: [resource],
                            },
                        ],
                    },
                    validations: [{ expression }],
                }),
                manifest("ValidatingAdmissionPolicyBinding", resource, {
                    policyName: resource,
                    validationActions: ["Deny"],
                    matchResources,
                }),
            ]),
        ),
    );
}

/** Refuses every Service, but for those that the selector leaves out. */
function refusing(objectSelector: object): AdmissionControl {
    return controlBy({ resource: "services", expression: "false", matchResources: { objectSelector } });
}

const SERVICE = {
    operation: "CREATE",
    group: "",
    version: "v1",
    resource: "services",
    kind: "Service",
    namespace: "payments",
    user: TENANT,
    object: { apiVersion: "v1", kind: "Service", metadata: { name: "one" }, spec: {} },
    oldObject: null,
} as const;

const TRUST = trustOf([], { gatewayNamespace: "istio-egress", rootNamespaces: [] });

describe("search", () => {
    const outcome = (objectSelector: object) => search({ requests: [SERVICE] }, refusing(objectSelector), TRUST).kind;

    it("tries a label that a selector exempts on an object that has no labels at all", () => {
        assert.equal(outcome({ matchExpressions: [{ key: "exempt", operator: "DoesNotExist" }] }), "open");
        assert.equal(outcome({ matchExpressions: [{ key: "exempt", operator: "NotIn", values: ["yes"] }] }), "open");
    });

    it("gives up where no label helps", () => {
        assert.equal(outcome({}), "closed");
    });
});

describe("searches", () => {
    /** What becomes of Services with these specs, one after the other, and how often the policy was asked about each. */
    const outcomesUnder = (
        control: AdmissionControl,
        asWritten: Undertaking["asWritten"],
        specs: readonly object[],
    ): readonly [string, number][] => {
        const ask = control.ask.bind(control);
        let asked = 0;
        control.ask = (...given) => {
            asked += 1;
            return ask(...given);
        };
        const searches = new Searches(control, TRUST);
        return specs.map(spec => {
            asked = 0;
            const requests = [{ ...SERVICE, object: { ...SERVICE.object, spec } }];
            const { kind } = searches.outcomeOf({ requests, ...(asWritten === undefined ? {} : { asWritten }) });
            return [kind, asked];
        });
    };

    const outcomes = (expression: string, asWritten: Undertaking["asWritten"], ...specs: readonly object[]) =>
        outcomesUnder(controlBy({ resource: "services", expression }), asWritten, specs);

    it("close to a request what they closed to one that looks like it where the refusals look", () => {
        const specs = [{ type: "LoadBalancer" }, { type: "LoadBalancer", externalName: "x" }];
        const [first, second] = outcomes("object.spec.type != 'LoadBalancer'", "but for labels", ...specs);
        assert.equal(first![0], "closed");
        assert.ok(first![1] > 0);
        assert.deepEqual(second, ["closed", 0]);
    });

    it("look again where it does not look like it, be it by what is not there", () => {
        const differing = outcomes(
            "object.spec.type != 'LoadBalancer' && !(has(object.spec.externalName) && object.spec.externalName == 'x')",
            "but for labels",
            { type: "LoadBalancer", externalName: "y" },
            { type: "ClusterIP" },
            { type: "ClusterIP", externalName: "x" },
            { type: "ClusterIP", externalName: "x", ports: [] },
        );
        assert.deepEqual(
            differing.map(([kind, asked]) => [kind, asked > 0]),
            [
                ["closed", true],
                ["open", true],
                ["closed", true],
                ["closed", false],
            ],
        );
    });

    it("look again where the sender may put other labels than stand there", () => {
        const labelled = outcomes(
            "has(object.metadata.labels) && object.metadata.labels.pass == 'yes' && object.spec.type != 'LoadBalancer'",
            "but for labels",
            { type: "LoadBalancer" },
            { type: "ClusterIP" },
        );
        assert.deepEqual(
            labelled.map(([kind]) => kind),
            ["closed", "open"],
        );
    });

    it("look again where alternatives hold the rest of the request", () => {
        const lists = outcomes(
            "object.spec.type != 'LoadBalancer'",
            undefined,
            { type: "LoadBalancer" },
            { type: "LoadBalancer", x: 1 },
        );
        assert.ok(lists.every(([kind, asked]) => kind === "closed" && asked > 0));
    });

    it("look again where it was a label of the namespace that nobody may put there", () => {
        const matchResources = { namespaceSelector: { matchExpressions: [{ key: "free", operator: "DoesNotExist" }] } };
        const control = controlBy(
            { resource: "services", expression: "false", matchResources },
            { resource: "namespaces", expression: "!('free' in object.metadata.labels)" },
        );
        const again = outcomesUnder(control, "but for labels", [{ type: "ClusterIP" }, { type: "LoadBalancer" }]);
        assert.ok(again.every(([kind, asked]) => kind === "closed" && asked > 0));
    });
});
