import assert from "node:assert/strict";
import { compileGateway } from "../../../components/gateway/compile";
import { type Deployment, type GatewayObject } from "../../../components/gateway/gatewayObject";
import { KEPT_COUNTERS } from "../../../components/gateway/proxyConfig";
import { type Settings } from "../../../settings/settings";
import { destination, settings } from "../../settings/build";

function object<Kind extends GatewayObject["kind"]>(
    kind: Kind,
    read: Settings,
): Extract<GatewayObject, { kind: Kind }> {
    const found = compileGateway(read).filter(candidate => candidate.kind === kind);
    assert.equal(found.length, 1, `${found.length} objects of kind ${kind}`);
    return found[0] as Extract<GatewayObject, { kind: Kind }>;
}

const template = (read: Settings): NonNullable<Deployment["spec"]>["template"] =>
    object("Deployment", read).spec!.template;
const pod = (read: Settings) => template(read).spec!;
const proxyConfig = (read: Settings) =>
    JSON.parse(template(read).metadata!.annotations!["proxy.istio.io/config"]!) as Record<string, unknown>;

describe("the gateway's pods", () => {
    const read = settings();

    it("run on gateway nodes only, and tolerate exactly that taint", () => {
        assert.deepEqual(pod(read).nodeSelector, { "egress-gateway/node": "true" });
        assert.deepEqual(pod(read).tolerations, [
            { key: "egress-gateway/node", operator: "Equal", value: "true", effect: "NoExecute" },
        ]);
    });

    it("ask to be injected as a gateway, of the revision that the settings name", () => {
        const labels = (revision: string) => template(settings({ mesh: { revision } })).metadata!.labels!;
        assert.equal(template(read).metadata!.annotations!["inject.istio.io/templates"], "gateway");
        assert.equal(labels("default")["sidecar.istio.io/inject"], "true");
        assert.equal(labels("default")["istio.io/rev"], undefined);
        assert.equal(labels("1-30-3")["istio.io/rev"], "1-30-3");
        assert.deepEqual(
            pod(read).containers.map(({ name, image }) => ({ name, image })),
            [{ name: "istio-proxy", image: "auto" }],
        );
    });

    it("carry the label that Istio's Gateways and the guard look for, and are found by the Service", () => {
        const labels = template(read).metadata!.labels!;
        assert.equal(labels["istio"], "egressgateway");
        const selectors = [
            object("Service", read).spec!.selector!,
            object("Deployment", read).spec!.selector.matchLabels!,
            object("PodDisruptionBudget", read).spec!.selector!.matchLabels!,
        ];
        for (const selector of selectors) {
            assert.deepEqual(
                Object.entries(selector).filter(([key, value]) => labels[key] !== value),
                [],
            );
            assert.equal(selector["istio"], "egressgateway");
        }
    });

    it("keep to Kubernetes' restricted standard, which their namespace enforces", () => {
        assert.equal(object("Namespace", read).metadata.labels?.["pod-security.kubernetes.io/enforce"], "restricted");
        const { securityContext, containers, ...spec } = pod(read);
        assert.equal(securityContext?.seccompProfile?.type, "RuntimeDefault");
        for (const { securityContext } of containers) {
            assert.equal(securityContext?.allowPrivilegeEscalation, false);
            assert.equal(securityContext.runAsNonRoot, true);
            assert.ok((securityContext.runAsUser ?? 0) > 0);
            assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
        }
        for (const key of ["hostNetwork", "hostPID", "hostIPC", "volumes", "initContainers"] as const) {
            assert.equal(spec[key], undefined, key);
        }
    });

    it("are never injected by a label of the namespace, which would make sidecars of whatever else ran there", () => {
        const labels = Object.keys(object("Namespace", read).metadata.labels ?? {});
        assert.deepEqual(
            labels.filter(key => key === "istio-injection" || key === "istio.io/rev"),
            [],
        );
    });

    it("hold no token for the Kubernetes API", () => {
        assert.equal(pod(read).automountServiceAccountToken, false);
        assert.equal(object("ServiceAccount", read).automountServiceAccountToken, false);
        assert.equal(pod(read).serviceAccountName, object("ServiceAccount", read).metadata.name);
    });

    it("end after their connections, and have more time for it than connections are given", () => {
        const slow = settings({ gateway: { drainSeconds: 600 } });
        const env = Object.fromEntries(pod(slow).containers[0]!.env!.map(({ name, value }) => [name, value]));
        assert.equal(env["EXIT_ON_ZERO_ACTIVE_CONNECTIONS"], "true");
        assert.ok(pod(slow).terminationGracePeriodSeconds! > 600 + parseInt(env["MINIMUM_DRAIN_DURATION"]!, 10));
        assert.equal(proxyConfig(slow)["terminationDrainDuration"], "600s");
    });

    it("have their connections limited where Istio reads the limit", () => {
        const { proxyMetadata } = proxyConfig(settings({ gateway: { maxDownstreamConnections: 1234 } }));
        assert.deepEqual(proxyMetadata, { ISTIO_META_GLOBAL_DOWNSTREAM_MAX_CONNECTIONS: "1234" });
    });

    it("do not forward the caller's certificate to destinations", () => {
        assert.deepEqual(proxyConfig(read)["gatewayTopology"], { forwardClientCertDetails: "SANITIZE" });
    });

    it("look up a declared host as it stands before any Service of a like name", () => {
        assert.deepEqual(pod(read).dnsConfig, { options: [{ name: "ndots", value: "1" }] });
    });

    it("are spread over zones, bindingly only where nodes are sure to have one", () => {
        const zones = (read: Settings) =>
            pod(read).topologySpreadConstraints!.find(
                ({ topologyKey }) => topologyKey === "topology.kubernetes.io/zone",
            );
        assert.equal(zones(read)?.whenUnsatisfiable, "DoNotSchedule");
        const elsewhere: Settings = { ...read, platform: { kind: "kubernetes", cluster: read.platform.cluster } };
        assert.equal(zones(elsewhere)?.whenUnsatisfiable, "ScheduleAnyway");
        assert.ok(
            pod(read).topologySpreadConstraints!.some(({ topologyKey }) => topologyKey === "kubernetes.io/hostname"),
        );
    });

    it("have as much memory as they ask for, and no limit on CPU", () => {
        const { resources } = pod(settings({ gateway: { memoryMebibytes: 2048, cpuRequestMillicores: 750 } }))
            .containers[0]!;
        assert.deepEqual(resources, { requests: { cpu: "750m", memory: "2048Mi" }, limits: { memory: "2048Mi" } });
    });
});

describe("the counters that the gateway keeps", () => {
    /** The proxy's matcher takes an expression for a whole name. */
    const kept = (name: string) => KEPT_COUNTERS.some(pattern => new RegExp(`^(?:${pattern})$`).test(name));

    for (const name of [
        "cluster.outbound|443||istio.io;.upstream_cx_total",
        "cluster.outbound|443||istio.io.upstream_cx_total",
        "cluster.outbound|443||istio.io;.upstream_cx_tx_bytes_total",
        "cluster.outbound|80||istio.io;.upstream_rq_total",
        "listener.0.0.0.0_8443.ssl.fail_verify_san",
        "listener.0.0.0.0_8443.ssl.fail_verify_no_cert",
        "listener.0.0.0.0_8443.no_filter_chain_match",
    ]) {
        it(`include ${name}`, () => assert.ok(kept(name)));
    }
    for (const name of [
        "cluster.xds-grpc.upstream_cx_total",
        "cluster.outbound|443||istio.io;.upstream_cx_length_ms",
        "cluster.outbound|443||istio.io;.upstream_cx_total_extra",
        "listener.0.0.0.0_8443.ssl.ciphers.AES128-SHA",
    ]) {
        it(`leave out ${name}`, () => assert.ok(!kept(name)));
    }
});

describe("the gateway's other objects", () => {
    it("publish two ports inside the cluster and nothing else", () => {
        const { type, ports, ...others } = object("Service", settings()).spec!;
        assert.equal(type, "ClusterIP");
        assert.deepEqual(
            ports!.map(({ port, targetPort }) => [port, targetPort]),
            [
                [80, 8080],
                [443, 8443],
            ],
        );
        assert.deepEqual(Object.keys(others), ["selector"]);
    });

    it("leave the number of pods to the autoscaler alone", () => {
        const read = settings({ gateway: { minReplicas: 4, maxReplicas: 9 } });
        const { minReplicas, maxReplicas, scaleTargetRef } = object("HorizontalPodAutoscaler", read).spec!;
        assert.deepEqual([minReplicas, maxReplicas, scaleTargetRef.name], [4, 9, "egress-gateway"]);
        assert.ok(!("replicas" in object("Deployment", read).spec!));
    });

    it("let one pod at a time be taken away", () => {
        assert.equal(object("PodDisruptionBudget", settings()).spec!.maxUnavailable, 1);
    });

    it("let the gateway's account list Secrets exactly when a destination has a certificate of its own or believes one", () => {
        const originate = { protocol: "originate", number: 443 };
        const withPorts = (port: object) =>
            settings({ destinations: [destination("bank.example.com", { ports: [port] })] });
        const kinds = (read: Settings) => compileGateway(read).map(({ kind }) => kind);
        assert.ok(!kinds(withPorts(originate)).includes("Role"));

        for (const port of [
            { caCertificate: { secret: "bank-ca" } },
            { clientCertificates: [{ namespace: "payments", secret: "bank-payments" }] },
        ]) {
            assert.ok(kinds(withPorts({ ...originate, ...port })).includes("Role"), JSON.stringify(port));
        }

        const mutual = withPorts({ ...originate, clientCertificate: { secret: "bank-client" } });
        assert.deepEqual(object("Role", mutual).rules, [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }]);
        assert.equal(object("RoleBinding", mutual).roleRef.name, object("Role", mutual).metadata.name);
        assert.deepEqual(object("RoleBinding", mutual).subjects, [
            { kind: "ServiceAccount", name: "egress-gateway", namespace: "istio-egress" },
        ]);
    });

    it("stand in the namespace that the settings name", () => {
        const namespaces = compileGateway(settings({ gateway: { namespace: "way-out" } })).map(({ kind, metadata }) =>
            kind === "Namespace" ? metadata.name : metadata.namespace,
        );
        assert.deepEqual([...new Set(namespaces)], ["way-out"]);
    });
});
