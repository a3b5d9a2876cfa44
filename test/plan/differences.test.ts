import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parseDocument } from "yaml";
import { differenceReport } from "../../cli/differenceReport";
import { differenceOf } from "../../cli/commands/diff";
import { type Plan, planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";

/** What is written into Pulumi.dev.yaml under `egress-gateway:`, by its path. */
type Change = readonly [path: readonly (string | number)[], value: unknown];

const PRIVATE = ["clients", "privateDestinations", 0] as const;
const HOST = (index: number) => ["destinations", index] as const;

/** One line of the settings, what a reviewer has to read of it, and what must not stand there. */
const CHANGES: Readonly<Record<string, { change: Change; says: readonly RegExp[]; not?: RegExp }>> = {
    "a user whom the guard exempts": {
        change: [["guard", "exemptUsers", 1], "eve@example.com"],
        says: [
            /^ {2}\+ the guard exempts user eve@example\.com \(new\)$/m,
            /^Assumptions\n {2}\+ The identities .* eve@/m,
        ],
    },
    "a group whom the guard exempts": {
        change: [["guard", "exemptGroups"], ["devs@example.com"]],
        says: [/^ {2}\+ the guard exempts group devs@example\.com \(new\)$/m],
    },
    "the break-glass group": {
        change: [["guard", "breakGlassGroup"], "oncall@example.com"],
        says: [/^ {2}\+ the break-glass group: egress-gateway-break-glass before, oncall@example\.com after$/m],
    },
    "a proxy image": {
        change: [["guard", "proxyImages"], ["docker.io/evil/proxyv2"]],
        says: [/^ {2}\+ the guard takes for the mesh's proxy the image docker\.io\/evil\/proxyv2 \(new\)$/m],
    },
    "a component that is switched off": {
        change: [["disabledComponents"], ["network-policies"]],
        says: [/^ {2}\+ component client-policies \(gone\)$/m, /^Locks\n {2}\+ .*: there before, not there after$/m],
    },
    "undeclared traffic": {
        change: [["clients", "outboundTraffic"], "allow-any"],
        says: [
            /^ {2}\+ undeclared traffic: ends in the sidecar before, passes the sidecars, up to the perimeter after$/m,
        ],
    },
    "a private destination for another namespace": {
        change: [[...PRIVATE, "namespaces", 1], "orders"],
        says: [
            /^ {2}\+ past the gateway, inside the network: orders to ledger-db, tcp 5432 at 10\.20\.0\.0\/28 \(new\)$/m,
        ],
    },
    "TLS that the gateway opens": {
        change: [[...HOST(1), "ports"], [{ protocol: "originate", number: 443 }]],
        says: [
            /^ {2}\+ api\.stripe\.com:443: tls: .* before, originate: the gateway and its nodes see plain text after$/m,
        ],
    },
    "a client certificate that is dropped": {
        change: [[...HOST(3), "ports"], [{ protocol: "originate", number: 8443 }]],
        says: [/^ {2}\+ bank\.example\.com:8443: client certificate \(gone\): bank-client$/m],
    },
    "a client certificate for each namespace": {
        change: [
            [...HOST(3), "ports", 0],
            { protocol: "originate", number: 8443, clientCertificates: [{ namespace: "payments", secret: "bank-p" }] },
        ],
        says: [
            /^ {2}\+ bank\.example\.com:8443: client certificate \(gone\): bank-client$/m,
            /^ {2}- bank\.example\.com:8443: client certificate for payments \(new\): bank-p$/m,
        ],
    },
    "a private authority": {
        change: [[...HOST(2), "ports"], [{ protocol: "originate", caCertificate: { secret: "hooks-authority" } }]],
        says: [/^ {2}- hooks\.example\.com:443: authorities \(new\): hooks-authority$/m],
    },
    "a name that is checked inside": {
        change: [[...HOST(1), "ports"], [{ protocol: "tls", number: 443, innerName: "checked" }]],
        says: [
            /^ {2}- api\.stripe\.com:443: server name inside \(new\): checked$/m,
            /^Residual risks\n(?:.*\n)* {2}\+ R3: at api\.stripe\.com:443/m,
        ],
    },
    "Google's APIs": {
        change: [["googleApis"], "none"],
        says: [/^ {4}- tcp 443 to .*restricted\.googleapis\.com/m, /^Residual risks\n {2}- R2/m],
        not: /^ {4}\+/m,
    },
    "source addresses": {
        change: [["nat", "addresses"], 3],
        says: [/^ {2}~ source addresses of perimeter-nat, which partners let in: .*nat-2 before, .*nat-3 after$/m],
    },
    "an owner": {
        change: [[...HOST(0), "owner"], "orders"],
        says: [/^ {2}~ istio\.io: owner: payments before, orders after$/m],
    },
    "a narrowed perimeter": {
        change: [["perimeter", "scope"], "cluster"],
        says: [
            /^ {2}\+ the perimeter denies for: every machine of the network before, this cluster's nodes only after$/m,
            /^ {2}\+ any other VM .*: outside of the perimeter now/m,
            /^Residual risks\n {2}\+/m,
        ],
        not: /any other VM .*\(gone\)|^ {4}- every protocol/m,
    },
};

describe("what a reviewer is told of a change", function () {
    this.timeout(600_000);
    let directory: string;
    let unchanged: Plan;

    before(async () => {
        directory = mkdtempSync(path.join(tmpdir(), "egress-gateway-changes-"));
        const PROGRAM = [
            "base",
            "components",
            "contract",
            "declared",
            "policy",
            "settings",
            "index.ts",
            "Pulumi.yaml",
            "package.json",
        ];
        PROGRAM.forEach(name =>
            cpSync(path.join(PROJECT_DIRECTORY, name), path.join(directory, name), { recursive: true }),
        );
        symlinkSync(path.join(PROJECT_DIRECTORY, "node_modules"), path.join(directory, "node_modules"));
        unchanged = await changedBy([]);
    });
    after(() => rmSync(directory, { recursive: true }));

    async function changedBy(changes: readonly Change[]): Promise<Plan> {
        const document = parseDocument(readFileSync(path.join(PROJECT_DIRECTORY, "Pulumi.dev.yaml"), "utf8"));
        // The accounts that a narrowed perimeter denies for; on both sides, so that nothing differs by them.
        const accounts = ["nodes@acme-dev.iam.gserviceaccount.com"];
        document.setIn(["config", "egress-gateway:platform", "cluster", "nodeServiceAccounts"], accounts);
        for (const [[section, ...rest], value] of changes) {
            document.setIn(["config", `egress-gateway:${section}`, ...rest], value);
        }
        writeFileSync(path.join(directory, "Pulumi.dev.yaml"), String(document));
        return planOffline(directory, "dev");
    }

    for (const [name, { change, says, not }] of Object.entries(CHANGES)) {
        it(`names ${name}`, async () => {
            const changed = await changedBy([change]);
            const text = stripVTControlCharacters(
                differenceReport(differenceOf(unchanged.resources, changed.resources)),
            );
            for (const line of says) {
                assert.match(text, line);
            }
            if (not !== undefined) {
                assert.doesNotMatch(text, not);
            }
        });
    }

    it("says nothing where nothing changed", () => {
        const { decisions, claims, locks, assumptions, residualRisks } = differenceOf(
            unchanged.resources,
            unchanged.resources,
        );
        assert.deepEqual(
            [decisions, claims, locks, assumptions, residualRisks],
            [[], [], [], { added: [], removed: [] }, { added: [], removed: [] }],
        );
    });

    it("tells opened things first", async () => {
        const both = await changedBy([
            [["guard", "exemptUsers"], ["eve@example.com"]],
            [[...HOST(0), "owner"], "orders"],
        ]);
        const { decisions } = differenceOf(unchanged.resources, both.resources);
        assert.deepEqual(
            decisions.map(({ effect }) => effect),
            ["opens", "changes", "closes"],
        );
    });
});
