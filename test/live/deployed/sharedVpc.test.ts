import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { deployedEvidence } from "../../../cli/commands/deployed";
import { prove } from "../../../containment/prove";
import { INVENTORY } from "../../../containment/resource";
import { isUnread } from "../../../containment/unread";
import { type Drift, driftOf } from "../../../live/deployed/drift";
import { type Deployment } from "./deployed";
import { type Answer } from "./google";
import { PERMISSIONS, Rig, type Stack, stackOf } from "./rig";

const nat = ({ host }: Deployment, name: string): Answer =>
    host.compute["regions/europe-west1/routers"]!.find(each => each["name"] === name)!["nats"][0];
const policy = ({ host }: Deployment): Answer => host.compute["global/firewallPolicies"]![0]!;

describe("what is deployed in a shared VPC", function () {
    this.timeout(60_000);
    let blue: Stack;
    let green: Stack;
    let rig: Rig;

    before(async () => {
        [blue, green] = [await stackOf("blue"), await stackOf("green")];
        rig = await Rig.start();
    });
    after(() => rig.stop());

    const cluster = ({ settings }: Stack): string => settings.platform.cluster.name;
    const drift = async (stack: Stack, other: Stack, change?: (deployment: Deployment) => void): Promise<Drift> => {
        rig.deploy(stack, change, [other]);
        return driftOf(stack.planned, await rig.live(stack, [other]), cluster(stack), other.planned);
    };
    const told = ({ opened, closed, changed, unknown }: Drift): string[] =>
        [...opened, ...closed, ...changed, ...unknown].map(({ what }) => what);

    it("is as it was registered, for the owner of the perimeter and for who joined it, each beside the other", async () => {
        for (const [stack, other] of [
            [blue, green],
            [green, blue],
        ] as const) {
            const found = await drift(stack, other);
            assert.deepEqual(told(found), []);
            assert.deepEqual(found.verdict, { before: "contained", after: "contained" });
        }
    });

    it("reads the network in its host project, and clusters and accounts in that of the cluster", async () => {
        rig.deploy(green, undefined, [blue]);
        rig.google.asked.length = 0;
        await rig.live(green, [blue]);
        const asked = (pattern: RegExp): string[] => [
            ...new Set(rig.google.asked.flatMap(request => pattern.exec(request)?.[1] ?? [])),
        ];
        assert.deepEqual(asked(/projects\/([^/]+)\/global\/networks\/.*getEffectiveFirewalls$/), ["acme-host"]);
        assert.deepEqual(asked(/projects\/([^/]+)\/locations\/-\/clusters$/), ["acme-green"]);
        assert.deepEqual(asked(/projects\/([^/]+)\/serviceAccounts\//), ["acme-green"]);
        assert.deepEqual(asked(/projects\/([^/]+)\/aggregated\/instances$/).sort(), ["acme-green", "acme-host"]);
    });

    it("takes of the host project what live/roles.yaml says, and no more", async () => {
        const unread = async (granted: readonly string[]): Promise<string[]> => {
            rig.deploy(green, undefined, [blue]);
            rig.google.grantedInHost = new Set(granted);
            return (await rig.live(green, [blue])).filter(isUnread).map(({ inputs }) => String(inputs["why"]));
        };
        const inHost = PERMISSIONS.filter(each => /^compute\.|^resourcemanager\.projects\.get$/.test(each));
        assert.deepEqual(await unread(inHost), []);
        assert.match(
            (await unread(inHost.filter(each => each !== "compute.routes.list"))).join(),
            /compute\.routes\.list/,
        );
    });

    it("is unknown while the other stack is not given, whose rules are there", async () => {
        for (const [stack, other] of [
            [blue, green],
            [green, blue],
        ] as const) {
            rig.deploy(stack, undefined, [other]);
            const { claims } = prove(await rig.live(stack), { gateway: { cluster: cluster(stack) } });
            const c1 = claims.find(({ id }) => id === "C1")!;
            assert.equal(c1.result, "unknown");
            assert.match(c1.reasons.join(), /rule allow-gateway-public/);
        }
    });

    it("shows in green's verdict what somebody did to the policy of blue, which both are behind", async () => {
        const open = (deployment: Deployment): void =>
            void policy(deployment)["rules"].push({
                priority: 50,
                action: "allow",
                direction: "EGRESS",
                disabled: false,
                match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
            });
        const ofGreen = await drift(green, blue, open);
        assert.equal(ofGreen.verdict.after, "violated");
        assert.ok(told(ofGreen).includes("lock firewall alone: holds before, violated now"));
        assert.ok(
            told(await drift(blue, green, open)).some(what =>
                what.startsWith("rule 50 of policy acme-blue-egress-shared is there"),
            ),
        );
    });

    it("tells a rule that is gone or changed to the stack whose it is", async () => {
        const narrower = (deployment: Deployment): void => {
            const all: Answer[] = policy(deployment)["rules"];
            all.find(({ priority }) => priority === 20390)!["disabled"] = true;
            all.splice(
                all.findIndex(({ priority }) => priority === 390),
                1,
            );
        };
        const changed = async (stack: Stack, other: Stack) =>
            (await drift(stack, other, narrower)).changed.map(({ what }) => what);
        assert.deepEqual(await changed(green, blue), [
            "NetworkFirewallPolicyRule perimeter-firewall-20390 is not as it was registered",
        ]);
        assert.deepEqual(await changed(blue, green), ["NetworkFirewallPolicyRule perimeter-firewall-390 is gone"]);
    });

    it("takes of a stack that is given beside it what that declares, and of an inventory what it shows", async () => {
        const folder = mkdtempSync(path.join(tmpdir(), "egress-gateway-with-"));
        const file = (name: string, content: unknown): string => {
            writeFileSync(path.join(folder, name), JSON.stringify(content));
            return path.join(folder, name);
        };
        try {
            const { resources, others } = await deployedEvidence({
                stack: "blue",
                google: false,
                cluster: false,
                with: [
                    file("green.json", { stack: "green", resources: green.planned }),
                    file("assets.json", [
                        {
                            name: "//compute.googleapis.com/projects/p/global/networks/n",
                            assetType: "compute.googleapis.com/Network",
                            resource: { data: { name: "n" } },
                        },
                    ]),
                ],
            });
            assert.equal(others.length, green.planned.length);
            const [components, shown] = [true, false].map(own =>
                resources.filter(({ type }) => type.startsWith("egress-gateway:") === own),
            );
            assert.deepEqual([...new Set(components!.map(({ urn }) => urn.split(":")[2]))].sort(), ["blue", "green"]);
            assert.ok(shown!.length > 0 && shown!.every(({ urn }) => urn.startsWith(INVENTORY)));
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("is violated where nodes of one leave by the addresses of the other", async () => {
        const swapped = (deployment: Deployment): void => {
            const [own, other] = [nat(deployment, "acme-green-egress"), nat(deployment, "acme-blue-egress")];
            other["subnetworks"].push(...own["subnetworks"]);
            own["subnetworks"] = [];
        };
        rig.deploy(green, swapped, [blue]);
        const { claims } = prove(await rig.live(green, [blue]), { gateway: { cluster: cluster(green) } });
        const c7 = claims.find(({ id }) => id === "C7")!;
        assert.equal(c7.result, "violated");
        assert.match(
            JSON.stringify(c7.witnesses),
            /leaves by NAT acme-blue-egress, which is gateway default of another stack's/,
        );
    });
});
