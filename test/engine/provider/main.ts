import * as fs from "node:fs";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Api, type Connection } from "../../cluster/harness/api";
import type { Cloud } from "./cloud";
import { Google } from "./google";
import { Kubernetes } from "./kubernetes";
import { resourceProvider } from "./service";
import { World } from "./world";

/** Folder of the pretended cloud; the harness sets it for the engine, which hands it on to its plugins. */
export const WORLD_VARIABLE = "EGRESS_GATEWAY_TEST_WORLD";

/** A real API server that objects are sent to as well, as JSON of {@link ApiServer}. */
export const API_SERVER_VARIABLE = "EGRESS_GATEWAY_TEST_API_SERVER";

export interface ApiServer {
    readonly connection: Connection;
    /** Who deploys. */
    readonly user: string;
}

/** A provider plugin: it prints its port, as the engine expects, and serves until the engine ends it. */
function serve(packageName: string): void {
    const folder = process.env[WORLD_VARIABLE];
    if (folder === undefined) {
        throw new Error(`expected ${WORLD_VARIABLE} to name the folder of the pretended cloud`);
    }
    const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    server.addService(
        ResourceProviderService,
        resourceProvider(cloudOf(packageName), new World(folder), sdkVersion(packageName)),
    );
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error) {
            throw error;
        }
        process.stdout.write(`${port}\n`);
    });
}

function cloudOf(packageName: string): Cloud {
    switch (packageName) {
        case "gcp":
            return new Google();
        case "kubernetes":
            return new Kubernetes(realServer());
        default:
            throw new Error(`got ${packageName}; expected gcp or kubernetes`);
    }
}

function realServer(): { api: Api; user: string } | undefined {
    const said = process.env[API_SERVER_VARIABLE];
    if (said === undefined) {
        return undefined;
    }
    const { connection, user } = JSON.parse(said) as ApiServer;
    return { api: new Api(connection), user };
}

function sdkVersion(packageName: string): string {
    const file = require.resolve(`@pulumi/${packageName}/package.json`);
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}

serve(process.argv[2]);
