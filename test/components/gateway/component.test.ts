import assert from "node:assert/strict";
import { compileGateway } from "../../../components/gateway/compile";
import { Gateway, GatewayNamespace } from "../../../components/gateway/gateway";
import { destination, settings } from "../../settings/build";
import { type Registered, registered } from "../registered";

const READ = settings({
    gateway: { drainSeconds: 600 },
    destinations: [
        destination("bank.example.com", {
            ports: [{ protocol: "originate", clientCertificate: { secret: "bank-client" } }],
        }),
    ],
});

for (const preview of [true, false]) {
    describe(`Gateway and its namespace, ${preview ? "in a preview" : "created"}`, () => {
        let all: Registered[];
        before(async () => {
            all = await registered(() => {
                new GatewayNamespace("gateway-namespace", READ);
                new Gateway("gateway", READ);
            }, preview);
        });
        const the = (type: string) => {
            const found = all.filter(resource => resource.type === type);
            assert.equal(found.length, 1, type);
            return found[0]!;
        };

        it("register every object of the compiler with its typed class, unchanged", () => {
            const children = all.filter(({ type }) => type.startsWith("kubernetes:"));
            const kinds = children.map(({ type }) => type).sort();
            assert.deepEqual(kinds, [
                "kubernetes:apps/v1:Deployment",
                "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
                "kubernetes:core/v1:Namespace",
                "kubernetes:core/v1:Service",
                "kubernetes:core/v1:ServiceAccount",
                "kubernetes:policy/v1:PodDisruptionBudget",
                "kubernetes:rbac.authorization.k8s.io/v1:Role",
                "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
            ]);
            for (const object of compileGateway(READ)) {
                const inputs = children.find(({ type }) => type.endsWith(`:${object.kind}`))?.inputs;
                assert.deepEqual(inputs, JSON.parse(JSON.stringify(object)));
            }
        });

        it("have account, permission and budget before the pods", () => {
            assert.deepEqual(the("kubernetes:apps/v1:Deployment").dependsOn, [
                "PodDisruptionBudget istio-egress/egress-gateway",
                "Role istio-egress/egress-gateway-secrets",
                "RoleBinding istio-egress/egress-gateway-secrets",
                "ServiceAccount istio-egress/egress-gateway",
            ]);
        });

        it("have the Service after the pods, so that it goes before them", () => {
            assert.deepEqual(the("kubernetes:core/v1:Service").dependsOn, ["Deployment istio-egress/egress-gateway"]);
        });

        it("wait for pods that need new nodes first, and for connections that drain", () => {
            const { create, update, delete: deleted } = the("kubernetes:apps/v1:Deployment").timeouts;
            assert.deepEqual([create, update, deleted], ["10m", "21m", "21m"]);
        });
    });
}
