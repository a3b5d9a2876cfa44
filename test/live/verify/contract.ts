import { type EgressOutputs } from "../../../contract/egress";
import { type VerifiedOutputs } from "../../../live/verify/outputs";

type Protocol = EgressOutputs["destinations"][number]["ports"][number]["protocol"];

/** A contract of two client namespaces with one destination of each protocol. */
export function contract(): Pick<EgressOutputs, "destinations" | "gateway"> {
    return {
        gateway: {
            namespace: "istio-egress",
            host: "egress-gateway.istio-egress.svc.cluster.local",
            trustDomain: "cluster.local",
            mutualTls: true,
        },
        destinations: [
            destination("istio.io", [port("tls", 443), port("http", 80)], ["payments/api", "orders/web"]),
            destination("bank.example.com", [port("originate", 8443, 80)], ["payments/ledger"]),
            destination("db.example.com", [port("tcp", 5432)], ["orders/web"]),
        ],
    };
}

/** The same, with the bank and the database behind a gateway of their own. */
export function contractOfTwo(): VerifiedOutputs {
    const { gateway, destinations } = contract();
    return {
        gateway,
        gateways: {
            partners: {
                namespace: "istio-egress-partners",
                host: "egress-gateway.istio-egress-partners.svc.cluster.local",
                natAddresses: ["198.51.100.21"],
            },
        },
        natAddresses: ["198.51.100.11", "198.51.100.21"],
        destinations: destinations.map(one => (one.host === "istio.io" ? one : { ...one, gateway: "partners" })),
    };
}

export function destination(
    host: string,
    ports: EgressOutputs["destinations"][number]["ports"],
    allow: readonly string[],
): EgressOutputs["destinations"][number] {
    return {
        host,
        source: "test",
        ports,
        allow: allow.map(workload => {
            const [namespace, serviceAccount] = workload.split("/") as [string, string];
            return { namespace, serviceAccount };
        }),
    };
}

export function port(
    protocol: Protocol,
    number: number,
    clientPort = number,
): EgressOutputs["destinations"][number]["ports"][number] {
    return {
        number,
        protocol,
        address: "not used by the probes",
        clientPort,
        plainHttp: protocol === "http" || protocol === "originate",
        needsDnsCapture: protocol === "tcp",
    };
}
