import type * as pulumi from "@pulumi/pulumi";
import { type Resource } from "../containment/resource";
import { providerOutputs } from "./providerOutputs";

/** A registration with the options that change behaviour. */
export interface PlannedResource extends Resource {
    readonly provider?: string;
    readonly retainOnDelete?: boolean;
    readonly deleteBeforeReplace?: boolean;
    readonly ignoreChanges?: readonly string[];
}

/** Stands in a plan where the program has a secret. */
export const SECRET = "[secret]";

/** Key of what stands for something that JSON has not (pulumi/pulumi, `sdk/go/common/resource/properties.go`). */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Answers registrations as a preview does and records them with their options, of which the mocks' `newResource` is not told.
 * The mock monitor would also copy inputs and outputs out of messages and back (pulumi/pulumi, `runtime/mocks.ts`).
 */
export function recordRegistrations(runtime: typeof pulumi.runtime): PlannedResource[] {
    const seen: PlannedResource[] = [];
    // The monitor's class is internal to the SDK.
    const monitor = runtime.getMonitor() as unknown as Monitor;
    monitor.registerResource = (request, callback) => {
        const type = request.getType();
        const urn = monitor.newUrn("", qualified(request.getParent(), type), request.getName());
        const inputs = request.getObject().toJavaScript();
        const { id, outputs } = providerOutputs(type, request.getName(), inputs);
        const state = { ...inputs, ...outputs };
        // Asked when an input is a resource.
        monitor.resources.set(urn, { urn, id: id ?? null, state });
        if (type !== "pulumi:pulumi:Stack") {
            seen.push(planned(request, urn, inputs));
        }
        callback(null, {
            getUrn: () => urn,
            getId: () => id ?? "",
            getObject: () => ({ toJavaScript: () => state }),
            getPropertydependenciesMap: () => undefined,
            getResult: () => SUCCESS,
        });
    };
    return seen;
}

/** With the types of all that it is in, as the engine has it; the mocks know the last of them only. */
function qualified(parentUrn: string, type: string): string {
    const [, , parents] = parentUrn.split("::");
    return parents === undefined || parents === "pulumi:pulumi:Stack" ? type : `${parents}$${type}`;
}

/** `Result` of pulumi/pulumi, `resource.proto`. */
const SUCCESS = 0;

interface Monitor {
    readonly resources: Map<string, { readonly urn: string; readonly id: string | null; readonly state: object }>;
    newUrn(parent: string, type: string, name: string): string;
    registerResource(request: RegisterRequest, callback: (error: null, response: RegisterResponse) => void): void;
}

interface Struct {
    toJavaScript(): Record<string, unknown>;
}

interface RegisterRequest {
    getType(): string;
    getName(): string;
    getParent(): string;
    getObject(): Struct;
    getDependenciesList(): string[];
    getProvider(): string;
    getProtect(): boolean;
    getRetainondelete(): boolean;
    getDeletebeforereplace(): boolean;
    getIgnorechangesList(): string[];
}

interface RegisterResponse {
    getUrn(): string;
    getId(): string;
    getObject(): Struct;
    getPropertydependenciesMap(): undefined;
    getResult(): number;
}

function planned(request: RegisterRequest, urn: string, inputs: Record<string, unknown>): PlannedResource {
    const parent = request.getParent();
    const provider = request.getProvider().split("::").slice(0, -1).join("::");
    return {
        urn,
        type: request.getType(),
        name: request.getName(),
        ...(parent === "" ? {} : { parent }),
        inputs: withoutSecrets(inputs) as Record<string, unknown>,
        dependsOn: [...request.getDependenciesList()].sort(),
        ...(provider === "" ? {} : { provider }),
        ...(request.getProtect() ? { protect: true } : {}),
        ...(request.getRetainondelete() ? { retainOnDelete: true } : {}),
        ...(request.getDeletebeforereplace() ? { deleteBeforeReplace: true } : {}),
        ...(request.getIgnorechangesList().length > 0 ? { ignoreChanges: request.getIgnorechangesList() } : {}),
    };
}

/** No secret enters a plan, a golden file or a terminal. */
function withoutSecrets(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(withoutSecrets);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if ((value as Record<string, unknown>)[SIGNATURE] === SECRET_SIGNATURE) {
        return SECRET;
    }
    // In the order of an engine's preview, whichever order the program wrote.
    return Object.fromEntries(
        Object.keys(value)
            .sort()
            .map(key => [key, withoutSecrets((value as Record<string, unknown>)[key])]),
    );
}
