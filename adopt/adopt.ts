import { isBelow, isWildcard } from "../base/conventions";
import { isWithin } from "../containment/mesh/hosts";
import { type NewEntry, type NewPort } from "../plan/destinationsEdit";
import { type WorkloadIdentity } from "../settings/schema";
import { Account, type Row } from "./account";
import { egressGateways, isEgressLabel, readGateways } from "./gateways";
import { type Adopted, isRead, labelOf, objectsOf } from "./objects";
import { type Originated, originatedBy } from "./origination";
import { readCilium, readFqdnNetworkPolicy, readPackage } from "./otherPolicies";
import { type Permission, permissionsOf } from "./policies";
import { type Leg, legsOf, tellStrays } from "./routes";
import { type DeclaredPort, declaredPorts } from "./serviceEntries";
import { readSidecars } from "./sidecars";
import { allow, put, type Wanted, Wishes } from "./wanted";

/** A list out of other people's objects, and what has become of every field of them. */
export interface Adoption {
    readonly destinations: readonly NewEntry[];
    /** Those that no object and nobody allows anybody. */
    readonly unallowed: readonly NewEntry[];
    readonly rows: readonly Row[];
    /** How many objects were read, by kind. */
    readonly objects: Readonly<Record<string, number>>;
}

/**
 * @param documents Kubernetes objects, or lists of them.
 * @param workloads Who may use what no object says.
 */
export function adopted(documents: readonly unknown[], workloads: readonly WorkloadIdentity[]): Adoption {
    const all = objectsOf(documents);
    const account = new Account();
    const wishes = new Wishes();
    const ofKind = (kind: string): readonly Adopted[] => all.filter(object => object.kind === kind && isRead(object));
    readIstio(ofKind, wishes, account);
    ofKind("Package").forEach(object => readPackage(object, wishes, account));
    [...ofKind("CiliumNetworkPolicy"), ...ofKind("CiliumClusterwideNetworkPolicy")].forEach(object =>
        readCilium(object, wishes, account),
    );
    ofKind("FQDNNetworkPolicy").forEach(object => readFqdnNetworkPolicy(object, wishes, account));
    for (const object of all) {
        if (isRead(object)) {
            account.close(object);
        } else {
            const how = "no kind of object that destinations are read from: it stays as it is";
            account.tell(object, object.spec, "not carried", how);
        }
    }
    const entries = [...wishes.all.values()].toSorted((a, b) => (a.host < b.host ? -1 : 1));
    const complete = entries.map(wanted => entryOf(wanted, workloads));
    return {
        destinations: complete.filter(entry => entry.allow.length > 0),
        unallowed: complete.filter(entry => entry.allow.length === 0),
        rows: account.rows,
        objects: counted(all.map(({ kind }) => kind)),
    };
}

function readIstio(ofKind: (kind: string) => readonly Adopted[], wishes: Wishes, account: Account): void {
    const ports = declaredPorts(ofKind("ServiceEntry"), account);
    const hosts = new Set(ports.map(({ host }) => host));
    const isOutside = (host: string): boolean =>
        hosts.has(host.toLowerCase()) || [...hosts].some(one => isWildcard(one) && isWithin(host.toLowerCase(), one));
    const gateways = ofKind("Gateway");
    const egress = egressGateways(gateways, isOutside);
    readGateways(gateways, egress, account);
    const legs = legsOf(ofKind("VirtualService"), isOutside, account);
    tellStrays(legs, isOutside, account);
    const services = new Set(
        legs.filter(({ at, to }) => at === "mesh" && !isOutside(to.host)).map(({ to }) => to.host),
    );
    const isGateway = (host: string): boolean => services.has(host) || isEgressLabel(host);
    const originated = originatedBy(ofKind("DestinationRule"), isOutside, isGateway, account);
    readSidecars(ofKind("Sidecar"), account);
    // What TLS is opened for comes first: it takes the port of the far side from what else is declared there.
    const plainFirst = ports.toSorted((a, b) => Number(a.spoken === "tls") - Number(b.spoken === "tls"));
    plainFirst.forEach(port => addPort(wishes.of(port.host, labelOf(port.entry)), port, legs, originated, account));
    permissionsOf(ofKind("AuthorizationPolicy"), account).forEach(one => permit(one, wishes, account));
}

function permit({ hosts = ["*"], policy, rule, workload }: Permission, wishes: Wishes, account: Account): void {
    for (const named of hosts) {
        const meant = [...wishes.all.values()].filter(
            ({ host }) => named === "*" || named === host || isBelow(host, named),
        );
        meant.forEach(wanted => allow(wanted, workload));
        if (meant.length === 0) {
            account.tell(policy, rule, "not carried", `it is for ${named}, which no object declares`);
        }
    }
}

/** What becomes of one declared port: what applications dial, what is spoken, and where TLS is opened on the way. */
function addPort(
    wanted: Wanted,
    declared: DeclaredPort,
    legs: readonly Leg[],
    originated: readonly Originated[],
    account: Account,
): void {
    const { entry, host, number, part, spoken, target } = declared;
    const of = (leg: Leg): boolean => leg.to.host === host && (leg.from === undefined || leg.from === number);
    const leg = legs.find(one => of(one) && one.at === "gateway") ?? legs.find(of);
    const routed = leg?.to.port ?? number;
    const tls = originated.find(
        one =>
            one.host === host &&
            (one.port === undefined || one.port === routed) &&
            (one.subset === undefined || one.subset === leg?.to.subset),
    );
    const far = routed === number ? target : routed;
    const isPlain = spoken === "http" || spoken === "h2c";
    const port: NewPort =
        isPlain && tls !== undefined
            ? {
                  number: far,
                  protocol: "originate",
                  ...(number === 80 ? {} : { plainPort: number }),
                  ...(spoken === "h2c" ? { upstreamProtocol: "h2" } : {}),
                  ...tls.certificates,
              }
            : {
                  number: far,
                  protocol: isPlain ? "http" : spoken,
                  ...(spoken === "h2c" ? { upstreamProtocol: "h2c" } : {}),
              };
    const problem = put(wanted, port);
    if (problem !== undefined) {
        account.tell(entry, part, "not carried", problem);
    } else if (port.protocol === "originate") {
        const how = `\`originate\`: applications say plain HTTP on ${number}, the gateway opens TLS to ${far}`;
        account.tell(entry, part, "carried", how);
    } else if (far !== number) {
        const how = `\`${port.protocol}\`: applications dial ${far}, where the far side listens, and no longer ${number}`;
        account.tell(entry, part, "changed", how);
    } else {
        account.tell(entry, part, "carried", `\`${port.protocol}\``);
    }
}

function entryOf({ allow: allowed, host, ports, sources }: Wanted, workloads: readonly WorkloadIdentity[]): NewEntry {
    const sorted = [...ports.values()].toSorted((a, b) => a.number - b.number);
    return {
        host,
        ports: sorted.length === 0 ? [{ number: 443, protocol: "tls" }] : sorted,
        allow:
            allowed.size > 0 ? [...allowed].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one) : workloads,
        comments: [`from ${[...sources].sort().join(", ")}`],
    };
}

function counted(kinds: readonly string[]): Readonly<Record<string, number>> {
    const counts = new Map<string, number>();
    kinds.forEach(kind => counts.set(kind, (counts.get(kind) ?? 0) + 1));
    return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
