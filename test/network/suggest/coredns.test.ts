import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { RESOLVER_PORTS } from "../../../base/conventions";
import { corefile } from "../../../components/resolver/corefile";
import { readLine } from "../../../suggest/line";
import { type Observation } from "../../../suggest/observation";
import { freePort } from "../envoy";
import { toolOrSkip } from "../resolver/lab";

describe("query logs of a real CoreDNS", function () {
    this.timeout(30_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "coredns-"));
    let executable: string;
    let running: ChildProcess | undefined;

    before(async function () {
        executable = await toolOrSkip(this, "coredns");
    });
    afterEach(() => void running?.kill("SIGKILL"));
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    /** What it logs of these questions. */
    const logged = async (
        configuration: string,
        port: number,
        names: readonly string[],
    ): Promise<readonly Observation[]> => {
        const file = path.join(folder, "Corefile");
        fs.writeFileSync(file, configuration);
        running = spawn(executable, ["-conf", file], { stdio: ["ignore", "pipe", "inherit"] });
        let said = "";
        running.stdout!.on("data", data => (said += String(data)));
        const resolver = new Resolver({ timeout: 500, tries: 1 });
        resolver.setServers([`127.0.0.1:${port}`]);
        const questions = (): Observation[] =>
            said
                .split("\n")
                .map(line => readLine(line, () => false))
                .filter(({ kind }) => kind === "question");
        for (let attempt = 0; attempt < 100 && questions().length < names.length; attempt += 1) {
            await Promise.all(names.map(name => resolver.resolve4(name).catch(() => undefined)));
            await new Promise(resolve => setTimeout(resolve, 100));
        }
        return questions().slice(0, names.length);
    };
    const question = (name: string, answered: boolean) => ({
        kind: "question",
        name,
        client: { address: "127.0.0.1" },
        answered,
    });

    it("are read in the format of this program's resolver", async () => {
        const ports = await Promise.all(Object.values(RESOLVER_PORTS).map(freePort));
        const dns = ports[Object.keys(RESOLVER_PORTS).indexOf("dns")]!;
        const answers = { hosts: ["api.example.com"], zones: [], upstreams: ["192.0.2.1"] };
        const configuration = Object.values(RESOLVER_PORTS).reduce(
            (text, port, index) =>
                text.replaceAll(`:${port} `, `:${ports[index]} `).replaceAll(`:${port}\n`, `:${ports[index]}\n`),
            corefile(answers, "enforce"),
        );
        assert.deepEqual(await logged(configuration, dns, ["evil.example.org"]), [question("evil.example.org", false)]);
    });

    it("are read in CoreDNS' common format", async () => {
        const port = await freePort();
        const configuration = `.:${port} {\n    log\n    template IN A {\n        answer "{{ .Name }} 60 IN A 203.0.113.7"\n    }\n}\n`;
        assert.deepEqual(await logged(configuration, port, ["api.example.com"]), [question("api.example.com", true)]);
    });
});
