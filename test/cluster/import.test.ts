import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Row } from "../../adopt/account";
import { adopted, type Adoption } from "../../adopt/adopt";
import { readLive } from "../../adopt/live";
import { yamlDocuments } from "../../containment/manifests";
import { type Addressable, succeeded, writeKubeconfig } from "./harness/api";
import { type Cluster, startCluster } from "./harness/cluster";

const SLEEP = { namespace: "default", serviceAccount: "sleep" };

const sorted = ({ rows }: Adoption): readonly Row[] =>
    rows.toSorted((a, b) => `${a.object} ${a.field}`.localeCompare(`${b.object} ${b.field}`));

describe("objects that people have, read from a real API server", function () {
    this.timeout(120_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-import-"));
    const kubeconfig = path.join(folder, "kubeconfig.json");
    let cluster: Cluster;

    before(async function () {
        this.timeout(1_800_000);
        cluster = await startCluster([], ["default"]);
        writeKubeconfig(kubeconfig, cluster.connection);
    });
    after(async () => {
        await cluster?.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    it("are none where there are none", async () => {
        assert.deepEqual(await readLive({ kubeconfig }), []);
    });

    it("become what they become as files, though the server answers in a newer version and with fields of its own", async () => {
        // Istio's definitions refuse how the first API spelled a server name.
        const text = fs
            .readFileSync(path.join(__dirname, "..", "adopt", "fixtures", "tutorial-2019.yaml"), "utf8")
            .replaceAll("sni_hosts", "sniHosts");
        const files = yamlDocuments(text);
        for (const document of files as Addressable[]) {
            const object = { ...document, metadata: { namespace: "default", ...document.metadata } };
            succeeded(await cluster.api.create(object), `${object.kind} ${object.metadata.name}`);
        }
        const lists = await readLive({ kubeconfig });
        assert.deepEqual(
            new Set(lists.map(list => (list as Addressable).apiVersion)),
            new Set(["networking.istio.io/v1"]),
        );
        const live = adopted(lists, [SLEEP]);
        const told = adopted(files, [SLEEP]);
        assert.deepEqual(live.destinations, told.destinations);
        assert.deepEqual(sorted(live), sorted(told));
        assert.equal(live.destinations[0]!.host, "istio.io");
    });
});
