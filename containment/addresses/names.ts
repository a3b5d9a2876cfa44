import { type Resource } from "../resource";
import { makerOf } from "../world/gateways";
import { Inputs, knownOf } from "../world/inputs";
import { parseReference } from "../world/references";

/** Names of the addresses that new connections of a gateway leave by, as far as they are known. */
export function addressNames(resources: readonly Resource[], gateway: string): readonly string[] {
    const byUrn = new Map(resources.map(resource => [resource.urn, resource]));
    return resources
        .filter(resource => resource.type === "gcp:compute/routerNat:RouterNat" && makerOf(resource, byUrn) === gateway)
        .flatMap(nat => knownOf(Inputs.of(nat, []).texts("natIps")))
        .map(link => parseReference(link).name);
}
