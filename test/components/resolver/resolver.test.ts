import assert from "node:assert/strict";
import { answersOf } from "../../../components/resolver/answers";
import { clusterDns } from "../../../components/resolver/configuration";
import { deployment } from "../../../components/resolver/deployment";
import { service } from "../../../components/resolver/objects";
import { Resolver } from "../../../components/resolver/resolver";
import { type Settings } from "../../../settings/settings";
import { destination, platform, settings } from "../../settings/build";
import { type Registered, registered } from "../registered";

function locked(dns: Record<string, unknown> = {}, values: Record<string, unknown> = {}): Settings {
    return settings({ dns: { lock: "enforce", ...dns }, ...values });
}

describe("what the resolver answers", () => {
    const GOOGLE = ["gcr.io", "googleapis.com", "pkg.dev"];

    it("is the declared hosts for themselves, and the metadata server", () => {
        const { hosts, zones, upstreams } = answersOf(
            locked({}, { destinations: [destination("b.example.com"), destination("a.example.com")] }),
        );
        assert.deepEqual(hosts, ["a.example.com", "b.example.com", "metadata.google.internal"]);
        assert.deepEqual(
            zones.map(({ name }) => name),
            GOOGLE,
        );
        assert.deepEqual(upstreams, ["169.254.169.254"]);
    });

    it("is what stands below a wildcard, and not its domain", () => {
        const { hosts, zones } = answersOf(locked({}, { destinations: [destination("*.my.salesforce.com")] }));
        assert.deepEqual(hosts, ["metadata.google.internal"]);
        assert.deepEqual(
            zones.find(({ name }) => name === "my.salesforce.com"),
            { name: "my.salesforce.com", apex: false, types: ["A", "AAAA"], nameservers: [] },
        );
    });

    it("has no line for an address, nor Google's names where nobody reaches them", () => {
        const addresses = { addresses: ["8.8.4.10"], ports: [{ protocol: "tcp", number: 22 }] };
        const { host: _, ...declared } = destination("", addresses);
        const { hosts, zones } = answersOf(locked({}, { destinations: [declared], googleApis: "none" }));
        assert.deepEqual(hosts, ["metadata.google.internal"]);
        assert.deepEqual(zones, []);
    });

    it("has the zones of the settings, with their own servers and types", () => {
        const written = { name: "corp", types: ["A", "SRV"], nameservers: ["10.20.0.53"] };
        const { zones } = answersOf(locked({ zones: [written] }, { googleApis: "none" }));
        assert.deepEqual(zones, [{ ...written, apex: true }]);
    });
});

describe("the cluster's own DNS", () => {
    it("asks the resolver's Service on GKE, and nobody else for any domain", () => {
        const read = locked({ address: "10.8.0.99" });
        assert.deepEqual(clusterDns(read).data, { upstreamNameservers: '["10.8.0.99"]', stubDomains: "{}" });
        assert.equal(service(read).spec?.clusterIP, "10.8.0.99");
    });

    it("is CoreDNS elsewhere, and asks it too", () => {
        const { egressSubnet: _, ...gke } = platform();
        const { location: __, ...cluster } = gke["cluster"] as Record<string, unknown>;
        const read = settings(
            { dns: { lock: "enforce", upstreams: ["172.18.0.1"] }, kubernetes: { context: "kind-x" } },
            { platform: { path: "egress-gateway:platform", value: { kind: "kubernetes", cluster } } },
        );
        assert.equal(clusterDns(read).metadata.name, "coredns");
        assert.match(clusterDns(read).data!["Corefile"]!, /\n {4}forward \. 10\.8\.0\.14 \{/);
    });
});

describe("the resolver's pods", () => {
    it("are made anew for another list, and only then", () => {
        const hash = (read: Settings) =>
            deployment(read, JSON.stringify(answersOf(read))).spec!.template.metadata!.annotations;
        assert.deepEqual(hash(locked()), hash(locked()));
        assert.notDeepEqual(hash(locked()), hash(locked({ zones: [{ name: "corp" }] })));
    });
});

describe("Resolver", () => {
    let all: Registered[];
    before(async () => {
        const read = locked();
        all = await registered(() => new Resolver("resolver", read, "enforce"), true);
    });
    const the = (kind: string) => {
        const found = all.filter(({ type }) => type.endsWith(`:${kind}`));
        assert.equal(found.length, 1, kind);
        return found[0]!;
    };

    it("closes the namespace before its first pod, and is asked last of all", () => {
        assert.deepEqual(
            the("Deployment").dependsOn.filter(name => name.startsWith("NetworkPolicy")),
            [
                "NetworkPolicy istio-egress-dns/allow-cluster-dns",
                "NetworkPolicy istio-egress-dns/allow-counters",
                "NetworkPolicy istio-egress-dns/allow-servers",
                "NetworkPolicy istio-egress-dns/default-deny",
            ],
        );
        assert.deepEqual(the("Service").dependsOn, ["Deployment istio-egress-dns/egress-dns"]);
        assert.deepEqual(the("ConfigMapPatch").dependsOn, ["Service istio-egress-dns/egress-dns"]);
    });

    it("changes the cluster's own object, and does not take it over", () => {
        const { name, inputs } = the("ConfigMapPatch");
        assert.equal(name, "kube-system/kube-dns");
        assert.deepEqual(inputs["metadata"], {
            namespace: "kube-system",
            name: "kube-dns",
            annotations: { "pulumi.com/patchForce": "true" },
        });
    });

    it("registers what it answers", () => {
        assert.deepEqual(the("Resolver").inputs, {
            lock: "enforce",
            namespace: "istio-egress-dns",
            address: "10.8.0.14",
            clusterDns: { namespace: "kube-system", name: "kube-dns", address: "10.8.0.10" },
            ...JSON.parse(JSON.stringify(answersOf(locked()))),
        });
    });
});
