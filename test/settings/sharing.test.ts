import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { firewallRules } from "../../components/perimeter/firewallRules";
import { nodeAccounts, onGoogle } from "../../settings/googleNames";
import { planned } from "../program/planned";
import { destination, platform, problems, settings } from "./build";

const OWNER = {
    network: "projects/acme-dev/global/networks/acme-dev",
    project: "acme-dev",
    policy: "acme-blue-egress-shared",
    mode: "enforce",
    cluster: "projects/acme-dev/locations/europe-west1/clusters/acme-blue",
    accounts: ["blue-nodes@acme-dev.iam.gserviceaccount.com"],
    networkTags: ["blue"],
};
const STACK = "organization/egress-gateway/blue";
const JOINED = { stack: STACK, band: 2 };
const owner = (others: object = {}) => ({ joined: { path: "outputs", value: { ...OWNER, ...others } } });

describe("a perimeter for several clusters, in the settings", () => {
    const found = (perimeter: object, outputs: object | undefined = owner(), values: object = {}): string[] =>
        problems({ perimeter, ...values }, outputs).map(problem => problem.path);

    it("is joined with a band, and everything else is the owner's to say", () => {
        assert.deepEqual(found(JOINED), []);
        assert.deepEqual(found({ stack: STACK }), ["egress-gateway:perimeter.band"]);
        assert.deepEqual(found({ ...JOINED, band: 16 }), ["egress-gateway:perimeter.band"]);
        assert.deepEqual(found({ ...JOINED, mode: "observe", scope: "network", shared: false }), [
            "egress-gateway:perimeter.mode",
            "egress-gateway:perimeter.scope",
            "egress-gateway:perimeter.shared",
        ]);
        assert.deepEqual(found({ band: 1 }, {}), ["egress-gateway:perimeter.band"]);
        assert.deepEqual(found({ stack: "blue", band: 1 }, {}), ["egress-gateway:perimeter.stack"]);
        assert.equal(settings({ perimeter: JOINED }, owner({ mode: "observe" })).perimeter.mode, "observe");
    });

    it("cannot deny for one cluster alone", () => {
        assert.deepEqual(found({ shared: true }, {}), []);
        const accounts = { value: platform({}, { nodeServiceAccounts: ["nodes@acme-dev.iam.gserviceaccount.com"] }) };
        const [problem] = problems(
            { perimeter: { shared: true, scope: "cluster" } },
            { platform: { path: "egress-gateway:platform", ...accounts } },
        );
        assert.match(problem?.remedy ?? "", /would leave the nodes of others alone/);
    });

    it("is of another cluster in the same network, whose gateway has nothing in common with this one", () => {
        const [network] = problems({ perimeter: JOINED }, owner({ network: "projects/acme-dev/global/networks/x" }));
        assert.match(network?.expected ?? "", /that one's is of projects\/acme-dev\/global\/networks\/x/);
        const [cluster] = problems(
            { perimeter: JOINED },
            owner({ cluster: "projects/acme-dev/locations/europe-west1/clusters/acme-dev" }),
        );
        assert.match(cluster?.remedy ?? "", /would write the same guard: .* `egress-gateway:gateways`/);
        assert.deepEqual(found(JOINED, owner(), { gateway: { nodeAccountId: "blue-nodes", networkTag: "blue" } }), [
            "egress-gateway:gateway.nodeAccountId",
            "egress-gateway:gateway.networkTag",
        ]);
    });

    it("has one owner, where the platform says which", () => {
        const owned = (self: string, others: object = {}) => ({
            platform: { path: "egress-gateway:platform", value: platform({ perimeterOwner: STACK }) },
            stack: self,
            ...others,
        });
        const [second] = problems({}, owned("organization/egress-gateway/red"));
        assert.equal(second?.path, "egress-gateway:perimeter.stack");
        assert.match(second.remedy, /perimeter: \{stack: organization\/egress-gateway\/blue, band: …\}/);
        assert.deepEqual(found({ shared: true }, owned(STACK)), []);
        assert.deepEqual(found(JOINED, owned("organization/egress-gateway/red", owner())), []);
        assert.deepEqual(found({ ...JOINED, stack: "organization/egress-gateway/x" }, owned("o/p/s", owner())), [
            "egress-gateway:perimeter.stack",
        ]);
    });

    it("says what is wrong with outputs of another shape", () => {
        assert.deepEqual(found(JOINED, { joined: { path: "outputs", value: { ...OWNER, policy: 1 } } }), [
            "outputs.policy",
        ]);
    });
});

describe("the firewall rules of several clusters", () => {
    const rulesOf = (perimeter: object, others: object = {}) => {
        const read = settings(
            {
                perimeter,
                destinations: [
                    destination("api.example.com"),
                    {
                        ...destination(""),
                        host: undefined,
                        addresses: ["8.8.4.10"],
                        ports: [{ number: 22, protocol: "tcp" }],
                    },
                ],
            },
            others,
        );
        assert.ok(onGoogle(read));
        return firewallRules(read, gateway => nodeAccounts({ ...read, ...gateway }));
    };

    it("stand in the joiner's band, without a deny for everybody, and concern its own machines alone", () => {
        const rules = rulesOf(JOINED, owner());
        assert.ok(rules.length >= 7);
        for (const { priority, targetServiceAccounts, match } of rules) {
            assert.ok(priority >= 22000 && priority < 24000, String(priority));
            assert.ok(targetServiceAccounts !== undefined || match.srcIpRanges !== undefined);
        }
        assert.deepEqual(
            rules.filter(({ action }) => action === "deny").map(({ ruleName }) => ruleName),
            ["deny-gateway-private"],
        );
    });

    it("are the owner's own, and leave the bands free", () => {
        const [alone, shared] = [rulesOf({}), rulesOf({ shared: true })];
        assert.deepEqual(
            shared.map(({ priority, ruleName }) => [priority, ruleName]),
            alone.map(({ priority, ruleName }) => [priority, ruleName]),
        );
        assert.ok(shared.every(({ priority }) => priority < 20000 || priority >= 50000));
        const open = shared.filter(
            ({ action, targetServiceAccounts, match }) =>
                action === "allow" && targetServiceAccounts === undefined && match.srcIpRanges === undefined,
        );
        assert.deepEqual(open, []);
    });
});

describe("the outputs of blue that green is planned with", () => {
    it("are those of blue's plan", async () => {
        const file = path.join(__dirname, "..", "..", "stack-outputs", "egress-gateway.blue.json");
        const { contractVersion, perimeter } = (await planned("blue")).outputs;
        assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { contractVersion, perimeter });
    });
});
