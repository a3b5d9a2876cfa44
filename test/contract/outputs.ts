import { type EgressOutputs } from "../../contract/egress";
import { type StackOutputs } from "../../contract/stackOutputs";

export const STACK = "organization/egress-gateway/dev";

/** A small egress stack: one destination of each protocol, two owners, two namespaces, two lists. */
export const OUTPUTS: EgressOutputs = {
    contractVersion: 1,
    natAddresses: ["34.76.1.10", "34.76.1.11"],
    gateway: {
        namespace: "istio-egress",
        host: "egress-gateway.istio-egress.svc.cluster.local",
        trustDomain: "cluster.local",
        mutualTls: true,
    },
    destinations: [
        {
            host: "api.stripe.com",
            owner: "payments",
            expires: "2030-01-31",
            source: "destinations/payments.yaml[0]",
            ports: [port({ number: 443, protocol: "tls", address: "https://api.stripe.com" })],
            allow: [{ namespace: "payments", serviceAccount: "api" }],
        },
        {
            host: "db.example.com",
            owner: "orders",
            source: "egress-gateway:destinations[0]",
            ports: [port({ number: 5432, protocol: "tcp", address: "db.example.com:5432", needsDnsCapture: true })],
            allow: [{ namespace: "orders", serviceAccount: "web" }],
        },
        {
            host: "hooks.example.com",
            source: "destinations/payments.yaml[1]",
            ports: [
                port({
                    number: 443,
                    protocol: "originate",
                    address: "http://hooks.example.com",
                    clientPort: 80,
                    plainHttp: true,
                }),
            ],
            allow: [
                { namespace: "payments", serviceAccount: "api" },
                { namespace: "payments", serviceAccount: "ledger" },
            ],
        },
        {
            host: "istio.io",
            owner: "payments",
            source: "destinations/payments.yaml[2]",
            ports: [
                port({ number: 443, protocol: "tls", address: "https://istio.io" }),
                port({ number: 80, protocol: "http", address: "http://istio.io", plainHttp: true }),
            ],
            allow: [{ namespace: "payments", serviceAccount: "api" }],
        },
    ],
};

function port(
    given: Pick<EgressOutputs["destinations"][number]["ports"][number], "number" | "protocol" | "address"> &
        Partial<EgressOutputs["destinations"][number]["ports"][number]>,
): EgressOutputs["destinations"][number]["ports"][number] {
    return { clientPort: given.number, plainHttp: false, needsDnsCapture: false, ...given };
}

/** Outputs as a stack reference gives them; `undefined` removes one. */
export function deployed(change: Readonly<Record<string, unknown>> = {}, secret: readonly string[] = []): StackOutputs {
    const all = Object.entries({ ...OUTPUTS, ...change }).filter(([, value]) => value !== undefined);
    const names = all.map(([name]) => name).sort();
    return { stack: STACK, names, values: Object.fromEntries(all.filter(([name]) => !secret.includes(name))), secret };
}
