import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type InputError } from "../../base/problem";
import { codeOwnersOf, ownersIn } from "../../settings/owners";
import { readSettings } from "../../settings/read";
import { settingsWarnings } from "../../settings/warnings";
import { destination, raw } from "./build";

const AFTER = new Date("2027-02-01T00:00:00Z");
const LAST_MOMENT = new Date("2027-01-31T23:59:59Z");

describe("a destination after its last day", () => {
    const read = (expiry: string | undefined, now: Date, others = [destination("b.example.com")]) =>
        readSettings(
            raw({
                ...(expiry === undefined ? {} : { expiry }),
                destinations: [destination("a.example.com", { expires: "2027-01-31" }), ...others],
            }),
            undefined,
            now,
        );
    const hosts = (expiry: string | undefined, now: Date) => read(expiry, now).destinations.map(({ host }) => host);

    it("stands, unless the settings ask for more", () => {
        assert.deepEqual(hosts(undefined, AFTER), ["a.example.com", "b.example.com"]);
        assert.deepEqual(read("warn", AFTER).expired, []);
    });

    it("is refused with `refuse`, and the day before is not", () => {
        assert.deepEqual(hosts("refuse", LAST_MOMENT), ["a.example.com", "b.example.com"]);
        assert.throws(
            () => read("refuse", AFTER),
            (error: InputError) => {
                assert.deepEqual(
                    error.problems.map(({ path: at }) => at),
                    ["egress-gateway:destinations[0].expires"],
                );
                return true;
            },
        );
    });

    it("is left out with `remove`, and a warning says so; the day before it is not", () => {
        assert.deepEqual(hosts("remove", LAST_MOMENT), ["a.example.com", "b.example.com"]);
        const settings = read("remove", AFTER);
        assert.deepEqual(
            settings.destinations.map(({ host }) => host),
            ["b.example.com"],
        );
        assert.match(
            settingsWarnings(settings).join("\n"),
            /a\.example\.com was meant until 2027-01-31 and is left out/,
        );
    });

    it("leaves no gateway without destinations behind", () => {
        assert.throws(() => read("remove", AFTER, []), /expected at least one destination whose date is not over/);
    });
});

describe("who is asked about a list of destinations", () => {
    const TEXT = `# comment
*                         @acme/platform
/destinations/            @acme/security # all of them
/destinations/orders.yaml @acme/orders @acme/security
/destinations/free.yaml
*.txt                     @acme/writers
docs/**/old.md            @acme/old
/flat/*                   @acme/flat
`;
    for (const [file, owners] of [
        ["README.md", ["@acme/platform"]],
        ["destinations/data.yaml", ["@acme/security"]],
        ["destinations/deep/data.yaml", ["@acme/security"]],
        ["destinations/orders.yaml", ["@acme/orders", "@acme/security"]],
        ["destinations/free.yaml", []],
        ["other/destinations/data.yaml", ["@acme/platform"]],
        ["a/b.txt", ["@acme/writers"]],
        ["docs/x/y/old.md", ["@acme/old"]],
        ["docs/old.md", ["@acme/old"]],
        ["flat/a.yaml", ["@acme/flat"]],
        ["flat/deep/a.yaml", ["@acme/platform"]],
    ] as const) {
        it(`is, by the last line that fits, for ${file}: ${owners.join(", ") || "nobody"}`, () =>
            assert.deepEqual(ownersIn(TEXT, file), owners));
    }

    it("is found from the top of the repository, wherever the project is in it", () => {
        const top = fs.mkdtempSync(path.join(os.tmpdir(), "owners-"));
        try {
            fs.mkdirSync(path.join(top, ".git"));
            fs.mkdirSync(path.join(top, ".github"));
            fs.mkdirSync(path.join(top, "egress"));
            assert.deepEqual(codeOwnersOf(path.join(top, "egress"), "destinations/a.yaml"), []);
            fs.writeFileSync(path.join(top, ".github", "CODEOWNERS"), "/egress/destinations/ @acme/network\n");
            assert.deepEqual(codeOwnersOf(path.join(top, "egress"), "destinations/a.yaml"), ["@acme/network"]);
        } finally {
            fs.rmSync(top, { recursive: true });
        }
    });

    it("owns what names nobody, and nothing else", () => {
        const { destinations } = readSettings(
            raw(
                {},
                {
                    files: [
                        {
                            path: "destinations/orders.yaml",
                            content: [destination("x.example.com"), destination("y.example.com", { owner: "orders" })],
                            owner: "@acme/orders",
                        },
                    ],
                },
            ),
        );
        assert.deepEqual(
            destinations.map(({ host, owner }) => [host, owner]),
            [
                ["api.example.com", undefined],
                ["x.example.com", "@acme/orders"],
                ["y.example.com", "orders"],
            ],
        );
    });
});
