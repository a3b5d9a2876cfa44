import assert from "node:assert/strict";
import { GUARD_RULES } from "../../components/guard/rules";
import { BYPASSES } from "../../containment/bypasses";
import { hostileCases, type Request, systemRequests } from "../../attacks";

const sent = (request: Request) =>
    request.operation === "create" || request.operation === "update" ? [request.object] : [];
const kinds = new Set(hostileCases.flatMap(({ request }) => sent(request)).map(({ kind }) => kind));

describe("the hostile catalogue", () => {
    it("has at least sixty cases, each with an id of its own", () => {
        assert.ok(hostileCases.length >= 60, `${hostileCases.length} cases`);
        const ids = [...hostileCases, ...systemRequests].map(({ id }) => id);
        assert.deepEqual(
            ids.filter((id, index) => ids.indexOf(id) !== index),
            [],
        );
    });

    it("has cases for every rule", () => {
        const tried = new Set<string>(hostileCases.map(({ rule }) => rule));
        assert.deepEqual(
            GUARD_RULES.map(({ id }) => id).filter(id => !tried.has(id)),
            [],
        );
    });

    it("reaches into every kind that carries pods, and into Istio's, Services, nodes and classes", () => {
        const expected = [
            ...[
                "Pod",
                "Deployment",
                "ReplicaSet",
                "StatefulSet",
                "DaemonSet",
                "Job",
                "CronJob",
                "ReplicationController",
                "PodTemplate",
            ],
            ...[
                "ServiceEntry",
                "WorkloadEntry",
                "EnvoyFilter",
                "WasmPlugin",
                "TrafficExtension",
                "ProxyConfig",
                "Gateway",
            ],
            ...["DestinationRule", "VirtualService", "RequestAuthentication", "HTTPRoute"],
            ...[
                "Service",
                "Endpoints",
                "EndpointSlice",
                "Node",
                "ComputeClass",
                "RuntimeClass",
                "Namespace",
                "Binding",
                "TokenRequest",
            ],
        ];
        assert.deepEqual(
            expected.filter(kind => !kinds.has(kind)),
            [],
        );
    });

    it("hides in subresources, updates, deletions, dry runs, server-side apply, generated names and connections", () => {
        const requests = hostileCases.map(({ request }) => request);
        const hidden = {
            subresources: [
                ...new Set(requests.flatMap(request => ("subresource" in request ? [request.subresource] : []))),
            ].sort(),
            dryRun: requests.some(({ dryRun }) => dryRun === true),
            apply: requests.some(request => request.operation === "create" && request.by === "apply"),
            generateName: requests.flatMap(sent).some(({ metadata }) => metadata.generateName !== undefined),
            deletion: requests.some(({ operation }) => operation === "delete"),
        };
        assert.deepEqual(hidden, {
            subresources: [
                "attach",
                "ephemeralcontainers",
                "exec",
                "finalize",
                "portforward",
                "proxy",
                "scale",
                "status",
                undefined,
            ].filter(name => name !== undefined),
            dryRun: true,
            apply: true,
            generateName: true,
            deletion: true,
        });
    });

    it("gives every case a twin that differs from it in the request or in who sends it", () => {
        for (const { id, request, as, twin } of hostileCases) {
            assert.notDeepEqual({ request: twin.request, as: twin.as ?? as }, { request, as }, id);
            assert.equal(twin.request.operation, request.operation, id);
        }
    });

    it("names ways around the gateway that are in the list", () => {
        const numbers = new Set(BYPASSES.map(({ number }) => number));
        const unknown = hostileCases.filter(({ bypass }) => bypass !== undefined && !numbers.has(bypass));
        assert.deepEqual(
            unknown.map(({ id }) => id),
            [],
        );
    });
});
