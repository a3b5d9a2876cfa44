import { parse } from "yaml";
import { fields, type Fields, type KubernetesObject, list, text, texts, unknownPaths } from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";
import { type MeshSettings } from "./model";

/**
 * What the mesh's own configuration would have to say for the model to be wrong: it may stand in istiod's ConfigMap, or in the
 * values of its chart. What neither shows stays an assumption.
 */
export function meshConfigProblems(
    resources: readonly Resource[],
    objects: readonly KubernetesObject[],
    settings: MeshSettings,
): string[] {
    return [
        ...objects.filter(object => isMeshConfig(object, settings)).flatMap(object => ofConfigMap(object, settings)),
        ...resources
            .filter(({ type, inputs }) => type === "kubernetes:helm.sh/v3:Release" && inputs.chart === "istiod")
            .flatMap(release => ofValues(release, settings)),
    ];
}

/** `istio`, or `istio-<revision>`. */
function isMeshConfig({ kind, group, name, namespace }: KubernetesObject, { rootNamespace }: MeshSettings): boolean {
    return kind === "ConfigMap" && group === "" && namespace === rootNamespace && /^istio(?:-|$)/.test(name);
}

function ofConfigMap({ urn, object }: KubernetesObject, settings: MeshSettings): string[] {
    const mesh = object.data === UNKNOWN ? UNKNOWN : fields(object.data).mesh;
    if (mesh === UNKNOWN) {
        return [`${urn}: data.mesh is not known before up`];
    }
    if (text(mesh) === undefined) {
        return [];
    }
    try {
        return ofMeshConfig(urn, fields(parse(String(mesh))), settings);
    } catch {
        return [`${urn}: data.mesh is no YAML`];
    }
}

function ofValues({ urn, inputs }: Resource, settings: MeshSettings): string[] {
    const { values, valueYamlFiles } = inputs;
    const { meshConfig, pilot, global, env } = fields(values);
    const flags = Object.entries({ ...fields(env), ...fields(fields(pilot).env) }).filter(
        ([name, value]) => FLAGS[name] !== undefined && String(value) !== FLAGS[name],
    );
    return [
        ...unknownPaths(values === UNKNOWN ? { values } : { values: { meshConfig, env, pilot } }).map(
            path => `${urn}: ${path} is not known before up`,
        ),
        ...(list(valueYamlFiles).length > 0 ? [`${urn} takes values from files, which are not shown`] : []),
        ...ofMeshConfig(urn, fields(meshConfig), settings),
        ...(text(fields(global).trustDomain) === undefined ? [] : ofMeshConfig(urn, fields(global), settings)),
        ...flags.map(([name]) => `${urn} sets ${name}, and the model follows Istio's default`),
    ];
}

/** Switches of istiod that change what the model follows, with their defaults. */
const FLAGS: Readonly<Record<string, string>> = {
    ISTIO_GATEWAY_STRIP_HOST_PORT: "false",
    PILOT_SKIP_VALIDATE_TRUST_DOMAIN: "false",
    PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_OUTBOUND: "true",
    VERIFY_CERTIFICATE_AT_CLIENT: "true",
    ENABLE_AUTO_SNI: "true",
};

const EXPORTS = ["defaultServiceExportTo", "defaultVirtualServiceExportTo", "defaultDestinationRuleExportTo"] as const;

function ofMeshConfig(urn: string, config: Fields, { trustDomain, rootNamespace }: MeshSettings): string[] {
    const own = text(config.trustDomain);
    const root = text(config.rootNamespace);
    const proxies = fields(config.defaultConfig);
    const more = (key: string, words: string): string[] =>
        list(config[key]).length === 0 ? [] : [`${urn}: ${key} ${words}`];
    return [
        ...(own === undefined || own === trustDomain
            ? []
            : [`${urn} gives the mesh trust domain ${own}, and the destinations are declared for ${trustDomain}`]),
        ...(root === undefined || root === rootNamespace
            ? []
            : [`${urn} makes ${root} the root namespace, and ${rootNamespace} is declared`]),
        ...more("trustDomainAliases", "lets identities of other trust domains pass for those of this one"),
        ...more("caCertificates", "lets other authorities issue identities"),
        ...more("configSources", "takes objects from elsewhere, which are not shown"),
        // A narrower default hides what the model sees, and shows nothing more.
        ...EXPORTS.filter(key => !/^(?:\*|\.)?$/.test(texts(config[key]).join())).map(
            key => `${urn}: ${key} changes who sees what, and the model follows Istio's default`,
        ),
        ...(config.verifyCertificateAtClient === false
            ? [`${urn}: verifyCertificateAtClient is false, so certificates are not checked by default`]
            : []),
        ...["customConfigFile", "proxyBootstrapTemplatePath", "binaryPath", "caCertificatesPem"]
            .filter(key => proxies[key] !== undefined)
            .map(key => `${urn}: defaultConfig.${key} changes every proxy in ways that the model does not follow`),
    ];
}
