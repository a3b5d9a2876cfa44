import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { settingsPage } from "../../settings/documentation";

describe("docs/settings.md", () => {
    it("is what the schemas say; `npm run docs` writes it anew", () => {
        assert.equal(readFileSync(path.join(__dirname, "..", "..", "docs", "settings.md"), "utf8"), settingsPage());
    });

    it("explains every key", () => {
        const unexplained = settingsPage()
            .split("\n")
            .filter(
                line =>
                    line.startsWith("| `") &&
                    /\|\s*\|$/.test(line) &&
                    !line.includes("keys below") &&
                    !line.startsWith("| `kind`"),
            );
        assert.deepEqual(unexplained, []);
    });
});

describe("the README's table of what can be reached how", () => {
    const table = /What can be reached how:\n\n((?:\|.*\n)+)/.exec(
        readFileSync(path.join(__dirname, "..", "..", "README.md"), "utf8"),
    )![1]!;

    it("has every protocol, and every key of a destination that decides how", () => {
        const [, section = ""] = settingsPage().split("\n## destinations\n");
        const lines = section.split("\n## ")[0]!.split("\n");
        const keys = lines.flatMap(line => /^\| `(?:ports\[\]\.)?(\w+)`/.exec(line)?.slice(1) ?? []);
        const protocols = lines.flatMap(line => /^\| `ports\[\]\.protocol` \| `(\w+)`/.exec(line)?.slice(1) ?? []);
        assert.equal(protocols.length, 4);
        // Who, why and until when; and what every port has.
        const others = ["allow", "owner", "reason", "expires", "ports", "protocol", "number"];
        const wanted = [...new Set([...protocols, ...keys])].filter(key => !others.includes(key));
        assert.ok(wanted.length > 12, wanted.join());
        assert.deepEqual(
            wanted.filter(key => !new RegExp(`[\`\\s]${key}\\b`).test(table)),
            [],
        );
    });
});
