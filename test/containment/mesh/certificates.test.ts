import assert from "node:assert/strict";
import { compileMesh } from "../../../components/mesh/compile";
import { meshDeclaration } from "../../../components/mesh/declaration";
import { type Findings } from "../../../containment/mesh/identity";
import { meshFindings } from "../../../containment/mesh/claims";
import { explainMesh } from "../../../containment/mesh/explain";
import { readWorld, type World } from "../../../containment/world/world";
import { type Destination, type DestinationPort } from "../../../settings/schema";
import { meshSettings } from "../../components/mesh/generators";
import { declaration, type KubernetesManifest, resourceOf, SURROUNDINGS } from "./fixture";
import { meshGuard } from "./guardFixture";
import { type Manifest } from "./openings";

const PAYMENTS = { namespace: "payments", serviceAccount: "api" };
const ORDERS = { namespace: "orders", serviceAccount: "web" };

const bank = (port: Partial<Extract<DestinationPort, { protocol: "originate" }>>): Destination => ({
    host: "bank.example.com",
    ports: [{ protocol: "originate", number: 443, plainPort: 80, ...port }],
    allow: [PAYMENTS, ORDERS],
    source: "bank",
});
const TENANTS = bank({
    clientCertificates: [
        { namespace: "payments", secret: "bank-payments" },
        { namespace: "orders", secret: "bank-orders" },
    ],
});

function worldOf(declared: Destination, edit: (objects: Manifest[]) => void = () => undefined): World {
    const objects = structuredClone(compileMesh(meshSettings([declared]))) as unknown as Manifest[];
    edit(objects);
    return readWorld([
        { ...declaration("mutual-tls"), inputs: { ...meshDeclaration(meshSettings([declared])) } },
        ...SURROUNDINGS.map(resourceOf),
        ...meshGuard(),
        ...objects.map(object => resourceOf(object as unknown as KubernetesManifest)),
    ]);
}

const judged = (declared: Destination, edit?: (objects: Manifest[]) => void): Findings =>
    meshFindings(worldOf(declared, edit));
const decisions = ({ witnesses }: Findings): string =>
    witnesses.flatMap(({ hops }) => hops.map(({ decision }) => decision)).join("\n");
const ruleOf = (objects: readonly Manifest[]): Manifest["spec"] =>
    objects.find(({ kind, spec }) => kind === "DestinationRule" && spec.host === "bank.example.com")!.spec;
const tenant = (kind: string, namespace: string) => (objects: readonly Manifest[]) =>
    objects.find(one => one.kind === kind && new RegExp(`^tenant---${namespace}-bank.*-http$`).test(one.metadata.name))!
        .spec;

describe("the certificates of a destination to which the gateway opens TLS", () => {
    it("hold as they are declared", () => {
        for (const declared of [
            bank({}),
            bank({ caCertificate: { secret: "bank-ca" } }),
            bank({ clientCertificate: { secret: "bank-client" } }),
            TENANTS,
        ]) {
            const { result, reasons } = judged(declared);
            assert.deepEqual({ result, reasons }, { result: "holds", reasons: [] }, JSON.stringify(declared.ports));
        }
    });

    for (const [words, declared, change, says] of [
        [
            "every public authority is believed instead of the declared one",
            { caCertificate: { secret: "bank-ca" } },
            { credentialName: undefined },
            /believes every public authority, and it is declared to believe those of Secret bank-ca/,
        ],
        [
            "the authority of a file is believed instead of the declared one",
            { caCertificate: { secret: "bank-ca" } },
            { credentialName: undefined, caCertificates: "/etc/other.pem" },
            /believes the authorities of file \/etc\/other\.pem/,
        ],
        [
            "another authority is believed than the public ones",
            {},
            { credentialName: "other" },
            /believes the authorities of Secret other, and it is declared to believe the public ones/,
        ],
        [
            "a certificate is shown and none is declared",
            {},
            { mode: "MUTUAL", credentialName: "other" },
            /shows the certificate of Secret other, and it is declared to show none/,
        ],
        [
            "no certificate is shown and one is declared",
            { clientCertificate: { secret: "bank-client" } },
            { mode: "SIMPLE", credentialName: undefined },
            /shows no certificate, and it is declared to show that of Secret bank-client/,
        ],
    ] as const) {
        it(`are violated where ${words}`, () => {
            const findings = judged(bank(declared), objects =>
                Object.assign(ruleOf(objects).trafficPolicy.portLevelSettings[0].tls, change),
            );
            assert.equal(findings.result, "violated");
            assert.match(decisions(findings), says);
        });
    }

    it("are explained", () => {
        const words = (declared: Destination, from: typeof ORDERS) =>
            explainMesh(worldOf(declared), from, { host: "bank.example.com", port: 80 })
                .hops.map(({ decision }) => decision)
                .join("\n");
        assert.match(words(TENANTS, PAYMENTS), /with the certificate of Secret bank-payments/);
        assert.match(words(TENANTS, ORDERS), /with the certificate of Secret bank-orders/);
        assert.match(
            words(bank({ caCertificate: { secret: "bank-ca" } }), ORDERS),
            /authorities of Secret bank-ca alone/,
        );
    });
});

describe("a certificate for each namespace", () => {
    it("is shown for nobody else: another's subset is a violation", () => {
        const findings = judged(TENANTS, objects => {
            const [subset] = ruleOf(objects).subsets.filter(({ name }: { name: string }) =>
                name.startsWith("tenant---orders-"),
            );
            tenant("VirtualService", "payments")(objects).http[0].route[0].destination.subset = subset.name;
        });
        assert.equal(findings.result, "violated");
        assert.match(findings.witnesses[0]!.source, /ns\/payments\/sa\/api/);
    });

    it("is shown for nobody else: another's name admits none but its own callers", () => {
        const findings = judged(TENANTS, objects =>
            tenant(
                "AuthorizationPolicy",
                "orders",
            )(objects).rules[0].from[0].source.principals.push("cluster.local/ns/payments/sa/api"),
        );
        assert.equal(findings.result, "violated");
        assert.match(findings.witnesses[0]!.source, /ns\/payments\/sa\/api/);
    });

    it("is shown for nobody else: two Secrets that are exchanged", () => {
        const findings = judged(TENANTS, objects => {
            const tls = ruleOf(objects).subsets.map(
                ({ trafficPolicy }: Manifest["spec"]) => trafficPolicy.portLevelSettings[0].tls,
            );
            [tls[0].credentialName, tls[1].credentialName] = [tls[1].credentialName, tls[0].credentialName];
        });
        assert.equal(findings.result, "violated");
    });

    it("is not asked for under the host's own name", () => {
        const findings = judged(TENANTS, objects => {
            const route = tenant("VirtualService", "payments")(objects);
            route.hosts = ["bank.example.com"];
        });
        assert.equal(findings.result, "violated");
    });
});
