import { type FirewallLayer, type LayerKind } from "../world/layers";

/**
 * The world as it is, or with some of its locks taken away: what would still hold if a lock failed, and what a lock holds alone.
 */
export interface Conditions {
    /** Kinds of firewall layers whose denies decide nothing. Their allows stay: an allow ends the evaluation before later denies. */
    readonly denialsRemoved: ReadonlySet<LayerKind>;
    /** NAT serves every range of every subnet. */
    readonly natEverywhere: boolean;
    /** Default routes of both families exist for every machine. */
    readonly routeForAll: boolean;
    /** Every subnet and machine has external IPv6. */
    readonly externalIpv6: boolean;
    /** Private Google Access is left out of the question. */
    readonly withoutGoogleAccess: boolean;
}

export const AS_IT_IS: Conditions = {
    denialsRemoved: new Set(),
    natEverywhere: false,
    routeForAll: false,
    externalIpv6: false,
    withoutGoogleAccess: false,
};

/** Without the denies of the removed kinds; packets that they would have stopped go on to what comes after. */
export function remaining(layers: readonly FirewallLayer[], { denialsRemoved }: Conditions): readonly FirewallLayer[] {
    if (denialsRemoved.size === 0) {
        return layers;
    }
    const left = layers.map(layer =>
        denialsRemoved.has(layer.kind)
            ? { ...layer, rules: layer.rules.filter(({ action }) => action !== "deny") }
            : layer,
    );
    // Where nothing can stop a packet, every way through the rules ends in the implied allow.
    const stops = left.some(({ rules }) => rules.some(({ action }) => action !== "allow" && action !== "next"));
    return stops ? left : [];
}
