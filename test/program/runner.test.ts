import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import { PROJECT_DIRECTORY } from "../../cli/project";
import { readStackConfig } from "../../cli/plan/stackConfig";
import { planned } from "./planned";

const engineService = require("@pulumi/pulumi/proto/engine_grpc_pb") as { EngineService: grpc.ServiceDefinition };
const engineMessages = require("@pulumi/pulumi/proto/engine_pb") as Messages;
const monitorService = require("@pulumi/pulumi/proto/resource_grpc_pb") as {
    ResourceMonitorService: grpc.ServiceDefinition;
};
const monitorMessages = require("@pulumi/pulumi/proto/resource_pb") as Messages;
const providerMessages = require("@pulumi/pulumi/proto/provider_pb") as Messages;
const struct = require("google-protobuf/google/protobuf/struct_pb") as {
    Struct: { fromJavaScript(value: object): unknown };
};
const empty = require("google-protobuf/google/protobuf/empty_pb") as Messages;

type Message = Record<string, (...args: unknown[]) => never>;
type Messages = Record<string, new () => Message>;
type Call = { request: Record<string, () => string> & { getObject(): unknown } };
type Reply = (error: grpc.ServiceError | null, value?: unknown) => void;

/**
 * `pulumi up` loads the program with the SDK's own runner, which has its own ideas of TypeScript. A monitor that accepts
 * everything is enough to see that it loads and registers what the plan says.
 */
class AcceptingMonitor {
    readonly urns: string[] = [];
    private readonly server = new grpc.Server();

    constructor(private readonly prefix: string) {}

    async listen(): Promise<string> {
        this.server.addService(engineService.EngineService, this.engine());
        this.server.addService(monitorService.ResourceMonitorService, this.monitor());
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
            log: (_: Call, reply: Reply) => reply(null, new empty["Empty"]!()),
            getRootResource: (_: Call, reply: Reply) => reply(null, new engineMessages["GetRootResourceResponse"]!()),
            setRootResource: (_: Call, reply: Reply) => reply(null, new engineMessages["SetRootResourceResponse"]!()),
        };
    }

    private monitor(): grpc.UntypedServiceImplementation {
        return {
            supportsFeature: (_: Call, reply: Reply) => {
                const response = new monitorMessages["SupportsFeatureResponse"]!();
                response["setHassupport"]!(true);
                reply(null, response);
            },
            registerResource: ({ request }: Call, reply: Reply) => {
                const response = new monitorMessages["RegisterResourceResponse"]!();
                const urn = this.urnOf(request["getParent"]!(), request["getType"]!(), request["getName"]!());
                response["setUrn"]!(urn);
                response["setObject"]!(request.getObject());
                this.urns.push(urn);
                reply(null, response);
            },
            registerResourceOutputs: (_: Call, reply: Reply) => reply(null, new empty["Empty"]!()),
            invoke: (_: Call, reply: Reply) => {
                const response = new providerMessages["InvokeResponse"]!();
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
            assert.equal(code, 0, said);
        } finally {
            monitor.close();
        }
        const registered = monitor.urns.filter(urn => !urn.includes("::pulumi:pulumi:Stack::")).sort();
        assert.deepEqual(registered, (await planned("dev")).resources.map(({ urn }) => urn).sort());
    });
});
