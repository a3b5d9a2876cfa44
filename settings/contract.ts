import { CONTRACT_VERSION, type EgressOutputs, type KnownOutputs } from "../contract/egress";
import { isAddress } from "../base/cidr";
import { DEFAULT_GATEWAY, GATEWAY_NAME, serviceHost } from "../base/conventions";
import { addressedAs, clientPort, ridesTls } from "./destinations";
import { gatewayViews } from "./gateways";
import { googleNames, nodeAccounts, onGoogle } from "./googleNames";
import { type Settings } from "./settings";

/** Host name of the gateway's Service. */
export function gatewayHost({ gateway }: Pick<Settings, "gateway">): string {
    return serviceHost(GATEWAY_NAME, gateway.namespace);
}

/** What stacks that join the perimeter need to know, where it is for them. */
function sharedPerimeter(settings: Settings): Pick<EgressOutputs, "perimeter"> {
    const { perimeter, disabledComponents } = settings;
    if (!onGoogle(settings) || !perimeter.shared || disabledComponents.has("perimeter")) {
        return {};
    }
    const { network, networkProject: project, cluster, firewallPolicy } = googleNames(settings);
    const gateways = gatewayViews(settings);
    return {
        perimeter: {
            ...{ network, project, policy: firewallPolicy(true), mode: perimeter.mode, cluster },
            accounts: gateways.flatMap(nodeAccounts),
            networkTags: gateways.map(({ gateway }) => gateway.networkTag),
        },
    };
}

/** What the stack tells applications; all of it is known at preview but the addresses. */
export function contractOf(settings: Settings): KnownOutputs {
    const { gateway, gateways, mesh, dns, destinations } = settings;
    const further = Object.values(gateways).map(
        one => [one.name, { namespace: one.namespace, host: gatewayHost({ gateway: one }) }] as const,
    );
    return {
        contractVersion: CONTRACT_VERSION,
        gateway: {
            namespace: gateway.namespace,
            host: gatewayHost(settings),
            trustDomain: mesh.trustDomain,
            mutualTls: mesh.mutualTls,
            revision: mesh.revision,
            ...(dns.lock === "off" ? {} : { dns: { lock: dns.lock, namespace: dns.namespace } }),
        },
        ...(further.length === 0 ? {} : { gateways: Object.fromEntries(further) }),
        destinations: destinations.map(({ host, gateway, owner, reason, expires, source, ports, allow }) => ({
            host,
            ...(gateway === undefined || gateway === DEFAULT_GATEWAY ? {} : { gateway }),
            ...(owner === undefined ? {} : { owner }),
            ...(reason === undefined ? {} : { reason }),
            ...(expires === undefined ? {} : { expires }),
            source,
            ports: ports.map(port => ({
                number: port.number,
                protocol: port.protocol,
                address: addressedAs(host, port),
                clientPort: clientPort(port),
                plainHttp: port.protocol === "http" || port.protocol === "originate",
                needsDnsCapture: ridesTls(port) && !isAddress(host) && ports.some(({ protocol }) => protocol === "tcp"),
            })),
            allow,
        })),
        ...sharedPerimeter(settings),
    };
}
