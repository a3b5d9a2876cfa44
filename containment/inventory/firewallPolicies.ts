import { type Json } from "../document";
import { behind, nameOf, object, objects, text } from "./asset";
import { present } from "./spelling";
import { placeOf, token, type Translate, type Translated } from "./translate";

/** A firewall policy, with the rules and the associations that stand inside it. Its path says of what kind it is. */
const firewallPolicy: Translate = (asset, data, inventory) => {
    const global = behind(asset, "regions") === undefined;
    const kind =
        behind(asset, "projects") === undefined
            ? "FirewallPolicy"
            : global
              ? "NetworkFirewallPolicy"
              : "RegionNetworkFirewallPolicy";
    const own = placeOf(asset, inventory);
    const { project, region } = own;
    const name = text(data["shortName"]) ?? text(data["displayName"]) ?? nameOf(asset);
    return [
        {
            type: token(`compute/${kind}WithRules`),
            inputs: present({
                ...own,
                ...(kind === "FirewallPolicy" ? { shortName: name } : {}),
                parent: data["parent"],
                rules: objects(data["rules"]).map(rule),
            }),
            outputs: present({ firewallPolicyId: data["id"] }),
        },
        ...objects(data["associations"]).map((association): Translated => ({
            type: token(`compute/${kind}Association`),
            name: text(association["name"]) ?? name,
            inputs: present({
                project,
                region,
                // A policy above projects is called by its number.
                firewallPolicy: asset.path,
                attachmentTarget: target(association),
                priority: association["priority"],
            }),
        })),
    ];
};

/** The same question of the destination has had several names. */
function rule(data: Json): Json {
    const match = object(data["match"]);
    return {
        ...data,
        match: present({ ...match, destNetworkContext: match["destNetworkContext"] ?? match["destNetworkType"] }),
    };
}

/** A network as it is, and what stands above projects without the API's address. */
function target({ attachmentTarget }: Json): unknown {
    const [node] = /(?:organizations|folders)\/\d+$/.exec(text(attachmentTarget) ?? "") ?? [];
    return node ?? attachmentTarget;
}

export const FIREWALL_POLICIES: Readonly<Record<string, Translate>> = {
    FirewallPolicy: firewallPolicy,
    NetworkFirewallPolicy: firewallPolicy,
    RegionNetworkFirewallPolicy: firewallPolicy,
};
