import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { settingsOf } from "../../cli/commands/deployed";
import { type PreflightCheck } from "../../live/preflight/check";
import { preflight } from "../../live/preflight/preflight";
import { type Settings } from "../../settings/settings";
import { ClusterApi } from "../../live/cluster/api";
import { type Addressable, succeeded, writeKubeconfig } from "./harness/api";
import { type Cluster, startCluster } from "./harness/cluster";

describe("preflight against a real API server", function () {
    this.timeout(120_000);
    let cluster: Cluster;
    let settings: Settings;
    let connected: ClusterApi;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-preflight-"));

    before(async () => {
        settings = await settingsOf("dev");
        cluster = await startCluster([], ["istio-system", "payments", "orders", "other"]);
        const { version } = { version: await cluster.api.request("GET", "/version") };
        const caller = await cluster.api.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
            apiVersion: "authentication.k8s.io/v1",
            kind: "SelfSubjectReview",
        });
        const { username } = (caller.body as { status: { userInfo: { username: string } } }).status.userInfo;
        // The settings say what the API server of this machine is, and who asks.
        settings = {
            ...settings,
            guard: { ...settings.guard, exemptUsers: [username] },
            platform: {
                ...settings.platform,
                cluster: { ...settings.platform.cluster, kubernetesVersion: version.body.gitVersion.slice(1) },
            } as Settings["platform"],
        };
        const kubeconfig = path.join(folder, "kubeconfig.json");
        writeKubeconfig(kubeconfig, cluster.connection);
        connected = ClusterApi.connect({ kubeconfig });
        for (const namespace of ["payments", "orders"]) {
            await patch(`/api/v1/namespaces/${namespace}`, { metadata: { labels: { "istio-injection": "enabled" } } });
        }
        for (const [namespace, name] of [
            ["payments", "ledger"],
            ["orders", "web"],
        ] as const) {
            await make({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
        }
        await make(
            istiod("docker.io/istio/pilot:1.30.3", {
                PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true",
                PILOT_FILTER_GATEWAY_CLUSTER_CONFIG: "true",
                ENABLE_DEBUG_ON_HTTP: "false",
            }),
        );
        await make(injector({ matchLabels: { "sidecar.istio.io/inject": "true" } }));
        await make({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "istio", namespace: "istio-system" },
            data: { mesh: "trustDomain: cluster.local\n" },
        } as Addressable);
    });
    after(async () => {
        await cluster?.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const make = async (object: Addressable): Promise<void> =>
        void succeeded(await cluster.api.create(object), `${object.kind} ${object.metadata.name}`);
    const patch = async (target: string, change: object): Promise<void> =>
        void succeeded(
            await cluster.api.request("PATCH", target, change, { contentType: "application/merge-patch+json" }),
            target,
        );
    const wrong = async (more: Partial<Settings> = {}): Promise<Record<string, PreflightCheck>> => {
        const checks = await preflight({ ...settings, ...more }, { cluster: () => connected });
        return Object.fromEntries(
            checks.filter(({ result }) => result !== "agrees").map(check => [`${check.result} ${check.id}`, check]),
        );
    };
    /** The object is there while the body runs. */
    const withObject = async (object: Addressable, body: () => Promise<void>): Promise<void> => {
        await make(object);
        try {
            await body();
        } finally {
            await cluster.api.delete(object);
        }
    };

    it("agrees with a cluster that is as the settings say", async () => {
        assert.deepEqual(await wrong(), {});
    });

    it("reports a client namespace that is missing, and one whose pods get no sidecar", async () => {
        const found = await wrong({ clientNamespaces: ["orders", "other", "nowhere"] });
        assert.match(found["contradicts namespace/nowhere"]!.remedy!, /Create it/);
        assert.match(found["contradicts namespace/other"]!.remedy!, /istio-injection=enabled/);
    });

    it("reports a caller whom the guard would refuse", async () => {
        const found = await wrong({ guard: { ...settings.guard, exemptUsers: ["somebody-else"] } });
        assert.deepEqual(Object.keys(found), ["contradicts guard/deployer"]);
        assert.match(found["contradicts guard/deployer"]!.remedy!, /guard\.exemptUsers/);
    });

    it("reports that no injector takes the gateway's pods", async () => {
        const object = injector({ matchLabels: { "sidecar.istio.io/inject": "true" } });
        await cluster.api.delete(object);
        try {
            assert.deepEqual(Object.keys(await wrong()), ["contradicts istio/injection"]);
        } finally {
            await make(object);
        }
    });

    it("notes service accounts that destinations allow and that do not exist", async () => {
        const [first, ...others] = settings.destinations;
        const destinations = [{ ...first!, allow: [{ namespace: "orders", serviceAccount: "wbe" }] }, ...others];
        assert.match((await wrong({ destinations }))["attention accounts"]!.found, /missing: orders\/wbe/);
    });

    it("reports an Istio of another version, trust domain or revision", async () => {
        const found = await wrong({ mesh: { ...settings.mesh, version: "1.29", trustDomain: "acme.example" } });
        assert.deepEqual(Object.keys(found), ["contradicts istio/version", "contradicts istio/trust-domain"]);
        assert.match(found["contradicts istio/trust-domain"]!.remedy!, /refuse every client/);
        assert.ok(
            "contradicts istio/control-plane" in (await wrong({ mesh: { ...settings.mesh, revision: "canary" } })),
        );
    });

    it("notes istiod's switches that are not as they should be, and calls the dangerous one a contradiction", async () => {
        const deployment = "/apis/apps/v1/namespaces/istio-system/deployments/istiod";
        const environment = (variables: Record<string, string>): Promise<void> =>
            patch(deployment, {
                spec: (istiod("docker.io/istio/pilot:1.30.3", variables) as unknown as { spec: object }).spec,
            });
        await environment({ ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS: "true" });
        const found = Object.keys(await wrong()).sort();
        await environment({
            PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true",
            PILOT_FILTER_GATEWAY_CLUSTER_CONFIG: "true",
            ENABLE_DEBUG_ON_HTTP: "false",
        });
        assert.deepEqual(found, [
            "attention istio/flag/ENABLE_DEBUG_ON_HTTP",
            "attention istio/flag/PILOT_FILTER_GATEWAY_CLUSTER_CONFIG",
            "attention istio/flag/PILOT_SCOPE_GATEWAY_TO_NAMESPACE",
            "contradicts istio/flag/ENABLE_WILDCARD_HOST_SERVICE_ENTRIES_FOR_TLS",
        ]);
    });

    const istio = (kind: string, spec: object, namespace = "other"): Addressable =>
        ({ apiVersion: "networking.istio.io/v1", kind, metadata: { name: "foreign", namespace }, spec }) as Addressable;
    const clashes: readonly (readonly [string, Addressable, string])[] = [
        [
            "a ServiceEntry for a declared host",
            istio("ServiceEntry", {
                hosts: ["istio.io"],
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
                resolution: "DNS",
            }),
            "contradicts mesh/ServiceEntry/other/foreign",
        ],
        [
            "a wildcard ServiceEntry over a declared host",
            istio("ServiceEntry", {
                hosts: ["*.stripe.com"],
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
                resolution: "NONE",
            }),
            "contradicts mesh/ServiceEntry/other/foreign",
        ],
        [
            "a VirtualService for a declared host",
            istio("VirtualService", {
                hosts: ["api.stripe.com"],
                http: [{ route: [{ destination: { host: "elsewhere" } }] }],
            }),
            "contradicts mesh/VirtualService/other/foreign",
        ],
        [
            "a DestinationRule for the gateway's host",
            istio("DestinationRule", { host: "*.istio-egress.svc.cluster.local" }, "payments"),
            "contradicts mesh/DestinationRule/payments/foreign",
        ],
        [
            "a Gateway that binds to the gateway's pods",
            istio("Gateway", {
                selector: { istio: "egressgateway" },
                servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
            }),
            "contradicts mesh/Gateway/other/foreign",
        ],
    ];
    for (const [what, object, key] of clashes) {
        it(`reports ${what}`, () =>
            withObject(object, async () => assert.deepEqual(Object.keys(await wrong()), [key])));
    }

    it("leaves other people's objects alone that are about other hosts and pods", () =>
        withObject(
            istio("ServiceEntry", {
                hosts: ["unrelated.example.org"],
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
                resolution: "DNS",
            }),
            () =>
                withObject(
                    istio("Gateway", {
                        selector: { istio: "ingressgateway" },
                        servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
                    }),
                    async () => assert.deepEqual(Object.keys(await wrong()), []),
                ),
        ));

    it("says that a cluster cannot be read, instead of finding nothing wrong with it", async () => {
        const kubeconfig = path.join(folder, "nobody.json");
        fs.writeFileSync(
            kubeconfig,
            JSON.stringify({
                apiVersion: "v1",
                kind: "Config",
                "current-context": "gone",
                clusters: [{ name: "gone", cluster: { server: "https://127.0.0.1:1" } }],
                users: [{ name: "somebody", user: { token: "x" } }],
                contexts: [{ name: "gone", context: { cluster: "gone", user: "somebody" } }],
            }),
        );
        const [check] = await preflight(settings, { cluster: () => ClusterApi.connect({ kubeconfig }) });
        assert.equal(check!.result, "unreadable");
        assert.match(check!.found, /no cluster answers at https:\/\/127\.0\.0\.1:1 \(context "gone"\): .*ECONNREFUSED/);
    });
});

/** Takes what its selector takes, and does not act: nobody answers at its address, and failures are ignored. */
function injector(objectSelector: object): Addressable {
    return {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "MutatingWebhookConfiguration",
        metadata: { name: "istio-sidecar-injector" },
        webhooks: [
            {
                name: "object.sidecar-injector.istio.io",
                admissionReviewVersions: ["v1"],
                sideEffects: "None",
                failurePolicy: "Ignore",
                timeoutSeconds: 1,
                clientConfig: { url: "https://127.0.0.1:1/inject" },
                objectSelector,
                rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
            },
        ],
    } as Addressable;
}

function istiod(image: string, environment: Record<string, string>): Addressable {
    const labels = { app: "istiod", "istio.io/rev": "default" };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "istiod", namespace: "istio-system", labels },
        spec: {
            selector: { matchLabels: labels },
            template: {
                metadata: { labels },
                spec: {
                    containers: [
                        {
                            name: "discovery",
                            image,
                            env: Object.entries(environment).map(([name, value]) => ({ name, value })),
                        },
                    ],
                },
            },
        },
    } as Addressable;
}
