import { spawnSync } from "node:child_process";
import type { ToolName } from "../tools";

/** Tests that need one kind of real part. */
export interface Tier {
    readonly name: string;
    readonly tools: readonly ToolName[];
    /** What the machine lacks besides tools; undefined when it lacks nothing. */
    readonly lacks?: () => string | undefined;
    /** After this long a tier has hung. */
    readonly limitMinutes: number;
}

export const TIERS: readonly Tier[] = [
    { name: "engine", tools: ["pulumi", "etcd", "kube-apiserver"], limitMinutes: 40 },
    {
        name: "cluster",
        tools: ["etcd", "kube-apiserver", "istio-crds", "podmonitor-crd", "prometheusrule-crd"],
        limitMinutes: 30,
    },
    { name: "browser", tools: ["chromium"], limitMinutes: 10 },
    {
        name: "network",
        tools: ["nftables", "iproute2", "ping", "envoy", "coredns", "iodine", "iodined", "promtool"],
        lacks: networkNamespaces,
        limitMinutes: 30,
    },
];

/** Network namespaces need root, or a kernel that gives them to users in a user namespace of their own. */
function networkNamespaces(): string | undefined {
    const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const { status, error, stderr } = spawnSync("unshare", [...asUser, "--net", "true"], { encoding: "utf8" });
    return status === 0
        ? undefined
        : `this machine makes no network namespaces (${(error?.message ?? stderr).trim()}); run as root on Linux`;
}
