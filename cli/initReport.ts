import { printable, printableIn } from "../base/printable";
import { type Verdict } from "../containment/verdict";
import { colours as pc } from "./colours";
import { table } from "./table";
import { bullets, verdictSummary } from "./verdictReport";

/** What `init` made, or would make. */
export interface Made {
    readonly stack: string;
    readonly dryRun: boolean;
    readonly files: readonly MadeFile[];
    /** What was taken where nothing was given, as options. */
    readonly assumed: readonly string[];
    /** The first destination is nobody's choice. */
    readonly example: boolean;
    readonly verdict: Verdict;
    readonly warnings: readonly string[];
}

interface MadeFile {
    readonly path: string;
    readonly change: "new" | "changed";
    /** Of a new file. */
    readonly text?: string;
}

/** What was written, what the stack will be, and what nobody but a person can do. */
export function initReport(given: Made): string {
    // Files are texts of several lines, and the verdict's report escapes what is in it.
    const { files: _, verdict, ...words } = given;
    const { stack, dryRun, assumed, example, warnings } = printableIn(words);
    const files = given.files.map(file => ({ ...file, path: printable(file.path) }));
    return [
        `Stack ${pc.bold(stack)}${dryRun ? ": nothing is written (--dry-run)" : ""}`,
        table(
            files.map(({ path, change }) => [
                path,
                change === "new" ? "new" : `changed: ${stack} comes last in its matrix`,
            ]),
        ),
        ...(dryRun ? files.flatMap(fileText) : []),
        `\n${pc.bold("Verdict")}\n${verdictSummary(verdict)}`,
        ...(warnings.length === 0 ? [] : [`\n${pc.bold("Warnings")}\n${bullets(warnings)}`]),
        `\n${pc.bold("Still missing")}\n${bullets(missing({ stack, assumed, example }))}`,
        `\nNext: npm run plan -- --stack ${stack}`,
    ].join("\n");
}

function missing({ stack, assumed, example }: Pick<Made, "stack" | "assumed" | "example">): string[] {
    return [
        ...(assumed.length === 0
            ? []
            : [
                  `Nobody said ${assumed.join(", ")}: taken as examples/platform has it. \`npm run preflight -- --stack ${stack}\` compares it with what exists.`,
              ]),
        ...(example
            ? [
                  `The destinations: istio.io is an example. \`npm run add -- HOST:443 --for NAMESPACE/ACCOUNT --stack ${stack}\` adds yours.`,
              ]
            : []),
        `Pulumi's own stack: \`pulumi stack init ${stack}\`.`,
        `For the deployment workflow: GitHub environments ${stack}-preview and ${stack} with their variables (docs/stacks.md, "In a pipeline").`,
    ];
}

function fileText({ path, text }: MadeFile): string[] {
    return text === undefined
        ? []
        : [
              "",
              pc.bold(path),
              ...text
                  .trimEnd()
                  .split("\n")
                  .map(line => `  ${line}`.trimEnd()),
          ];
}
