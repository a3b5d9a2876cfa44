import assert from "node:assert/strict";
import { expiryWarnings } from "../../cli/expiry";
import { contractOf } from "../../settings/contract";
import { destination, settings } from "../settings/build";

function warnings(expires: string | undefined, today: string, expiry?: string): string[] {
    const read = settings({ destinations: [destination("a.example.com", { owner: "payments", expires })] });
    return expiryWarnings(contractOf(read).destinations, new Date(today), expiry);
}

describe("expiryWarnings", () => {
    it("is silent about a destination without a date, and one far ahead", () => {
        assert.deepEqual(warnings(undefined, "2027-01-01T12:00:00Z"), []);
        assert.deepEqual(warnings("2027-12-31", "2027-01-01T12:00:00Z"), []);
    });

    it("announces the end thirty days before", () => {
        assert.deepEqual(warnings("2027-01-31", "2027-01-01T12:00:00Z"), [
            "a.example.com (payments) expires on 2027-01-31.",
        ]);
    });

    it("says what happens then, where the settings ask for more", () => {
        assert.match(
            warnings("2027-01-31", "2027-01-01T12:00:00Z", "refuse")[0]!,
            /no plan is made from the day after/,
        );
        assert.match(warnings("2027-01-31", "2027-01-01T12:00:00Z", "remove")[0]!, /leaves it out/);
    });

    it("lets a destination live through the day that it names", () => {
        assert.deepEqual(warnings("2027-01-31", "2027-01-31T23:59:00Z"), [
            "a.example.com (payments) expires on 2027-01-31.",
        ]);
        assert.deepEqual(warnings("2027-01-31", "2027-02-01T00:01:00Z"), [
            "a.example.com (payments) expired on 2027-01-31: remove it, or renew it in egress-gateway:destinations[0].",
        ]);
    });
});
