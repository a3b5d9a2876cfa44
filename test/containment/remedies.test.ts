import assert from "node:assert/strict";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type ClaimId, type Witness } from "../../containment/verdict";
import { planned } from "../program/planned";

type Change = (resource: Resource) => readonly Resource[];

const NOT_ATTACHED: Change = one =>
    one.type.endsWith(":NetworkFirewallPolicyAssociation") || one.type === "gcp:compute/firewall:Firewall" ? [] : [one];
const ROUTE_AND_NAT_FOR_ALL: Change = one => {
    const { tags: _, subnetworks: __, ...inputs } = one.inputs;
    return one.type === "gcp:compute/route:Route"
        ? [{ ...one, inputs }]
        : one.type === "gcp:compute/routerNat:RouterNat"
          ? [{ ...one, inputs: { ...inputs, sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES" } }]
          : [one];
};

describe("what is told to mend", function () {
    this.timeout(60_000);

    const first = async (id: ClaimId, ...changes: readonly Change[]): Promise<Witness> => {
        const resources = changes.reduce<readonly Resource[]>(
            (all, change) => all.flatMap(change),
            (await planned("dev")).resources,
        );
        const claim = prove(resources).claims.find(one => one.id === id)!;
        assert.equal(claim.result, "violated");
        return claim.witnesses[0]!;
    };
    const deciding = ({ hops }: Witness): string[] => hops.flatMap(({ at, decides }) => (decides === true ? [at] : []));

    it("is the policy that nothing attaches, or the NAT that serves whom it should not", async () => {
        const witness = await first("C1", NOT_ATTACHED, ROUTE_AND_NAT_FOR_ALL);
        assert.match(
            witness.remedy,
            /^Associate NetworkFirewallPolicyWithRules perimeter-firewall with network acme-dev/,
        );
        assert.match(witness.remedy, /or take subnet \S+ out of RouterNat perimeter-nat\.$/);
        // No resource: the rule that every network has.
        assert.deepEqual(deciding(witness), ["firewall"]);
        assert.equal(witness.hops.find(({ decides }) => decides === true)?.resource, undefined);
    });

    it("is the pool that runs as the gateway, and not the rule that lets the gateway out", async () => {
        const { remedy } = await first("C1", one =>
            one.type === "gcp:container/nodePool:NodePool"
                ? [
                      one,
                      {
                          ...one,
                          urn: one.urn.replace(/gateway-pool$/, "batch"),
                          name: "batch",
                          parent: "urn:pulumi:dev::egress-gateway::pulumi:pulumi:Stack::egress-gateway-dev",
                          inputs: {
                              ...one.inputs,
                              name: "batch",
                              nodeConfig: { ...(one.inputs["nodeConfig"] as object), taints: [], labels: {} },
                          },
                      },
                  ]
                : [one],
        );
        assert.match(remedy, /^Give NodePool batch another service account: it has the gateway's/);
    });

    it("is the policy of the guard that nothing binds", async () => {
        const witness = await first("C2", one =>
            one.type.endsWith(":ValidatingAdmissionPolicyBinding") && one.name.includes("gateway-node-toleration")
                ? []
                : [one],
        );
        assert.match(witness.remedy, /^bind ValidatingAdmissionPolicy egress-gateway\.gateway-node-toleration with/);
        assert.deepEqual(new Set(deciding(witness)), new Set(["admission"]));
    });
});
