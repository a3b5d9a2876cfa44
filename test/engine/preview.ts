/** What of `pulumi preview --json` the tests read. */
export interface PreviewDocument {
    readonly config?: Readonly<Record<string, string>>;
    readonly steps: readonly PreviewStep[];
    readonly changeSummary?: Readonly<Record<string, number>>;
    readonly diagnostics?: readonly { readonly message?: string; readonly severity?: string }[];
}

/** `op` as the engine calls it: same, create, update, delete, replace, create-replacement, delete-replaced, read, … */
export interface PreviewStep {
    readonly op: string;
    readonly urn: string;
    readonly oldState?: EngineResource;
    readonly newState?: EngineResource;
    readonly diffReasons?: readonly string[] | null;
    readonly replaceReasons?: readonly string[] | null;
}

/** A resource as the engine writes it in previews and in exported states. */
export interface EngineResource {
    readonly urn: string;
    readonly custom: boolean;
    readonly id?: string;
    readonly type: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
    readonly outputs?: Readonly<Record<string, unknown>>;
    readonly parent?: string;
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly dependencies?: readonly string[] | null;
    readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>> | null;
    /** `urn::id` of the provider resource. */
    readonly provider?: string;
    readonly ignoreChanges?: readonly string[];
    readonly customTimeouts?: Readonly<Record<string, number>>;
    readonly pendingReplacement?: boolean;
    readonly delete?: boolean;
}

/** A policy's complaint, from the engine's events. */
export interface PolicyViolation {
    readonly policy: string;
    readonly level: string;
    readonly message: string;
    readonly urn?: string;
}
