import { list, when } from "./cel";
import { HAS_INJECTED_NAME, IS_INJECTION_PLACEHOLDER, isImpostor } from "./injectedProxy";
import { type Check, type GuardObject, policyWithBinding } from "./policy";
import { IS_POD, POD_BEARING, POD_BEARING_AND_DEBUG, POD_VARIABLES, SAME_POD_SPEC } from "./podTemplates";
import { type GuardRuleId } from "./rules";
import { type GuardSettings } from "./settings";

/** Capabilities that change or avoid the redirection, in the spellings that container runtimes accept. */
const CAPABILITIES = ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "BPF", "ALL"].flatMap(name => [name, `CAP_${name}`]);

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

function clientRule(rule: GuardRuleId, checks: readonly Check[], settings: GuardSettings): GuardObject[] {
    return policyWithBinding(
        {
            rule,
            // hostNetwork and host ports cannot be had by a debug container.
            matches: rule === "client-host-network" ? POD_BEARING : POD_BEARING_AND_DEBUG,
            namespaces: { only: settings.clientNamespaces },
            unless: { "same-pod-spec": SAME_POD_SPEC },
            variables: POD_VARIABLES,
            checks,
        },
        settings,
    );
}

const hostChecks: readonly Check[] = [
    {
        name: "network",
        finding: "uses the node's network",
        offenders: when("variables.spec.?hostNetwork.orValue(false)", '"hostNetwork"'),
    },
    {
        name: "ports",
        finding: "takes ports of the node",
        offenders:
            "variables.containers.filter(c, !variables.spec.?hostNetwork.orValue(false) && c.?ports.orValue([])" +
            '.exists(p, p.?hostPort.orValue(0) != 0)).map(c, "container " + c.name)',
    },
];

const capabilityChecks: readonly Check[] = [
    {
        name: "added",
        finding: "adds a capability that can undo the capture",
        offenders:
            `variables.containers.filter(c, !(${HAS_INJECTED_NAME}) && c.?securityContext.?capabilities.?add.orValue([])` +
            `.exists(name, name.trim().upperAscii() in ${list(CAPABILITIES)})).map(c, "container " + c.name)`,
    },
    {
        name: "privileged",
        finding: "is privileged",
        offenders:
            `variables.containers.filter(c, !(${HAS_INJECTED_NAME}) && c.?securityContext.?privileged.orValue(false))` +
            '.map(c, "container " + c.name)',
    },
];

/** A supplementary group is enough: a process may make files of that group set-group-id and run them. */
const identityChecks: readonly Check[] = [
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

function impostorChecks(settings: GuardSettings): readonly Check[] {
    return [
        {
            name: "impostors",
            finding: "has a container under the injector's name that is not the injector's",
            offenders:
                `variables.containers.filter(c, ${HAS_INJECTED_NAME} && !(!(${IS_POD}) && ${IS_INJECTION_PLACEHOLDER})` +
                ` && (${isImpostor(settings)})).map(c, "container " + c.name)`,
        },
    ];
}
