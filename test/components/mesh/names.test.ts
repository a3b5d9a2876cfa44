import assert from "node:assert/strict";
import * as fc from "fast-check";
import { objectName, virtualAddressOf } from "../../../components/mesh/names";
import { hostCheck } from "../../../base/host";
import { anyHost } from "./generators";

describe("the name of a host's objects", () => {
    it("has dashes for dots", () => {
        assert.equal(objectName("istio.io"), "istio-io");
        assert.equal(objectName("api.stripe.com"), "api-stripe-com");
    });

    it("doubles the dashes of the host itself, so that both hosts keep their names whichever comes first", () => {
        assert.equal(objectName("a.b-c.io"), "a-b--c-io");
        assert.equal(objectName("a-b.c.io"), "a--b-c-io");
        assert.equal(objectName("xn--bcher-kva.example"), "xn----bcher--kva-example");
    });

    it("ends in a hash when it would be too long, and tells long hosts apart", () => {
        const [one, two] = ["one", "two"].map(label => objectName(`${"very-long.".repeat(8)}${label}.example.com`));
        assert.match(one!, /^very--long-very--long-very--long-very--[a-z-]*---[0-9a-f]{10}$/);
        assert.ok(one!.length <= 53);
        assert.notEqual(one, two);
    });

    it("ends in a hash when it would look like a name that this program uses for something else", () => {
        for (const host of [
            "private.example.com",
            "google.apis",
            "metadata.server",
            "a.b.clients",
            "a.b.mesh",
            "a.b.http",
            "a.b.443",
        ]) {
            assert.match(objectName(host), /---[0-9a-f]{10}$/, host);
        }
        for (const host of ["privat.example.com", "google.api", "clients.b.io", "mesh.http.io"]) {
            assert.doesNotMatch(objectName(host), /---/, host);
        }
    });

    it("is a DNS label with room for prefix and port, and no two hosts share one", () => {
        fc.assert(
            fc.property(fc.uniqueArray(anyHost, { minLength: 1, maxLength: 30 }), hosts => {
                const names = hosts.map(objectName);
                assert.equal(new Set(names).size, hosts.length, names.join(" "));
                for (const name of names) {
                    assert.match(`tls-${name}-65535`, /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
                }
            }),
        );
    });

    it("is tried on hosts that the settings accept", () => {
        fc.assert(fc.property(anyHost, host => assert.equal(hostCheck(host), undefined)));
    });
});

describe("the virtual address of a host", () => {
    it("lies in 241.0.0.0/8 and depends on the host alone", () => {
        fc.assert(
            fc.property(anyHost, host => {
                const octets = virtualAddressOf(host).split(".").map(Number);
                assert.equal(octets.length, 4);
                assert.equal(octets[0], 241);
                assert.ok(octets.every(octet => Number.isInteger(octet) && octet >= 0 && octet <= 255));
                assert.equal(virtualAddressOf(host), virtualAddressOf(`${host}`));
            }),
        );
    });

    it("stays what it was, since clients hold it in caches", () => {
        assert.equal(virtualAddressOf("db.example.com"), "241.78.81.63");
    });
});
