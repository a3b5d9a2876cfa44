import * as pulumi from "@pulumi/pulumi";
import { acceptHooks } from "../../plan/mockRuntime";

/** One registration with the options that change behaviour. */
export interface Registered {
    readonly type: string;
    readonly name: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    /** Logical names of the parent and of what has to exist before; `type name` of each. */
    readonly parent: string;
    readonly dependsOn: readonly string[];
    readonly deleteBeforeReplace: boolean;
    readonly timeouts: { readonly create: string; readonly update: string; readonly delete: string };
}

interface Request {
    getType(): string;
    getName(): string;
    getParent(): string;
    getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
    getDependenciesList(): string[];
    getDeletebeforereplace(): boolean;
    getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
}

/** What the program registers under Pulumi's mock runtime, in a preview or as if everything were created. */
export async function registered(program: () => void, preview: boolean): Promise<Registered[]> {
    await pulumi.runtime.setMocks(
        {
            newResource: ({ name, inputs }) => ({ id: preview ? undefined : `${name}-id`, state: inputs as object }),
            call: ({ token }) => {
                throw new Error(`nothing here asks a provider for ${token}`);
            },
        },
        "egress-gateway",
        "test",
        preview,
    );
    acceptHooks();
    const seen: Registered[] = [];
    // The monitor's class is internal to the SDK; only this one method of it is wrapped.
    const monitor = pulumi.runtime.getMonitor() as unknown as {
        registerResource(request: Request, callback: unknown): void;
    };
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        const timeouts = request.getCustomtimeouts();
        seen.push({
            type: request.getType(),
            name: request.getName(),
            inputs: request.getObject()?.toJavaScript() ?? {},
            parent: label(request.getParent()),
            dependsOn: request.getDependenciesList().map(label).sort(),
            deleteBeforeReplace: request.getDeletebeforereplace(),
            timeouts: {
                create: timeouts?.getCreate() ?? "",
                update: timeouts?.getUpdate() ?? "",
                delete: timeouts?.getDelete() ?? "",
            },
        });
        register(request, callback);
    };
    program();
    await pulumi.runtime.disconnect();
    return seen;
}

/** `urn:…::parent$kubernetes:core/v1:Service::ns/name` becomes `Service ns/name`. */
function label(urn: string): string {
    const [type = "", name = ""] = urn.split("::").slice(-2);
    return urn === "" ? "" : `${type.split(":").at(-1)} ${name}`;
}
