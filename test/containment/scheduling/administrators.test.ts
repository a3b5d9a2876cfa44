import assert from "node:assert/strict";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { administratorsIn } from "../../../containment/scheduling/administrators";
import { type KubernetesManifest, resourceOf } from "../mesh/fixture";
import { UNKNOWN } from "../../../containment/resource";

const RBAC = "rbac.authorization.k8s.io";
const TRUSTED = new Set(["deployer@acme.example", "system:serviceaccount:kube-system:daemon-set-controller"]);
const TRUST = { isTrusted: (identity: string) => TRUSTED.has(identity), declared: [], namespaces: [] };

const EVERYBODY = { kind: "Group", name: "system:authenticated" };
const PODS_OF_ORDERS = { kind: "Group", name: "system:serviceaccounts:orders" };
const ACCOUNT_OF_ORDERS = { kind: "ServiceAccount", name: "web", namespace: "orders" };
const PLATFORM = { kind: "Group", name: "platform@acme.example" };

type Rule = Record<string, readonly string[]>;
const POLICIES = { apiGroups: ["admissionregistration.k8s.io"], resources: ["*"], verbs: ["delete"] };
const PODS = { apiGroups: [""], resources: ["pods"], verbs: ["create"] };

function read(subjects: unknown, rules: readonly Rule[] | typeof UNKNOWN | string, namespace?: string) {
    const name = typeof rules === "string" && rules !== UNKNOWN ? rules : "role";
    const binding = {
        apiVersion: `${RBAC}/v1`,
        kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
        metadata: { name: "binding", ...(namespace === undefined ? {} : { namespace }) },
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
        subjects,
    } as unknown as KubernetesManifest;
    const role = { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name }, rules };
    const objects = [binding, ...(name === "role" ? [role as unknown as KubernetesManifest] : [])];
    const { reasons, named } = administratorsIn(
        kubernetesObjects(objects.map(resourceOf)),
        TRUST,
        ["orders"],
        ["istio-system"],
    );
    return reasons.length > 0 ? "tenants" : named.length > 0 ? "named" : "nobody";
}

describe("administratorsIn", () => {
    for (const [what, subject] of [
        ["everybody", EVERYBODY],
        ["the pods of a client namespace", PODS_OF_ORDERS],
        ["an account of a client namespace", ACCOUNT_OF_ORDERS],
        ["an account by its user name", { kind: "User", name: "system:serviceaccount:orders:web" }],
    ] as const) {
        it(`finds that ${what} may change admission policies`, () =>
            assert.equal(read([PLATFORM, subject], [POLICIES]), "tenants"));
    }

    for (const [what, rule] of [
        ["impersonate", { apiGroups: [""], resources: ["groups"], verbs: ["impersonate"] }],
        ["escalate", { apiGroups: [RBAC], resources: ["clusterroles"], verbs: ["escalate"] }],
        ["run pods everywhere", PODS],
        ["make tokens everywhere", { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] }],
        ["write policies of the mesh", { apiGroups: ["security.istio.io"], resources: ["*"], verbs: ["*"] }],
    ] as const) {
        it(`finds that tenants may ${what}`, () => assert.equal(read([PODS_OF_ORDERS], [rule]), "tenants"));
    }

    it("cannot tell that somebody who is not known yet is no tenant", () => {
        assert.equal(read(UNKNOWN, [POLICIES]), "tenants");
        assert.equal(read([{ kind: "User", name: UNKNOWN }], [POLICIES]), "tenants");
    });

    it("knows what every cluster's own roles permit", () => {
        assert.equal(read([EVERYBODY], "cluster-admin"), "tenants");
        assert.equal(read([EVERYBODY], "edit"), "tenants");
        assert.equal(read([EVERYBODY], "edit", "kube-system"), "tenants");
        assert.equal(read([EVERYBODY], "edit", "orders"), "nobody");
    });

    it("names whoever else becomes an administrator, and whoever gets a role that is not given", () => {
        assert.equal(read([PLATFORM], [POLICIES]), "named");
        assert.equal(read([EVERYBODY], "somebody-elses-role"), "named");
        assert.equal(read([EVERYBODY], UNKNOWN), "named");
    });

    it("has nothing to say of those who are trusted, and of roles without such a power", () => {
        assert.equal(read([{ kind: "User", name: "deployer@acme.example" }], [POLICIES]), "nobody");
        assert.equal(
            read([{ kind: "ServiceAccount", name: "daemon-set-controller", namespace: "kube-system" }], [PODS]),
            "nobody",
        );
        assert.equal(read([EVERYBODY], [{ ...PODS, verbs: ["get", "list", "watch"] }]), "nobody");
        assert.equal(read([EVERYBODY], [{ ...PODS, apiGroups: ["example.com"] }]), "nobody");
        assert.equal(read([PODS_OF_ORDERS], [PODS], "orders"), "nobody");
    });
});
