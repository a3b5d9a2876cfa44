import assert from "node:assert/strict";
import * as childProcess from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installOnce } from "../../dev/tools/install";

describe("installing a real part into the cache", () => {
    let root: string;
    let destination: string;
    const said: string[] = [];
    const progress = { say: (message: string) => void said.push(message) };

    beforeEach(() => {
        root = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-install-"));
        destination = path.join(root, "tools", "thing-1.0.0");
        said.length = 0;
    });
    afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

    const write = (content: string) => async (folder: string) => fs.writeFileSync(path.join(folder, "thing"), content);
    const installed = () => fs.readFileSync(path.join(destination, "thing"), "utf8");
    const leftovers = () => fs.readdirSync(path.join(root, "tools")).filter(name => name !== "thing-1.0.0");

    it("builds what is not there and leaves nothing else behind", async () => {
        assert.equal(await installOnce(destination, "thing", write("whole"), progress), "built");
        assert.equal(installed(), "whole");
        assert.deepEqual(leftovers(), []);
    });

    it("does not build what is there", async () => {
        await installOnce(destination, "thing", write("first"), progress);
        assert.equal(await installOnce(destination, "thing", write("second"), progress), "there");
        assert.equal(installed(), "first");
    });

    it("shows nothing at the destination until the build has ended", async () => {
        const seenDuringBuild: boolean[] = [];
        await installOnce(
            destination,
            "thing",
            async folder => {
                await write("half")(folder);
                seenDuringBuild.push(fs.existsSync(destination));
                await write("whole")(folder);
            },
            progress,
        );
        assert.deepEqual(seenDuringBuild, [false]);
        assert.equal(installed(), "whole");
    });

    it("leaves neither half a result nor a lock after a failed build, and the next build succeeds", async () => {
        const failing = async (folder: string) => {
            await write("half")(folder);
            throw new Error("the compiler ran out of disk");
        };
        await assert.rejects(installOnce(destination, "thing", failing, progress), /ran out of disk/);
        assert.deepEqual(fs.readdirSync(path.join(root, "tools")), []);
        assert.equal(await installOnce(destination, "thing", write("whole"), progress), "built");
    });

    it("refuses a build that ends without the file it was for", async () => {
        const forgetful = async (folder: string) => fs.writeFileSync(path.join(folder, "other"), "");
        await assert.rejects(
            installOnce(destination, "thing", forgetful, progress),
            /expected the build to leave thing/,
        );
        assert.equal(fs.existsSync(destination), false);
    });

    it("lets one of two builders work while the other waits for its result", async () => {
        let builds = 0;
        const slow = async (folder: string) => {
            builds += 1;
            await sleep(700);
            await write("whole")(folder);
        };
        const outcomes = await Promise.all([
            installOnce(destination, "thing", slow, progress),
            installOnce(destination, "thing", slow, progress),
        ]);
        assert.deepEqual(outcomes.sort(), ["built", "there"]);
        assert.equal(builds, 1);
        assert.match(said.join("\n"), /waiting for another process that works on thing-1\.0\.0/);
    });

    it("replaces what a process left that was killed in the middle", async () => {
        // A process that has certainly ended: its lock is nobody's.
        const ended = childProcess.spawnSync("true").pid;
        fs.mkdirSync(destination, { recursive: true });
        fs.writeFileSync(path.join(destination, "junk"), "");
        fs.mkdirSync(`${destination}.part-abc123`);
        fs.writeFileSync(`${destination}.lock`, `${ended} ${os.hostname()}\n`);

        assert.equal(await installOnce(destination, "thing", write("whole"), progress), "built");
        assert.deepEqual(fs.readdirSync(destination), ["thing"]);
        assert.deepEqual(leftovers(), []);
    });
});
