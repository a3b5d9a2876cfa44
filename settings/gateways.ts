import { DEFAULT_GATEWAY, namesOfFurtherGateway } from "../base/conventions";
import { type Problem } from "../base/problem";
import { closest } from "../base/words";
import { type GooglePlatform, type PlatformFacts } from "../contract/platform";
import { type PlatformInputs } from "../declared/platform";
import { addressSet } from "./natAddresses";
import { type Destination, type Sections } from "./schema";
import { type FurtherGateway, type GatewaySettings, type Settings } from "./settings";

/** The part of the settings that gateways differ in. */
export type OfGateways = Pick<
    Settings,
    "gateway" | "gateways" | "nat" | "platform" | "destinations" | "clientNamespaces"
>;

/** The settings as one gateway sees them: its own sizes, addresses, subnet, destinations and clients, and the stack behind them. */
export type GatewayView<S extends OfGateways = Settings> = S & { readonly whole: S };

/** What was written under `gateways`, with the defaults that follow from the names. */
export function furtherGateways(written: Sections["gateways"]): Settings["gateways"] {
    return Object.fromEntries(
        Object.keys(written)
            .sort()
            .map((name): [string, FurtherGateway] => {
                const { namespace, networkTag, nodeAccountId, ...rest } = written[name]!;
                const names = namesOfFurtherGateway(name);
                return [
                    name,
                    {
                        ...rest,
                        name,
                        namespace: namespace ?? names.namespace,
                        networkTag: networkTag ?? names.networkTag,
                        nodeAccountId: nodeAccountId ?? names.nodeAccountId,
                    },
                ];
            }),
    );
}

/** Name of the gateway that a destination leaves by. */
function gatewayOf({ gateway }: Pick<Destination, "gateway">): string {
    return gateway ?? DEFAULT_GATEWAY;
}

/** How components register which gateway they are of: `default` is what registers none. */
export function gatewayNamed({ gateway: { name } }: Pick<Settings, "gateway">): { readonly gateway?: string } {
    return name === undefined ? {} : { gateway: name };
}

/** The subnets that changes leave, as the platform registers them. */
export function retiringSubnets(
    gateways: readonly Pick<Settings, "gateway">[],
): Pick<PlatformInputs, "retiringEgressSubnet" | "retiringEgressSubnets"> {
    const left = gateways.flatMap(({ gateway: { name, retiring } }) =>
        retiring.egressSubnet === undefined ? [] : [{ name, subnet: retiring.egressSubnet }],
    );
    const further = left.flatMap(({ name, subnet }) => (name === undefined ? [] : [[name, subnet] as const]));
    const first = left.find(({ name }) => name === undefined);
    return {
        ...(first === undefined ? {} : { retiringEgressSubnet: first.subnet }),
        ...(further.length === 0 ? {} : { retiringEgressSubnets: Object.fromEntries(further) }),
    };
}

/** Every gateway's view, that of `default` first; out of what one gateway sees as well. */
export function gatewayViews<S extends OfGateways>(settings: S & { readonly whole?: OfGateways }): GatewayView<S>[] {
    const whole = (settings.whole ?? settings) as S;
    return [DEFAULT_GATEWAY, ...Object.keys(whole.gateways)].map(name => viewOf(whole, name));
}

function viewOf<S extends OfGateways>(settings: S, name: string): GatewayView<S> {
    const destinations = settings.destinations.filter(destination => gatewayOf(destination) === name);
    const { nat, ...gateway } = settings.gateways[name] ?? { ...settings.gateway, nat: settings.nat };
    const own: OfGateways = {
        ...settings,
        gateway,
        nat,
        platform: platformSeenBy(settings.platform, name),
        destinations,
        clientNamespaces: settings.clientNamespaces.filter(namespace =>
            destinations.some(({ allow }) => allow.some(workload => workload.namespace === namespace)),
        ),
    };
    return { ...settings, ...own, whole: settings };
}

/** The platform with a gateway's own subnet as the egress subnet. */
export function platformSeenBy<P extends PlatformFacts>(platform: P, name: string): P {
    const own = platform.kind === "gke" ? platform.egressSubnets?.[name] : undefined;
    return own === undefined ? platform : { ...platform, egressSubnet: own };
}

/** A destination of a gateway that is not there. */
export function destinationGatewayProblems(
    destinations: readonly Destination[],
    gateways: Readonly<Record<string, unknown>>,
): Problem[] {
    const names = [DEFAULT_GATEWAY, ...Object.keys(gateways).sort()];
    return destinations
        .filter(destination => !names.includes(gatewayOf(destination)))
        .map(destination => {
            const given = gatewayOf(destination);
            const meant = closest(given, names);
            return {
                path: `${destination.source}.gateway`,
                given,
                expected: `the name of a gateway: ${names.map(name => `\`${name}\``).join(", ")}`,
                remedy:
                    meant === undefined
                        ? "Choose one of these, or describe it under `egress-gateway:gateways`."
                        : `Did you mean \`${meant}\`?`,
            };
        });
}

/** The most service accounts that a rule of a firewall policy names (Cloud NGFW documentation, "Quotas and limits"). */
const MOST_ACCOUNTS = 10;

/** Gateways that share what tells them apart would share each other's way out. */
export function separationProblems(
    gateway: GatewaySettings & { readonly nat?: Sections["nat"] },
    gateways: Settings["gateways"],
    platform?: GooglePlatform,
): Problem[] {
    const all: (typeof gateway)[] = [gateway, ...Object.values(gateways)];
    const accounts = all.flatMap(accountsOf);
    return [
        ...(["namespace", "networkTag"] as const).flatMap(key =>
            repeated(
                all.map(each => ({ path: gatewayPath(each.name, key), value: each[key], of: each.name })),
                "Whatever tells gateways apart belongs to one of them.",
            ),
        ),
        ...repeated(
            all.flatMap(each =>
                accountsOf(each).map(([key, value]) => ({ path: gatewayPath(each.name, key), value, of: each.name })),
            ),
            "A firewall rule for one gateway would open the way for the other.",
        ),
        ...repeated(
            all.flatMap(({ name, nat }) =>
                (["addresses", "drainingAddresses"] as const).flatMap(key =>
                    addressSet(nat?.[key] ?? 0).reserved.map(value => ({
                        path: `egress-gateway:${name === undefined ? "nat" : `gateways.${name}.nat`}.${key}`,
                        value,
                        of: name,
                    })),
                ),
            ),
            "Traffic of both would come from it; a partner could not tell them apart.",
        ),
        ...(accounts.length > MOST_ACCOUNTS
            ? [
                  {
                      path: "egress-gateway:gateways",
                      given: Object.keys(gateways),
                      expected: `at most ${MOST_ACCOUNTS} service accounts of gateway nodes, those that retire included, since a firewall rule names no more`,
                      remedy: "Let several owners share a gateway.",
                  },
              ]
            : []),
        ...(platform === undefined ? [] : subnetProblems(gateways, platform)),
    ];
}

function accountsOf({ nodeAccountId, retiring }: GatewaySettings): (readonly [string, string])[] {
    return [
        ["nodeAccountId", nodeAccountId],
        ...(retiring.nodeAccountId === undefined ? [] : [["retiring.nodeAccountId", retiring.nodeAccountId] as const]),
    ];
}

function subnetProblems(gateways: Settings["gateways"], platform: GooglePlatform): Problem[] {
    const path = "egress-gateway:platform.egressSubnets";
    const given = platform.egressSubnets ?? {};
    return [
        ...Object.keys(gateways)
            .filter(name => given[name] === undefined)
            .map(name => ({
                path: `${path}.${name}`,
                given: undefined,
                expected: `the subnet of gateway ${name}'s nodes`,
                remedy: "NAT gives its addresses to a subnet: make one in the platform, and write it here as `egressSubnet` is written.",
            })),
        ...repeated(
            [
                { path: "egress-gateway:platform.egressSubnet.name", value: platform.egressSubnet.name, of: undefined },
                ...Object.entries(given).map(([of, subnet]) => ({
                    path: `${path}.${of}.name`,
                    value: subnet.name,
                    of,
                })),
            ],
            "Nodes of a shared subnet would leave by one another's addresses.",
        ),
    ];
}

/** Where a gateway's own setting is written. */
export function gatewayPath(name: string | undefined, key: string): string {
    return `egress-gateway:${name === undefined ? "gateway" : `gateways.${name}`}.${key}`;
}

/** What two gateways have in common. */
function repeated(
    values: readonly { readonly path: string; readonly value: string; readonly of: string | undefined }[],
    remedy: string,
): Problem[] {
    return values.flatMap(({ path, value, of }, index) => {
        const earlier = values.slice(0, index).find(other => other.value === value && other.of !== of);
        return earlier === undefined
            ? []
            : [{ path, given: value, expected: `another value than ${earlier.path} has`, remedy }];
    });
}

/** A problem of what a further gateway sees, at the place where that is written. */
export function atGateway(name: string | undefined, problem: Problem): Problem {
    return name === undefined
        ? problem
        : {
              ...problem,
              path: problem.path
                  .replace("egress-gateway:gateway.", `egress-gateway:gateways.${name}.`)
                  .replace("egress-gateway:nat.", `egress-gateway:gateways.${name}.nat.`)
                  .replace("platform.egressSubnet.", `platform.egressSubnets.${name}.`),
          };
}
