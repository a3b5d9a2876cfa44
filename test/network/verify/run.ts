import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { ensureTool, ToolUnavailableError } from "../../../dev/tools";
import { type LiveClaimResult } from "../../../live/verify/result";
import { type ReportedProbe } from "./prediction";
import { type VerifyRun } from "./rig/rig";

/** What every run of verify on the rig is given. */
export const FLAGS = [
    ...["--image", "registry.test/probe:1", "--private-service", "10.20.0.5:5432"],
    // As far as live/verify/role.yaml lets it impersonate.
    ...["--tenant-group", "egress-gateway-verify-tenants"],
    ...["--attempt-seconds", "2", "--step-seconds", "150"],
];

export interface Report {
    readonly verdict: string;
    readonly claims: readonly LiveClaimResult[];
    readonly probes: readonly ReportedProbe[];
}

export function reported({ stdout, stderr }: VerifyRun): Report {
    assert.ok(stdout.startsWith("{"), `no report: ${stdout}\n${stderr}`);
    return JSON.parse(stdout) as Report;
}

export function results(report: Report): Record<string, string> {
    return Object.fromEntries(report.claims.map(({ id, result }) => [id, result]));
}

/** Probes that ended in another way, with the reason. */
export function besides(report: Report, ...outcomes: readonly ReportedProbe["outcome"][]): string[] {
    return report.probes
        .filter(({ outcome }) => !outcomes.includes(outcome))
        .map(({ id, because }) => `${id}: ${because}`);
}

/** Skips where the machine lacks a part of the rig, but for CI, where that is a failure. */
export async function rigOrSkip(context: Mocha.Context): Promise<void> {
    const missing = await missingPart();
    if (missing !== undefined) {
        assert.notEqual(process.env["CI"], "true", missing);
        console.log(`      skipped: ${missing}`);
        context.skip();
    }
}

/** What the machine lacks; undefined when it lacks nothing. */
async function missingPart(): Promise<string | undefined> {
    if (process.getuid?.() !== 0) {
        return "pods run as several users, so this needs root";
    }
    try {
        for (const tool of [
            "etcd",
            "kube-apiserver",
            "istio-crds",
            "envoy",
            "coredns",
            "nftables",
            "iproute2",
        ] as const) {
            await ensureTool(tool);
        }
    } catch (error) {
        if (error instanceof ToolUnavailableError) {
            return error.message;
        }
        throw error;
    }
    const absent = ["curl", "openssl", "ping", "bash", "setpriv", "unshare"].filter(
        command => spawnSync("sh", ["-c", `command -v ${command}`]).status !== 0,
    );
    return absent.length === 0 ? undefined : `the probes' image is this machine, and it has no ${absent.join(", ")}`;
}
