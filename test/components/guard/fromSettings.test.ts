import assert from "node:assert/strict";
import { guardSettings } from "../../../components/guard/fromSettings";
import { DEFAULT_PROXY_IMAGES, GKE_SYSTEM_NAMESPACES } from "../../../base/conventions";
import { settings } from "../../settings/build";

const deployer = { exemptUsers: ["deployer@acme-dev.iam.gserviceaccount.com"] };
const made = (guard: Record<string, unknown>) => guardSettings(settings({ guard: { ...deployer, ...guard } }));

describe("the guard's namespaces", () => {
    it("have the resolver's among them while there is a DNS lock, in observation too", () => {
        const namespaceOf = (dns?: Record<string, unknown>) =>
            guardSettings(settings({ guard: deployer, ...(dns === undefined ? {} : { dns }) })).resolverNamespace;
        assert.equal(namespaceOf(), undefined);
        assert.equal(namespaceOf({ lock: "off", namespace: "names" }), undefined);
        assert.equal(namespaceOf({ lock: "enforce" }), "istio-egress-dns");
        assert.equal(namespaceOf({ lock: "observe", namespace: "names" }), "names");
    });
});

describe("the guard's lists that have defaults", () => {
    it("are added to, in the settings' own order first, so that problems name places in the file", () => {
        const { exemptNamespaces, proxyImages } = made({
            exemptNamespaces: ["datadog", "kube-system"],
            proxyImages: ["registry.acme.example/istio/proxyv2"],
        });
        assert.deepEqual(exemptNamespaces.slice(0, 2), ["datadog", "kube-system"]);
        assert.deepEqual([...exemptNamespaces].sort(), ["datadog", ...GKE_SYSTEM_NAMESPACES].sort());
        assert.deepEqual(proxyImages, ["registry.acme.example/istio/proxyv2", ...DEFAULT_PROXY_IMAGES]);
    });

    it("lose a default only by a setting of its own", () => {
        const { exemptNamespaces, proxyImages } = made({
            proxyImages: ["registry.acme.example/istio/proxyv2"],
            withoutDefaults: ["*/proxyv2", "gmp-system"],
        });
        assert.deepEqual(proxyImages, ["registry.acme.example/istio/proxyv2"]);
        assert.deepEqual(
            exemptNamespaces,
            GKE_SYSTEM_NAMESPACES.filter(name => name !== "gmp-system"),
        );
        assert.throws(() => made({ withoutDefaults: ["datadog"] }), /withoutDefaults/);
    });
});
