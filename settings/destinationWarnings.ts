import { isWildcard } from "../base/conventions";
import { addressedAs } from "./destinations";
import { type Destination, type DestinationPort } from "./schema";
import { type Settings } from "./settings";

/**
 * Protocols in which TLS does not come first, by their registered port (IANA): the server speaks first, or both agree on TLS
 * in clear text. No server name arrives at the start, so the sidecar finds no route for such a port declared `tls`.
 */
const TLS_IS_NOT_FIRST: Readonly<Record<number, string>> = {
    21: "FTP",
    22: "SSH",
    25: "SMTP",
    110: "POP3",
    143: "IMAP",
    389: "LDAP",
    587: "SMTP submission",
    1433: "SQL Server",
    3306: "MySQL",
    5432: "PostgreSQL",
};

const SMTP_PORT = 25;

/** What is allowed in a list of destinations and will not do what its author expects. */
export function destinationWarnings(settings: Settings): string[] {
    return settings.destinations.flatMap(destination => [
        ...wildcard(destination),
        ...destination.ports.flatMap(port => [
            ...serverFirst(destination, port),
            ...smtp(settings, destination, port),
            ...plaintext(destination, port),
        ]),
    ]);
}

function wildcard({ host }: Destination): string[] {
    return isWildcard(host)
        ? [
              `${host} reaches whoever owns a name below ${host.slice(2)}. An EnvoyFilter of this program makes the gateway read the name; look at it when Istio is upgraded.`,
          ]
        : [];
}

function serverFirst({ host }: Destination, { protocol, number }: DestinationPort): string[] {
    const spoken = TLS_IS_NOT_FIRST[number];
    return protocol !== "tls" || spoken === undefined
        ? []
        : [
              `${host} has \`tls\` on port ${number}: ${spoken} does not begin with TLS, so no server name says where it goes. Use \`tcp\`, unless TLS comes first there.`,
          ];
}

function smtp({ platform }: Settings, { host }: Destination, { number }: DestinationPort): string[] {
    return platform.kind !== "gke" || number !== SMTP_PORT
        ? []
        : [
              `${host} has port ${SMTP_PORT}: Google Cloud drops what leaves to it (Compute Engine documentation, "Sending email"). Use 587 or 465, where the far side takes mail with a login.`,
          ];
}

function plaintext({ host }: Destination, port: DestinationPort): string[] {
    return port.protocol !== "http" || port.unencrypted === "accepted"
        ? []
        : [
              `${addressedAs(host, port)} leaves unencrypted; use \`originate\` if ${host} also speaks TLS, or write \`unencrypted: accepted\` on the port.`,
          ];
}

/** Hosts that the platform serves by the restricted Google range, which clients reach without the gateway. */
export function pastTheGateway({ platform, googleApis, destinations }: Settings): string[] {
    if (platform.kind !== "gke" || googleApis !== "restricted") {
        return [];
    }
    const hosts = destinations.map(({ host }) => host).filter(host => host.endsWith(".googleapis.com"));
    return hosts.length === 0
        ? []
        : [
              `${hosts.join(", ")}: where *.googleapis.com resolves to the restricted range, every pod of the cluster reaches ` +
                  `${hosts.length === 1 ? "it" : "them"} without the gateway, whatever \`allow\` says. Who may use what there is decided by IAM and by VPC Service Controls.`,
          ];
}
