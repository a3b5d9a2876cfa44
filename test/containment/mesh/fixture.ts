import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { type Resource } from "../../../containment/resource";

/** The objects and calls in `fixtures/` were checked with the configuration generator and traffic simulation of Istio 1.30.3. */
export type Variant = "mutual-tls" | "no-mutual-tls";

export interface VerifiedCall {
    readonly name: string;
    readonly from: "client" | "gateway";
    readonly address?: string;
    readonly port: number;
    readonly protocol: "http" | "tcp";
    readonly tls: "plaintext" | "tls" | "mtls";
    readonly sni?: string;
    readonly host?: string;
    readonly cluster?: string;
    readonly error?: string;
}

export interface KubernetesManifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
    readonly [key: string]: unknown;
}

export function verifiedCalls(variant: Variant): VerifiedCall[] {
    return JSON.parse(readFileSync(join(__dirname, "fixtures", `${variant}.calls.json`), "utf8")) as VerifiedCall[];
}

export function verifiedObjects(variant: Variant): KubernetesManifest[] {
    return parseAllDocuments(readFileSync(join(__dirname, "fixtures", `${variant}.yaml`), "utf8"))
        .map(document => document.toJS() as KubernetesManifest | null)
        .filter(object => object !== null);
}

/** What every mesh of these tests has besides the objects in question: the gateway's workload and Service, and one neighbour. */
export const SURROUNDINGS: readonly KubernetesManifest[] = [
    {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "egress-gateway", namespace: "istio-egress" },
        spec: {
            template: {
                metadata: { labels: { istio: "egressgateway" } },
                spec: { serviceAccountName: "egress-gateway" },
            },
        },
    },
    {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "egress-gateway", namespace: "istio-egress" },
        spec: {
            type: "ClusterIP",
            selector: { istio: "egressgateway" },
            ports: [
                { name: "http", port: 80, targetPort: 8080 },
                { name: "tls", port: 443, targetPort: 8443 },
            ],
        },
    },
    {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "stock", namespace: "inventory" },
        spec: { clusterIP: "10.96.0.20", ports: [{ name: "http", port: 8080 }] },
    },
];

export function resourceOf(object: KubernetesManifest): Resource {
    const type = `kubernetes:${object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`}:${object.kind}`;
    const name =
        object.metadata.namespace === undefined
            ? object.metadata.name
            : `${object.metadata.namespace}/${object.metadata.name}`;
    return { urn: `urn:pulumi:dev::egress-gateway::${type}::${name}`, type, name, inputs: object, dependsOn: [] };
}

interface Catalogue {
    readonly destinations: readonly {
        readonly ports?: readonly { readonly number: number; readonly protocol: string }[];
        readonly [key: string]: unknown;
    }[];
}

/** The mesh component that declares the destinations of `catalogue.yaml`. */
export function declaration(
    variant: Variant,
    destinations: readonly unknown[] = catalogueDestinations(variant),
): Resource {
    const type = "egress-gateway:mesh:Mesh";
    return {
        urn: `urn:pulumi:dev::egress-gateway::${type}::mesh`,
        type,
        name: "mesh",
        inputs: {
            destinations,
            version: "1.30.0",
            trustDomain: "cluster.local",
            controlPlaneNamespace: "istio-system",
            gatewayNamespace: "istio-egress",
            clientNamespaces: [...new Set(destinations.flatMap(clientsOf))].sort(),
            mutualTls: variant === "mutual-tls",
        },
        dependsOn: [],
    };
}

function clientsOf(destination: unknown): string[] {
    const { allow } = destination as { readonly allow: readonly { readonly namespace: string }[] };
    return allow.map(({ namespace }) => namespace);
}

function catalogueDestinations(variant: Variant): unknown[] {
    const catalogue = parse(readFileSync(join(__dirname, "fixtures", "catalogue.yaml"), "utf8")) as Catalogue;
    // As the component registers them: with what the settings fill in.
    const all = catalogue.destinations.map(destination => {
        const { ports = [{ number: 443, protocol: "tls" }] } = destination;
        return {
            ...destination,
            ports: ports.map(port => (port.protocol === "originate" ? { plainPort: 80, ...port } : port)),
        };
    });
    // Without the mesh's identity as a carrier there is neither tcp nor TLS on a port other than 443.
    return variant === "mutual-tls"
        ? all
        : all.filter(({ ports }) =>
              ports.every(({ number, protocol }) => protocol !== "tcp" && (protocol !== "tls" || number === 443)),
          );
}

export function verifiedResources(variant: Variant): Resource[] {
    return [declaration(variant), ...[...SURROUNDINGS, ...verifiedObjects(variant)].map(resourceOf)];
}
