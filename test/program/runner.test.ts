import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { readStackConfig } from "../../plan/stackConfig";
import { planned } from "./planned";

const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb") as { EngineService: Service };
const { ResourceMonitorService } = require("@pulumi/pulumi/proto/resource_grpc_pb") as {
    ResourceMonitorService: Service;
};
const struct = require("google-protobuf/google/protobuf/struct_pb") as {
    Struct: { fromJavaScript(value: object): unknown };
};

type Message = Record<string, (...args: unknown[]) => never>;
/** Answers are of the type that the service itself names: releases of the SDK have moved them from one file to another. */
type Service = grpc.ServiceDefinition & Record<string, { readonly responseType: new () => Message }>;
type Call = { request: Record<string, () => string> & { getObject(): unknown } };
type Reply = (error: grpc.ServiceError | null, value?: unknown) => void;

/**
 * `pulumi up` loads the program with the SDK's own runner, which has its own ideas of TypeScript. A monitor that accepts
 * everything is enough to see that it loads and registers what the plan says.
 */
class AcceptingMonitor {
    readonly urns: string[] = [];
    readonly logged: string[] = [];
    private readonly server = new grpc.Server();

    constructor(private readonly prefix: string) {}

    async listen(): Promise<string> {
        this.server.addService(EngineService, this.engine());
        this.server.addService(ResourceMonitorService, this.monitor());
        const port = await new Promise<number>((resolve, reject) =>
            this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
                error === null ? resolve(bound) : reject(error),
            ),
        );
        return `127.0.0.1:${port}`;
    }

    close(): void {
        this.server.forceShutdown();
    }

    private engine(): grpc.UntypedServiceImplementation {
        return {
            log: ({ request }: Call, reply: Reply) => {
                this.logged.push(request["getMessage"]!());
                reply(null, new EngineService["log"]!.responseType());
            },
            getRootResource: (_: Call, reply: Reply) =>
                reply(null, new EngineService["getRootResource"]!.responseType()),
            setRootResource: (_: Call, reply: Reply) =>
                reply(null, new EngineService["setRootResource"]!.responseType()),
        };
    }

    private monitor(): grpc.UntypedServiceImplementation {
        return {
            supportsFeature: (_: Call, reply: Reply) => {
                const response = new ResourceMonitorService["supportsFeature"]!.responseType();
                response["setHassupport"]!(true);
                reply(null, response);
            },
            registerResource: ({ request }: Call, reply: Reply) => {
                const response = new ResourceMonitorService["registerResource"]!.responseType();
                const urn = this.urnOf(request["getParent"]!(), request["getType"]!(), request["getName"]!());
                response["setUrn"]!(urn);
                response["setObject"]!(request.getObject());
                this.urns.push(urn);
                reply(null, response);
            },
            registerResourceHook: (_: Call, reply: Reply) =>
                reply(null, new ResourceMonitorService["registerResourceHook"]!.responseType()),
            registerResourceOutputs: (_: Call, reply: Reply) =>
                reply(null, new ResourceMonitorService["registerResourceOutputs"]!.responseType()),
            invoke: (_: Call, reply: Reply) => {
                const response = new ResourceMonitorService["invoke"]!.responseType();
                const cluster = {
                    endpoint: "192.0.2.1",
                    masterAuths: [{ clusterCaCertificate: "" }],
                    controlPlaneEndpointsConfigs: [],
                };
                response["setReturn"]!(struct.Struct.fromJavaScript(cluster));
                reply(null, response);
            },
        };
    }

    private urnOf(parent: string, type: string, name: string): string {
        const parentType = parent.split("::")[2];
        const isRoot = parent === "" || parentType === "pulumi:pulumi:Stack";
        return [this.prefix, isRoot ? type : `${parentType}$${type}`, name].join("::");
    }
}

describe("the program under Pulumi's own runner", function () {
    this.timeout(120_000);

    it("loads and registers what the offline plan says", async () => {
        const { project, stack, values } = readStackConfig(PROJECT_DIRECTORY, "dev");
        const monitor = new AcceptingMonitor(`urn:pulumi:${stack}::${project}`);
        const address = await monitor.listen();
        try {
            const runner = require.resolve("@pulumi/pulumi/cmd/run");
            const child = spawn(
                process.execPath,
                [
                    runner,
                    ...["--monitor", address, "--engine", address, "--project", project, "--stack", stack],
                    ...["--organization", "organization", "--dry-run", "--parallel", "16", "--pwd", PROJECT_DIRECTORY],
                    PROJECT_DIRECTORY,
                ],
                {
                    cwd: PROJECT_DIRECTORY,
                    env: {
                        ...process.env,
                        PULUMI_CONFIG: JSON.stringify(values),
                        PULUMI_NODEJS_TYPESCRIPT: "true",
                        PULUMI_NODEJS_TRANSPILE_ONLY: "",
                    },
                },
            );
            let said = "";
            child.stdout.on("data", chunk => (said += String(chunk)));
            child.stderr.on("data", chunk => (said += String(chunk)));
            const code = await new Promise(resolve => child.on("close", resolve));
            assert.equal(code, 0, said + monitor.logged.slice(-20).join("\n"));
        } finally {
            monitor.close();
        }
        const registered = monitor.urns.filter(urn => !urn.includes("::pulumi:pulumi:Stack::")).sort();
        assert.deepEqual(registered, (await planned("dev")).resources.map(({ urn }) => urn).sort());
    });
});
