import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { type IstioObject } from "../../../components/mesh/istioObject";
import { type Settings } from "../../../settings/settings";
import { settings } from "../../settings/build";

/** The proof is held to the same objects as the compiler. */
const VERIFIED = path.join(__dirname, "../../containment/mesh/fixtures");

/** The settings behind the objects whose routing was checked with Istio's own simulation. */
interface Catalogue {
    readonly mesh: object;
    readonly gateway: object;
    readonly googleApis: string;
    readonly clients: object;
    readonly destinations: readonly { readonly ports?: readonly { number: number; protocol: string }[] }[];
}

export function verifiedSettings(mutualTls: boolean): Settings {
    const catalogue = parse(text("catalogue.yaml")) as Catalogue;
    return settings({
        ...catalogue,
        mesh: { ...catalogue.mesh, mutualTls },
        // Without mutual TLS nothing can carry raw TCP or TLS on other ports.
        destinations: catalogue.destinations.filter(
            ({ ports }) => mutualTls || ports === undefined || !ports.some(({ number }) => number > 443),
        ),
    });
}

export function verifiedObjects(file: "mutual-tls.yaml" | "no-mutual-tls.yaml"): IstioObject[] {
    return parseAllDocuments(text(file))
        .map(document => document.toJS() as IstioObject | null)
        .filter(object => object !== null);
}

function text(file: string): string {
    return readFileSync(path.join(VERIFIED, file), "utf8");
}
