import assert from "node:assert/strict";

export const ADDRESS = "gcp:compute/address:Address";
export const DENY = "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation";
export const NAT = "gcp:compute/routerNat:RouterNat";
export const ROUTE = "gcp:compute/route:Route";
export const NODE_POOL = "gcp:container/nodePool:NodePool";
export const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
export const VIRTUAL_SERVICE = "kubernetes:networking.istio.io/v1:VirtualService";

const ADMISSION_BINDING = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding";

/** Type and logical name of a resource, which is all that a reader of a failure needs. */
export function short(urn: string): string {
    return `${typeOf(urn)} ${urn.split("::").slice(3).join("::")}`;
}

export function typeOf(urn: string): string {
    return urn.split("::")[2].split("$").at(-1)!;
}

/**
 * The order of creation that the design rests on: whatever lets traffic out, and whatever runs the gateway, comes after
 * what denies, and the routes come after the gateway. Deletion goes the other way.
 *
 * @param urns in the order in which they came to exist
 */
export function assertInOrder(urns: readonly string[]): void {
    const first = (type: string) => urns.findIndex(urn => typeOf(urn) === type);
    const last = (type: string) => urns.findLastIndex(urn => typeOf(urn) === type);
    const before = (earlier: string, later: string) => {
        assert.notEqual(first(earlier), -1, `no ${earlier}`);
        assert.notEqual(first(later), -1, `no ${later}`);
        assert.ok(
            last(earlier) < first(later),
            `${earlier} has to come before ${later}: ${urns.map(short).join(", ")}`,
        );
    };
    [ROUTE, NAT, NODE_POOL, DEPLOYMENT].forEach(exit => before(DENY, exit));
    before(ADMISSION_BINDING, DEPLOYMENT);
    before(DEPLOYMENT, VIRTUAL_SERVICE);
}
