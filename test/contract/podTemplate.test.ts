import assert from "node:assert/strict";
import { EgressError, EgressGateway } from "../../contract";
import { deployed, OUTPUTS } from "./outputs";

const API = { namespace: "payments", serviceAccount: "api" };
const WEB = { namespace: "orders", serviceAccount: "web" };
const egress = EgressGateway.fromOutputs(deployed());
const stripe = egress.requireDestination({ host: "api.stripe.com", ...API });
const db = egress.requireDestination({ host: "db.example.com", ...WEB });
const TEMPLATE = { metadata: { labels: { app: "api" } }, spec: { containers: [{ name: "api", image: "api:1" }] } };

describe("the pod template of a workload", () => {
    it("gets the service account and the label that injects a sidecar, and nothing else", () => {
        assert.deepEqual(egress.podTemplate([stripe], TEMPLATE), {
            metadata: { labels: { app: "api", "sidecar.istio.io/inject": "true" } },
            spec: { serviceAccountName: "api", containers: [{ name: "api", image: "api:1" }] },
        });
    });

    it("gets DNS capture when a tcp destination is among them", () => {
        const { metadata } = egress.podTemplate([db], TEMPLATE);
        assert.deepEqual(metadata.annotations, {
            "proxy.istio.io/config": '{"proxyMetadata":{"ISTIO_META_DNS_CAPTURE":"true"}}',
        });
    });

    it("names the control plane's revision where it is not the default one", () => {
        const canary = EgressGateway.fromOutputs(deployed({ gateway: { ...OUTPUTS.gateway, revision: "canary" } }));
        assert.deepEqual(canary.podTemplate([stripe], TEMPLATE).metadata.labels, {
            app: "api",
            "istio.io/rev": "canary",
        });
    });

    it("keeps a proxy configuration that is there, and extends it", () => {
        const annotations = { team: "orders", "proxy.istio.io/config": '{"concurrency":2,"proxyMetadata":{"A":"b"}}' };
        const { metadata } = egress.podTemplate([db], { ...TEMPLATE, metadata: { annotations } });
        assert.equal(metadata.annotations?.["team"], "orders");
        assert.deepEqual(JSON.parse(metadata.annotations?.["proxy.istio.io/config"] ?? ""), {
            concurrency: 2,
            proxyMetadata: { A: "b", ISTIO_META_DNS_CAPTURE: "true" },
        });
    });

    it("keeps a proxy configuration in YAML that captures DNS already, and refuses one that it cannot extend", () => {
        const yaml = 'proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "true"\n';
        const withConfig = (config: string) => ({
            ...TEMPLATE,
            metadata: { annotations: { "proxy.istio.io/config": config } },
        });
        assert.equal(egress.podTemplate([db], withConfig(yaml)).metadata.annotations?.["proxy.istio.io/config"], yaml);
        assert.throws(
            () => egress.podTemplate([db], withConfig("concurrency: 2")),
            /write it as JSON, or add proxyMetadata/,
        );
    });

    it("leaves a template without tcp destinations its proxy configuration, whatever it is", () => {
        const template = { ...TEMPLATE, metadata: { annotations: { "proxy.istio.io/config": "concurrency: 2" } } };
        assert.deepEqual(egress.podTemplate([stripe], template).metadata.annotations, template.metadata.annotations);
    });

    it("does not change what it was given", () => {
        const before = structuredClone(TEMPLATE);
        egress.podTemplate([db], TEMPLATE);
        assert.deepEqual(TEMPLATE, before);
    });

    it("is refused with everything in it that would keep it from its destinations", () => {
        const template = {
            metadata: {
                labels: { "sidecar.istio.io/inject": "false" },
                annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "443" },
            },
            spec: { ...TEMPLATE.spec, serviceAccountName: "default", hostNetwork: true },
        };
        assert.throws(
            () => egress.podTemplate([stripe], template),
            (error: EgressError) =>
                error instanceof EgressError &&
                /serviceAccountName is "default", but the destinations are open to "api"/.test(error.message) &&
                /hostNetwork/.test(error.message) &&
                /sidecar\.istio\.io\/inject: "false"/.test(error.message) &&
                /excludeOutboundPorts/.test(error.message),
        );
    });

    it("serves one workload", () => {
        assert.throws(
            () => egress.podTemplate([stripe, db], TEMPLATE),
            /different workloads: payments\/api, orders\/web/,
        );
        assert.throws(() => egress.podTemplate([], TEMPLATE), /no destination is given/);
    });
});
