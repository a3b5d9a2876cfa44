import assert from "node:assert/strict";
import { registerObject } from "../../components/registerObject";
import { registered } from "./registered";

const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-egress" } };
const sidecar = {
    apiVersion: "networking.istio.io/v1",
    kind: "Sidecar",
    metadata: { name: "default", namespace: "payments" },
};
const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "once", namespace: "payments" } };

describe("registerObject", () => {
    it("registers an object under its namespace and name, with the type token of its class", async () => {
        const all = await registered(() => {
            registerObject(namespace, {});
            registerObject(sidecar, {});
        }, true);
        assert.deepEqual(
            new Map(all.map(({ type, name }) => [type, name])),
            new Map([
                ["kubernetes:core/v1:Namespace", "istio-egress"],
                ["kubernetes:networking.istio.io/v1:Sidecar", "payments/default"],
            ]),
        );
    });

    it("refuses a kind that it has no class for, and says what to add", async () => {
        await registered(() => {
            assert.throws(
                () => registerObject(job, {}),
                /batch\/v1\/Job has no class in registerObject\.ts; add the one/,
            );
        }, true);
    });
});
