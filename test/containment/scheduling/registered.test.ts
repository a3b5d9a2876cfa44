import assert from "node:assert/strict";
import { UNKNOWN } from "../../../containment/resource";
import { changesOfProxy } from "../../../containment/scheduling/ownPods";
import { registeredThere } from "../../../containment/scheduling/registered";
import { gatewayNodes } from "../../../containment/scheduling/nodePools";
import { readWorld } from "../../../containment/world/world";
import { declaration, type KubernetesManifest, resourceOf, SURROUNDINGS } from "../mesh/fixture";

const KEY = "egress-gateway/node";
const CONTAINERS = [{ name: "c", image: "registry.example.com/relay:1" }];
const TOLERATES = { containers: CONTAINERS, tolerations: [{ key: KEY, operator: "Exists" }] };

function found(kind: string, body: Record<string, unknown>, namespace = "orders") {
    const apiVersion = kind === "Pod" ? "v1" : kind === "CronJob" ? "batch/v1" : "apps/v1";
    const object = { apiVersion, kind, metadata: { name: "relay", namespace }, ...body } as KubernetesManifest;
    const world = readWorld([
        {
            urn: "urn:pool:gateway",
            type: "gcp:container/nodePool:NodePool",
            name: "gateway",
            inputs: {
                nodeConfig: {
                    labels: { [KEY]: "true" },
                    taints: [{ key: KEY, value: "true", effect: "NO_EXECUTE" }],
                },
            },
            dependsOn: [],
        },
        declaration("mutual-tls"),
        ...SURROUNDINGS.map(resourceOf),
        resourceOf(object),
    ]);
    const { witnesses, reasons, ofSystem } = registeredThere(world, gatewayNodes(world), ["istio-system"]);
    return witnesses.length > 0
        ? "runs"
        : reasons.length > 0
          ? "unknown"
          : ofSystem.length > 0
            ? "runs for the system"
            : "cannot";
}

const template = (spec: unknown) => ({ spec: { template: { spec } } });

describe("registeredThere", () => {
    for (const [kind, body] of [
        ["Deployment", template(TOLERATES)],
        ["DaemonSet", template({ containers: CONTAINERS, tolerations: [{ operator: "Exists" }] })],
        ["StatefulSet", template(TOLERATES)],
        ["CronJob", { spec: { jobTemplate: template(TOLERATES) } }],
        ["Pod", { spec: TOLERATES }],
    ] as const) {
        it(`finds a ${kind} that tolerates the taint`, () => assert.equal(found(kind, body), "runs"));
    }

    it("finds a second workload in the gateway's namespace", () =>
        assert.equal(found("Deployment", template(TOLERATES), "istio-egress"), "runs"));

    it("knows nothing of tolerations that only deployment tells", () =>
        assert.equal(found("Deployment", template({ containers: CONTAINERS, tolerations: UNKNOWN })), "unknown"));

    it("knows nothing of a class that adds tolerations and is not shown", () =>
        assert.equal(found("Deployment", template({ containers: CONTAINERS, runtimeClassName: "quick" })), "unknown"));

    it("leaves it open what a controller makes of a kind of its own", () =>
        assert.equal(found("Rollout", template(TOLERATES)), "unknown"));

    it("lets a workload be that does not tolerate the taint, or selects other nodes", () => {
        assert.equal(found("Deployment", template({ containers: CONTAINERS })), "cannot");
        assert.equal(found("DaemonSet", template({ ...TOLERATES, nodeSelector: { pool: "app" } })), "cannot");
    });

    it("leaves the system's namespaces to the residual risk", () =>
        assert.equal(found("DaemonSet", template(TOLERATES), "kube-system"), "runs for the system"));
});

describe("changesOfProxy", () => {
    const proxy = { name: "istio-proxy", image: "auto" };
    const of = (spec: Record<string, unknown>, annotations: Record<string, unknown> = {}) => {
        const changes = changesOfProxy({ metadata: { annotations }, spec: { containers: [proxy], ...spec } }, []);
        return changes.found.length > 0 ? "found" : changes.unknown.length > 0 ? "unknown" : "none";
    };

    it("has nothing to say of what is left to the injector", () => {
        assert.equal(of({}), "none");
        assert.equal(of({ containers: [{ ...proxy, image: "docker.io/istio/proxyv2:1.27.0" }] }), "none");
        assert.equal(of({}, { "inject.istio.io/templates": "gateway" }), "none");
    });

    for (const [what, spec, annotations] of [
        ["another image", { containers: [{ ...proxy, image: "registry.example.com/relay:1" }] }, {}],
        ["a second container", { containers: [proxy, ...CONTAINERS] }, {}],
        ["an init container", { initContainers: CONTAINERS }, {}],
        ["a debug container", { ephemeralContainers: CONTAINERS }, {}],
        ["a command", { containers: [{ ...proxy, command: ["sh"] }] }, {}],
        ["other arguments", { containers: [{ ...proxy, args: ["wait"] }] }, {}],
        ["a preloaded library", { containers: [{ ...proxy, env: [{ name: "LD_PRELOAD", value: "/x" }] }] }, {}],
        ["another bootstrap", {}, { "sidecar.istio.io/bootstrapOverride": "mine" }],
        ["another proxy image", {}, { "sidecar.istio.io/proxyImage": "mine" }],
        ["a bootstrap template", {}, { "proxy.istio.io/config": "proxyBootstrapTemplatePath: /x" }],
    ] as const) {
        it(`finds ${what}`, () => assert.equal(of(spec, annotations), "found"));
    }

    for (const [what, spec] of [
        ["an image that only deployment tells", { containers: [{ ...proxy, image: UNKNOWN }] }],
        ["containers that only deployment tells", { initContainers: UNKNOWN }],
        ["a hook", { containers: [{ ...proxy, lifecycle: { postStart: { exec: { command: ["sh"] } } } }] }],
        ["variables from elsewhere", { containers: [{ ...proxy, envFrom: [{ secretRef: { name: "x" } }] }] }],
    ] as const) {
        it(`cannot tell of ${what}`, () => assert.equal(of(spec), "unknown"));
    }
});
