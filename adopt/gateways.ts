import { type Account } from "./account";
import { type Adopted } from "./objects";
import { type Part } from "./part";

/** Istio's own label of its egress gateway, in any of the charts, or a name of it. */
export const isEgressLabel = (value: string): boolean => /egress/i.test(value);

export const hasEgressLabel = (labels: Part): boolean =>
    labels.entries().some(([, value]) => isEgressLabel(String(value)));

const serversOf = ({ spec }: Adopted): readonly Part[] => spec.at("servers").list();

/**
 * Gateways whose pods bear an egress gateway's label, or whose servers are for hosts outside. The rest lets traffic in, and is told to stay.
 */
export function egressGateways(all: readonly Adopted[], isOutside: (host: string) => boolean): readonly Adopted[] {
    return all.filter(
        gateway =>
            hasEgressLabel(gateway.spec.at("selector")) ||
            serversOf(gateway).some(server => hostsOf(server).some(isOutside)),
    );
}

/** Without the namespace that may stand in front. */
function hostsOf(server: Part): readonly string[] {
    const hosts = server.at("hosts").shown();
    return Array.isArray(hosts) ? hosts.map(host => String(host).split("/").at(-1)!) : [];
}

export function readGateways(all: readonly Adopted[], egress: readonly Adopted[], account: Account): void {
    for (const gateway of all) {
        if (egress.includes(gateway)) {
            readGateway(gateway, account);
        } else {
            account.tellWhole(
                gateway,
                gateway.spec,
                "not carried",
                "its servers are for what comes in: it stays as it is",
            );
        }
    }
}

const HOW_TLS: Readonly<Record<string, readonly ["carried" | "changed", string]>> = {
    ISTIO_MUTUAL: ["carried", "the mesh's own mutual TLS, checked for the identities of each destination"],
    MUTUAL: [
        "changed",
        "mutual TLS with the mesh's own certificates (`ISTIO_MUTUAL`), which istiod brings: files are not mounted any more",
    ],
    SIMPLE: ["changed", "mutual TLS with the mesh's own certificates: the gateway knows who calls"],
    PASSTHROUGH: [
        "changed",
        "the application's TLS rides inside the mesh's mutual TLS, so that the gateway knows who calls (`mesh.mutualTls: false` passes it through)",
    ],
    AUTO_PASSTHROUGH: ["changed", "a server for each destination, and none for names that nobody declared"],
};

function readGateway(gateway: Adopted, account: Account): void {
    const { spec } = gateway;
    account.tellWhole(gateway, spec.at("selector"), "carried", "the gateway's pods are this stack's own");
    for (const server of serversOf(gateway)) {
        const how = "each destination has a server of its own";
        account.tellKnown(gateway, server, ["hosts", "name"], "carried", how);
        account.tellKnown(gateway, server.at("port"), ["number", "name", "protocol"], "carried", how);
        const tls = server.at("tls");
        const mode = tls.at("mode");
        const [fate, why] = HOW_TLS[mode.text() ?? ""] ?? [
            "changed",
            "it rides inside the mesh's mutual TLS, so that the gateway knows who calls",
        ];
        if (mode.isThere) {
            account.tell(gateway, mode, fate, why);
        }
        for (const key of ["serverCertificate", "privateKey", "caCertificates"]) {
            account.tellWhole(gateway, tls.at(key), "changed", "istiod brings the gateway its certificates");
        }
    }
}
