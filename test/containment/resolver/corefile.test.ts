import assert from "node:assert/strict";
import { parseCorefile, UnreadableCorefile } from "../../../containment/resolver/corefile";
import { Configuration, ordinaryQuery } from "../../../containment/resolver/configuration";

const configured = (source: string) => new Configuration(parseCorefile(source));
const DECLARED = {
    hosts: ["api.example.com"],
    zones: [{ name: "corp", apex: false, types: ["A", "SRV"] as const, nameservers: [] }],
};

/** `name type` of what reaches a server undeclared; `?` where that is not certain. */
function leaks(source: string): string[] {
    return configured(source)
        .undeclared(DECLARED)
        .map(({ query: { name, type, class: group, opcode, size }, certain }) =>
            [name, type, group, opcode, size, certain ? "" : "?"].join(" ").trim(),
        );
}

/** A forwarding block that is asked under a condition, before one that refuses. */
const behind = (condition: string, ...lines: readonly string[]) =>
    `.:5353 {
        view declared {
            expr "class() == 'IN' && opcode() == 0 && size() == len(name()) + 17 && ${condition}"
        }
        ${lines.join("\n        ")}
        forward . 169.254.169.254
    }
    .:5353 {
        template ANY ANY {
            rcode NXDOMAIN
        }
    }`;

describe("a Corefile", () => {
    it("is read as CoreDNS reads it: zones, ports, quotes over lines, comments", () => {
        assert.deepEqual(
            parseCorefile(`
                # a comment
                Example.org.:5353, dns://corp {
                    view "a b" { # another
                        expr "name() in [
                            'x.' ]"
                    }
                    forward . 10.0.0.1 10.0.0.2
                }`),
            [
                {
                    zones: ["example.org", "corp"],
                    ports: ["5353", "53"],
                    directives: [
                        {
                            name: "view",
                            args: ["a b"],
                            lines: [["expr", "name() in [\n                            'x.' ]"]],
                        },
                        { name: "forward", args: [".", "10.0.0.1", "10.0.0.2"], lines: [] },
                    ],
                },
            ],
        );
    });

    for (const [what, source] of [
        ["a snippet", "(x) {\n errors\n}\n"],
        ["an import", ". {\n import /etc/other\n}\n"],
        ["a value of the environment", ". {\n forward . {$SERVER}\n}\n"],
        ["an end within a block", ". {\n errors\n"],
        ["an open quote", '. {\n view "x {\n}\n}\n'],
        ["a reversed zone by range", "10.0.0.0/24 {\n errors\n}\n"],
    ] as const) {
        it(`is not read with ${what}`, () => assert.throws(() => parseCorefile(source), UnreadableCorefile));
    }
});

describe("what a configuration asks of servers", () => {
    it("is the declared names where its view names them, and nothing else", () => {
        assert.deepEqual(leaks(behind("type() in ['A', 'AAAA'] && name() in ['api.example.com.']")), []);
        assert.deepEqual(leaks(behind("name() == 'api.example.com.' && (type() == 'A' || type() == 'AAAA')")), []);
    });

    it("is a name more, and certainly", () => {
        assert.deepEqual(leaks(behind("type() == 'A' && name() in ['api.example.com.', 'evil.example.']")), [
            "evil.example. A IN 0 17",
        ]);
    });

    it("is every type where a view asks for none, of a declared name too", () => {
        const found = leaks(behind("name() in ['api.example.com.']"));
        assert.ok(found.includes("api.example.com. TXT IN 0 17"));
        assert.ok(found.includes("api.example.com. TYPE65280 IN 0 17"));
        assert.ok(!found.includes("api.example.com. A IN 0 17"));
    });

    it("is every type but one, and every name but one, where a condition says `not`", () => {
        assert.ok(
            leaks(behind("name() == 'api.example.com.' && type() != 'TXT'")).includes(
                "api.example.com. TYPE65280 IN 0 17",
            ),
        );
        assert.ok(
            leaks(behind("type() == 'A' && not (not (name() == 'evil.example.'))")).includes("evil.example. A IN 0 17"),
        );
        assert.ok(
            leaks(behind("type() == 'A' && not (name() in ['api.example.com.'])")).includes(
                "x7f3a9c1.example. A IN 0 17",
            ),
        );
    });

    it("is everything without a view", () => {
        assert.ok(leaks(".:5353 {\n forward . 169.254.169.254\n}\n").includes("x7f3a9c1.example. TXT IN 0 17"));
    });

    it("is doubtful behind a condition that is not read", () => {
        const found = leaks(behind("name() endsWith '.example.com.' && type() == 'A'"));
        assert.ok(found.length > 0 && found.every(each => each.endsWith("?")));
    });

    it("is what another class, another kind of message, or more than the question reaches", () => {
        const plain = "type() in ['A', 'AAAA'] && name() in ['api.example.com.']";
        const without = (part: string) => leaks(behind(plain).replace(part, ""));
        assert.ok(without("class() == 'IN' && ").includes("api.example.com. A CH 0 17"));
        assert.ok(without("opcode() == 0 && ").includes("api.example.com. A IN 4 17"));
        assert.ok(without("size() == len(name()) + 17 && ").includes("api.example.com. A IN 0 128"));
    });

    it("is the zone's own name where only those below are declared, and none where a template answers first", () => {
        const corp = (condition: string, template = "") =>
            `corp:5353 {
                view declared {
                    expr "class() == 'IN' && opcode() == 0 && size() == len(name()) + 17 && ${condition}"
                }
                ${template}
                forward . 10.0.0.53
            }`;
        assert.deepEqual(leaks(corp("type() in ['A', 'SRV'] && not (name() in ['corp.'])")), []);
        assert.deepEqual(leaks(corp("type() in ['A']")), ["corp. A IN 0 17"]);
        assert.deepEqual(leaks(corp("type() in ['A']", "template IN A corp {\n rcode NXDOMAIN\n}")), []);
    });

    it("is not known with a plugin or a rewrite that is not read", () => {
        const plain = "type() == 'A' && name() == 'api.example.com.'";
        assert.deepEqual(configured(behind(plain)).doubts, []);
        assert.match(configured(behind(plain, "route53 example.org.:Z1")).doubts.join(), /has route53/);
        assert.match(configured(behind(plain, "rewrite name api.example.com evil.example")).doubts.join(), /rewrites/);
    });

    /** Declared names are asked of the second stage, which asks a server for what its lines let through. */
    const staged = (second: string, head = ".:5354 {\n bind 127.0.0.1") =>
        `${behind("type() == 'A' && name() == 'api.example.com.'").replace("169.254.169.254", "127.0.0.1:5354")}
        ${head}\n ${second}\n forward . 169.254.169.254\n}`;

    it("is what passes every stage that asks the next", () => {
        assert.deepEqual(leaks(staged("")), []);
        const both = configured(staged("view late {\n expr \"type() in ['TXT', 'A']\"\n}"));
        assert.deepEqual(both.servers, ["169.254.169.254"]);
        assert.deepEqual(both.answer(ordinaryQuery("api.example.com", "A")), {
            block: "block . (view declared), then block . (view late)",
            asked: true,
        });
        assert.deepEqual(both.answer(ordinaryQuery("api.example.com", "TXT")), { block: "block .", asked: false });
        const never = configured(staged("view late {\n expr \"type() in ['TXT']\"\n}"));
        assert.equal(never.answer(ordinaryQuery("api.example.com", "A")).asked, false);
    });

    it("is all that a later stage asks where clients reach it", () => {
        assert.ok(leaks(staged("", ".:5354 {")).includes("x7f3a9c1.example. TXT IN 0 17"));
        assert.match(configured(staged("bind 10.0.0.9", ".:5354 {")).doubts.join(), /binds 10\.0\.0\.9/);
    });

    it("is one more server where a stage asks an address that no block has", () => {
        const other = configured(staged("", ".:5999 {\n bind 127.0.0.1"));
        assert.deepEqual(other.servers, ["127.0.0.1:5354", "169.254.169.254"]);
        assert.equal(other.answer(ordinaryQuery("api.example.com", "A")).asked, true);
    });

    it("is not known where a stage asks itself", () => {
        const circle = configured(".:5353 {\n forward . 127.0.0.1:5353\n}\n");
        assert.equal(circle.answer(ordinaryQuery("api.example.com", "A")).asked, undefined);
    });

    it("is told for one name: the innermost zone, then the first view", () => {
        const both = configured(
            `${behind("type() == 'A' && name() == 'api.example.com.'")}\nexample.com:5353 {\n template ANY ANY {\n rcode NXDOMAIN\n}\n}`,
        );
        assert.deepEqual(both.answer(ordinaryQuery("API.example.com", "A")), {
            block: "block example.com",
            asked: false,
        });
        assert.deepEqual(both.answer(ordinaryQuery("other.org", "A")), { block: "block .", asked: false });
    });
});
