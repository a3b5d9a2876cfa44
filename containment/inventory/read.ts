import { type LeftOut } from "../document";
import { INVENTORY, type Resource } from "../resource";
import { type Asset, nameOf } from "./asset";
import { COMPUTE } from "./compute";
import { CONTAINER } from "./container";
import { grantsOf, hierarchyOf, IDENTITY } from "./identity";
import { Inventory } from "./inventory";
import { kubernetesObject } from "./objects";
import { SERVICES } from "./services";
import { pluralized } from "./spelling";
import { type Translate, type Translated, type Unused } from "./translate";
import { doesNothingToPackets, typeOf } from "./types";

const TRANSLATIONS: ReadonlyMap<string, Translate> = new Map([
    ...Object.entries(COMPUTE).map(([kind, translate]) => [`compute.googleapis.com/${kind}`, translate] as const),
    ...Object.entries(CONTAINER).map(([kind, translate]) => [`container.googleapis.com/${kind}`, translate] as const),
    ...Object.entries(IDENTITY),
    ...Object.entries(SERVICES),
]);

/** Resources of an export of Cloud Asset Inventory, as a Pulumi program would have registered them. */
export function inventoryResources(assets: readonly Asset[]): { resources: Resource[]; leftOut: LeftOut[] } {
    const inventory = new Inventory(assets);
    const resources: Resource[] = [];
    const leftOut: LeftOut[] = [];
    const clusters = new Map<string, Resource>();
    for (const asset of assets) {
        if (asset.bindings !== undefined) {
            const grants = grantsOf(asset, inventory);
            resources.push(...grants.map(each => resourceOf(asset, each)));
            if (grants.length === 0 && asset.bindings.length > 0) {
                leftOut.push({ what: `IAM policy of ${asset.type}`, why: "says who may administer it" });
            }
            if (asset.data === undefined) {
                continue;
            }
        }
        const translated = translate(asset, inventory);
        if ("leftOut" in translated) {
            leftOut.push({ what: asset.type, why: translated.leftOut });
            continue;
        }
        for (const each of translated) {
            const provider = each.provider === undefined ? undefined : providerOf(each.provider, clusters);
            resources.push(resourceOf(asset, each, provider));
        }
    }
    return {
        resources: [
            ...clusters.values(),
            ...hierarchyOf(inventory).map(each => resourceOf({ path: each.name! }, each)),
            ...resources,
        ],
        leftOut,
    };
}

function translate(asset: Asset, inventory: Inventory): readonly Translated[] | Unused {
    const { type, data } = asset;
    if (doesNothingToPackets(type)) {
        return { leftOut: "is no machine, and carries no packets" };
    }
    const own = TRANSLATIONS.get(type) ?? (/(^|\.)k8s\.io\//.test(type) ? kubernetesObject : undefined);
    const found =
        own === undefined || data === undefined
            ? []
            : own(asset, own === kubernetesObject ? data : pluralized(data), inventory);
    return "leftOut" in found || found.length > 0
        ? found
        : [{ type: own === undefined ? typeOf(type) : unread(type), inputs: data ?? {} }];
}

/** A token that nobody knows, so that the verdict is unknown. */
function unread(assetType: string): string {
    return `gcp:${assetType.replace("/", ":")}`;
}

function resourceOf(asset: Pick<Asset, "path">, translated: Translated, provider?: Resource): Resource {
    const { type, inputs, outputs } = translated;
    const name = translated.name ?? nameOf(asset);
    const inside = translated.key ?? translated.name ?? "";
    return {
        urn: urnOf(type, `${asset.path}${["", asset.path].includes(inside) ? "" : ` ${inside}`}`),
        type,
        name,
        inputs,
        dependsOn: [],
        ...(outputs === undefined || Object.keys(outputs).length === 0 ? {} : { outputs }),
        ...(provider === undefined ? {} : { provider: provider.urn }),
    };
}

/** The provider of the objects of one cluster: it names the cluster. */
function providerOf(cluster: string, known: Map<string, Resource>): Resource {
    let provider = known.get(cluster);
    if (provider === undefined) {
        const type = "pulumi:providers:kubernetes";
        provider = {
            urn: urnOf(type, cluster),
            type,
            name: cluster,
            inputs: { clusterIdentifier: cluster },
            dependsOn: [],
        };
        known.set(cluster, provider);
    }
    return provider;
}

function urnOf(type: string, path: string): string {
    return `${INVENTORY}${type}::${path}`;
}
