import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as auto from "@pulumi/pulumi/automation";
import { parse } from "yaml";
import { ensureTool } from "../../dev/tools";
import { writeCommands } from "./commands";
import { programIn } from "./program";
import type { ApiServer } from "./provider/main";
import { type CloudObject, type JournalEntry, type Operation, World } from "./provider/world";
import { type Configuration, configureFile, type Runner, StackUnderTest } from "./stack";

export type { PolicyViolation } from "./preview";
export type { CloudObject, JournalEntry, Operation } from "./provider/world";
export { type Configuration, type Preview, StackUnderTest } from "./stack";
export { EngineFailure } from "./watch";

const ROOT = path.resolve(__dirname, "..", "..");
const NAMESPACES = ["default", "kube-system", "istio-system", "payments", "orders"];
const PASSPHRASE = "of the engine tier";

export interface StackOptions {
    /** Folder with `Pulumi.yaml`, `Pulumi.<name>.yaml` and `index.ts`, seen from the repository. Default: the repository itself. */
    readonly folder?: string;
    /** Name of the stack, which is the environment. Default: `dev`. */
    readonly name?: string;
    /** Changes the configuration before the stack is created; `Pulumi.<name>.yaml` in the repository stays as it is. */
    readonly configure?: (config: Configuration) => void;
    /** Namespaces of the cluster that the stack does not own. Default: Kubernetes' and Istio's own, and those of dev's clients. */
    readonly namespaces?: readonly string[];
    /** Run instead of the folder's `index.ts`; then `projectName` is needed and no file is read. */
    readonly program?: auto.PulumiFn;
    readonly projectName?: string;
    /** `Pulumi.yaml` and the stack's file as they are, by their names, instead of the folder's. */
    readonly files?: Readonly<Record<string, string>>;
}

/**
 * One backend and one pretended cloud, empty at first, that the stacks of a test share, so that one stack can refer to
 * another as `organization/<project>/<stack>`. Everything is in a temporary folder, which is removed at the end.
 *
 * ```ts
 * await withEngine(async engine => {
 *     const stack = await engine.stack({ name: "dev", configure: config => { config["egress-gateway:nat"].addresses = 3; } });
 *     const { document } = await stack.preview({ policyPacks: ["policy"] });
 *     await stack.up();
 *     assert.equal(engine.objects().length, 42);
 * });
 * ```
 */
export async function withEngine<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = await Engine.start();
    try {
        return await use(engine);
    } finally {
        engine.remove();
    }
}

/** {@link withEngine} for a test of one stack. */
export async function withStack<T>(
    options: StackOptions,
    use: (stack: StackUnderTest, engine: Engine) => Promise<T>,
): Promise<T> {
    return withEngine(async engine => use(await engine.stack(options), engine));
}

export class Engine {
    private readonly world: World;

    private constructor(
        private readonly root: string,
        private readonly command: auto.PulumiCommand,
        private readonly apiServer: ApiServer | undefined,
    ) {
        this.world = new World(path.join(root, "world"));
        fs.mkdirSync(path.join(root, "state"));
    }

    /** For hooks; a test that needs the engine only for itself uses {@link withEngine}. `remove()` has to follow. */
    static async start(apiServer?: ApiServer): Promise<Engine> {
        const { path: pulumi } = await ensureTool("pulumi");
        const root = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-engine-"));
        writeCommands(root, pulumi);
        return new Engine(root, previewsInJson(await auto.PulumiCommand.get({ root })), apiServer);
    }

    remove(): void {
        fs.rmSync(this.root, { recursive: true, force: true });
    }

    /** Creates the stack in the backend; nothing is deployed yet. */
    async stack(options: StackOptions = {}): Promise<StackUnderTest> {
        const name = options.name ?? "dev";
        const workDir = fs.mkdtempSync(path.join(this.root, "project-"));
        const folder = path.resolve(ROOT, options.folder ?? ".");
        const inline = options.program !== undefined;
        const project = inline
            ? { name: options.projectName ?? "test", runtime: "nodejs" }
            : (parse(fs.readFileSync(path.join(folder, "Pulumi.yaml"), "utf8")) as { name: string; main?: string });
        delete (project as { main?: string }).main;
        const settingsFile = path.join(workDir, `Pulumi.${name}.yaml`);
        const files = options.files ?? {
            "Pulumi.yaml": JSON.stringify(project),
            [`Pulumi.${name}.yaml`]: inline
                ? "config: {}\n"
                : fs.readFileSync(path.join(folder, `Pulumi.${name}.yaml`), "utf8"),
        };
        for (const [file, content] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(workDir, file)), { recursive: true });
            fs.writeFileSync(path.join(workDir, file), content);
        }
        configureFile(settingsFile, options.configure);

        for (const namespace of options.namespaces ?? NAMESPACES) {
            this.world.give("kubernetes:core/v1:Namespace", namespace);
        }

        const stack = await auto.LocalWorkspace.createStack(
            { stackName: name, projectName: project.name, program: options.program ?? programIn(folder) },
            { workDir, pulumiCommand: this.command, envVars: this.environment() },
        );
        return new StackUnderTest(`organization/${project.name}/${name}`, stack, settingsFile);
    }

    /** Everything that exists in the pretended cloud. */
    objects(): readonly CloudObject[] {
        return this.world.objects();
    }

    /** What the providers have done, in order; previews leave no trace. */
    journal(): readonly JournalEntry[] {
        return this.world.journal();
    }

    /**
     * Makes the next operation of this kind on the resource with this logical name fail, once, before it has any effect.
     *
     * @param type Needed where several resources have the name. Default: whichever of them comes first
     */
    failOnce(operation: Operation, logicalName: string, type?: string): void {
        this.world.failOnce(operation, logicalName, type);
    }

    /** Deletes or changes something behind Pulumi's back, for drift. */
    drift(change: (world: World) => void): void {
        change(this.world);
    }

    private environment(): Record<string, string> {
        return {
            PATH: `${path.join(this.root, "bin")}${path.delimiter}${process.env.PATH ?? ""}`,
            PULUMI_HOME: path.join(this.root, "home"),
            PULUMI_BACKEND_URL: `file://${path.join(this.root, "state")}`,
            PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            EGRESS_GATEWAY_TEST_WORLD: path.join(this.root, "world"),
            ...(this.apiServer === undefined ? {} : { EGRESS_GATEWAY_TEST_API_SERVER: JSON.stringify(this.apiServer) }),
        };
    }
}

/** The Automation API has no option for `pulumi preview --json`, which alone shows dependencies and options of every resource. */
function previewsInJson(command: auto.PulumiCommand): auto.PulumiCommand {
    const runner = command as unknown as Runner;
    const run = runner.run.bind(command);
    runner.run = (args, ...rest) => run(args[0] === "preview" ? [...args, "--json"] : args, ...rest);
    return command;
}
