import assert from "node:assert/strict";
import { networkClaims } from "../../containment/prove";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Claim } from "../../containment/verdict";
import { resource, urnOf } from "./worlds/build";
import { APP, B3, GATEWAY, PROJECT } from "./worlds/threeLocks";

const DEVELOPERS = "group:developers@acme.example";
const ON_GATEWAY = { serviceAccountId: `projects/${PROJECT}/serviceAccounts/${GATEWAY}` };

type Inputs = Record<string, unknown>;
const iam = (module: string, kind: string, inputs: Inputs, dependsOn: readonly string[] = []): Resource =>
    resource(`gcp:${module}/iAM${kind}:IAM${kind}`, "grant", inputs, dependsOn);
const user = (more: Inputs): Resource =>
    iam("serviceaccount", "Member", { role: "roles/iam.serviceAccountUser", member: DEVELOPERS, ...more });
const project = (role: string, more: Inputs = {}): Resource =>
    iam("projects", "Member", { project: PROJECT, role, member: DEVELOPERS, ...more });
const role = (...permissions: readonly string[]): Resource =>
    resource("gcp:projects/iAMCustomRole:IAMCustomRole", "role", { roleId: "helper", project: PROJECT, permissions });
const account = (accountId: string): Resource =>
    resource("gcp:serviceaccount/account:Account", accountId, { accountId, project: PROJECT });

const OPENING: Readonly<Record<string, readonly Resource[]>> = {
    "on the account": [user(ON_GATEWAY)],
    "on the account, by its address": [user({ serviceAccountId: GATEWAY })],
    "on an account that is not known yet": [user({ serviceAccountId: UNKNOWN })],
    "on an account that is not known yet, but made here": [
        account("fl-exit-nodes"),
        iam(
            "serviceaccount",
            "Member",
            { serviceAccountId: UNKNOWN, role: "roles/iam.serviceAccountUser", member: DEVELOPERS },
            [urnOf("gcp:serviceaccount/account:Account", "fl-exit-nodes")],
        ),
    ],
    "by a binding": [
        iam("serviceaccount", "Binding", {
            ...ON_GATEWAY,
            role: "roles/iam.serviceAccountTokenCreator",
            members: [DEVELOPERS],
        }),
    ],
    "by a policy": [
        iam("serviceaccount", "Policy", {
            ...ON_GATEWAY,
            policyData: JSON.stringify({
                bindings: [{ role: "roles/iam.workloadIdentityUser", members: [DEVELOPERS] }],
            }),
        }),
    ],
    "by a policy that is not known yet": [iam("serviceaccount", "Policy", { ...ON_GATEWAY, policyData: UNKNOWN })],
    "under a condition": [user({ ...ON_GATEWAY, condition: { title: "for now", expression: "true" } })],
    "to somebody who is not known yet": [user({ ...ON_GATEWAY, member: UNKNOWN })],
    "by a role that nobody has heard of": [user({ ...ON_GATEWAY, role: "roles/iam.somethingNew" })],
    "in the whole project": [project("roles/iam.serviceAccountUser")],
    "by members that are no list": [
        iam("serviceaccount", "Binding", { ...ON_GATEWAY, role: "roles/iam.serviceAccountUser", members: DEVELOPERS }),
    ],
    "as an editor": [project("roles/editor")],
    "as one who grants": [project("roles/resourcemanager.projectIamAdmin")],
    "in a folder above": [
        iam("folder", "Member", { folder: "1", role: "roles/iam.serviceAccountAdmin", member: DEVELOPERS }),
    ],
    "in the organization": [iam("organizations", "Member", { orgId: "1", role: "roles/owner", member: DEVELOPERS })],
    "by a role of one's own": [
        role("compute.instances.create", "iam.serviceAccounts.actAs"),
        project(`projects/${PROJECT}/roles/helper`),
    ],
    "by a role of one's own that is not given": [project(`projects/${PROJECT}/roles/elsewhere`)],
    "by a key": [resource("gcp:serviceaccount/key:Key", "grant", ON_GATEWAY)],
    "for the asking": [
        resource("gcp:privilegedaccessmanager/entitlement:entitlement", "grant", {
            eligibleUsers: [{ principals: [DEVELOPERS] }],
            privilegedAccess: {
                gcpIamAccess: {
                    resource: `//cloudresourcemanager.googleapis.com/projects/${PROJECT}`,
                    roleBindings: [{ role: "roles/iam.serviceAccountUser" }],
                },
            },
        }),
    ],
};

const HARMLESS: Readonly<Record<string, readonly Resource[]>> = {
    "on another account": [user({ serviceAccountId: `projects/${PROJECT}/serviceAccounts/${APP}` })],
    "on another account that is made here": [
        account("fl-app-nodes"),
        iam(
            "serviceaccount",
            "Member",
            { serviceAccountId: UNKNOWN, role: "roles/iam.serviceAccountUser", member: DEVELOPERS },
            [urnOf("gcp:serviceaccount/account:Account", "fl-app-nodes")],
        ),
    ],
    "to watch it": [user({ ...ON_GATEWAY, role: "roles/iam.serviceAccountViewer" })],
    "in another project": [project("roles/iam.serviceAccountUser", { project: "elsewhere" })],
    "of something else": [project("roles/container.developer"), project("roles/viewer")],
    "to the account itself": [project("roles/editor", { member: `serviceAccount:${GATEWAY}` })],
    "to an agent of Google's": [
        user({ ...ON_GATEWAY, member: "serviceAccount:service-1@container-engine-robot.iam.gserviceaccount.com" }),
    ],
    "by a role of one's own that lets nobody act": [
        role("compute.instances.list"),
        project(`projects/${PROJECT}/roles/helper`),
    ],
    "to those who deploy": [
        user({ ...ON_GATEWAY, member: "user:deployer@acme.example" }),
        resource("egress-gateway:guard:Guard", "guard", { exemptUsers: ["deployer@acme.example"] }),
    ],
    "to nobody": [
        iam("serviceaccount", "Binding", { ...ON_GATEWAY, role: "roles/iam.serviceAccountUser", members: [] }),
    ],
};

describe("grants beside the assumption that nobody else acts as the gateway's account", () => {
    const c1 = (more: readonly Resource[]): Claim =>
        networkClaims([...B3, ...more]).claims.find(({ id }) => id === "C1")!;

    for (const [what, resources] of Object.entries(OPENING)) {
        it(`${what}: cannot be told, and the grant is named`, () => {
            const { result, reasons } = c1(resources);
            assert.equal(result, "unknown");
            assert.match(reasons.join("\n"), /::grant lets .* act as fl-exit-nodes@/);
        });
    }
    for (const [what, resources] of Object.entries(HARMLESS)) {
        it(`${what}: opens nothing`, () => {
            assert.equal(c1(resources).result, "holds");
        });
    }
});

describe("grants with which somebody else changes the network", () => {
    const r9 = (...more: readonly Resource[]): string =>
        networkClaims([...B3, ...more]).residualRisks.find(risk => risk.startsWith("R9"))!;

    it("are named in the residual risk", () => {
        assert.doesNotMatch(r9(), /given grants/);
        assert.match(
            r9(project("roles/compute.securityAdmin")),
            /developers@acme\.example by roles\/compute\.securityAdmin/,
        );
        assert.match(
            r9(role("compute.firewalls.update"), project(`projects/${PROJECT}/roles/helper`)),
            /developers@acme\.example by projects\/.*helper/,
        );
    });

    it("are not named where they change nothing, or belong to those who deploy", () => {
        assert.doesNotMatch(r9(project("roles/compute.viewer")), /given grants/);
        assert.doesNotMatch(
            r9(
                project("roles/compute.securityAdmin", { member: "user:deployer@acme.example" }),
                resource("egress-gateway:guard:Guard", "guard", { exemptUsers: ["deployer@acme.example"] }),
            ),
            /given grants/,
        );
    });
});
