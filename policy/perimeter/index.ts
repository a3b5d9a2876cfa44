import { type Rule } from "../rule";
import { type PackSettings } from "../settings";
import { denyForEveryone } from "./denyForEveryone";
import { externalAddress, privateNodes } from "./externalAddresses";
import { egressAllow, firewallOrder } from "./firewall";
import { firewallBand } from "./firewallBand";
import { gatewayGrants } from "./grants";
import { ipv4Only } from "./ipv6";
import { laterValues } from "./laterValues";
import { natAddresses, natMapping, natSubnets } from "./nat";
import { gatewayTaint, metadataServer, nodeAccount, secondaryInterfaces } from "./nodePools";
import { nodePoolSubnet } from "./nodePoolSubnet";
import { perimeterGrants } from "./perimeterGrants";
import { googleApisEndpoint, instanceInterfaces, internetEndpoints, ipForwarding, secureWebProxy } from "./otherExits";
import { gatewayReserved } from "./reserved";
import { serviceAddresses } from "./serviceAddresses";
import { defaultRoutes, importedRoutes, internetRoute } from "./routes";

/** The VPC network: nothing but gateway nodes has a way out. */
export function perimeterRules(settings: PackSettings): Rule[] {
    return [
        natSubnets(settings),
        natMapping(),
        natAddresses(),
        externalAddress(),
        serviceAddresses(),
        privateNodes(),
        internetRoute(settings),
        defaultRoutes(),
        importedRoutes(),
        egressAllow(settings),
        denyForEveryone(),
        firewallBand(),
        firewallOrder(),
        ipv4Only(),
        gatewayReserved(settings),
        gatewayGrants(settings),
        laterValues(settings),
        perimeterGrants(settings),
        nodePoolSubnet(settings),
        gatewayTaint(settings),
        metadataServer(),
        nodeAccount(),
        secondaryInterfaces(),
        instanceInterfaces(),
        ipForwarding(),
        secureWebProxy(),
        internetEndpoints(),
        googleApisEndpoint(),
    ];
}
