import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { PolicyViolation } from "./preview";

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

export interface Update {
    /** Number of resources by operation, as the engine counted them, for example `{create: 12, same: 3}`. */
    readonly counts: Readonly<Record<string, number>>;
    /** URNs by operation, without `same`. */
    readonly changes: Readonly<Record<string, readonly string[]>>;
    readonly violations: readonly PolicyViolation[];
}

/** Collects what the engine says during one operation. */
export class Watch {
    public readonly violations: PolicyViolation[] = [];
    private readonly changes: Record<string, string[]> = {};
    private counts: Record<string, number> = {};
    private readonly errors: string[] = [];
    private output = "";

    public readonly onOutput = (chunk: string) => void (this.output += chunk);

    public readonly onEvent = (event: EngineEvent) => {
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

export function isStack(urn: string): boolean {
    return urn.split("::")[2] === "pulumi:pulumi:Stack";
}

function plain(text: string): string {
    // The engine's own colour directives and a terminal's escape sequences.
    // eslint-disable-next-line no-control-regex
    return text.replace(/<\{%[^%]*%\}>/g, "").replace(/\u001b\[[0-9;]*m/g, "");
}
