import { behind, nameOf, object, text } from "./asset";
import { clusterOf } from "./pools";
import { type Translate } from "./translate";

/** Groups of Kubernetes' own kinds whose asset types have `k8s.io` behind them: `apps.k8s.io/Deployment` is of group `apps`. */
const SHORT_GROUPS = new Set(["apps", "autoscaling", "batch", "extensions", "policy"]);

/** An object of a cluster as its manifest; the asset type says of what group and kind it is where the object does not. */
export const kubernetesObject: Translate = (asset, data) => {
    const [domain = "", kind = ""] = asset.type.split("/");
    const short = domain.replace(/\.?k8s\.io$/, "");
    const group = short === "" || SHORT_GROUPS.has(short) ? short : domain;
    const version = asset.version ?? "v1";
    const apiVersion = text(data["apiVersion"]) ?? (group === "" ? version : `${group}/${version}`);
    const metadata = object(data["metadata"]);
    const namespace = text(metadata["namespace"]) ?? behind(asset, "namespaces");
    return [
        {
            type: `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`,
            inputs: {
                apiVersion,
                kind,
                ...data,
                metadata: {
                    ...metadata,
                    name: text(metadata["name"]) ?? nameOf(asset),
                    ...(namespace === undefined || kind === "Namespace" ? {} : { namespace }),
                },
            },
            name: [...(namespace === undefined || kind === "Namespace" ? [] : [namespace]), nameOf(asset)].join("/"),
            key: "",
            provider: clusterOf(asset).replace("/zones/", "/locations/"),
        },
    ];
};
