import { texts } from "../kubernetes";
import { type DeclaredPort } from "./declared";
import { type UpstreamTls } from "./destinationRules";
import { type Upstream } from "./upstream";

/**
 * Whether the gateway opens its connection as the port is declared: with TLS of its own and the host's name checked for
 * `originate`, without for everything else.
 *
 * @returns what is wrong, in words that follow "the gateway"
 */
export function openingProblem(
    port: DeclaredPort,
    upstream: Extract<Upstream, { readonly kind: "name" | "endpoint" }>,
): string | undefined {
    const { protocol, host } = port;
    const { tls, source } = upstream;
    const checks = upstream.kind === "name" && upstream.checksInnerName === true;
    if (port.checksInnerName !== checks) {
        return checks
            ? `closes what has no server name ${host} inside, and that is not declared`
            : "does not read the server name inside, and it is declared to close what has another";
    }
    if (tls === undefined || tls.mode === "DISABLE") {
        return protocol === "originate" ? "sends it in the clear, and it is declared to open TLS itself" : undefined;
    }
    if (protocol !== "originate") {
        return `opens TLS of its own (${tls.mode}), which ${protocol} does not expect`;
    }
    return tls.mode === "ISTIO_MUTUAL"
        ? "shows its certificate of the mesh and takes those of the mesh only"
        : (certificateProblem(host, tls, texts(source.spec.subjectAltNames)) ?? credentialProblem(port, tls));
}

/** The certificate that it shows is one of those declared, and whom it believes is who is declared. For whom it shows which is told by the callers. */
function credentialProblem(
    { certificates, authority }: DeclaredPort,
    { mode, credential }: UpstreamTls,
): string | undefined {
    const declared = certificates.map(({ secret }) => secret);
    if (mode === "MUTUAL") {
        return declared.includes(credential ?? "")
            ? undefined
            : `shows the certificate of ${inSecret(credential)}, and it is declared to show ${declared.length === 0 ? "none" : `that of ${inSecret(declared.join(" or "))}`}`;
    }
    if (declared.length > 0) {
        return `shows no certificate, and it is declared to show that of ${inSecret(declared.join(" or "))}`;
    }
    return credential === authority
        ? undefined
        : `believes ${credential === undefined ? "every public authority" : `the authorities of ${inSecret(credential)}`}, and it is declared to believe ${authority === undefined ? "the public ones" : `those of ${inSecret(authority)}`}`;
}

function inSecret(credential: string | undefined): string {
    return credential === undefined ? "nobody" : credential.startsWith("file ") ? credential : `Secret ${credential}`;
}

/**
 * With an explicit server name Istio checks no name of its own accord (`setAutoSniAndAutoSanValidation` in istio/istio
 * `cluster_tls.go`); without one it checks the Host. Names of the ServiceEntry count where the rule has none.
 */
function certificateProblem(host: string, tls: UpstreamTls, entryNames: readonly string[]): string | undefined {
    const names = (tls.subjectAltNames.length > 0 ? tls.subjectAltNames : entryNames).map(name => name.toLowerCase());
    const others = names.filter(name => name !== host);
    if (tls.unchecked) {
        return "takes any certificate at all (insecureSkipVerify)";
    }
    if (names.length === 0) {
        return tls.sni === undefined
            ? undefined
            : "takes any certificate of a trusted authority: it gives a server name and checks none (subjectAltNames)";
    }
    if (others.length > 0) {
        return `takes a certificate of ${others.join(" or ")} for it (subjectAltNames)`;
    }
    return tls.sni === undefined || tls.sni === host ? undefined : `asks for server name ${tls.sni}`;
}
