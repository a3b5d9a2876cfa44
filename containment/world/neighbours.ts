import { type PerimeterInputs } from "../../declared/perimeter";
import { type AddressRange, parseRange } from "../kernel/address";
import { type Network, type Networks } from "./networks";
import { parseReference } from "./references";
import { serviceAccountAddress } from "./ruleParts";
import { type GatewayIdentity } from "./source";

/** The identity that another stack registers for its gateway in the network. Who has it is judged with that stack. */
export type Neighbour = Pick<
    PerimeterInputs,
    "network" | "gatewayNodeAccount" | "retiringNodeAccount" | "networkTag" | "gatewaySubnets"
>;

/** Whatever no stranger has: the gateway's own identity, and those of its neighbours. */
export function reservedIdentity(
    own: GatewayIdentity,
    neighbours: readonly Neighbour[],
    networks: Networks,
): GatewayIdentity {
    const names = new Set(neighbours.flatMap(({ gatewaySubnets }) => gatewaySubnets.map(({ name }) => name)));
    const served = (network: Network) => networks.subnetsOf(network).filter(({ name }) => names.has(name));
    return neighbours.length === 0
        ? own
        : {
              serviceAccounts: [
                  ...own.serviceAccounts,
                  ...neighbours
                      .flatMap(({ gatewayNodeAccount, retiringNodeAccount }) => [
                          gatewayNodeAccount,
                          ...(retiringNodeAccount === undefined ? [] : [retiringNodeAccount]),
                      ])
                      .map(serviceAccountAddress),
              ],
              tags: [...own.tags, ...neighbours.map(({ networkTag }) => networkTag)],
              secureTags: own.secureTags,
              subnets: [...own.subnets, ...networks.all.flatMap(served)],
          };
}

/** Subnets of a neighbour's gateway nodes, as it registers them: they hold nobody else, and have no IPv6. */
export function subnetsOfNeighbour({ network, gatewaySubnets }: Neighbour) {
    const { project } = parseReference(network);
    return gatewaySubnets.map(({ name, nodeCidr, podRange, podCidr }) => {
        const primary = rangeIn(nodeCidr);
        return {
            reference: { ...(project === undefined ? {} : { project }), name },
            name,
            network: parseReference(network),
            ...(primary === undefined ? {} : { primary }),
            secondary: new Map([[podRange, rangeIn(podCidr)]]),
            ipv6: "none" as const,
            googleAccess: undefined,
            forMachines: true,
        };
    });
}

function rangeIn(text: string): AddressRange | undefined {
    try {
        return parseRange(text);
    } catch {
        return undefined;
    }
}
