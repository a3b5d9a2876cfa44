import * as assert from "node:assert/strict";
import { networkClaims } from "../../containment/prove";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { changed, resource } from "./worlds/build";
import { B1, PROJECT } from "./worlds/threeLocks";

type Inputs = Record<string, unknown>;

const TAG = "tagValues/555";
const DEVELOPERS = "group:developers@acme.example";

/** The pool carries the tag. */
const tagged = (world: readonly Resource[], pool: string): Resource[] =>
    changed(world, pool, inputs => ({
        ...inputs,
        nodeConfig: { ...(inputs["nodeConfig"] as Inputs), resourceManagerTags: { "tagKeys/44": TAG } },
    }));

/** The firewall alone encloses, and knows the gateway by its secure tag. */
const BY_TAG = ["rule-390", "rule-400"].reduce<readonly Resource[]>(
    (world, rule) =>
        changed(world, rule, ({ targetServiceAccounts: _, ...inputs }) => ({
            ...inputs,
            targetSecureTags: [{ name: TAG }],
        })),
    tagged(B1, "pool-gateway"),
);

const grant = (kind: string, inputs: Inputs): Resource =>
    resource(`gcp:${kind[0]!.toLowerCase()}${kind.slice(1)}`, "grant", { member: DEVELOPERS, ...inputs });
const onValue = (inputs: Inputs): Resource =>
    grant("tags/tagValueIamMember:TagValueIamMember", {
        tagValue: TAG,
        role: "roles/resourcemanager.tagUser",
        ...inputs,
    });
const onProject = (role: string, more: Inputs = {}): Resource =>
    grant("projects/iAMMember:IAMMember", { project: PROJECT, role, ...more });
const bindingOf = (type: string, tagValue: unknown): Resource =>
    resource(`gcp:tags/${type[0]!.toLowerCase()}${type.slice(1)}:${type}`, "binding", {
        parent: "//compute.googleapis.com/projects/1/zones/us-central1-a/instances/2",
        tagValue,
    });
const customRole = (...permissions: readonly string[]): Resource =>
    resource("gcp:projects/iAMCustomRole:IAMCustomRole", "role", { roleId: "helper", project: PROJECT, permissions });
const OWN_ROLE = `projects/${PROJECT}/roles/helper`;

const OPENING: Readonly<Record<string, readonly Resource[]>> = {
    "a grant on the tag": [onValue({})],
    "a grant on a tag that is not known yet": [onValue({ tagValue: UNKNOWN })],
    "a grant on a key of tags": [
        grant("tags/tagKeyIamBinding:TagKeyIamBinding", {
            tagKey: "tagKeys/44",
            role: "roles/resourcemanager.tagUser",
            members: [DEVELOPERS],
        }),
    ],
    "a grant for the project": [onProject("roles/resourcemanager.tagAdmin")],
    "a role of one's own": [customRole("resourcemanager.tagValueBindings.create"), onProject(OWN_ROLE)],
    "a binding to a machine": [bindingOf("LocationTagBinding", TAG)],
    "a binding by a name in words": [bindingOf("TagBinding", "acme/exit/yes")],
};

const HARMLESS: Readonly<Record<string, readonly Resource[]>> = {
    "a grant on another tag": [onValue({ tagValue: "tagValues/556" })],
    "a grant to look at it": [onValue({ role: "roles/resourcemanager.tagViewer" })],
    "a role of one's own without it": [customRole("resourcemanager.tagValues.get"), onProject(OWN_ROLE)],
    "a grant to those who deploy": [
        onValue({ member: "user:deployer@acme.example" }),
        resource("egress-gateway:guard:Guard", "guard", { exemptUsers: ["deployer@acme.example"] }),
    ],
    "a binding of another tag": [bindingOf("LocationTagBinding", "tagValues/556")],
};

describe("a gateway that the firewall knows by a secure tag", () => {
    const c1 = (world: readonly Resource[]) => networkClaims(world).claims.find(({ id }) => id === "C1")!;

    it("is alone with it, since binding one takes a permission; which is assumed, and said", () => {
        assert.equal(c1(BY_TAG).result, "holds");
        assert.match(
            networkClaims(BY_TAG).assumptions.join("\n"),
            /Nobody but the deployer binds secure tag tagValues\/555/,
        );
        assert.doesNotMatch(networkClaims(B1).assumptions.join("\n"), /secure tag/);
    });

    it("is not where another pool carries the tag, or a rule lets another tag out", () => {
        assert.equal(c1(tagged(BY_TAG, "pool-apps")).result, "violated");
        const other = changed(BY_TAG, "rule-400", inputs => ({
            ...inputs,
            targetSecureTags: [{ name: TAG }, { name: "tagValues/556" }],
        }));
        assert.equal(c1(other).result, "unknown");
    });

    for (const [what, resources] of Object.entries(OPENING)) {
        it(`${what}: cannot be told, and the resource is named`, () => {
            const { result, reasons } = c1([...BY_TAG, ...resources]);
            assert.equal(result, "unknown");
            assert.match(
                reasons.join("\n"),
                /::(grant lets .*group:developers.* bind secure tags|binding binds a secure tag)/,
            );
            assert.equal(c1([...B1, ...resources]).result, "holds");
        });
    }
    for (const [what, resources] of Object.entries(HARMLESS)) {
        it(`${what}: opens nothing`, () => {
            assert.equal(c1([...BY_TAG, ...resources]).result, "holds");
        });
    }
});
