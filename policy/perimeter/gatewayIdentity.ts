import { parseReference } from "../../containment/world/references";
import { fitsAny } from "../patterns";
import { type PackSettings } from "../settings";

/** Whether a text names the gateway nodes' service account: as an address, with its resource path, or as an IAM member. */
export function isGatewayAccount(text: string, { gatewayAccounts }: PackSettings): boolean {
    const address = text
        .slice(Math.max(text.lastIndexOf("/"), text.lastIndexOf(":")) + 1)
        .trim()
        .toLowerCase();
    const id = address.split("@")[0]!;
    return gatewayAccounts.some(account =>
        account.includes("@") ? account.toLowerCase() === address : account === id,
    );
}

export function isGatewayTag(tag: string, { gatewayTags }: PackSettings): boolean {
    return gatewayTags.includes(tag);
}

export function isGatewaySecureTag(tag: string, { gatewaySecureTags }: PackSettings): boolean {
    return gatewaySecureTags.includes(tag);
}

export function isGatewaySubnet(reference: string, { gatewaySubnets }: PackSettings): boolean {
    return fitsAny(gatewaySubnets, parseReference(reference).name);
}
