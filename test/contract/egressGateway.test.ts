import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { EgressError, EgressGateway, egressOutputs, type EgressOutputs } from "../../contract";
import { deployed, OUTPUTS, STACK } from "./outputs";

const API = { namespace: "payments", serviceAccount: "api" };
const WEB = { namespace: "orders", serviceAccount: "web" };
const egress = EgressGateway.fromOutputs(deployed());

/** The message of what the work throws; the engine prints it without a stack trace. */
function refusalOf(work: () => unknown): string {
    try {
        work();
    } catch (error) {
        assert.ok(error instanceof EgressError && pulumi.RunError.isInstance(error), String(error));
        return error.message;
    }
    return assert.fail("expected a refusal");
}

describe("the egress gateway, as an application sees it", () => {
    it("says how a workload addresses a tls, an originate, an http and a tcp destination", () => {
        const [stripe, hooks, plain, db] = [
            egress.requireDestination({ host: "api.stripe.com", port: 443, ...API }),
            egress.requireDestination({ host: "hooks.example.com", port: 443, ...API }),
            egress.requireDestination({ host: "istio.io", port: 80, ...API }),
            egress.requireDestination({ host: "db.example.com", port: 5432, ...WEB }),
        ];
        assert.deepEqual(stripe, {
            ...API,
            host: "api.stripe.com",
            port: 443,
            protocol: "tls",
            address: "https://api.stripe.com",
            url: "https://api.stripe.com",
            plainHttp: false,
            needsDnsCapture: false,
            owner: "payments",
            expires: "2030-01-31",
        });
        assert.deepEqual([hooks.port, hooks.url, hooks.plainHttp], [80, "http://hooks.example.com", true]);
        assert.deepEqual([plain.port, plain.url, plain.plainHttp], [80, "http://istio.io", true]);
        assert.deepEqual(
            [db.port, db.address, db.url, db.needsDnsCapture],
            [5432, "db.example.com:5432", undefined, true],
        );
    });

    it("answers for a name below a wildcard, and not for its domain", () => {
        const [stripe] = OUTPUTS.destinations.filter(({ host }) => host === "api.stripe.com");
        const ports = stripe!.ports.map(port => ({ ...port, address: "https://*.my.salesforce.com" }));
        const wildcard = { ...stripe!, host: "*.my.salesforce.com", ports };
        const salesforce = EgressGateway.fromOutputs(deployed({ ...OUTPUTS, destinations: [wildcard] }));
        const { host, url } = salesforce.requireDestination({ host: "acme.my.salesforce.com", ...API });
        assert.deepEqual([host, url], ["acme.my.salesforce.com", "https://acme.my.salesforce.com"]);
        for (const other of ["my.salesforce.com", ".my.salesforce.com"]) {
            assert.ok(refusalOf(() => salesforce.requireDestination({ host: other, ...API })));
        }
    });

    it("takes the host's only port when none is named, and asks for one when there are several", () => {
        assert.equal(egress.requireDestination({ host: "db.example.com", ...WEB }).port, 5432);
        assert.match(
            refusalOf(() => egress.requireDestination({ host: "istio.io", ...API })),
            /istio\.io has several ports: 443 tls, 80 http\.\n\s+Name the one that is needed as `port`/,
        );
    });

    it("gives the addresses of a destination's own gateway, and of every gateway together", () => {
        const partners = {
            namespace: "istio-egress-partners",
            host: "egress-gateway.istio-egress-partners.svc.cluster.local",
        };
        const [stripe, ...others] = OUTPUTS.destinations;
        const several = EgressGateway.fromOutputs(
            deployed({
                natAddresses: ["34.76.1.10", "34.76.1.11", "34.76.2.1"],
                gateways: { partners: { ...partners, natAddresses: ["34.76.2.1"] } },
                destinations: [{ ...stripe, gateway: "partners" }, ...others],
            }),
        );
        assert.deepEqual(several.natAddressesFor("api.stripe.com"), ["34.76.2.1"]);
        assert.deepEqual(several.natAddressesFor("db.example.com"), ["34.76.1.10", "34.76.1.11"]);
        assert.deepEqual(several.natAddresses, ["34.76.1.10", "34.76.1.11", "34.76.2.1"]);
        assert.deepEqual(egress.natAddressesFor("api.stripe.com"), OUTPUTS.natAddresses);
        assert.match(
            refusalOf(() => egress.natAddressesFor("elsewhere.example.com")),
            /leads to no elsewhere\.example\.com; it leads to api\.stripe\.com, /,
        );
    });

    it("gives addresses, destinations and a workload's own destinations as data", () => {
        assert.deepEqual(egress.natAddresses, ["34.76.1.10", "34.76.1.11"]);
        assert.deepEqual(egress.destinations, OUTPUTS.destinations);
        assert.deepEqual(
            egress.destinationsFor(WEB).map(({ host }) => host),
            ["db.example.com"],
        );
    });

    it("says for a workload that is not allowed who is, what to write where, and whom to ask", () => {
        assert.equal(
            refusalOf(() => egress.requireDestination({ host: "db.example.com", port: 5432, ...API })),
            `the egress gateway (${STACK}) does not allow what this program needs
  db.example.com:5432 for payments/api
    The destination exists (tcp, db.example.com:5432), but only for orders/web.
    To add this workload, write { namespace: payments, serviceAccount: api } under \`allow\` at egress-gateway:destinations[0] in Pulumi.dev.yaml of egress-gateway.
    Ask orders, who owns it, and deploy it: \`pulumi up -s ${STACK}\`.`,
        );
    });

    it("points at another account of the namespace, and at the same account of another namespace", () => {
        assert.match(
            refusalOf(() =>
                egress.requireDestination({
                    host: "istio.io",
                    port: 443,
                    namespace: "payments",
                    serviceAccount: "web",
                }),
            ),
            /In namespace payments it is open to the service account api, not to web\./,
        );
        assert.match(
            refusalOf(() =>
                egress.requireDestination({ host: "istio.io", port: 443, namespace: "orders", serviceAccount: "api" }),
            ),
            /A service account api may use it in namespace payments, not in orders\./,
        );
    });

    it("says that a destination without an owner is the stack's", () => {
        assert.match(
            refusalOf(() => egress.requireDestination({ host: "hooks.example.com", ...WEB })),
            /It has no owner: ask whoever owns stack organization\/egress-gateway\/dev/,
        );
    });

    it("says for a host that is not listed what to write into the list of its namespace, and names a host that reads alike", () => {
        assert.equal(
            refusalOf(() => egress.requireDestination({ host: "api.strpe.com", ...API })),
            `the egress gateway (${STACK}) does not allow what this program needs
  api.strpe.com for payments/api
    The host is not listed.
    Did you mean api.stripe.com (443 tls)?
    To add it, write in destinations/payments.yaml of egress-gateway:
      - host: api.strpe.com
        ports: [{ number: 443, protocol: tls }]
        allow: [{ namespace: payments, serviceAccount: api }]
    Ask payments, and deploy it: \`pulumi up -s ${STACK}\`.`,
        );
    });

    it("says of a near host whether the workload may use it", () => {
        assert.match(
            refusalOf(() => egress.requireDestination({ host: "js.stripe.com", ...WEB })),
            /Did you mean api\.stripe\.com \(443 tls, not open to orders\/web\)\?/,
        );
        assert.doesNotMatch(
            refusalOf(() => egress.requireDestination({ host: "unlike.anything.test-site.org", ...WEB })),
            /Did you mean/,
        );
    });

    it("names every list when none serves the namespace yet", () => {
        const text = refusalOf(() =>
            egress.requireDestination({ host: "api.new.org", namespace: "shop", serviceAccount: "checkout" }),
        );
        assert.match(
            text,
            /destinations\/payments\.yaml of egress-gateway, or egress-gateway:destinations in Pulumi\.dev\.yaml/,
        );
        assert.match(text, /Ask whoever owns stack organization\/egress-gateway\/dev/);
    });

    it("says what is wrong with a host that nobody could list", () => {
        const text = refusalOf(() => egress.requireDestination({ host: "https://api.stripe.com/v1", ...API }));
        assert.match(text, /Leave out the scheme: write "api\.stripe\.com"/);
        assert.match(
            refusalOf(() => egress.requireDestination({ host: "*.stripe.com", ...API })),
            /one star in front/,
        );
    });

    it("names the other ports of a host, and the destination's port for the one that is dialled", () => {
        const other = refusalOf(() => egress.requireDestination({ host: "istio.io", port: 8443, ...API }));
        assert.match(other, /The host is listed with other ports: 443 tls, 80 http\./);
        assert.match(other, /write \{ number: 8443, protocol: .*\} under `ports` at destinations\/payments\.yaml\[2\]/);
        assert.match(
            refusalOf(() => egress.requireDestination({ host: "hooks.example.com", port: 80, ...API })),
            /80 is the port that applications dial for port 443 \(originate\): ask for port 443\./,
        );
    });

    it("tells everything that is missing at once, and gives all of it once nothing is", () => {
        const text = refusalOf(() =>
            egress.requireDestinations([
                { host: "db.example.com", ...API },
                { host: "api.stripe.com", ...API },
                { host: "api.new.org", ...API },
            ]),
        );
        assert.match(text, /^the egress gateway \(.*\) does not allow 2 things that this program needs\n/);
        assert.match(text, /db\.example\.com for payments\/api/);
        assert.match(text, /api\.new\.org for payments\/api/);
        assert.doesNotMatch(text, /api\.stripe\.com for/);

        const [stripe, hooks] = egress.requireDestinations([
            { host: "api.stripe.com", ...API },
            { host: "hooks.example.com", ...API },
        ]);
        assert.deepEqual([stripe.host, hooks.host], ["api.stripe.com", "hooks.example.com"]);
    });
});

describe("the outputs of the egress stack", () => {
    const refused = (outputs: ReturnType<typeof deployed>) => refusalOf(() => EgressGateway.fromOutputs(outputs));

    it("may have more than the contract says", () => {
        assert.equal(EgressGateway.fromOutputs(deployed({ verdict: "contained" })).natAddresses.length, 2);
    });

    it("are refused with their own message when the stack was never deployed", () => {
        assert.match(
            refused({ stack: STACK, names: [], values: {}, secret: [] }),
            /exists but was never deployed, or was destroyed: run `pulumi up -s organization\/egress-gateway\/dev` first/,
        );
    });

    it("are refused when the stack is something else", () => {
        assert.match(
            refused({ stack: "organization/platform/dev", names: ["platform"], values: {}, secret: [] }),
            /got \["platform"\], expected the outputs of an egress gateway\n.*`organization\/egress-gateway\/dev`/,
        );
    });

    it("are refused when one is missing, by its name", () => {
        assert.match(refused(deployed({ natAddresses: undefined })), /expected also `natAddresses`/);
    });

    it("are refused when one is secret, by its name", () => {
        assert.match(
            refused(deployed({}, ["destinations"])),
            /got \["destinations"\], expected outputs that are not secret/,
        );
    });

    for (const [given, words] of [
        [2, /got 2, expected 1.*\n.*ahead of this program: install egress-gateway-contract 2\.x here/],
        [0, /got 0, expected 1.*\n.*behind this program: upgrade it and run/],
        [undefined, /nothing is given, expected the version of its contract/],
        ["1", /got "1", expected the version of its contract/],
    ] as const) {
        it(`are refused with contract version ${JSON.stringify(given)}, before anything else is judged`, () => {
            assert.match(refused(deployed({ contractVersion: given, destinations: "of another shape" })), words);
        });
    }

    it("are refused when their shape is another one, with every place", () => {
        const [first] = OUTPUTS.destinations;
        const text = refused(
            deployed({ natAddresses: ["somewhere"], destinations: [{ ...first, allow: [{ namespace: "payments" }] }] }),
        );
        assert.match(text, /outputs\.natAddresses\[0\]/);
        assert.match(text, /outputs\.destinations\[0\]\.allow\[0\]\.serviceAccount/);
    });
});

describe("what the egress stack gives out", () => {
    const { natAddresses, ...known } = OUTPUTS;

    it("is what an application reads back", async () => {
        const outputs = egressOutputs(known, natAddresses);
        const addresses = await new Promise<string[]>(resolve => outputs.natAddresses.apply(resolve));
        assert.deepEqual({ ...outputs, natAddresses: addresses }, OUTPUTS);
    });

    it("is checked by the schema that applications read it with, before anything is deployed", () => {
        const wrong = {
            ...known,
            destinations: [{ ...known.destinations[0], source: undefined }],
        } as unknown as EgressOutputs;
        assert.throws(() => egressOutputs(wrong, natAddresses), /outputs\.destinations\[0\]\.source/);
    });
});
