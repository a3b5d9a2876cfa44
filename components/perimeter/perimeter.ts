import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { InputError } from "../../base/problem";
import { PERIMETER, type PerimeterInputs } from "../../declared/perimeter";
import { cuts } from "../../declared/perimeterChange";
import { gatewaySubnets, googleNames, type GoogleNames, type GoogleSettings } from "../../settings/googleNames";
import { addressSet } from "../../settings/natAddresses";
import { firewallRules } from "./firewallRules";
import { nat, natAddresses, REPLACED_FOR_A_WORD } from "./nat";

/** The settings of a stack on Google Cloud that the perimeter follows from. */
export type PerimeterSettings = Pick<
    GoogleSettings,
    "google" | "platform" | "gateway" | "nat" | "perimeter" | "googleApis" | "clients" | "destinations"
>;

/**
 * The three locks of the network: a firewall that lets only the gateway nodes' identity out, NAT for the gateway's subnet
 * alone, and a default route for the gateway's network tag alone. None of them trusts the mesh, and none trusts another.
 */
export class Perimeter extends pulumi.ComponentResource {
    /** The public addresses that the gateway's traffic comes from. */
    public readonly natAddresses: pulumi.Output<string[]>;

    constructor(name: string, settings: PerimeterSettings, opts?: pulumi.ComponentResourceOptions) {
        const names = googleNames(settings);
        const { gatewayNodeAccount, retiringNodeAccount } = names;
        const retiring = retiringNodeAccount === undefined ? {} : { retiringNodeAccount };
        const rules = firewallRules(settings, [gatewayNodeAccount, ...Object.values(retiring)]);
        const [serving, draining] = [addressSet(settings.nat.addresses), addressSet(settings.nat.drainingAddresses)];
        const inputs: PerimeterInputs = {
            network: names.network,
            mode: settings.perimeter.mode,
            scope: settings.perimeter.scope,
            gatewayNodeAccount,
            ...retiring,
            networkTag: settings.gateway.networkTag,
            gatewaySubnets: gatewaySubnets(settings),
            natAddresses: serving.made,
            drainingAddresses: draining.made,
            ...(serving.reserved.length === 0 ? {} : { reservedAddresses: serving.reserved }),
            ...(draining.reserved.length === 0 ? {} : { drainingReservedAddresses: draining.reserved }),
        };
        super(PERIMETER.type, name, inputs, { ...opts, hooks: { beforeUpdate: [keepsWhatIsInUse(name)] } });

        const policy = new gcp.compute.NetworkFirewallPolicyWithRules(
            `${name}-firewall`,
            {
                project: names.project,
                name: names.prefix,
                description: "Only the egress gateway leaves.",
                rules: rules as gcp.types.input.compute.NetworkFirewallPolicyWithRulesRule[],
            },
            { parent: this },
        );
        const enforced = new gcp.compute.NetworkFirewallPolicyAssociation(
            `${name}-firewall`,
            {
                project: names.project,
                name: names.prefix,
                firewallPolicy: names.prefix,
                attachmentTarget: names.network,
            },
            { parent: this, dependsOn: [policy] },
        );
        // Whatever lets traffic out comes after the deny and goes before it: Pulumi deletes in the reverse order.
        const afterDeny = { parent: this, dependsOn: [enforced] };

        if (beltHolds(settings)) {
            belt(name, names, afterDeny);
        }
        const addresses = natAddresses(name, names, settings.nat, this);
        nat(name, names, settings, addresses, afterDeny);
        new gcp.compute.Route(
            // Its tag is part of both names: the new route is made before the nodes change, the old one goes after them.
            `${name}-default-route-${settings.gateway.networkTag}`,
            {
                project: names.project,
                name: names.defaultRoute,
                description: "The network's only default route; it exists for instances with the gateway's tag.",
                network: names.network,
                destRange: "0.0.0.0/0",
                nextHopGateway: "default-internet-gateway",
                priority: 1000,
                tags: [settings.gateway.networkTag],
            },
            { ...afterDeny, ignoreChanges: REPLACED_FOR_A_WORD },
        );

        this.natAddresses = pulumi.all([...addresses.serving, ...addresses.draining].map(({ address }) => address));
        this.registerOutputs({ natAddresses: this.natAddresses });
    }
}

/**
 * The classic belt is evaluated after the policy only in the order BEFORE_CLASSIC_FIREWALL; in the other order it would cut
 * off the cluster's own traffic and the gateway's. It has no target, so it is not for a shared network.
 */
function beltHolds({ perimeter, platform }: PerimeterSettings): boolean {
    return (
        platform.firewallOrder === "BEFORE_CLASSIC_FIREWALL" &&
        perimeter.scope === "network" &&
        perimeter.mode === "enforce"
    );
}

function belt(name: string, names: GoogleNames, opts: pulumi.CustomResourceOptions): void {
    for (const [family, range] of [
        ["ipv4", "0.0.0.0/0"],
        ["ipv6", "::/0"],
    ] as const) {
        new gcp.compute.Firewall(
            `${name}-belt-${family}`,
            {
                project: names.project,
                name: names.belt(family),
                description: "Denies what the firewall policy left undecided.",
                network: names.network,
                direction: "EGRESS",
                priority: 65534,
                denies: [{ protocol: "all" }],
                destinationRanges: [range],
                logConfig: { metadata: "INCLUDE_ALL_METADATA" },
            },
            opts,
        );
    }
}

/**
 * Refuses, at preview already, a change that takes the way out from nodes or connections that are still there. The engine
 * alone knows what was deployed last, and tells it to hooks.
 */
function keepsWhatIsInUse(name: string): pulumi.ResourceHook {
    return new pulumi.ResourceHook(
        `${name}-keeps-what-is-in-use`,
        ({ oldInputs, newInputs }) => {
            const problems = cuts((oldInputs ?? {}) as Inputs, (newInputs ?? {}) as Inputs);
            if (problems.length > 0) {
                throw new InputError("the gateway would lose its way out before the new one is there", problems);
            }
        },
        { onDryRun: true },
    );
}

type Inputs = Readonly<Record<string, unknown>>;
