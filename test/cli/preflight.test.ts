import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { clusterOf } from "../../cli/commands/deployed";
import { platform, settings } from "../settings/build";

/** A kubeconfig with one cluster a context. */
function kubeconfig(current: string, ...servers: readonly string[]): string {
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": current,
        clusters: servers.map(name => ({ name, cluster: { server: `https://${name}.invalid` } })),
        users: servers.map(name => ({ name, user: { token: "x" } })),
        contexts: servers.map(name => ({ name, context: { cluster: name, user: name } })),
    });
}

describe("the cluster that preflight asks", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "preflight-"));
    const file = path.join(folder, "kubeconfig");
    const before = process.env["KUBECONFIG"];
    const OWN = kubeconfig("own", "own");

    beforeEach(() => {
        writeFileSync(file, kubeconfig("current", "current", "other"));
        process.env["KUBECONFIG"] = file;
    });
    after(() => {
        if (before === undefined) {
            delete process.env["KUBECONFIG"];
        } else {
            process.env["KUBECONFIG"] = before;
        }
        rmSync(folder, { recursive: true });
    });

    const { egressSubnet: _, ...gke } = platform();
    const { location: __, ...cluster } = gke["cluster"] as Record<string, unknown>;
    const elsewhere = () =>
        settings(
            { kubernetes: { context: "other" } },
            { platform: { path: "egress-gateway:platform", value: { kind: "kubernetes", cluster } } },
        );

    it("is the settings' own, whatever the kubeconfig points at", () => {
        assert.equal(clusterOf(settings(), { google: true }, OWN).server, "https://own.invalid");
    });

    it("is the one that is named: by the settings, a file or a context", () => {
        const named = settings({ kubernetes: { context: "other" } });
        assert.equal(clusterOf(named, { google: true }, OWN).server, "https://other.invalid");
        assert.equal(clusterOf(elsewhere(), { google: true }, undefined).server, "https://other.invalid");
        assert.equal(clusterOf(settings(), { google: true, context: "other" }, OWN).server, "https://other.invalid");
        assert.equal(clusterOf(settings(), { google: true, kubeconfig: file }, OWN).server, "https://current.invalid");
    });

    it("is nobody else's where Google does not tell it, and the kubeconfig's only where Google is not asked", () => {
        assert.throws(() => clusterOf(settings(), { google: true }, undefined), /no context is named/);
        assert.equal(clusterOf(settings(), { google: false }, undefined).server, "https://current.invalid");
    });
});
