import { qualified } from "../containment/mesh/hosts";
import { type Account } from "./account";
import { type Adopted } from "./objects";
import { type Part } from "./part";

type Secret = { readonly secret: string };

/** TLS that a proxy opens to a host. */
export interface Originated {
    readonly host: string;
    /** The port that it is for; absent: every port. */
    readonly port?: number;
    readonly subset?: string;
    /** What the list says of the certificates. */
    readonly certificates: { readonly caCertificate?: Secret; readonly clientCertificate?: Secret };
}

/** Reads the rules for hosts outside and for the egress gateway; the rest is told to stay. */
export function originatedBy(
    all: readonly Adopted[],
    isOutside: (host: string) => boolean,
    isGateway: (host: string) => boolean,
    account: Account,
): readonly Originated[] {
    return all.flatMap(rule => {
        const { namespace, spec } = rule;
        const host = qualified(String(spec.at("host").shown() ?? ""), namespace);
        if (!isOutside(host) && !isGateway(host)) {
            account.tellWhole(
                rule,
                spec,
                "not carried",
                "its host is none that these objects declare outside: it stays as it is",
            );
            return [];
        }
        spec.at("host").whole();
        account.tell(rule, spec.at("host"), "carried", "each destination has rules of its own");
        account.tellWhole(rule, spec.at("exportTo"), "changed", "who sees a rule follows from `allow`");
        const policies = [
            { policy: spec.at("trafficPolicy"), subset: undefined },
            ...spec
                .at("subsets")
                .list()
                .map(subset => ({ policy: subset.at("trafficPolicy"), subset: subset.at("name").text() })),
        ];
        return policies.flatMap(({ policy, subset }) =>
            ofPolicy(rule, policy, account, isOutside(host)).map(found => ({
                host,
                ...found,
                ...(subset === undefined ? {} : { subset }),
            })),
        );
    });
}

function ofPolicy(
    rule: Adopted,
    policy: Part,
    account: Account,
    outside: boolean,
): readonly Omit<Originated, "host" | "subset">[] {
    const everywhere = tlsOf(rule, policy.at("tls"), account, outside);
    return [
        ...(everywhere === undefined ? [] : [{ certificates: everywhere }]),
        ...policy
            .at("portLevelSettings")
            .list()
            .flatMap(settings => {
                const port = settings.at("port").at("number").number();
                const certificates = tlsOf(rule, settings.at("tls"), account, outside);
                return certificates === undefined || port === undefined ? [] : [{ port, certificates }];
            }),
    ];
}

/** @returns undefined where no TLS is opened to the outside */
function tlsOf(rule: Adopted, tls: Part, account: Account, outside: boolean): Originated["certificates"] | undefined {
    if (!tls.isThere) {
        return undefined;
    }
    const mode = tls.at("mode").text() ?? "DISABLE";
    if (!outside) {
        // The hop from the sidecars to the gateway is this program's own.
        account.tellKnown(
            rule,
            tls,
            ["mode", "sni"],
            mode === "ISTIO_MUTUAL" ? "carried" : "changed",
            "mutual TLS of the mesh to the gateway, with a server name for each destination",
        );
        return undefined;
    }
    if (mode !== "SIMPLE" && mode !== "MUTUAL") {
        account.tellKnown(
            rule,
            tls,
            ["mode"],
            mode === "DISABLE" ? "carried" : "not carried",
            mode === "DISABLE" ? "no TLS is opened" : `${mode} is for what is inside the mesh`,
        );
        return undefined;
    }
    account.tell(rule, tls.at("mode"), "carried", "the gateway opens TLS: `originate`");
    account.tellWhole(rule, tls.at("sni"), "changed", "the server name is the host's own");
    account.tellWhole(rule, tls.at("subjectAltNames"), "changed", "the certificate has to be the host's own");
    account.tellWhole(
        rule,
        tls.at("insecureSkipVerify"),
        "not carried",
        "the far side's certificate is always checked",
    );
    const secret = tls.at("credentialName").text();
    if (secret !== undefined) {
        account.tell(rule, tls.at("credentialName"), "changed", "the Secret has to be in the gateway's namespace");
        return mode === "MUTUAL" ? { clientCertificate: { secret } } : { caCertificate: { secret } };
    }
    account.tellWhole(
        rule,
        tls.at("caCertificates"),
        "not carried",
        "no file is mounted: put the authorities into a Secret of the gateway's namespace and write `caCertificate`",
    );
    for (const key of ["clientCertificate", "privateKey"]) {
        account.tellWhole(
            rule,
            tls.at(key),
            "not carried",
            "no file is mounted: put certificate and key into a Secret of the gateway's namespace and write `clientCertificate`",
        );
    }
    return {};
}
