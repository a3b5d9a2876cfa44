import * as assert from "node:assert/strict";
import { accountOf } from "../../containment/account";
import { readEvidence } from "../../containment/readers";
import { line, threeLocks } from "./inventory/assets";

function account(document: unknown): ReturnType<typeof accountOf> {
    return accountOf("file", readEvidence(typeof document === "string" ? document : JSON.stringify(document)));
}

describe("the account of a source", () => {
    it("counts what is read of an inventory, what moves no packets, what nobody reads, and what is left out and why", () => {
        const assets = [
            ...threeLocks(),
            line("//new.googleapis.com/projects/fl-prod/things/t", "new.googleapis.com/Thing", {}),
        ];
        const { spelling, read, harmless, notRead, leftOut, cannotShow } = account(assets);
        assert.equal(spelling, "Cloud Asset Inventory");
        assert.deepEqual(
            read.filter(({ kind }) => ["container/NodePool", "Deployment"].includes(kind)),
            [
                { kind: "container/NodePool", count: 3 },
                { kind: "Deployment", count: 1 },
            ],
        );
        assert.equal(harmless, 17);
        assert.deepEqual(notRead, [{ kind: "new.googleapis.com/Thing", count: 1 }]);
        assert.deepEqual(leftOut[0], {
            what: "compute.googleapis.com/Route",
            why: "a route to a subnet of the network, which the subnet shows",
            count: 5,
        });
        assert.match(cannotShow!, /admission policies/);
        // Nothing is dropped without a word.
        const told = [...read, ...notRead, ...leftOut].reduce((sum, { count }) => sum + count, harmless);
        assert.ok(told >= assets.length);
    });

    it("names what a preview deletes", () => {
        const state = {
            urn: "urn:pulumi:a::b::gcp:compute/network:Network::n",
            type: "gcp:compute/network:Network",
            inputs: { name: "n" },
        };
        const steps = [
            { op: "same", newState: state },
            { op: "delete", oldState: { ...state, urn: `${state.urn}2` } },
            { op: "delete", oldState: { ...state, urn: `${state.urn}3`, retainOnDelete: true } },
        ];
        const { spelling, read, leftOut } = account({ steps });
        assert.deepEqual([spelling, read], ["preview", [{ kind: "compute/Network", count: 2 }]]);
        assert.deepEqual(leftOut, [{ what: "gcp:compute/network:Network", why: "the update deletes it", count: 1 }]);
    });

    it("names data sources, and what a Terraform plan deletes", () => {
        const entry = {
            type: "google_compute_network",
            provider_name: "registry.terraform.io/hashicorp/google",
            name: "n",
        };
        const change = (address: string, more: object, actions: readonly string[]): object => ({
            ...entry,
            address,
            ...more,
            change: {
                actions,
                before: actions.includes("delete") ? { name: "n" } : null,
                after: actions.includes("delete") ? null : { name: "n" },
                after_unknown: {},
            },
        });
        const { read, leftOut } = account({
            terraform_version: "1.9.0",
            resource_changes: [
                change("a.b", {}, ["create"]),
                change("data.a.c", { mode: "data" }, ["read"]),
                change("a.d", {}, ["delete"]),
            ],
        });
        assert.deepEqual(read, [{ kind: "compute/Network", count: 1 }]);
        assert.deepEqual(
            leftOut.map(({ why }) => why),
            ["a data source: what it found stands where it is used", "the plan deletes it"],
        );
        const { leftOut: ofState } = account({
            terraform_version: "1.9.0",
            values: {
                root_module: {
                    resources: [{ ...entry, address: "a.b", values: {} }],
                    child_modules: [{ resources: [{ ...entry, mode: "data", address: "m.data.a.c" }] }],
                },
            },
        });
        assert.equal(ofState.length, 1);
    });

    it("counts the objects of manifests", () => {
        assert.deepEqual(account("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"), {
            source: "file",
            spelling: "Kubernetes manifests",
            read: [{ kind: "Pod", count: 1 }],
            harmless: 0,
            notRead: [],
            leftOut: [],
        });
    });
});
