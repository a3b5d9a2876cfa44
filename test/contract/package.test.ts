import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { packContract } from "../../dev/packages/contract";
import { OUTPUTS, STACK } from "./outputs";

const ROOT = path.resolve(__dirname, "..", "..");

/** A program of another repository, in CommonJS; the checker and Node see nothing of this one. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { EgressGateway, platformOutputs, type AllowedDestination, type EgressOutputs } from "egress-gateway-contract";

export async function program(): Promise<{ url: string | undefined; capture: string; addresses: readonly string[]; first: string }> {
    const egress = await EgressGateway.fromStack("${STACK}");
    const [stripe, hooks] = egress.requireDestinations([
        { host: "api.stripe.com", namespace: "payments", serviceAccount: "api" },
        { host: "hooks.example.com", namespace: "payments", serviceAccount: "api" },
    ]);
    const needed: AllowedDestination = hooks;
    const template = egress.podTemplate([stripe, needed], {
        metadata: { labels: { app: "api" } },
        spec: { containers: [{ name: "api", image: pulumi.output("api:1") }] },
    });
    const first: EgressOutputs["destinations"][number] | undefined = egress.destinations[0];
    // @ts-expect-error there is no such thing: the declarations are read, and not taken for \`any\`
    void egress.everything;
    return { url: stripe.url, capture: template.metadata.labels["app"] ?? "", addresses: egress.natAddresses, first: first?.host ?? "" };
}

export function mistaken(): unknown {
    return platformOutputs({ kind: "kubernetes", cluster: { name: "a" } as never });
}
`;

const RUN = `
const pulumi = require("@pulumi/pulumi");
const { program, mistaken } = require("./program.js");
pulumi.runtime.setMocks({
    newResource: ({ inputs }) => ({ id: inputs.name, state: { name: inputs.name, outputs: ${JSON.stringify(OUTPUTS)}, secretOutputNames: [] } }),
    call: ({ inputs }) => inputs,
}, "application", "dev", true, "organization");
program().then(result => {
    let refusal = "";
    try { mistaken(); } catch (error) { refusal = error.message; }
    console.log(JSON.stringify({ ...result, refusal }));
});
`;

describe("the packed contract", () => {
    let project: string;

    before(async function () {
        this.timeout(120_000);
        project = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-contract-"));
        fs.writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "stranger", private: true }));
        // What npm would fetch is packed from this checkout's own dependencies, so that the test needs no network.
        const zod = npm(["pack", path.join(ROOT, "node_modules", "zod"), "--silent"]).trim();
        const contract = await packContract(project);
        npm(["install", "--offline", "--legacy-peer-deps", "--no-audit", "--no-fund", `./${zod}`, contract]);
        const peer = path.join(project, "node_modules", "@pulumi");
        fs.mkdirSync(peer, { recursive: true });
        fs.symlinkSync(path.join(ROOT, "node_modules", "@pulumi", "pulumi"), path.join(peer, "pulumi"));
    });

    after(() => fs.rmSync(project, { recursive: true, force: true }));

    function npm(args: readonly string[]): string {
        return execFileSync("npm", [...args], { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    }

    it("is small: one module, its declarations, and none of the components", () => {
        const folder = path.join(project, "node_modules", "egress-gateway-contract");
        const files = fs.readdirSync(folder, { recursive: true }).map(String);
        assert.deepEqual(
            files.filter(file => file.endsWith(".js")),
            ["index.js"],
        );
        assert.deepEqual(
            files.filter(file => /components|containment|cli/.test(file)),
            [],
        );
        const code = fs.readFileSync(path.join(folder, "index.js"), "utf8");
        assert.ok(code.length < 200_000, `${code.length} bytes`);
        assert.doesNotMatch(code, /require\("@pulumi\/(gcp|kubernetes)/);
        assert.match(code, /require\("@pulumi\/pulumi"\)/);
    });

    it("type-checks and runs in an empty project of another repository", function () {
        this.timeout(60_000);
        fs.writeFileSync(path.join(project, "program.ts"), PROGRAM);
        fs.writeFileSync(path.join(project, "run.js"), RUN);
        fs.writeFileSync(
            path.join(project, "tsconfig.json"),
            JSON.stringify({
                compilerOptions: {
                    strict: true,
                    module: "nodenext",
                    target: "ES2022",
                    types: [],
                    skipLibCheck: true,
                    noUncheckedIndexedAccess: true,
                    rootDir: ".",
                },
                files: ["program.ts"],
            }),
        );
        const tsc = spawnSync(
            process.execPath,
            [path.join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", "."],
            {
                cwd: project,
                encoding: "utf8",
            },
        );
        assert.equal(tsc.status, 0, tsc.stdout);

        const result = JSON.parse(
            execFileSync(process.execPath, ["run.js"], { cwd: project, encoding: "utf8" }),
        ) as Record<string, unknown>;
        assert.deepEqual(
            { ...result, refusal: undefined },
            {
                url: "https://api.stripe.com",
                capture: "api",
                addresses: OUTPUTS.natAddresses,
                first: "api.stripe.com",
                refusal: undefined,
            },
        );
        assert.match(String(result["refusal"]), /platform\.cluster\.podCidrs/);
    });

    for (const example of ["platform", "application"]) {
        it(`is all that examples/${example} needs of this repository`, function () {
            this.timeout(120_000);
            const source = path.join(ROOT, "examples", example);
            const folder = path.join(project, example);
            fs.mkdirSync(path.join(folder, "node_modules"), { recursive: true });
            for (const file of fs.readdirSync(source).filter(name => /\.ts$|^tsconfig\.json$/.test(name))) {
                fs.copyFileSync(path.join(source, file), path.join(folder, file));
            }
            const { dependencies, devDependencies } = JSON.parse(
                fs.readFileSync(path.join(source, "package.json"), "utf8"),
            ) as Record<"dependencies" | "devDependencies", Record<string, string>>;
            for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
                const installed = path.join(name === "egress-gateway-contract" ? project : ROOT, "node_modules", name);
                const link = path.join(folder, "node_modules", name);
                fs.mkdirSync(path.dirname(link), { recursive: true });
                fs.symlinkSync(installed, link);
            }
            const tsc = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
            const checked = spawnSync(process.execPath, [tsc, "-p", ".", "--noCheck", "false"], {
                cwd: folder,
                encoding: "utf8",
            });
            assert.equal(checked.status, 0, checked.stdout);
        });
    }

    it("gives its names to an ES module", () => {
        const module = `import { EgressGateway, CONTRACT_VERSION } from "egress-gateway-contract"; console.log(typeof EgressGateway.fromStack, CONTRACT_VERSION);`;
        fs.writeFileSync(path.join(project, "names.mjs"), module);
        assert.equal(
            execFileSync(process.execPath, ["names.mjs"], { cwd: project, encoding: "utf8" }).trim(),
            "function 1",
        );
    });
});
