import { DEFAULT_PROXY_IMAGES } from "../../base/conventions";
import { registeredAs } from "../../declared/component";
import { GUARD } from "../../declared/guard";
import { type Fields, fields, fieldsList, hasUnknown, list, text } from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";

/** What a pod of the gateway has that the injector would not give it. */
interface Changes {
    /** As the subject of a sentence. */
    readonly found: readonly string[];
    /** What may be one, and is not known before `up` or not known to be harmless. */
    readonly unknown: readonly string[];
}

const PROXY = "istio-proxy";
/** The injector's other containers (Istio, injection templates `sidecar` and `gateway`). */
const INJECTED = new Set([PROXY, "istio-init", "istio-validation"]);

/** Fields of a container that start nothing and load nothing (Kubernetes API, Container). */
const HARMLESS = new Set([
    "name",
    "image",
    "imagePullPolicy",
    "ports",
    "resources",
    "resizePolicy",
    "securityContext",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "env",
    "args",
    "command",
    "volumeMounts",
]);

/** Annotations with which a pod replaces what the injector starts (Istio reference, "Resource Annotations"). */
const REPLACING = [
    "sidecar.istio.io/proxyImage",
    "sidecar.istio.io/bootstrapOverride",
    "sidecar.istio.io/userVolume",
    "sidecar.istio.io/userVolumeMount",
];
/** Fields of ProxyConfig that do the same. */
const REPLACING_CONFIG = /customConfigFile|proxyBootstrapTemplatePath|binaryPath|configPath/;
/** Variables that make the proxy load something else. */
const LOADING = /^(?:LD_|ISTIO_BOOTSTRAP)/;

/**
 * What a template of the gateway's pods asks for that is not the injector's proxy. A template that names no container is a sketch,
 * and says nothing.
 */
export function changesOfProxy(template: unknown, resources: readonly Resource[]): Changes {
    const { metadata, spec } = fields(template);
    if ([template, metadata, spec].includes(UNKNOWN)) {
        return { found: [], unknown: ["what its pods are is not known before up"] };
    }
    const lists = ["containers", "initContainers", "ephemeralContainers"].map(key => [key, fields(spec)[key]] as const);
    const containers = lists.flatMap(([key, items]) => fieldsList(items).map(container => ({ key, container })));
    const images = proxyImages(resources);
    const annotations = fields(metadata).annotations;
    return {
        found: [
            ...containers.flatMap(({ key, container }) => foundIn(key, container, images)),
            ...REPLACING.filter(key => fields(annotations)[key] !== undefined).map(key => `annotation ${key}`),
            ...(REPLACING_CONFIG.test(text(fields(annotations)["proxy.istio.io/config"]) ?? "")
                ? ["a bootstrap of its own in annotation proxy.istio.io/config"]
                : []),
        ],
        unknown: [
            ...lists.filter(([, items]) => items === UNKNOWN).map(([key]) => `${key} are not known before up`),
            ...(hasUnknown(annotations) ? ["annotations of its pods are not known before up"] : []),
            ...containers.flatMap(({ container }) => unknownIn(container)),
        ],
    };
}

function foundIn(key: string, container: Fields, images: (image: string) => boolean): string[] {
    const { name, image, command, args, env } = container;
    const called = `container ${String(name)}`;
    if (
        name !== UNKNOWN &&
        !(key === "containers" ? name === PROXY : key === "initContainers" && INJECTED.has(String(name)))
    ) {
        return [`${called}, which is not the injector's,`];
    }
    const first = list(args).map(String);
    return [
        ...(text(image) !== undefined && image !== UNKNOWN && !images(String(image))
            ? [`image ${String(image)} in ${called}`]
            : []),
        ...(list(command).length > 0 ? [`the command of ${called}`] : []),
        ...(name === PROXY &&
        first.length > 0 &&
        !(first[0] === "proxy" && ["router", "sidecar"].includes(first[1] ?? ""))
            ? [`arguments of ${called}`]
            : []),
        ...(first.some(arg => arg.startsWith("--templateFile")) ? [`a bootstrap of its own in ${called}`] : []),
        ...fieldsList(env)
            .filter(
                ({ name: variable, value }) =>
                    LOADING.test(String(variable)) ||
                    (variable === "PROXY_CONFIG" && REPLACING_CONFIG.test(text(value) ?? "")),
            )
            .map(variable => `variable ${String(variable.name)} in ${called}`),
    ];
}

function unknownIn(container: Fields): string[] {
    const called = `container ${String(container.name)}`;
    const judged = ["name", "image", "command", "args", "env"].filter(key =>
        key === "env"
            ? container.env === UNKNOWN || fieldsList(container.env).some(({ name }) => name === UNKNOWN)
            : hasUnknown(container[key]),
    );
    return [
        ...judged.map(key => `${key} of ${called} is not known before up`),
        ...Object.keys(container)
            .filter(key => !HARMLESS.has(key) && !isHealthCheck(key, container[key]))
            .map(key => `${key} of ${called} may start or load something, and is not judged`),
    ];
}

/** A probe that asks over the network starts nothing. */
function isHealthCheck(key: string, value: unknown): boolean {
    return /^(?:liveness|readiness|startup)Probe$/.test(key) && value !== UNKNOWN && fields(value).exec === undefined;
}

/** What the guard's component says, by default Istio's name in any registry. */
function proxyRepositories(resources: readonly Resource[]): readonly string[] {
    const declared = registeredAs(GUARD, resources).flatMap(guard => {
        const fact = guard.read("proxyImages");
        return fact.known ? (fact.value ?? []) : [];
    });
    return declared.length > 0 ? declared : DEFAULT_PROXY_IMAGES;
}

/** An image that passes for the proxy's, in a registry of somebody else's where that is enough. */
export function someProxyImage(resources: readonly Resource[]): string {
    return `${proxyRepositories(resources)[0]!.replace(/^\*\//, "registry.example.com/")}:1`;
}

/** `auto` leaves it to the injector. */
function proxyImages(resources: readonly Resource[]): (image: string) => boolean {
    const repositories = proxyRepositories(resources);
    return image => {
        const repository = image.replace(/@sha256:[0-9a-f]+$/, "").replace(/:[\w.-]+$/, "");
        return (
            image === "auto" ||
            repositories.some(one =>
                one.startsWith("*/")
                    ? repository === one.slice(2) || repository.endsWith(one.slice(1))
                    : repository === one,
            )
        );
    };
}
