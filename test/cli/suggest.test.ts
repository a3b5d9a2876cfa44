import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { HOSTILE } from "../../base/printable";
import { envoyText, passedThrough, POD, pods } from "../suggest/lines";
import { copyOfProject, runCommandIn } from "./ran";

describe("suggest", function () {
    this.timeout(120_000);
    let copy: string;

    before(() => {
        copy = copyOfProject();
        writeFileSync(
            path.join(copy, "pods.json"),
            JSON.stringify(pods([POD, "payments", "api"], ["10.4.0.8", "orders", "web"])),
        );
        writeFileSync(
            path.join(copy, "mesh.log"),
            [
                envoyText(passedThrough({ serverName: "new.example.com" })),
                envoyText(
                    passedThrough({ serverName: "api.stripe.com", remote: "10.4.0.8:1", upstreamLocal: "10.4.0.8:2" }),
                ),
                envoyText(passedThrough({ serverName: "bad\u001b[31m.example.com" })),
                "\u001b]0;title\u0007\u202e",
            ].join("\n"),
        );
    });
    after(() => rmSync(copy, { recursive: true }));

    const run = (input: string | undefined, ...args: string[]) => runCommandIn(copy, ["suggest", ...args], input);

    it("tells what is missing and ends with 1, and nothing of a log acts on a terminal", () => {
        const { err, out, status } = run(undefined, "mesh.log", "--pods", "pods.json");
        assert.equal(status, 1, err);
        assert.match(
            out,
            /- host: new\.example\.com\n {4}# seen 2026-11-20: payments\/api 1\n {4}allow: \[\{ namespace: payments, serviceAccount: api \}\]/,
        );
        assert.match(out, /api\.stripe\.com: orders\/web/);
        assert.match(out, /Left out: 1 \(a name that no host has\), 1 \(no format that is known here\)/);
        assert.deepEqual(
            (out + err).match(HOSTILE)?.filter(character => character !== "\n"),
            [],
        );
    });

    it("reads standard input, and ends with 2 where no line says anything", () => {
        const logs = readFileSync(path.join(copy, "mesh.log"), "utf8");
        const { missing } = JSON.parse(run(logs, "-", "--pods", "pods.json", "--json").out) as {
            missing: { host: string }[];
        };
        assert.deepEqual(
            missing.map(({ host }) => host),
            ["api.stripe.com", "new.example.com"],
        );
        assert.equal(run("nothing\n", "-").status, 2);
    });

    it("writes what is missing into the list, changes no other line, and has nothing to add then", () => {
        const file = path.join(copy, "Pulumi.dev.yaml");
        const before = readFileSync(file, "utf8");
        const { err, status } = run(undefined, "mesh.log", "--pods", "pods.json", "--write");
        assert.equal(status, 1, err);
        assert.match(err, /Pulumi\.dev\.yaml: changed/);
        const after = readFileSync(file, "utf8");
        const gone = before.split("\n").filter(line => !after.split("\n").includes(line));
        assert.deepEqual(
            gone,
            ["      allow: [{ namespace: payments, serviceAccount: api }]"].filter(line => !after.includes(line)),
        );
        assert.match(after, /- host: new\.example\.com\n {6}# seen 2026-11-20: payments\/api 1\n/);
        const again = run(undefined, "mesh.log", "--pods", "pods.json", "--write");
        assert.equal(again.status, 0, again.err);
        assert.match(again.err, /No file is changed/);
        assert.equal(readFileSync(file, "utf8"), after);
    });
});
