import { publicAddressesCheck } from "../base/cidr";
import { isWildcard } from "../base/conventions";
import { destinationHostCheck } from "../settings/wildcards";
import { type Account } from "./account";
import { type Adopted } from "./objects";
import { type Part } from "./part";

/** One port of a host outside, as a ServiceEntry declares it. */
export interface DeclaredPort {
    readonly host: string;
    readonly number: number;
    /** Where the far side listens, where that is another port. */
    readonly target: number;
    readonly spoken: "tls" | "http" | "h2c" | "tcp";
    readonly entry: Adopted;
    readonly part: Part;
}

/** Istio's names of protocols (`pkg/config/protocol`). */
const SPOKEN: Readonly<Record<string, DeclaredPort["spoken"]>> = {
    https: "tls",
    tls: "tls",
    http: "http",
    http2: "h2c",
    grpc: "h2c",
    "grpc-web": "http",
    tcp: "tcp",
    mongo: "tcp",
    mysql: "tcp",
    redis: "tcp",
};

/** What the entries declare outside, each port of each host. */
export function declaredPorts(entries: readonly Adopted[], account: Account): readonly DeclaredPort[] {
    return entries.flatMap(entry => portsOf(entry, account));
}

function portsOf(entry: Adopted, account: Account): readonly DeclaredPort[] {
    const { spec } = entry;
    if (spec.at("location").text() === "MESH_INTERNAL") {
        account.tellWhole(
            entry,
            spec,
            "not carried",
            "it is about what is inside the mesh, which does not use the gateway",
        );
        return [];
    }
    const hosts = hostsOf(entry, account);
    readResolution(entry, account);
    account.tellWhole(entry, spec.at("exportTo"), "changed", "who sees a destination follows from its `allow`");
    account.tellWhole(
        entry,
        spec.at("subjectAltNames"),
        "not carried",
        "the gateway checks the host's own name where it opens TLS",
    );
    return spec
        .at("ports")
        .list()
        .flatMap(part => {
            const [number, written] = [part.at("number").number(), part.at("protocol").text() ?? "TCP"];
            part.at("name").text();
            const spoken = Object.hasOwn(SPOKEN, written.toLowerCase()) ? SPOKEN[written.toLowerCase()] : undefined;
            if (number === undefined || spoken === undefined) {
                account.tellWhole(
                    entry,
                    part,
                    "not carried",
                    `what ${written} is on that port, no destination can say`,
                );
                return [];
            }
            const target = part.at("targetPort").number() ?? number;
            return hosts.map(host => ({ host, number, target, spoken, entry, part }));
        });
}

function hostsOf(entry: Adopted, account: Account): readonly string[] {
    return entry.spec
        .at("hosts")
        .list()
        .flatMap(part => {
            const host = (part.text() ?? "").toLowerCase();
            const problem = destinationHostCheck(host);
            if (problem === undefined) {
                account.tell(
                    entry,
                    part,
                    "carried",
                    isWildcard(host) ? "a destination for every name below it" : "a destination",
                );
                return [host];
            }
            account.tell(entry, part, "not carried", problem.remedy);
            return [];
        });
}

function readResolution(entry: Adopted, account: Account): void {
    const { spec } = entry;
    const resolution = spec.at("resolution");
    const written = resolution.text() ?? "NONE";
    if (written.startsWith("DNS") || written.startsWith("DYNAMIC_DNS")) {
        if (resolution.isThere) {
            account.tell(entry, resolution, "carried", "the gateway resolves the name itself");
        }
    } else {
        account.tell(
            entry,
            resolution,
            "changed",
            `${written}: the gateway resolves the name itself, and goes to what that answers`,
        );
    }
    const addresses = spec
        .at("endpoints")
        .list()
        .flatMap(one => one.at("address").shown() ?? [])
        .map(String);
    const publicOnes = addresses.filter(address => publicAddressesCheck(address) === undefined);
    account.tellWhole(
        entry,
        spec.at("endpoints"),
        "not carried",
        publicOnes.length > 0
            ? `the name is resolved; a far side without a name in DNS is declared by \`addresses: [${publicOnes.join(", ")}]\``
            : "the name is resolved, and what that answers is dialled",
    );
    account.tellWhole(
        entry,
        spec.at("addresses"),
        "changed",
        "clients dial the name; of a `tcp` port it has a virtual address, which `virtualAddress` can set",
    );
}
