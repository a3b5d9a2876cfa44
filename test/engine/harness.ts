import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as auto from "@pulumi/pulumi/automation";
import { parse, parseDocument } from "yaml";
import { ensureTool } from "../../scripts/tools";
import { writeCommands } from "./commands";
import type { EngineResource, PolicyViolation, PreviewDocument, PreviewStep } from "./preview";
import { programIn } from "./program";
import { type CloudObject, type JournalEntry, type Operation, World } from "./provider/world";

export type { EngineResource, PolicyViolation, PreviewDocument, PreviewStep } from "./preview";
export type { CloudObject, JournalEntry, Operation } from "./provider/world";

const ROOT = path.resolve(__dirname, "..", "..");
const NAMESPACES = ["default", "kube-system", "istio-system", "payments", "orders"];
export const PASSPHRASE = "of the engine tier";

/** The `config:` section of `Pulumi.<stack>.yaml`. */
// Tests change settings of any shape, good and bad; the program's own schema is what judges them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Configuration = Record<string, any>;

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
}

export interface OperationOptions {
    /** Folders of policy packs, seen from the repository. */
    readonly policyPacks?: readonly string[];
    /** Files with their configuration. */
    readonly policyPackConfigs?: readonly string[];
    /** Fail when there is anything to change. */
    readonly expectNoChanges?: boolean;
}

/** An operation that the engine refused or could not finish. */
export class EngineFailure extends Error {
    constructor(
        operation: string,
        /** Everything that the engine printed, without colours. */
        public readonly output: string,
        public readonly violations: readonly PolicyViolation[],
        /** The errors among it; empty when the engine gave none. */
        errors: readonly string[],
    ) {
        super(`${operation} failed:\n${errors.length > 0 ? errors.join("\n") : output}`);
        this.name = "EngineFailure";
    }
}

export interface Preview {
    /** `pulumi preview --json`. */
    readonly document: PreviewDocument;
    /** `pulumi preview --save-plan`, as text: what the engine would hold the next `up` to. */
    readonly savedPlan: string;
    /** Every step that is not `same`, without the stack itself. */
    readonly changes: readonly PreviewStep[];
    readonly violations: readonly PolicyViolation[];
}

export interface Update {
    /** Number of resources by operation, as the engine counted them, for example `{create: 12, same: 3}`. */
    readonly counts: Readonly<Record<string, number>>;
    /** URNs by operation, without `same`. */
    readonly changes: Readonly<Record<string, readonly string[]>>;
    readonly violations: readonly PolicyViolation[];
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
    ) {
        this.world = new World(path.join(root, "world"));
        fs.mkdirSync(path.join(root, "state"));
    }

    /** For hooks; a test that needs the engine only for itself uses {@link withEngine}. `remove()` has to follow. */
    static async start(): Promise<Engine> {
        const { path: pulumi } = await ensureTool("pulumi");
        const root = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-engine-"));
        writeCommands(root, pulumi);
        return new Engine(root, previewsInJson(await auto.PulumiCommand.get({ root })));
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
        fs.writeFileSync(path.join(workDir, "Pulumi.yaml"), JSON.stringify(project));

        const settingsFile = path.join(workDir, `Pulumi.${name}.yaml`);
        const settings = inline ? "config: {}\n" : fs.readFileSync(path.join(folder, `Pulumi.${name}.yaml`), "utf8");
        fs.writeFileSync(settingsFile, settings);
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

    /** Makes the next operation of this kind on the resource with this logical name fail, once, before it has any effect. */
    failOnce(operation: Operation, logicalName: string): void {
        this.world.failOnce(operation, logicalName);
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
        };
    }
}

export class StackUnderTest {
    constructor(
        /** As a stack reference writes it: `organization/<project>/<stack>`. */
        public readonly fullName: string,
        public readonly stack: auto.Stack,
        private readonly settingsFile: string,
    ) {}

    /** Changes the configuration for the operations that follow. */
    configure(change: (config: Configuration) => void): void {
        configureFile(this.settingsFile, change);
    }

    /** @throws EngineFailure, with the violations when policies refused it */
    async preview(options: OperationOptions = {}): Promise<Preview> {
        const watch = new Watch();
        const plan = path.join(this.stack.workspace.workDir, "plan.json");
        const { stdout } = await watch.run("preview", () =>
            // The JSON document on stdout is no message; what went wrong arrives as events.
            this.stack.preview({
                ...operationArguments(options),
                plan,
                onEvent: watch.onEvent,
                onError: watch.onOutput,
            }),
        );
        const document = JSON.parse(stdout) as PreviewDocument;
        const changes = document.steps.filter(step => step.op !== "same" && !isStack(step.urn));
        return { document, savedPlan: fs.readFileSync(plan, "utf8"), changes, violations: watch.violations };
    }

    /** @throws EngineFailure */
    async up(options: OperationOptions = {}): Promise<Update> {
        const watch = new Watch();
        await watch.run("up", () =>
            this.stack.up({
                ...operationArguments(options),
                color: "never",
                onEvent: watch.onEvent,
                onOutput: watch.onOutput,
                onError: watch.onOutput,
            }),
        );
        return watch.update();
    }

    /** @throws EngineFailure */
    async refresh(options: Pick<OperationOptions, "expectNoChanges"> = {}): Promise<Update> {
        const watch = new Watch();
        await watch.run("refresh", () =>
            this.stack.refresh({
                ...options,
                color: "never",
                onEvent: watch.onEvent,
                onOutput: watch.onOutput,
                onError: watch.onOutput,
            }),
        );
        return watch.update();
    }

    /** @throws EngineFailure */
    async destroy(): Promise<Update> {
        const watch = new Watch();
        await watch.run("destroy", () =>
            this.stack.destroy({
                color: "never",
                onEvent: watch.onEvent,
                onOutput: watch.onOutput,
                onError: watch.onOutput,
            }),
        );
        return watch.update();
    }

    /** `pulumi state unprotect`, for one resource or all. */
    async unprotect(urn?: string): Promise<void> {
        await this.cli(["state", "unprotect", ...(urn === undefined ? ["--all"] : [urn]), "--yes"]);
    }

    /** The resources in the state as `pulumi stack export` shows them: secrets encrypted. */
    async resources(): Promise<readonly EngineResource[]> {
        const { deployment } = JSON.parse(await this.exportState()) as {
            readonly deployment: { readonly resources?: readonly EngineResource[] };
        };
        return deployment.resources ?? [];
    }

    /** `pulumi stack export`: secrets encrypted. (The Automation API's own export shows them.) */
    async exportState(): Promise<string> {
        return this.cli(["stack", "export"]);
    }

    /** Outputs with secrets in plain text. */
    async outputs(): Promise<Record<string, unknown>> {
        const outputs = await this.stack.outputs();
        return Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value as unknown]));
    }

    /** Any other command of the CLI on this stack. */
    async cli(args: readonly string[]): Promise<string> {
        const { workspace } = this.stack;
        const command = workspace.pulumiCommand as unknown as Runner;
        const result = await command.run([...args, "--stack", this.stack.name], workspace.workDir, {
            ...workspace.envVars,
        });
        return result.stdout;
    }
}

interface Runner {
    run(args: string[], ...rest: unknown[]): Promise<{ readonly stdout: string }>;
}

/** The Automation API has no option for `pulumi preview --json`, which alone shows dependencies and options of every resource. */
function previewsInJson(command: auto.PulumiCommand): auto.PulumiCommand {
    const runner = command as unknown as Runner;
    const run = runner.run.bind(command);
    runner.run = (args, ...rest) => run(args[0] === "preview" ? [...args, "--json"] : args, ...rest);
    return command;
}

/** Collects what the engine says during one operation. */
class Watch {
    public readonly violations: PolicyViolation[] = [];
    private readonly changes: Record<string, string[]> = {};
    private counts: Record<string, number> = {};
    private readonly errors: string[] = [];
    private output = "";

    public readonly onOutput = (chunk: string) => void (this.output += chunk);

    public readonly onEvent = (event: auto.EngineEvent) => {
        if (event.policyEvent !== undefined) {
            const { policyName, enforcementLevel, message, resourceUrn } = event.policyEvent;
            this.violations.push({
                policy: policyName,
                level: enforcementLevel,
                message: plain(message),
                urn: resourceUrn,
            });
        }
        if (event.diagnosticEvent?.severity === "error") {
            const { urn, message } = event.diagnosticEvent;
            this.errors.push(`${urn === undefined ? "" : `${urn}: `}${plain(message).trim()}`);
            this.output += plain(message);
        }
        const step = event.resOutputsEvent?.metadata;
        if (step !== undefined && step.op !== "same" && !isStack(step.urn)) {
            (this.changes[step.op] ??= []).push(step.urn);
        }
        if (event.summaryEvent !== undefined) {
            this.counts = { ...(event.summaryEvent.resourceChanges as Record<string, number>) };
        }
    };

    async run<T>(operation: string, work: () => Promise<T>): Promise<T> {
        try {
            return await work();
        } catch (error) {
            // The message of the Automation API repeats the whole output several times.
            const output = this.output.trim() === "" ? (error as Error).message : this.output;
            throw new EngineFailure(operation, plain(output), this.violations, this.errors);
        }
    }

    update(): Update {
        return { counts: this.counts, changes: this.changes, violations: this.violations };
    }
}

function operationArguments({ policyPacks, policyPackConfigs, expectNoChanges }: OperationOptions) {
    const inRepository = (file: string) => path.resolve(ROOT, file);
    return {
        ...(policyPacks === undefined ? {} : { policyPacks: policyPacks.map(inRepository) }),
        ...(policyPackConfigs === undefined ? {} : { policyPackConfigs: policyPackConfigs.map(inRepository) }),
        ...(expectNoChanges === undefined ? {} : { expectNoChanges }),
    };
}

/** Rewrites `config:` and nothing else: the engine keeps the stack's encryption salt in the same file. */
function configureFile(file: string, change: ((config: Configuration) => void) | undefined): void {
    if (change === undefined) {
        return;
    }
    const document = parseDocument(fs.readFileSync(file, "utf8"));
    const config = (document.toJS() as { config?: Configuration }).config ?? {};
    change(config);
    document.set("config", config);
    fs.writeFileSync(file, document.toString());
}

function isStack(urn: string): boolean {
    return urn.split("::")[2] === "pulumi:pulumi:Stack";
}

function plain(text: string): string {
    // The engine's own colour directives and a terminal's escape sequences.
    // eslint-disable-next-line no-control-regex
    return text.replace(/<\{%[^%]*%\}>/g, "").replace(/\u001b\[[0-9;]*m/g, "");
}
