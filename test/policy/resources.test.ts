import assert from "node:assert/strict";
import { packPolicies } from "../../policy/pack";
import { CASE_SETTINGS, type Subject } from "./cases/case";
import { violations } from "./sdk";

const network = "projects/acme-dev/global/networks/shared";

describe("the pack", () => {
    const pack = packPolicies();
    const found = (subjects: readonly Subject[], settings: object = CASE_SETTINGS) =>
        violations(pack, subjects, { "pack-settings": settings });

    it("names the rule that falls short of a deny for everyone, not what stands beside it in the network", async () => {
        const firewall = (name: string, inputs: object): Subject => ({
            type: "gcp:compute/firewall:Firewall",
            name,
            inputs: { network, ...inputs },
        });
        const all = { direction: "EGRESS", destinationRanges: ["0.0.0.0/0"], denies: [{ protocol: "all" }] };
        const reports = await found([
            firewall("allow-hc", {
                direction: "INGRESS",
                sourceRanges: ["35.191.0.0/16"],
                allows: [{ protocol: "tcp" }],
            }),
            firewall("databases", { ...all, targetTags: ["database"] }),
        ]);
        assert.deepEqual(
            [
                ...new Set(
                    reports
                        .filter(({ policy }) => policy === "deny-for-everyone")
                        .map(({ urn }) => urn.split("::").at(-1)),
                ),
            ],
            ["databases"],
        );
    });

    it("reads Google's resources that are bridged from Terraform as it reads its own provider's", async () => {
        const bridged: readonly (readonly [string, Subject["inputs"], string])[] = [
            [
                "computeRoute:ComputeRoute",
                { network, destRange: "0.0.0.0/0", nextHopGateway: "default-internet-gateway" },
                "internet-route",
            ],
            ["computeInstance:ComputeInstance", { networkInterfaces: [{ accessConfigs: [{}] }] }, "external-address"],
            [
                "computeRouterNat:ComputeRouterNat",
                { sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES" },
                "nat-subnets",
            ],
            [
                "projectIamMember:ProjectIamMember",
                { project: "acme-dev", role: "roles/owner", member: "user:a@b.example" },
                "gateway-account-grants",
            ],
            ["containerNodePool:ContainerNodePool", {}, "private-nodes"],
        ];
        for (const [type, inputs, rule] of bridged) {
            const [kind] = type.split(":");
            const reports = await found([{ type: `google:index/${kind}:${type.split(":")[1]}`, inputs }]);
            assert.ok(
                reports.some(({ policy }) => policy === rule),
                `${type}: ${reports.map(({ policy }) => policy).join()}`,
            );
        }
    });

    it("judges the pods that kinds from elsewhere have made, wherever their templates stand", async () => {
        const pod = { tolerations: [{ operator: "Exists" }], containers: [{ name: "web", image: "web" }] };
        const made = (apiVersion: string, kind: string, spec: object): Subject => ({
            type: `kubernetes:${apiVersion}:${kind}`,
            inputs: { apiVersion, kind, metadata: { name: "web", namespace: "payments" }, spec },
        });
        for (const subject of [
            made("argoproj.io/v1alpha1", "Rollout", { template: { spec: pod } }),
            made("serving.knative.dev/v1", "Service", { template: { spec: pod } }),
            made("jobset.x-k8s.io/v1alpha2", "JobSet", {
                replicatedJobs: [{ template: { spec: { template: { spec: pod } } } }],
            }),
        ]) {
            const reports = await found([subject]);
            assert.deepEqual(
                reports.map(({ policy, message }) => [policy, message.split(":")[0]]),
                [
                    [
                        "gateway-node-toleration",
                        `The ${String(subject.inputs.kind)} tolerates every taint, the one of the gateway's nodes included`,
                    ],
                ],
            );
        }
    });
});
