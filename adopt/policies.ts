import { type WorkloadIdentity } from "../settings/schema";
import { type Account } from "./account";
import { hasEgressLabel } from "./gateways";
import { type Adopted } from "./objects";
import { type Part } from "./part";

/** Workloads that a policy of the gateway lets through, and the hosts to which; absent: all. */
export interface Permission {
    readonly hosts?: readonly string[];
    readonly workload: WorkloadIdentity;
    readonly policy: Adopted;
    readonly rule: Part;
}

/** What policies of the egress gateway allow; the rest is told to stay. */
export function permissionsOf(all: readonly Adopted[], account: Account): readonly Permission[] {
    return all.flatMap(policy => {
        const { spec } = policy;
        if (!hasEgressLabel(spec.at("selector").at("matchLabels"))) {
            account.tellWhole(
                policy,
                spec,
                "not carried",
                "it is for other pods than an egress gateway's: it stays as it is",
            );
            return [];
        }
        const action = spec.at("action");
        if (action.isThere && action.text() !== "ALLOW") {
            account.tellWhole(
                policy,
                spec,
                "not carried",
                `${String(action.shown())}: what is not in \`allow\` is refused anyway, and nothing else can be said`,
            );
            return [];
        }
        account.tellKnown(
            policy,
            spec.at("selector"),
            ["matchLabels"],
            "carried",
            "each destination has a policy of its own, on the gateway's pods",
        );
        return spec
            .at("rules")
            .list()
            .flatMap(rule => ofRule(policy, rule, account));
    });
}

/** Of what a rule may say, these lead to hosts and identities. */
const KNOWN_CONDITIONS = ["connection.sni", "source.principal", "destination.port"];

function ofRule(policy: Adopted, rule: Part, account: Account): readonly Permission[] {
    const conditions = rule.at("when").list();
    const keys = conditions.map(condition => String(condition.at("key").shown()));
    const negated = /"not[A-Z]\w*":/.test(JSON.stringify(rule.shown()));
    const [from, to] = [rule.at("from").list(), rule.at("to").list()];
    if (negated || keys.some(key => !KNOWN_CONDITIONS.includes(key))) {
        account.tellWhole(
            policy,
            rule,
            "not carried",
            "it says whom or what it is not for, or asks for something that a destination has no word for",
        );
        return [];
    }
    const valuesOf = (key: string): readonly string[] =>
        conditions
            .filter(condition => condition.at("key").text() === key)
            .flatMap(condition => condition.at("values").texts());
    valuesOf("destination.port");
    const hosts = [...to.flatMap(one => one.at("operation").at("hosts").texts()), ...valuesOf("connection.sni")].map(
        host => host.toLowerCase().replace(/:(\d+|\*)$/, ""),
    );
    to.forEach(one =>
        account.tellWhole(
            policy,
            one.at("operation").at("ports"),
            "changed",
            "wider where the host has other ports: whoever may use it may use them all",
        ),
    );
    for (const key of ["methods", "paths"]) {
        to.forEach(one =>
            account.tellWhole(
                policy,
                one.at("operation").at(key),
                "changed",
                "wider: whoever may use the host may ask it for anything",
            ),
        );
    }
    const principals = [
        ...from.flatMap(one => one.at("source").at("principals").list()),
        ...conditions
            .filter(one => one.at("key").text() === "source.principal")
            .flatMap(one => one.at("values").list()),
    ];
    from.forEach(one =>
        account.tellWhole(
            policy,
            one.at("source").at("namespaces"),
            "not carried",
            "each workload is allowed by its service account: name them with --for, or let `suggest` find them",
        ),
    );
    const nobody = principals.length === 0 && !from.some(one => one.at("source").at("namespaces").isThere);
    if (nobody) {
        const how = "it allows everybody: name the service accounts with --for, or let `suggest` find them";
        account.tellWhole(policy, rule, "not carried", how);
    }
    const workloads = principals.flatMap(part => {
        const workload = workloadOf(part.text() ?? "");
        account.tell(
            policy,
            part,
            workload === undefined ? "not carried" : "carried",
            workload === undefined ? "no service account by name" : "`allow`",
        );
        return workload ?? [];
    });
    return workloads.map(workload => ({ workload, policy, rule, ...(hosts.length === 0 ? {} : { hosts }) }));
}

function workloadOf(principal: string): WorkloadIdentity | undefined {
    const [, namespace, serviceAccount] = /^[^/*]+\/ns\/([a-z0-9-]+)\/sa\/([a-z0-9.-]+)$/.exec(principal) ?? [];
    return namespace === undefined || serviceAccount === undefined ? undefined : { namespace, serviceAccount };
}
