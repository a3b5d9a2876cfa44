import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import { type Browser, chromium } from "playwright-core";
import { reportPage } from "../../cli/report/page";
import { ensureTool } from "../../dev/tools";
import { contained, many, open } from "../cli/reportFacts";

describe("the page that `report` writes, in a browser", function () {
    this.timeout(300_000);
    let browser: Browser;
    let directory: string;
    before(async () => {
        const { path: executablePath } = await ensureTool("chromium");
        directory = mkdtempSync(path.join(tmpdir(), "report-"));
        browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    });
    after(async () => {
        await browser?.close();
        if (directory !== undefined) {
            rmSync(directory, { recursive: true });
        }
    });

    for (const [width, colorScheme] of [
        [390, "dark"],
        [820, "light"],
        [1400, "dark"],
    ] as const) {
        for (const [name, make] of Object.entries({ contained, open })) {
            it(`has nothing that axe finds fault with, asks for nothing and fits: ${name}, ${width} pixels, ${colorScheme}`, async () => {
                const file = path.join(directory, `${name}.html`);
                writeFileSync(file, reportPage({ ...(await make()), destinations: many(60) }));
                const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
                const page = await context.newPage();
                const requests: string[] = [];
                const complaints: string[] = [];
                page.on("request", request => requests.push(request.url()));
                page.on("console", message => complaints.push(message.text()));
                await page.goto(pathToFileURL(file).href);
                assert.deepEqual(requests, [pathToFileURL(file).href]);
                assert.deepEqual(complaints, []);
                const styled = await page.evaluate<string>(
                    "getComputedStyle(document.querySelector('.verdict')).paddingLeft",
                );
                assert.equal(styled, "16px");
                const over = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
                assert.ok(over <= 0, `${over} pixels too wide`);
                // Evaluated by the debugger, which the page's policy does not hold back.
                await page.evaluate(axe);
                const { violations } = await page.evaluate<{
                    violations: { id: string; nodes: { target: string[] }[] }[];
                }>("axe.run()");
                assert.deepEqual(
                    violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]),
                    [],
                );
                await context.close();
            });
        }
    }

    it("can be walked through by keyboard, and folds what the answer rests on", async () => {
        const file = path.join(directory, "keys.html");
        writeFileSync(file, reportPage(await contained()));
        const page = await browser.newPage();
        await page.goto(pathToFileURL(file).href);
        const reached: string[] = [];
        for (let step = 0; step < 12; step++) {
            await page.keyboard.press("Tab");
            reached.push(
                await page.evaluate<string>(
                    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()",
                ),
            );
        }
        assert.equal(reached[0], "Skip to the claims");
        assert.ok(reached.includes("Lock matrix"));
        const summary = reached.findIndex(text => /assumptions/.test(text));
        assert.ok(summary > 0, reached.join(" | "));
        assert.equal(await page.evaluate("document.querySelectorAll('details[open]').length"), 0);
        await page.close();
    });

    it("prints what is folded", async () => {
        const page = await browser.newPage();
        await page.goto(pathToFileURL(path.join(directory, "keys.html")).href);
        const shown = (): Promise<boolean> =>
            page.evaluate<boolean>("document.querySelector('details li').checkVisibility()");
        assert.equal(await shown(), false);
        await page.emulateMedia({ media: "print" });
        assert.equal(await shown(), true);
        await page.close();
    });
});
