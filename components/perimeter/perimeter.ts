import * as compute from "@pulumi/gcp/compute";
import * as pulumi from "@pulumi/pulumi";
import { ofGateway } from "../../base/conventions";
import { type SharedPerimeter } from "../../contract/sharedPerimeter";
import { InputError } from "../../base/problem";
import { GATEWAY_EXIT, type GatewayExitInputs, PERIMETER, type PerimeterInputs } from "../../declared/perimeter";
import { cuts } from "../../declared/perimeterChange";
import { gatewayViews, type OfGateways } from "../../settings/gateways";
import {
    gatewaySubnets,
    googleNames,
    nodeAccounts,
    type GoogleNames,
    type GoogleSettings,
} from "../../settings/googleNames";
import { addressSet } from "../../settings/natAddresses";
import { firewallRules } from "./firewallRules";
import { firewallPolicy } from "./policy";
import { nat, natAddresses, REPLACED_FOR_A_WORD } from "./nat";

/** The settings of a stack on Google Cloud that the perimeter follows from. */
export type PerimeterSettings = Pick<
    GoogleSettings,
    keyof OfGateways | "google" | "platform" | "perimeter" | "joined" | "googleApis" | "clients"
>;

/**
 * The three locks of the network: a firewall that lets only the gateway nodes' identity out, NAT for the gateway's subnet
 * alone, and a default route for the gateway's network tag alone. None of them trusts the mesh, and none trusts another.
 */
export class Perimeter extends pulumi.ComponentResource {
    /** The public addresses that the traffic of `default` comes from, and those of each further gateway by its name. */
    public readonly natAddresses: pulumi.Output<string[]>;
    public readonly natAddressesOf: Readonly<Record<string, pulumi.Output<string[]>>>;

    constructor(name: string, settings: PerimeterSettings, opts?: pulumi.ComponentResourceOptions) {
        const names = googleNames(settings);
        const [first, ...further] = gatewayViews(settings);
        const rules = firewallRules(settings, gateway => nodeAccounts({ ...settings, ...gateway }));
        const { network, ...exit } = exitInputs(first!);
        const inputs: PerimeterInputs = {
            network,
            mode: settings.perimeter.mode,
            scope: settings.perimeter.scope,
            ...exit,
            ...sharing(settings),
        };
        super(PERIMETER.type, name, inputs, { ...opts, hooks: { beforeUpdate: [keepsWhatIsInUse(name)] } });

        const enforced = firewallPolicy(name, names, settings, rules, this);
        // Whatever lets traffic out comes after the deny and goes before it: Pulumi deletes in the reverse order.
        const afterDeny = { parent: this, dependsOn: enforced };

        if (beltHolds(settings)) {
            belt(name, names, { ...afterDeny, ...(settings.perimeter.shared ? { protect: true } : {}) });
        }
        this.natAddresses = exitOf(name, first!, afterDeny);
        this.natAddressesOf = Object.fromEntries(
            further.map(view => {
                const exit = new GatewayExit(ofGateway(name, view.gateway.name), view, afterDeny);
                return [view.gateway.name!, exit.natAddresses];
            }),
        );
        this.registerOutputs({ natAddresses: this.natAddresses });
    }
}

/** How the perimeter belongs to several stacks, as it registers it. */
function sharing({ perimeter, joined }: PerimeterSettings): Pick<PerimeterInputs, "shared" | "joined"> {
    return joined === undefined
        ? perimeter.shared
            ? { shared: true }
            : {}
        : { joined: { ...place(joined), stack: perimeter.stack!, band: perimeter.band! } };
}

function place({ project, policy, network, mode, cluster }: SharedPerimeter) {
    return { project, policy, network, mode, cluster };
}

interface ExitOptions {
    readonly parent: pulumi.Resource;
    readonly dependsOn: pulumi.Resource[];
}

/** NAT with the addresses of one further gateway, and the default route of its tag: what `default` has in the perimeter itself. */
class GatewayExit extends pulumi.ComponentResource {
    public readonly natAddresses: pulumi.Output<string[]>;

    constructor(name: string, settings: PerimeterSettings, opts: ExitOptions) {
        const inputs: GatewayExitInputs = { gateway: settings.gateway.name!, ...exitInputs(settings) };
        super(GATEWAY_EXIT.type, name, inputs, { ...opts, hooks: { beforeUpdate: [keepsWhatIsInUse(name)] } });
        this.natAddresses = exitOf(name, settings, { ...opts, parent: this });
        this.registerOutputs({ natAddresses: this.natAddresses });
    }
}

function exitInputs(settings: PerimeterSettings): Omit<GatewayExitInputs, "gateway"> {
    const { network, gatewayNodeAccount, retiringNodeAccount } = googleNames(settings);
    const [serving, draining] = [addressSet(settings.nat.addresses), addressSet(settings.nat.drainingAddresses)];
    return {
        network,
        gatewayNodeAccount,
        ...(retiringNodeAccount === undefined ? {} : { retiringNodeAccount }),
        networkTag: settings.gateway.networkTag,
        gatewaySubnets: gatewaySubnets(settings),
        natAddresses: serving.made,
        drainingAddresses: draining.made,
        ...(serving.reserved.length === 0 ? {} : { reservedAddresses: serving.reserved }),
        ...(draining.reserved.length === 0 ? {} : { drainingReservedAddresses: draining.reserved }),
    };
}

function exitOf(name: string, settings: PerimeterSettings, opts: ExitOptions): pulumi.Output<string[]> {
    const names = googleNames(settings);
    const addresses = natAddresses(name, names, settings.nat, opts.parent);
    nat(name, names, settings, addresses, opts);
    new compute.Route(
        // Its tag is part of both names: the new route is made before the nodes change, the old one goes after them.
        `${name}-default-route-${settings.gateway.networkTag}`,
        {
            project: names.networkProject,
            name: names.defaultRoute,
            description: "The network's only default route; it exists for instances with the gateway's tag.",
            network: names.network,
            destRange: "0.0.0.0/0",
            nextHopGateway: "default-internet-gateway",
            priority: 1000,
            tags: [settings.gateway.networkTag],
        },
        { ...opts, ignoreChanges: REPLACED_FOR_A_WORD },
    );
    return pulumi.all([...addresses.serving, ...addresses.draining].map(({ address }) => address));
}

/**
 * The classic belt is evaluated after the policy only in the order BEFORE_CLASSIC_FIREWALL; in the other order it would cut
 * off the cluster's own traffic and the gateway's. It has no target, so it is not for a shared network, and one is enough for all who join.
 */
function beltHolds({ perimeter, platform, joined }: PerimeterSettings): boolean {
    return (
        joined === undefined &&
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
        new compute.Firewall(
            `${name}-belt-${family}`,
            {
                project: names.networkProject,
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
