import { type Resource } from "../resource";
import { CREATING_GROUPS, CREATING_NOTHING, CREATING_PACKAGES, HARMLESS_PACKAGES } from "./types/creators";
import { GRANT_TYPES } from "./types/grants";
import { harmless, type Treatment, type TypeGroup, unmodelled } from "./types/group";
import { NETWORK_TYPES } from "./types/network";
import { SERVICE_TYPES } from "./types/services";

/** Every type of Google's provider that has a place, by type token. */
export const GOOGLE_TYPES: ReadonlyMap<string, Treatment> = new Map([
    ...[...NETWORK_TYPES, ...SERVICE_TYPES].flatMap(group => placed(group, [""])),
    ...GRANT_TYPES.flatMap(group => placed(group, ["Member", "Binding", "Policy"])),
]);

function placed({ treatment, types }: TypeGroup, endings: readonly string[]): [string, Treatment][] {
    return Object.entries(types).flatMap(([module, names]) =>
        names
            .split(" ")
            .flatMap(name => endings.map(ending => name + ending))
            .map((name): [string, Treatment] => [
                `gcp:${module}/${name[0]!.toLowerCase()}${name.slice(1)}:${name}`,
                treatment,
            ]),
    );
}

/** How the proof treats this type. What it has never heard of in Google Cloud counts as a path. */
export function treatmentOf(resource: Resource): Treatment {
    const { type } = resource;
    return (
        GOOGLE_TYPES.get(type) ??
        (/^gcp:/.test(type)
            ? unmodelled("this proof does not know what it does to packets")
            : treatmentOfOther(resource))
    );
}

/** Not by Google's provider: Kubernetes objects, resources of other providers, and components, which have no provider. */
function treatmentOfOther({ type, provider }: Resource): Treatment {
    const [name = "", module = "", kind = ""] = type.split(":");
    if (name === "kubernetes") {
        return treatmentOfObject(module.split("/")[0]!, kind);
    }
    const creating = CREATING_PACKAGES[name];
    if (creating !== undefined) {
        return unmodelled(creating);
    }
    return provider === undefined || HARMLESS_PACKAGES.has(name)
        ? harmless("is no Google Cloud resource")
        : unmodelled(`this proof does not know what provider ${name} makes`);
}

function treatmentOfObject(group: string, kind: string): Treatment {
    if (group === "networking.gke.io" && kind === "EgressNATPolicy") {
        return unmodelled("it changes which pods keep their own address");
    }
    const creating = CREATING_NOTHING.has(kind.replace(/Patch$/, ""))
        ? undefined
        : CREATING_GROUPS.find(({ group: pattern }) => pattern.test(group));
    return creating === undefined ? harmless("is a Kubernetes object") : unmodelled(creating.reason);
}
