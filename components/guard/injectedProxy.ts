import { list, text } from "./cel";
import { DEFAULT_PROXY_IMAGES, type GuardSettings } from "./settings";

/**
 * The containers that Istio's injector adds. Admission policies run after the injector, so the guard sees them in every
 * pod and has to know them: istio-init legitimately adds NET_ADMIN, istio-proxy legitimately runs as 1337.
 * Source: the `sidecar` and `gateway` injection templates of Istio's `istiod` chart.
 */
const INJECTED_CONTAINER_NAMES: readonly string[] = ["istio-proxy", "istio-init", "istio-validation"];

export const HAS_INJECTED_NAME = `c.name in ${list(INJECTED_CONTAINER_NAMES)}`;

/** Whether `c.image` is the mesh's proxy image. */
export function isProxyImage(settings: Pick<GuardSettings, "proxyImages">): string {
    return `c.?image.orValue("").matches(${text(imagePattern(settings.proxyImages ?? DEFAULT_PROXY_IMAGES))})`;
}

/** RE2. The repository, then a tag or a digest or neither. */
function imagePattern(repositories: readonly string[]): string {
    const alternatives = repositories.map(repository =>
        repository.startsWith("*/") ? `([^@]+/)?${escaped(repository.slice(2))}` : escaped(repository),
    );
    return `^(${alternatives.join("|")})(:[\\w.-]+)?(@sha256:[0-9a-f]+)?$`;
}

function escaped(literal: string): string {
    return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/**
 * Arguments of istio-init and istio-validation that leave outbound traffic out of the redirection: anything but `*`
 * included, anything excluded, another exempt user or group, or no rules at all. Joined with line breaks, since flag and
 * value are separate arguments in the template and the attached form (`-x10.0.0.0/8`) has to be found as well.
 */
function narrowsCapture(settings: Pick<GuardSettings, "injectedAnnotations">): string {
    const excluded = settings.injectedAnnotations?.["traffic.sidecar.istio.io/excludeOutboundIPRanges"] ?? "";
    const excludedPorts = settings.injectedAnnotations?.["traffic.sidecar.istio.io/excludeOutboundPorts"] ?? "";
    const args = `("\\n" + c.args.join("\\n") + "\\n")`;
    const values = [
        ["-u", "1337"],
        ["-i", "*"],
        ["-x", excluded],
        ["-o", excludedPorts],
        ["-c", ""],
        ["-g", "1337"],
    ] as const;
    // RE2 has no look-ahead: a flag is fine when as many of its occurrences are followed by the one value that is allowed.
    const other = values.map(
        ([flag, allowed]) =>
            `${args}.split(${text(`\n${flag}\n`)}).size() != ${args}.split(${text(`\n${flag}\n${allowed}\n`)}).size()`,
    );
    return [
        ...other,
        `${args}.matches("\\n-[uixocg][^\\n]")`,
        `${args}.matches("\\n--(istio-|dry-run|cleanup|proxy-[ug]id)")`,
        `${args}.contains("\\n-n\\n")`,
        `c.name == "istio-init" && ${args}.contains("\\n--skip-rule-apply")`,
        `${args}.matches("\\n-m\\n[^RT]")`,
    ].join(" || ");
}

/**
 * Whether the container `c`, which has an injected name, is not what the injector writes. What this cannot see: the
 * image's contents, and the proxy's environment but for the variable that makes the CNI plugin skip the pod.
 */
export function isImpostor(settings: GuardSettings): string {
    const firstArguments =
        'c.name == "istio-proxy" ? c.args[0] == "proxy" && c.args[1] == "sidecar" : c.args[0] == "istio-iptables"';
    return [
        `!${isProxyImage(settings)}`,
        "c.?command.orValue([]).size() > 0",
        "c.?args.orValue([]).size() < 2",
        `!(${firstArguments})`,
        'c.?env.orValue([]).exists(e, e.name == "DISABLE_ENVOY")',
        `c.name != "istio-proxy" && (${narrowsCapture(settings)})`,
    ].join(" || ");
}

/** Where the template mounts what it mounts, and Kubernetes the account's token. */
const TEMPLATE_MOUNTS = "^(/var/run/secrets/|/var/lib/istio/data(/|$)|/etc/istio/(proxy|pod)(/|$)|/etc/certs(/|$))";

/**
 * Fields of ProxyConfig that name what is started and loaded. The template writes the mesh's and the pod's own configuration into
 * PROXY_CONFIG, as JSON; the agent reads it as YAML, where an escape could hide a field.
 */
const OTHER_PROGRAM =
    "(binary_?[pP]ath|custom_?[cC]onfig_?[fF]ile|[bB]ootstrap_?[tT]emplate_?[pP]ath|config_?[pP]ath)|\\\\[ux]";

/**
 * Whether the container `c`, which has an injected name, is given something to run or to load besides what the template
 * gives: it would run as the sidecar's user, which the redirection leaves alone. The template's own hooks are
 * `pilot-agent wait` and `pilot-agent request … POST drain`, its probes ask for `/healthz/ready`.
 */
export const IS_TAMPERED = [
    ...["postStart", "preStop"].map(
        hook =>
            `has(c.lifecycle) && has(c.lifecycle.${hook}) && !has(c.lifecycle.${hook}.sleep) && !(c.lifecycle.${hook}.?exec.?command.orValue([])` +
            `.join(" ").matches("^pilot-agent (wait|request( --debug-port=[0-9]+)? POST drain)$"))`,
    ),
    ...["livenessProbe", "readinessProbe", "startupProbe"].map(
        probe => `c.?${probe}.hasValue() && (!has(c.${probe}.httpGet) || has(c.${probe}.httpGet.host))`,
    ),
    `c.?volumeMounts.orValue([]).exists(m, !m.mountPath.matches(${text(TEMPLATE_MOUNTS)}) || m.mountPath.contains("/.."))`,
    "c.?volumeDevices.orValue([]).size() > 0",
    "c.?envFrom.orValue([]).size() > 0",
    'c.?env.orValue([]).exists(e, e.name.matches("^(LD_|ISTIO_BOOTSTRAP)"))',
    `c.?env.orValue([]).exists(e, e.name == "PROXY_CONFIG" && (has(e.valueFrom) || e.?value.orValue("").matches(${text(OTHER_PROGRAM)})))`,
    'c.?args.orValue([]).exists(a, a.startsWith("--templateFile"))',
]
    .map(condition => `(${condition})`)
    .join(" || ");

/** `image: auto` in a template asks the injector to fill in the rest (Istio: customizing injection). */
export const IS_INJECTION_PLACEHOLDER =
    'c.?image.orValue("") == "auto" && c.?command.orValue([]).size() == 0 && c.?args.orValue([]).size() == 0';
