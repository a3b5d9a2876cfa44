import { last } from "../../containment/inventory/asset";
import { kubernetesObjects, objectKey } from "../../containment/kubernetes";
import { INVENTORY, type Resource } from "../../containment/resource";

/** What tells apart, in Google Cloud, what has one name: where it is, and what it is part of. */
const PLACES = ["project", "region", "zone", "location", "cluster", "router"] as const;

/** Whether what is there in Google Cloud is what a stack registers. */
export function isCounterpart(registered: Resource, live: Resource): boolean {
    return (
        live.type === registered.type &&
        isCalledAs(registered, live) &&
        PLACES.every(key => {
            const [said, found] = [registered.inputs[key], live.inputs[key]];
            return typeof said !== "string" || typeof found !== "string" || last(said) === last(found);
        })
    );
}

/** Pulumi names what has no name of its own after the resource, with seven hexadecimal digits behind it. */
function isCalledAs(registered: Resource, live: Resource): boolean {
    const name = givenName(registered);
    return name === undefined
        ? /^-[0-9a-f]{7}$/.test(nameOf(live).replace(registered.name, ""))
        : nameOf(live) === String(name);
}

/** What is there, of the components that registered it: whose a pool, a NAT or a Deployment is, nothing else says. */
export function withMakers(registered: readonly Resource[], live: readonly Resource[]): Resource[] {
    const google = registered.filter(({ type }) => type.startsWith("gcp:"));
    const parents = new Map(registered.map(({ urn, parent }) => [urn, parent]));
    const byKey = new Map(kubernetesObjects(registered).map(object => [objectKey(object), parents.get(object.urn)]));
    const ofObjects = new Map(kubernetesObjects(live).map(object => [object.urn, byKey.get(objectKey(object))]));
    return live.map(resource => {
        const parent = resource.urn.startsWith(INVENTORY)
            ? google.find(each => isCounterpart(each, resource))?.parent
            : ofObjects.get(resource.urn);
        return parent === undefined ? resource : { ...resource, parent };
    });
}

export function nameOf(resource: Resource): string {
    return String(givenName(resource) ?? resource.name);
}

export function givenName({ inputs }: Pick<Resource, "inputs">): unknown {
    return inputs["name"] ?? inputs["accountId"];
}
