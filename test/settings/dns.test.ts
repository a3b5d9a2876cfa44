import assert from "node:assert/strict";
import { settingsWarnings } from "../../settings/warnings";
import { platform, problems, settings } from "./build";

const withCluster = (cluster: Record<string, unknown>) => ({
    platform: { path: "egress-gateway:platform", value: platform({}, cluster) },
});

/** Outside Google Cloud. */
function elsewhere(cluster: Record<string, unknown> = {}) {
    const { egressSubnet: _, ...gke } = platform({}, cluster);
    const { location: __, ...known } = gke["cluster"] as Record<string, unknown>;
    return { platform: { path: "egress-gateway:platform", value: { kind: "kubernetes", cluster: known } } };
}

const enforced = { lock: "enforce" };
const paths = (dns: unknown, others = {}) => problems({ dns }, others).map(({ path }) => path);

describe("settings of the DNS lock", () => {
    it("are off unless somebody asks for them, and ask nothing then", () => {
        assert.equal(settings().dns.lock, "off");
        assert.equal(settings({ dns: { upstreams: ["8.8.8.8"] } }, withCluster({ dns: "cloud-dns" })).dns.lock, "off");
    });

    it("are refused where pods ask Google's metadata server, with the reason", () => {
        for (const lock of ["enforce", "observe"]) {
            const [problem, ...others] = problems({ dns: { lock } }, withCluster({ dns: "cloud-dns" }));
            assert.deepEqual(others, []);
            assert.equal(problem?.path, "egress-gateway:dns.lock");
            assert.match(problem.remedy, /needs kube-dns/);
        }
        assert.deepEqual(problems({ dns: enforced }, withCluster({ dns: "node-local-dns" })), []);
    });

    it("are refused for NodeLocal DNSCache outside GKE, and have to say whom to ask there", () => {
        assert.deepEqual(paths({ ...enforced, upstreams: ["172.18.0.1"] }, elsewhere({ dns: "node-local-dns" })), [
            "egress-gateway:dns.lock",
            "egress-gateway:kubernetes.context",
        ]);
        assert.deepEqual(paths(enforced, elsewhere()), [
            "egress-gateway:dns.upstreams",
            "egress-gateway:kubernetes.context",
        ]);
    });

    it("take an address of the Services range that the cluster's DNS does not have", () => {
        for (const address of ["10.8.0.10", "10.9.0.1", "169.254.169.254"]) {
            assert.deepEqual(paths({ ...enforced, address }), ["egress-gateway:dns.address"], address);
        }
        assert.deepEqual(paths({ ...enforced, address: "10.8.0.99" }), []);
        assert.deepEqual(paths({ ...enforced, address: "10.8.0.0/24" }), ["egress-gateway:dns.address"]);
        assert.deepEqual(paths(enforced, withCluster({ serviceCidr: "10.8.0.0/29" })), ["egress-gateway:dns.address"]);
    });

    it("take servers that the resolver's nodes reach", () => {
        assert.deepEqual(paths({ ...enforced, upstreams: ["169.254.169.254", "10.20.0.53"] }), []);
        assert.deepEqual(paths({ ...enforced, upstreams: ["8.8.8.8"] }), ["egress-gateway:dns.upstreams[0]"]);
        assert.deepEqual(
            paths({ ...enforced, zones: [{ name: "corp.example.com", nameservers: ["10.20.0.53", "1.1.1.1"] }] }),
            ["egress-gateway:dns.zones[0].nameservers[1]"],
        );
    });

    it("take a domain of one's own once, and none below which everybody has a name", () => {
        assert.deepEqual(paths({ ...enforced, zones: [{ name: "corp" }, { name: "corp.example.com" }] }), []);
        assert.deepEqual(paths({ ...enforced, zones: [{ name: "corp" }, { name: "corp" }] }), [
            "egress-gateway:dns.zones[1].name",
        ]);
        for (const name of ["com", "co.uk", "github.io", "cluster.local", "x.cluster.local", "*.example.com", "."]) {
            assert.deepEqual(paths({ ...enforced, zones: [{ name }] }), ["egress-gateway:dns.zones[0].name"], name);
        }
    });

    it("keep the resolver's namespace to itself", () => {
        for (const namespace of ["istio-egress", "istio-system", "kube-system", "payments"]) {
            assert.deepEqual(paths({ ...enforced, namespace }), ["egress-gateway:dns.namespace"], namespace);
        }
    });

    it("are warned about where names leave all the same", () => {
        const warned = (dns: unknown) => settingsWarnings(settings({ dns })).filter(text => !text.includes("NAT"));
        assert.deepEqual(warned(enforced), []);
        assert.match(warned({ lock: "observe" }).join(), /every name is answered/);
        assert.match(
            warned({ ...enforced, zones: [{ name: "corp.example.com" }] }).join(),
            /in front of corp.example.com/,
        );
        assert.deepEqual(warned({ ...enforced, zones: [{ name: "corp", nameservers: ["10.20.0.53"] }] }), []);
    });
});
