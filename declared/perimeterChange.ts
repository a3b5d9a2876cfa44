import { isDeepStrictEqual } from "node:util";
import { type Problem } from "../base/problem";
import { Registered } from "./component";
import { PERIMETER, type PerimeterInputs } from "./perimeter";

type Inputs = Readonly<Record<string, unknown>>;

/**
 * What gateway nodes and their connections have now and would lose before anything else serves them, when one registration of
 * the perimeter follows another. Pulumi changes the perimeter before the nodes, so what nodes have today must still be served.
 * What an earlier version did not register is not asked about.
 */
export function cuts(before: Inputs, after: Inputs): Problem[] {
    const was = reader(before);
    const now = reader(after);
    const account = was("gatewayNodeAccount");
    const [subnet] = was("gatewaySubnets") ?? [];
    const addresses = was("natAddresses");
    const reserved = [...(now("reservedAddresses") ?? []), ...(now("drainingReservedAddresses") ?? [])];
    const kept = (now("natAddresses") ?? 0) + (now("drainingAddresses") ?? 0);
    return [
        ...(account === undefined || [now("gatewayNodeAccount"), now("retiringNodeAccount")].includes(account)
            ? []
            : [
                  {
                      path: "egress-gateway:gateway.nodeAccountId",
                      given: now("gatewayNodeAccount"),
                      expected: `that ${account} is let out as well, as whom every gateway node runs until the new pool is there`,
                      remedy: `Two steps: \`gateway.retiring: {nodeAccountId: ${account.split("@")[0]}}\` and \`pulumi up\`; then remove \`retiring\`, and \`up\` again.`,
                  },
              ]),
        ...(subnet === undefined || (now("gatewaySubnets") ?? []).some(other => isDeepStrictEqual(other, subnet))
            ? []
            : [
                  {
                      path: "egress-gateway:platform.egressSubnet",
                      given: now("gatewaySubnets")?.[0],
                      expected:
                          "that the subnet of today's gateway nodes is served as well until the new pool is there",
                      remedy: `Two steps: \`gateway.retiring: {egressSubnet: ${JSON.stringify(subnet)}}\` and \`pulumi up\`; then remove \`retiring\`, and \`up\` again.`,
                  },
              ]),
        ...(addresses === undefined || addresses <= kept
            ? []
            : [
                  {
                      path: "egress-gateway:nat.addresses",
                      given: now("natAddresses"),
                      expected: `that the other ${addresses - (now("natAddresses") ?? 0)} of ${addresses} addresses finish their connections first`,
                      remedy: `Two steps: \`nat.drainingAddresses: ${addresses - (now("natAddresses") ?? 0)}\` and \`pulumi up\`; when they have no connections left, remove it, and \`up\` again.`,
                  },
              ]),
        ...(was("reservedAddresses") ?? [])
            .filter(name => !reserved.includes(name))
            .map(name => ({
                path: "egress-gateway:nat.addresses",
                given: now("reservedAddresses"),
                expected: `that ${name} finishes its connections first`,
                remedy: `Two steps: \`nat.drainingAddresses: [{name: ${name}}]\` and \`pulumi up\`; when it has no connections left, remove it, and \`up\` again.`,
            })),
    ];
}

function reader(inputs: Inputs): <K extends keyof PerimeterInputs & string>(key: K) => PerimeterInputs[K] | undefined {
    const registered = new Registered(PERIMETER, { urn: "", type: PERIMETER.type, name: "", inputs, dependsOn: [] });
    return key => {
        const fact = registered.read(key);
        return fact.known ? fact.value : undefined;
    };
}
