/** A real part that is not on this machine and could not be obtained. Tests of a tier skip on it, or fail when CI is set. */
export class ToolUnavailableError extends Error {
    public readonly tool: string;

    constructor(tool: string, reason: string, remedies: readonly string[]) {
        super(`${tool} is not available: ${reason}\n${remedies.map(remedy => `  - ${remedy}`).join("\n")}`);
        this.name = "ToolUnavailableError";
        this.tool = tool;
    }
}
