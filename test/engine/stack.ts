import * as fs from "node:fs";
import * as path from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { parseDocument } from "yaml";
import type { EngineResource, PolicyViolation, PreviewDocument, PreviewStep } from "./preview";
import { isStack, type Update, Watch } from "./watch";

const ROOT = path.resolve(__dirname, "..", "..");

/** The `config:` section of `Pulumi.<stack>.yaml`. */
// Tests change settings of any shape, good and bad; the program's own schema is what judges them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Configuration = Record<string, any>;

export interface OperationOptions {
    /** Folders of policy packs, seen from the repository. */
    readonly policyPacks?: readonly string[];
    /** Files with their configuration. */
    readonly policyPackConfigs?: readonly string[];
    /** Fail when there is anything to change. */
    readonly expectNoChanges?: boolean;
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

/** A stack of a test, with the operations that people have. */
export class StackUnderTest {
    constructor(
        /** As a stack reference writes it: `organization/<project>/<stack>`. */
        public readonly fullName: string,
        public readonly stack: Stack,
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

    /**
     * What `pulumi destroy` does before it destroys anything.
     *
     * @throws EngineFailure when something is protected
     */
    async previewDestroy(): Promise<void> {
        const watch = new Watch();
        await watch.run("preview of destroy", () =>
            this.stack.previewDestroy({
                color: "never",
                onEvent: watch.onEvent,
                onOutput: watch.onOutput,
                onError: watch.onOutput,
            }),
        );
    }

    /**
     * `pulumi destroy --yes --skip-preview`: it comes upon a protected resource only when it gets there.
     *
     * @throws EngineFailure
     */
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

/** The one method of `PulumiCommand` that its declarations leave out. */
export interface Runner {
    run(args: string[], ...rest: unknown[]): Promise<{ readonly stdout: string }>;
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
export function configureFile(file: string, change: ((config: Configuration) => void) | undefined): void {
    if (change === undefined) {
        return;
    }
    const document = parseDocument(fs.readFileSync(file, "utf8"));
    const config = (document.toJS() as { config?: Configuration }).config ?? {};
    change(config);
    document.set("config", config);
    fs.writeFileSync(file, document.toString());
}
