import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as analyzer from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Subject } from "./cases/case";

export const PACK = path.join(__dirname, "..", "..", "policy");

/** Bundles the pack from what is there now, as `npm run policy:build` does. */
export function buildPack(): void {
    const build = path.join(PACK, "build.cjs");
    delete require.cache[require.resolve(build)];
    require(build);
}

export interface Diagnostic {
    readonly policy: string;
    readonly message: string;
    readonly description: string;
    readonly mandatory: boolean;
    readonly urn: string;
}

/** The pack as the engine runs it: a process of its own, asked over its own protocol. */
export class PackProcess {
    private constructor(
        private readonly process: ChildProcess,
        private readonly client: AnalyzerClient,
        /** From the start of the process until it answers. */
        public readonly readyAfterMilliseconds: number,
    ) {}

    static async start(): Promise<PackProcess> {
        const started = performance.now();
        const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
        // The engine gives its own address first; the pack never calls back.
        const process_ = spawn(process.execPath, [runner, "127.0.0.1:1", PACK], {
            cwd: PACK,
            stdio: ["ignore", "pipe", "pipe"],
        });
        let errors = "";
        process_.stderr.on("data", chunk => (errors += String(chunk)));
        const exited = once(process_, "exit").then(([code]) => {
            throw new Error(`the pack ended with ${String(code)} before it was ready:\n${errors}`);
        });
        const [port] = (await Promise.race([once(process_.stdout, "data"), exited])) as [Buffer];
        exited.catch(() => undefined);
        const client = new AnalyzerClient(`127.0.0.1:${port.toString().trim()}`, grpc.credentials.createInsecure());
        await new Promise<void>((resolve, reject) =>
            client.waitForReady(Date.now() + 10_000, error => (error ? reject(error) : resolve())),
        );
        return new PackProcess(process_, client, performance.now() - started);
    }

    stop(): void {
        this.client.close();
        this.process.kill();
    }

    info(): Promise<analyzer.AnalyzerInfo> {
        return new Promise((resolve, reject) =>
            this.client.getAnalyzerInfo(new Empty(), (error, info) => (error ? reject(error) : resolve(info))),
        );
    }

    /** Configuration by policy; the engine would fill in the defaults of the schema. */
    async configure(config: Readonly<Record<string, object>>): Promise<void> {
        const request = new analyzer.ConfigureAnalyzerRequest();
        for (const [policy, properties] of Object.entries(config)) {
            const entry = new analyzer.PolicyConfig();
            entry.setEnforcementlevel(analyzer.EnforcementLevel.MANDATORY);
            entry.setProperties(Struct.fromJavaScript(json(properties)));
            request.getPolicyconfigMap().set(policy, entry);
        }
        await new Promise<void>((resolve, reject) =>
            this.client.configure(request, error => (error ? reject(error) : resolve())),
        );
    }

    analyze(urn: string, { type, inputs }: Subject): Promise<Diagnostic[]> {
        const request = new analyzer.AnalyzeRequest();
        request.setUrn(urn);
        request.setType(type);
        request.setName(nameOf(urn));
        request.setProperties(Struct.fromJavaScript(json(inputs)));
        request.setOptions(new analyzer.AnalyzerResourceOptions());
        return new Promise((resolve, reject) =>
            this.client.analyze(request, (error, response) =>
                error ? reject(error) : resolve(diagnosticsOf(response, urn)),
            ),
        );
    }

    /** As at the end of a preview: the engine shows outputs, which need not have anything of the inputs. */
    analyzeStack(
        resources: readonly {
            readonly urn: string;
            readonly type: string;
            /** URNs of what each input is made from. */
            readonly madeFrom?: Readonly<Record<string, readonly string[]>>;
        }[],
    ): Promise<Diagnostic[]> {
        const request = new analyzer.AnalyzeStackRequest();
        request.setResourcesList(
            resources.map(({ urn, type, madeFrom = {} }) => {
                const resource = new analyzer.AnalyzerResource();
                resource.setUrn(urn);
                resource.setType(type);
                resource.setName(nameOf(urn));
                resource.setProperties(Struct.fromJavaScript({}));
                resource.setOptions(new analyzer.AnalyzerResourceOptions());
                for (const [key, urns] of Object.entries(madeFrom)) {
                    const dependencies = new analyzer.AnalyzerPropertyDependencies();
                    dependencies.setUrnsList([...urns]);
                    resource.getPropertydependenciesMap().set(key, dependencies);
                }
                return resource;
            }),
        );
        return new Promise((resolve, reject) =>
            this.client.analyzeStack(request, (error, response) =>
                error ? reject(error) : resolve(diagnosticsOf(response, "")),
            ),
        );
    }
}

function diagnosticsOf(response: analyzer.AnalyzeResponse, urn: string): Diagnostic[] {
    return response.getDiagnosticsList().map(diagnostic => ({
        policy: diagnostic.getPolicyname(),
        message: diagnostic.getMessage(),
        description: diagnostic.getDescription(),
        mandatory: diagnostic.getEnforcementlevel() === analyzer.EnforcementLevel.MANDATORY,
        urn: diagnostic.getUrn() || urn,
    }));
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1)!;
}

/** Without keys whose value is undefined, which the wire format does not have. */
function json(value: object): Record<string, never> {
    return JSON.parse(JSON.stringify(value)) as Record<string, never>;
}
