import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { spawnSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../../base/resource";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { type PlannedResource, SECRET } from "../../plan/registrations";

type Properties = Record<string, pulumi.Output<unknown>>;

class Thing extends pulumi.CustomResource {
    constructor(name: string, properties: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
        super("test:index:Thing", name, properties, opts);
    }

    get properties(): Properties {
        return this as unknown as Properties;
    }
}

async function planned(program: () => unknown): Promise<{ resources: readonly PlannedResource[]; outputs: object }> {
    return planOffline(PROJECT_DIRECTORY, "dev", program);
}

describe("the SDK without an engine's work", () => {
    /** 84 of 178, and 92 with the least of the shortcuts alone gone: a release of the SDK that goes other ways is seen here. */
    it("makes few promises for a resource", async () => {
        const RESOURCES = 500;
        let promises = 0;
        const counting = createHook({ init: (_, type) => void (promises += type === "PROMISE" ? 1 : 0) });
        counting.enable();
        await planned(() => {
            for (let index = 0; index < RESOURCES; index++) {
                new Thing(`thing-${index}`, { metadata: { name: "a", labels: { a: "b" } }, spec: { list: [1, 2, 3] } });
            }
        });
        counting.disable();
        assert.ok(promises / RESOURCES < 90, `${promises / RESOURCES} promises for each resource`);
    });

    it("hands on what is not plain data", async () => {
        const { resources } = await planned(() => {
            const one = new Thing("one", { size: 1, computed: undefined });
            new Thing("two", {
                none: undefined,
                inside: { none: undefined, kept: null },
                list: [undefined, 1],
                promised: Promise.resolve({ of: "a promise" }),
                nested: { secret: pulumi.secret("hidden") },
                size: one.properties["size"],
                id: "not a property",
                unknown: { computed: one.properties["computed"] },
                other: one,
            });
        });
        const [one, two] = resources;
        assert.deepEqual(one?.inputs, { size: 1 });
        assert.deepEqual(two?.dependsOn, [one?.urn]);
        assert.deepEqual(
            { ...two?.inputs, other: undefined },
            {
                inside: { kept: null },
                list: [null, 1],
                nested: { secret: SECRET },
                other: undefined,
                promised: { of: "a promise" },
                size: 1,
                unknown: { computed: UNKNOWN },
            },
        );
        assert.equal((two?.inputs["other"] as { urn: string }).urn, one?.urn);
    });

    it("makes the same output of a property before and after the registration", async () => {
        const { outputs } = await planned(async () => {
            const plain = new Thing("plain", { data: { of: ["one"] } });
            const secret = new Thing("secret", { data: { of: pulumi.secret("hidden") } });
            const before = plain.properties["data"];
            await plain.urn.apply(urn => urn);
            await new Promise(setImmediate);
            const unread = new Thing("unread", { data: "late" });
            await new Promise(setImmediate);
            return {
                before,
                again: plain.properties["data"] === before,
                late: unread.properties["data"],
                secret: secret.properties["data"],
                keys: Object.keys(unread).filter(key => !key.startsWith("__")),
                dependent: unread.properties["data"]!.apply(value => `${String(value)}r`),
            };
        });
        assert.deepEqual(outputs, {
            before: { of: ["one"] },
            again: true,
            late: "late",
            secret: SECRET,
            keys: ["urn", "id", "data"],
            dependent: "later",
        });
    });

    it("loads no compiler and no package manager", () => {
        const script = `require("./plan/offline").planOffline(process.cwd(), "dev").then(() =>
            console.log(Object.keys(require.cache).filter(file => /node_modules.(typescript|pacote)./.test(file)).length))`;
        const { stdout, stderr } = spawnSync(process.execPath, ["-r", "sucrase/register/ts", "-e", script], {
            cwd: PROJECT_DIRECTORY,
            encoding: "utf8",
        });
        assert.equal(stdout, "0\n", stderr);
    });

    it("leaves the SDK as it was", async () => {
        const { Output } = pulumi;
        await planned(() => undefined);
        assert.equal(pulumi.Output, Output);
        assert.ok(new Error("here").stack?.includes("mockRuntime.test"));
    });
});
