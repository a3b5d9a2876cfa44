import { existsSync, readFileSync } from "node:fs";
import { fromHere } from "../../plan/project";
import { type Block, markdown } from "../markdown";
import { EXIT, sayData } from "../output";

export interface CommentOptions {
    readonly stack: string;
    /** How the steps of the workflow ended: `success`, `failure`, `skipped`. */
    readonly prove: string;
    readonly preview: string;
    /** Files with what the steps printed. */
    readonly diffText: string;
    readonly proveText: string;
    readonly previewText: string;
}

/** GitHub takes 65,536 characters; what is around the texts, and longer fences, have to fit as well. */
const LIMITS = { diff: 20_000, prove: 15_000, preview: 25_000 } as const;

/** The comment on a pull request, out of what the steps of its workflow printed. */
export function comment({ stack, prove, preview, diffText, proveText, previewText }: CommentOptions): void {
    const blocks: Block[] = [
        { kind: "mark", text: `egress gateway, ${stack}` },
        { kind: "heading", text: "Egress gateway, ", code: stack, rest: `: proof ${prove}, preview ${preview}` },
        { kind: "text", text: textOf(diffText, LIMITS.diff) },
        { kind: "text", text: textOf(proveText, LIMITS.prove), folded: "Proof" },
        { kind: "text", text: textOf(previewText, LIMITS.preview), folded: "Preview" },
    ];
    sayData(markdown(blocks).trimEnd());
    process.exitCode = EXIT.holds;
}

function textOf(file: string, limit: number): string {
    const location = fromHere(file);
    const text = existsSync(location) ? readFileSync(location, "utf8") : "";
    const characters = [...text];
    return text.trim() === ""
        ? "(not run)"
        : characters.length <= limit
          ? text
          : `${characters.slice(0, limit).join("")}\n(${characters.length - limit} more characters are in the log of the run)`;
}
