import { isIPv4 } from "node:net";
import { isWildcard } from "../base/conventions";
import { type NewPort } from "../plan/destinationsEdit";
import { destinationHostCheck } from "../settings/wildcards";
import { type Account } from "./account";
import { type Adopted, labelOf } from "./objects";
import { type Part } from "./part";
import { allow, put, usualPort, type Wanted, type Wishes } from "./wanted";

/** `Package` of UDS Core (`uds.dev/v1alpha1`): what its operator opens for an application. */
export function readPackage(object: Adopted, wishes: Wishes, account: Account): void {
    for (const rule of object.spec.at("network").at("allow").list()) {
        const host = rule.at("remoteHost");
        if (rule.at("direction").text() !== "Egress" || !host.isThere) {
            account.tellWhole(object, rule, "not carried", "it names no host outside");
            continue;
        }
        const wanted = wantedOf(object, host, wishes, account);
        const written = [...rule.at("ports").list(), rule.at("port")].flatMap(part => part.number() ?? []);
        const protocol = (rule.at("remoteProtocol").text() ?? "TLS").toUpperCase();
        const ports = (written.length === 0 ? [protocol === "HTTP" ? 80 : 443] : written).map((number): NewPort => ({
            number,
            protocol: protocol === "HTTP" ? "http" : "tls",
        }));
        const serviceAccount = rule.at("serviceAccount").text();
        rule.at("description").whole();
        if (wanted !== undefined) {
            ports.forEach(port => note(object, rule, wanted, port, account));
            if (serviceAccount !== undefined) {
                allow(wanted, { namespace: object.namespace, serviceAccount });
            }
        }
        account.tellWhole(
            object,
            rule.at("selector"),
            "changed",
            "by service account, and not by labels, which whoever makes pods writes",
        );
    }
}

const SERVICE_ACCOUNT_LABEL = /^(k8s:)?io\.cilium\.k8s\.policy\.serviceaccount$/;

/** Cilium's policies with `toFQDNs` (`cilium.io/v2`). */
export function readCilium(object: Adopted, wishes: Wishes, account: Account): void {
    for (const spec of [object.spec, ...object.others.flatMap(part => part.list())]) {
        const selector = spec.at("endpointSelector");
        const labels = selector.at("matchLabels").entries();
        const serviceAccount = labels.find(([key]) => SERVICE_ACCOUNT_LABEL.test(key))?.[1];
        account.tellWhole(
            object,
            selector,
            "changed",
            serviceAccount === undefined ? "by service account, and not by labels: name them with --for" : "`allow`",
        );
        for (const rule of spec.at("egress").list()) {
            const names = rule.at("toFQDNs").list();
            if (names.length === 0) {
                account.tellWhole(object, rule, "not carried", "it names no host outside");
                continue;
            }
            const ports = portsOf(
                object,
                rule,
                rule
                    .at("toPorts")
                    .list()
                    .flatMap(one => one.at("ports").list()),
                account,
            );
            for (const name of names) {
                const [exact, pattern] = [name.at("matchName"), name.at("matchPattern")];
                const wanted = wantedOf(object, exact.isThere ? exact : pattern, wishes, account);
                ports.forEach(port => note(object, rule, wanted, port, account));
                if (wanted !== undefined && typeof serviceAccount === "string") {
                    allow(wanted, { namespace: object.namespace, serviceAccount });
                }
            }
        }
    }
}

/** GKE's own (`networking.gke.io`). */
export function readFqdnNetworkPolicy(object: Adopted, wishes: Wishes, account: Account): void {
    account.tellWhole(
        object,
        object.spec.at("podSelector"),
        "changed",
        "by service account, and not by labels: name them with --for",
    );
    for (const rule of object.spec.at("egress").list()) {
        const ports = portsOf(object, rule, rule.at("ports").list(), account);
        for (const match of rule.at("matches").list()) {
            const [name, pattern] = [match.at("name"), match.at("pattern")];
            const wanted = wantedOf(object, name.isThere ? name : pattern, wishes, account);
            ports.forEach(port => note(object, rule, wanted, port, account));
        }
    }
}

function note(object: Adopted, rule: Part, wanted: Wanted | undefined, port: NewPort, account: Account): void {
    const problem = wanted === undefined ? undefined : put(wanted, port);
    if (problem !== undefined) {
        account.tell(object, rule, "not carried", problem);
    }
}

function portsOf(object: Adopted, rule: Part, parts: readonly Part[], account: Account): readonly NewPort[] {
    if (parts.length === 0) {
        account.tell(object, rule, "changed", "it opens every port; the destination has 443 with TLS alone");
        return [usualPort(443)];
    }
    return parts.flatMap(part => {
        const protocol = (part.at("protocol").text() ?? "TCP").toUpperCase();
        const written = part.at("port").shown();
        const number = Number(written);
        if (
            (protocol !== "TCP" && protocol !== "ANY") ||
            !Number.isInteger(number) ||
            number < 1 ||
            number > 65535 ||
            part.at("endPort").isThere
        ) {
            account.tellWhole(object, part, "not carried", "a destination has single TCP ports");
            return [];
        }
        const port = usualPort(number);
        part.at("port").whole();
        account.tell(
            object,
            part,
            "changed",
            `${port.protocol}, which is what is usual on ${number}: such a policy says no more than the port`,
        );
        return [port];
    });
}

function wantedOf(object: Adopted, part: Part, wishes: Wishes, account: Account): Wanted | undefined {
    const host = (part.text() ?? "").toLowerCase().replace(/^\*\*\./, "*.");
    const problem = isIPv4(host) ? { remedy: "An address is declared by `addresses`." } : destinationHostCheck(host);
    if (problem !== undefined) {
        account.tell(object, part, "not carried", problem.remedy);
        return undefined;
    }
    account.tell(
        object,
        part,
        isWildcard(host) ? "changed" : "carried",
        isWildcard(host) ? "every name below it, of any depth, and TLS alone" : "a destination",
    );
    return wishes.of(host, labelOf(object));
}
