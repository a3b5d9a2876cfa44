import { type HostileCase, type PermittedRequest, type Request } from "./case";
import {
    app,
    container,
    injectedInit,
    injectedProxy,
    injectedValidation,
    pod,
    POD_KINDS,
    type PodFields,
    type PodKind,
    workloadOf,
} from "./objects";
import { developer, ELSEWHERE, workload } from "./surroundings";

/** What pods of client namespaces try with the node's network, capabilities, the sidecar's identity and its name. */
export const clientPodCases: readonly HostileCase[] = [
    ...POD_KINDS.map(kind =>
        clientPod(
            "client-host-network",
            kind,
            "host-network",
            3,
            "uses the node's network",
            { hostNetwork: true },
            {
                dnsPolicy: "Default",
            },
        ),
    ),
    clientPod(
        "client-host-network",
        "Deployment",
        "host-port",
        26,
        "takes ports of the node",
        { containers: [{ ...app, ports: [{ containerPort: 8443, hostPort: 8443 }] }] },
        { containers: [{ ...app, ports: [{ containerPort: 8443 }] }] },
    ),
    clientPod(
        "client-host-network",
        "Pod",
        "host-port-of-a-sidecar",
        26,
        "takes ports of the node",
        {
            initContainers: [
                container("relay", {
                    restartPolicy: "Always",
                    ports: [{ containerPort: 53, hostPort: 53, protocol: "UDP" }],
                }),
            ],
        },
        {
            initContainers: [
                container("relay", { restartPolicy: "Always", ports: [{ containerPort: 53, protocol: "UDP" }] }),
            ],
        },
    ),

    ...POD_KINDS.map(kind =>
        clientPod(
            "client-network-capabilities",
            kind,
            "net-admin",
            4,
            "adds a capability",
            { containers: [{ ...app, ...adding("NET_ADMIN") }] },
            { containers: [{ ...app, ...adding("NET_BIND_SERVICE") }] },
        ),
    ),
    ...[
        ["net-raw", "NET_RAW"],
        ["all", "ALL"],
        ["sys-admin", "SYS_ADMIN"],
        ["bpf", "BPF"],
        ["lower-case", "net_admin"],
        ["mixed-case-with-spaces", " Net_Raw\t"],
        ["with-prefix", "CAP_NET_ADMIN"],
    ].map(([name, capability]) =>
        clientPod(
            "client-network-capabilities",
            "Pod",
            `capability-${name}`,
            4,
            "adds a capability",
            { containers: [{ ...app, ...adding("CHOWN", capability) }] },
            { containers: [{ ...app, ...adding("CHOWN", "SYS_TIME") }] },
        ),
    ),
    clientPod(
        "client-network-capabilities",
        "Deployment",
        "capability-of-an-init-container",
        4,
        "adds a capability",
        { initContainers: [container("flush-rules", adding("NET_ADMIN"))] },
        { initContainers: [container("flush-rules")] },
    ),
    clientPod(
        "client-network-capabilities",
        "StatefulSet",
        "privileged",
        4,
        "is privileged",
        { containers: [app, container("helper", { securityContext: { privileged: true } })] },
        { containers: [app, container("helper", { securityContext: { privileged: false } })] },
    ),
    clientPod(
        "client-network-capabilities",
        "Job",
        "privileged-init-container",
        4,
        "is privileged",
        { initContainers: [container("sysctl", { securityContext: { privileged: true } })] },
        { initContainers: [container("sysctl", { securityContext: { allowPrivilegeEscalation: false } })] },
    ),
    debugCase(
        "client-network-capabilities",
        "debug-capability",
        "adds a capability",
        adding("NET_ADMIN"),
        adding("SYS_PTRACE"),
    ),

    ...POD_KINDS.map(kind =>
        clientPod(
            "client-proxy-identity",
            kind,
            "user",
            4,
            "runs as the sidecar's user or group",
            { containers: [{ ...app, securityContext: { runAsUser: 1337 } }] },
            { containers: [{ ...app, securityContext: { runAsUser: 1000 } }] },
        ),
    ),
    ...["runAsUser", "runAsGroup", "fsGroup"].map(field =>
        clientPod(
            "client-proxy-identity",
            "Deployment",
            `pod-${field}`,
            4,
            `${field} of the pod`,
            { securityContext: { [field]: 1337 } },
            { securityContext: { [field]: 13370 } },
        ),
    ),
    clientPod(
        "client-proxy-identity",
        "Pod",
        "supplemental-group",
        4,
        "supplementalGroups of the pod",
        { securityContext: { supplementalGroups: [1000, 1337] } },
        { securityContext: { supplementalGroups: [1000, 1336] } },
    ),
    clientPod(
        "client-proxy-identity",
        "CronJob",
        "container-group",
        4,
        "container app",
        { containers: [{ ...app, securityContext: { runAsUser: 1000, runAsGroup: 1337 } }] },
        { containers: [{ ...app, securityContext: { runAsUser: 1000, runAsGroup: 1000 } }] },
    ),
    clientPod(
        "client-proxy-identity",
        "Deployment",
        "init-container",
        4,
        "container fetch",
        { initContainers: [container("fetch", { securityContext: { runAsUser: 1337 } })] },
        { initContainers: [container("fetch")] },
    ),
    {
        ...clientPod(
            "client-proxy-identity",
            "Pod",
            "beside-the-real-sidecar",
            4,
            "container app",
            {
                initContainers: [injectedInit],
                containers: [{ ...app, securityContext: { runAsUser: 1337 } }, injectedProxy],
            },
            { initContainers: [injectedInit], containers: [app, injectedProxy] },
        ),
        title: "A pod with its real sidecar runs the application as the sidecar's user.",
    },
    debugCase(
        "client-proxy-identity",
        "debug-user",
        "runs as the sidecar's user or group",
        { securityContext: { runAsUser: 1337 } },
        { securityContext: { runAsUser: 1000 } },
    ),

    ...POD_KINDS.map(kind =>
        clientPod(
            "client-proxy-impostor",
            kind,
            "another-image",
            4,
            "container istio-proxy",
            { containers: [app, { ...injectedProxy, image: "registry.acme.example/curl:8" }] },
            { containers: [app, injectedProxy] },
        ),
    ),
    ...impostors().map(([name, hostile, benign]) =>
        clientPod("client-proxy-impostor", "Pod", `impostor-${name}`, 4, "that is not the injector's", hostile, benign),
    ),
    {
        ...clientPod(
            "client-proxy-impostor",
            "Deployment",
            "placeholder-with-command",
            4,
            "container istio-proxy",
            { containers: [app, { name: "istio-proxy", image: "auto", command: ["sleep", "infinity"] }] },
            { containers: [app, { name: "istio-proxy", image: "auto", resources: { requests: { cpu: "50m" } } }] },
        ),
        title: "A template tunes the sidecar, and sets its command on the way.",
    },
    {
        ...clientPod(
            "client-proxy-impostor",
            "Pod",
            "placeholder-not-injected",
            4,
            "container istio-proxy",
            { containers: [app, { name: "istio-proxy", image: "auto" }] },
            { initContainers: [injectedValidation, { ...injectedProxy, restartPolicy: "Always" }] },
        ),
        title: "A pod keeps the placeholder of a sidecar that nobody injected.",
    },
    debugCase(
        "client-proxy-impostor",
        "debug-name",
        "container istio-init",
        { name: "istio-init" },
        { name: "istio-in" },
    ),
];

/** Name, hostile pod, benign pod: containers under the injector's names. */
function impostors(): [string, PodFields, PodFields][] {
    const proxy = (fields: PodFields): PodFields => ({ containers: [app, { ...injectedProxy, ...fields }] });
    const init = (args: readonly string[]): PodFields => ({
        initContainers: [{ ...injectedInit, args }],
        containers: [app, injectedProxy],
    });
    const args: readonly string[] = injectedInit.args;
    const replaced = (flag: string, value: string) =>
        args.map((argument, index) => (args[index - 1] === flag ? value : argument));
    const real = { initContainers: [injectedInit], containers: [app, injectedProxy] };
    return [
        ["command", proxy({ command: ["sleep", "infinity"] }), proxy({ resources: { requests: { cpu: "10m" } } })],
        [
            "arguments",
            proxy({ args: ["request", "GET", "/"] }),
            proxy({ args: [...injectedProxy.args, "--concurrency", "2"] }),
        ],
        ["router", proxy({ args: ["proxy", "router"] }), proxy({ args: ["proxy", "sidecar"] })],
        [
            "cni-switched-off",
            proxy({ env: [{ name: "DISABLE_ENVOY", value: "true" }] }),
            proxy({ env: [{ name: "ISTIO_META_DNS_CAPTURE", value: "true" }] }),
        ],
        [
            "init-no-op",
            { initContainers: [container("istio-init", { command: ["true"] })] },
            { initContainers: [container("init", { command: ["true"] })] },
        ],
        ["init-excludes-all", init(replaced("-x", "0.0.0.0/0")), real],
        ["init-includes-little", init(replaced("-i", "10.0.0.0/8")), real],
        ["init-excludes-ports", init([...args, "-o", "443"]), init([...args, "-q", "8443"])],
        ["init-excludes-interface", init([...args, "-c", "eth0"]), init([...args, "-k", "net1"])],
        ["init-exempts-root", init(replaced("-u", "0")), real],
        ["init-exempts-group", init([...args, "-g", "0"]), init([...args, "-g", "1337"])],
        ["init-attached-value", init([...args, "-x0.0.0.0/0"]), real],
        ["init-long-flag", init([...args, "--istio-exclude-interfaces=eth0"]), init([...args, "--log_as_json"])],
        ["init-last-flag-wins", init([...args, "-i", "127.0.0.0/8"]), init([...args, "-i", "*"])],
        ["init-without-interception", init(replaced("-m", "NONE")), init(replaced("-m", "TPROXY"))],
        [
            "init-writes-nothing",
            init([...args, "--skip-rule-apply"]),
            { initContainers: [injectedValidation], containers: [app, injectedProxy] },
        ],
        ["init-dry-run", init([...args, "--dry-run"]), real],
    ];
}

export function clientPod(
    rule: HostileCase["rule"],
    kind: PodKind,
    name: string,
    bypass: number,
    message: string,
    hostile: PodFields,
    benign: PodFields,
): HostileCase {
    const subject = `${rule.replace("client-", "")}-${name}`;
    const objectName = `${subject}-${kind}`.toLowerCase();
    return {
        id: `${rule}/${name}/${kind}`,
        rule,
        bypass,
        title: `A ${kind} in a client namespace tries ${name.replaceAll("-", " ")}.`,
        as: developer,
        message,
        request: { operation: "create", object: workloadOf(kind, objectName, hostile) },
        twin: {
            title: `A ${kind} of the same sort without it.`,
            request: { operation: "create", object: workloadOf(kind, `${objectName}-twin`, benign) },
        },
    };
}

function adding(...add: string[]): PodFields {
    return { securityContext: { capabilities: { add } } };
}

/** `kubectl debug` adds an ephemeral container to a pod that runs. */
function debugCase(
    rule: HostileCase["rule"],
    name: string,
    message: string,
    hostile: PodFields,
    benign: PodFields,
): HostileCase {
    const request = (podName: string, fields: PodFields): Request => ({
        operation: "update",
        subresource: "ephemeralcontainers",
        before: pod(podName),
        object: pod(podName, { ephemeralContainers: [container("debugger", fields)] }),
    });
    const twin: PermittedRequest = {
        title: "A harmless debug container is added.",
        request: request(`${name}-twin`, benign),
    };
    return {
        id: `${rule}/${name}`,
        rule,
        bypass: 46,
        title: "A debug container is added to a running pod.",
        as: workload,
        message,
        request: request(name, hostile),
        twin,
    };
}

/** The rules above are about clients: the same pod elsewhere passes. */
export const passesElsewhere: readonly Request[] = [
    { operation: "create", object: pod("host-network-elsewhere", { hostNetwork: true }, { namespace: ELSEWHERE }) },
    {
        operation: "create",
        object: pod(
            "net-admin-elsewhere",
            { containers: [{ ...app, ...adding("NET_ADMIN") }] },
            { namespace: ELSEWHERE },
        ),
    },
];
