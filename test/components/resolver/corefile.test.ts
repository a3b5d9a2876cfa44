import assert from "node:assert/strict";
import { RECORD_TYPES } from "../../../base/recordTypes";
import { type Answers } from "../../../components/resolver/answers";
import { corefile } from "../../../components/resolver/corefile";

const NOTHING: Answers = { hosts: [], zones: [], upstreams: ["169.254.169.254"] };
const ZONE = { name: "corp.example", apex: true, types: ["A", "AAAA"], nameservers: [] } as const;

/** Head, view and servers of each block, in their order. What CoreDNS makes of them is tried in test/network/resolver. */
function blocks(text: string): { zones: string; view: string; expr: string; servers: string | undefined }[] {
    return text.split(/^}$/m).flatMap(one => {
        const [, zones, view, quoted, bare] =
            /^(\S.*) \{\n {4}view (\S+) \{\n {8}expr (?:"([^"]*)"|(.*))$/m.exec(one) ?? [];
        return zones === undefined || view === undefined
            ? []
            : [{ zones, view, expr: quoted ?? bare ?? "", servers: /forward \. (.*) \{/.exec(one)?.[1] }];
    });
}

const ports = (names: string): string => names.replaceAll(/:535[34]/g, "");

describe("the resolver's Corefile", () => {
    it("forwards for nobody when nothing is declared", () => {
        const rendered = blocks(corefile(NOTHING, "enforce"));
        assert.deepEqual(
            rendered.map(({ view, servers }) => [view, servers]),
            [
                ["empty", undefined],
                ["undeclared", undefined],
            ],
        );
    });

    it("forwards what is declared alone while it is enforced, and everything while it observes", () => {
        const answers = { ...NOTHING, hosts: ["api.stripe.com"], zones: [ZONE] };
        const forwarding = (lock: "enforce" | "observe"): string[] =>
            blocks(corefile(answers, lock)).flatMap(({ servers, view }) => (servers === undefined ? [] : [view]));
        assert.deepEqual([...new Set(forwarding("enforce"))], ["declared", "plain", "edns"]);
        assert.deepEqual(forwarding("observe"), [
            ...["declared", "plain", "edns", "empty"],
            ...["declared", "plain", "edns", "empty"],
            "undeclared",
        ]);
    });

    it("has the part that asks servers listen on the pod's own loopback, for the part that clients ask", () => {
        const text = corefile({ ...NOTHING, hosts: ["api.stripe.com"], zones: [ZONE] }, "enforce");
        const asking = text.split(/^}$/m).filter(block => block.includes("forward . 169.254.169.254"));
        assert.equal(asking.length, 4);
        for (const block of asking) {
            assert.match(block, /^\n*(corp\.example|\.):5354 \{/);
            assert.match(block, /\n {4}bind 127\.0\.0\.1\n/);
        }
        assert.equal(text.match(/forward \. 127\.0\.0\.1:5354 /g)?.length, 2);
    });

    it("names hosts and every name above them as existing", () => {
        const { expr } = blocks(corefile({ ...NOTHING, hosts: ["api.eu.stripe.com"] }, "enforce")).find(
            ({ view }) => view === "empty",
        )!;
        assert.deepEqual(
            [...expr.matchAll(/'([^']*\.)'/g)].map(([, name]) => name),
            [".", "api.eu.stripe.com.", "com.", "eu.stripe.com.", "stripe.com."],
        );
    });

    it("asks a zone's own servers for it and for hosts in it, and nobody else", () => {
        const zones = [{ ...ZONE, types: ["SRV"] as const, nameservers: ["10.0.0.53", "10.0.0.54"] }];
        const rendered = blocks(
            corefile({ ...NOTHING, hosts: ["api.corp.example", "api.stripe.com"], zones }, "enforce"),
        );
        const inZone = rendered.filter(({ zones: heads }) => ports(heads) === "corp.example");
        assert.deepEqual(
            inZone.map(({ servers, view }) => [view, servers]),
            [
                ["declared", "127.0.0.1:5354"],
                ["plain", "10.0.0.53 10.0.0.54"],
                ["edns", "10.0.0.53 10.0.0.54"],
                ["empty", undefined],
            ],
        );
        assert.deepEqual(
            rendered.filter(({ expr }) => expr.includes("api.corp.example")),
            inZone.slice(0, 1),
        );
    });

    it("asks for a zone's own types", () => {
        const [first] = blocks(corefile({ ...NOTHING, zones: [{ ...ZONE, types: RECORD_TYPES }] }, "enforce"));
        assert.deepEqual(
            /type\(\) in \[([^\]]*)\]/.exec(first!.expr)?.[1],
            RECORD_TYPES.map(type => `'${type}'`).join(", "),
        );
    });

    it("puts zones that are answered alike into one block", () => {
        const zones = ["a.example", "b.example"].map(name => ({ ...ZONE, name, apex: name === "a.example" }));
        const [first] = blocks(corefile({ ...NOTHING, zones }, "enforce"));
        assert.equal(ports(first!.zones), "a.example b.example");
        assert.match(first!.expr, /not \(name\(\) in \['b\.example\.'\]\)/);
    });

    it("gives each name of a long list a line, so that a change of one is a change of one", () => {
        const hosts = Array.from({ length: 1000 }, (_, index) => `host${String(index).padStart(4, "0")}.example`);
        const lines = (list: readonly string[]): string[] =>
            corefile({ ...NOTHING, hosts: list }, "enforce").split("\n");
        const before = lines(hosts);
        const gone = before.filter(one => one.includes("host0500"));
        assert.equal(gone.length, 2);
        assert.deepEqual(
            before.filter(one => !gone.includes(one)),
            lines(hosts.filter(host => host !== "host0500.example")),
        );
    });
});
