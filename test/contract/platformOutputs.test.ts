import assert from "node:assert/strict";
import { platformOutputs, type PlatformInput } from "../../contract";
import { googlePlatformSchema } from "../../contract/platform";

const FACTS = {
    network: "acme",
    firewallOrder: "BEFORE_CLASSIC_FIREWALL",
    cluster: {
        name: "acme",
        location: "europe-west1",
        nodeCidrs: ["10.0.0.0/22"],
        podCidrs: ["10.4.0.0/14"],
        serviceCidr: "10.8.0.0/20",
        controlPlaneCidr: "172.16.0.0/28",
        kubernetesVersion: "1.34",
    },
    egressSubnet: { name: "acme-egress", nodeCidr: "10.0.8.0/27", podRange: "egress-pods", podCidr: "10.3.0.0/22" },
} satisfies PlatformInput;

describe("the outputs of a platform", () => {
    it("are what the egress stack's schema makes of the facts, with the contract's version", () => {
        const { contractVersion, platform } = platformOutputs(FACTS);
        assert.equal(contractVersion, 1);
        assert.deepEqual(platform, googlePlatformSchema.parse(FACTS));
        assert.equal(platform.cluster.dns, "kube-dns");
    });

    it("are refused where the mistake was made, with every problem", () => {
        const wrong = {
            ...FACTS,
            cluster: { ...FACTS.cluster, serviceCidr: "10.8.0.0/33", dns: "coredns" },
        } as unknown as PlatformInput;
        assert.throws(
            () => platformOutputs(wrong),
            /2 problems\n {2}platform\.cluster\.serviceCidr\n(.*\n)*.*platform\.cluster\.dns\n/,
        );
    });

    it("are refused when their ranges overlap", () => {
        const wrong = { ...FACTS, egressSubnet: { ...FACTS.egressSubnet, nodeCidr: "10.0.0.0/27" } };
        assert.throws(() => platformOutputs(wrong), /platform\.egressSubnet\.nodeCidr\n {4}got "10\.0\.0\.0\/27"/);
    });

    it("may be those of a cluster without a Google network", () => {
        const { location: _, ...cluster } = FACTS.cluster;
        assert.equal(platformOutputs({ kind: "kubernetes", cluster }).platform.kind, "kubernetes");
    });
});
