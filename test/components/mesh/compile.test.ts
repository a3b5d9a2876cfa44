import assert from "node:assert/strict";
import * as envoyFilters from "@kubernetes-models/istio/networking.istio.io/v1alpha3";
import * as networking from "@kubernetes-models/istio/networking.istio.io/v1beta1";
import * as security from "@kubernetes-models/istio/security.istio.io/v1beta1";
import * as telemetry from "@kubernetes-models/istio/telemetry.istio.io/v1alpha1";
import * as fc from "fast-check";
import { compileMesh, type MeshSettings } from "../../../components/mesh/compile";
import { type GatewayObject, type ServiceEntry } from "../../../components/mesh/istioObject";
import { platform, settings } from "../../settings/build";
import { anyCatalogue, meshSettings } from "./generators";

const PRIVATE = [{ name: "db", cidrs: ["10.20.0.0/28"], ports: [{ number: 5432, protocol: "tcp" as const }] }];

type Model = new (object: never) => { validate(): void };

/** Istio took these schemas over into v1 as they were (release notes of 1.22); this package has them under the older name. */
const MODELS: Readonly<Record<string, { readonly apiVersion: string; readonly kinds: object }>> = {
    "networking.istio.io/v1alpha3": { apiVersion: "networking.istio.io/v1alpha3", kinds: envoyFilters },
    "networking.istio.io/v1": { apiVersion: "networking.istio.io/v1beta1", kinds: networking },
    "security.istio.io/v1": { apiVersion: "security.istio.io/v1beta1", kinds: security },
    "telemetry.istio.io/v1": { apiVersion: "telemetry.istio.io/v1alpha1", kinds: telemetry },
};

describe("Istio's own schemas", () => {
    it("accept every object of any catalogue, with mutual TLS", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const settings = meshSettings(catalogue);
                const privateDestinations = PRIVATE.map(p => ({ ...p, namespaces: [...settings.clientNamespaces] }));
                const clients = { ...settings.clients, privateDestinations };
                compileMesh({ ...settings, clients }).forEach(validateIstioObject);
            }),
            { numRuns: 50 },
        );
    });

    it("accept every object of any catalogue that needs no mutual TLS", () => {
        fc.assert(
            fc.property(anyCatalogue, catalogue => {
                const exact = catalogue.filter(({ host }) => !host.startsWith("*."));
                const carriable = exact.map(destination => ({
                    ...destination,
                    ports: [
                        { number: 443, protocol: "tls" as const },
                        ...destination.ports.filter(
                            port =>
                                port.number !== 443 &&
                                (port.protocol === "http" || port.protocol === "originate") &&
                                !("clientCertificates" in port),
                        ),
                    ],
                }));
                compileMesh(meshSettings(carriable, false)).forEach(validateIstioObject);
            }),
            { numRuns: 50 },
        );
    });

    it("refuse an object with a TLS mode that does not exist", () => {
        const settings = meshSettings([]);
        const gateway = compileMesh(settings).find((object): object is GatewayObject => object.kind === "Gateway");
        const server = gateway?.spec.servers[0];
        assert.ok(gateway !== undefined && server !== undefined);
        validateIstioObject(gateway);
        const broken = { ...gateway, spec: { ...gateway.spec, servers: [{ ...server, tls: { mode: "MUTUALLY" } }] } };
        assert.throws(() => validateIstioObject(broken), /mode/);
    });
});

describe("compileMesh", () => {
    it("refuses what only mutual TLS can carry when there is none, instead of leaving it out", () => {
        const ports = [{ number: 5432, protocol: "tcp" as const }];
        const allow = [{ namespace: "payments", serviceAccount: "api" }];
        const destination = { host: "db.example.com", ports, allow, source: "destinations[0]" };
        assert.throws(
            () => compileMesh(meshSettings([destination], false)),
            /db\.example\.com: port 5432 can only ride the gateway inside mutual TLS, and mesh\.mutualTls is false/,
        );
        assert.doesNotThrow(() => compileMesh(meshSettings([destination], true)));
    });

    it("shows nothing to everybody when there is no client at all", () => {
        const kinds = compileMesh(meshSettings([])).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
        assert.deepEqual(kinds.sort(), [
            "AuthorizationPolicy default-deny",
            "AuthorizationPolicy tls-leg",
            "DestinationRule connections",
            "Gateway http",
            "PeerAuthentication default",
            "Telemetry access-log",
        ]);
    });
});

describe("GKE's metadata server", () => {
    const entry = (read: MeshSettings) =>
        compileMesh(read).find(({ metadata }) => metadata.name === "metadata-server") as ServiceEntry | undefined;
    const on = (cluster: Record<string, unknown>) =>
        settings({}, { platform: { path: "egress-gateway:platform", value: platform({}, cluster) } });

    it("stays reachable for clients by its address, and as a resolver where Cloud DNS is one", () => {
        const ports = (read: MeshSettings) => entry(read)?.spec.ports.map(({ number }) => number);
        assert.deepEqual(entry(on({}))?.spec.addresses, ["169.254.169.254"]);
        assert.deepEqual(ports(on({ dns: "kube-dns" })), [80]);
        assert.deepEqual(ports(on({ dns: "cloud-dns" })), [53, 80]);
    });

    it("is known to nobody on a cluster that has none", () => {
        const read = on({});
        assert.equal(entry({ ...read, platform: { kind: "kubernetes", cluster: read.platform.cluster } }), undefined);
    });
});

/** @throws Error naming what Istio's schema refuses. Unknown fields pass: those the compiler's own types refuse. */
function validateIstioObject(object: { readonly apiVersion: string; readonly kind: string }): void {
    const models = MODELS[object.apiVersion];
    const Model = models === undefined ? undefined : (models.kinds as Record<string, Model>)[object.kind];
    if (models === undefined || Model === undefined) {
        throw new Error(`no schema for ${object.apiVersion} ${object.kind}`);
    }
    new Model({ ...object, apiVersion: models.apiVersion } as never).validate();
}
