import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { evidence } from "../../plan/evidence";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { planned } from "../program/planned";

const POD = { apiVersion: "v1", kind: "Pod" };
const spec = { containers: [{ name: "c", image: "x" }], tolerations: [{ operator: "Exists" }] };

describe("evidence", () => {
    let folder: string;
    let dev: readonly Resource[];

    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-evidence-"));
        dev = (await planned("dev")).resources;
        fs.writeFileSync(path.join(folder, "plan.json.gz"), gzipSync(JSON.stringify({ resources: dev })));
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    function written(name: string, ...objects: readonly object[]): string {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, objects.map(object => stringify(object)).join("---\n"));
        return file;
    }
    const given = (...files: readonly string[]) => evidence({ from: path.join(folder, "plan.json.gz"), with: files });
    const c2 = async (...files: readonly string[]) =>
        prove(await given(...files)).claims.find(({ id }) => id === "C2")!.result;

    it("takes compressed files, and folders of manifests with all that is in them", async () => {
        assert.equal((await given()).length, dev.length);
        written("apps/a.yaml", { ...POD, metadata: { name: "a", namespace: "orders" }, spec: {} });
        written("apps/more/b.yml", { ...POD, metadata: { name: "b", namespace: "orders" }, spec });
        assert.equal((await given(path.join(folder, "apps"))).length, dev.length + 2);
        assert.equal(await c2(path.join(folder, "apps")), "violated");
    });

    it("takes of an object that is planned as well what the plan says", async () => {
        const isGateway = ({ type }: Resource) => type === "kubernetes:apps/v1:Deployment";
        const deployed = written("live.yaml", dev.find(isGateway)!.inputs);
        assert.equal((await given(deployed)).filter(isGateway).length, 1);
        assert.equal(await c2(deployed), "holds");
    });

    it("knows the gateway's own pods by their controller, in its namespace alone", async () => {
        const live = (namespace: string, owner: string) =>
            written(`${namespace}-${owner}.yaml`, {
                ...POD,
                metadata: {
                    name: "pod",
                    namespace,
                    ownerReferences: [{ kind: "ReplicaSet", name: `${owner}-5d4f7c9b8`, controller: true }],
                },
                spec,
            });
        assert.equal(await c2(live("istio-egress", "egress-gateway")), "holds");
        assert.equal(await c2(live("istio-egress", "another")), "violated");
        assert.equal(await c2(live("orders", "egress-gateway")), "violated");
    });

    it("is read once from standard input, for whatever is asked of it", () => {
        const input = JSON.stringify({ stack: "dev", resources: dev });
        const other = written("other.yaml", { ...POD, metadata: { name: "a", namespace: "orders" }, spec: {} });
        const command = ["dev/run.cjs", "cli/main.ts", "prove", "--from", "-", "--with", other];
        const { status, stdout, stderr } = spawnSync(process.execPath, command, {
            cwd: PROJECT_DIRECTORY,
            input,
            encoding: "utf8",
        });
        assert.equal(status, 0, stderr);
        assert.match(stdout, /^Verdict: contained/);
    });
});
