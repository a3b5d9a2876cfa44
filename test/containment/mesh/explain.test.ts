import assert from "node:assert/strict";
import { explainMesh } from "../../../containment/mesh/explain";
import { resourceOf, SURROUNDINGS, verifiedResources } from "./fixture";
import { readWorld } from "../../../containment/world/world";

const resources = verifiedResources("mutual-tls");

describe("explainMesh", () => {
    it("follows an allowed call to the host that the gateway resolves", () => {
        assert.deepEqual(hops("payments/api", "istio.io", 443), [
            "application: payments/api opens TLS to istio.io:443, as declared",
            "sidecar listener: port 443 takes server name istio.io [istio-egress/istio-io-clients]",
            "VirtualService: to outbound|443|istio-io|egress-gateway.istio-egress.svc.cluster.local [istio-egress/istio-io-mesh]",
            "DestinationRule: with TLS mode ISTIO_MUTUAL and server name istio.io [payments/egress-gateway]",
            "Gateway server: port 8443 with server name istio.io asks for a mesh certificate [istio-egress/istio-io-443]",
            "handshake: accepts cluster.local/ns/payments/sa/api [istio-egress/istio-io-443]",
            "AuthorizationPolicy: lets the call pass [istio-egress/tls-leg]",
            "VirtualService: to outbound|443||istio.io [istio-egress/istio-io-443]",
            "ServiceEntry: the gateway resolves istio.io itself and connects to port 443 [istio-egress/istio-io]",
            "end: leaves through outbound|443||istio.io",
        ]);
    });

    it("ends where the handshake refuses another workload of the same namespace", () => {
        assert.equal(
            hops("payments/other", "istio.io", 443).at(-1),
            "handshake: refuses payments/other: not among the accepted names [istio-egress/istio-io-443]",
        );
    });

    it("ends at the policy for plain HTTP, where the handshake knows no host", () => {
        assert.equal(
            hops("payments/other", "istio.io", 80).at(-1),
            "AuthorizationPolicy: refuses the call: no rule allows this caller [istio-egress/istio-io-http]",
        );
    });

    it("ends at the sidecar for a destination that the namespace does not see", () => {
        assert.deepEqual(hops("orders/web", "api.stripe.com", 443), [
            "application: orders/web opens TLS to api.stripe.com:443, which is declared, but not for this workload",
            "sidecar: port 443 has no server name api.stripe.com: closed (BlackHoleCluster), since outbound traffic is REGISTRY_ONLY [orders/default]",
            "end: closed by the sidecar",
        ]);
    });

    it("says that an originated destination is spoken to in plain HTTP", () => {
        assert.match(hops("payments/api", "hooks.example.com", 443)[0]!, /declared for plain HTTP on port 80/);
        assert.equal(
            hops("payments/api", "hooks.example.com", 80).at(-1),
            "end: leaves through outbound|443||hooks.example.com",
        );
    });

    it("follows a tcp destination by its own address", () => {
        assert.equal(
            hops("payments/api", "db.example.com", 5432)[1],
            "sidecar listener: 240.241.0.3:5432 takes the connection [istio-egress/db-example-com-clients]",
        );
    });

    it("leaves traffic of namespaces without a Sidecar to the perimeter", () => {
        assert.equal(hops("tools/x", "istio.io", 443).at(-1), "end: leaves the pod as it is, without the gateway");
    });

    it("says so when there is no mesh to explain", () => {
        assert.match(
            explainMesh(
                readWorld(SURROUNDINGS.map(resourceOf)),
                { namespace: "a", serviceAccount: "b" },
                { host: "c", port: 1 },
            ).hops[0]!.decision,
            /no component declares destinations/,
        );
    });
});

function hops(from: string, host: string, port: number): string[] {
    const [namespace, serviceAccount] = from.split("/") as [string, string];
    return explainMesh(readWorld(resources), { namespace, serviceAccount }, { host, port }).hops.map(
        ({ at, decision, resource }) =>
            `${at}: ${decision}${resource === undefined ? "" : ` [${resource.split("::").at(-1)}]`}`,
    );
}
