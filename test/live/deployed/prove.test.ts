import * as assert from "node:assert/strict";
import { prove } from "../../../containment/prove";
import { isUnread } from "../../../containment/unread";
import { type FakeCluster } from "./cluster";
import { type FakeProject } from "./google";
import { PERMISSIONS, Rig, RULES, type Stack, stackOf } from "./rig";

describe("the proof about what is deployed", () => {
    let stack: Stack;
    let rig: Rig;
    let google: FakeProject;
    let cluster: FakeCluster;

    before(async () => {
        stack = await stackOf("dev");
        rig = await Rig.start();
        ({ google, cluster } = rig);
    });
    beforeEach(() => rig.deploy(stack));
    after(() => rig.stop());

    const verdict = async () => prove(await rig.live(stack), { gateway: { cluster: "acme-dev" } });
    const unread = async (): Promise<string[]> =>
        (await rig.live(stack)).filter(isUnread).map(({ name, inputs }) => `${name}: ${String(inputs["why"])}`);

    it("is the one about the plan, where everything is as planned, and only reads", async () => {
        const { claims, gateway, ...rest } = await verdict();
        assert.deepEqual(
            claims.map(({ id, result, reasons, witnesses }) => [id, result, reasons, witnesses]),
            ["C1", "C2", "C3", "C4", "C5"].map(id => [id, "holds", [], []]),
        );
        assert.equal(rest.verdict, "contained");
        assert.deepEqual(
            gateway.pools.map(({ name }) => name),
            ["acme-dev/gateway-pool-4f1c2d3"],
        );
        assert.ok(google.asked.every(request => /^GET |^POST .*:getIamPolicy$/.test(request)));
        assert.ok(cluster.asked.every(request => request.startsWith("GET ")));
        assert.ok(cluster.asked.every(request => !request.includes("secret")));
    });

    it("needs the roles of live/roles.yaml, and each right of them", async () => {
        assert.deepEqual(await unread(), []);
        // `preflight` asks for quota.
        for (const permission of PERMISSIONS.filter(each => each !== "compute.regions.get")) {
            google.granted = new Set(PERMISSIONS.filter(each => each !== permission));
            const missing = await unread();
            assert.ok(
                missing.some(each => each.includes(permission)),
                `${permission}: ${missing.join("\n")}`,
            );
        }
        google.granted = new Set(PERMISSIONS);
        for (const rule of RULES) {
            cluster.rules = RULES.filter(each => each !== rule);
            const missing = await unread();
            assert.ok(missing.length > 0, JSON.stringify(rule));
            assert.ok(missing.every(each => /for want of the right to (list|get) /.test(each)));
        }
    });

    it("is unknown without a right, names it, and stays about the rest", async () => {
        google.granted.delete("compute.routes.list");
        cluster.rules = RULES.filter(({ apiGroups }) => !apiGroups.includes("admissionregistration.k8s.io"));
        const { verdict: result, claims } = await verdict();
        assert.equal(result, "unknown");
        const of = (id: string) => claims.find(claim => claim.id === id)!;
        assert.equal(of("C1").result, "unknown");
        assert.match(of("C1").reasons.join(), /routes of project acme-dev: .*permission compute\.routes\.list/);
        // Without the policies, the guard only seems to be gone.
        assert.equal(of("C2").result, "unknown");
        assert.deepEqual(of("C2").witnesses, []);
        assert.match(of("C2").reasons.join(), /validatingadmissionpolicies of the cluster/);
    });

    it("is violated where the guard is really gone", async () => {
        cluster.objects = cluster.objects.filter(({ kind }) => !/^ValidatingAdmission/.test(kind as string));
        const { claims } = await verdict();
        assert.equal(claims.find(({ id }) => id === "C2")!.result, "violated");
    });

    it("takes what is in effect above the project in its order", async () => {
        const rule = (action: string, priority: number) => ({
            action,
            priority,
            direction: "EGRESS",
            disabled: false,
            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
        });
        const policy = (name: string, action: string) => ({
            name,
            shortName: `policy-${name}`,
            type: "HIERARCHY",
            rules: [rule(action, 10)],
        });
        const c1 = async (...above: object[]) => {
            google.project.above = above;
            return (await verdict()).claims.find(({ id }) => id === "C1")!;
        };
        // Routes and NAT still hold nodes back; the firewall is what the order is about.
        google.project.compute["global/routes"]!.push({
            name: "default",
            network: google.project.compute["global/networks"]![0]!["selfLink"],
            destRange: "0.0.0.0/0",
            priority: 900,
            nextHopGateway:
                "https://www.googleapis.com/compute/v1/projects/acme-dev/global/gateways/default-internet-gateway",
        });
        google.project.compute["regions/europe-west1/routers"]![0]!["nats"][0].sourceSubnetworkIpRangesToNat =
            "ALL_SUBNETWORKS_ALL_IP_RANGES";
        assert.equal((await c1()).result, "holds");
        assert.equal((await c1(policy("1", "allow"), policy("2", "deny"))).result, "violated");
        assert.equal((await c1(policy("1", "deny"), policy("2", "allow"))).result, "holds");
        assert.equal((await c1({ ...policy("3", "allow"), type: "SYSTEM" })).result, "unknown");
    });

    it("leaves what the cluster alone shows unknown where it shows nothing", async () => {
        cluster.rules = [];
        const { claims } = await verdict();
        assert.deepEqual(
            claims.map(({ id, result }) => [id, result]),
            [
                ["C1", "holds"],
                ["C2", "unknown"],
                ["C3", "unknown"],
                ["C4", "unknown"],
                ["C5", "holds"],
            ],
        );
    });
});
