import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cacheKey, TOOLS } from "../../dev/tools/catalogue";
import { cacheFolder, findTool } from "../../dev/tools/lookup";

describe("finding a real part", () => {
    let root: string;
    const etcd = TOOLS.etcd;

    beforeEach(() => (root = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-lookup-"))));
    afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

    /** Writes an executable and answers its path. */
    function executable(...segments: string[]): string {
        const file = path.join(root, ...segments);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
        return file;
    }
    const cache = () => path.join(root, "cache");

    it("takes KUBEBUILDER_ASSETS first, then PATH, then the cache", () => {
        const assets = executable("assets", "etcd");
        const onPath = executable("bin", "etcd");
        const cached = executable("cache", "etcd-3.6.14", "etcd");
        const environment = { KUBEBUILDER_ASSETS: path.join(root, "assets"), PATH: path.join(root, "bin") };

        assert.deepEqual(findTool(etcd, cache(), environment), { name: "etcd", path: assets, source: "path" });
        assert.deepEqual(findTool(etcd, cache(), { PATH: environment.PATH }), {
            name: "etcd",
            path: onPath,
            source: "path",
        });
        assert.deepEqual(findTool(etcd, cache(), { PATH: "" }), { name: "etcd", path: cached, source: "cache" });
    });

    it("finds nothing where nothing is", () => {
        assert.equal(findTool(etcd, cache(), { PATH: root }), undefined);
    });

    it("passes over a file on PATH that cannot be executed", () => {
        fs.writeFileSync(path.join(root, "etcd"), "notes about etcd", { mode: 0o644 });
        assert.equal(findTool(etcd, cache(), { PATH: root }), undefined);
    });

    it("passes over a folder on PATH that carries the tool's name", () => {
        fs.mkdirSync(path.join(root, "bin", "etcd"), { recursive: true });
        assert.equal(findTool(etcd, cache(), { PATH: path.join(root, "bin") }), undefined);
    });

    it("does not use KUBEBUILDER_ASSETS for the Pulumi CLI, which does not live there", () => {
        executable("assets", "pulumi");
        const environment = { KUBEBUILDER_ASSETS: path.join(root, "assets"), PATH: "" };
        assert.equal(findTool(TOOLS.pulumi, cache(), environment), undefined);
    });

    it("ignores another version in the cache", () => {
        executable("cache", "etcd-3.6.13", "etcd");
        assert.equal(findTool(etcd, cache(), { PATH: "" }), undefined);
        executable("cache", "etcd-3.6.14", "etcd");
        assert.equal(findTool(etcd, cache(), { PATH: "" })?.source, "cache");
    });

    it("never looks for the custom resource definitions on PATH: a file of that name says nothing of its version", () => {
        executable("bin", "customresourcedefinitions.gen.yaml");
        assert.equal(findTool(TOOLS["istio-crds"], cache(), { PATH: path.join(root, "bin") }), undefined);
    });

    it("keys the cache by name and version, without the v of Go modules", () => {
        const keys = Object.values(TOOLS).flatMap(tool => (tool.kind === "debian" ? [] : [cacheKey(tool)]));
        assert.deepEqual(keys, [
            "pulumi-3.259.0",
            "etcd-3.6.14",
            "kube-apiserver-1.36.3",
            "istio-crds-1.31.1",
            "podmonitor-crd-0.85.0",
            "prometheusrule-crd-0.85.0",
            "envoy-1.38.3",
            "coredns-1.15.0",
            "promtool-0.313.5",
        ]);
    });

    it("lets EGRESS_GATEWAY_CACHE share a cache between checkouts, and takes the repository's own without it", () => {
        assert.equal(cacheFolder({ EGRESS_GATEWAY_CACHE: "/var/cache/egress" }), "/var/cache/egress/tools");
        assert.equal(cacheFolder({}), path.resolve(__dirname, "../../.cache/tools"));
        assert.equal(cacheFolder({ EGRESS_GATEWAY_CACHE: "" }), path.resolve(__dirname, "../../.cache/tools"));
    });
});
