import assert from "node:assert/strict";
import { type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import { corefile } from "../../../components/resolver/corefile";
import { Lab, LOCKED, OPEN, toolOrSkip, TUNNEL, TUNNEL_PORT, UPSTREAM } from "./lab";

/** Inside the tunnel, the far end's. */
const FAR_END = "10.99.0.1";

describe("a real tunnel through DNS", function () {
    this.timeout(180_000);
    let lab: Lab;
    let iodine = "";
    let ping = "";

    before(async function () {
        if (!fs.existsSync("/dev/net/tun") && process.env["CI"] !== "true") {
            this.skip();
        }
        iodine = await toolOrSkip(this, "iodine");
        ping = await toolOrSkip(this, "ping");
        const iodined = await toolOrSkip(this, "iodined");
        const answers = { hosts: ["api.stripe.com"], zones: [], upstreams: [UPSTREAM] };
        lab = await Lab.start(await toolOrSkip(this, "coredns"), corefile(answers, "enforce"));
        // Its server is the domain's name server, behind the public resolver.
        const options = ["-f", "-c", "-P", "secret", "-l", "127.0.0.1", "-p", String(TUNNEL_PORT)];
        const server = lab.spawn("internet", iodined, [...options, `${FAR_END}/24`, TUNNEL]);
        await said(server, /Listening to dns/);
    });
    after(() => lab?.stop());

    /** The client, until it says that the tunnel is up, or gives up. */
    const attempt = async (server: string): Promise<ChildProcess | undefined> => {
        // Not straight to the far end (-r): no packet gets there anyway.
        const client = lab.spawn("client", iodine, ["-f", "-r", "-I", "1", "-P", "secret", server, TUNNEL]);
        return (await said(client, /Connection setup complete/)) ? client : undefined;
    };
    const pinged = (): Promise<number | null> =>
        new Promise(resolve => {
            const pinging = lab.spawn("client", ping, ["-c", "3", "-W", "5", FAR_END]);
            pinging.once("exit", resolve);
        });

    it("comes up without the lock, and carries packets", async () => {
        const client = await attempt(OPEN);
        assert.ok(client);
        assert.equal(await pinged(), 0);
        const ended = new Promise(resolve => client.once("exit", resolve));
        client.kill("SIGKILL");
        await ended;
    });

    it("does not come up with it, and not one of its queries gets out", async () => {
        await lab.reached();
        assert.equal(await attempt(LOCKED), undefined);
        assert.deepEqual(await lab.reached(), []);
        assert.ok(await lab.logged(`.${TUNNEL}. udp`), "it did ask");
        assert.notEqual(await pinged(), 0);
    });
});

/** Whether a process says this before it ends. */
function said(child: ChildProcess, what: RegExp): Promise<boolean> {
    let text = "";
    return new Promise(resolve => {
        const listen = (data: unknown): void => {
            text += String(data);
            if (what.test(text)) {
                resolve(true);
            }
        };
        child.stdout!.on("data", listen);
        child.stderr!.on("data", listen);
        child.once("exit", () => resolve(false));
    });
}
