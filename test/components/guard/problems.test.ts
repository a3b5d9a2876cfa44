import assert from "node:assert/strict";
import fc from "fast-check";
import { guardProblems } from "../../../components/guard/problems";
import { type GuardSettings } from "../../../components/guard/settings";
import { catalogueSettings } from "../../../attacks";

const problemsOf = (change: Partial<GuardSettings>) => guardProblems({ ...catalogueSettings, ...change });

/** One problem, at that path, whose text says this. */
function only(change: Partial<GuardSettings>, path: string, ...says: readonly RegExp[]): void {
    const problems = problemsOf(change);
    assert.deepEqual(
        problems.map(problem => problem.path),
        [path],
    );
    for (const pattern of says) {
        assert.match(`${problems[0]!.expected} ${problems[0]!.remedy}`, pattern);
    }
}

describe("settings of the guard", () => {
    it("are good when they exempt system namespaces and the deployer", () => {
        assert.deepEqual(problemsOf({}), []);
        assert.deepEqual(problemsOf({ exemptUsers: [], exemptGroups: ["platform@acme.example"] }), []);
        assert.deepEqual(problemsOf({ exemptUsers: ["system:serviceaccount:argocd:*", "deployer@acme.example"] }), []);
    });

    it("may not exempt the gateway's namespace or a client's", () => {
        only(
            { exemptNamespaces: ["kube-system", "istio-egress"] },
            "egress-gateway:guard.exemptNamespaces[1]",
            /"istio-egress" is the gateway's namespace/,
        );
        only(
            { exemptNamespaces: ["orders"] },
            "egress-gateway:guard.exemptNamespaces[0]",
            /"orders" is a client namespace/,
            /Remove it/,
        );
    });

    it("may not exempt the resolver's namespace or its accounts, while there is a lock", () => {
        only(
            { exemptNamespaces: ["istio-egress-dns"] },
            "egress-gateway:guard.exemptNamespaces[0]",
            /"istio-egress-dns" is the resolver's namespace/,
        );
        only(
            { exemptUsers: ["deployer@acme.example", "system:serviceaccount:istio-egress-dns:egress-dns"] },
            "egress-gateway:guard.exemptUsers[1]",
            /one by one/,
        );
        only(
            { breakGlassGroup: "system:serviceaccounts:istio-egress-dns" },
            "egress-gateway:guard.breakGlassGroup",
            /a namespace that the guard judges/,
        );
        assert.deepEqual(problemsOf({ exemptNamespaces: ["istio-egress-dns"], resolverNamespace: undefined }), []);
    });

    it("may not give everybody the smaller rights either", () => {
        only({ placers: ["system:serviceaccount:*"] }, "egress-gateway:guard.placers[0]", /one by one/);
        only(
            { uninjectedUsers: ["system:serviceaccount:payments:api"] },
            "egress-gateway:guard.uninjectedUsers[0]",
            /one by one/,
        );
        only(
            { operatorGroups: ["system:authenticated"] },
            "egress-gateway:guard.operatorGroups[0]",
            /operators of the gateway only/,
        );
    });

    it("have to name the deployer, whose own objects the guard would refuse", () => {
        only(
            { exemptUsers: [], exemptGroups: [] },
            "egress-gateway:guard.exemptUsers",
            /deploys this program/,
            /pulumi up/,
        );
    });

    it("may not exempt everybody by a name that covers too much", () => {
        for (const user of [
            "*",
            "dev*",
            "system:*",
            "system:serviceaccount:*",
            "system:node:*",
            "system:serviceaccount:pay*",
        ]) {
            only({ exemptUsers: [user] }, "egress-gateway:guard.exemptUsers[0]", /one by one/);
        }
        for (const user of [
            "system:serviceaccount:payments:api",
            "system:serviceaccount:istio-egress:default",
            "system:anonymous",
            "",
            " a",
        ]) {
            only({ exemptUsers: [user] }, "egress-gateway:guard.exemptUsers[0]");
        }
        for (const group of [
            "system:authenticated",
            "system:nodes",
            "system:serviceaccounts",
            "system:serviceaccounts:payments",
            "",
        ]) {
            only({ exemptGroups: [group] }, "egress-gateway:guard.exemptGroups[0]", /group of your own/);
        }
    });

    it("may not exempt any service account of a client by a prefix, however long", () => {
        const account = fc
            .tuple(
                fc.constantFrom("payments", "orders", "istio-egress"),
                fc.stringMatching(/^[a-z]([a-z-]{0,8}[a-z])?$/),
            )
            .map(([namespace, name]) => `system:serviceaccount:${namespace}:${name}`);
        fc.assert(
            fc.property(account, fc.nat(60), (user, length) => {
                assert.notDeepEqual(problemsOf({ exemptUsers: [`${user.slice(0, length)}*`] }), []);
            }),
        );
    });

    it("need a break-glass group that not everybody is in", () => {
        only({ breakGlassGroup: " " }, "egress-gateway:guard.breakGlassGroup", /not even in an emergency/);
        only({ breakGlassGroup: "system:authenticated" }, "egress-gateway:guard.breakGlassGroup", /every such client/);
    });

    it("need a cluster whose API server evaluates admission policies", () => {
        for (const version of ["1.29", "1.9.7", "v1.29.12-gke.100", "0.30", "latest", ""]) {
            only(
                { kubernetesVersion: version },
                "egress-gateway:platform.cluster.kubernetesVersion",
                /1\.30 or newer/,
                /upgrade/,
            );
        }
        for (const version of ["1.30", "1.34.1-gke.1829001", "v1.36.3", "2.0"]) {
            assert.deepEqual(problemsOf({ kubernetesVersion: version }), []);
        }
    });

    it("are reported with every problem at once", () => {
        assert.equal(
            problemsOf({ exemptNamespaces: ["payments"], breakGlassGroup: "", kubernetesVersion: "1.20" }).length,
            3,
        );
    });
});
