import { list } from "./cel";
import { HAS_INJECTED_NAME, IS_INJECTION_PLACEHOLDER, isImpostor, IS_TAMPERED } from "./injectedProxy";
import { type GuardCheck, type GuardObject, policyWithBinding } from "./policy";
import { IS_POD, POD_BEARING, POD_BEARING_AND_DEBUG, POD_VARIABLES, SAME_POD_SPEC } from "./podTemplates";
import { type GuardPolicyId } from "./rules";
import { type GuardSettings } from "./settings";

/** Capabilities that change or avoid the redirection, or lead out of the container, in the spellings that runtimes accept. */
const CAPABILITIES = [
    ...["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "BPF", "ALL"],
    ...["SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH"],
].flatMap(name => [name, `CAP_${name}`]);

/** User and group of Istio's sidecar, which the redirection leaves alone (Istio: application requirements). */
const PROXY_ID = 1337;

/** What the pods of client namespaces may be: their security contexts and their containers' names. */
export function clientPodRules(settings: GuardSettings): GuardObject[] {
    return [
        ...clientRule("client-host-network", hostChecks, settings),
        ...clientRule("client-network-capabilities", capabilityChecks, settings),
        ...clientRule("client-proxy-identity", identityChecks, settings),
        ...clientRule("client-proxy-impostor", impostorChecks(settings), settings),
    ];
}

function clientRule(policy: GuardPolicyId, checks: readonly GuardCheck[], settings: GuardSettings): GuardObject[] {
    return policyWithBinding(
        {
            policy,
            // hostNetwork and host ports cannot be had by a debug container.
            matches: policy === "client-host-network" ? POD_BEARING : POD_BEARING_AND_DEBUG,
            namespaces: { only: settings.clientNamespaces },
            unless: { "same-pod-spec": SAME_POD_SPEC },
            variables: POD_VARIABLES,
            checks,
        },
        settings,
    );
}

/** Sysctls that the Pod Security Standards call safe: they hold in the pod alone. */
const SAFE_SYSCTLS = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
];

const SECURITY = "variables.spec.?securityContext";

/** As the `baseline` Pod Security Standard has it, which a namespace that is not ours cannot be given. */
const hostChecks: readonly GuardCheck[] = [
    {
        name: "namespaces",
        finding: "uses the node's network or processes",
        offenders: ["hostNetwork", "hostPID", "hostIPC"]
            .map(field => `(variables.spec.?${field}.orValue(false) ? ["${field}"] : [])`)
            .join(" + "),
    },
    {
        name: "ports",
        finding: "takes ports of the node",
        offenders:
            "variables.containers.filter(c, !variables.spec.?hostNetwork.orValue(false) && c.?ports.orValue([])" +
            '.exists(p, p.?hostPort.orValue(0) != 0)).map(c, "container " + c.name)',
    },
    {
        name: "disk",
        finding: "mounts the node's disk",
        offenders: 'variables.spec.?volumes.orValue([]).filter(v, has(v.hostPath)).map(v, "volume " + v.name)',
    },
    {
        name: "kernel",
        finding: "sets what holds for the whole node",
        offenders: `${SECURITY}.?sysctls.orValue([]).filter(s, !(s.name in ${list(SAFE_SYSCTLS)})).map(s, "sysctl " + s.name)`,
    },
    {
        name: "unconfined",
        finding: "takes off what confines it to the pod",
        offenders: [
            `(${unconfined(SECURITY)} ? ["the pod"] : [])`,
            `variables.containers.filter(c, c.?securityContext.?procMount.orValue("Default") != "Default"` +
                ` || ${unconfined("c.?securityContext")}).map(c, "container " + c.name)`,
        ].join(" + "),
    },
];

function unconfined(context: string): string {
    return [
        ...["seccompProfile", "appArmorProfile"].map(
            profile => `${context}.?${profile}.?type.orValue("") == "Unconfined"`,
        ),
        `${context}.?windowsOptions.?hostProcess.orValue(false)`,
    ].join(" || ");
}

/**
 * Istio's template gives istio-init both network capabilities, and the sidecar one where it intercepts by TPROXY; nobody
 * is privileged, by whatever name.
 */
const GIVEN_BY_TEMPLATE = [
    'c.name == "istio-init" && name in ["NET_ADMIN", "NET_RAW"]',
    `(${IS_POD}) && c.name == "istio-proxy" && name == "NET_ADMIN" && c.?env.orValue([])` +
        '.exists(e, e.name == "ISTIO_META_INTERCEPTION_MODE" && e.?value.orValue("") == "TPROXY")',
].join(" || ");

const capabilityChecks: readonly GuardCheck[] = [
    {
        name: "added",
        finding: "adds a capability that can undo the capture or reach the node",
        offenders:
            `variables.containers.filter(c, c.?securityContext.?capabilities.?add.orValue([])` +
            `.exists(name, name.trim().upperAscii() in ${list(CAPABILITIES)} && !(${GIVEN_BY_TEMPLATE}))).map(c, "container " + c.name)`,
    },
    {
        name: "privileged",
        finding: "is privileged",
        offenders:
            'variables.containers.filter(c, c.?securityContext.?privileged.orValue(false)).map(c, "container " + c.name)',
    },
];

/** A supplementary group is enough: a process may make files of that group set-group-id and run them. */
const identityChecks: readonly GuardCheck[] = [
    {
        name: "podIdentity",
        finding: "runs as the sidecar's user or group",
        offenders: [
            ...["runAsUser", "runAsGroup", "fsGroup"].map(
                field =>
                    `(variables.spec.?securityContext.?${field}.orValue(0) == ${PROXY_ID} ? ["${field} of the pod"] : [])`,
            ),
            `(${PROXY_ID} in variables.spec.?securityContext.?supplementalGroups.orValue([]) ? ["supplementalGroups of the pod"] : [])`,
        ].join(" + "),
    },
    {
        name: "containerIdentity",
        finding: "runs as the sidecar's user or group",
        offenders:
            `variables.containers.filter(c, !(${HAS_INJECTED_NAME}) && (c.?securityContext.?runAsUser.orValue(0) == ${PROXY_ID}` +
            ` || c.?securityContext.?runAsGroup.orValue(0) == ${PROXY_ID})).map(c, "container " + c.name)`,
    },
];

function impostorChecks(settings: GuardSettings): readonly GuardCheck[] {
    return [
        {
            name: "impostors",
            finding: "has a container under the injector's name that is not the injector's",
            offenders:
                `variables.containers.filter(c, ${HAS_INJECTED_NAME} && !(!(${IS_POD}) && ${IS_INJECTION_PLACEHOLDER})` +
                ` && (${isImpostor(settings)})).map(c, "container " + c.name)`,
        },
        {
            // A privileged one is refused for that, and by that rule alone.
            name: "tampered",
            finding: "adds hooks, probes, files or libraries to a container of the injector",
            offenders:
                `variables.containers.filter(c, ${HAS_INJECTED_NAME} && !c.?securityContext.?privileged.orValue(false)` +
                ` && (${IS_TAMPERED})).map(c, "container " + c.name)`,
        },
    ];
}
