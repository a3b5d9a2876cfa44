import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "./shell";

/** An authority, and what it has issued, as files. */
export interface Authority {
    readonly certificate: string;
    issue(name: string, subjectAltNames: readonly string[]): { readonly certificate: string; readonly key: string };
}

/** Certificates by openssl: the mesh's with an identity as URI, the public ones with host names. */
export function authority(folder: string, name: string): Authority {
    const file = (suffix: string): string => path.join(folder, `${name}-${suffix}`);
    key(file("ca.key"));
    run(
        "openssl",
        "req",
        "-x509",
        "-new",
        "-key",
        file("ca.key"),
        "-out",
        file("ca.crt"),
        "-days",
        "2",
        "-subj",
        `/CN=${name}`,
    );
    return {
        certificate: file("ca.crt"),
        issue: (subject, subjectAltNames) => {
            const [certificate, privateKey, request, extensions] = ["crt", "key", "csr", "ext"].map(suffix =>
                file(`${subject}.${suffix}`),
            ) as [string, string, string, string];
            if (!fs.existsSync(certificate)) {
                key(privateKey);
                fs.writeFileSync(
                    extensions,
                    `subjectAltName=${subjectAltNames.join(",")}\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n`,
                );
                run("openssl", "req", "-new", "-key", privateKey, "-out", request, "-subj", "/O=rig");
                run(
                    "openssl",
                    "x509",
                    "-req",
                    "-in",
                    request,
                    "-CA",
                    file("ca.crt"),
                    "-CAkey",
                    file("ca.key"),
                    "-CAcreateserial",
                    "-days",
                    "2",
                    "-extfile",
                    extensions,
                    "-out",
                    certificate,
                );
            }
            return { certificate, key: privateKey };
        },
    };
}

function key(file: string): void {
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file);
    // Envoy and the far side read them as other users.
    fs.chmodSync(file, 0o644);
}
