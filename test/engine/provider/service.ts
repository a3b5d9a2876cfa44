import * as grpc from "@grpc/grpc-js";
import * as empty from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { UNKNOWN } from "../../../containment/resource";
import { type Cloud, DEFAULTS, type Difference, type Properties } from "./cloud";
import type { CloudObject, World } from "./world";

type Call<Request> = grpc.ServerUnaryCall<Request, unknown>;
type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/**
 * The engine's provider protocol over a pretended cloud. It announces preview support, as the real providers do: then
 * the engine asks for every object of a preview, and outputs that only the cloud can know come back unknown.
 *
 * Secrets are not accepted on the wire: the engine then unwraps them and marks the outputs of the same name as secret.
 */
export function resourceProvider(cloud: Cloud, world: World, version: string): grpc.UntypedServiceImplementation {
    return {
        getPluginInfo: answer(() => {
            const response = new plugin.PluginInfo();
            response.setVersion(version);
            return response;
        }),
        attach: answer(() => new empty.Empty()),
        cancel: answer(() => new empty.Empty()),
        getSchema: answer(() => {
            const response = new proto.GetSchemaResponse();
            response.setSchema("{}");
            return response;
        }),

        checkConfig: answer((request: proto.CheckRequest) => {
            const response = new proto.CheckResponse();
            response.setInputs(request.getNews());
            return response;
        }),
        diffConfig: answer((request: proto.DiffRequest) =>
            diffResponse(cloud.diffConfig(read(request.getOldInputs() ?? request.getOlds()), read(request.getNews()))),
        ),
        configure: answer((request: proto.ConfigureRequest) => {
            cloud.configure(read(request.getArgs()));
            const response = new proto.ConfigureResponse();
            response.setSupportspreview(true);
            response.setAcceptresources(false);
            return response;
        }),

        invoke: answer((request: proto.InvokeRequest) => {
            const response = new proto.InvokeResponse();
            const result = cloud.invoke(request.getTok(), read(request.getArgs()), () => world.objects());
            response.setReturn(write(result));
            return response;
        }),

        check: answer((request: proto.CheckRequest) => {
            const { type, name } = parseUrn(request.getUrn());
            const before = request.getOlds();
            const isTaken = (inputs: Properties) => world.find(type, cloud.id(type, inputs, name)) !== undefined;
            const { inputs, failures } = cloud.check(
                type,
                name,
                before && read(before),
                read(request.getNews()),
                isTaken,
            );
            const response = new proto.CheckResponse();
            response.setInputs(write(inputs));
            response.setFailuresList(
                failures.map(({ property, reason }) => {
                    const failure = new proto.CheckFailure();
                    failure.setProperty(property);
                    failure.setReason(reason);
                    return failure;
                }),
            );
            return response;
        }),
        diff: answer((request: proto.DiffRequest) => {
            const { type } = parseUrn(request.getUrn());
            return diffResponse(cloud.diff(type, read(request.getOldInputs()), read(request.getNews())));
        }),

        create: answer(async (request: proto.CreateRequest) => {
            const { type, name } = parseUrn(request.getUrn());
            const inputs = read(request.getProperties());
            const response = new proto.CreateResponse();
            if (request.getPreview()) {
                const unknown = Object.fromEntries(cloud.computed(type).map(key => [key, UNKNOWN]));
                response.setProperties(write({ ...unknown, ...withoutDefaults(inputs) }));
                return response;
            }
            world.meetFault("create", name, type);
            const missing = cloud
                .references(type, inputs)
                .find(
                    ({ type, id, foreign, or }) =>
                        foreign !== true && !world.exists(type, id) && !(or !== undefined && world.exists(or, id)),
                );
            if (missing !== undefined) {
                throw new Error(`404: ${type} ${name} needs ${missing.type} ${missing.id}, which does not exist`);
            }
            const conflict = cloud.conflict?.(type, inputs, world.objects());
            if (conflict !== undefined) {
                throw new Error(`400: ${type} ${name}: ${conflict}`);
            }
            const id = cloud.id(type, inputs, name);
            await cloud.send?.("apply", inputs);
            const outputs = { ...withoutDefaults(inputs), ...cloud.outputs(type, inputs, id) };
            world.add({ type, id, inputs, outputs });
            world.record({ operation: "create", urn: request.getUrn(), id });
            response.setId(id);
            response.setProperties(write(outputs));
            return response;
        }),
        read: answer((request: proto.ReadRequest) => {
            const { type } = parseUrn(request.getUrn());
            const object = world.find(type, request.getId());
            const response = new proto.ReadResponse();
            // An empty id is how a provider says that the object is gone.
            if (object !== undefined) {
                response.setId(object.id);
                response.setInputs(write(object.inputs));
                response.setProperties(write(object.outputs));
                world.record({ operation: "read", urn: request.getUrn(), id: object.id });
            }
            return response;
        }),
        update: answer(async (request: proto.UpdateRequest) => {
            const { type, name } = parseUrn(request.getUrn());
            const inputs = read(request.getNews());
            const response = new proto.UpdateResponse();
            if (request.getPreview()) {
                response.setProperties(write({ ...read(request.getOlds()), ...withoutDefaults(inputs) }));
                return response;
            }
            world.meetFault("update", name, type);
            const id = request.getId();
            if (world.find(type, id) === undefined) {
                throw new Error(`404: ${type} ${id} does not exist`);
            }
            await cloud.send?.("apply", inputs);
            const outputs = { ...withoutDefaults(inputs), ...cloud.outputs(type, inputs, id) };
            world.replace({ type, id, inputs, outputs });
            world.record({ operation: "update", urn: request.getUrn(), id });
            response.setProperties(write(outputs));
            return response;
        }),
        delete: answer(async (request: proto.DeleteRequest) => {
            const { type, name } = parseUrn(request.getUrn());
            const id = request.getId();
            world.meetFault("delete", name, type);
            const ofThisCloud = (object: CloudObject) => object.type.split(":")[0] === type.split(":")[0];
            const holder = world
                .objects()
                .filter(ofThisCloud)
                .find(object =>
                    cloud
                        .references(object.type, object.inputs)
                        .some(r => r.holds && [r.type, r.or].includes(type) && r.id === id),
                );
            if (holder !== undefined) {
                throw new Error(`400: ${type} ${id} is in use by ${holder.type} ${holder.id}`);
            }
            await cloud.send?.("delete", world.find(type, id)?.inputs ?? {});
            world.remove(type, id);
            world.record({ operation: "delete", urn: request.getUrn(), id });
            return new empty.Empty();
        }),
    };
}

function answer<Request, Response>(handle: Handler<Request, Response>) {
    return (call: Call<Request>, callback: grpc.sendUnaryData<Response>) => {
        Promise.resolve(call.request)
            .then(handle)
            .then(
                response => callback(null, response),
                error => callback({ code: grpc.status.UNKNOWN, details: (error as Error).message }),
            );
    };
}

function diffResponse({ changed, replaces, deleteBeforeReplace }: Difference): proto.DiffResponse {
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    const response = new proto.DiffResponse();
    response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
    response.setDiffsList([...changed]);
    response.setReplacesList([...replaces]);
    response.setDeletebeforereplace(deleteBeforeReplace);
    return response;
}

/** `urn:pulumi:dev::project::parent$type::name`; only the name may contain `::`. */
function parseUrn(urn: string): { readonly type: string; readonly name: string } {
    const [, , qualifiedType, ...name] = urn.split("::");
    return { type: qualifiedType.split("$").at(-1)!, name: name.join("::") };
}

function read(struct: Struct | undefined): Properties {
    return (struct?.toJavaScript() ?? {}) as Properties;
}

function write(properties: Properties): Struct {
    return Struct.fromJavaScript(withoutUndefined(properties) as Record<string, never>);
}

/** The note about filled-in inputs belongs to the inputs alone. */
function withoutDefaults(inputs: Properties): Properties {
    return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== DEFAULTS));
}

function withoutUndefined(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value)) as unknown;
}
