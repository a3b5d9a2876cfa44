import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { html } from "../../cli/html";
import { reportPage } from "../../cli/report/page";
import { contained, many, open, PROVENANCE } from "./reportFacts";

interface Rectangle {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}

function rectangles(page: string): Rectangle[] {
    return [...page.matchAll(/<rect\s+x="([\d.]+)"\s+y="([\d.]+)"\s+width="([\d.]+)"\s+height="([\d.]+)"/g)].map(
        ([, x, y, width, height]) => ({ x: Number(x), y: Number(y), width: Number(width), height: Number(height) }),
    );
}

describe("the page that `report` writes", function () {
    this.timeout(300_000);

    it("needs nothing else: no script, no address, and a policy that forbids any", async () => {
        const page = reportPage(await contained());
        assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|(src|href)="(?!#)/i);
        const [, style = ""] = /<style>([^]*)<\/style>/.exec(page) ?? [];
        const hash = createHash("sha256").update(style).digest("base64");
        assert.ok(page.includes(`default-src 'none'; style-src 'sha256-${hash}'`.replaceAll("'", "&#39;")));
    });

    it("is the same twice", async () => {
        assert.equal(reportPage(await contained()), reportPage(await contained()));
    });

    it("shows verdict, stack, commit, version, time, claims, locks and every destination with its owner", async () => {
        const facts = await contained();
        const page = reportPage(facts);
        const { stacks, commit, version, time } = PROVENANCE;
        for (const text of [...stacks, commit, version, time, ...facts.verdict.claims.map(({ id }) => `<h3>${id} `)]) {
            assert.ok(page.includes(text), text);
        }
        const rows = [...page.matchAll(/<th scope="row">\s*(?:<code>)?([^<]+)/g)].map(([, text]) => text?.trim());
        assert.deepEqual(rows, [
            ...facts.verdict.locks.map(({ lock }) => lock),
            ...facts.destinations.map(({ host }) => host),
        ]);
        assert.equal(facts.destinations.length, 6);
    });

    it("draws the way of a witness, and marks one hop that decides", async () => {
        const facts = await open();
        assert.equal(facts.verdict.verdict, "violated");
        const ways = reportPage(facts).match(/<ol class="way">[^]*?<\/ol>/g) ?? [];
        const [first = ""] = ways;
        const titles = [...first.matchAll(/<strong>([^<]+)<\/strong>/g)].map(([, title]) => title?.trim());
        assert.deepEqual(titles, ["who", "firewall (decides)", "route", "NAT", "where"]);
        assert.match(first, /application nodes of cluster acme-dev/);
        assert.match(first, /1\.1\.1\.1:443\/tcp/);
        ways.forEach(way => assert.equal(way.match(/class="decides"/g)?.length, 1));
        // It is the proof that says which: with the implied rule it is no resource at all.
        const [witness] = facts.verdict.claims.flatMap(({ witnesses }) => witnesses);
        const hops = witness!.hops.map(({ decides: _, ...hop }) => hop);
        const none = { ...facts.verdict.claims[0]!, witnesses: [{ ...witness!, hops }] };
        assert.doesNotMatch(reportPage({ ...facts, verdict: { ...facts.verdict, claims: [none] } }), /\(decides\)/);
    });

    it("says of a date whether it is past or near", async () => {
        const page = reportPage({ ...(await contained()), destinations: many(3) });
        assert.match(page, /expired 2027-01-14/);
        assert.match(page, /soon: 2027-02-01/);
    });

    for (const count of [1, 10, 40, 300]) {
        it(`draws ${count} destinations in boxes that do not overlap and can be read`, async () => {
            const page = reportPage({ ...(await contained()), destinations: many(count) });
            const boxes = rectangles(page);
            const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(page) ?? [];
            assert.ok(boxes.length >= 3 && boxes.length <= 60, `${boxes.length} boxes`);
            assert.ok(Number(width) < 1150, `${width} wide`);
            assert.ok(Number(height) < 2500, `${height} high`);
            boxes.forEach((a, index) => {
                assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= Number(width) && a.y + a.height <= Number(height));
                for (const b of boxes.slice(index + 1)) {
                    const apart =
                        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
                    assert.ok(apart, JSON.stringify([a, b]));
                }
            });
        });
    }

    it("keeps texts of others texts, in elements and in attributes", () => {
        fc.assert(
            fc.property(
                fc.array(fc.oneof(fc.constantFrom('"', "'", "<", ">", "&", "-->", "`", "\u202e", "\n"), fc.string())),
                pieces => {
                    const text = pieces.join("");
                    assert.match(
                        html`<p title="${text}">${text}</p>`.text,
                        /^<p title="[^"<>\n\u202e]*">[^"<>\n\u202e]*<\/p>$/,
                    );
                },
            ),
        );
    });
});
