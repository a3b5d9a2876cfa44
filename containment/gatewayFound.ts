import { type GatewayFound } from "./verdict";
import { type GatewayPool, pathOf } from "./world/gateway";
import { type World } from "./world/world";

/** What was taken for the gateway, and why: the first thing to check where an answer surprises. */
export function describeGateway({ gateway, elsewhere }: World): GatewayFound {
    const { pools, possible, alike, namespace, reasons } = gateway;
    const told = ({ pool, because, shared }: GatewayPool) => ({
        name: pathOf(pool),
        ...(pool.resource === undefined ? {} : { resource: pool.resource }),
        because,
        ...(shared === undefined ? {} : { shared }),
    });
    return {
        pools: pools.map(told),
        alike: alike.map(told),
        possible: possible.map(pathOf),
        ...(namespace === undefined ? {} : { namespace }),
        reasons,
        elsewhere: elsewhere.map(({ urn }) => urn),
    };
}
